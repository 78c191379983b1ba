"""Writing the record: one row per act in a stream (a case, an organ, the system), chained by HMAC-SM3.

A stream's head (`seq`, `mac`) lies on a row the command has locked: on the case itself for case streams, in
`record_heads` for the others. The room `audit` seals, verifies and shows; nothing here reads the record back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.actor import Actor
from app.core.db import Base, BigId, UtcDateTime, dumps
from app.core.keys import Keyring

StreamKind = Literal["case", "organ", "system"]
ZERO = "0" * 64


class Record(Base):
    """One act. Append-only: nothing in the code updates or deletes these rows."""

    __tablename__ = "records"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    stream: Mapped[str] = mapped_column(sa.String(10))
    stream_id: Mapped[int] = mapped_column(BigId)
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(sa.String(60))
    capacity: Mapped[str] = mapped_column(sa.String(200))
    origin: Mapped[str] = mapped_column(sa.String(45))
    action: Mapped[str] = mapped_column(sa.String(60))
    summary: Mapped[str] = mapped_column(sa.Text)
    body: Mapped[str] = mapped_column(sa.Text)
    result: Mapped[str] = mapped_column(sa.String(20))
    prev: Mapped[str] = mapped_column(sa.String(64))
    mac: Mapped[str] = mapped_column(sa.String(64))
    sealed_in: Mapped[int | None] = mapped_column(BigId)

    __table_args__ = (
        sa.UniqueConstraint("stream", "stream_id", "seq"),
        sa.Index(
            "ix_records_unsealed",
            "id",
            sqlite_where=sa.text("sealed_in IS NULL"),
            postgresql_where=sa.text("sealed_in IS NULL"),
        ),
        sa.Index(
            "ix_records_sealed",
            "sealed_in",
            "id",
            sqlite_where=sa.text("sealed_in IS NOT NULL"),
            postgresql_where=sa.text("sealed_in IS NOT NULL"),
        ),
        sa.Index(  # the auditor's period; filled by the sealer, so that no step pays for it
            "ix_records_at",
            "at",
            "id",
            sqlite_where=sa.text("sealed_in IS NOT NULL"),
            postgresql_where=sa.text("sealed_in IS NOT NULL"),
        ),
    )


class RecordHead(Base):
    """Head of an organ's or the system's stream; locked while a command appends."""

    __tablename__ = "record_heads"

    stream: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    stream_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seq: Mapped[int]
    mac: Mapped[str] = mapped_column(sa.String(64))


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream stands: the last `seq` and its `mac` (`ZERO` before the first)."""

    stream: StreamKind
    stream_id: int
    seq: int = 0
    mac: str = ZERO


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened. `summary` is the Chinese sentence an auditor reads; `body` holds old, new and references.

    `body` must hold no personal value in clear: commitments only (core/personal.py).
    """

    action: str
    summary: str
    body: Mapping[str, Any] = field(default_factory=dict)
    result: str = "ok"


CHAINED: tuple[str, ...] = (
    "stream",
    "stream_id",
    "seq",
    "at",
    "actor_id",
    "actor_name",
    "capacity",
    "origin",
)
CHAINED += ("action", "summary", "body", "result", "prev")


def message(row: Mapping[str, Any]) -> bytes:
    """The exact bytes under the mac of a record row (a mapping of its columns)."""
    values = [row[name] for name in CHAINED]
    values[CHAINED.index("at")] = row["at"].isoformat(timespec="microseconds")
    return dumps(values).encode()


_insert = sa.insert(Record).inline()
_lock_head = (
    sa.select(RecordHead.seq, RecordHead.mac)
    .where(RecordHead.stream == sa.bindparam("s"), RecordHead.stream_id == sa.bindparam("i"))
    .with_for_update()
)
_move_head = (
    sa.update(RecordHead)
    .where(RecordHead.stream == sa.bindparam("s"), RecordHead.stream_id == sa.bindparam("i"))
    .values(seq=sa.bindparam("n"), mac=sa.bindparam("m"))
)


def append(session: Session, keys: Keyring, head: Head, actor: Actor, at: datetime, entry: Entry) -> Head:
    """Insert one record row after `head`; returns the new head, which the caller keeps on the locked row."""
    row, moved = chain(keys, head, actor, at, entry)
    session.execute(_insert, row)
    return moved


def insert_rows(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that `chain` made, with one statement."""
    session.execute(_insert, rows)


def chain(keys: Keyring, head: Head, actor: Actor, at: datetime, entry: Entry) -> tuple[dict[str, Any], Head]:
    """The row that follows `head`, and the head after it; nothing is written."""
    row: dict[str, Any] = {
        "stream": head.stream,
        "stream_id": head.stream_id,
        "seq": head.seq + 1,
        "at": at,
        "actor_id": actor.person_id,
        "actor_name": actor.name,
        "capacity": actor.capacity[:200],
        "origin": actor.origin,
        "action": entry.action,
        "summary": entry.summary,
        "body": dumps(dict(entry.body)),
        "result": entry.result,
        "prev": head.mac,
    }
    row["mac"] = keys.record_mac(message(row))
    return row, Head(head.stream, head.stream_id, row["seq"], row["mac"])


def append_to_stream(
    session: Session,
    keys: Keyring,
    stream: Literal["organ", "system"],
    stream_id: int,
    actor: Actor,
    at: datetime,
    entry: Entry,
) -> None:
    """Lock the stream's head (made on first use), append, move the head."""
    key = {"s": stream, "i": stream_id}
    found = session.execute(_lock_head, key).first()
    if found is None:
        insert: Any = _upsert(session)
        session.execute(insert, {"stream": stream, "stream_id": stream_id, "seq": 0, "mac": ZERO})
        found = session.execute(_lock_head, key).one()
    head = append(session, keys, Head(stream, stream_id, found.seq, found.mac), actor, at, entry)
    session.execute(_move_head, key | {"n": head.seq, "m": head.mac})


def _upsert(session: Session) -> Any:
    """INSERT … ON CONFLICT DO NOTHING for the head row, in the dialect at hand."""
    from sqlalchemy.dialects import postgresql, sqlite

    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(RecordHead.__table__).on_conflict_do_nothing()
