"""取回 (features.md H9): whoever sent a step on takes it back, while nobody has done anything with it.

Allowed when nothing but that completion is lost (the plan's `withdrawal`) and what it opened is untouched: not done, no
answers begun, nobody asked beside it. An organ may set that opening it is too late already (`withdraw_unopened`). What is
checked and what is taken back is one transaction on the locked case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.forms import Form
from app.cases import offering, road
from app.cases.models import Draft
from app.cases.offering import Operation, Preview, Standing, declare
from app.cases.operations.fields import note_field
from app.cases.reaching import done_sentence
from app.cases.registry import OBJECTIONS
from app.cases.returns import undo, words
from app.cases.returns.past import MOVED_ON, Past, read, seal
from app.cases.showing import WITHDRAWN
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import Refused
from workflows.engine import ReturnPlan

#: setting of an organ: once the receiver has opened the step it cannot be taken back
UNOPENED = "withdraw_unopened"
_FURTHER = "您办完以后，别的环节已经据此往下办，不能取回。需要改的，请现在的经办人退回。"
_drafts = sa.select(Draft.item_id).where(Draft.item_id.in_(sa.bindparam("ids", expanding=True))).limit(1)


class WithdrawForm(Form):
    """A word to those it is taken from."""

    reason = note_field("说明（可不填）", description="写给原来要办的人。")


def last_done(here: Standing) -> Mapping[str, Any] | None:
    """The step this person completed last."""
    mine = [
        item
        for item in here.items
        if item["kind"] == "step" and item["status"] == "done" and item["done_by"] == here.actor.person_id
    ]
    return max(mine, key=lambda item: (item["closed_at"], item["id"]), default=None)


def opened_by(here: Standing, item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps that came to be when it was completed."""
    return [each for each in here.items if each["kind"] == "step" and each["opened_at"] == item["closed_at"]]


def _why_not(here: Standing) -> str | None:
    item = last_done(here)
    if item is None:
        return "您还没有办过本件的环节。"
    opened = opened_by(here, item)
    for each in opened:
        if each["status"] != "open":
            return f"「{each['label']}」{done_sentence(each)}不能取回。需要改的，请现在的经办人退回。"
    return _touched(db.session(), here, opened)


def _touched(session: Session, here: Standing, opened: Sequence[Mapping[str, Any]]) -> str | None:
    """Who has begun with what would disappear."""
    ids = {each["id"]: each for each in opened}
    for each in here.items:
        if each["parent_id"] in ids:
            return f"「{ids[each['parent_id']]['label']}」已经请别人办理（{each['label']}），不能取回。"
    if (draft := session.scalar(_drafts, {"ids": list(ids) or [0]})) is not None:
        return f"「{ids[draft]['label']}」的经办人已经动笔，不能取回。请与其联系，由其退回。"
    for each in opened:
        if each["seen_at"] is not None and here.people.organ(here.case["organ_id"]).settings.get(UNOPENED):
            return f"「{each['label']}」已经打开阅看，按本机关的设置不能取回。请与其联系，由其退回。"
    return None


def _plan(session: Session, here: Standing) -> tuple[Past, ReturnPlan]:
    item = last_done(here)
    past = read(session, here.case, here.items, here.people)
    rows = [done.seq for done in past.done if item is not None and done.item_id == item["id"]]
    if not rows:
        raise Refused(_FURTHER)
    plan = past.plan(min(rows))
    if set(plan.drop) != set(rows):
        raise Refused(_FURTHER)
    for object_to in OBJECTIONS:
        if (why := object_to(session, "withdraw", here.case, plan)) is not None:
            raise Refused(why)
    return past, plan


def _preview(session: Session, here: Standing, form: WithdrawForm) -> Preview:
    past, plan = _plan(session, here)
    parts = [
        ("取回后由您重新办理", [f"「{past.label(plan.goal)}」，您填的内容都在"]),
        ("撤下的待办", words.vanishing(here, past, plan)),
        ("已经生效，不因取回撤销", words.standing_acts(plan)),
        ("时限", words.limits(past, plan)),
    ]
    return Preview(parts, seal(plan))


@command
def withdraw(tx: Tx, *, case_id: int, reason: str = "", seal_seen: str = "") -> dict[str, Any]:
    """Take back what this person completed last. Raises NotFound, Refused (somebody has begun with it, moved on)."""
    here = offering.locked(tx, "withdraw", case_id=case_id)
    past, plan = _plan(tx.session, here)
    if seal(plan) != seal_seen:
        raise Refused(MOVED_ON)
    label, note = past.label(plan.goal), reason.strip()
    how = undo.Undoing(
        action="case.withdraw",
        summary=f"{tx.actor.name} 取回「{label}」" + (f"：{note}" if note else ""),
        kind="withdrawn",
        gone=WITHDRAWN,
        came_from="本人取回",
        reason=note or None,
        said={"reason": note},
    )
    journey = undo.undo(tx, here, past, plan, how)
    return {"case": here.case["id"], "said": road.closing(journey, f"已取回「{label}」。")}


def _perform(actor: Actor, here: Standing, form: Any, seal_seen: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = withdraw(
        actor, case_id=here.case["id"], reason=form.reason.data or "", seal_seen=seal_seen, token=token
    )
    return result


WITHDRAW = declare(
    Operation(
        key="withdraw",
        about="case",
        icon="back",
        lead="对方还没有办的，取回来重新办理。您填过的内容都在。",
        concerns=lambda here: last_done(here) is not None,
        why_not=_why_not,
        form=lambda here: WithdrawForm(),
        perform=_perform,
        preview=_preview,
    )
)
