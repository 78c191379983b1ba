"""A record to be attacked: a small office's database, written and sealed as the office does it.

An attacker holds the database; some also hold the key. Nobody but the auditor holds the file of seals.
"""

from __future__ import annotations

import functools
import random
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.audit import sealfile, tree
from app.audit.findings import Report
from app.audit.models import Seal
from app.audit.verify import verify
from app.core.record import ZERO, Record, RecordHead

KEY = bytes(range(32))
WRONG_KEY = bytes(range(1, 33))
SEAL_MOST = 30  # rows under one seal, at random
LONG_AGO = datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

Row = dict[str, Any]
ACTIONS = ("cases.complete", "cases.start", "accounts.sign_in", "documents.attach")


@dataclass
class Office:
    """A database file with records, heads and cases, and the folder of the auditor's file."""

    path: Path
    seals: Path
    sealed: int
    total: int

    @property
    def engine(self) -> sa.Engine:
        engine = sa.create_engine(f"sqlite:///{self.path}", poolclass=sa.pool.NullPool)
        return engine

    def verify(self, trusted: Path | None = None) -> Report:
        return verify(self.engine, KEY, self.seals, at=NOW, trusted=trusted)

    def open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection


@dataclass
class Copy(Office):
    """An office whose database is a copy in memory, for one attack and one verification."""

    connection: sqlite3.Connection = field(kw_only=True)

    @classmethod
    def of(cls, office: Office) -> Copy:
        """The copy of an untouched office."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.deserialize(_bytes_of(office.path))
        connection.row_factory = sqlite3.Row
        return cls(office.path, office.seals, office.sealed, office.total, connection=connection)

    @property
    def engine(self) -> sa.Engine:
        """One for all copies, so that statements are compiled once; whoever lets go of the connection closes it."""
        self.connection.row_factory = None
        _verified[:] = [self.connection]
        return _of_copies


_verified: list[sqlite3.Connection] = []
_of_copies = sa.create_engine("sqlite://", creator=lambda: _verified[0], poolclass=sa.pool.NullPool)


@functools.cache
def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


def make_row(rng: random.Random, stream: str, stream_id: int, seq: int, prev: str, at: datetime) -> Row:
    """A record row as the office writes it, with its mac."""
    row: Row = {
        "stream": stream,
        "stream_id": stream_id,
        "seq": seq,
        "at": at.replace(tzinfo=None).isoformat(" ", "microseconds"),
        "actor_id": rng.choice([None, 3, 14]),
        "actor_name": rng.choice(["江维公", "白受之", "系统"]),
        "capacity": "政务公开科 科长",
        "origin": "10.0.0.7",
        "action": rng.choice(ACTIONS),
        "summary": f"第 {seq} 步：核稿同意。",
        "body": '{"new":{"属性":"主动公开"},"old":{"属性":"依申请公开"}}',
        "result": "ok",
        "prev": prev,
    }
    return row | {"mac": tree.mac(KEY, tree.message(row))}


def make_office(folder: Path, *, seed: int, streams: int = 12, rows: int = 90, unsealed: int = 0) -> Office:
    """Streams of cases, organs and the system, interleaved; the last `unsealed` rows lie under no seal."""
    rng = random.Random(seed)
    folder.mkdir(parents=True)
    engine = sa.create_engine(f"sqlite:///{folder / 'office.db'}", poolclass=sa.pool.NullPool)
    tables = [Record.__table__, RecordHead.__table__, Seal.__table__]
    Record.metadata.create_all(engine, tables=tables)
    names = [("system", 0), ("organ", 1), ("organ", 2), *(("case", i) for i in range(1, streams - 2))]
    heads = {name: (0, ZERO) for name in names}
    connection = sqlite3.connect(folder / "office.db", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE cases (id INTEGER PRIMARY KEY, record_seq INTEGER, record_mac TEXT)")
    for number in range(rows):
        name = names[number] if number < len(names) else rng.choice(names)
        seq, prev = heads[name]
        row = make_row(rng, *name, seq + 1, prev, LONG_AGO + timedelta(seconds=number))
        insert(connection, row)
        heads[name] = (seq + 1, row["mac"])
    for (stream, stream_id), (seq, mac) in heads.items():
        table = "cases" if stream == "case" else "record_heads"
        values = (stream_id, seq, mac) if stream == "case" else (stream, stream_id, seq, mac)
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
    connection.execute("COMMIT")
    office = Office(folder / "office.db", folder / "seals", rows - unsealed, rows)
    seal(connection, office, rng)
    connection.close()
    return office


def insert(connection: sqlite3.Connection, row: Row) -> None:
    """Insert a record row; columns it does not name are left to the database."""
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO records ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def seal(connection: sqlite3.Connection, office: Office, rng: random.Random) -> None:
    """Seal the first rows in a few batches of random size, in the database and in the auditor's file."""
    ids, prev, number = list(range(1, office.sealed + 1)), ZERO, 0
    made = []
    while ids:
        batch, ids = ids[: (size := rng.randint(5, SEAL_MOST))], ids[size:]
        number += 1
        marks = ", ".join("?" * len(batch))
        rows = connection.execute(f"SELECT * FROM records WHERE id IN ({marks}) ORDER BY id", batch)
        found = tree.seal_of(number, LONG_AGO + timedelta(hours=number), rows.fetchall(), prev, KEY)
        connection.execute(f"UPDATE records SET sealed_in = ? WHERE id IN ({marks})", (number, *batch))
        write_seal(connection, found)
        made.append(found)
        prev = found["mac"]
    sealfile.append(office.seals, iter(made))


def write_seal(connection: sqlite3.Connection, found: Row) -> None:
    """Insert a seal as the sealer stores it."""
    at = datetime.fromisoformat(found["at"]).replace(tzinfo=None).isoformat(" ", "microseconds")
    row = found | {"at": at}
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO seals ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
