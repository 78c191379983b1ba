"""What lower rooms ask of cases without importing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from app import accounts, documents, processes
from app.accounts import deputies
from app.cases import phrases, queries, showing
from app.cases.models import Case, WorkItem
from app.cases.service import handing
from app.core.actor import Actor
from app.core.command import Tx
from app.core.errors import NotFound
from app.core.now import local_text, today
from app.notices import queries as notices
from app.notices.service import KINDS, Note, enqueue
from app.processes import queries as process_queries

STATUS = {"open": "在办", "done": "办结", "void": "作废"}


def may_see_case(session: Session, actor: Actor, case_id: int) -> bool:
    """Whether the person may see the case (and therefore its files)."""
    try:
        queries.case(session, case_id, actor)
    except NotFound:
        return False
    return True


def cases_of(session: Session, actor: Actor, document_id: int) -> Sequence[dict[str, Any]]:
    """The cases of a document that the person may see."""
    rows = session.scalars(sa.select(Case).where(Case.document_id == document_id).order_by(Case.id))
    return [
        {
            "label": f"{row.number} {row.title}",
            "url": url_for("cases.case", case_id=row.id),
            "status": STATUS[row.status],
            "at": local_text(row.opened_at),
        }
        for row in rows
        if may_see_case(session, actor, row.id)
    ]


def opinions_of(session: Session, case_id: int) -> Sequence[dict[str, Any]]:
    """The opinions of a case for a printed sheet."""
    return phrases.with_images(session, showing.opinions(queries.history(session, case_id)))


def still_asks(notice: Any) -> sa.ColumnElement[bool]:
    """Whether the work item of a notice still waits for those it told: open, and nobody else holds it.

    One that only watches (`about` is watch: who is above the holder was told) stands while the item is open.
    """
    held = WorkItem.holder_id == notice.person_id
    waits = sa.and_(WorkItem.holder_id.is_(None), WorkItem.post_id == notice.post_id)
    watched = notice.about == "watch"
    is_open = sa.exists().where(
        WorkItem.id == notice.item_id, WorkItem.status == "open", sa.or_(watched, held, waits)
    )
    return sa.and_(sa.or_(notice.about.is_(None), watched), is_open)


def case_is_open(notice: Any) -> sa.ColumnElement[bool]:
    """Whether the case a notice is about (`about` is case) still runs."""
    is_open = sa.exists().where(Case.id == notice.item_id, Case.status == "open")
    return sa.and_(notice.about == "case", is_open)


def held_work(session: Session, person_id: int) -> Sequence[str]:
    """What a person who is about to leave still holds."""
    found = handing.held(session, person_id, today())
    parts = (
        (found.items, "手上还有 {} 件待办，停用后须由单位管理员在「待处置」改派。"),
        (found.cases, "经办的办件还有 {} 件没有办结，退回时会没有人接。"),
        (found.arrangements, "还有 {} 项代理没有结束。"),
    )
    return [words.format(len(rows)) for rows, words in parts if rows]


def process_names(session: Session) -> dict[str, str]:
    """The processes an arrangement may be limited to: those that cases run, not those that only others call."""
    runtimes = [processes.active(key) for key in process_queries.startable(session)]
    called = {key for each in runtimes for key in each.packages if key != each.key}
    return {each.key: each.name for each in runtimes if each.startable or each.key not in called}


def tell_of_arrangement(tx: Tx, person_id: int, words: str, key: str) -> None:
    """Tell a person that somebody stands in, or that he does."""
    enqueue(tx, [Note("deputy", words, "/deputies", person_id, None, key)])


KINDS["deputy"] = "代理"
deputies.process_names.append(process_names)
deputies.tell.append(tell_of_arrangement)
accounts.before_deactivate.append(held_work)
documents.hooks.may_see_case.append(may_see_case)
documents.hooks.cases_of.append(cases_of)
documents.hooks.opinions_of.append(opinions_of)
notices.still_asks += [still_asks, case_is_open]
