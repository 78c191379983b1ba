"""What other rooms hang here, because this room may not import them.

`imported`           obligations: opens publication duties for rows of an imported 发文登记簿
`attribute_changed`  obligations: a document stops (or starts) being 主动公开
`may_see_case`       cases: whether a person may see a case and therefore its files
`may_see_kept`       by the field of a file that belongs to no case and no document: whether a person may see what `item_id` names
`cases_of`           cases: the cases of a document, for its page: [{label, url, status, at}]
`opinions_of`        cases: the opinions of a case, for the printed sheets: [{step, post, person, at, opinion, …}]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.command import Tx


@dataclass(frozen=True, slots=True)
class Imported:
    """A document that an import has just inserted; `published_on` and `url` when the register already says so."""

    document_id: int
    organ_id: int
    unit_id: int | None
    title: str | None
    attribute: str
    issued_on: date
    published_on: date | None = None
    url: str | None = None


imported: list[Callable[[Tx, Sequence[Imported]], None]] = []
#: called with (tx, document id, old attribute, new attribute)
attribute_changed: list[Callable[[Tx, int, str | None, str], None]] = []
may_see_case: list[Callable[[Session, Actor, int], bool]] = []
may_see_kept: dict[str, Callable[[Session, Actor, int], bool]] = {}
cases_of: list[Callable[[Session, Actor, int], Sequence[dict[str, Any]]]] = []
opinions_of: list[Callable[[Session, int], Sequence[dict[str, Any]]]] = []
