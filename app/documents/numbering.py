"""Numbers of a series, per organ and year: consecutive, without gaps, never given twice.

The counter's row is locked by the statement that raises it, and rises in the transaction of the act that uses the
number: what is undone gives its number back, what stands keeps it.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.command import Tx
from app.documents.models import Counter

#: the year of a document number: 云政办发〔2026〕31号
NUMBER = re.compile(r"^[^〔〕\s]{1,20}〔(\d{4})〕(\d{1,5})号$")


def _statement(dialect: Any) -> Any:
    insert = dialect.insert(Counter).values(
        series=sa.bindparam("s"), organ_id=sa.bindparam("o"), year=sa.bindparam("y"), n=1
    )
    return insert.on_conflict_do_update(
        index_elements=[Counter.series, Counter.organ_id, Counter.year], set_={"n": Counter.n + 1}
    ).returning(Counter.n)


_raise = {"sqlite": _statement(sqlite), "postgresql": _statement(postgresql)}


def assign(tx: Tx, series: str, organ_id: int, year: int = 0) -> int:
    """The next number of the series (1 is the first). One statement; its row stays locked until the command ends."""
    return assign_in(tx.session, series, organ_id, year)


def assign_in(session: Session, series: str, organ_id: int, year: int = 0) -> int:
    """`assign` for callers that hold only a session in a write transaction."""
    statement = _raise[session.get_bind().dialect.name]
    return int(session.execute(statement, {"s": series, "o": organ_id, "y": year}).scalar_one())


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
