"""The ledger of document numbers: none is given twice, whoever keeps the paper that carries it.

Numbers given by the system are counted per prefix and year; those entered by hand may lie ahead of the counter.
"""

from __future__ import annotations

import functools
from collections import Counter as Tally
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.core.now import business_date
from app.documents import numbering
from app.documents.models import Document, DocumentNumber

d, n = table_of(Document), table_of(DocumentNumber)

STATES = {"reserved": "占用", "entered": "补录", "used": "使用", "void": "作废"}
#: how many numbers in a row may be taken before somebody has to look
MOST_TAKEN = 1000

_take = (
    sa.update(n)
    .where(
        n.c.organ_id == sa.bindparam("of_organ"),
        n.c.number == sa.bindparam("given"),
        n.c.state.in_(("reserved", "entered")),
        n.c.document_id.is_(None),
    )
    .values(state="used", subject=sa.bindparam("v_subject"), by=sa.bindparam("v_by"), at=sa.bindparam("v_at"))
)
_withdraw = (
    sa.update(n)
    .where(n.c.organ_id == sa.bindparam("of_organ"), n.c.number == sa.bindparam("given"), n.c.state == "used")
    .values(state="void", reason=sa.bindparam("v_reason"), by=sa.bindparam("v_by"), at=sa.bindparam("v_at"))
)
_COLUMNS = ("organ_id", "number", "state", "subject", "by", "at")


@functools.cache
def _use_free(dialect: str, size: int) -> Any:
    """Enter `size` numbers as used, those that neither the ledger nor a document has; gives the entered ones."""

    def one(place: int) -> Any:
        values = {
            name: sa.bindparam(
                f"{name}_{place}" if name in ("number", "subject") else name, type_=n.c[name].type
            )
            for name in _COLUMNS
        }
        carried = sa.exists().where(d.c.organ_id == values["organ_id"], d.c.number == values["number"])
        return sa.select(*(values[name].label(name) for name in _COLUMNS)).where(sa.not_(carried))

    rows: Any = sa.union_all(*[one(place) for place in range(size)]) if size > 1 else one(0)
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(n)
    return insert.from_select(_COLUMNS, rows).on_conflict_do_nothing().returning(n.c.number)


def use_number(tx: Tx, *, organ_id: int, subject: str, number: str = "", prefix: str = "") -> str:
    """The number of a paper that a room above keeps: a reserved or entered one, a new one, or the next of the prefix.

    `subject` is the paper's title. Refused when the number is used or void. Two statements at most, more for a taken one.
    """
    if not number.strip():
        return use_numbers(tx, organ_id=organ_id, papers=[(prefix, subject)])[0]
    text = checked(number)
    row = {"of_organ": organ_id, "given": text, "v_subject": subject[:300]}
    row |= {"v_by": tx.actor.person_id, "v_at": tx.now}
    if tx.session.execute(_take, row).rowcount == 1:  # type: ignore[attr-defined]
        _note_use(tx, organ_id, text, subject)
    elif not _use(tx, organ_id, [(text, subject)]):
        used = use_of(tx, organ_id, text) or f"{text} 刚刚被他人登记。请刷新页面查看。"
        raise Refused(used, fields={"number": used})
    return text


def use_numbers(tx: Tx, *, organ_id: int, papers: Sequence[tuple[str, str]]) -> list[str]:
    """The next numbers for papers (prefix, title), in order. Two statements, more where a number was taken by hand."""
    if not papers:
        return []
    if not all(prefix for prefix, _ in papers):
        raise _no_prefix()
    year = business_date(tx.now).year
    wanted = Tally(_series(prefix) for prefix, _ in papers)
    last = numbering.assign_many(tx, wanted, organ_id, year)
    following = {series: last[series] - size for series, size in wanted.items()}
    texts = []
    for prefix, _ in papers:
        following[_series(prefix)] += 1
        texts.append(checked(numbering.compose(prefix, year, following[_series(prefix)])))
    subjects = [subject for _, subject in papers]
    given = _use(tx, organ_id, list(zip(texts, subjects, strict=True)))
    return [
        text if text in given else _further(tx, organ_id, *paper)
        for text, paper in zip(texts, papers, strict=True)
    ]


