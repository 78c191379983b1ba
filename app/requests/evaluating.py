"""转主动公开评估 (条例44): several applicants asked for the same and it was given, or an applicant suggested it.

The step of the flow and the page by hand write the same row; the newest one counts. 「转」 leads to 公开属性变更 of the
document, which is a process of its own: what was given is not published by ticking a box.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session, aliased

from app.accounts.directory import directory
from app.audit import ACTION_LABELS
from app.cases import higher
from app.cases.models import WorkItem
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import local_text
from app.documents.models import Attachment, Document
from app.documents.permissions import scope
from app.requests import suggesting
from app.requests.models import Evaluation, Request
from app.requests.queries import PAGE, Page, organs_of
from app.requests.reaching import locked
from workflows.law.grounds import Attribute
from workflows.law.replies import REPLIES

ACTION_LABELS["request.evaluate"] = "转主动公开评估"
GIVEN = suggesting.GIVEN
TABS = {"waiting": "待评估", "tell": "待告知申请人", "include": "转主动公开", "keep": "不转", "all": "全部"}
STEP = "evaluate"

r, e, w = table_of(Request), table_of(Evaluation), table_of(WorkItem)
_other = aliased(r)
_newest = sa.select(sa.func.max(e.c.id)).where(e.c.request_id == r.c.id).correlate(r).scalar_subquery()
#: how many other applicants asked for the same
_others = (
    sa.select(sa.func.count(sa.distinct(_other.c.applicant_id)))
    .where(
        _other.c.organ_id == r.c.organ_id,
        _other.c.content_key == r.c.content_key,
        _other.c.applicant_id != r.c.applicant_id,
    )
    .correlate(r)
    .scalar_subquery()
)
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,20}〔\d{4}〕\d{1,5}号")


def listed(session: Session, actor: Actor, state: str, before: str | None) -> Page:
    """Candidates of the person's organ, newest first, each with its newest evaluation."""
    query = (
        sa.select(r, e.c.include, e.c.reason, e.c.at.label("evaluated_at"), _others.label("others"))
        .outerjoin(e, e.c.id == _newest)
        .where(r.c.organ_id.in_(organs_of(actor)), r.c.state.in_(("answered", "closed")))
    )
    candidate = sa.and_(r.c.outcome.in_(GIVEN), sa.or_(r.c.suggests_open, _others > 0))
    if state == "waiting":
        query = query.where(candidate, sa.or_(e.c.id.is_(None), suggesting.suggested_at > e.c.at))
    elif state == "tell":
        seen = sa.func.coalesce(suggesting.suggested_at <= e.c.at, e.c.id.is_not(None))
        query = query.where(candidate, r.c.suggests_open, seen, sa.not_(suggesting.told))
    elif state in ("include", "keep"):
        query = query.where(e.c.include.is_(state == "include"))
    else:
        query = query.where(sa.or_(candidate, e.c.id.is_not(None)))
    try:
        if before:
            query = query.where(r.c.id < int(before))
    except ValueError:
        raise NotFound() from None
    rows = session.execute(query.order_by(r.c.id.desc()).limit(PAGE + 1)).mappings().all()
    key = str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None
    return Page([line(row) for row in rows[:PAGE]], key)


