"""征求意见（办后返回） (features.md H4): colleagues are asked, the holder decides; he may take an unanswered question back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from app import calendar
from app.accounts.directory import PersonInfo
from app.accounts.forms import Form, choices
from app.cases import offering, road, stream, sub_items
from app.cases.offering import Operation, Standing, declare
from app.cases.operations.fields import able, day_field, offer_people, people_field, reason_field
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import Refused
from app.core.now import business_date

KIND = "consult"
#: working days a colleague has to answer, when the one who asks does not say otherwise; the office's habit, no law
USUAL_DAYS = 3
MOST_WORDS = 1000


class ConsultForm(Form):
    """Whom, what, by when."""

    to = people_field("征求对象")
    question = reason_field("征求的问题", description="写清楚请对方就什么提出意见。")
    due_on = day_field("请于何日前答复", must=True)


class RecallForm(Form):
    """Which unanswered questions, and why."""

    items = people_field("收回哪些")
    reason = reason_field("收回原因")


def candidates(here: Standing) -> list[PersonInfo]:
    """Colleagues of the organ who are not being asked already."""
    asked = {item["holder_id"] for item in here.subs if item["kind"] == KIND}
    others = here.people.people_of(here.step["organ_id"])
    return able(others, lambda p: p.id not in {*asked, here.actor.person_id, here.step["holder_id"]})


def chosen(candidates: Iterable[PersonInfo], to: Iterable[int], field: str = "to") -> list[PersonInfo]:
    """The people with these ids, in the order given. Refused for somebody who is not on the list, or nobody."""
    book = {person.id: person for person in candidates}
    ids = list(dict.fromkeys(to))
    if not ids or any(each not in book for each in ids):
        raise Refused("不能选择这个人。请从列表里选择。", fields={field: "请从列表里选择。"})
    if len(ids) > sub_items.MOST_PEOPLE:
        raise Refused(f"一次最多请 {sub_items.MOST_PEOPLE} 人。", fields={field: "请少选几人。"})
    return [book[each] for each in ids]


def names(people: Iterable[PersonInfo]) -> str:
    """「申牧之、王芳」"""
    return "、".join(person.name for person in people)


def asking_possible(here: Standing) -> str | None:
    """Why the holder cannot ask anybody now; the same for 征求意见, 加签 and 会签."""
    if not here.mine:
        return offering.NOT_YOURS
    if here.step["prepared_at"] is not None:
        return "您已经办理，正在等加签的人签署。需要改变的，请先减签。"
    return None


def _why_not(here: Standing) -> str | None:
    if (why := asking_possible(here)) is not None:
        return why
    return None if candidates(here) else "本机关没有别人可以征求。"


def _form(here: Standing) -> ConsultForm:
    usual = calendar.current().add_workdays(business_date(here.now), USUAL_DAYS).date
    form = ConsultForm(data={"due_on": usual})
    offer_people(form.to, candidates(here), here.people)
    return form


@command
def consult(tx: Tx, *, item_id: int, to: list[int], question: str, due_on: date) -> dict[str, Any]:
    """Ask colleagues. Raises NotFound (not yours), Refused (not possible now, not these people)."""
    here = offering.locked(tx, KIND, item_id=item_id)
    people = chosen(candidates(here), to)
    question = worded(question, "question", "征求的问题")
    item, case = here.step, dict(here.case)
    was = case["lock"]
    ids = sub_items.open_round(tx, case, item, sub_items.Asking(KIND, question, people, due_on))
    summary = f"{tx.actor.name} 就「{item['label']}」征求 {names(people)} 意见：{question}"
    case.update(
        stream.write(
            tx, case, "case.consult", summary,
            item=item["id"], items=ids, people=[p.id for p in people], question=question, due_on=due_on.isoformat(),
        )
    )  # fmt: skip
    road.save_case(tx, case, was)
    return {"case": case["id"], "said": f"已送 {names(people)}，请于 {due_on:%m-%d} 前答复。答复后由您决定。"}


def worded(text: str, field: str, label: str, most: int = 500) -> str:
    """A text that must be there, without the blanks around it. Refused when it is empty or too long."""
    plain = text.strip()
    if not plain:
        raise Refused(f"请填写{label}。", fields={field: f"请填写{label}。"})
    if len(plain) > most:
        raise Refused(f"{label}最多 {most} 个字。", fields={field: f"最多 {most} 个字。"})
    return plain


def _open_questions(here: Standing) -> list[Any]:
    return [item for item in here.subs if item["kind"] == KIND]


def whose(here: Standing, items: Iterable[Any]) -> Any:
    """Sub-items to choose from: who is asked, and what."""
    return choices([(i["id"], f"{here.people.name_of(i['holder_id'])}：{i['reason']}") for i in items])


def _recall_form(here: Standing) -> RecallForm:
    form = RecallForm()
    form.items.choices = whose(here, _open_questions(here))
    return form


@command
def recall(tx: Tx, *, item_id: int, items: list[int], reason: str) -> dict[str, Any]:
    """Take unanswered questions back. Raises NotFound (not yours), Refused (answered meanwhile)."""
    here = offering.locked(tx, "recall", item_id=item_id)
    open_now = {item["id"]: item for item in _open_questions(here)}
    if not items or any(each not in open_now for each in items):
        raise Refused("有的已经答复或已收回。请刷新页面。", fields={"items": "请从列表里选择。"})
    reason = worded(reason, "reason", "收回原因")
    item, case = here.step, dict(here.case)
    was = case["lock"]
    sub_items.waits_less(tx, item["id"], sub_items.take_away(tx, items, sub_items.RECALLED, reason))
    who = "、".join(here.people.name_of(open_now[each]["holder_id"]) for each in items)
    summary = f"{tx.actor.name} 收回就「{item['label']}」向 {who} 的征求意见：{reason}"
    case.update(stream.write(tx, case, "case.recall", summary, item=item["id"], items=items, reason=reason))
    road.save_case(tx, case, was)
    return {"case": case["id"], "said": f"已收回向 {who} 的征求意见。"}


def _perform(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = consult(
        actor, item_id=here.step["id"], to=form.to.data, question=form.question.data,
        due_on=form.due_on.data, token=token,
    )  # fmt: skip
    return result


def _perform_recall(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = recall(
        actor, item_id=here.step["id"], items=form.items.data, reason=form.reason.data, token=token
    )
    return result


CONSULT = declare(
    Operation(
        key=KIND,
        about="item",
        icon="people",
        lead="请同事提出意见，环节仍在您手上；答复后由您决定。答复全部收到或收回以前，本环节不能送出。",
        concerns=lambda here: here.mine,
        why_not=_why_not,
        form=_form,
        perform=_perform,
    )
)
RECALL = declare(
    Operation(
        key="recall",
        about="item",
        icon="back",
        lead="收回还没有答复的征求意见，对方不用再办。原因记入流转记录。",
        concerns=lambda here: here.mine and bool(_open_questions(here)),
        why_not=lambda here: None,
        form=_recall_form,
        perform=_perform_recall,
    )
)