def _use(tx: Tx, organ_id: int, wanted: Sequence[tuple[str, str]]) -> set[str]:
    """Enter numbers (number, title) as used where they are free; those that were."""
    values: dict[str, Any] = {"organ_id": organ_id, "state": "used", "by": tx.actor.person_id, "at": tx.now}
    for place, (number, subject) in enumerate(wanted):
        values |= {f"number_{place}": number, f"subject_{place}": subject[:300]}
    statement = _use_free(tx.session.get_bind().dialect.name, len(wanted))
    given = set(tx.session.execute(statement, values).scalars())
    for number, subject in wanted:
        if number in given:
            _note_use(tx, organ_id, number, subject)
    return given


def _further(tx: Tx, organ_id: int, prefix: str, subject: str) -> str:
    """The next number of the prefix that is free, entered as used."""
    for _ in range(MOST_TAKEN):
        text = _next(tx, organ_id, prefix)
        if _use(tx, organ_id, [(text, subject)]):
            return text
    raise _too_many()


def next_number(tx: Tx, organ_id: int, prefix: str) -> str:
    """The next free number of the prefix this year; the caller enters it."""
    if not prefix:
        raise _no_prefix()
    for _ in range(MOST_TAKEN):
        text = _next(tx, organ_id, prefix)
        if use_of(tx, organ_id, text) is None:
            return text
    raise _too_many()


def _next(tx: Tx, organ_id: int, prefix: str) -> str:
    year = business_date(tx.now).year
    count = numbering.assign(tx, _series(prefix), organ_id, year)
    return checked(numbering.compose(prefix, year, count))


def _series(prefix: str) -> str:
    return f"no:{prefix}"[:30]


def _no_prefix() -> Refused:
    return Refused(
        "本机关没有设置发文代字，不能自动取号。请直接填写文号。", fields={"number": "请填写文号。"}
    )


def _too_many() -> Refused:
    return Refused("连续一千个文号都已占用。请检查发文代字，或直接填写文号。")


def _note_use(tx: Tx, organ_id: int, number: str, subject: str) -> None:
    tx.note(organ_id, "number.used", f"{tx.actor.name} 使用文号 {number}", number=number, title=subject)


def withdraw_number(tx: Tx, *, organ_id: int, number: str, reason: str) -> None:
    """作废 of a number whose paper became void; it is never given again."""
    row = {"of_organ": organ_id, "given": number, "v_reason": reason[:300]}
    row |= {"v_by": tx.actor.person_id, "v_at": tx.now}
    if tx.session.execute(_withdraw, row).rowcount == 1:  # type: ignore[attr-defined]
        summary = f"{tx.actor.name} 作废文号 {number}：{reason}"
        tx.note(organ_id, "number.void", summary, number=number, old="used")


def checked(number: str) -> str:
    """A tidied document number; refused when it is not one."""
    text = numbering.tidy(number)
    if not numbering.is_number(text):
        hint = "文号写作「机关代字〔年份〕序号号」，例如 云政办发〔2026〕31号。"
        raise Refused(hint, fields={"number": hint})
    return text


def use_of(tx: Tx, organ_id: int, number: str) -> str | None:
    """How a number is used already, as a sentence."""
    kept = tx.session.execute(
        sa.select(n.c.state).where(n.c.organ_id == organ_id, n.c.number == number)
    ).scalar_one_or_none()
    if kept is not None:
        return f"{number} 已{STATES[kept]}，文号不重复使用。请换一个文号，或在列表中查找它。"
    title = tx.session.execute(
        sa.select(d.c.title).where(d.c.organ_id == organ_id, d.c.number == number)
    ).scalar_one_or_none()
    return f"{number} 已用于《{title}》。请核对后换一个文号。" if title is not None else None


def add(
    tx: Tx, organ_id: int, number: str, state: str, reason: str, document_id: int | None = None
) -> dict[str, Any]:
    """Enter a number as reserved 占用 or entered 补录; {id, number}. Refused when it is known already."""
    used = use_of(tx, organ_id, number)
    if used and document_id is None:
        raise Refused(used, fields={"number": used})
    row = {
        "organ_id": organ_id,
        "number": number,
        "state": state,
        "document_id": document_id,
        "reason": reason.strip()[:300] or None,
        "by": tx.actor.person_id,
        "at": tx.now,
    }
    try:
        number_id = tx.session.execute(sa.insert(n).returning(n.c.id), row).scalar_one()
    except IntegrityError as error:
        sentence = f"{number} 刚刚被他人登记。请刷新页面查看。"
        raise Refused(sentence, fields={"number": sentence}) from error
    tx.record(
        "organ",
        f"number.{state}",
        f"{tx.actor.name} {STATES[state]}文号 {number}",
        stream_id=organ_id,
        number=number,
        document=document_id,
        reason=row["reason"],
    )
    return {"id": number_id, "number": number}
