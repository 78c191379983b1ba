"""How the letter that asks for an opinion reaches the party, and what is done when it cannot (条例32, 34).

The 15 working days run from the day it was received. Who refuses it is served all the same (留置), who cannot be found by a
public notice (公告): 条例 is silent, so the rules of 民事诉讼法 are taken by analogy【推定】. Where the office does neither,
it records that nothing can reach the party and decides by itself (条例32末句): nobody's clock waits for a dead address.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from app.core.command import Tx, command
from app.core.errors import Refused
from app.core.now import business_date
from app.letters.models import Letter
from app.requests import applicants, clocks
from app.requests.consulting import after, iso, locked_party
from app.requests.kinds import REACHED
from app.requests.models import Consultation, Delivery, Request
from workflows.law.service import Reached, reached_on


@command
def delivered(
    tx: Tx, *, consultation_id: int, on: date, how: str = Reached.SIGNED, note: str = ""
) -> dict[str, Any]:
    """The letter was signed for, left with the party, or announced on that day; the 15 working days follow from it.

    {case, said}. Refused before it was sent, after the opinion, and for a public notice while no letter came back.
    """
    row, request, case = locked_party(tx, consultation_id)
    if row.sent_on is None:
        raise Refused("征求意见书还没有发出。")
    if row.state == "closed":
        raise Refused("这一方的意见已经登记，签收日期不能再改。")
    wrong: dict[str, str] = {}
    if how not in REACHED:
        wrong["delivered_how"] = "请选择怎样送达的。"
    if not row.sent_on <= on <= business_date(tx.now):
        wrong["delivered_on"] = "日期应在发出日期与今天之间，请核对。"
    if how != Reached.SIGNED and (not note.strip() or len(note) > 500 or not applicants.visible(note)):
        wrong["delivery_note"] = "留置、公告送达的，请写明凭证，不超过 500 个字。"
    if wrong:
        raise Refused("送达还不能登记，见标红处。", fields=wrong)
    if how == Reached.NOTICE and not came_back(tx, request, row):
        raise Refused("其他方式无法送达的，才公告送达。请先在「送达」中登记退件。")
    way = Reached(how)
    old = row.delivered_on
    row.delivered_on = reached_on(way, on, clocks.law_settings(request.organ_id).public_notice_length)
    row.delivered_how, row.delivery_note = way.value, note.strip() or None
    row.notice_on = on if way is Reached.NOTICE else None
    word = f"登记「{row.party}」{way.label}"
    return after(
        tx, row, request, case, "request.consult_delivered", word, old=iso(old), new=iso(row.delivered_on), on=iso(on),
        how=way.value, why=row.delivery_note,
    )  # fmt: skip


@command
def unreached(tx: Tx, *, consultation_id: int, why: str) -> dict[str, Any]:
    """无法送达: the office stops waiting today, and decides without an opinion; never taken for consent. {case, said}."""
    row, request, case = locked_party(tx, consultation_id)
    today = business_date(tx.now)
    if row.state != "sent":
        raise Refused("征求意见书还没有发出，或者意见已经登记。")
    if row.delivered_on is not None and row.notice_on is None:
        raise Refused("已经登记签收，15个工作日届满没有意见的，请登记「逾期未提出意见」。")
    if not why.strip() or len(why) > 500 or not applicants.visible(why):
        raise Refused(
            "无法送达还不能登记，见标红处。", fields={"why": "请写明无法送达的情况，不超过 500 个字。"}
        )
    if not came_back(tx, request, row):
        raise Refused("还没有退件，不能登记为无法送达。请先在「送达」中登记退件，核实地址后再次送达。")
    row.opinion, row.state, row.returned_on, row.delivery_note = "unreached", "closed", today, why.strip()
    row.delivered_on = row.notice_on = row.delivered_how = None
    done = after(
        tx, row, request, case, "request.consult_unreached", f"登记「{row.party}」无法送达", on=iso(today),
        why=row.delivery_note,
    )  # fmt: skip
    decide = "不视为同意公开；是否公开由本机关依照条例决定（条例第三十二条），请在拟办意见中写明。"
    return {**done, "said": f"{done['said']}{decide}"}


def came_back(tx: Tx, request: Request, row: Consultation) -> bool:
    """Whether the letter to this party was returned at least once."""
    query = (
        sa.select(Delivery.id)
        .join(Letter, Letter.id == Delivery.letter_id)
        .where(
            Delivery.request_id == request.id,
            Delivery.bounced_on.is_not(None),
            Letter.kind.in_(("L7", "L10")),
            Letter.part == str(row.id),
        )
    )
    return tx.session.scalar(query.limit(1)) is not None
