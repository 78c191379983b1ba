"""Rows of this room in the words people read (glossary.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for

from app.accounts.directory import directory
from app.core.now import SHANGHAI
from app.documents.models import AttributeChange, Document, SecrecyReview
from app.documents.register import Row
from workflows.law import grounds
from workflows.law.grounds import Attribute, Conclusion

ATTRIBUTE_OPTIONS = [("", "全部"), *grounds.choices(Attribute)]
STAGES = {"settled": "已认定", "open": "办理中", "all": "全部"}
KINDS = {"policy": "政策性文件", "non_policy": "非政策性文件"}
ORIGINS = {"own": "本机关制作", "entrusted": "代拟", "obtained": "获取"}
SOURCES = {"case": "本系统办理", "import": "发文登记簿导入"}
IMPORT_STATES = {"checked": "待确认", "done": "已导入", "dropped": "已放弃"}
PREVIEWED_NAMES = (".pdf", ".png", ".jpg", ".jpeg")
CELLS = (
    "文号",
    "标题",
    "成文机关",
    "公开属性",
    "不予公开条款",
    "理由",
    "成文日期",
    "印发日期",
    "文件类别",
    "拟稿科室",
    "来源",
)
TEMPLATE_NOTES = (
    "一行一件。文号、标题、公开属性、印发日期必填；表头的说法可以略有不同，列的顺序不限。",
    "公开属性填：主动公开、依申请公开、不予公开。",
    "不予公开的，「不予公开条款」填条款代码（N14b、N14c、N15、N16a、N16b、N16c）或条款名称，「不予公开理由」写明理由。",
    "涉密文件（N14a）只填公开属性、不予公开条款、份号和印发日期，不得填文号和标题。",
    "已经发布的主动公开文件，可同时填「发布网址」和「发布日期」，导入后即为已发布。",
    "日期写作 2026-11-02。有一行不对，整份都不导入；改好后重新上传。",
    "本系统为非涉密系统，严禁上传、处理、传输国家秘密。",
)


def moment(at: datetime | None) -> str:
    """2026-11-23 09:15 in Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


def attribute_kind(value: str | None) -> tuple[str, str]:
    """(kind for ui.status, word)."""
    if value is None:
        return "due_unknown", "未定"
    kinds = {"proactive": "public", "on_request": "on_request", "withheld": "not_public"}
    return kinds[value], Attribute(value).label


def ground_words(code: str | None) -> str:
    """「过程性信息：…（条例第十六条第二款）」; empty without a code."""
    return grounds.ground(code).title if code else ""


def outcome(found: Document | None, latest: SecrecyReview | None) -> list[tuple[str, str]]:
    """What came out of a case, for its page: the document's attribute and number, the last secrecy review."""
    facts: list[tuple[str, str]] = []
    if found is not None and found.attribute:
        facts.append(("公开属性", f"{Attribute(found.attribute).label}{found.mark or ''}"))
        if found.ground:
            facts.append(("不予公开的条款", ground_words(found.ground)))
        if not found.secret_entry:
            facts.append(("发文字号", found.number or "待补录"))
    if latest is not None:
        facts.append(("保密审查", f"{Conclusion(latest.conclusion).label}（{latest.number}）"))
    return facts


def title_of(row: Any) -> str:
    """The title, or what stands for a 涉密登记项."""
    return row["title"] or f"涉密登记项（份号 {row['copies']}，线下办理）"


def _unit(unit_id: int | None) -> str:
    unit = directory().unit(unit_id) if unit_id else None
    return unit.name if unit else ""


