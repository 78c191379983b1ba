"""A request as its applicant reads it: what happened, what it waits for, why the period stands still, what to do now.

Pure: from the rows of `tracking.Seen` and the clock made of them. Third parties are never named to the applicant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.portal.tracking import Seen, day_of
from app.requests.kinds import INCOMING
from workflows.law import clock, events
from workflows.law.calendar import Calendar
from workflows.law.clock import Clock, State
from workflows.law.dues import date_text
from workflows.law.events import ConsultationKind
from workflows.law.replies import REPLIES
from workflows.law.settings import LawSettings

#: the six milestones in the order of the road
STEPS = ("已提交", "已确认收到", "办理中", "已答复", "办结")


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing that happened, in plain words: `kind` done | current | note, as `ui.timeline` draws it."""

    act: str
    at: str
    text: str = ""
    kind: str = "done"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the page shows. `waits` is correction | payment | reasons | None: what the applicant can hand in now."""

    number: str
    state_word: str
    lead: str
    steps: list[dict[str, str]]
    milestones: list[Milestone]
    due_text: str
    due_why: str
    paused: str
    used: int | None
    waits: str | None
    wait_until: date | None
    outcome: str = ""
    fee: int | None = None


def clock_of(seen: Seen, days: Calendar, settings: LawSettings, today: date) -> Clock | None:
    """The clock of the request as it stands; None before the day of receipt is known."""
    received = seen.request["received_on"]
    if received is None:
        return None
    opinions = [
        events.Consultation(
            on=row.sent_on,
            kind=ConsultationKind(row.kind),
            delivered=row.delivered_on,
            returned=row.returned_on,
        )
        for row in seen.asked
    ]
    return clock.compute(
        received, [*events.from_json(list(seen.events)), *opinions], days, settings, as_of=today
    )


def progress(seen: Seen, state: Clock | None, today: date) -> Progress:
    """The request as its applicant reads it on `today`."""
    request = seen.request
    waits, until = _waits(seen, state)
    live = request["state"] == "open"
    fee = next((row for row in reversed(seen.of("fee"))), None)
    due_text, due_why = _due(request, state) if live and waits not in ("correction", "payment") else ("", "")
    return Progress(
        number=request["number"] or request["incoming_number"] or "",
        state_word=_state_word(request, state),
        lead=_lead(request, state, waits, until),
        steps=_steps(request),
        milestones=_milestones(seen, state, today),
        due_text=due_text,
        due_why=due_why,
        paused=_paused(state) if live else "",
        used=state.used if state is not None and live else None,
        waits=waits,
        wait_until=until,
        outcome=REPLIES[request["outcome"]].name if request["outcome"] and request["answered_on"] else "",
        fee=fee.amount if fee is not None and waits == "payment" else None,
    )


def _waits(seen: Seen, state: Clock | None) -> tuple[str | None, date | None]:
    if state is None or seen.request["state"] != "open":
        return None, None
    if state.state is State.WAITING_CORRECTION:
        return "correction", state.correction_deadline
    if state.state is State.WAITING_FEE:
        return "payment", state.fee_due.date if state.fee_due else None
    names = [item.get("t") for item in seen.events]
    if "reason_requested" in names and "reason_received" not in names:
        return "reasons", None
    return None, None


def _state_word(request: Mapping[str, Any], state: Clock | None) -> str:
    if request["state"] == "unconfirmed":
        return "已提交，待确认"
    if request["state"] == "open":
        return {
            State.WAITING_CORRECTION: "等待您补正",
            State.WAITING_FEE: "等待您缴费",
            State.PAUSED: "办理中，期限暂停计算",
        }.get(state.state if state else State.RUNNING, "办理中")
    return {"answered": "已答复", "closed": "办结", "dropped": "不按申请办理"}[request["state"]]


def _lead(request: Mapping[str, Any], state: Clock | None, waits: str | None, until: date | None) -> str:
    by = f"，请在 {date_text(until)}前办理" if until else ""
    if waits == "correction":
        return f"申请的内容还需要补充或者说明{by}。在本页下方就能提交，不必再写一份申请。"
    if waits == "payment":
        return f"需要缴纳信息处理费{by}。缴费后，答复期限重新计算。"
    if waits == "reasons":
        return "受理机关请您说明申请的理由（条例第三十五条）。在本页下方就能提交；这段时间答复期限照常计算。"
    if request["state"] == "unconfirmed":
        return "工作人员会按您留下的联系方式与您确认。双方确认之日为收到申请之日，答复期限从次日起算（条例第三十一条）。"
    if request["state"] == "answered":
        return "答复已经送出，可以在本页下载。"
    if request["state"] == "dropped":
        to = f"，已转{request['routed_to']}" if request["routed_to"] else ""
        word = INCOMING.get(request["incoming_kind"] or "", "其他")
        return f"经核对，这份材料属于{word}{to}，不按政府信息公开申请办理。"
    return ""


def _steps(request: Mapping[str, Any]) -> list[dict[str, str]]:
    # answered: filing comes after it, which is the office's own; nothing is closed yet
    at = {"unconfirmed": 1, "open": 2, "answered": 3, "closed": 5, "dropped": 5}[request["state"]]
    days = [request["arrived_on"], request["received_on"], None, request["answered_on"], request["closed_on"]]
    made = []
    labels = ("已提交", "待确认", *STEPS[2:]) if at == 1 else STEPS
    for place, (label, on) in enumerate(zip(labels, days, strict=True)):
        known = "done" if place < at else "current" if place == at else "todo"
        reached = on and (known == "done" or label == "已答复")
        made.append({"label": label, "state": known, "who": on.isoformat() if on and reached else ""})
    return made


def _due(request: Mapping[str, Any], state: Clock | None) -> tuple[str, str]:
    if state is None or state.reply_due is None:
        return "", ""
    due = state.reply_due
    if due.date is None:
        return f"待定，不早于 {date_text(due.not_before)}", due.cause
    left = state.remaining.text if state.state is State.RUNNING else ""
    return date_text(due.date, makeup=due.makeup), left


def _paused(state: Clock | None) -> str:
    if state is None or state.state is not State.PAUSED:
        return ""
    asked = [o.event.kind for o in state.opinions if o.covers(state.as_of)]
    why = "；".join(dict.fromkeys(_PAUSES[kind][1] for kind in asked))
    since = f"自 {state.paused_since:%Y-%m-%d} 起" if state.paused_since else "现在"
    return f"{since}，答复期限暂停计算。{why}"


#: whom the office asks -> what the applicant reads, and why the period stands still
_PAUSES = {
    ConsultationKind.THIRD: (
        "征求第三方意见",
        "公开您申请的信息可能影响他人的合法权益，依法要先书面征求他的意见，所需时间不计入答复期限（条例第三十二条、第三十三条）。",
    ),
    ConsultationKind.JOINT: (
        "征求共同制作机关意见",
        "您申请的信息由几个机关共同制作，依法征求其他机关的意见，所需时间不计入答复期限（条例第三十三条、第三十四条）。",
    ),
    ConsultationKind.OTHER: (
        "征求其他机关意见",
        "需要书面征求其他机关的意见，所需时间不计入答复期限（条例第三十三条）。",
    ),
    ConsultationKind.ASSIST: ("请其他机关协助查找", ""),
    ConsultationKind.MEETING: ("与其他机关会商", ""),
    ConsultationKind.SECRECY: ("请保密行政管理部门确定", ""),
}


def _milestones(seen: Seen, state: Clock | None, today: date) -> list[Milestone]:
    request = seen.request
    made: list[tuple[date, int, Milestone]] = [
        (
            request["arrived_on"], 0,
            Milestone("已提交", request["arrived_on"].isoformat(), f"来件号 {request['incoming_number'] or '—'}。"),
        )
    ]  # fmt: skip
    if request["received_on"]:
        number = f"登记号 {request['number']}。" if request["number"] else ""
        text = f"{number}自次日起20个工作日内答复（条例第三十三条）。"
        made.append(
            (request["received_on"], 1, Milestone("已确认收到", request["received_on"].isoformat(), text))
        )
    for item in seen.events:
        if (found := _of_event(item, state)) is not None:
            made.append((day_of(item.get("date")) or today, 2, found))
    made += [(row.on, 3, _handed(row)) for row in seen.of("answer") if row.on]
    made += _opinions(seen, state)
    if request["answered_on"]:
        made.append((request["answered_on"], 5, _answered(request)))
    if request["closed_on"]:
        made.append((request["closed_on"], 6, Milestone("办结", request["closed_on"].isoformat())))
    made.sort(key=lambda each: (each[0], each[1]))
    rest = [_now(request, state)] if request["state"] in ("unconfirmed", "open") else []
    return [each[2] for each in made] + rest


def _now(request: Mapping[str, Any], state: Clock | None) -> Milestone:
    if request["state"] == "unconfirmed":
        return Milestone("待与您确认", "", "确认之日起，答复期限从次日开始计算。", "note")
    words = {State.WAITING_CORRECTION: "等待您补正", State.WAITING_FEE: "等待您缴费"}
    return Milestone(words.get(state.state, "办理中") if state else "办理中", "", "", "current")


def _handed(row: Any) -> Milestone:
    return Milestone(
        f"您提交了{row.label or '材料'}",
        row.on.isoformat(),
        f"来件号 {row.number}。收到的日期由工作人员核对后确定。",
    )


def _answered(request: Mapping[str, Any]) -> Milestone:
    name = REPLIES[request["outcome"]].name if request["outcome"] else ""
    text = f"答复结果：{name}。" if name else ""
    return Milestone("已答复", request["answered_on"].isoformat(), text, note=request["reply_no"] or "")


def _of_event(item: Mapping[str, Any], state: Clock | None) -> Milestone | None:
    """One event of the clock in plain words; None for what the applicant reads elsewhere."""
    at = str(item.get("date") or "")
    until = day_of(item.get("deadline")) or day_of(item.get("until"))
    by = date_text(until) if until else ""
    texts: dict[str, tuple[str, str]] = {
        "correction_issued": ("请您补正", f"请在{by}前补充。逾期不补正又没有正当理由的，视为放弃申请（条例第三十条）。"
                              if by else "请按补正告知书补充。"),
        "correction_received": ("已收到您的补正", "答复期限从收到补正之日的次日起重新计算20个工作日（条例第三十条）。"),
        "correction_lapsed": ("逾期未补正", "视为放弃申请，不再处理（条例第三十条）。"),
        "extension": ("延期答复", f"经批准，答复期限延长{item.get('days')}个工作日（条例第三十三条）。"),
        "delay": ("延迟答复", f"因申请的数量、频次较多，延迟到{by}前答复（条例第三十五条）。"),
        "ordered": ("重新办理", f"按照行政复议决定或者人民法院判决，在{by}前重新答复。"),
        "reason_requested": ("请您说明理由", "申请的数量、频次较多，请说明理由（条例第三十五条）。答复期限照常计算。"),
        "reason_received": ("已收到您说明的理由", ""),
        "fee_notice": ("请您缴纳信息处理费", "缴费后，答复期限从次日起重新计算（条例第四十二条）。"),
        "fee_paid": ("已收到您的缴费", "答复期限从次日起重新计算20个工作日。"),
        "fee_lapsed": ("逾期未缴费", "视为放弃申请，不再处理（条例第四十二条）。"),
        "withdrawn": ("您撤回了申请", ""),
    }  # fmt: skip
    words = texts.get(str(item.get("t")))
    return Milestone(words[0], at, words[1]) if words else None


def _opinions(seen: Seen, state: Clock | None) -> list[tuple[date, int, Milestone]]:
    made = []
    for row in seen.asked:
        act, why = _PAUSES[ConsultationKind(row.kind)]
        made.append((row.sent_on, 3, Milestone(act, row.sent_on.isoformat(), why)))
        if row.returned_on:
            came = {"none": "到期没有收到意见", "unreached": "征求意见书无法送达"}.get(
                row.opinion or "", "已收到意见"
            )
            text = f"{came}，答复期限从次日起继续计算。" if why else f"{came}。"
            made.append((row.returned_on, 4, Milestone(f"{act}结束", row.returned_on.isoformat(), text)))
    for opinion in state.opinions if state else ():
        if opinion.silent and opinion.event.returned is None and opinion.pause and not opinion.open:
            end = opinion.pause[1]
            text = "期限内没有收到意见，答复期限从次日起继续计算。"
            made.append(
                (end, 4, Milestone(f"{_PAUSES[opinion.event.kind][0]}期限届满", end.isoformat(), text))
            )
    today = state.as_of if state else None
    return [each for each in made if today is None or each[0] <= today]


def summary(rows: Sequence[Milestone]) -> list[dict[str, str]]:
    """For `ui.timeline`."""
    return [{"act": r.act, "at": r.at, "text": r.text, "kind": r.kind, "note": r.note} for r in rows]


__all__ = ["STEPS", "Milestone", "Progress", "clock_of", "progress", "summary"]
