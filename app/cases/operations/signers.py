"""加签 前、后、并 and 减签 (features.md H6): others sign beside the holder of a step; loop counters of the engine are not touched.

    前加签   they sign first, then the holder completes the step
    并加签   they sign at the same time; the step moves when the holder and all of them have
    后加签   they sign after the holder; the step moves by itself when the last of them agrees

Who does not agree to what the holder has answered sends it back to him, with his opinion. Nobody who drafted signs a step
that judges, and who has signed stays: 减签 takes away only who has not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import RadioField
from wtforms.validators import InputRequired

from app.accounts.directory import PersonInfo
from app.accounts.forms import Form, choices
from app.cases import offering, preparing, road, stream, sub_items
from app.cases.offering import Operation, Standing, declare
from app.cases.operations.consult import asking_possible, names, whose, worded
from app.cases.operations.fields import able, day_field, offer_people, people_field, reason_field
from app.cases.routing import JUDGING
from app.cases.sub_items import DROPPED, Asking
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import Refused

KIND = "sign"
TIMINGS = (
    ("before", "前加签：他们先签，签完我再办"),
    ("beside", "并加签：同时签，都签完才送出"),
    ("after", "后加签：我先办，他们签完自动送出"),
)


class AddForm(Form):
    """Who, when, about what."""

    timing = RadioField(
        "什么时候签",
        choices=choices(TIMINGS),
        default="before",
        validators=[InputRequired("请选择什么时候签。")],
    )
    to = people_field("加签的人")
    question = reason_field("加签说明", description="写清楚请对方就什么签署意见。")
    due_on = day_field("请于何日前签署（可不填）", must=False)


class DropForm(Form):
    """Which signers, and why."""

    items = people_field("减去谁")
    reason = reason_field("减签原因")


def _signing(here: Standing) -> dict[int, Any]:
    """Who signs this step or has signed: person -> the newest item of his."""
    found = [i for i in here.items if i["parent_id"] == here.step["id"] and i["kind"] == KIND]
    return {item["holder_id"]: item for item in found if item["status"] != "gone"}


def _why_nobody(here: Standing, person: PersonInfo) -> str | None:
    """Why this person cannot be added; None when he can."""
    if person.id in (here.actor.person_id, here.step["holder_id"]):
        return (
            "不能给自己加签，也不能给代理的人加签。"
            if person.id != here.actor.person_id
            else "不能给自己加签。"
        )
    if person.organ_id != here.step["organ_id"]:
        return f"{person.name}不是本机关的人，不能加签。要征求其他机关意见的，请用发函。"
    item = _signing(here).get(person.id)
    if item is not None:
        return f"{person.name}已经签过。" if item["status"] == "done" else f"{person.name}已在加签的人里。"
    if here.step["role"] in JUDGING and person.id in here.case["authors"]:
        return f"{person.name}是拟稿人，不能审核、签发自己拟的稿。"
    return None if person.login else f"{person.name}不能登录系统，请用线下签批回填。"


def candidates(here: Standing) -> list[PersonInfo]:
    """Who may be added."""
    people = here.people.people_of(here.step["organ_id"])
    return able(people, lambda person: _why_nobody(here, person) is None)


def _chosen(here: Standing, to: Sequence[int]) -> list[PersonInfo]:
    people = [here.people.person(each) for each in dict.fromkeys(to)]
    if not people:
        raise Refused("请选择加签的人。", fields={"to": "请选择加签的人。"})
    found = []
    for person in people:
        why = "请从列表里选择。" if person is None else _why_nobody(here, person)
        if person is None or why is not None:
            raise Refused(why or "", fields={"to": why or ""})
        found.append(person)
    if len(found) > sub_items.MOST_PEOPLE:
        raise Refused(f"一次最多加签 {sub_items.MOST_PEOPLE} 人。", fields={"to": "请少选几人。"})
    return found


def _why_not_add(here: Standing) -> str | None:
    if (why := asking_possible(here)) is not None:
        return why
    if here.step["role"] in JUDGING and here.actor.person_id in here.case["authors"]:
        return "拟稿人不能审核、签发自己拟的稿，也不能请人加签。"
    return None if candidates(here) else "本机关没有别人可以加签。"


def _add_form(here: Standing) -> AddForm:
    form = AddForm()
    offer_people(form.to, candidates(here), here.people)
    return form


@command
def add_signers(
    tx: Tx, *, item_id: int, timing: str, to: Sequence[int], question: str, due_on: date | None = None
) -> dict[str, Any]:
    """加签. Raises NotFound (not yours), Refused (not possible now, not these people)."""
    here = offering.locked(tx, "add_signer", item_id=item_id)
    labels = dict(TIMINGS)
    if timing not in labels:
        raise Refused("请选择什么时候签。", fields={"timing": "请选择什么时候签。"})
    people = _chosen(here, to)
    question = worded(question, "question", "加签说明")
    item, case = here.step, dict(here.case)
    was = case["lock"]
    ids = sub_items.open_round(tx, case, item, Asking(KIND, question, people, due_on, timing))
    word = labels[timing].split("：")[0]
    summary = f"{tx.actor.name} 就「{item['label']}」{word} {names(people)}：{question}"
    case.update(
        stream.write(
            tx, case, "case.add_signer", summary,
            item=item["id"], items=ids, people=[p.id for p in people], timing=timing, question=question,
        )
    )  # fmt: skip
    road.save_case(tx, case, was)
    then = "您办理后送他们签署。" if timing == "after" else "已送他们签署。"
    return {"case": case["id"], "said": f"已{word} {names(people)}。{then}"}


def _unsigned(here: Standing) -> list[Any]:
    return [item for item in here.subs if item["kind"] == KIND]


def _why_not_drop(here: Standing) -> str | None:
    if not here.mine:
        return offering.NOT_YOURS
    return None if _unsigned(here) else "加签的人都已签署，不能再减。"


def _drop_form(here: Standing) -> DropForm:
    form = DropForm()
    form.items.choices = whose(here, _unsigned(here))
    return form


@command
def drop_signers(tx: Tx, *, item_id: int, items: Sequence[int], reason: str) -> dict[str, Any]:
    """减签. Raises NotFound (not yours), Refused (has signed meanwhile, or the step demands so many)."""
    here = offering.locked(tx, "drop_signer", item_id=item_id)
    left = {item["id"]: item for item in _unsigned(here)}
    if not items or any(each not in left for each in items):
        raise Refused("有人已经签署或已减签。请刷新页面。", fields={"items": "请从列表里选择。"})
    demanded = preparing.signers_demanded(here.case, here.step)
    if demanded and len(_signing(here)) - len(set(items)) < demanded:
        raise Refused(f"本环节至少要有 {demanded} 人加签，不能减去最后的人。请先另加他人。")
    reason = worded(reason, "reason", "减签原因")
    item, case = here.step, dict(here.case)
    was = case["lock"]
    who = "、".join(here.people.name_of(left[each]["holder_id"]) for each in items)
    step = sub_items.waits_less(tx, item["id"], sub_items.take_away(tx, items, DROPPED, reason))
    said = f"已减签 {who}。"
    if step["prepared_at"] is not None and step["waits_for"] == 0:
        preparing.give_back(tx, case, item["id"])
        said += "您存好的意见退回给您，请核对后送出。"
    summary = f"{tx.actor.name} 就「{item['label']}」减签 {who}：{reason}"
    case.update(
        stream.write(tx, case, "case.drop_signer", summary, item=item["id"], items=list(items), reason=reason)
    )
    road.save_case(tx, case, was)
    return {"case": case["id"], "said": said}


def _perform_add(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = add_signers(
        actor, item_id=here.step["id"], timing=form.timing.data, to=form.to.data, question=form.question.data,
        due_on=form.due_on.data, token=token,
    )  # fmt: skip
    return result


def _perform_drop(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = drop_signers(
        actor, item_id=here.step["id"], items=form.items.data, reason=form.reason.data, token=token
    )
    return result


ADD = declare(
    Operation(
        key="add_signer",
        about="item",
        icon="plus",
        lead="请别人同您一起签这个环节。有人不同意的，由您看了意见再决定。",
        concerns=lambda here: here.mine,
        why_not=_why_not_add,
        form=_add_form,
        perform=_perform_add,
    )
)
DROP = declare(
    Operation(
        key="drop_signer",
        about="item",
        icon="cross",
        lead="减去还没有签署的人，他不用再签。原因记入流转记录；已经签署的保留。",
        concerns=lambda here: here.mine and bool(_signing(here)),
        why_not=_why_not_drop,
        form=_drop_form,
        perform=_perform_drop,
    )
)