def line(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A candidate in words."""
    why = ["申请人建议转主动公开"] if row["suggests_open"] else []
    if row["others"]:
        why.append(f"另有 {row['others']} 个申请人申请相同信息")
    state = {None: ("waiting", "待评估"), True: ("done", "转主动公开"), False: ("inactive", "不转")}
    return dict(row) | {
        "why": "；".join(why) or "工作机构自行评估",
        "outcome_word": REPLIES[row["outcome"]].name if row["outcome"] else "",
        "status": state[row["include"]],
        "when": local_text(row["evaluated_at"])[:10] if row["evaluated_at"] else "",
    }


def one(session: Session, request: Request) -> dict[str, Any]:
    """A request as its evaluation page shows it, with its history."""
    others = session.scalar(sa.select(_others).select_from(r).where(r.c.id == request.id)) or 0
    rows = session.scalars(
        sa.select(Evaluation).where(Evaluation.request_id == request.id).order_by(Evaluation.id.desc())
    ).all()
    people = directory()
    newest = rows[0] if rows else None
    columns = {column.name: getattr(request, column.name) for column in r.columns}
    return line(
        columns
        | {
            "others": others,
            "include": newest.include if newest else None,
            "evaluated_at": newest.at if newest else None,
        }
    ) | {
        "history": [
            {
                "word": "转主动公开" if row.include else "不转",
                "reason": row.reason or "",
                "who": people.name_of(row.by) if row.by else "系统",
                "at": local_text(row.at),
            }
            for row in rows
        ],
        "included": bool(newest and newest.include),
        "step": open_step(session, request.case_id),
        "given": request.outcome in GIVEN,
    }


def open_step(session: Session, case_id: int) -> int | None:
    """The open step of the flow that asks for the evaluation."""
    return session.scalar(
        sa.select(w.c.id).where(w.c.case_id == case_id, w.c.step == STEP, w.c.status == "open").limit(1)
    )


def documents(session: Session, actor: Actor, request: Request) -> list[dict[str, Any]]:
    """Documents that are what was given, as far as they can be known: the same bytes, or the number the request names.

    With the address that starts 公开属性变更 for each; only those this person sees.
    """
    given = sa.select(Attachment.file_hash).where(
        Attachment.case_id == request.case_id, Attachment.field == "supplied", Attachment.state == "kept"
    )
    same = sa.select(Attachment.document_id).where(
        Attachment.file_hash.in_(given), Attachment.document_id.is_not(None), Attachment.state == "kept"
    )
    known = [Document.id.in_(same)]
    if numbers := _numbers(request.content):
        known.append(Document.number.in_(numbers))
    query = sa.select(Document.id, Document.number, Document.title, Document.attribute).where(
        scope(actor).clause(), sa.not_(Document.secret_entry), sa.or_(*known)
    )
    return [
        {
            "url": url_for("documents.show", document_id=row.id),
            "label": f"{row.number or ''} {row.title}".strip(),
            "open": row.attribute == Attribute.PROACTIVE,
            "start_url": url_for("cases.start", process="disclosure_attribute", document=row.id),
        }
        for row in session.execute(query.order_by(Document.id.desc()).limit(10))
    ]


def _numbers(content: str) -> Sequence[str]:
    """文号 named in a request; what stands before the organ's letters is cut off character by character."""
    found = _NUMBER.findall(content)
    return [number[n:] for number in found for n in range(number.index("〔"))][:100]


@command
def evaluate(tx: Tx, *, request_id: int, include: bool, reason: str) -> dict[str, Any]:
    """The head of 工作机构 evaluates an answered request by hand; the newest evaluation counts. {case, said}."""
    request, case = locked(tx, request_id, open_only=False)
    if not tx.actor.holds("disclosure_head", request.organ_id):
        raise NotAllowed("转主动公开由政府信息公开工作机构负责人评估（条例第四十四条）。")
    if request.state not in ("answered", "closed") or request.outcome not in GIVEN:
        raise Refused("只有已经答复并提供了信息的申请才评估是否转主动公开。")
    if open_step(tx.session, case["id"]) is not None:
        raise Refused("这件正在「转主动公开评估」环节，请在待办中办理。")
    if not reason.strip():
        raise Refused("请写明评估的理由。", fields={"reason": "必填。"})
    row = Evaluation(
        request_id=request.id, include=include, reason=reason.strip()[:2000], by=tx.actor.person_id, at=tx.now
    )
    tx.session.add(row)
    tx.session.flush()
    word = "转主动公开" if include else "不转主动公开"
    higher.note(
        tx, case, "request.evaluate", f"{tx.actor.name} 评估：{word}", request=request.id, include=include,
        reason=row.reason,
    )  # fmt: skip
    tail = "请发起公开属性变更，按程序审查、发布。" if include else ""
    return {"case": case["id"], "said": f"已登记评估结果：{word}。{tail}"}
