"""What the page of differences shows: sections of a comparison, the two pictures with their marks, the versions to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Refused
from app.processes import comparing, limits
from app.processes.comparing import CALLS, DIAGRAM, SETTINGS, Change, Comparison
from app.processes.models import Process, ProcessVersion
from app.processes.packages import PackageRefused, unpack
from app.studio import content

MOST = 400  # lines of one section; what is more is counted

#: kind -> (sign, word): never told by colour alone
SIGNS: Mapping[str, tuple[str, str]] = {
    "added": ("＋", "新增"),
    "removed": ("－", "删除"),
    "changed": ("≠", "修改"),
    "moved": ("⇄", "移动"),
}
_TIMES = ("触发", "内部时限", *limits.WORDS.values())


@dataclass(frozen=True)
class Side:
    """One of the two that are compared. locks: key -> id of the version it calls; None for a draft, which locks nothing yet."""

    title: str
    texts: Mapping[str, str]
    locks: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Section:
    """Changes under one heading; `more` are left out. drawn: its lines point into the pictures.

    folded: it changes nothing of what happens, and is opened by who wants to know.
    """

    title: str
    changes: Sequence[Change]
    more: int = 0
    drawn: bool = False
    folded: bool = False


def of_version(session: Session, version: ProcessVersion) -> Side:
    """A version as one side."""
    try:
        package = unpack(version.content)
    except PackageRefused as error:
        raise Refused(f"第 {version.number} 版的内容读不出来，不能比较。请另选一个版本。") from error
    return Side(f"第 {version.number} 版", content.parts_of(package), version.locks)


def _locked(session: Session, locks: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    """Name and number of the versions that are locked in."""
    rows = session.execute(
        sa.select(Process.key, Process.name, ProcessVersion.number)
        .join(ProcessVersion, ProcessVersion.process_key == Process.key)
        .where(ProcessVersion.id.in_(locks.values()))
    )
    return {row.key: (row.name, row.number) for row in rows}


def _active(session: Session, calls: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Name and number of the versions that would be locked in now."""
    rows = session.execute(
        sa.select(Process.key, Process.name, ProcessVersion.number)
        .join(ProcessVersion, Process.active_id == ProcessVersion.id)
        .where(Process.key.in_(calls))
    )
    return {row.key: (row.name, row.number) for row in rows}


def told(session: Session, old: Side, new: Side) -> tuple[Comparison, list[Section]] | str:
    """The comparison with its sections; a sentence when it was too heavy."""
    answer = comparing.guarded(old.texts, new.texts)
    if isinstance(answer, str):
        return answer
    found, calls = answer
    now = _active(session, calls) if new.locks is None else _locked(session, new.locks)
    return found, list(_sections(found, comparing.locked(_locked(session, old.locks or {}), now)))


def _sections(found: Comparison, calls: Sequence[Change]) -> Iterator[Section]:
    titles = (
        "流程图",
        "时限和定时",
        "表单",
        "决策表",
        "流程设置、泳道和岗位",
        "调用的流程的版本",
        "情形",
        "只挪了位置",
    )
    sorted_out: dict[str, list[Change]] = {title: [] for title in titles}
    for each in (*found.changes, *calls):
        sorted_out[titles[_place(each)]].append(each)
    sorted_out[titles[-1]] = list(found.placed)
    for title, changes in sorted_out.items():
        if changes:
            drawn = title in (titles[0], titles[1], titles[-1])
            yield Section(
                title, changes[:MOST], len(changes) - len(changes[:MOST]), drawn, title == titles[-1]
            )


def _place(change: Change) -> int:
    if change.part == DIAGRAM:
        return 1 if change.kind == "changed" and change.label.startswith(_TIMES) else 0
    if change.part.startswith("forms/"):
        return 2
    if change.part.endswith(".dmn"):
        return 3
    return {SETTINGS: 4, CALLS: 5}.get(change.part, 6)


def marks(found: Comparison, *, new: bool) -> list[dict[str, Any]]:
    """What the picture of one side marks: what came is not on the old one, what went not on the new one."""
    hidden = "removed" if new else "added"
    lines: dict[str, list[str]] = {}
    for each in found.changes:
        if each.part == DIAGRAM and each.element in found.marks and each.label:
            lines.setdefault(each.element, []).append(
                f"{each.label}：{each.before or '无'} → {each.after or '无'}"[:120]
            )
    return [
        {"id": element, "state": kind, "sign": SIGNS[kind][0], "lines": lines.get(element, [])[:6]}
        for element, kind in found.marks.items()
        if kind != hidden
    ]


def versions_of(session: Session, key: str) -> Sequence[ProcessVersion]:
    """Versions of a process, newest first."""
    return session.scalars(
        sa.select(ProcessVersion)
        .where(ProcessVersion.process_key == key)
        .order_by(ProcessVersion.number.desc())
        .limit(200)
    ).all()
