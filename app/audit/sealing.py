"""Sealing: new rows come under a Merkle root, which also goes where the application cannot rewrite it.

Rows are taken by `sealed_in IS NULL` and never by `id >` the last one: ids commit out of order. The seal is
committed first and then written to the file; what a crash left out of the file, the next round appends.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.audit import rows, sealfile, tree
from app.audit.models import Seal
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.now import wall
from app.core.record import ZERO
from app.core.settings import Settings

log = logging.getLogger("gongkai.audit")

BATCH = 2000  # rows under one seal
ROUNDS = 500  # seals in one run: a million rows
_LOCK = sa.text("SELECT pg_advisory_xact_lock(7401001)")  # one sealer at a time; SQLite has one writer anyway


@command
def seal_batch(tx: Tx, *, most: int = BATCH) -> int:
    """Seal the next rows; returns how many (0: nothing left to seal).

    Not itself recorded: each seal would make a row that wants a seal. The seal is its own record.
    """
    connection = tx.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    last = tx.session.execute(sa.select(Seal.id, Seal.mac).order_by(Seal.id.desc()).limit(1)).first()
    number = last.id + 1 if last else 1
    taken = rows.take_unsealed(connection, number, most)
    if not taken:
        return 0
    seal = tree.seal_of(number, wall(), taken, last.mac if last else ZERO, tx.keys.record)
    tx.session.execute(sa.insert(Seal), seal | {"at": datetime.fromisoformat(seal["at"])})
    return len(taken)


def seal_all(settings: Settings) -> tuple[int, int]:
    """Seal what is not sealed and bring the file up to date; returns (rows, seals written to the file).

    Raises `SealFileBroken` or OSError when the file cannot follow; the seals in the database stand.
    """
    count = 0
    for _ in range(ROUNDS):
        done = seal_batch(SYSTEM)
        count += done
        if done < BATCH:
            break
    return count, publish(settings)


def publish(settings: Settings) -> int:
    """Append to the auditor's file what it lacks; returns how many seals."""
    path = settings.seals / sealfile.NAME
    last = sealfile.last_line(path) if path.exists() else None
    with rows.snapshot(db.engine) as connection:
        return sealfile.append(settings.seals, _from(connection, last["id"] if last else 1))


def _from(connection: sa.Connection, first: int) -> Iterator[dict[str, Any]]:
    for row in rows.seals(connection, first):
        yield as_dict(row)


def as_dict(row: rows.Row) -> dict[str, Any]:
    """A seal row as the file has it."""
    return {**row, "at": tree.moment(row["at"])}


def settings_now() -> Settings:
    """The running application's settings."""
    found: Settings = current_app.extensions["gongkai_settings"]
    return found
