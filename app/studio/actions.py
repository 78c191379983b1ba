"""What the process 流程启用 does: the reviewed version becomes active, or its draft opens again."""

from __future__ import annotations

from typing import Any

from app.core.actions import ActionContext, action
from app.studio.service import releasing


@action("definition.activate", "启用复核过的流程版本", once=True)
def activate(context: ActionContext) -> dict[str, Any]:
    """{process, version, relinked}. NotAllowed for one who worked on it, Refused when its checks do not pass now."""
    return releasing.carry_out(context)


@action("definition.send_back", "退回流程草稿")
def send_back(context: ActionContext) -> dict[str, Any]:
    """{draft}: the draft may be changed again; the version that was made of it is retired."""
    return releasing.send_back(context)
