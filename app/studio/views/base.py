"""The blueprint that every module of pages adds to, and what they share."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, request

from app.cases.migration_runs import ADMIN
from app.core import guard
from app.core.errors import NotFound, Refused
from app.core.pages import me

bp = Blueprint("studio", __name__, url_prefix="/studio", template_folder="../templates")


@bp.before_request
def _warm() -> None:
    """Whoever opens a page of the studio will soon save something that is to be checked."""
    guard.warm()


def said() -> dict[str, Any]:
    """The JSON object a page sent; Refused when it sent something else."""
    try:  # the strict reader: what it takes can be handed to the guarded child as it is
        found = orjson.loads(request.get_data()) if request.is_json else None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Refused("提交的内容不完整。请刷新页面后重试。")
    return found


def own_organ() -> int:
    """The organ whose people and cases this 流程管理员 tries things with: his own; NotFound for anybody else."""
    person = me()
    own = [post.organ_id for post in person.posts if post.kind == ADMIN]
    if not own:
        raise NotFound()
    return person.organ_id if person.organ_id in own else own[0]
