"""At the desk: claim, put back, keep a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.cases import road, stream
from app.cases.models import Case, Draft, WorkItem
from app.cases.reaching import behalf, done_sentence, locked_item, name_of, near, receives
from app.cases.routing import JUDGING
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotAllowed, NotFound, Refused

_hold = (
    sa.update(table_of(WorkItem))
    .where(table_of(WorkItem).c.id == sa.bindparam("k"), table_of(WorkItem).c.status == "open")
    .values(holder_id=sa.bindparam("holder"))
)
_drafted = (
    sa.select(WorkItem.holder_id, WorkItem.post_id, WorkItem.status, Case.process_key)
    .join(Case, Case.id == WorkItem.case_id)
    .where(WorkItem.id == sa.bindparam("k"))
)


@command
def claim(tx: Tx, *, item_id: int) -> dict[str, Any]:
    """认领: take an unclaimed item of one of one's posts; a stand-in takes it for the person he acts for."""
    item, case = locked_item(tx, item_id)
    mine = near(item, tx.actor, case)
    if item["status"] != "open" or not mine:
        if item["done_name"] and mine:
            raise Refused(f"「{item['label']}」{done_sentence(item)}请从待办重新进入。")
        raise NotFound()
    absent = behalf(item, tx.actor, case)
    holder = absent.person_id if absent else tx.actor.person_id
    if item["holder_id"] is not None and item["holder_id"] != holder:
        raise Refused(f"「{item['label']}」刚刚已由{name_of(item['holder_id'])}认领。")
    if item["role"] in JUDGING and tx.actor.person_id in case["authors"]:
        raise NotAllowed("拟稿人不能审核自己拟的稿，请由同岗位的其他人认领。")
    who = f"{tx.actor.name} 代 {absent.name}" if absent else tx.actor.name
    return _set_holder(tx, item, case, holder, "case.claim", f"{who} 认领「{item['label']}」")


@command
def put_back(tx: Tx, *, item_id: int) -> dict[str, Any]:
    """放回: give a claimed item back to its post."""
    item, case = locked_item(tx, item_id)
    held = item["holder_id"] is not None and receives(item, tx.actor, case)
    if item["status"] != "open" or not held:
        raise NotFound()
    if item["post_id"] is None:
        raise Refused("这个环节是直接交给您本人的，没有可以放回的岗位。如不能办理，请联系单位管理员改派。")
    if item["waits_for"]:
        raise Refused("您请的人还没有办完，现在不能放回。请等其办完，或先收回、减签。")
    return _set_holder(tx, item, case, None, "case.put_back", f"{tx.actor.name} 放回「{item['label']}」")


def _set_holder(
    tx: Tx, item: Mapping[str, Any], case: dict[str, Any], holder: int | None, action: str, summary: str
) -> dict[str, Any]:
    was = case["lock"]
    tx.session.execute(_hold, {"k": item["id"], "holder": holder})
    case.update(stream.write(tx, case, action, summary, item=item["id"], old=item["holder_id"], new=holder))
    road.save_case(tx, case, was)
    return {"case": case["id"], "item": item["id"], "said": summary + "。"}


_see = (
    sa.update(table_of(WorkItem))
    .where(
        table_of(WorkItem).c.id == sa.bindparam("k"),
        table_of(WorkItem).c.status == "open",
        table_of(WorkItem).c.seen_at.is_(None),
    )
    .values(seen_at=sa.bindparam("at"))
)


@command
def mark_seen(tx: Tx, *, item_id: int) -> None:
    """Whoever receives the item has opened it for the first time; a reading mark, exempt from the record."""
    tx.session.execute(_see, {"k": item_id, "at": tx.now})


@command
def keep_draft(tx: Tx, *, item_id: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a person has typed; exempt from the record (security.md 3). Not yours or done: NotFound."""
    item = tx.session.execute(_drafted, {"k": item_id}).mappings().first()
    if item is None or item["status"] != "open" or not receives(dict(item), tx.actor):
        raise NotFound()
    draft = tx.session.get(Draft, (item_id, tx.actor.person_id))
    if draft is None:
        tx.session.add(Draft(item_id=item_id, person_id=tx.actor.person_id, data=dict(data), saved_at=tx.now))
    else:
        draft.data, draft.saved_at = dict(data), tx.now
    return {"saved_at": tx.now.isoformat()}
