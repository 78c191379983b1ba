"""Objects of this room for the access tests."""

from __future__ import annotations

import sqlalchemy as sa

from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.notices import Note, enqueue
from app.notices.models import Notice
from tests.access.samples import Sample
from tests.support.organs import City


@command
def _tell(tx: Tx, *, person: int) -> int:
    enqueue(tx, [Note("work", "核稿——关于通知的通知", "/", person, None, "access")])
    return int(tx.session.scalars(sa.select(Notice.id).where(Notice.dedupe == "access")).one())


def samples(city: City) -> dict[str, Sample]:
    """A notice for 房建业 is nobody else's."""
    return {"notices.show": Sample({"notice_id": _tell(SYSTEM, person=city.people["fang"])}, "fang", "shui")}
