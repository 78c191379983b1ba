"""退回 (features.md H7, H8): to any step that was completed, in a parallel branch and in a called process too.

What is redone, what vanishes and what stands is shown first and confirmed; the command does exactly that, or says that
the case has moved on. 重走: every step again. 直达: straight back to whoever returned it, when the content stays the same
(`returns.straight`). Nothing that was done in law is undone: a room above objects (`registry.OBJECTIONS`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from app.accounts.forms import Form, choices
from app.cases import offering, road
from app.cases.offering import Operation, Preview, Standing, declare
from app.cases.operations.fields import reason_field
from app.cases.registry import OBJECTIONS
from app.cases.returns import straight, undo, words
from app.cases.returns.past import MOVED_ON, Done, Past, read, seal
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import Refused
from workflows.engine import ReturnPlan

REDO, STRAIGHT = "redo", "straight"
_NONE = "前面还没有人办过环节，不能退回。"
_CHOOSE = "请从列表里选择退回到哪个环节。"


def _number(value: Any) -> int | None:
    return int(value) if str(value or "").isascii() and str(value or "").isdigit() else None


class ReturnForm(Form):
    """Where to, why, and how it comes back."""

    target = SelectField(
        "退回到",
        coerce=_number,
        validators=[InputRequired("请选择退回到哪个环节。")],
        invalid_choice_message=_CHOOSE,
    )
    reason = reason_field("退回原因")
    way = RadioField(
        "改好以后",
        choices=choices(
            [
                (REDO, "重走：中间的环节都重新办理"),
                (STRAIGHT, "直达：直接送回我这里；内容有改动的，仍重新办理"),
            ]
        ),
        default=REDO,
        validators=[InputRequired("请选择改好以后怎么走。")],
    )


def targets(past: Past) -> list[Done]:
    """Steps it may be returned to, the latest first."""
    return list(reversed(past.done))


def _why_not(here: Standing) -> str | None:
    if not here.mine:
        return offering.NOT_YOURS
    if not any(item["kind"] == "step" and item["status"] == "done" for item in here.items):
        return _NONE
    return None


def _past(session: Session, here: Standing) -> Past:
    return read(session, here.case, here.items, here.people)


def _form(here: Standing) -> ReturnForm:
    form = ReturnForm()
    done = targets(_past(db.session(), here))
    form.target.choices = choices([(each.seq, each.words) for each in done], "请选择")
    return form


def _plan(session: Session, here: Standing, past: Past, target: int) -> ReturnPlan:
    """The plan; Refused when it cannot be done, when it would leave this step open, or when a room above objects."""
    if target not in {each.seq for each in past.done}:
        raise Refused(_CHOOSE, fields={"target": _CHOOSE})
    plan = past.plan(target)
    for object_to in OBJECTIONS:
        if (why := object_to(session, "return", here.case, plan)) is not None:
            raise Refused(why, fields={"target": why})
    return plan


def _preview(session: Session, here: Standing, form: ReturnForm) -> Preview:
    past = _past(session, here)
    plan = _plan(session, here, past, form.target.data)
    way = form.way.data
    return Preview(
        [*words.parts(here, past, plan), ("改好以后", [_way_words(here, past, plan, way)])],
        seal(plan, way),
    )


def _way_words(here: Standing, past: Past, plan: ReturnPlan, way: str) -> str:
    if way == REDO:
        return "重走：按原来的环节重新办理。"
    why = straight.why_not(past, plan, here.step)
    if why is not None:
        return f"不能直达：{why}改好后按原来的环节重新办理。"
    return f"内容没有改动的，直达「{here.step['label']}」，中间环节沿用原来的办理；有改动的，按原来的环节重新办理。"


@command
def send_back(
    tx: Tx, *, item_id: int, target: int, reason: str, way: str = REDO, seal_seen: str = ""
) -> dict[str, Any]:
    """Return the case to the step that row `target` completed.

    Raises NotFound (not yours), Refused (not possible, no reason, or `seal_seen` is not what would happen now).
    """
    here = offering.locked(tx, "return", item_id=item_id)
    if not reason.strip():
        raise Refused("请写明退回的原因。", fields={"reason": "请填写退回原因。"})
    past = _past(tx.session, here)
    plan = _plan(tx.session, here, past, target)
    if seal(plan, way) != seal_seen:
        raise Refused(MOVED_ON)
    item, goal = here.step, past.completion(past.by_seq[target])
    said = {"reason": reason.strip(), "way": way}
    straight_on = way == STRAIGHT and straight.why_not(past, plan, item) is None
    if straight_on:
        said |= straight.ticket(tx.session, here.case, item, tx.actor.person_id)
    how = undo.Undoing(
        action="case.return",
        summary=f"{tx.actor.name} 将「{item['label']}」退回「{goal.label}」（{goal.who}）：{reason.strip()}",
        kind="returned",
        gone="已退回",
        came_from=f"{tx.actor.name} 退回" + ("，改好后直达" if straight_on else ""),
        reason=reason.strip(),
        by=item,
        said=said,
    )
    journey = undo.undo(tx, here, past, plan, how)
    return {"case": here.case["id"], "said": road.closing(journey, f"已退回「{goal.label}」。")}


def _perform(actor: Actor, here: Standing, form: Any, seal_seen: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = send_back(
        actor,
        item_id=here.step["id"],
        target=form.target.data,
        reason=form.reason.data,
        way=form.way.data,
        seal_seen=seal_seen,
        token=token,
    )
    return result


RETURN = declare(
    Operation(
        key="return",
        about="item",
        icon="back",
        lead="退回给前面办过的人重新办理。先看清会有什么影响，再确认。",
        concerns=lambda here: here.mine,
        why_not=_why_not,
        form=_form,
        perform=_perform,
        preview=_preview,
        danger=True,
    )
)
