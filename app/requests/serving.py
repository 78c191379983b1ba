"""送达 after the reply went out: 签收, 退件, 再次送达. Every attempt stays (domain.md 12.10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from app.cases import higher
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.letters.models import Letter
from app.requests import attempts, clocks, correcting, frequent, papers
from app.requests.kinds import BOUNCES, METHODS
from app.requests.models import Consultation, Delivery, Request
from app.requests.reaching import locked


@command
def again(
    tx: Tx, *, request_id: int, method: str, sent_on: date, mail_no: str, delivery_id: int | None = None
) -> dict[str, Any]:
    """再次送达 of a letter, after it came back or to make good a courier; allowed on a closed request too.

    `delivery_id` an earlier attempt of the same letter; without it the reply.
    """
    request, case = locked(tx, request_id, open_only=False)
    letter = f"{request.reply_no or ''} 答复书".strip()
    earlier = tx.session.get(Delivery, delivery_id) if delivery_id else None
    if delivery_id and (earlier is None or earlier.request_id != request.id):
        raise NotFound()
    first = earlier.sent_on if earlier is not None else request.answered_on
    if first is None:
        raise Refused("答复书还没有第一次送达，请在「送达」环节办理。")
    if not first <= sent_on <= business_date(tx.now):
        raise Refused("送出日期应在第一次送达与今天之间。", fields={"sent_on": "请核对。"})
    attempt = attempts.Attempt(method, sent_on, letter, mail_no=mail_no or None)
    if earlier is not None:
        attempt = replace(attempt, letter=earlier.letter, letter_id=earlier.letter_id, to=earlier.to)
    delivery, count = attempts.add(tx, request, attempt)
    way = attempt.kind.value
    higher.note(
        tx, case, "request.delivery", f"{tx.actor.name} 登记{attempt.letter}第 {count} 次送达（{METHODS[way]}）",
        delivery=delivery, method=way, sent_on=sent_on.isoformat(), mail_no=mail_no,
    )  # fmt: skip
    return {"case": case["id"], "said": f"已登记第 {count} 次送达。{attempt.warning or ''}"}


@command
def signed(tx: Tx, *, delivery_id: int, signed_on: date, signed_by: str) -> dict[str, Any]:
    """签收: the periods that the letter opens run from the next day."""
    row, request, case = _locked(tx, delivery_id)
    if row.signed_on is not None or row.bounced_on is not None:
        raise Refused("这一次送达已经登记过结果。")
    _between(row, signed_on, tx, "signed_on", "签收日期")
    row.signed_on, row.signed_by = signed_on, signed_by.strip()[:60]
    higher.note(
        tx, case, "request.signed", f"{tx.actor.name} 登记{row.letter}由{row.signed_by}于 {signed_on:%Y-%m-%d} 签收",
        delivery=row.id, signed_on=signed_on.isoformat(),
    )  # fmt: skip
    follows = _follows(tx, request, case, row)
    return {"case": case["id"], "said": f"已登记签收：{signed_on:%Y-%m-%d}。{follows}"}


def _follows(tx: Tx, request: Request, case: dict[str, Any], row: Delivery) -> str:
    """What runs from the day a letter was received: each kind has its own period."""
    letter = tx.session.get(Letter, row.letter_id) if row.letter_id else None
    kind = letter.kind if letter is not None else "reply"
    assert row.signed_on is not None
    if kind == "L3":
        return correcting.signed_for(tx, request, case["data"], row.signed_on)
    if kind == "L12":
        return frequent.signed_for(tx, request, row.signed_on)
    if kind in ("L7", "L10") and letter is not None and letter.part.isdigit():
        return _party_signed(tx, request, int(letter.part), row.signed_on)
    if kind == "reply" or kind in papers.REPLY_KINDS:
        return "申请人的复议、诉讼期限自次日起算。"
    return ""


def _party_signed(tx: Tx, request: Request, consultation_id: int, on: date) -> str:
    """The party that is asked has its letter: entered once, it counts in 征求意见 too (条例32, 34)."""
    party = tx.session.get(Consultation, consultation_id)
    if party is None or party.request_id != request.id or party.state != "sent":
        return ""
    if party.delivered_on is not None and (party.notice_on is None or party.delivered_on <= on):
        return ""
    party.delivered_on, party.delivered_how, party.notice_on = on, "signed", None
    tx.session.flush()
    return f"「{party.party}」提出意见的期限自次日起算。{clocks.said(clocks.refresh(tx, request))}"


@command
def bounced(tx: Tx, *, delivery_id: int, bounced_on: date, bounce_reason: str) -> dict[str, Any]:
    """退件, with its reason; what to do next is said."""
    row, _request, case = _locked(tx, delivery_id)
    if row.signed_on is not None or row.bounced_on is not None:
        raise Refused("这一次送达已经登记过结果。")
    letter = tx.session.get(Letter, row.letter_id) if row.letter_id else None
    if bounce_reason not in BOUNCES:
        raise Refused("请选择退件原因。", fields={"bounce_reason": "请选择。"})
    _between(row, bounced_on, tx, "bounced_on", "退回日期")
    row.bounced_on, row.bounce_reason = bounced_on, bounce_reason
    word = BOUNCES[bounce_reason]
    higher.note(
        tx,
        case,
        "request.bounced",
        f"{tx.actor.name} 登记{row.letter}退件（{word}）",
        delivery=row.id,
        reason=bounce_reason,
    )
    asks = letter is not None and letter.kind in ("L7", "L10")
    more = "仍然无法送达的，在「征求意见」中登记留置送达、公告送达或者无法送达。" if asks else ""
    return {
        "case": case["id"],
        "said": f"已登记退件（{word}）。请核实地址后再次送达，两次交邮日都会保留。{more}",
    }


def _between(row: Delivery, on: date, tx: Tx, field: str, label: str) -> None:
    if not row.sent_on <= on <= business_date(tx.now):
        raise Refused(f"{label}应在送出日期与今天之间。", fields={field: "请核对。"})


def _locked(tx: Tx, delivery_id: int) -> tuple[Delivery, Request, dict[str, Any]]:
    row = tx.session.get(Delivery, delivery_id)
    if row is None:
        raise NotFound()
    request, case = locked(tx, row.request_id, open_only=False)
    tx.session.refresh(row)
    return row, request, case
