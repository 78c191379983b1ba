"""The four books: 依申请公开登记簿, 来件登记簿, 送达登记簿, 收费台账; their columns and how a page of rows fills them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.core.db import table_of
from app.core.now import local_text
from app.requests.kinds import APPLICANTS, BOUNCES, CHANNELS, INCOMING, METHODS, STATES
from app.requests.models import Appeal, Delivery, Extension, Fee, Handoff, Incoming, Request
from workflows.law.replies import REPLIES
from workflows.law.reports import ROWS

Row = Mapping[Any, Any]
r, i, d, f = table_of(Request), table_of(Incoming), table_of(Delivery), table_of(Fee)

FEE_STATES = {
    "draft": "拟收费", "set": "拟收费", "sent": "待缴费", "paid": "已缴费", "lapsed": "逾期未缴", "void": "作废",
}  # fmt: skip
FEE_MODES = {"item": "按件", "page": "按量"}
#: state of the filter -> states of requests
REQUEST_STATES = {"live": ("unconfirmed", "open"), "answered": ("answered",), "closed": ("closed", "dropped")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a register is asked for: `year` of the day, answering subject or None, `state` a key of the book's choices."""

    book: str
    year: int
    subject: int | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A register. `query` narrows by state, `day` orders, `fill` makes the cells of a page from its rows.

    `stacks` are the columns as the screen stacks them: head, and which columns stand in the cell, the first one large.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    states: Mapping[str, str]
    stacks: tuple[tuple[str, tuple[str, ...]], ...]
    query: Callable[[Wanted], Any]
    day: Any
    id: Any
    fill: Callable[[Session, Sequence[Row]], list[list[Any]]]
    link: Callable[[Row], int | None]


# --- 依申请公开登记簿 -------------------------------------------------------------------------------------------------


def _requests(wanted: Wanted) -> Any:
    query = sa.select(r).where(r.c.year == wanted.year)
    if wanted.state in REQUEST_STATES:
        query = query.where(r.c.state.in_(REQUEST_STATES[wanted.state]))
    if wanted.subject is not None:
        query = query.where(r.c.subject_id == wanted.subject)
    return query


def _request_cells(session: Session, rows: Sequence[Row]) -> list[list[Any]]:
    ids = [row["id"] for row in rows]
    units, served, notes = _units(session, ids), _served(session, rows), _notes(session, rows)
    return [
        [
            row["number"] or "待编号",
            row["applicant"].get("name") or "",
            APPLICANTS.get(row["applicant_kind"], ""),
            CHANNELS.get(row["channel"], row["channel"]),
            row["received_on"],
            row["title"],
            units.get(row["id"], "政府信息公开工作机构"),
            _due(row),
            row["answered_on"],
            row["reply_no"] or "",
            REPLIES[row["outcome"]].name if row["outcome"] and row["answered_on"] else STATES[row["state"]],
            _row_of(row),
            *served.get(row["id"], ("", None)),
            "；".join(notes.get(row["id"], ())),
        ]
        for row in rows
    ]


def _row_of(row: Row) -> str:
    """The row of table three: only of what was answered, and counts (a draft's outcome may still change)."""
    if not row["counts"]:
        return "不计新收"
    return ROWS[row["report_row"]].place if row["report_row"] and row["answered_on"] else ""


def _due(row: Row) -> Any:
    if row["due_on"] is not None:
        return row["due_on"]
    if row["clock"] == "ended":
        return "已终止办理，没有答复期限"
    return f"待定（{row['due_why']}）" if row["due_why"] else ""


