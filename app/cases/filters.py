"""保存的筛选: filters of the inbox a person keeps under names of his own. Nobody else sees them, and no case changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.desk_models import SavedFilter
from app.cases.inbox import Asked
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused

MOST = 12

_mine = (
    sa.select(SavedFilter.id, SavedFilter.name, SavedFilter.asked)
    .where(SavedFilter.person_id == sa.bindparam("me"))
    .order_by(SavedFilter.id)
)


def of(session: Session, person_id: int | None) -> list[dict[str, Any]]:
    """The saved filters of a person: id, name, asked."""
    return [dict(row) for row in session.execute(_mine, {"me": person_id}).mappings()]


@command
def keep(tx: Tx, *, name: str, asked: Asked) -> dict[str, Any]:
    """Save a filter; one of the same name is replaced. Exempt from the record: a habit of the reader, not an act."""
    name = " ".join(name.split())[:30]
    if not name:
        raise Refused("请给这个筛选起个名字，例如「本周到期」。", fields={"name": "请填写名称。"})
    if not asked.params:
        raise Refused("现在没有筛选条件，没有可保存的。请先筛选。")
    mine = {row.name: row for row in _rows(tx)}
    if name in mine:
        mine[name].asked = asked.params
    elif len(mine) >= MOST:
        raise Refused(f"最多保存 {MOST} 个筛选。请先删掉不用的。")
    else:
        tx.session.add(SavedFilter(person_id=tx.actor.person_id or 0, name=name, asked=asked.params))
    return {"said": f"已保存筛选「{name}」。"}


@command
def drop(tx: Tx, *, filter_id: int) -> dict[str, Any]:
    """Delete a filter of one's own."""
    found = next((row for row in _rows(tx) if row.id == filter_id), None)
    if found is None:
        raise NotFound()
    tx.session.delete(found)
    return {"said": f"已删除筛选「{found.name}」。"}


def _rows(tx: Tx) -> list[SavedFilter]:
    query = sa.select(SavedFilter).where(SavedFilter.person_id == tx.actor.person_id)
    return list(tx.session.scalars(query.order_by(SavedFilter.id)))
