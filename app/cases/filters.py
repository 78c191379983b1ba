"""保存的筛选: filters of the inbox a person keeps under names of his own. Nobody else sees them, and no case changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.desk_models import BulkRun, SavedFilter
from app.cases.inbox import Asked
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused

MOST = 12

_filters = sa.select(
    sa.literal("filter").label("what"),
    SavedFilter.id.label("id"),
    SavedFilter.name.label("name"),
    sa.cast(SavedFilter.asked, sa.Text).label("said"),
    sa.literal(0).label("total"),
).where(SavedFilter.person_id == sa.bindparam("me"))
_runs = sa.select(sa.literal("run"), BulkRun.id, BulkRun.label, BulkRun.decision_label, BulkRun.total).where(
    BulkRun.person_id == sa.bindparam("me"), BulkRun.state == "running"
)
_both = sa.union_all(_filters, _runs).subquery("k")
_columns = (_both.c.what, _both.c.id, _both.c.name, _both.c.said, _both.c.total)


def _column(many: Any, one: Any) -> Any:
    found = sa.select(many(one(*_columns))).scalar_subquery()
    return sa.type_coerce(found, sa.JSON()).label("kept")


#: per database: a column for the statement that counts the inbox, so that it costs none of its own (`read`)
COLUMN = {
    "sqlite": _column(sa.func.json_group_array, sa.func.json_array),
    "postgresql": _column(sa.func.json_agg, sa.func.json_build_array),
}


@dataclass(frozen=True)
class Kept:
    """What a person keeps above the inbox: saved filters {id, name, asked} and a run of 批量办理 not worked off."""

    filters: list[dict[str, Any]]
    run: Mapping[str, Any] | None


def read(rows: Sequence[Sequence[Any]] | None) -> Kept:
    """What the column said."""
    found = sorted(rows or (), key=lambda each: each[1])
    saved = [
        {"id": number, "name": name, "asked": json.loads(said)}
        for what, number, name, said, _total in found
        if what == "filter"
    ]
    runs = [
        {"id": number, "name": name, "said": said, "total": total}
        for what, number, name, said, total in found
        if what == "run"
    ]
    return Kept(saved, runs[-1] if runs else None)


def kept(session: Session, person_id: int | None) -> Kept:
    """The same in a statement of its own."""
    column = COLUMN[session.get_bind().dialect.name]
    return read(session.execute(sa.select(column), {"me": person_id}).scalar())


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
