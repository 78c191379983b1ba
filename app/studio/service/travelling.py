"""Processes that come from elsewhere or leave the house: every one recorded on the system's stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.core.command import Tx, command
from app.core.errors import Refused
from app.processes.models import Process, ProcessVersion
from app.studio import blank
from app.studio.content import DIAGRAM, MAX_PART, is_part
from app.studio.models import Draft
from app.studio.service.drafts import add
from app.studio.service.parts import MAX_PARTS


@command
def take_archive(
    tx: Tx, *, key: str, name: str, texts: Mapping[str, str], file: str, sm3: str
) -> dict[str, Any]:
    """导入压缩包: always a new draft; its base is the active version of that process, if there is one."""
    _usable(key, texts)
    process = tx.session.get(Process, key)
    base = tx.session.get(ProcessVersion, process.active_id) if process and process.active_id else None
    note = f"从压缩包导入：{file}"
    draft = add(tx, key, name.strip()[:80] or key, texts, base_id=base.id if base else None, note=note)
    _record(tx, draft, file, sm3)
    if base is None:
        return {"draft": draft.id, "said": "已从压缩包建立草稿。"}
    return {
        "draft": draft.id,
        "said": f"已从压缩包建立草稿，正在使用的第 {base.number} 版没有变化，可以和它比较。",
    }


@command
def take_drawing(
    tx: Tx,
    *,
    key: str,
    name: str,
    diagram: str,
    lanes: str,
    file: str,
    sm3: str,
    repairs: int,
    left: int = 0,
) -> dict[str, Any]:
    """导入别的软件画的流程图: a new process whose diagram it is; forms, posts and scenarios are still to be made."""
    name = name.strip()
    if not blank.KEY.match(key):
        raise Refused(
            "流程编号不可用。", fields={"key": "以小写字母开头，只用小写字母、数字和下划线，2 至 40 个字符"}
        )
    if not 2 <= len(name) <= 40:
        raise Refused("请填写流程名称，2 至 40 个字。", fields={"name": "写 2 至 40 个字"})
    taken = sa.select(Draft.id).where(Draft.process_key == key, Draft.status.in_(("open", "submitted")))
    if tx.session.get(Process, key) is not None or tx.session.scalar(taken.limit(1)) is not None:
        raise Refused(f"编号 {key} 已经有流程使用，请换一个。", fields={"key": "请换一个编号"})
    texts = blank.parts(key, name)
    begun = {each: texts[each] for each in ("package.toml", "forms/start.toml")}
    if lanes:
        begun["package.toml"] = begun["package.toml"].partition("[lanes.")[0] + lanes
    _usable(key, {**begun, DIAGRAM: diagram})
    draft = add(tx, key, name, {**begun, DIAGRAM: diagram}, note=f"从流程图文件导入：{file}")
    _record(tx, draft, file, sm3, repairs=repairs, left=left)
    return {"draft": draft.id, "said": "已建立草稿。接下来为各环节设计表单，为泳道指定岗位。"}


def _usable(key: str, texts: Mapping[str, str]) -> None:
    if not blank.KEY.match(key):
        raise Refused(
            f"流程编号“{key[:40]}”不可用：以小写字母开头，只用小写字母、数字和下划线，2 至 40 个字符。"
        )
    if len(texts) > MAX_PARTS:
        raise Refused(f"文件太多，最多 {MAX_PARTS} 个。")
    for name, text in texts.items():
        if not is_part(name):
            raise Refused(f"文件名“{name[:60]}”不可用，只用小写字母、数字和下划线，以字母开头。")
        if len(text.encode()) > MAX_PART:
            raise Refused(f"文件 {name} 过大，最大 {MAX_PART // 1000} KB，请精简后再导入。")


def _record(tx: Tx, draft: Draft, file: str, sm3: str, **more: Any) -> None:
    tx.record(
        "system", "draft.import", f"导入流程「{draft.name}」：{file}", draft=draft.id, process=draft.process_key, file=file,
        sm3=sm3, **more,
    )  # fmt: skip


@command
def note_export(tx: Tx, *, what: str, process: str, sm3: str, source: Mapping[str, int]) -> None:
    """Who took a definition out, and which."""
    tx.record("system", "process.export", f"导出{what}", process=process, sm3=sm3, **source)