def row(found: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of the ledger."""
    return dict(found) | {
        "shown_title": title_of(found),
        "status": attribute_kind(found["attribute"]),
        "ground_words": ground_words(found["ground"]),
        "kind_words": KINDS.get(found["kind"], found["kind"]),
        "unit_name": _unit(found["unit_id"]),
        "organ_name": directory().organ(found["organ_id"]).short_name,
        "source_words": SOURCES.get(found["source"], found["source"]),
    }


def cells(shown: Mapping[Any, Any]) -> list[Any]:
    """A row of the exported ledger, in the order of CELLS."""
    names = (
        "number",
        "shown_title",
        "organ_name",
        "",
        "ground_words",
        "reason",
        "made_on",
        "issued_on",
        "kind_words",
    )
    values = [shown["status"][1] if not name else shown[name] for name in names]
    return [*values, shown["unit_name"], shown["source_words"]]


def facts(found: Document) -> list[dict[str, Any]]:
    """The facts panel of a document."""
    people = directory()
    giver = people.organ(found.from_organ_id).name if found.from_organ_id else None
    entries: list[tuple[str, Any]] = [
        ("文号", found.number),
        ("成文机关", people.organ(found.organ_id).name),
        ("来源", ORIGINS.get(found.origin, found.origin) + (f"（{giver}）" if giver else "")),
        ("文件类别", KINDS.get(found.kind, found.kind)),
        ("拟稿科室", _unit(found.unit_id)),
        ("拟稿人", people.name_of(found.drafted_by) if found.drafted_by else None),
        ("成文日期", found.made_on.isoformat() if found.made_on else None),
        ("印发日期", found.issued_on.isoformat() if found.issued_on else None),
        ("文末标注", found.mark),
        ("登记方式", SOURCES.get(found.source, found.source)),
    ]
    if found.secret_entry:
        entries = [("份号", found.copies), ("办理方式", "线下办理"), entries[1]]
    shown: list[dict[str, Any]] = [{"label": label, "value": value} for label, value in entries]
    if found.ground:
        shown.append({"label": "不予公开条款", "value": ground_words(found.ground), "wide": True})
    if found.reason:
        label = "不予公开理由" if found.attribute == Attribute.WITHHELD else "未主动公开的考虑"
        shown.append({"label": label, "value": found.reason, "wide": True})
    return shown


def history(changes: Sequence[AttributeChange]) -> list[dict[str, Any]]:
    """Determinations as entries of a timeline."""
    people = directory()
    return [
        {
            "act": f"{attribute_kind(one.old)[1]} → {attribute_kind(one.new)[1]}"
            if one.old
            else f"认定为{attribute_kind(one.new)[1]}",
            "at": moment(one.at),
            "who": people.name_of(one.by),
            "text": one.reason,
            "note": ground_words(one.ground),
            "kind": "done",
        }
        for one in changes
    ]


def preview_url(attachment_id: int | str, name: str) -> str | None:
    """Where a file can be looked at, or None for what can only be downloaded (its type agrees with its name)."""
    if not name.lower().endswith(PREVIEWED_NAMES):
        return None
    return url_for("documents.preview", attachment_id=int(attachment_id))


def file(found: Mapping[Any, Any]) -> dict[str, Any]:
    """A file for ui.attachment_list."""
    note = "已更换的原版本" if found["replaced_by"] else None
    return {
        "name": found["name"],
        "url": url_for("documents.download", attachment_id=found["id"]),
        "preview_url": preview_url(found["id"], found["name"]),
        "size": found["size"],
        "kind": "签批件" if found["part"] == "paper" else None,
        "at": moment(found["at"]),
        "who": directory().name_of(found["uploaded_by"]),
        "hash": found["file_hash"],
        "note": note,
    }


def review(found: SecrecyReview) -> dict[str, Any]:
    """A secrecy review in a list."""
    return {
        "number": found.number + (f"（第 {found.round} 次审查）" if found.round > 1 else ""),
        "conclusion": Conclusion(found.conclusion).label,
        "proposed": attribute_kind(found.proposed)[1],
        "drafter": found.drafter,
        "at": moment(found.at),
        "digest": found.digest,
        "undone": found.undone,
        "url": url_for("documents.secrecy_sheet", review_id=found.id),
    }


def number(found: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of the 文号 page."""
    used = found["used_by"] is not None
    words = {"reserved": "占用", "entered": "补录", "used": "使用", "void": "作废"}[found["state"]]
    kinds = {"reserved": "waiting", "entered": "done", "used": "finished", "void": "void"}
    return dict(found) | {
        "status": (kinds[found["state"]], words),
        "who": directory().name_of(found["by"]),
        "when": moment(found["at"]),
        "used": used,
        "may_void": found["state"] not in ("void", "used") and not (used and found["issued_on"]),
    }


def imported(found: Mapping[Any, Any]) -> dict[str, Any]:
    """An uploaded register in the list."""
    kinds = {"checked": "waiting", "done": "finished", "dropped": "void"}
    return dict(found) | {
        "status": (kinds[found["state"]], IMPORT_STATES[found["state"]]),
        "who": directory().name_of(found["by"]),
        "when": moment(found["at"]),
        "url": url_for("documents.import_report", import_id=found["id"]),
    }


def report_row(found: Row) -> dict[str, Any]:
    """A row of the check's report."""
    said = found.values
    title = said.get("title") or (
        f"涉密登记项（份号 {said.get('copies') or '未填'}）" if found.secret else ""
    )
    return {
        "line": found.line,
        "number": said.get("number", ""),
        "title": title,
        "status": attribute_kind(said["attribute"]) if "attribute" in said else None,
        "ground": said.get("ground", ""),
        "issued_on": said["issued_on"].isoformat() if "issued_on" in said else "",
        "published": bool(said.get("url")),
        "errors": found.errors,
    }


def counts(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """How many rows of each attribute."""
    return [
        (choice.label, sum(one.values.get("attribute") == choice.value for one in rows))
        for choice in Attribute
    ]
