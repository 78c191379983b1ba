"""What pages read of 代理, absences and handovers: bounded lists, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.deputies import active, acts_today, days, may_arrange
from app.accounts.deputy_models import ABSENCES, KINDS, Absence, Deputy, Handover
from app.accounts.directory import Directory
from app.core.actor import Actor

PAGE = 30


@dataclass(frozen=True)
class Listed:
    """A page of rows as dicts for the template, and the key of the next page (None: there is none)."""

    rows: list[dict[str, Any]]
    next_key: int | None


def _page(
    session: Session, model: Any, where: Any, before: int | None, most: int
) -> tuple[Sequence[Any], int | None]:
    query = (
        sa.select(model).where(where, model.id < (before or 2**62)).order_by(model.id.desc()).limit(most + 1)
    )
    rows = session.scalars(query).all()
    return rows[:most], rows[most - 1].id if len(rows) > most else None


@dataclass(frozen=True)
class Reader:
    """Whoever reads, on which day, with the names at hand."""

    session: Session
    book: Directory
    actor: Actor
    today: date
    processes: Mapping[str, str]

    def deputies(self, where: Any, before: int | None = None, most: int = PAGE) -> Listed:
        """Arrangements."""
        rows, following = _page(self.session, Deputy, where, before, most)
        return Listed([self._deputy(row) for row in rows], following)

    def absences(self, where: Any, before: int | None = None, most: int = PAGE) -> Listed:
        """Who is away."""
        rows, following = _page(self.session, Absence, where, before, most)
        return Listed([self._absence(row) for row in rows], following)

    def handovers(self, where: Any, before: int | None = None, most: int = PAGE) -> Listed:
        """What was handed over."""
        rows, following = _page(self.session, Handover, where, before, most)
        return Listed([self._handover(row) for row in rows], following)

    def _may(self, person_id: int) -> bool:
        person = self.book.people.get(person_id)
        return person is not None and may_arrange(self.actor, person)

    def _deputy(self, row: Deputy) -> dict[str, Any]:
        state = active(row, self.today)
        acting = state == "active" and (row.kind != "standing" or acts_today(self.book, row, self.today))
        posts = [post.name for post_id in row.posts if (post := self.book.post(post_id)) is not None]
        return {
            "id": row.id,
            "kind": KINDS[row.kind],
            "principal": self.book.name_of(row.principal_id),
            "deputy": self.book.name_of(row.deputy_id),
            "days": days(row),
            "posts": "、".join(posts) or "全部岗位",
            "processes": "、".join(self.processes.get(key, key) for key in row.processes) or "全部流程",
            "reason": row.reason,
            "state": state,
            "acting": acting,
            "may_end": state != "ended" and self._may(row.principal_id),
        }

    def _absence(self, row: Absence) -> dict[str, Any]:
        state = active(row, self.today)
        return {
            "id": row.id,
            "person": self.book.name_of(row.person_id),
            "kind": ABSENCES[row.kind],
            "days": days(row),
            "note": row.note,
            "state": state,
            "may_end": state != "ended" and self._may(row.person_id),
        }

    def _handover(self, row: Handover) -> dict[str, Any]:
        return {
            "id": row.id,
            "person": self.book.name_of(row.person_id),
            "successor": self.book.name_of(row.successor_id),
            "at": row.made_at,
            "until": row.until_on,
            "lines": len(row.lines),
            "reason": row.reason,
        }
