"""Thousands of mutations of a record, and every one is found (security.md 3)."""

from __future__ import annotations

import functools
import os
import random
import sqlite3
from pathlib import Path

import pytest

from tests.audit.attack import Copy, Office, make_office
from tests.audit.attacks import SEALED_ATTACKS, UNSEALED_ATTACKS, Attack

TRIES = int(os.environ.get("ATTACKS", "20"))  # per kind of attack
EVERY = SEALED_ATTACKS | UNSEALED_ATTACKS


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> list[Office]:
    """Three offices of different size and shape; their files are only copied from."""
    folder = tmp_path_factory.mktemp("offices")
    return [
        make_office(folder / "a", seed=1, streams=12, rows=90, unsealed=14),
        make_office(folder / "b", seed=2, streams=5, rows=60, unsealed=9),
        make_office(folder / "c", seed=3, streams=30, rows=120, unsealed=20),
    ]


def test_an_untouched_record_is_clean(offices: list[Office]) -> None:
    for office in offices:
        report = office.verify()
        assert (report.code, report.findings) == (0, [])
        assert (report.rows, report.unsealed) == (office.total, office.total - office.sealed)


@pytest.mark.parametrize("name", EVERY)
def test_every_mutation_is_found(name: str, offices: list[Office]) -> None:
    rng = random.Random(name)
    missed = []
    for number in range(TRIES):
        office = offices[number % len(offices)]
        what, code = attacked(EVERY[name], rng, office)
        if code != 1:
            missed.append((what, code))
    assert not missed, f"{len(missed)} of {TRIES} missed: {missed[:5]}"


def attacked(attack: Attack, rng: random.Random, office: Office) -> tuple[str, int]:
    """Verify a copy of the office after the attack; what the database itself refuses is tried again."""
    for _ in range(200):
        copy = Copy.of(office)
        try:
            copy.connection.execute("BEGIN")
            what = attack(copy.connection, rng, copy)
            copy.connection.execute("COMMIT")
            after = dump(copy.connection)
        except sqlite3.IntegrityError:
            copy.connection.close()
            continue
        if after != untouched(office.path):
            return what, copy.verify().code
        copy.connection.close()
    raise AssertionError("the attack never changed anything")


@functools.cache
def untouched(path: Path) -> str:
    """What an office's own file holds, as text."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        return dump(connection)
    finally:
        connection.close()


def dump(connection: sqlite3.Connection) -> str:
    """The database as text, broken text included."""
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        return "".join(connection.iterdump())
    finally:
        connection.text_factory = str