def _units(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The units a request was handed to, in the order they were asked."""
    people = directory()
    found: dict[int, dict[str, bool]] = {}
    query = (
        sa.select(Handoff.request_id, Handoff.unit_id)
        .where(Handoff.request_id.in_(ids), Handoff.status != "returned")
        .order_by(Handoff.id)
    )
    for request_id, unit_id in session.execute(query):
        unit = people.unit(unit_id)
        if unit is not None:
            found.setdefault(request_id, {})[unit.name] = True
    return {request_id: "、".join(names) for request_id, names in found.items()}


def _served(session: Session, rows: Sequence[Row]) -> dict[int, tuple[str, date | None]]:
    """How the reply was served at last, and when it was signed for."""
    letters = {row["id"]: f"{row['reply_no'] or ''} 答复书".strip() for row in rows}
    query = (
        sa.select(d.c.request_id, d.c.letter, d.c.method, d.c.signed_on)
        .where(d.c.request_id.in_(list(letters)))
        .order_by(d.c.id)
    )
    return {
        row.request_id: (METHODS.get(row.method, row.method), row.signed_on)
        for row in session.execute(query)
        if row.letter == letters[row.request_id]
    }


def _notes(session: Session, rows: Sequence[Row]) -> dict[int, list[str]]:
    """备注: agent, oral, what was ordered, extension, letters that came back, what followed."""
    found: dict[int, list[str]] = {row["id"]: _said(row) for row in rows}
    ids = list(found)
    earlier = {row["earlier_id"]: row["id"] for row in rows if row["earlier_id"] and not row["counts"]}
    if earlier:
        for number, old in session.execute(sa.select(r.c.number, r.c.id).where(r.c.id.in_(list(earlier)))):
            found[earlier[old]].append(f"责令重新答复，原登记号 {number or '待编号'}，不计新收")
    query = sa.select(Extension.request_id, Extension.days).where(
        Extension.request_id.in_(ids), Extension.state == "approved"
    )
    for request_id, days in session.execute(query):
        found[request_id].append(f"延期 {days} 个工作日")
    for back in session.execute(_bounces, {"requests": ids}):
        why = BOUNCES.get(back.bounce_reason or "", "")
        after = f"，{back.again} 再次送达" if back.again else ""
        found[back.request_id].append(f"{back.letter}于 {back.bounced_on} 退件（{why}）{after}")
    appeals = sa.select(Appeal.request_id, Appeal.kind, Appeal.case_no).where(Appeal.request_id.in_(ids))
    for row in session.execute(appeals.order_by(Appeal.id)):
        word = "行政复议" if row.kind == "reconsideration" else "行政诉讼"
        found[row.request_id].append(f"{word} {row.case_no}")
    return found


_later = table_of(Delivery).alias()
_bounces = (
    sa.select(
        d.c.request_id,
        d.c.letter,
        d.c.bounced_on,
        d.c.bounce_reason,
        sa.select(sa.func.min(_later.c.sent_on))
        .where(
            _later.c.request_id == d.c.request_id,
            _later.c.letter == d.c.letter,
            _later.c.attempt > d.c.attempt,
        )
        .scalar_subquery()
        .label("again"),
    )
    .where(d.c.request_id.in_(sa.bindparam("requests", expanding=True)), d.c.bounced_on.is_not(None))
    .order_by(d.c.id)
)


def _said(row: Row) -> list[str]:
    agent = row["applicant"].get("agent")
    return [
        text
        for text in (
            f"代理人 {agent}" if agent else "",
            "口头申请" if row["oral"] else "",
            "建议转主动公开" if row["suggests_open"] else "",
        )
        if text
    ]


# --- 来件登记簿, 送达登记簿, 收费台账 -----------------------------------------------------------------------------------


def _incoming(wanted: Wanted) -> Any:
    query = sa.select(i, r.c.number.label("request_no")).outerjoin(r, r.c.incoming_id == i.c.id)
    return query.where(i.c.kind == wanted.state) if wanted.state in INCOMING else query


def _incoming_cells(session: Session, rows: Sequence[Row]) -> list[list[Any]]:
    people = directory()
    return [
        [
            row["number"],
            row["arrived_on"],
            CHANNELS.get(row["channel"], row["channel"]),
            row["sender"],
            row["mail_no"] or "",
            _short(row["summary"]),
            INCOMING[row["kind"]],
            (f"登记为申请 {row['request_no'] or '（待编号）'}" if row["case_id"] else row["routed_to"]) or "",
            people.name_of(row["by"]) if row["by"] else "系统",
            local_text(row["at"]),
            row["note"] or "",
        ]
        for row in rows
    ]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:119] + "…"


def _of_request(table: Any) -> Any:
    return sa.select(
        table, r.c.number.label("request_no"), r.c.case_id, r.c.applicant, r.c.reply_no, r.c.subject_id
    ).join(r, r.c.id == table.c.request_id)


def _narrowed(query: Any, wanted: Wanted) -> Any:
    return query if wanted.subject is None else query.where(r.c.subject_id == wanted.subject)


def _deliveries(wanted: Wanted) -> Any:
    query = _narrowed(_of_request(d), wanted)
    if wanted.state == "waiting":
        return query.where(d.c.signed_on.is_(None), d.c.bounced_on.is_(None))
    if wanted.state == "signed":
        return query.where(d.c.signed_on.is_not(None))
    return query.where(d.c.bounced_on.is_not(None)) if wanted.state == "bounced" else query


def _delivery_cells(session: Session, rows: Sequence[Row]) -> list[list[Any]]:
    people = directory()
    return [
        [
            row["letter"],
            row["request_no"] or "待编号",
            row["to"],
            row["attempt"],
            METHODS.get(row["method"], row["method"]),
            row["sent_on"],
            row["mail_no"] or "",
            row["signed_on"],
            row["signed_by"] or "",
            row["bounced_on"],
            BOUNCES.get(row["bounce_reason"] or "", ""),
            people.name_of(row["by"]) if row["by"] else "系统",
            row["warning"] or "",
        ]
        for row in rows
    ]


def _fees(wanted: Wanted) -> Any:
    query = _narrowed(_of_request(f), wanted)
    return query.where(f.c.state == wanted.state) if wanted.state in FEE_STATES else query


def _fee_cells(session: Session, rows: Sequence[Row]) -> list[list[Any]]:
    return [
        [
            row["request_no"] or "待编号",
            row["applicant"].get("name") or "",
            FEE_MODES.get(row["mode"], row["mode"]),
            row["quantity"],
            row["yuan"],
            "；".join(row["derivation"]),
            row["sent_on"],
            row["delivered_on"],
            row["due_on"],
            row["paid_on"],
            row["receipt_no"] or "",
            FEE_STATES.get(row["state"], row["state"]),
        ]
        for row in rows
    ]


def _case(row: Row) -> int | None:
    found: int | None = row["case_id"]
    return found


BOOKS: dict[str, Book] = {
    book.key: book
    for book in (
        Book(
            "requests",
            "依申请公开登记簿",
            (
                "登记号", "申请人", "申请人类型", "来件方式", "收到之日", "申请内容", "承办科室", "答复期限", "答复日期",
                "文号", "答复种类", "年报行", "送达方式", "签收日期", "备注",
            ),
            {"live": "在办", "answered": "已答复", "closed": "办结"},
            (
                ("登记号", ("登记号", "来件方式")), ("申请人", ("申请人", "申请人类型")), ("申请内容", ("申请内容", "承办科室")),
                ("收到、期限", ("收到之日", "答复期限")), ("答复", ("答复种类", "答复日期", "文号", "年报行")),
                ("送达", ("送达方式", "签收日期")), ("备注", ("备注",)),
            ),
            _requests, sa.func.coalesce(r.c.received_on, r.c.arrived_on), r.c.id, _request_cells, _case,
        ),
        Book(
            "incoming",
            "来件登记簿",
            (
                "来件编号", "到达日期", "来件方式", "来件人", "邮件号", "内容摘要", "定性", "去向", "登记人", "登记时间",
                "备注",
            ),
            INCOMING,
            (
                ("来件编号", ("来件编号",)), ("到达", ("到达日期", "来件方式", "邮件号")), ("来件人", ("来件人",)),
                ("内容摘要", ("内容摘要",)), ("定性", ("定性", "去向")), ("登记", ("登记人", "登记时间")), ("备注", ("备注",)),
            ),
            _incoming, i.c.arrived_on, i.c.id, _incoming_cells, _case,
        ),
        Book(
            "deliveries",
            "送达登记簿",
            (
                "文书", "登记号", "收件人", "第几次", "送达方式", "交邮（送出）日期", "邮件号", "签收日期", "签收人",
                "退件日期", "退件原因", "登记人", "提示",
            ),
            {"waiting": "待签收", "signed": "已签收", "bounced": "退件"},
            (
                ("文书", ("文书", "登记号")), ("收件人", ("收件人",)), ("送达方式", ("送达方式", "第几次")),
                ("交邮（送出）", ("交邮（送出）日期", "邮件号")), ("签收", ("签收日期", "签收人")),
                ("退件", ("退件日期", "退件原因")), ("登记人", ("登记人", "提示")),
            ),
            _deliveries, d.c.sent_on, d.c.id, _delivery_cells, _case,
        ),
        Book(
            "fees",
            "收费台账",
            (
                "登记号", "申请人", "计费方式", "数量", "金额（元）", "怎么算的", "通知发出", "通知送达", "缴费期限", "缴费日期",
                "票据号", "状态",
            ),
            {key: word for key, word in FEE_STATES.items() if key in ("sent", "paid", "lapsed", "void")},
            (
                ("登记号", ("登记号",)), ("申请人", ("申请人",)), ("金额（元）", ("金额（元）", "计费方式", "数量")),
                ("怎么算的", ("怎么算的",)), ("收费通知", ("通知发出", "通知送达")), ("缴费", ("缴费期限", "缴费日期", "票据号")),
                ("状态", ("状态",)),
            ),
            _fees, sa.func.coalesce(f.c.sent_on, r.c.received_on, r.c.arrived_on), f.c.id, _fee_cells, _case,
        ),
    )
}  # fmt: skip
