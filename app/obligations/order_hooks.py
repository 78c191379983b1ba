"""When a notice about an order or a duty still asks whom it told (`notices.queries.still_asks`)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.core.db import table_of
from app.obligations.models import Obligation
from app.obligations.order_models import Order

o, d = table_of(Order), table_of(Obligation)


def owed(notice: Any) -> sa.ColumnElement[bool]:
    """To the duty side: while the order waits for its report."""
    return sa.and_(notice.about == "owed", sa.exists().where(o.c.id == notice.item_id, o.c.status == "open"))


def to_decide(notice: Any) -> sa.ColumnElement[bool]:
    """To the 督查岗: while a report or an extension waits for its decision."""
    waits = sa.or_(o.c.status == "reported", sa.and_(o.c.status == "open", o.c.asked_due.is_not(None)))
    return sa.and_(notice.about == "decide", sa.exists().where(o.c.id == notice.item_id, waits))


def duty_is_open(notice: Any) -> sa.ColumnElement[bool]:
    """A duty to publish: until it is published, or need not be any more."""
    return sa.and_(notice.about == "duty", sa.exists().where(d.c.id == notice.item_id, d.c.status == "open"))
