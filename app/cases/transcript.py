"""流转记录 as a table (features.md H22): every step with opinion, from whom, to whom and how long; to print and to export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.accounts.directory import Directory
from app.cases.showing import HOW, how_long, where
from app.core.now import local_text as local

HEAD = ("环节", "经办人", "岗位", "来自", "送达时间", "决定", "意见", "办理时间", "用时", "送往", "方式")


def rows(items: Sequence[Mapping[str, Any]], people: Directory) -> list[dict[str, str]]:
    """One row per work item, in order of arrival; texts ready to read, keyed by HEAD."""
    return [_row(item, items, people) for item in items]


def _row(item: Mapping[str, Any], items: Sequence[Mapping[str, Any]], people: Directory) -> dict[str, str]:
    done = item["closed_at"] is not None
    values = (
        item["label"],
        item["done_name"] or where(item, people),
        item["capacity"] or "",
        item["came_from"] + (f"（{item['reason']}）" if item["reason"] else ""),
        local(item["opened_at"]),
        item["decision"] or ("" if done else "办理中"),
        item["opinion"] or "",
        item["signed_on"].isoformat() if item["signed_on"] else local(item["closed_at"]),
        how_long(item["opened_at"], item["closed_at"]),
        "、".join(_next(item, items, people)),
        _way(item),
    )
    return dict(zip(HEAD, values, strict=True))


def _next(item: Mapping[str, Any], items: Sequence[Mapping[str, Any]], people: Directory) -> list[str]:
    """The steps that opened in the moment this one was done, and who had them."""
    if item["closed_at"] is None or item["kind"] != "step":
        return []
    opened = [
        each
        for each in items
        if each["id"] > item["id"] and each["kind"] == "step" and each["opened_at"] == item["closed_at"]
    ]
    return [f"{each['label']}（{each['done_name'] or where(each, people)}）" for each in opened]


def _way(item: Mapping[str, Any]) -> str:
    if item["how"] == "skip":
        return "自动跳过"
    if item["status"] == "gone":
        return "未办即撤"
    entered = f"，{item['entered_name']} 回填" if item["entered_name"] else ""
    return f"{HOW.get(item['how'] or '', '')}{entered}" or ("系统内办理" if item["how"] == "system" else "")
