"""延期答复 (条例33②): once, at most twenty working days, agreed to by the head of 工作机构 before the period ends."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from app import calendar
from app.cases import higher
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.requests import clocks, papers
from app.requests.models import Extension, Request
from app.requests.reaching import locked
from workflows.law import clock, events
from workflows.law.dues import Due

KIND = "extension"
MOST_DAYS = 20


def obstacle(request: Request, state: clock.Clock | None, earlier: bool, today: date) -> str | None:
    """Why 延期 is not possible now, as a sentence for a disabled button; None when it is."""
    if request.state != "open" or state is None:
        return "还没有起算答复期限，或者已经答复，不能延期。"
    if earlier:
        return "只能延期一次（条例第三十三条），本件已经延期或者正在报批。"
    if state.state in (clock.State.WAITING_CORRECTION, clock.State.WAITING_FEE):
        return "正在等待申请人补正或者缴费，之后重新起算，现在不用延期。"
    due = state.reply_due
    if due is not None and due.date is not None and today > due.date:
        return f"答复期限 {due.date:%Y-%m-%d} 已过，不能再延期（条例第三十三条）。请尽快答复。"
    return None


def foresee(session: Any, request: Request, days: int, today: date) -> tuple[Due | None, Due | None]:
    """The due day now, and with so many more working days."""
    now = clocks.compute(session, request, today)
    if now is None:
        return None, None
    later = clock.compute(
        now.received_on,
        [*clocks.events_of(session, request.id), events.Extension(on=today, days=days)],
        calendar.current(),
        now.settings,
        as_of=today,
    )
    return now.reply_due, later.reply_due


def _earlier(tx: Tx, request: Request) -> bool:
    query = sa.select(Extension.id).where(
        Extension.request_id == request.id, Extension.state.in_(("asked", "approved"))
    )
    return tx.session.scalar(query.limit(1)) is not None


@command
def ask(tx: Tx, *, request_id: int, days: int, reason: str) -> dict[str, Any]:
    """Ask for an extension: the head of 工作机构 gets it as a sub-item with both dates."""
    request, case = locked(tx, request_id)
    today = business_date(tx.now)
    wrong: dict[str, str] = {}
    if not 1 <= days <= MOST_DAYS:
        wrong["days"] = f"延长 1 至 {MOST_DAYS} 个工作日（条例第三十三条）。"
    if not reason.strip():
        wrong["reason"] = "请写明延期的理由，理由会写进告知书。"
    if wrong:
        raise Refused("延期还不能报批，见标红处。", fields=wrong)
    state = clocks.compute(tx.session, request, today)
    if (why := obstacle(request, state, _earlier(tx, request), today)) is not None:
        raise Refused(why)
    sub = higher.SubItem(KIND, "延期答复审批", "work", "disclosure_head", request.due_on)
    item_id, target = higher.open_item(tx, case, sub)
    old, new = foresee(tx.session, request, days, today)
    row = Extension(
        request_id=request.id, days=days, reason=reason.strip()[:500], state="asked", item_id=item_id,
        old_due=old.date if old else None, new_due=new.date if new else None,
        asked_by=tx.actor.person_id, asked_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    higher.note(
        tx, case, "request.extension_ask", f"{tx.actor.name} 报请延期答复 {days} 个工作日", extension=row.id,
        days=days, reason=row.reason,
    )  # fmt: skip
    return {"case": case["id"], "said": f"已送 {target.sentence}批准延期。批准并告知申请人后，延期才生效。"}


@command
def decide(tx: Tx, *, item_id: int, agree: bool, opinion: str) -> dict[str, Any]:
    """The head of 工作机构 agrees or not. The extension counts from the day it was agreed to and told (条例33②)."""
    item, case = higher.lock_sub_item(tx, item_id, KIND)
    row = tx.session.scalars(sa.select(Extension).where(Extension.item_id == item_id)).first()
    if row is None:
        raise NotFound()
    request = tx.session.get_one(Request, row.request_id, populate_existing=True)
    if row.asked_by == tx.actor.person_id:
        raise NotAllowed(
            "延期由政府信息公开工作机构负责人批准，报请人不能批准自己的报请。请由他人批准或者线下签批。"
        )
    if not agree and not opinion.strip():
        raise Refused("不同意延期的，请写明意见。", fields={"opinion": "必填。"})
    today = business_date(tx.now)
    if agree:
        due = request.due_on
        if due is not None and today > due:
            raise Refused(
                f"答复期限 {due:%Y-%m-%d} 已过，不能再批准延期（条例第三十三条）。请退回并尽快答复。"
            )
        clocks.add(tx, request, events.Extension(on=today, days=row.days, document="延期答复告知书"))
        tx.session.flush()
    row.state, row.decided_by, row.decided_at = "approved" if agree else "refused", tx.actor.person_id, tx.now
    row.opinion, row.told_on = opinion.strip()[:500] or None, today if agree else None
    state = clocks.refresh(tx, request)
    row.new_due = request.due_on
    tx.session.flush()
    if agree:
        papers.extension_letter(tx, request)
    word = "同意延期" if agree else "不同意延期"
    higher.close_item(tx, item, word, row.opinion)
    higher.note(
        tx, case, "request.extension_decide", f"{tx.actor.name} {word} {row.days} 个工作日", extension=row.id,
        old_due=row.old_due.isoformat() if row.old_due else None,
        new_due=row.new_due.isoformat() if row.new_due else None, opinion=row.opinion,
    )  # fmt: skip
    told = (
        f"已同意延期，请在今天内把《延期答复告知书》送达申请人。{clocks.said(state)}"
        if agree
        else "已退回，不延期。"
    )
    return {"case": case["id"], "request": request.id, "said": told}
