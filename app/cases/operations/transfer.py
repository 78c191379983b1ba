"""转交他人 (features.md H3): the step goes to somebody else, with a reason; who had it no longer does.

Work goes to anybody of the organ, and so does what somebody was asked beside a step. A step that reviews or signs goes
only to another holder of its post: who reviews is the definition's choice, not the reviewer's (domain.md 12.6).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.accounts.directory import PersonInfo
from app.accounts.forms import Form
from app.cases import offering, road, stream
from app.cases.models import WorkItem
from app.cases.offering import Operation, Standing, declare
from app.cases.operations.fields import able, offer_people, person_field, reason_field
from app.cases.routing import JUDGING, Target
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import Refused

w = table_of(WorkItem)
_hand = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"), w.c.status == "open")
    .values(
        holder_id=sa.bindparam("holder"),
        sender_id=sa.bindparam("sender"),
        reason=sa.bindparam("why"),
        came_from=sa.bindparam("whence"),
        seen_at=None,
    )
)


class TransferForm(Form):
    """To whom and why."""

    to = person_field("接办人")
    reason = reason_field("转交原因")


def candidates(here: Standing) -> list[PersonInfo]:
    """Who may take the step over."""
    item, people = here.step, here.people
    asked = _asked_beside(here)
    if item["round_id"] is not None:
        others = people.people_of(item["organ_id"])
    elif item["role"] in JUDGING:
        if item["post_id"] is None:
            return []
        others = people.holders(item["post_id"])
    else:
        others = people.people_of(item["organ_id"])
    barred = frozenset(here.case["authors"]) if item["role"] in JUDGING else frozenset()
    return able(others, lambda p: p.id != here.actor.person_id and p.id not in barred | asked)


def _asked_beside(here: Standing) -> frozenset[int]:
    """Of a sub-item: those asked in its round already, and who asks."""
    item = here.step
    if item["round_id"] is None:
        return frozenset()
    beside = [i for i in here.items if i["round_id"] == item["round_id"] or i["id"] == item["parent_id"]]
    return frozenset(i["holder_id"] for i in beside if i["holder_id"])


def _why_not(here: Standing) -> str | None:
    if not here.mine:
        return offering.NOT_YOURS
    if here.subs:
        return "您请的人还没有办完，请等其办完，或先减签。"
    if not candidates(here):
        if here.step["role"] in JUDGING:
            return "这个岗位上没有别人可以接办。审核、签发只能转给同一岗位的人。"
        return "本机关没有别人可以接办。"
    return None


def _form(here: Standing) -> TransferForm:
    form = TransferForm()
    offer_people(form.to, candidates(here), here.people)
    return form


@command
def transfer(tx: Tx, *, item_id: int, to: int, reason: str) -> dict[str, Any]:
    """Hand the step over. Raises NotFound (not yours), Refused (not possible now, not to this person)."""
    here = offering.locked(tx, "transfer", item_id=item_id)
    person = next((each for each in candidates(here) if each.id == to), None)
    if person is None:
        raise Refused("不能转交给这个人。请从列表里选择。", fields={"to": "请从列表里选择。"})
    if not reason.strip():
        raise Refused("请写明转交的原因。", fields={"reason": "请填写转交原因。"})
    item, case = here.step, dict(here.case)
    was = case["lock"]
    sender = tx.actor.person_id
    whence = f"{tx.actor.name} 转交"
    tx.session.execute(
        _hand, {"k": item["id"], "holder": to, "sender": sender, "why": reason.strip(), "whence": whence}
    )
    summary = f"{tx.actor.name} 将「{item['label']}」转交 {person.name}：{reason.strip()}"
    case.update(
        stream.write(
            tx, case, "case.transfer", summary,
            item=item["id"], old=item["holder_id"], new=to, reason=reason.strip(),
        )
    )  # fmt: skip
    road.save_case(tx, case, was)
    target = Target(item["organ_id"], item["post_id"], to, person.name, (person.name,), (to,))
    road.tell(tx, case, item["id"], item["label"], target, repeat=case["record_seq"])
    return {"case": case["id"], "said": f"已转交 {person.name} 办理「{item['label']}」。"}


def _perform(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = transfer(
        actor, item_id=here.step["id"], to=form.to.data, reason=form.reason.data, token=token
    )
    return result


TRANSFER = declare(
    Operation(
        key="transfer",
        about="item",
        icon="send",
        lead="交给别人办，您不再办这个环节。原因记入流转记录。",
        concerns=lambda here: here.mine,
        why_not=_why_not,
        form=_form,
        perform=_perform,
    )
)
