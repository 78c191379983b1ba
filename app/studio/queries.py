"""What pages read of drafts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.processes.models import Process
from app.studio.models import Draft, DraftPart, DraftPresence

AWAY = timedelta(seconds=60)


def draft(session: Session, draft_id: int) -> Draft:
    """A draft; NotFound when there is none."""
    found = session.get(Draft, draft_id)
    if found is None:
        raise NotFound()
    return found


def texts(session: Session, draft_id: int) -> dict[str, str]:
    """Every part of a draft by its name."""
    rows = session.execute(
        sa.select(DraftPart.name, DraftPart.text)
        .where(DraftPart.draft_id == draft_id)
        .order_by(DraftPart.name)
    )
    return {row.name: row.text for row in rows}


def part(session: Session, draft_id: int, name: str) -> DraftPart:
    """One part of a draft; NotFound when it has none of that name."""
    found = session.get(DraftPart, (draft_id, name))
    if found is None:
        raise NotFound()
    return found


def revisions(session: Session, draft_id: int) -> dict[str, int]:
    """The revision every part of a draft stands at."""
    rows = session.execute(
        sa.select(DraftPart.name, DraftPart.revision).where(DraftPart.draft_id == draft_id)
    )
    return {row.name: row.revision for row in rows}


def callable_keys(session: Session) -> Sequence[str]:
    """Keys of the processes that have an active version."""
    return session.scalars(sa.select(Process.key).where(Process.active_id.is_not(None))).all()


def open_drafts(session: Session) -> Sequence[Draft]:
    """Drafts that are drawn or wait for 复核, the last changed first."""
    return session.scalars(
        sa.select(Draft).where(Draft.status.in_(("open", "submitted"))).order_by(Draft.changed_at.desc())
    ).all()


def others(session: Session, draft_id: int, person_id: int, now: datetime) -> Sequence[DraftPresence]:
    """Who else has the draft open."""
    return session.scalars(
        sa.select(DraftPresence)
        .where(
            DraftPresence.draft_id == draft_id,
            DraftPresence.person_id != person_id,
            DraftPresence.seen_at > now - AWAY,
        )
        .order_by(DraftPresence.person_id)
    ).all()


def hands(session: Session, draft_id: int) -> list[int]:
    """Everybody who saved a part of a draft."""
    rows = session.scalars(sa.select(DraftPart.changed_by).where(DraftPart.draft_id == draft_id).distinct())
    return sorted(rows)
