"""What a letter of this case is filled with: the facts as rows have them, under the names the letter texts use.

Nothing is written here that the office has not entered or the law computed; what is missing stays empty, and the
letter's check names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import calendar
from app.accounts.directory import directory
from app.core.command import Tx
from app.core.now import today
from app.letters import filling as letter_filling
from app.letters import texts
from app.letters.composing import organ_values
from app.letters.folder import folder
from app.letters.models import Letter
from app.requests import clocks, docket
from app.requests.kinds import CHANNELS, CONSULTED, OPINIONS
from app.requests.models import Consultation, Extension, Matter, Request, Search
from workflows.law import events
from workflows.law.clock import Clock
from workflows.law.counting import CORRECTION_NOTICE_DAYS
from workflows.law.grounds import ground

#: what the office enters per matter, by outcome: the names of `app/letters/texts/fields.toml`
ENTERED: dict[str, tuple[str, ...]] = {
    "R1": ("published_where",),
    "R2": ("supplied", "supply_way", "supply_later"),
    "R3": (),
    "R3p": ("supplied", "supply_way"),
    "R4": ("search_scope", "search_method", "search_result"),
    "R5": ("not_ours_reason", "owner_name", "owner_contact"),
    "R6": ("previous_no", "previous_on"),
    "R7": ("special_law", "special_channel"),
    "R8": ("making_reason",),
    "R9": ("nature_reason", "proper_channel"),
    "R10": ("nature_reason", "publication_where"),
    "R11": ("frequent_facts", "unreasonable_reason"),
    "R12": ("nature_reason",),
    "R13": ("unclear_reason",),
    "R14": (),
    "R15": (),
    "R16": ("ended_reason",),
}
LISTS = frozenset({"supplied"})
#: what search records tell, all of them: those of the units and those of the step itself
_SEARCHES = frozenset({"search_scope", "search_method", "search_result"})
#: of what is entered, what the steps of the process ask already
_STEPS = tuple(sorted({key for keys in ENTERED.values() for key in keys} - LISTS - _SEARCHES))
SUPPLY_WAYS = {
    "paper": "随本答复书以纸质复印件提供",
    "electronic": "以电子文件形式提供",
    "inspect": "在本机关政府信息公开工作机构查阅、抄录",
    "any": "随本答复书提供",
}


def common(request: Request) -> dict[str, Any]:
    """Who, what, when: the same in every letter of the case."""
    subject = directory().organ(request.subject_id)
    who = request.applicant
    return {
        "you": "你" if request.applicant_kind == "person" else "你单位",
        "we": "本机关",
        "applicant": who.get("name") or "",
        "address": who.get("address") or "",
        "organ": subject.name,
        "receipt_no": request.number or "",
        "received_on": _iso(request.received_on),
        "applied_on": _iso(request.arrived_on),
        "channel": CHANNELS.get(request.channel, ""),
        "content": request.content,
        "due_on": _iso(request.due_on),
        "reply_name": "答复",
    }


def fields(
    tx: Tx, request: Request, matters: Sequence[Matter], whole: str, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything the reply letter of outcome `whole` may name.

    What a matter says prevails over what earlier steps of the case said (`data`: the case's answers).
    """
    earlier = {key: data[key] for key in _STEPS if isinstance(data.get(key), str) and data[key]}
    own = [m for m in matters if _answered_by(whole, m)]
    rest = [m for m in matters if m not in own]
    base = common(request) | earlier
    searched = _searched(tx.session, request)
    found = base | searched | _entered(own)
    files = [str(each["name"]) for each in data.get("supplied") or [] if isinstance(each, dict)]
    if files:
        found.setdefault("supplied", files)
    found |= _refused(own) | _ended(tx, request, whole)
    found.setdefault("supply_way", SUPPLY_WAYS[request.supply])
    base |= searched | {"supply_way": found["supply_way"]}
    if whole == "R3p":
        found |= _in_parts(own, rest, found, base)
        rest = [m for m in rest if m.outcome != "R1"]
    found["others"] = [_told(m, base) for m in rest]
    found["remedy_kind"] = _remedy(matters) if len({m.outcome for m in matters}) > 1 else None
    found["without_remedy"] = not found["remedy_kind"] and leaves_remedy_out(request.organ_id, whole)
    if whole == "R11":
        found["month_count"] = _count_of_month(tx.session, request)
    return found


def _answered_by(whole: str, matter: Matter) -> bool:
    """Whether the letter of the whole outcome answers this matter by its own text; the others get a sentence each."""
    if whole == "R3p":
        return bool(matter.grounds) or matter.outcome in ("R2", "R3p")
    return matter.outcome == whole


