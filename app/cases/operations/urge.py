"""催办 (features.md H10): whoever has a right to the answer reminds who holds a step; recorded, and not too often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app import calendar
from app.accounts.forms import Form, choices
from app.calendar import hours as office
from app.cases import offering, road, stream
from app.cases.models import WorkItem
from app.cases.offering import Operation, Standing, declare
from app.cases.operations.fields import note_field, people_field
from app.cases.showing import where
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import Refused
from app.core.now import local_text as local
from app.notices.service import Note, enqueue

KEY = "urge"
#: working hours between two 催办 of one step【约定】; an organ's setting `urge_hours` says otherwise
USUAL_HOURS = 4
w = table_of(WorkItem)
_urged = (
    sa.update(w)
    .where(w.c.id.in_(sa.bindparam("ids", expanding=True)), w.c.status == "open")
    .values(urged_at=sa.bindparam("at"))
)


class UrgeForm(Form):
    """Which steps, and a word about why."""

    items = people_field("催办哪个环节")
    note = note_field("附言（可不填）", description="例如：明日到期，请今日办结。")


def _others(here: Standing) -> list[Mapping[str, Any]]:
    """Open items this person may urge: not his own, and his to ask for."""
    me, actor, case = here.actor.person_id, here.actor, here.case
    over_all = case["started_by"] == me or actor.holds("disclosure_head", case["organ_id"])
    over_all = over_all or any(p.kind == "unit_head" and p.unit_id == case["unit_id"] for p in actor.posts)
    found = []
    for item in here.open_items:
        own = item["holder_id"] == me or (item["holder_id"] is None and item["post_id"] in actor.post_ids)
        if not own and (over_all or item["sender_id"] == me) and item["incident"] is None:
            found.append(item)
    return found


def wait_hours(here: Standing, item: Mapping[str, Any]) -> int:
    """How many working hours must lie between two 催办 of this step."""
    return int(here.people.organ(item["organ_id"]).settings.get("urge_hours", USUAL_HOURS))


def _too_soon(here: Standing, item: Mapping[str, Any]) -> str | None:
    """Why this step cannot be urged again yet."""
    if item["urged_at"] is None:
        return None
    least = wait_hours(here, item)
    organ = here.people.organ(item["organ_id"])
    passed = office.worked(calendar.current(), office.of(organ.settings), item["urged_at"], here.now)
    if passed is None or passed >= least * 60:
        return None
    return (
        f"「{item['label']}」{local(item['urged_at'])} 已催办过，{least} 个工作小时内不再重复催办【约定】。"
    )


def _why_not(here: Standing) -> str | None:
    reasons = [_too_soon(here, item) for item in _others(here)]
    return None if any(reason is None for reason in reasons) else reasons[0]


def _form(here: Standing) -> UrgeForm:
    ready = [item for item in _others(here) if _too_soon(here, item) is None]
    form = UrgeForm(data={"items": [item["id"] for item in ready]})
    form.items.choices = choices([(i["id"], f"{i['label']}：{where(i, here.people)}") for i in ready])
    return form


@command
def urge(tx: Tx, *, case_id: int, items: Sequence[int], note: str = "") -> dict[str, Any]:
    """催办. Raises NotFound (no right to), Refused (urged lately, done meanwhile)."""
    here = offering.locked(tx, KEY, case_id=case_id)
    ready = {item["id"]: item for item in _others(here)}
    chosen = [ready[each] for each in dict.fromkeys(items) if each in ready]
    if not chosen or len(chosen) != len(set(items)):
        raise Refused(
            "这个环节刚刚已经办完，或不由您催办。请刷新页面。", fields={"items": "请从列表里选择。"}
        )
    for item in chosen:
        if (why := _too_soon(here, item)) is not None:
            raise Refused(why, fields={"items": why})
    case, words = dict(here.case), note.strip()[:500]
    was = case["lock"]
    tx.session.execute(_urged, {"ids": [item["id"] for item in chosen], "at": tx.now})
    who = "、".join(f"{where(item, here.people)}办理「{item['label']}」" for item in chosen)
    summary = f"{tx.actor.name} 催{who}" + (f"：{words}" if words else "")
    case.update(
        stream.write(tx, case, "case.urge", summary, items=[item["id"] for item in chosen], note=words)
    )
    road.save_case(tx, case, was)
    enqueue(tx, [_note(tx, case, item, words) for item in chosen])
    return {"case": case_id, "said": f"已催{who}。"}


def _note(tx: Tx, case: Mapping[str, Any], item: Mapping[str, Any], words: str) -> Note:
    return Note(
        kind="urge",
        text=f"{tx.actor.name} 催办「{item['label']}」——{case['title']}" + (f"：{words}" if words else ""),
        url=f"/work/{item['id']}",
        person_id=item["holder_id"],
        post_id=None if item["holder_id"] else item["post_id"],
        dedupe=f"item:{item['id']}:urge:{case['record_seq']}",
        item_id=item["id"],
        process=case["process_key"],
    )


def _perform(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = urge(
        actor, case_id=here.case["id"], items=form.items.data, note=form.note.data or "", token=token
    )
    return result


URGE = declare(
    Operation(
        key=KEY,
        about="both",
        icon="bell",
        lead="提醒现在的经办人尽快办理，记入流转记录。",
        concerns=lambda here: bool(_others(here)),
        why_not=_why_not,
        form=_form,
        perform=_perform,
    )
)
