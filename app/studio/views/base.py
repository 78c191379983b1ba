"""The blueprint that every module of pages adds to, and what they share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from app.core import guard
from app.core.errors import Refused

bp = Blueprint("studio", __name__, url_prefix="/studio", template_folder="../templates")


@bp.before_request
def _warm() -> None:
    """Whoever opens a page of the studio will soon save something that is to be checked."""
    guard.warm()


def said() -> dict[str, Any]:
    """The JSON object a page sent; Refused when it sent something else."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Refused("提交的内容不完整。请刷新页面后重试。")
    return found
