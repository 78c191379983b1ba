"""Taking part of the record out of the house, so that it can be verified without this system.

A file of JSON lines: the records of a period in order of their ids, the seals they lie under, and the leaves of
those rows under the same seals that are not of the period. Beside it a manifest with counts and digests.
`verify_export.py` checks both with nothing but Python.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from app.audit import rows, tree
from app.core.db import UtcDateTime, dumps
from app.core.now import SHANGHAI

FORMAT = "gongkai-record-1"
VERIFIER = Path(__file__).with_name("verify_export.py")

_edge = sa.text("SELECT MIN(id), MAX(id) FROM records WHERE at >= :begins AND at < :ends").bindparams(
    sa.bindparam("begins", type_=UtcDateTime), sa.bindparam("ends", type_=UtcDateTime)
)
_count = sa.text("SELECT COUNT(*) FROM records WHERE id BETWEEN :low AND :high")
_rows = sa.text(f"SELECT {', '.join(tree.COLUMNS)} FROM records WHERE id BETWEEN :low AND :high ORDER BY id")
_numbers = sa.text(
    "SELECT DISTINCT sealed_in FROM records WHERE id BETWEEN :low AND :high AND sealed_in IS NOT NULL ORDER BY 1"
)


@dataclass
class Written:
    """What went into a file so far."""

    lines: int = 0
    records: int = 0
    seals: int = 0
    digest: Any = field(default_factory=lambda: hashlib.new("sm3"))


def span(connection: sa.Connection, begins: date, ends: date) -> tuple[int, int] | None:
    """First and last id of a period (Shanghai dates, both included); None when nothing happened in it.

    Everything between the two ids is exported, so that no stream has a gap and none is ever legitimate.
    """
    low = datetime.combine(begins, time.min, SHANGHAI)
    high = datetime.combine(ends + timedelta(days=1), time.min, SHANGHAI)
    found = connection.execute(_edge, {"begins": low, "ends": high}).one()
    return None if found[0] is None else (found[0], found[1])


def count(connection: sa.Connection, low: int, high: int) -> int:
    """How many records lie between two ids."""
    return int(connection.scalar(_count, {"low": low, "high": high}) or 0)


def lines(connection: sa.Connection, low: int, high: int, written: Written) -> Iterator[bytes]:
    """The file's lines, counted and digested on the way."""
    for row in rows.stream(connection, _rows, low=low, high=high):
        written.records += 1
        yield _line(_record(row), written)
    numbers = [row["sealed_in"] for row in rows.stream(connection, _numbers, low=low, high=high)]
    for number in numbers:
        seal = next(rows.seals(connection, number), None) if type(number) is int else None
        if seal is None or seal["id"] != number:
            continue
        written.seals += 1
        yield _line({"t": "seal", **seal, "at": tree.moment(seal["at"])}, written)
        for row in rows.of_seal(connection, number):
            if not low <= row["id"] <= high:
                leaf = {"t": "leaf", "seal": number, "id": row["id"], "leaf": tree.leaf(row).hex()}
                yield _line(leaf, written)


def _record(row: rows.Row) -> dict[str, Any]:
    if tree.bad_field(row) is not None:
        text = repr([row[name] for name in tree.COLUMNS]).encode("utf-8", "backslashreplace").decode()
        return {"t": "unreadable", "id": str(row["id"]), "text": text}
    return {"t": "record", **row, "at": tree.moment(row["at"])}


def _line(value: Mapping[str, Any], written: Written) -> bytes:
    data = dumps(dict(value)).encode() + b"\n"
    written.lines += 1
    written.digest.update(data)
    return data


def manifest(
    written: Written, key: bytes, *, begins: date, ends: date, made_at: datetime, made_by: str, name: str
) -> dict[str, Any]:
    """The paper that goes with the file; its mac covers everything else in it."""
    plain: dict[str, Any] = {
        "format": FORMAT,
        "installation": name,
        "begins": begins.isoformat(),
        "ends": ends.isoformat(),
        "made_at": made_at.isoformat(timespec="seconds"),
        "made_by": made_by,
        "lines": written.lines,
        "records": written.records,
        "seals": written.seals,
        "sm3": written.digest.hexdigest(),
    }
    return plain | {"mac": tree.mac(key, b"gongkai export\x00" + dumps(plain).encode())}


def write(connection: sa.Connection, low: int, high: int, out: IO[bytes]) -> Written:
    """Write the lines between two ids to an open file."""
    written = Written()
    for line in lines(connection, low, high, written):
        out.write(line)
    return written


def pack(records: IO[bytes], paper: Mapping[str, Any], out: IO[bytes]) -> None:
    """One archive of the file, its manifest and the program that verifies them."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("records.jsonl", "w") as target:
            while block := records.read(1 << 20):
                target.write(block)
        archive.writestr("records.jsonl.manifest.json", dumps(dict(paper)) + "\n")
        archive.write(VERIFIER, "verify_export.py")
        archive.writestr("说明.txt", HOW)


def empty() -> IO[bytes]:
    """A file in memory for small exports."""
    return io.BytesIO()


HOW = """本压缩包是审计记录的导出件，可以在不连接本系统的计算机上核对。

records.jsonl                  记录、封存和叶子，每行一条
records.jsonl.manifest.json    清单：期间、数量、校验值
verify_export.py               核对程序，只需 Python 3.11 以上（OpenSSL 支持国密 SM3）

核对：python verify_export.py records.jsonl
带密钥核对（能发现用伪造内容重新计算的校验码）：python verify_export.py records.jsonl --key record.key

退出码：0 未发现问题，1 发现问题，2 未能核对。
"""
