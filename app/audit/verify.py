"""Verification of the whole record: chains, heads, seals, and the auditor's file.

Memory stays bounded: rows stream through twice (by stream, by seal), one seal's ids are held at a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from app.audit import chains, rows, sealfile, tree
from app.audit.findings import Finding, Report
from app.core.record import ZERO

#: a seal this young may be missing from the file: it is written there just after it is committed
GRACE = timedelta(minutes=2)
MOST_ROWS = 100_000  # no seal of ours holds more

_newest_row = sa.text("SELECT COALESCE(MAX(id), 0) FROM records")


def verify(
    engine: sa.Engine, key: bytes, folder: Path, *, at: datetime, trusted: Path | None = None
) -> Report:
    """Check everything; never raises for what it finds in the data.

    `folder` holds the auditor's file; with `trusted` that copy is compared instead, which may be older than
    the database but never different. `at`: the real moment (wall time) the check begins.
    """
    began = time.monotonic()
    report = Report(demo=trusted is None and sealfile.rewritable(folder))
    path = trusted or folder / sealfile.NAME
    try:
        size = sealfile.size_of(path)
        if trusted is not None and size is None:
            report.unchecked = f"找不到对照文件 {trusted.name}"
            return report
        with ExitStack() as stack:
            connection = stack.enter_context(rows.snapshot(engine))
            connection.execute(_newest_row)  # the snapshot begins here, after the file was measured
            chains.check(connection, key, report)
            lines: Iterator[dict[str, Any] | None] = iter(())
            if size is not None:
                lines = sealfile.lines(stack.enter_context(path.open("rb")), size)
            _check_seals(connection, key, lines, at, report, partial=trusted is not None)
            for row in rows.strays(connection):
                report.add(Finding("seal", "sealed_in", *chains.place(row)))
    except (OSError, sa.exc.SQLAlchemyError) as error:
        report.unchecked = f"核对中断：{type(error).__name__}。请确认数据库和封存文件可以读取后重新核对。"
    report.seconds = time.monotonic() - began
    return report


def _check_seals(
    connection: sa.Connection,
    key: bytes,
    lines: Iterator[dict[str, Any] | None],
    at: datetime,
    report: Report,
    *,
    partial: bool,
) -> None:
    """Every seal against its own mac, the one before, its rows, and its line in the file."""
    prev, number, heads_seen = ZERO, 0, _Heads(connection, report)
    file_ends = False
    for row in rows.seals(connection):
        report.seals += 1
        seal: dict[str, Any] = {**row, "at": tree.moment(row["at"])}
        number += 1
        if not _sound(seal, key) or seal["id"] != number or seal["prev"] != prev:
            report.add(Finding("seal", "seal", seal=_plain(seal["id"])))
        number, prev = seal["id"] if type(seal["id"]) is int else number, str(seal["mac"])
        line = next(lines, _END) if not file_ends else _END
        if line is _END:
            file_ends = True
            if not partial and not _young(seal, at):
                report.add(Finding("seal_file", "seal", seal=_plain(seal["id"])))
        elif line != seal:
            report.add(Finding("seal_file", "seal", seal=_plain(seal["id"])))
        trusted = line if isinstance(line, dict) and _sound(line, key) else seal
        _check_rows(connection, trusted if trusted["id"] == seal["id"] else seal, report, heads_seen)
    for line in lines:
        missing = line["id"] if line and type(line.get("id")) is int else None
        report.add(Finding("seal_file", "seal", seal=missing))
        if line is not None and _sound(line, key):
            report.seals += 1
            _check_rows(connection, line, report, heads_seen)


_END: Any = object()


def _plain(value: Any) -> int | None:
    return value if type(value) is int else None


def _young(seal: dict[str, Any], at: datetime) -> bool:
    return seal["at"] is not None and at - datetime.fromisoformat(seal["at"]) < GRACE


def _sound(seal: dict[str, Any], key: bytes) -> bool:
    """Whether a seal is whole: every field of its type, and its mac over all of them."""
    try:
        return (
            all(type(seal[name]) is int for name in ("id", "first_id", "last_id", "count"))
            and all(type(seal[name]) is str for name in (*tree.SEAL_FIELDS[5:], "at", "mac"))
            and tree.seal_mac(seal, key) == seal["mac"]
        )
    except (KeyError, TypeError, ValueError):
        return False


def _check_rows(connection: sa.Connection, seal: dict[str, Any], report: Report, heads: _Heads) -> None:
    """The rows under a seal: which are there, which are not, which are not as they were."""
    number = _plain(seal.get("id"))
    try:
        ids = tree.ids_in(seal["spans"], MOST_ROWS)
        expected = dict(zip(ids, tree.locators(seal["leaves"]), strict=True))
        if len(expected) != seal["count"] or number is None:
            raise ValueError("count")
    except (ValueError, TypeError, AttributeError):
        report.add(Finding("seal", "seal", seal=number))
        return
    whole, built = True, tree.Tree()
    for row in rows.of_seal(connection, number):
        node = tree.leaf(row)
        built.add(node)
        locator = expected.pop(row["id"], None)
        if locator is None:
            whole = False
            report.add(Finding("inserted", "row", *chains.place(row), seal=number))
        elif locator != node[: tree.LOCATOR]:
            whole = False
            report.add(Finding("rehashed", "content", *chains.place(row), seal=number))
    for missing in expected:
        whole = False
        row_now = rows.one(connection, missing)
        if row_now is None:
            report.add(Finding("deleted", "row", missing, seal=number))
        else:
            report.add(Finding("seal", "sealed_in", *chains.place(row_now), seal=number))
    if whole and built.root() != seal["root"]:
        report.add(Finding("seal", "seal", seal=number))
    if not whole:
        heads.check(seal)


class _Heads:
    """Names the streams whose sealed end is gone: looked at only where a seal does not hold."""

    def __init__(self, connection: sa.Connection, report: Report) -> None:
        self.connection = connection
        self.report = report

    _last = sa.text("SELECT MAX(seq) FROM records WHERE stream = :stream AND stream_id = :id")

    def check(self, seal: dict[str, Any]) -> None:
        """Report streams that ended later when the seal was made than they do now."""
        try:
            heads = orjson.loads(seal["heads"])
            found = [(*name.split(":"), int(value[0])) for name, value in heads.items()]
        except (ValueError, TypeError, AttributeError, LookupError):
            self.report.add(Finding("seal", "seal", seal=_plain(seal.get("id"))))
            return
        for stream, stream_id, seq in found:
            if not stream_id.lstrip("-").isdigit():
                continue
            last = self.connection.scalar(self._last, {"stream": stream, "id": int(stream_id)}) or 0
            if type(last) is int and last < seq:
                gone = str(seq) if seq == last + 1 else f"{last + 1}-{seq}"
                self.report.add(
                    Finding("truncated", "row", None, stream, int(stream_id), gone, _plain(seal.get("id")))
                )
