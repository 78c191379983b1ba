"""抄送 (features.md H1): colleagues or whole units of the organ are shown the case; they need do nothing but read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from wtforms import SelectMultipleField, widgets

from app.accounts.directory import PersonInfo
from app.accounts.forms import Form, choices
from app.cases import offering, road, stream
from app.cases.offering import Operation, Standing, declare
from app.cases.operations.fields import able, note_field, offer_people, people_field
from app.cases.sub_models import CaseCopy
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotFound, Refused
from app.notices import service as notices
from app.notices.service import Note, enqueue

KEY = "copy"
MOST = 200
notices.KINDS["copy"] = "抄送"
k = table_of(CaseCopy)
_new = sa.insert(k).returning(k.c.person_id, k.c.id)
_unread = sa.select(k.c.person_id).where(k.c.case_id == sa.bindparam("case"), k.c.read_at.is_(None))
_read = (
    sa.update(k)
    .where(k.c.id == sa.bindparam("k"), k.c.person_id == sa.bindparam("me"))
    .values(read_at=sa.func.coalesce(k.c.read_at, sa.bindparam("at")))
    .returning(k.c.case_id)
)


class CopyForm(Form):
    """To whom, and a word about why."""

    to = people_field("抄送给", must=False)
    units = SelectMultipleField(
        "抄送给整个科室",
        coerce=int,
        validate_choice=False,
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    note = note_field("附言（可不填）", description="例如：请了解，不必办理。")


def candidates(here: Standing) -> list[PersonInfo]:
    """Colleagues of the actor's organ."""
    people = here.people.people_of(here.actor.organ_id or 0)
    return able(people, lambda person: person.id != here.actor.person_id)


def _concerns(here: Standing) -> bool:
    """Whoever handles the case, has handled it or began it, and the 机构 of his organ."""
    me = here.actor.person_id
    handled = any(me in (item["done_by"], item["holder_id"]) for item in here.items)
    at_post = any(item["post_id"] in here.actor.post_ids for item in here.open_items if item["post_id"])
    head = here.actor.holds("disclosure_head", here.case["organ_id"])
    return here.mine or handled or at_post or head or here.case["started_by"] == me


def _form(here: Standing) -> CopyForm:
    form = CopyForm()
    offer_people(form.to, candidates(here), here.people)
    units = here.people.units_of(here.actor.organ_id or 0)
    form.units.choices = choices([(unit.id, unit.name) for unit in units])
    return form


def _chosen(here: Standing, to: Sequence[int], units: Sequence[int]) -> list[PersonInfo]:
    book = {person.id: person for person in candidates(here)}
    known = {unit.id for unit in here.people.units_of(here.actor.organ_id or 0)}
    if any(each not in book for each in to) or any(each not in known for each in units):
        raise Refused("只能抄送给本机关的人和科室。请从列表里选择。", fields={"to": "请从列表里选择。"})
    found = [person for person in book.values() if person.id in to or person.unit_id in units]
    if not found:
        raise Refused("请选择抄送给谁。", fields={"to": "请选择人员或科室。"})
    if len(found) > MOST:
        raise Refused(f"一次最多抄送 {MOST} 人。", fields={"to": "请少选一些。"})
    return found


@command
def copy(
    tx: Tx, *, case_id: int, to: Sequence[int], units: Sequence[int] = (), note: str = ""
) -> dict[str, Any]:
    """抄送 a case. Raises NotFound (nothing to do with it), Refused (nobody, other organs, all have it unread)."""
    here = offering.locked(tx, KEY, case_id=case_id)
    people = _chosen(here, to, units)
    unread = {row.person_id for row in tx.session.execute(_unread, {"case": case_id})}
    fresh = [person for person in people if person.id not in unread]
    if not fresh:
        raise Refused("选择的人都已抄送过，还没有阅。", fields={"to": "都已在待阅。"})
    case = dict(here.case)
    was, words = case["lock"], note.strip()[:500]
    rows = [
        {
            "case_id": case_id, "person_id": person.id, "sent_by": tx.actor.person_id, "note": words,
            "sent_at": tx.now, "read_at": None,
        }
        for person in fresh
    ]  # fmt: skip
    made = {row.person_id: row.id for row in tx.session.execute(_new, rows)}
    text = f"{tx.actor.name} 抄送：{case['title']}"
    enqueue(
        tx, [Note("copy", text, f"/work/copies/{i}", person, None, f"copy:{i}") for person, i in made.items()]
    )
    who = "、".join(person.name for person in fresh[:5]) + (f"等 {len(fresh)} 人" if len(fresh) > 5 else "")
    summary = f"{tx.actor.name} 抄送 {who}" + (f"：{words}" if words else "")
    case.update(stream.write(tx, case, "case.copy", summary, people=[p.id for p in fresh], note=words))
    road.save_case(tx, case, was)
    return {"case": case_id, "said": f"已抄送 {who}。"}


@command
def mark_read(tx: Tx, *, copy_id: int) -> int:
    """A copy was opened; the case it shows. A reading mark is no act of business and leaves no record (security.md 3).

    NotFound when it is somebody else's.
    """
    params = {"k": copy_id, "me": tx.actor.person_id, "at": tx.now}
    case_id: int | None = tx.session.execute(_read, params).scalar()
    if case_id is None:
        raise NotFound()
    return case_id


def _perform(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = copy(
        actor, case_id=here.case["id"], to=form.to.data, units=form.units.data, note=form.note.data or "",
        token=token,
    )  # fmt: skip
    return result


COPY = declare(
    Operation(
        key=KEY,
        about="both",
        icon="copy",
        lead="请同事了解本件：列入他的待阅，不必办理。抄送记入流转记录。",
        concerns=_concerns,
        why_not=lambda here: None if candidates(here) else "本机关没有别人可以抄送。",
        form=_form,
        perform=_perform,
    )
)
