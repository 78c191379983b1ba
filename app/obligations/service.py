"""Duties: opened by an action or an import, closed by 发布网址回填, reopened, recalculated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app import calendar
from app.accounts.directory import directory
from app.core.actions import ActionContext, action
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.documents.hooks import Imported
from app.documents.register import url_problem
from app.documents.service import clean, day
from app.obligations.models import Obligation
from app.obligations.permissions import may_close, sees
from app.obligations.planning import next_threshold, plan, until
from workflows.law.grounds import Attribute

BATCH = 200

o = cast(sa.Table, Obligation.__table__)


# --- opening -------------------------------------------------------------------------------------------------------


def _opening(dialect: Any) -> Any:
    insert = dialect.insert(o)
    moved = ("title", "formed_on", "due_on", "due_unknown", "not_before", "sort_on", "derivation")
    return insert.on_conflict_do_update(
        index_elements=[o.c.key],
        set_={name: insert.excluded[name] for name in moved},
        where=o.c.status == "open",
    ).returning(o.c.id)


_open = {"sqlite": _opening(sqlite), "postgresql": _opening(postgresql)}


def _row(
    tx: Tx,
    *,
    organ_id: int,
    unit_id: int | None,
    document_id: int | None,
    case_id: int | None,
    title: str,
    formed_on: date,
    from_change: bool = False,
) -> dict[str, Any]:
    """A duty as it begins; its first threshold is today, so that the publisher is told of it."""
    planned = plan(calendar.current(), formed_on)
    return {
        "key": f"publish:{document_id or 0}:{case_id or 0}",
        "kind": "publish",
        "organ_id": organ_id,
        "unit_id": unit_id,
        "document_id": document_id,
        "case_id": case_id,
        "title": title[:300],
        "formed_on": formed_on,
        "from_change": from_change,
        "status": "open",
        "next_threshold_on": business_date(tx.now),
        "created": tx.now,
        **planned.columns(),
    }


@action("publication.schedule", "列入公开任务（20个工作日内公开）", formed_on="形成日期", kind="办理事项")
def schedule(context: ActionContext, formed_on: str = "", kind: str = "") -> dict[str, Any]:
    """{key, formed_on, due_on, due_unknown, not_before}. One statement; a repeat moves the same open duty.

    `formed_on` ISO date: the day of signing or change, today when it is missing. `kind`: first | change.
    """
    tx, case, said = context.tx, context.case, context.answers
    start = day(formed_on) or day(said.get("issued_on")) or business_date(tx.now)
    row = _row(
        tx,
        organ_id=_organ(case, said),
        unit_id=case.get("unit_id"),
        document_id=case.get("document_id"),
        case_id=case["id"],
        title=clean(said.get("title")) or case["title"],
        formed_on=start,
        from_change=kind == "change",
    )
    tx.session.execute(_open[tx.session.get_bind().dialect.name], row)
    context.said.append(f"已列入公开任务，{until(row)}。")
    return {
        "key": row["key"],
        "formed_on": start.isoformat(),
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
        "due_unknown": row["due_unknown"],
        "not_before": row["not_before"].isoformat(),
    }


def _organ(case: Mapping[str, Any], said: Mapping[str, Any]) -> int:
    target = directory().organ_by_code(str(said.get("to_organ") or "")) if said.get("agency_draft") else None
    return target.id if target else int(case["subject_id"])


def open_for_imported(tx: Tx, documents: Sequence[Imported]) -> None:
    """Rows of an imported register that are 主动公开: a duty each, closed at once where the register says so."""
    rows = [
        _row(
            tx,
            organ_id=one.organ_id,
            unit_id=one.unit_id,
            document_id=one.document_id,
            case_id=None,
            title=one.title or "",
            formed_on=one.issued_on,
        )
        | _published(tx, one)
        for one in documents
        if one.attribute == Attribute.PROACTIVE
    ]
    if rows:
        tx.session.execute(sa.insert(o), rows)


def _published(tx: Tx, one: Imported) -> dict[str, Any]:
    done = one.published_on is not None and one.url is not None
    return {
        "status": "closed" if done else "open",
        "published_url": one.url if done else None,
        "published_on": one.published_on if done else None,
        "channel": CHANNELS["website"] if done else None,
        "closed_by": tx.actor.person_id if done else None,
        "closed_at": tx.now if done else None,
        "next_threshold_on": None if done else business_date(tx.now),
    }


def attribute_changed(tx: Tx, document_id: int, old: str | None, new: str) -> None:
    """A document that is no longer 主动公开 need not be published any more: its open duties end."""
    if old != Attribute.PROACTIVE or new == Attribute.PROACTIVE:
        return
    ended = (
        sa.update(o)
        .where(o.c.document_id == document_id, o.c.status == "open")
        .values(status="ended", next_threshold_on=None, closed_at=tx.now, closed_by=tx.actor.person_id)
    )
    tx.session.execute(ended)


# --- closing and reopening -----------------------------------------------------------------------------------------

CHANNELS = {
    "website": "政府网站政府信息公开专栏",
    "gazette": "政府公报",
    "new_media": "政务新媒体",
    "briefing": "新闻发布会",
    "hall": "政务服务大厅、公告栏",
    "archives": "国家档案馆、公共图书馆",
}


def _locked(tx: Tx, duty_id: int) -> Obligation:
    """The locked duty, if this person may close it; NotFound when he may not even see it."""
    duty = tx.session.scalars(
        sa.select(Obligation)
        .where(Obligation.id == duty_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    place = {"organ_id": duty.organ_id, "unit_id": duty.unit_id} if duty else None
    if duty is None or place is None or not (sees(tx.actor, place) or may_close(tx.actor, place)):
        raise NotFound()
    if not may_close(tx.actor, place):
        raise NotAllowed("发布网址由本机关信息发布岗、受理登记岗或拟稿科室的承办人回填。请联系他们办理。")
    return duty


@command
def close(
    tx: Tx, *, duty_id: int, url: str, published_on: date | None, channel: str, cause: str = ""
) -> dict[str, Any]:
    """发布网址回填: where and when it was published. Returns {id, late}."""
    duty = _locked(tx, duty_id)
    if duty.status != "open":
        raise Refused(
            f"这项公开任务已由{directory().name_of(duty.closed_by)}办结，不能重复回填。如填错了，请先恢复待发布。"
        )
    _check(tx, duty, url.strip(), published_on, channel, cause)
    late = duty.due_on is not None and published_on is not None and published_on > duty.due_on
    duty.status, duty.published_url, duty.published_on = "closed", url.strip(), published_on
    duty.channel, duty.overdue_cause = CHANNELS[channel], cause.strip()[:500] if late else None
    duty.closed_by, duty.closed_at, duty.next_threshold_on = tx.actor.person_id, tx.now, None
    tx.record(
        "organ",
        "publication.close",
        f"{tx.actor.name} 回填《{duty.title}》的发布网址" + ("，逾期公开" if late else ""),
        stream_id=duty.organ_id,
        duty=duty.id,
        document=duty.document_id,
        url=duty.published_url,
        published_on=published_on,
        channel=duty.channel,
        due_on=duty.due_on,
        cause=duty.overdue_cause,
    )
    return {"id": duty.id, "late": late}


def _check(tx: Tx, duty: Obligation, url: str, published_on: date | None, channel: str, cause: str) -> None:
    """All that is wrong with a 发布网址回填, at once."""
    wrong: dict[str, str] = {}
    if not url:
        wrong["url"] = "请填写发布网址。"
    elif problem := url_problem(url):
        wrong["url"] = problem
    if published_on is None:
        wrong["published_on"] = "请填写发布日期，例如 2026-11-23。"
    elif published_on < duty.formed_on:
        wrong["published_on"] = f"发布日期不能早于形成日期 {duty.formed_on}。请核对。"
    elif published_on > business_date(tx.now):
        wrong["published_on"] = "发布日期不能晚于今天。请在发布之后回填。"
    elif duty.due_on is not None and published_on > duty.due_on and not cause.strip():
        wrong["cause"] = f"发布日期已过期限（{duty.due_on}），请写明超期原因。"
    if channel not in CHANNELS:
        wrong["channel"] = "请选择发布渠道。"
    if wrong:
        raise Refused("".join(wrong.values()), fields=wrong)


@command
def reopen(tx: Tx, *, duty_id: int, reason: str) -> dict[str, Any]:
    """A publication was entered by mistake: the duty waits again, with its old date. Returns {id}."""
    duty = _locked(tx, duty_id)
    if duty.status != "closed":
        raise Refused("这项公开任务没有回填过发布网址，不需要恢复。请刷新页面查看。")
    if not reason.strip():
        raise Refused("请写明恢复待发布的原因。", fields={"reason": "请写明恢复待发布的原因。"})
    old = {"url": duty.published_url, "published_on": duty.published_on, "channel": duty.channel}
    duty.status, duty.published_url, duty.published_on, duty.channel = "open", None, None, None
    duty.overdue_cause = duty.closed_by = duty.closed_at = None
    today = business_date(tx.now)
    duty.next_threshold_on = next_threshold(calendar.current(), duty.due_on, today)
    tx.record(
        "organ",
        "publication.reopen",
        f"{tx.actor.name} 将《{duty.title}》恢复为待发布：{reason.strip()}",
        stream_id=duty.organ_id,
        duty=duty.id,
        document=duty.document_id,
        old=old,
        reason=reason.strip(),
    )
    return {"id": duty.id}
