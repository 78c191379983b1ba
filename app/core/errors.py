"""What a command or a page may refuse with. Every message is a Chinese sentence that says what to do next.

Only `app/core/pages.py` knows which HTTP status each of them is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GongkaiError(Exception):
    """Root of all refusals; `message` is shown to the person as it is."""

    status = 409
    title = "这一步没有办成"

    def __init__(
        self, message: str, *, fields: Mapping[str, str] | None = None, recorded: Any = None
    ) -> None:
        super().__init__(message)
        self.message = message
        #: errors to show at form fields: field key -> sentence
        self.fields = dict(fields or {})
        #: a `core.record.Entry` that must be written although the command is undone (refused sign-in, …)
        self.recorded = recorded


class Sayable(GongkaiError):
    """A refusal that the page which asked can show in its place. What does not exist has no such page."""


class Refused(Sayable):
    """The rules say no (state, law, definition)."""


class NotAllowed(Sayable):
    """This person may not do it."""

    status = 403
    title = "您没有办理这一步的权限"


class NotFound(GongkaiError):
    """Missing, or not for this person: the two are never told apart."""

    status = 404
    title = "没有找到这个页面"

    def __init__(self, message: str = "您要找的内容不存在，或不在您的办理范围内。请从菜单重新进入。") -> None:
        super().__init__(message)


class Busy(Sayable):
    """The database is locked or the disk is full; nothing was changed."""

    status = 503
    title = "系统正忙，内容没有保存"


class TooMany(Sayable):
    """Too many attempts from one place."""

    status = 429
    title = "操作过于频繁"
