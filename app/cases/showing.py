"""How a case is shown: facts, trail, answers by step, marks on the diagram, printed sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import render_template, url_for
from sqlalchemy.orm import Session

from app import calendar
from app.accounts.directory import Directory
from app.cases import phrases
from app.cases.models import NO_DUE, FlowRow
from app.cases.moves import Backwards
from app.core.errors import NotFound
from app.core.now import local_text as local
from app.core.now import now, today
from app.documents import sheets
from app.processes import Runtime
from forms.builder import Around, Shown, shown
from workflows.engine import place_of
from workflows.law.calendar import Left
from workflows.law.grounds import Attribute

__all__ = ["answers_by_step", "case_facts", "diagrams", "due_words", "sheet", "today", "trail", "where"]

#: answers that stand elsewhere on the page: the trail has the opinion, the head of the page leads to the document
TOLD_ELSEWHERE = ("opinion", "document")
HOW = {"system": "", "skip": "", "paper": "线下签批回填", "oa": "OA签批回填"}


@dataclass(frozen=True)
class Due:
    """An internal deadline as a page shows it; `date` None: the step has none."""

    date: date | None
    left: Left | None


def due_words(due_on: date, day: date) -> Due:
    """The deadline with what is left of it, in words and colour."""
    if due_on == NO_DUE:
        return Due(None, None)
    return Due(due_on, calendar.current().days_left(day, due_on))


def how_long(start: datetime, end: datetime | None) -> str:
    """「2天3小时」, rounded down; natural time."""
    span = (end or now()) - start
    if span < timedelta(minutes=1):
        return "不到1分钟"
    days, rest = divmod(int(span.total_seconds()) // 60, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [
        f"{days}天" if days else "",
        f"{hours}小时" if hours else "",
        f"{minutes}分钟" if minutes and not days else "",
    ]
    return "".join(parts) or "不到1分钟"


def where(item: Mapping[str, Any], people: Directory) -> str:
    """「科室负责人（申牧之）」 or who has claimed it."""
    if item["holder_id"]:
        return people.name_of(item["holder_id"])
    post = people.post(item["post_id"]) if item["post_id"] else None
    if post is None:
        return item["incident"] or "待指定"
    names = "、".join(person.name for person in people.holders(post.id))
    return f"{post.name}（{names or '暂无人员'}）"


def takes_offline(runtime: Runtime, item: Mapping[str, Any]) -> bool:
    """Whether the step may be entered after signing on paper or in the OA."""
    info = runtime.spec.steps.get((item["process_key"], item["step"]))
    return info is not None and info.settings.get("offline") == "true"


def trail(items: Sequence[Mapping[str, Any]], people: Directory) -> list[dict[str, Any]]:
    """流转记录 for the timeline: one entry per work item."""
    entries = []
    for item in items:
        act = bool(item["done_name"])
        entries.append(
            {
                "item": item["id"],
                "step": item["step"],
                "process": item["process_key"],
                "act": item["label"] + (f"：{item['decision']}" if item["decision"] else ""),
                "label": item["label"],
                "decision": item["decision"],
                "at": local(item["closed_at"] if act else item["opened_at"]),
                "start": local(item["opened_at"]),
                "end": local(item["closed_at"]),
                "who": item["done_name"] if act else where(item, people),
                "post": item["capacity"] if act else "",
                "text": item["opinion"] or "",
                "kind": _kind(item),
                "how_long": how_long(item["opened_at"], item["closed_at"]),
                "via": _via(item),
                "note": _note(item),
            }
        )
    return entries


#: what stands at an item that went without being done
RETURNED, WITHDRAWN, ENDED = "已退回", "已取回", "已终止"


def _kind(item: Mapping[str, Any]) -> str:
    """Kind of an entry: current, done, returned (who sent it back), undone (by a return), withdrawn, system."""
    status, said = item["status"], item["decision"] or ""
    if status in ("open", "queued"):
        return "current"
    if said.startswith("退") and item["done_name"]:
        return "returned"
    if status == "gone" and item["kind"] == "step":
        return {WITHDRAWN: "withdrawn", RETURNED: "undone"}.get(
            said, "undone" if item["done_name"] else "system"
        )
    return "done" if status == "done" else "system"


def _note(item: Mapping[str, Any]) -> str:
    if item["status"] == "open":
        return item["incident"] or ""
    if item["status"] == "queued":
        return "还没有轮到，轮到时送达。"
    return "退回、取回后不再算数" if _kind(item) == "undone" and item["done_name"] else ""


def _via(item: Mapping[str, Any]) -> str:
    way = HOW.get(item["how"] or "", "")
    if not way:
        return ""
    signed = f"{item['signed_on']:%Y-%m-%d} 签批，" if item["signed_on"] else ""
    return f"{way}（{signed}{item['entered_name']} 回填）"


def case_facts(case: Mapping[str, Any], people: Directory, *, instead: bool = False) -> list[tuple[str, Any]]:
    """The head line of a case, beside its title and number; `instead`: as far as its room leaves it (`About`)."""
    facts: list[tuple[str, Any]] = [("登记", local(case["opened_at"])[:10])]
    attribute = case["data"].get("attribute")
    if not instead:
        unit = people.unit(case["unit_id"]) if case["unit_id"] else None
        started = people.name_of(case["started_by"])
        organ = people.organ(case["organ_id"]).short_name
        facts.insert(0, ("拟稿", f"{organ}{' ' + unit.name if unit else ''} {started}"))
    if not instead and attribute in list(Attribute):
        facts.append(("公开属性" if case["status"] == "done" else "拟定公开属性", Attribute(attribute).label))
    if case["closed_at"]:
        facts.append(("办结", local(case["closed_at"])[:10]))
    return facts


def returned(items: Sequence[Mapping[str, Any]], item: Mapping[str, Any]) -> dict[str, str] | None:
    """Who sent this open item back and why: {who, step, decision, opinion}; None when it was not sent back."""
    for each in reversed(items):
        sent_back = (each["decision"] or "").startswith("退") and each["done_name"]
        if each["closed_at"] == item["opened_at"] and sent_back:
            keys = {"who": "done_name", "step": "label", "decision": "decision", "opinion": "opinion"}
            found = {key: each[column] or "" for key, column in keys.items()}
            if item["came_from"].endswith("直达"):
                found["opinion"] += "（改好以后直达退回的人；内容有改动的，按原来的环节重新办理。）"
            return found
    return None


@dataclass(frozen=True)
class Said:
    """What one completion said, as read on the case page."""

    step: str
    label: str
    who: str
    at: str
    lines: list[Shown]


_rows = (
    sa.select(
        FlowRow.seq,
        FlowRow.kind,
        FlowRow.item_id,
        FlowRow.person_id,
        FlowRow.at,
        FlowRow.answers,
        FlowRow.row,
    )
    .where(
        FlowRow.case_id == sa.bindparam("case"), FlowRow.kind.in_(("start", "complete", "return", "migrate"))
    )
    .order_by(FlowRow.seq.desc())
    .limit(200)
)


def answers_by_step(
    session: Session,
    case: Mapping[str, Any],
    runtime: Runtime,
    around: Around,
    hidden: frozenset[str] = frozenset(),
) -> list[Said]:
    """The newest answers of each step, latest first; last what the start said and no later step said again.

    What a return undid is not told; a box that was not ticked says nothing, nor does what is `hidden` (app.cases.concealing).
    """
    seen: set[tuple[str, str]] = set()
    told: set[str] = set()
    found: list[Said] = []
    from app.accounts.directory import directory

    people = directory()
    undone: set[int] = set()
    as_now = Backwards()
    for row in session.execute(_rows, {"case": case["id"]}):
        told_row = as_now(row.row)
        undone |= set(row.row["drop"])
        if row.kind in ("return", "migrate") or row.seq in undone:
            continue
        process, step = _place_of(told_row, runtime)
        if (process, step) in seen:
            continue
        seen.add((process, step))
        definition = runtime.packages[process].forms.get(runtime.form_name(process, step))
        if definition is None:
            continue
        answers = {
            key: value
            for key, value in row.answers.items()
            if not isinstance(value, dict) and value is not False and key not in hidden
        }
        lines = [line for line in shown(definition, answers, around) if line.key not in TOLD_ELSEWHERE]
        if step == "start":
            lines = [line for line in lines if line.key not in told]
        told |= {line.key for line in lines}
        if lines:
            label = "登记" if step == "start" else runtime.label(process, step)
            who = people.name_of(row.person_id) if row.person_id else ""
            found.append(Said(step, label, who, local(row.at), lines))
    return found


def _place_of(row: Mapping[str, Any], runtime: Runtime) -> tuple[str, str]:
    """Process and step a completion row acted on, from its address `<seq>:<path>/<step>`."""
    if row["kind"] == "start" or not row["at"]:
        return runtime.key, "start"
    path = place_of(row["at"][0]).split("/")
    step = path[-1].split("[")[0]
    for process in runtime.packages:
        if (process, step) in runtime.spec.steps and (len(path) > 1) == (process != runtime.key):
            return process, step
    return runtime.key, step


#: kind of an entry -> how the diagram marks its step
STATES = dict.fromkeys(("returned", "undone", "withdrawn"), "returned") | {
    "current": "current",
    "done": "done",
}


def diagrams(
    case: Mapping[str, Any], runtime: Runtime, items: Sequence[Mapping[str, Any]], people: Directory
) -> list[dict[str, Any]]:
    """Each diagram of the closure that the case has entered, with marks and the same as a table."""
    found = []
    for key, package in runtime.packages.items():
        own = [item for item in items if item["process_key"] == key]
        if not own and key != runtime.key:
            continue
        marks: dict[str, dict[str, Any]] = {}
        rows = []
        for entry, item in zip(trail(own, people), own, strict=True):
            state = "skipped" if item["how"] == "skip" else STATES.get(entry["kind"], "skipped")
            marks[item["step"]] = {
                "id": item["step"],
                "state": state,
                "who": entry["who"],
                "when": entry["at"],
                "how_long": entry["how_long"],
                "label": item["label"],
            }
            rows.append(
                {
                    "step": item["label"],
                    **_post_and_who(item, entry, people),
                    "start": entry["start"],
                    "end": entry["end"],
                    "how_long": entry["how_long"],
                    "state": state,
                }
            )
        if key == runtime.key:
            marks |= _called(items, key)
        found.append(
            {
                "key": key,
                "open": any(mark["state"] == "current" for mark in rows),
                "title": package.meta.name,
                "url": url_for("cases.diagram", case_id=case["id"], key=key),
                "marks": list(marks.values()),
                "rows": rows,
            }
        )
    return found


def _post_and_who(item: Mapping[str, Any], entry: Mapping[str, Any], people: Directory) -> dict[str, str]:
    """Whose step it is, in two columns: an open one that nobody has claimed names the post and who holds it."""
    post = people.post(item["post_id"]) if item["post_id"] and item["status"] == "open" else None
    if post is None or item["holder_id"]:
        return {"post": entry["post"] or (post.name if post else ""), "who": entry["who"]}
    return {
        "post": post.name,
        "who": "、".join(person.name for person in people.holders(post.id)) or "暂无人员",
    }


def _called(items: Sequence[Mapping[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    """Marks of the steps that stand for a called process (保密审查): where its own items are."""
    marks: dict[str, dict[str, Any]] = {}
    for item in items:
        path = place_of(item["address"]).split("/") if item["kind"] == "step" else []
        if item["process_key"] == key or len(path) < 2:
            continue
        element = path[0].split("[")[0]
        now = item["status"] == "open" or marks.get(element, {}).get("state") == "current"
        marks[element] = {"id": element, "state": "current" if now else "done"}
    return marks


def personal_fields(runtime: Runtime, case: Mapping[str, Any]) -> list[dict[str, str]]:
    """Personal fields the case holds: key and label; the values stay sealed."""
    found: list[dict[str, str]] = []
    for package in runtime.packages.values():
        for definition in package.forms.values():
            for key in definition.personal_keys:
                if isinstance(case["data"].get(key), dict) and all(each["key"] != key for each in found):
                    found.append({"key": key, "label": definition.by_key[key].label})
    return found


def opinions(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The opinions of a case for a printed sheet, in order."""
    return [
        {
            "step": item["label"],
            "post": item["capacity"] or "",
            "person": item["done_name"],
            "at": item["signed_on"].isoformat() if item["signed_on"] else local(item["closed_at"]),
            "opinion": item["opinion"] or "",
            "decision": item["decision"] or "",
            "how": {"paper": "线下", "oa": "OA", "skip": "自动跳过"}.get(item["how"] or "", "系统"),
            "entered_by": item["entered_name"] or "",
            "by": item["done_by"] if item["how"] == "system" else None,
        }
        for item in items
        if item["status"] == "done"
    ]


def sheet(session: Session, case: Mapping[str, Any], runtime: Runtime, kind: str, people: Directory) -> str:
    """呈批单 (`approval`) as an A4 page. NotFound for another kind."""
    if kind != "approval":
        raise NotFound()
    from app.cases import queries

    items = queries.history(session, case["id"])
    files = [row for row in queries_files(session, case)]
    said = phrases.with_images(session, opinions(items))
    data = sheets.approval(session, case, name=runtime.name, opinions=said, files=files)
    return render_template(
        "documents/print/approval_sheet.html",
        **data,
        back_url=url_for("cases.case", case_id=case["id"]),
        printed_at=local(now()),
    )


def queries_files(session: Session, case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The kept attachments of a case."""
    from app.cases.asking import files_of

    return [each for each in files_of(session, case["id"], None).values() if each["state"] == "kept"]
