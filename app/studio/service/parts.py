"""Saving the parts of a draft: whoever saves says which revision he began from, and nobody overwrites silently."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from app.accounts.directory import directory
from app.core import now as clock
from app.core.command import Tx, command
from app.core.errors import Refused
from app.studio.content import DIAGRAM, MAX_PART, SETTINGS, Conflict, is_part
from app.studio.models import Draft, DraftPart
from app.studio.service.drafts import locked

MAX_PARTS = 200


@command
def save(
    tx: Tx, *, draft_id: int, name: str, text: str, revision: int, settings: tuple[int, str] | None = None
) -> dict[str, Any]:
    """Save one part that was opened at `revision` (0: it is new). Raises Conflict when it changed meanwhile.

    settings: (revision it was made from, text) of the settings that this part asks for. When somebody saved the
    settings at this very moment theirs stay, and the next saving asks again.
    """
    draft = locked(tx, draft_id)
    saved = _put(tx, draft, name, text, revision)
    if settings is not None:
        with suppress(Conflict):
            _put(tx, draft, SETTINGS, settings[1], settings[0])
    return {"revision": saved, "said": "已保存"}


@command
def save_many(tx: Tx, *, draft_id: int, changes: Mapping[str, tuple[int, str | None]]) -> dict[str, Any]:
    """Save several parts in one act: name -> (revision it was opened at, new text or None to remove it)."""
    draft = locked(tx, draft_id)
    done = {}
    for name, (revision, text) in changes.items():
        done[name] = (
            _drop(tx, draft, name, revision) if text is None else _put(tx, draft, name, text, revision)
        )
    return {"revisions": done, "said": "已保存"}


@command
def remove(tx: Tx, *, draft_id: int, name: str, revision: int) -> dict[str, Any]:
    """Remove a part; the diagram and the settings stay."""
    draft = locked(tx, draft_id)
    _drop(tx, draft, name, revision)
    return {"said": f"已删除 {name}"}


def _put(tx: Tx, draft: Draft, name: str, text: str, revision: int) -> int:
    if not is_part(name):
        raise Refused(f"文件名“{name[:60]}”不可用，只用小写字母、数字和下划线。")
    if len(text.encode()) > MAX_PART:
        raise Refused(f"内容过大，最大 {MAX_PART // 1000} KB，请精简后再保存。")
    part = _at(tx, draft, name, revision)
    if part is None:
        _room_for_one(tx, draft)
        part = DraftPart(draft_id=draft.id, name=name, text="", revision=0)
        tx.session.add(part)
    if part.revision and part.text == text:
        return part.revision
    part.text, part.revision = text, part.revision + 1
    part.changed_at, part.changed_by = tx.now, tx.actor.person_id or 0
    _touched(tx, draft, name, text)
    return part.revision


def _drop(tx: Tx, draft: Draft, name: str, revision: int) -> int:
    if name in (DIAGRAM, SETTINGS):
        raise Refused("流程图和流程设置不能删除。")
    part = _at(tx, draft, name, revision)
    if part is not None:
        tx.session.delete(part)
        _touched(tx, draft, name, None)
    return 0


def _at(tx: Tx, draft: Draft, name: str, revision: int) -> DraftPart | None:
    """The part if it still stands at that revision, None for a new one."""
    part = tx.session.get(DraftPart, (draft.id, name))
    if (part.revision if part else 0) == revision:
        return part
    if part is None:
        raise Conflict("这一部分已被别人删除。您的内容还在页面上，可以另行保存。", "", 0)
    who, when = directory().name_of(part.changed_by), clock.local_text(part.changed_at)
    raise Conflict(
        f"{who}在 {when} 保存过这一部分。您的内容还在页面上，请先看对方的修改。", part.text, part.revision
    )


def _room_for_one(tx: Tx, draft: Draft) -> None:
    count = tx.session.query(DraftPart).filter_by(draft_id=draft.id).count()
    if count >= MAX_PARTS:
        raise Refused(f"草稿最多 {MAX_PARTS} 个文件，请先删除不用的表单或情形。")


def _touched(tx: Tx, draft: Draft, name: str, text: str | None) -> None:
    """Autosave is exempt from the record (security.md 3); the version that is made of the draft is not."""
    draft.changed_at, draft.changed_by = tx.now, tx.actor.person_id or draft.changed_by
    if text is None:
        tx.record("system", "draft.part", f"删除草稿「{draft.name}」的 {name}", draft=draft.id, part=name)
