"""Numbers of a series, per organ and year: consecutive, without gaps, never given twice.

The counter's row is locked by the statement that raises it, and rises in the transaction of the act that uses the
number: what is undone gives its number back, what stands keeps it.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.command import Tx
from app.core.db import table_of
from app.documents.models import Counter

c = table_of(Counter)

#: the year of a document number: 云政办发〔2026〕31号
NUMBER = re.compile(r"^[^〔〕\s]{1,20}〔(\d{4})〕(\d{1,5})号$")


@functools.cache
def _raise(dialect: str, size: int) -> Any:
    """Raise `size` counters of an organ and year, each by its own step."""
    rows: list[Any] = [
        {
            "series": sa.bindparam(f"s{place}"),
            "organ_id": sa.bindparam("o"),
            "year": sa.bindparam("y"),
            "n": sa.bindparam(f"n{place}"),
        }
        for place in range(size)
    ]
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(c).values(rows)
    return insert.on_conflict_do_update(
        index_elements=[c.c.series, c.c.organ_id, c.c.year], set_={"n": c.c.n + insert.excluded.n}
    ).returning(c.c.series, c.c.n)


def assign(tx: Tx, series: str, organ_id: int, year: int = 0) -> int:
    """The next number of the series (1 is the first). One statement; its row stays locked until the command ends."""
    return assign_in(tx.session, series, organ_id, year)


def assign_in(session: Session, series: str, organ_id: int, year: int = 0) -> int:
    """`assign` for callers that hold only a session in a write transaction."""
    return _assign(session, {series: 1}, organ_id, year)[series]


def assign_many(tx: Tx, wanted: Mapping[str, int], organ_id: int, year: int = 0) -> dict[str, int]:
    """So many further numbers of each series: series -> the last of them. One statement."""
    return _assign(tx.session, wanted, organ_id, year)


def _assign(session: Session, wanted: Mapping[str, int], organ_id: int, year: int) -> dict[str, int]:
    values: dict[str, Any] = {"o": organ_id, "y": year}
    for place, (series, size) in enumerate(sorted(wanted.items())):
        values |= {f"s{place}": series, f"n{place}": size}
    statement = _raise(session.get_bind().dialect.name, len(wanted))
    return {row.series: row.n for row in session.execute(statement, values)}


_BRACKETS = str.maketrans("[]［］【】()（）{}｛｝", "〔〕〔〕〔〕〔〕〔〕〔〕〔〕")


def tidy(text: str) -> str:
    """文号 as GB/T 9704 writes it: no blanks, six-cornered brackets, ASCII digits, no leading zeros or 「第」."""
    import unicodedata

    plain = re.sub(r"\s+", "", text.strip())
    plain = "".join(unicodedata.normalize("NFKC", c) if c.isdigit() else c for c in plain)
    plain = plain.translate(_BRACKETS)
    return re.sub(r"〕第?0*(\d+)号?$", r"〕\1号", plain)


def is_number(text: str) -> bool:
    """Whether a tidied text is a document number."""
    return NUMBER.match(text) is not None


def compose(prefix: str, year: int, n: int) -> str:
    """云政办发 + 2026 + 31 -> 云政办发〔2026〕31号."""
    return f"{prefix}〔{year}〕{n}号"


def example(rule: str, short: str) -> str:
    """The first number of 2026 by a rule over {short}, {year}, {n}; empty when the rule is none.

    A rule must tell the year and count; it may ask nothing else of its values, and stays within 40 characters.
    """
    try:
        parts = [part for part in string.Formatter().parse(rule) if any(part[1:])]
        names = {name for _text, name, _spec, _how in parts}
        plain = all(not spec and not how for _text, _name, spec, how in parts)
        shown = rule.format(short=short, year=2026, n=1) if plain and names <= {"short", "year", "n"} else ""
    except (ValueError, KeyError, IndexError):
        return ""
    return shown if {"year", "n"} <= names and len(shown) <= 40 else ""


WRONG_RULE = "编号规则须含 {year} 和 {n}，可以用 {short}（机关简称），写出来不超过 40 个字。"
