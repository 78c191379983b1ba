"""Registers leave the house as workbooks: bounded, neutral to spreadsheet programs, each export in the record."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy.orm import Session

from app.audit import ACTION_LABELS
from app.core import xlsx
from app.core.actor import Actor
from app.core.command import Tx, command
from app.requests import ledger
from app.requests.ledger import BOOKS, EXPORT_ROWS, Wanted

ACTION_LABELS["request.register_export"] = "导出登记簿"
CHUNK = 1 << 20
#: bytes up to which what leaves the house is handed over from memory
IN_MEMORY = 4 * 1024 * 1024


def write(session: Session, actor: Actor, wanted: Wanted, title: str, out: IO[bytes]) -> dict[str, Any]:
    """Write the register into `out`; {rows, whole, sm3}. Not `whole`: cut after `EXPORT_ROWS`, and the sheet says so."""
    count = 0

    def rows() -> Iterator[list[Any]]:
        nonlocal count
        for line in ledger.lines(session, actor, wanted, EXPORT_ROWS + 1):
            if line.number > EXPORT_ROWS:
                count = line.number
                yield [f"只导出了前 {EXPORT_ROWS} 行，其余请按答复主体、状态筛选后分次导出。"]
                return
            count = line.number
            yield [line.number, *line.cells]

    xlsx.write_long(out, BOOKS[wanted.book].title, title, ["序号", *BOOKS[wanted.book].columns], rows())
    return {"rows": min(count, EXPORT_ROWS), "whole": count <= EXPORT_ROWS, "sm3": digest(out)}


def digest(file: IO[bytes]) -> str:
    """SM3 of a file from its beginning, in hex."""
    file.seek(0)
    sm3 = hashlib.new("sm3")
    while chunk := file.read(CHUNK):
        sm3.update(chunk)
    return sm3.hexdigest()


def handed_over(file: IO[bytes]) -> IO[bytes]:
    """The file from its beginning, for a response: small ones from memory, so that nothing stays open behind them."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > IN_MEMORY:
        return file
    with file:
        return io.BytesIO(file.read())


@command
def note(
    tx: Tx, *, book: str, year: int, subject: int | None, state: str, rows: int, whole: bool, sm3: str
) -> None:
    """Who took which register out, into the record of his organ."""
    summary = f"{tx.actor.name} 导出{BOOKS[book].title}（{year}年，{rows} 行）"
    tx.record(
        "organ", "request.register_export", summary, stream_id=tx.actor.organ_id or 0, book=book, year=year,
        subject=subject, state=state, rows=rows, whole=whole, sm3=sm3,
    )  # fmt: skip
