"""Beginning, discarding and watching drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.processes.models import Process, ProcessVersion
from app.processes.packages import unpack
from app.studio import blank
from app.studio.content import parts_of
from app.studio.models import Draft, DraftPart, DraftPresence
from workflows.engine.shown import unfit


@command
def begin(tx: Tx, *, version_id: int, note: str = "") -> dict[str, Any]:
    """以此版本修改: a draft with the content of a version, active or retired."""
    version = tx.session.get(ProcessVersion, version_id, options=[undefer(ProcessVersion.content)])
    if version is None:
        raise NotFound()
    package = unpack(version.content)
    draft = add(tx, package.key, package.meta.name, parts_of(package), base_id=version.id, note=note)
    return {"draft": draft.id, "said": f"已从第 {version.number} 版建立草稿。修改不影响正在使用的版本。"}


@command
def begin_new(tx: Tx, *, key: str, name: str) -> dict[str, Any]:
    """新建流程: the smallest process that runs, to begin from."""
    name = name.strip()
    if not blank.KEY.match(key):
        raise Refused(
            "流程编号用小写字母开头，只用小写字母、数字和下划线，最多 40 个字符。",
            fields={"key": "请修改编号"},
        )
    if not 2 <= len(name) <= 40:
        raise Refused("请填写流程名称，2 至 40 个字。", fields={"name": "请填写名称"})
    if wrong := unfit(name):
        raise Refused(f"流程名称{wrong}。", fields={"name": "请修改名称"})
    taken = sa.select(Draft.id).where(Draft.process_key == key, Draft.status.in_(("open", "submitted")))
    if tx.session.get(Process, key) is not None or tx.session.scalar(taken.limit(1)) is not None:
        raise Refused(f"编号 {key} 已经有流程使用，请换一个。", fields={"key": "请换一个编号"})
    draft = add(tx, key, name, blank.parts(key, name))
    return {"draft": draft.id, "said": "已建立新流程的草稿，先画出环节，再设计表单。"}


def add(
    tx: Tx, key: str, name: str, parts: Mapping[str, str], *, base_id: int | None = None, note: str = ""
) -> Draft:
    """Insert a draft with its parts and record it."""
    person = tx.actor.person_id
    if person is None:
        raise Refused("草稿须由流程管理员建立。")
    draft = Draft(
        process_key=key, name=name, base_id=base_id, status="open", note=note[:200], version_id=None, case_id=None,
        made_at=tx.now, made_by=person, changed_at=tx.now, changed_by=person,
    )  # fmt: skip
    tx.session.add(draft)
    tx.session.flush()
    tx.session.add_all(
        DraftPart(draft_id=draft.id, name=part, text=text, revision=1, changed_at=tx.now, changed_by=person)
        for part, text in parts.items()
    )
    tx.record("system", "draft.begin", f"建立流程「{name}」的草稿", draft=draft.id, process=key, base=base_id)
    return draft


def locked(tx: Tx, draft_id: int) -> Draft:
    """The draft's locked row, open for changes; NotFound, or Refused when it is not open any more."""
    draft = tx.session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise NotFound()
    if draft.status == "submitted":
        raise Refused("草稿已提交复核，不能再改。复核人退回后可以继续修改。")
    if draft.status != "open":
        raise Refused("这份草稿已经结束，不能再改。请从版本重新建立草稿。")
    return draft


@command
def discard(tx: Tx, *, draft_id: int) -> dict[str, Any]:
    """放弃草稿: nothing is deleted, it only leaves the list."""
    draft = locked(tx, draft_id)
    draft.status, draft.changed_at = "discarded", tx.now
    draft.changed_by = tx.actor.person_id or draft.changed_by
    tx.record("system", "draft.discard", f"放弃流程「{draft.name}」的草稿", draft=draft.id)
    return {"said": f"已放弃「{draft.name}」的草稿，内容仍然保留，可以恢复。"}


@command
def restore(tx: Tx, *, draft_id: int) -> dict[str, Any]:
    """恢复草稿 that was discarded."""
    draft = tx.session.get(Draft, draft_id, with_for_update=True)
    if draft is None:
        raise NotFound()
    if draft.status != "discarded":
        raise Refused("只有已放弃的草稿可以恢复。")
    draft.status, draft.changed_at = "open", tx.now
    tx.record("system", "draft.restore", f"恢复流程「{draft.name}」的草稿", draft=draft.id)
    return {"said": f"已恢复「{draft.name}」的草稿。"}


@command
def look_in(tx: Tx, *, draft_id: int, part: str = "") -> None:
    """Note that somebody has the draft open; no record, as for autosave and read marks (security.md 3)."""
    person = tx.actor.person_id
    if person is None or tx.session.get(Draft, draft_id) is None:
        raise NotFound()
    found = tx.session.get(DraftPresence, (draft_id, person))
    if found is None:
        found = DraftPresence(draft_id=draft_id, person_id=person, part="", seen_at=tx.now)
        tx.session.add(found)
    found.part, found.seen_at = part[:120], tx.now
