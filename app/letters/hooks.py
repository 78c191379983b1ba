"""What the room that knows cases hangs here, because this room may not import it.

`may_see_case`  (session, actor, case id): whether the person may read the case's letters
`may_edit`      (session, actor, letter): whether the person may change this letter's text now
`case_link`     (case id): {label, url} of the case's page
`approval_void` (tx, letter id): a text was changed after approval: the approval is void and must be said
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.command import Tx
from app.letters.models import Letter

may_see_case: list[Callable[[Session, Actor, int], bool]] = []
may_edit: list[Callable[[Session, Actor, Letter], bool]] = []
case_link: list[Callable[[int], dict[str, Any] | None]] = []
approval_void: list[Callable[[Tx, int], None]] = []
