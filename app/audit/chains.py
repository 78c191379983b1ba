"""First half of a verification: every stream's chain, from its first row to its head."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.audit import rows, tree
from app.audit.findings import Finding, Report
from app.core.record import ZERO

HEADS_AT_ONCE = 400

_record_heads = sa.text(
    "SELECT stream, stream_id, seq, mac FROM record_heads WHERE stream_id IN :ids"
).bindparams(sa.bindparam("ids", expanding=True))
_case_heads = sa.text(
    "SELECT 'case' AS stream, id AS stream_id, record_seq AS seq, record_mac AS mac"
    " FROM cases WHERE id IN :ids"
).bindparams(sa.bindparam("ids", expanding=True))
_bare_heads = sa.text(
    "SELECT stream, stream_id, seq FROM record_heads AS h WHERE NOT EXISTS"
    " (SELECT 1 FROM records AS r WHERE r.stream = h.stream AND r.stream_id = h.stream_id)"
)
_bare_cases = sa.text(
    "SELECT 'case' AS stream, id AS stream_id, record_seq AS seq FROM cases AS c WHERE NOT EXISTS"
    " (SELECT 1 FROM records AS r WHERE r.stream = 'case' AND r.stream_id = c.id)"
)

Stream = tuple[Any, Any]


@dataclass(slots=True)
class Tail:
    """Where a walk along a stream stands: the last row and what is still to be told about it."""

    stream: Stream
    seq: int = 0
    mac: str = ZERO
    record_id: int = 0
    expected: str | None = None  # set while the last row's mac does not match its content

    def finding(self, kind: str, field: str, row: rows.Row, **more: Any) -> Finding:
        """A finding at a row of this stream."""
        return Finding(kind, field, *place(row), **more)


def place(row: rows.Row) -> tuple[Any, Any, Any, str]:
    """Where a row is: id, stream, stream id, seq; in a form that can always be printed."""
    plain = [row[name] if type(row[name]) is int else repr(row[name])[:40] for name in ("id", "stream_id")]
    stream = row["stream"] if row["stream"] in ("case", "organ", "system") else repr(row["stream"])[:20]
    return plain[0], stream, plain[1], str(row["seq"])[:20]


def has_cases(connection: sa.Connection) -> bool:
    """Whether there is a table of cases that carries heads."""
    inspector = sa.inspect(connection)
    if not inspector.has_table("cases"):
        return False
    return {"record_seq", "record_mac"} <= {column["name"] for column in inspector.get_columns("cases")}


def check(connection: sa.Connection, key: bytes, report: Report) -> None:
    """Walk every stream and hold its end against its head; findings go into the report."""
    cases = has_cases(connection)
    waiting: list[Tail] = []
    for tail in _walk(rows.by_stream(connection), key, report):
        report.streams += 1
        waiting.append(tail)
        if len(waiting) >= HEADS_AT_ONCE:
            _check_heads(connection, waiting, cases, report.add)
            waiting.clear()
    _check_heads(connection, waiting, cases, report.add)
    for statement in (_bare_heads, _bare_cases) if cases else (_bare_heads,):
        for head in rows.stream(connection, statement):
            if head["seq"] != 0:
                report.add(Finding("truncated", "row", None, *_named(head), seq=f"1-{head['seq']}"))


def _named(head: rows.Row) -> tuple[str, Any]:
    return str(head["stream"])[:20], head["stream_id"]


def _walk(found: Iterator[rows.Row], key: bytes, report: Report) -> Iterator[Tail]:
    """The tail of each stream, after its rows were checked one against the next."""
    tail: Tail | None = None
    for row in found:
        report.rows += 1
        report.unsealed += row["sealed_in"] is None
        stream = (row["stream"], row["stream_id"])
        if tail is None or tail.stream != stream:
            if tail is not None:
                yield tail
            tail = Tail(stream)
        _check_row(tail, row, key, report.add)
    if tail is not None:
        yield tail


def _check_row(tail: Tail, row: rows.Row, key: bytes, add: Callable[[Finding], None]) -> None:
    bad = tree.bad_field(row)
    if bad is not None:
        _settle(tail, str(row["prev"]), add)
        add(tail.finding("unreadable", _class_of(bad), row, column=bad))
        if type(row["seq"]) is int:
            tail.seq = row["seq"]
        tail.mac, tail.expected = str(row["mac"]), None
        return
    _settle(tail, row["prev"], add)
    expected = tree.mac(key, tree.message(row))
    whole = expected == row["mac"]
    if row["seq"] != tail.seq + 1:
        gap = f"{tail.seq + 1}-{row['seq'] - 1}" if row["seq"] - tail.seq > 2 else str(tail.seq + 1)
        kind = "deleted" if row["seq"] > tail.seq + 1 else "inserted"
        add(Finding(kind, "row", None if kind == "deleted" else row["id"], *_at(row), seq=gap))
    elif row["prev"] != tail.mac and whole:
        add(tail.finding("rehashed", "prev", row))
    elif row["prev"] != tail.mac:
        add(tail.finding("changed", "prev", row))
    if row["id"] <= tail.record_id:
        add(tail.finding("reordered", "position", row))
    tail.expected = None if whole else expected
    tail.seq, tail.mac, tail.record_id = row["seq"], row["mac"], row["id"]


def _at(row: rows.Row) -> tuple[Any, Any]:
    return place(row)[1:3]


def _settle(tail: Tail, following: str, add: Callable[[Finding], None]) -> None:
    """Tell what was changed of the last row, whose mac did not match: the next row remembers its mac."""
    if tail.expected is None:
        return
    field = "mac" if following == tail.expected else "content"
    stream, stream_id = tail.stream
    add(Finding("changed", field, tail.record_id, str(stream)[:20], stream_id, str(tail.seq)))
    tail.expected = None


def _class_of(column: str) -> str:
    if column in ("mac", "prev", "sealed_in"):
        return column
    return "position" if column in ("id", "stream", "stream_id", "seq") else "content"


def _check_heads(
    connection: sa.Connection, tails: list[Tail], cases: bool, add: Callable[[Finding], None]
) -> None:
    """Hold the ends of streams against their heads, which other tables keep."""
    heads: dict[Stream, rows.Row] = {}
    ids = sorted({tail.stream[1] for tail in tails if type(tail.stream[1]) is int})
    if ids:
        for statement in (_record_heads, _case_heads) if cases else (_record_heads,):
            found = connection.execute(statement, {"ids": ids}).mappings()
            heads |= {(head["stream"], head["stream_id"]): head for head in found}
    for tail in tails:
        head = heads.get(tail.stream)
        _settle(tail, str(head["mac"]) if head else "", add)
        stream, stream_id = str(tail.stream[0])[:20], tail.stream[1]
        if head is None:
            if cases or stream != "case":
                add(Finding("head", "head", None, stream, stream_id))
        elif type(head["seq"]) is int and head["seq"] > tail.seq:
            seq = str(head["seq"]) if head["seq"] == tail.seq + 1 else f"{tail.seq + 1}-{head['seq']}"
            add(Finding("truncated", "row", None, stream, stream_id, seq))
        elif (head["seq"], head["mac"]) != (tail.seq, tail.mac):
            add(Finding("head", "head", tail.record_id, stream, stream_id, str(tail.seq)))
