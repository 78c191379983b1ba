"""A finding names the row, the stream, the place in it and the class of field (security.md 3)."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest

from app.audit import sealfile, tree
from app.audit.findings import Finding, Report
from tests.audit.attack import KEY, Office, insert, make_office, make_row
from tests.audit.attacks import change_and_rehash, change_column, rehash, set_value


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with 60 rows, the last ten of them under no seal."""
    return make_office(tmp_path / "office", seed=7, streams=6, rows=60, unsealed=10)


def row_of(connection: sqlite3.Connection, record_id: int) -> sqlite3.Row:
    found: sqlite3.Row = connection.execute("SELECT * FROM records WHERE id = ?", (record_id,)).fetchone()
    return found


def at(report: Report, record_id: int) -> list[Finding]:
    return [finding for finding in report.findings if finding.record_id == record_id]


def test_a_changed_word_names_its_row_and_that_it_is_content(office: Office) -> None:
    with office.open() as connection:
        row = row_of(connection, 23)
        set_value(connection, "records", "summary", "从未退回。", "id = ?", 23)
    report = office.verify()
    first = at(report, 23)[0]
    assert (first.kind, first.field) == ("changed", "content")
    assert (first.stream, first.stream_id, first.seq) == (row["stream"], row["stream_id"], str(row["seq"]))
    assert {finding.record_id for finding in report.findings} == {23}
    assert "内容被改动" in first.text and "23" in first.text


@pytest.mark.parametrize("record_id", [5, 23, 44, 55])
def test_a_changed_mac_is_told_from_changed_content(office: Office, record_id: int) -> None:
    with office.open() as connection:
        set_value(connection, "records", "mac", "0" * 64, "id = ?", record_id)
    kinds = {(finding.kind, finding.field) for finding in at(office.verify(), record_id)}
    assert ("changed", "mac") in kinds
    assert ("changed", "content") not in kinds


def test_one_changed_byte_in_any_column_names_exactly_that_row(office: Office) -> None:
    rng = random.Random(5)
    for column in (
        "at",
        "actor_id",
        "actor_name",
        "capacity",
        "origin",
        "action",
        "summary",
        "body",
        "result",
    ):
        copy = Office(office.path.with_name("copy.db"), office.seals, office.sealed, office.total)
        copy.path.write_bytes(office.path.read_bytes())
        with copy.open() as connection:
            what = change_column(column)(connection, rng, copy)
        record_id = int(what.split(" of ")[1].split(":")[0])
        named = {finding.record_id for finding in copy.verify().findings}
        assert named == {record_id}, what


def test_a_deleted_row_is_named_by_its_place_and_by_its_id(office: Office) -> None:
    with office.open() as connection:
        row = row_of(connection, 20)
        connection.execute("DELETE FROM records WHERE id = 20")
    report = office.verify()
    assert at(report, 20)[0].kind == "deleted", "the seal knows the id"
    places = {(f.kind, f.stream, f.stream_id, f.seq) for f in report.findings}
    last = max(r["seq"] for r in _rows(office, row)) if _rows(office, row) else 0
    kind = "deleted" if row["seq"] <= last else "truncated"
    assert (kind, row["stream"], row["stream_id"], str(row["seq"])) in places, "the chain knows the place"


def _rows(office: Office, row: sqlite3.Row) -> list[sqlite3.Row]:
    with office.open() as connection:
        query = "SELECT seq FROM records WHERE stream = ? AND stream_id = ?"
        return connection.execute(query, (row["stream"], row["stream_id"])).fetchall()


def test_a_cut_end_is_named_although_head_and_chain_agree(office: Office) -> None:
    with office.open() as connection:
        row = row_of(connection, 12)
        stream = (row["stream"], row["stream_id"])
        connection.execute(
            "DELETE FROM records WHERE stream = ? AND stream_id = ? AND seq >= ?", (*stream, row["seq"])
        )
        rehash(connection, stream, KEY)
    found = [finding for finding in office.verify().findings if finding.kind == "truncated"]
    assert found and all((finding.stream, finding.stream_id) == stream for finding in found)
    assert str(row["seq"]) in (found[0].seq or "").split("-")[0]


def test_a_rehash_with_the_key_names_every_row_it_touched(office: Office) -> None:
    with office.open() as connection:
        change_and_rehash(KEY)(connection, random.Random(3), office)
        changed = {
            row["id"]
            for row in connection.execute("SELECT * FROM records WHERE summary = '从未退回。'").fetchall()
        }
    found = [finding for finding in office.verify().findings if finding.kind == "rehashed"]
    assert changed <= {finding.record_id for finding in found}
    assert len({(finding.stream, finding.stream_id) for finding in found}) == 1


