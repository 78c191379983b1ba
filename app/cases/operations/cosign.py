"""会签 added on the fly (features.md H5): several colleagues or heads of units answer by a rule, then the holder decides.

What the rules mean stands in `workflows.engine.countersign`. The result is visible while it runs; once it cannot change any
more the holder may end it without waiting for the rest, with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from wtforms import IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.accounts.directory import PersonInfo
from app.accounts.forms import Form, choices
from app.cases import offering, road, stream, sub_items
from app.cases.offering import Operation, Standing, declare
from app.cases.operations.consult import asking_possible, chosen, names, worded
from app.cases.operations.fields import (
    able,
    day_field,
    note_field,
    offer_people,
    people_field,
    reason_field,
)
from app.cases.routing import JUDGING
from app.cases.sub_items import NOT_NEEDED, Asking
from app.cases.sub_models import Round
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import db, table_of
from app.core.errors import Refused

KIND = "cosign"
RULES = (
    ("all", "全部：人人都要答复，都同意才通过"),
    ("ratio", "按比例：达到比例即通过"),
    ("veto", "一票否决：一人不同意即不通过"),
    ("first", "或签：一人答复即可"),
    ("sequence", "依次：一个接一个签，一人不同意即停"),
)
USUAL_RATIO = 60
r = table_of(Round)
_end = (
    sa.update(r)
    .where(r.c.id == sa.bindparam("k"))
    .values(ended_at=sa.bindparam("at"), end_reason=sa.bindparam("why"))
)


class CosignForm(Form):
    """Who, by what rule, about what."""

    to = people_field("会签的人")
    rule = RadioField(
        "怎样算通过", choices=choices(RULES), default="all", validators=[InputRequired("请选择怎样算通过。")]
    )
    ratio = IntegerField(
        "同意的比例（%）",
        default=USUAL_RATIO,
        validators=[Optional(), NumberRange(1, 100, "请填 1 到 100。")],
        render_kw={"data-show-if": '{"eq": {"field": "rule", "value": "ratio"}}'},
    )
    order = note_field(
        "依次的先后（可不填）",
        description="按先后写姓名，用顿号隔开，例如：申牧之、陆分明。不填的按上面名单的次序。",
        render_kw={"data-show-if": '{"eq": {"field": "rule", "value": "sequence"}}'},
    )
    question = reason_field("会签事项", description="写清楚请各位就什么签署意见。")
    due_on = day_field("请于何日前答复（可不填）", must=False)


class EndForm(Form):
    """Why the rest need not answer."""

    reason = reason_field("结束原因")


def candidates(here: Standing) -> list[PersonInfo]:
    """Colleagues of the organ; of a judging step nobody who drafted."""
    people = here.people.people_of(here.step["organ_id"])
    barred = {here.actor.person_id, here.step["holder_id"]}
    barred |= set(here.case["authors"]) if here.step["role"] in JUDGING else set()
    return able(people, lambda person: person.id not in barred)


def _running(here: Standing) -> list[Any]:
    return [item for item in here.subs if item["kind"] == KIND]


def _of_round(here: Standing) -> list[Any]:
    """The items of the 会签 that runs."""
    running = _running(here)
    return [item for item in here.items if running and item["round_id"] == running[0]["round_id"]]


def _why_not(here: Standing) -> str | None:
    if (why := asking_possible(here)) is not None:
        return why
    if _running(here):
        return "会签正在进行。结果见本页，结束以后可以再发起。"
    if here.step["role"] in JUDGING and here.actor.person_id in here.case["authors"]:
        return "拟稿人不能审核、签发自己拟的稿，也不能请人会签。"
    return None if len(candidates(here)) > 1 else "本机关没有足够的人会签。"


def _form(here: Standing) -> CosignForm:
    form = CosignForm()
    offer_people(form.to, candidates(here), here.people)
    return form


@command
def cosign(
    tx: Tx,
    *,
    item_id: int,
    to: Sequence[int],
    rule: str,
    question: str,
    ratio: int | None = None,
    order: str = "",
    due_on: date | None = None,
) -> dict[str, Any]:
    """会签. Raises NotFound (not yours), Refused (not possible now, not these people, not such a rule)."""
    here = offering.locked(tx, KIND, item_id=item_id)
    people = chosen(candidates(here), to)
    if len(people) < 2:
        raise Refused("会签至少要两个人。只请一个人的，请用加签。", fields={"to": "请至少选两个人。"})
    if rule not in dict(RULES):
        raise Refused("请选择怎样算通过。", fields={"rule": "请选择怎样算通过。"})
    if rule == "ratio" and not (ratio and 1 <= ratio <= 100):
        raise Refused("请填写同意的比例。", fields={"ratio": "请填 1 到 100。"})
    if rule == "sequence" and order.strip():
        people = _ordered(people, order)
    question = worded(question, "question", "会签事项")
    item, case = here.step, dict(here.case)
    was = case["lock"]
    asking = Asking(KIND, question, people, due_on, rule=rule, ratio=ratio if rule == "ratio" else None)
    ids = sub_items.open_round(tx, case, item, asking)
    how = dict(RULES)[rule].split("：")[0] + (f" {ratio}%" if rule == "ratio" else "")
    summary = f"{tx.actor.name} 就「{item['label']}」请 {names(people)} 会签（{how}）：{question}"
    case.update(
        stream.write(
            tx, case, "case.cosign", summary,
            item=item["id"], items=ids, people=[p.id for p in people], rule=rule, ratio=asking.ratio, question=question,
        )
    )  # fmt: skip
    road.save_case(tx, case, was)
    first = (
        f"先送 {people[0].name}，再依次送其他人。" if rule == "sequence" else f"已送 {names(people)} 会签。"
    )
    return {"case": case["id"], "said": f"{first}结果齐了以后由您决定。"}


def _ordered(people: Sequence[PersonInfo], order: str) -> list[PersonInfo]:
    """The people in the order written: every name once, and no other."""
    written = [
        name for name in order.replace("，", "、").replace(",", "、").replace(" ", "").split("、") if name
    ]
    book = {person.name: person for person in people}
    if sorted(written) != sorted(person.name for person in people) or len(book) != len(people):
        said = "先后要写全上面选的每个人，各写一次。"
        raise Refused(said, fields={"order": said})
    return [book[name] for name in written]


def _state(here: Standing) -> tuple[Any, sub_items.Progress]:
    """The round that runs, and how far it is."""
    items = _of_round(here)
    found = sub_items.round_of(db.session(), items[0]["round_id"])
    return found, sub_items.progress(sub_items.asked_by(found["rule"], found["ratio"]), items)


def _why_not_end(here: Standing) -> str | None:
    state = _state(here)[1]
    if state.verdict is None:
        return f"还没有结果（{state.words}），不能提前结束。请等其余的人答复，或先催办。"
    return None


@command
def end_cosign(tx: Tx, *, item_id: int, reason: str) -> dict[str, Any]:
    """End a 会签 whose result cannot change any more. Raises NotFound (not yours), Refused (not decided, no reason)."""
    here = offering.locked(tx, "end_cosign", item_id=item_id)
    found, state = _state(here)
    reason = worded(reason, "reason", "结束原因")
    item, case = here.step, dict(here.case)
    was = case["lock"]
    left = [each["id"] for each in sub_items.waiting(_of_round(here))]
    sub_items.waits_less(tx, item["id"], sub_items.take_away(tx, left, NOT_NEEDED, reason))
    tx.session.execute(_end, {"k": found["id"], "at": tx.now, "why": reason})
    result = "通过" if state.verdict else "不通过"
    summary = f"{tx.actor.name} 结束「{item['label']}」的会签（{state.words}，{result}）：{reason}"
    case.update(
        stream.write(tx, case, "case.end_cosign", summary, item=item["id"], items=left, reason=reason)
    )
    road.save_case(tx, case, was)
    return {"case": case["id"], "said": f"会签已结束：{result}。请您决定。"}


def _perform(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = cosign(
        actor, item_id=here.step["id"], to=form.to.data, rule=form.rule.data, ratio=form.ratio.data,
        order=form.order.data or "", question=form.question.data, due_on=form.due_on.data, token=token,
    )  # fmt: skip
    return result


def _perform_end(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = end_cosign(actor, item_id=here.step["id"], reason=form.reason.data, token=token)
    return result


COSIGN = declare(
    Operation(
        key=KIND,
        about="item",
        icon="stamp",
        lead="请几个人或几个科室的负责人会签，结果随时可见；会签有了结果，由您决定本环节。",
        concerns=lambda here: here.mine,
        why_not=_why_not,
        form=_form,
        perform=_perform,
    )
)
END = declare(
    Operation(
        key="end_cosign",
        about="item",
        icon="done",
        lead="会签的结果已不会再变时，不等其余的人，由您决定。原因记入流转记录。",
        concerns=lambda here: here.mine and bool(_running(here)),
        why_not=_why_not_end,
        form=lambda here: EndForm(),
        perform=_perform_end,
    )
)