def _told(matter: Matter, base: Mapping[str, Any]) -> str:
    """The sentence that answers a matter beside the letter's own; what is missing leaves a gap that stops the signing."""
    values = {**base, **_entered([matter]), **_refused([matter]), "content": matter.text.rstrip("。；")}
    code = "R3" if matter.grounds else str(matter.outcome)
    return letter_filling.fill(texts.others()[code], values, texts.fields())


def _in_parts(
    own: Sequence[Matter], rest: Sequence[Matter], found: Mapping[str, Any], base: Mapping[str, Any]
) -> dict[str, Any]:
    """What is open and what is withheld, matter by matter; what is public already stands with what is open."""
    public = [_told(m, base) for m in rest if m.outcome == "R1"]
    given = [m for m in own if m.outcome in ("R2", "R3p")]
    supplied = list(found.get("supplied") or [m.text for m in given if not m.grounds]) if given else []
    made: dict[str, Any] = {
        "withheld": [_withheld(m) for m in own if m.grounds],
        "supplied": [*supplied, *public],
    }
    if not given:
        made["supply_way"] = "按上列方式、途径获取"
    return made


def _remedy(matters: Sequence[Matter]) -> str:
    """Text A for what 14 to 16 withhold, B for everything else (复议法23①(四); domain.md 4.4)."""
    withheld = any(m.grounds for m in matters)
    other = any(not m.grounds or m.outcome == "R3p" for m in matters)
    return "A+B" if withheld and other else "A" if withheld else "B"


#: outcomes of which a lecture says that they touch nobody's rights (domain.md 4.4); R11 and R12 are not among them
_WITHOUT_EFFECT = frozenset({"R6", "R7", "R9", "R10"})


def leaves_remedy_out(organ_id: int, whole: str) -> bool:
    """Whether the office chose to leave the remedy text out of this outcome's letter; only B* allows it."""
    law = clocks.law_settings(organ_id)
    if whole == "R16":
        return not law.remedy_withdrawn
    return whole in _WITHOUT_EFFECT and not law.remedy_without_effect


