"""Printed papers of a request, made from its rows: 登记表, 申请表, 呈批单, 送达回证, 信封, and the lists of the file.

Numbers of persons stay masked on them; whoever must see one looks it up, and that look is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.cases import queries as case_queries
from app.cases import showing as case_showing
from app.core.now import local_text, today
from app.letters import composing, printing
from app.requests import clocks, deciding, queries
from app.requests.kinds import (
    APPLICANTS,
    BOUNCES,
    CHANNELS,
    CONSULTED,
    DELIVERY,
    FOUND,
    IDENTITIES,
    METHODS,
    OPINIONS,
    SUPPLY,
)
from app.requests.models import Consultation, Delivery, Extension, Fee, Handoff, Request, Search
from workflows.law.grounds import ground
from workflows.law.replies import REPLIES


def organ_name(request: Request) -> str:
    """In whose name the papers are: 答复主体."""
    return directory().organ(request.subject_id).name


def text(value: Any) -> str:
    """A value as papers print it; nothing for None."""
    return "" if value is None else str(value)


def _who(request: Request) -> dict[str, str]:
    who = request.applicant
    return {
        "applicant": text(who.get("name")),
        "applicant_kind": APPLICANTS.get(request.applicant_kind, ""),
        "phone": text(who.get("phone_masked")),
        "postcode": text(who.get("postcode")),
        "email": text(who.get("email")),
        "address": text(who.get("address")),
        "agent": text(who.get("agent")),
        "identity": " ".join(
            part for part in (IDENTITIES.get(str(who.get("id_kind")), ""), text(who.get("id_masked"))) if part
        ),
        "content": request.content,
        "form_wanted": SUPPLY.get(request.supply, ""),
        "way_wanted": DELIVERY.get(request.delivery, ""),
        "receipt_no": request.number or "",
        "received_on": text(request.received_on),
        "due_on": text(request.due_on) or (f"待定（{request.due_why}）" if request.due_why else ""),
    }


def application(request: Request) -> bytes:
    """申请表 (L1) as it was registered."""
    said = _who(request) | {
        "applied_on": text(request.arrived_on),
        "signature": "（口头申请，由受理机构代为填写）" if request.oral else "",
    }
    return printing.application_form(said, organ=organ_name(request))


def registration(session: Session, case: Mapping[str, Any], request: Request) -> bytes:
    """登记表."""
    served = [row for row in queries.rows_of(session, Delivery, request.id)]
    last = served[-1] if served else None
    people = directory()
    said = _who(request) | {
        "channel": f"{CHANNELS.get(request.channel, '')}，{request.arrived_on} 到达",
        "events": "；".join(_happenings(session, request)),
        "outcome": REPLIES[request.outcome].name if request.outcome else "",
        "reply_no": " ".join(part for part in (request.reply_no or "", text(request.answered_on)) if part),
        "service": f"{METHODS.get(last.method, last.method)} {last.sent_on}" if last else "",
        "archive_no": text(case["data"].get("archive_no")),
        "registrar": people.name_of(case["started_by"]) if case["started_by"] else "",
        "registered_on": local_text(case["opened_at"])[:10],
    }
    return printing.registration_sheet(said, organ=organ_name(request))


def _happenings(session: Session, request: Request) -> list[str]:
    found = []
    if not request.counts:
        found.append("责令重新答复，不计新收")
    for event in clocks.events_of(session, request.id):
        name = _EVENTS.get(event.name)
        if name:
            found.append(f"{event.on} {name}" if event.on else name)
    return found


_EVENTS = {
    "correction_issued": "补正告知", "correction_received": "收到补正", "correction_lapsed": "逾期未补正",
    "extension": "延期答复", "delay": "延迟答复", "consult_sent": "征求意见", "fee_notice": "收费通知",
    "fee_paid": "缴费", "fee_lapsed": "逾期未缴费", "withdrawn": "撤回", "ordered": "责令重新答复",
}  # fmt: skip


def approval(session: Session, case: Mapping[str, Any], request: Request) -> bytes:
    """呈批单 of the reply: what is proposed, and every opinion given on the case."""
    matters = deciding.matters_of(session, request.id)
    grounds = [ground(code).title for m in matters for code in m.grounds]
    said = _who(request) | {
        "proposal": "\n".join(
            f"{REPLIES[m.outcome].name}：{m.reason or m.text}" if m.outcome else m.text for m in matters
        ),
        "outcome": REPLIES[request.outcome].name if request.outcome else "",
        "ground": "；".join(dict.fromkeys(grounds))
        or (REPLIES[request.outcome].article if request.outcome else ""),
    }
    given = case_showing.opinions(case_queries.history(session, case["id"]))
    opinions = [
        (
            o["step"],
            "。".join(part for part in (o["decision"], o["opinion"]) if part),
            "　".join(part for part in (o["post"], text(o["person"]), o["at"], _way(o)) if part),
        )
        for o in given
    ]
    return printing.approval_sheet(said, organ=organ_name(request), opinions=opinions)


def _way(o: Mapping[str, Any]) -> str:
    return "" if o["how"] == "系统" else f"（{o['how']}签批，{o['entered_by']} 回填）"


def receipt(request: Request, row: Delivery | None) -> bytes:
    """送达回证 of one attempt; an empty one to be taken along where there is none yet."""
    who = _who(request)
    said = {"applicant": who["applicant"], "receipt_no": who["receipt_no"], "address": who["address"]}
    if row is None:
        said["letters"] = f"{request.reply_no or ''} 答复书".strip()
    else:
        said |= {
            "applicant": row.to,
            "letters": row.letter,
            "method": METHODS.get(row.method, row.method),
            "mail_no": text(row.mail_no),
            "sent_on": text(row.sent_on),
            "signed_on": text(row.signed_on),
            "signed_by": text(row.signed_by),
            "returned": f"{row.bounced_on} 退回（{BOUNCES.get(row.bounce_reason or '', '')}）"
            if row.bounced_on
            else "",
            "server": directory().name_of(row.by) if row.by else "",
            "note": "；".join(part for part in (f"第 {row.attempt} 次送达", text(row.warning)) if part),
        }
    return printing.service_receipt(said, organ=organ_name(request))


def envelope(request: Request, size: str) -> bytes:
    """信封 to the applicant, or to the agent where there is one."""
    who, subject = request.applicant, directory().organ(request.subject_id)
    ours = composing.organ_values(subject)
    return printing.envelope(
        name=text(who.get("agent") or who.get("name")),
        address=text(who.get("address")),
        postcode=text(who.get("postcode")),
        sender=subject.name,
        sender_address=ours["office_address"],
        size=size,
    )


# --- lists of the file -------------------------------------------------------------------------------------------------


def derivation(session: Session, request: Request) -> bytes | None:
    """期限计算表: every day with its article; None before the day of receipt is known."""
    lines = derivation_lines(session, request)
    if not lines:
        return None
    return printing.listing(
        "答复期限计算表", ("日期", "第几日", "说明", "文书、依据"), lines, (4, 2, 9, 8), left=_left(request)
    )


def derivation_lines(session: Session, request: Request) -> list[tuple[str, str, str, str]]:
    """The same as rows: day, its number, text, document and article."""
    state = clocks.compute(session, request, request.closed_on or today())
    entries = state.derivation() if state else ()
    return [
        (
            entry.day.isoformat(),
            text(entry.number),
            entry.text,
            "；".join(part for part in (entry.document, entry.article) if part),
        )
        for entry in entries
    ]


def _left(request: Request) -> str:
    return f"{organ_name(request)}　{request.number or '待编号'}"


def searches(session: Session, request: Request, rows: Sequence[Search]) -> bytes:
    """检索记录."""
    people = directory()
    body = [
        (
            unit.name if (unit := people.unit(row.unit_id or 0)) else "政府信息公开工作机构",
            row.scope,
            "；".join(
                part for part in (row.method, f"关键词：{row.keywords}" if row.keywords else "") if part
            ),
            "：".join(part for part in (FOUND.get(row.found, row.found), row.result or "") if part),
            f"{people.name_of(row.by) if row.by else ''} {local_text(row.at)}",
        )
        for row in rows
    ]
    head = ("检索单位", "检索范围", "检索方法", "检索结果", "经办人、时间")
    return printing.listing("检索记录", head, body, (3, 5, 5, 5, 4), left=_left(request))


def answers(request: Request, rows: Sequence[Handoff]) -> bytes:
    """承办科室反馈."""
    people = directory()
    words = {"open": "待接收", "accepted": "办理中", "answered": "已反馈", "returned": "退回转办"}
    body = [
        (
            unit.name if (unit := people.unit(row.unit_id)) else "",
            row.asked or "",
            words.get(row.status, row.status),
            "；".join(
                text(value)
                for value in (row.answer.get("answer"), row.answer.get("reason"), row.reason)
                if value
            ),
            f"{local_text(row.sent_at)} 送，{local_text(row.done_at) if row.done_at else '未反馈'}",
        )
        for row in rows
    ]
    head = ("科室", "要求", "情况", "反馈内容", "时间")
    return printing.listing("承办科室反馈", head, body, (3, 4, 2, 7, 4), left=_left(request))


def consulted(request: Request, rows: Sequence[Consultation]) -> bytes:
    """征求意见及回复情况."""
    body = [
        (
            f"{CONSULTED.get(row.kind, row.kind)}：{row.party}",
            row.content,
            f"{text(row.sent_on)} {text(row.mail_no)}".strip(),
            text(row.delivered_on),
            " ".join(
                part
                for part in (
                    text(row.returned_on),
                    OPINIONS.get(row.opinion or "", ""),
                    row.opinion_text or "",
                )
                if part
            ),
            {None: "", True: "理由成立", False: "理由不成立"}[row.reasonable],
        )
        for row in rows
    ]
    head = ("对象", "征求内容", "发出", "签收", "意见", "判断")
    return printing.listing("征求意见及回复情况", head, body, (4, 6, 3, 3, 5, 2), left=_left(request))


def fees(request: Request, rows: Sequence[Fee]) -> bytes:
    """收费情况."""
    body = [
        (
            f"{row.yuan} 元",
            "；".join(row.derivation),
            f"{text(row.sent_on)} 发出，{text(row.delivered_on)} 送达",
            text(row.due_on),
            " ".join(part for part in (text(row.paid_on), row.receipt_no or "") if part),
        )
        for row in rows
    ]
    head = ("金额", "怎么算的", "收费通知", "缴费期限", "缴费、票据")
    return printing.listing("信息处理费收取情况", head, body, (2, 7, 5, 3, 4), left=_left(request))


def extensions(request: Request, rows: Sequence[Extension]) -> bytes:
    """延期审批情况."""
    people = directory()
    words = {"asked": "待批准", "approved": "同意", "refused": "不同意"}
    body = [
        (
            f"{row.days} 个工作日",
            row.reason,
            f"{people.name_of(row.asked_by) if row.asked_by else ''} {local_text(row.asked_at)}",
            f"{words.get(row.state, row.state)} {people.name_of(row.decided_by) if row.decided_by else ''} {local_text(row.decided_at)}",
            f"{text(row.old_due) or '待定'} → {text(row.new_due) or '待定'}",
        )
        for row in rows
    ]
    head = ("延长", "理由", "报请", "批准", "答复期限")
    return printing.listing("延期答复审批", head, body, (2, 6, 4, 5, 4), left=_left(request))


def secrecy(request: Request, sheet: Mapping[str, Any]) -> bytes:
    """保密审查记录表, from the sheet the documents room makes of a review."""
    body = [(str(label), str(value)) for label, value in sheet["facts"] if value]
    body += [(str(label), str(value)) for label, value in sheet["points"]]
    body += [
        (
            o["step"],
            "。".join(part for part in (o["decision"], o["opinion"], f"{o['person']} {o['at']}") if part),
        )
        for o in sheet["opinions"]
    ]
    body += [(str(label), str(value)) for label, value in sheet["conclusion"]]
    body += [(f["name"], f"校验值 {f['hash']}") for f in sheet["files"]]
    return printing.listing(
        "政府信息公开保密审查记录表",
        ("项目", "内容"),
        body,
        (4, 12),
        left=_left(request),
        right=str(sheet["number"]),
    )


def day_text(on: date | None) -> str:
    """A day for a list of contents: 20261123, as archives write it; "" for none."""
    return on.strftime("%Y%m%d") if on else ""
