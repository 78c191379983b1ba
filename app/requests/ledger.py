"""登记簿: the registers as offices keep them on paper, one row per entry, in the order of the days (条例45).

A book is its columns and its rows; a page, the A4 print and the workbook all read the same rows. Keyset paging by
(day, id); what belongs to a page (units, service, notes) is read for the whole page at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import NotFound
from app.requests.books import BOOKS, Book, Wanted, i, r
from app.requests.queries import organs_of

__all__ = ["BOOKS", "Book", "Line", "Page", "Wanted", "lines", "page"]

PAGE = 50
#: rows of a workbook, rows of a print
EXPORT_ROWS = 20_000
PRINT_ROWS = 1_000
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its place in the register, its cells in the order of the columns without 序号, the case it belongs to."""

    number: int
    cells: list[Any]
    case_id: int | None

    def stacked(self, book: Book) -> list[list[tuple[str, Any]]]:
        """The cells as the screen stacks them: (column, value), empty ones below the first left away."""
        said = dict(zip(book.columns, self.cells, strict=True))
        return [
            [(key, said[key]) for n, key in enumerate(keys) if n == 0 or said[key] not in (None, "")]
            for _head, keys in book.stacks
        ]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of a register; `next_key` and `next_number` lead on, None at the end."""

    lines: list[Line]
    next_key: str | None
    next_number: int


def page(
    session: Session, actor: Actor, wanted: Wanted, after: str | None, number: int = 1, limit: int = PAGE
) -> Page:
    """One page of a register of the person's organ; `number` is 序号 of its first line."""
    book = BOOKS[wanted.book]
    query = _ordered(book, wanted, actor, after).limit(limit + 1)
    rows: Sequence[Any] = session.execute(query).mappings().all()
    more = f"{rows[limit - 1]['ledger_day']}_{rows[limit - 1]['id']}" if len(rows) > limit else None
    rows = rows[:limit]
    cells = book.fill(session, rows) if rows else []
    lines = [
        Line(number + n, each, book.link(row)) for n, (row, each) in enumerate(zip(rows, cells, strict=True))
    ]
    return Page(lines, more, number + len(lines))


def _ordered(book: Book, wanted: Wanted, actor: Actor, after: str | None) -> Any:
    home = i if book.key == "incoming" else r
    query = book.query(wanted).add_columns(book.day.label("ledger_day"))
    query = query.where(home.c.organ_id.in_(organs_of(actor)))
    if book.key != "requests":
        query = query.where(book.day >= date(wanted.year, 1, 1), book.day <= date(wanted.year, 12, 31))
    if after:
        day, _, row_id = after.partition("_")
        try:
            key = sa.tuple_(sa.literal(date.fromisoformat(day), sa.Date), sa.literal(int(row_id)))
        except ValueError:
            raise NotFound() from None
        query = query.where(sa.tuple_(book.day, book.id) > key)
    return query.order_by(book.day, book.id)


def lines(session: Session, actor: Actor, wanted: Wanted, most: int) -> Iterator[Line]:
    """Up to `most` lines from the first, a few hundred in memory at a time."""
    after, number = None, 1
    while number <= most:
        found = page(session, actor, wanted, after, number, min(AT_ONCE, most - number + 1))
        yield from found.lines
        after, number = found.next_key, found.next_number
        if after is None:
            return