def _entered(matters: Sequence[Matter]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for matter in matters:
        for key, value in matter.facts.items():
            if key in LISTS:
                lines = [line.strip() for line in str(value).splitlines() if line.strip()]
                found[key] = [*found.get(key, []), *lines]
            elif value:
                found[key] = (
                    f"{str(found[key]).rstrip('。；')}；{value}"
                    if found.get(key) and found[key] != value
                    else value
                )
    return found


def _searched(session: Session, request: Request) -> dict[str, Any]:
    """检索范围、方法、结果 from the search records, for where no matter says otherwise."""
    rows = session.scalars(sa.select(Search).where(Search.request_id == request.id).order_by(Search.id)).all()
    parts = {
        "search_scope": [row.scope for row in rows],
        "search_method": [row.method for row in rows],
        "search_result": [row.result or "" for row in rows],
    }
    return {
        key: "；".join(dict.fromkeys(text.rstrip("。；") for text in said if text))
        for key, said in parts.items()
        if any(said)
    }


def _refused(matters: Sequence[Matter]) -> dict[str, Any]:
    codes = list(dict.fromkeys(code for m in matters for code in m.grounds))
    reasons = list(dict.fromkeys(m.reason for m in matters if m.grounds and m.reason))
    if not codes:
        return {}
    return {
        "ground_text": "；".join(ground(code).label.split("：")[0] for code in codes),
        "ground_article": "、".join(
            dict.fromkeys(ground(code).article.removeprefix("条例") for code in codes)
        ),
        "refuse_reason": "；".join(reason.rstrip("。；") for reason in reasons),
    }


def _withheld(matter: Matter) -> str:
    articles = "、".join(dict.fromkeys(ground(code).article.removeprefix("条例") for code in matter.grounds))
    reason = (matter.reason or "").rstrip("。；")
    return f"{matter.text}：{reason}，依据《中华人民共和国政府信息公开条例》{articles}，不予公开。"


def _ended(tx: Tx, request: Request, whole: str) -> dict[str, Any]:
    """How an application ended without an answer: the notice, its day, the day that passed."""
    if whole not in ("R14", "R15", "R16"):
        return {}
    kinds = {"R14": "correction_issued", "R15": "fee_notice", "R16": "withdrawn"}
    known = docket.of_case(tx, request.case_id)
    newest = known.newest(kinds[whole])
    data = newest.data if newest is not None else {}
    if whole == "R16":
        you, how = common(request)["you"], str(data.get("document") or "").rstrip("。；")
        return {
            "ended_on": data.get("date"),
            "ended_reason": f"{you}撤回了该申请" + (f"（{how}）" if how else ""),
        }
    due = None
    if whole == "R14" and newest is not None:
        (issued,) = events.from_json([data])
        assert isinstance(issued, events.CorrectionIssued)
        due = _iso(issued.last_day(calendar.current()))
    if whole == "R15":
        due = _iso(known.fee.due_on) if known.fee else None
    notice = _notice(tx, request, "L3" if whole == "R14" else "L12")
    return {
        "notice_no": notice.number if notice is not None else None,
        "notice_on": data.get("delivered"),
        "lapsed_due": due,
    }


def _notice(tx: Tx, request: Request, kind: str) -> Letter | None:
    """The notice of a kind that went out last."""
    sent = [row for row in folder(tx, request.case_id) if row.kind == kind and row.state == "issued"]
    return sent[-1] if sent else None


def _count_of_month(session: Session, request: Request) -> int:
    from app.requests.applicants import of_month

    return of_month(session, request.applicant_id, request.received_on or request.arrived_on)


# --- letters on the way -----------------------------------------------------------------------------------------


def step_fields(tx: Tx, request: Request, kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a procedural letter (L2 … L12); `said` are the answers of the step that writes it."""
    entered = {key: value for key, value in said.items() if value not in (None, "")}
    entered.pop("receipt_no", None)  # of a payment; letters mean 登记号 by it
    found = common(request) | entered
    if kind == "L3":
        items = str(said.get("correction_items") or said.get("lacking_note") or "")
        found["correction_items"] = [line.strip() for line in items.splitlines() if line.strip()]
        law = clocks.law_settings(request.organ_id)
        found["correction_days"] = int(said.get("correction_days") or law.correction_length)
        found["notice_late"] = notice_late(request, today())
        found["correction_unit"] = _UNITS[law.correction_unit]
    elif kind == "L4":
        row = tx.session.scalars(
            sa.select(Extension).where(Extension.request_id == request.id).order_by(Extension.id.desc())
        ).first()
        if row is not None:
            found |= {
                "extend_days": row.days, "old_due": _iso(row.old_due), "new_due": _iso(row.new_due),
                "extend_reason": row.reason,
                "approver": "本机关政府信息公开工作机构负责人",
            }  # fmt: skip
    elif kind == "L12":
        fee = docket.of_case(tx, request.case_id).fee
        if fee is not None:
            unit = "件" if fee.mode == "item" else "页"
            found |= {
                "fee_mode": "按件计收" if fee.mode == "item" else "按量计收", "fee_quantity": f"{fee.quantity}{unit}",
                "fee_detail": "；".join(fee.derivation), "fee_yuan": fee.yuan, "fee_period": _fee_period(request),
            }  # fmt: skip
    return found


def notice_late(request: Request, on: date) -> str:
    """Not empty when a notice of that day starts nothing anew (条例30; domain.md 1.6): the letter must not promise it."""
    if request.received_on is None or clocks.law_settings(request.organ_id).late_correction_restarts:
        return ""
    last = calendar.current().reach(request.received_on, CORRECTION_NOTICE_DAYS).date
    return "是" if last is not None and on > last else ""


_UNITS = {"workday": "个工作日", "day": "日"}


def _fee_period(request: Request) -> str:
    """As the clock counts it: from the day after receipt, in the unit the office has set (109号第六条【未核实】)."""
    law = clocks.law_settings(request.organ_id)
    return f"自收到本通知书次日起{law.fee_payment_length}{_UNITS[law.fee_payment_unit]}内"


def party_fields(request: Request, row: Consultation) -> dict[str, Any]:
    """The fields of L7, L9, L10: never who applied."""
    found = common(request)
    for key in ("applicant", "address"):
        found[key] = ""
    return found | {
        "third_party": row.party,
        "joint_organ": row.party,
        "consult_content": row.content,
        "opinion_days": clocks.law_settings(request.organ_id).other_opinion_length,
        "decided_content": row.content,
        "consulted": CONSULTED.get(row.kind, ""),
        "opinion_summary": row.opinion_text or OPINIONS.get(row.opinion or "", ""),
        "sent_on": _iso(row.sent_on),
    }


def receipt_fields(request: Request, state: Clock | None) -> dict[str, Any]:
    """The fields of L2. How to ask for progress is what this organ really offers; nothing where it offers nothing."""
    subject = directory().organ(request.subject_id)
    ways = []
    if (subject.settings.get("portal") or {}).get("open"):
        ways.append("凭登记号和联系电话（或者证件号码）的后四位，在本机关政府信息公开网站查询")
    if organ_values(subject)["contact"]:
        ways.append("拨打下列电话查询")
    due = _iso(request.due_on)
    if state is not None and state.reply_due is not None and state.reply_due.date is None:
        due = None
    return common(request) | {"due_on": due, "query_how": "，或者".join(ways)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
