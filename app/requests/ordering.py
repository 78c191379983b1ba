"""责令重新答复: a dated matter, linked to the first request, that counts no new intake (domain.md 12.11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import directory
from app.cases import higher
from app.cases.road import closing
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.documents import numbering
from app.requests import applicants, intake
from app.requests.applicants import Said
from app.requests.intake import INTAKE
from app.requests.models import Appeal, Matter, Request
from app.requests.opening import Application, Known, Order, open_request

SERIES = "foi_redo"
NUMBER = "{short}重答〔{year}〕{n}号"


@command
def again(
    tx: Tx, *, appeal_id: int, said: Said | None = None, application: Application | None = None
) -> dict[str, Any]:
    """Register what a decision ordered to be answered again, due on the day it says; {case, request, said}.

    The applicant and the matters are those of the first request; where that one is not in this system, `said` and
    `application` tell them. Its number is of a series of its own, and table three does not count it as received.
    """
    earlier = _lock_first(tx, appeal_id)
    row = tx.session.get(Appeal, appeal_id, with_for_update=True, populate_existing=True)
    if row is None or tx.actor.organ_id != row.organ_id:
        raise NotFound()
    if not any(tx.actor.holds(kind, row.organ_id) for kind in INTAKE):
        raise NotAllowed("重新答复由受理登记岗登记。如工作需要，请联系本单位的单位管理员。")
    if row.redo_id is not None:
        raise Refused("重新答复已经登记过，请从这件复议、诉讼的页面打开。")
    if row.redo_by is None or row.decided_on is None:
        raise Refused("还没有登记责令重新答复的结果和期限，请先登记结果。")
    if earlier is not None:
        known = Known(earlier.applicant_id, earlier.applicant_kind, dict(earlier.applicant))
        application = _same(earlier, row)
    elif said is not None and application is not None:
        known = Known(applicants.keep(tx, row.organ_id, said), said.kind, applicants.snapshot(said))
        application = replace(application, subject_id=row.subject_id, arrived_on=row.decided_on)
    else:
        raise Refused("原申请不在本系统，请填写申请人和申请内容。")
    intake.check(application, row.decided_on)
    return _open(tx, row, application, known, earlier)


def _lock_first(tx: Tx, appeal_id: int) -> Request | None:
    request_id = tx.session.scalar(sa.select(Appeal.request_id).where(Appeal.id == appeal_id))
    if request_id is None:
        return None
    found = tx.session.get_one(Request, request_id)
    higher.lock(tx, found.case_id)
    return found


def _same(earlier: Request, row: Appeal) -> Application:
    assert row.decided_on is not None
    return Application(
        subject_id=earlier.subject_id,
        content=earlier.content,
        channel=earlier.channel,
        arrived_on=row.decided_on,
        supply=earlier.supply,
        delivery=earlier.delivery,
        oral=earlier.oral,
    )


def _open(
    tx: Tx, row: Appeal, application: Application, known: Known, earlier: Request | None
) -> dict[str, Any]:
    assert row.redo_by is not None and row.decided_on is not None
    people = directory()
    subject = people.organ(application.subject_id)
    n = numbering.assign(tx, SERIES, subject.id, row.decided_on.year)
    number = NUMBER.format(short=subject.short_name, year=row.decided_on.year, n=n)
    order = Order(
        row.redo_by, f"{row.body}{row.decided_no or ''}"[:120], number, earlier.id if earlier else None
    )
    made, journey = open_request(
        tx, people.organ(row.organ_id), application, known, case_no=number, incoming_id=None, order=order
    )
    if earlier is not None:
        _copy_matters(tx, earlier.id, made["request"])
        first = higher.lock(tx, earlier.case_id)
        summary = f"{tx.actor.name} 登记责令重新答复：{number}，期限 {row.redo_by:%Y-%m-%d}"
        higher.note(tx, first, "appeal.redo", summary, appeal=row.id, request=made["request"])
    row.redo_id = made["request"]
    tx.session.flush()
    told = f"已登记重新答复 {number}，期限 {row.redo_by:%Y-%m-%d}，不计新收。"
    return {"case": journey.case["id"], "request": made["request"], "said": closing(journey, told)}


def _copy_matters(tx: Tx, earlier_id: int, request_id: int) -> None:
    """The matters as they were asked; their outcomes are to be decided anew."""
    texts = list(
        tx.session.scalars(sa.select(Matter.text).where(Matter.request_id == earlier_id).order_by(Matter.seq))
    )
    if len(texts) < 2:
        return
    tx.session.execute(sa.delete(Matter).where(Matter.request_id == request_id))
    for seq, text in enumerate(texts, 1):
        tx.session.add(Matter(request_id=request_id, seq=seq, text=text, grounds=[], facts={}, at=tx.now))
    tx.session.flush()