def test_an_inserted_row_is_named(office: Office) -> None:
    with office.open() as connection:
        last = connection.execute(
            "SELECT * FROM records WHERE stream = 'system' ORDER BY seq DESC"
        ).fetchone()
        row = make_row(random.Random(1), "system", 0, last["seq"] + 1, last["mac"], _moment(last["at"]))
        insert(connection, row | {"sealed_in": 1})
        inserted = connection.execute("SELECT MAX(id) FROM records").fetchone()[0]
    kinds = {finding.kind for finding in office.verify().findings if finding.record_id == inserted}
    assert "inserted" in kinds and "head" in kinds


def _moment(text: str):  # type: ignore[no-untyped-def]
    from datetime import datetime

    return datetime.fromisoformat(tree.moment(text) or "")


# ------------------------------------------------------------------ the auditor's file
def test_the_file_is_missed_cut_changed_and_mixed_up(office: Office) -> None:
    path = office.seals / sealfile.NAME
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    other = json.loads(lines[0]) | {"count": 3}
    broken = {
        "gone": b"",
        "cut": b"".join(lines[:-1]),
        "half a line": whole[:-40],
        "swapped": b"".join([lines[1], lines[0], *lines[2:]]),
        "doubled": lines[0] + whole,
        "garbage": lines[0] + b"\x00\xff garbage\n" + b"".join(lines[1:]),
        "changed": json.dumps(other).encode() + b"\n" + b"".join(lines[1:]),
        "no seal": b"[]\n" + b"".join(lines[1:]),
        "deep": b"[" * 100_000 + b"\n" + b"".join(lines[1:]),
    }
    for what, data in broken.items():
        path.write_bytes(data)
        assert office.verify().code == 1, what
    path.unlink()
    assert office.verify().code == 1
    path.write_bytes(whole)
    assert office.verify().code == 0


def test_an_older_copy_of_the_file_is_enough_to_trust(office: Office, tmp_path: Path) -> None:
    lines = (office.seals / sealfile.NAME).read_bytes().splitlines(keepends=True)
    mine = tmp_path / "my-copy.jsonl"
    mine.write_bytes(b"".join(lines[:2]))
    assert office.verify(mine).code == 0
    assert office.verify().demo and not office.verify(mine).demo
    assert office.verify(tmp_path / "missing.jsonl").code == 2


def test_the_copy_finds_what_database_and_file_together_hide(office: Office, tmp_path: Path) -> None:
    """Whoever has the key, the database and the file rewrites all three; the auditor's own copy still tells."""
    mine = tmp_path / "my-copy.jsonl"
    mine.write_bytes((office.seals / sealfile.NAME).read_bytes())
    with office.open() as connection:
        change_and_rehash(KEY, reseal=True)(connection, random.Random(3), office)
        seals = [dict(row) for row in connection.execute("SELECT * FROM seals ORDER BY id").fetchall()]
    (office.seals / sealfile.NAME).unlink()
    sealfile.append(office.seals, iter([seal | {"at": tree.moment(seal["at"])} for seal in seals]))
    assert office.verify().code == 0, "nothing on the machine tells any more"
    assert office.verify(mine).code == 1


def test_a_database_without_the_tables_cannot_be_checked(office: Office) -> None:
    with office.open() as connection:
        connection.execute("DROP TABLE records")
    report = office.verify()
    assert report.code == 2 and "核对中断" in report.unchecked


def test_an_installation_without_cases_is_checked_as_well(tmp_path: Path) -> None:
    office = make_office(tmp_path / "small", seed=1, streams=3, rows=20)
    with office.open() as connection:
        connection.execute("DROP TABLE cases")
    assert office.verify().code == 0


def test_the_verifier_survives_garbage_anywhere(office: Office) -> None:
    """Random bytes in random cells of every table: never clean, never a crash."""
    rng = random.Random(11)
    for _ in range(150):
        copy = Office(office.path.with_name("copy.db"), office.seals, office.sealed, office.total)
        copy.path.write_bytes(office.path.read_bytes())
        with copy.open() as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            for _ in range(rng.randint(1, 6)):
                table = rng.choice(["records", "records", "seals", "record_heads", "cases"])
                row = rng.choice(connection.execute(f"SELECT rowid AS r, * FROM {table}").fetchall())
                column = rng.choice(row.keys()[1:])
                value = rng.choice(
                    [rng.randbytes(9), "\udcff", "{", 2**62, -1, 0.5, "9" * 400, "1-9999999999"]
                )
                try:
                    set_value(connection, table, column, value, "rowid = ?", row["r"])
                except sqlite3.IntegrityError:
                    continue
        if copy.path.read_bytes() != office.path.read_bytes():
            report = copy.verify()
            json.dumps(report.as_dict())
            assert report.code == 1, report.unchecked
