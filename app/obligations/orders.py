"""督办 (features.md H11): ordered, reported on, sent back, extended, closed by somebody else than who reported.

Every act locks the order's row, stands in the record of the organ that gave it (and of the case, where there is one),
and tells the other side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from app import calendar
from app.accounts.directory import directory
from app.audit import ACTION_LABELS
from app.cases import beside
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.core.record import Entry
from app.documents import beforehand, numbering
from app.notices.service import KINDS, Note, enqueue
from app.obligations import order_queries
from app.obligations.order_models import ACTS, Order, OrderAct
from app.obligations.order_rights import addressee, addressees, duty_name, gives, owes, sees, supervised
from app.obligations.planning import next_threshold

KINDS["supervise"] = "督办"
ACTION_LABELS.update({f"supervision.{kind}": label for kind, label in ACTS.items()})
ACTION_LABELS.update({"case.supervised": "督办", "supervision.exported": "导出督办台账"})
#: how an organ numbers its orders until it says otherwise (`order_number` of its settings)
NUMBER = "{short}督〔{year}〕{n}号"
#: characters of what is demanded, reported or given as a reason
MOST = 2000
#: the field under which the documents room keeps what comes with a report
FIELD = "supervision"

o, a = table_of(Order), table_of(OrderAct)
_acts = sa.select(a).where(a.c.order_id == sa.bindparam("order")).order_by(a.c.id)


def acts_of(session: Any, order_id: int) -> list[dict[str, Any]]:
    """Everything said about an order, in order."""
    return [dict(row) for row in session.execute(_acts, {"order": order_id}).mappings()]


@command
def issue(
    tx: Tx,
    *,
    target: str,
    title: str,
    demand: str,
    due_on: date | None,
    case_id: int | None = None,
    duty_id: int | None = None,
) -> dict[str, Any]:
    """下达督办: to an organ, a unit or a person (`order_rights.addressees`). Returns {id, said}."""
    if not supervised(tx.actor):
        raise NotFound()
    if case_id is not None:
        order_queries.case_facts(tx.session, tx.actor, case_id)
    if duty_id is not None:
        order_queries.duty_facts(tx.session, tx.actor, duty_id)
    found = addressee(directory(), target) if target in dict(addressees(tx.actor)) else None
    _check_order(tx, found, title, demand, due_on)
    assert found is not None and due_on is not None
    organ_id, unit_id, post, person_id = found
    own = _own_organ(tx, organ_id)
    year = business_date(tx.now).year
    people = directory()
    rule = people.organ(own).settings.get("order_number") or NUMBER
    count = numbering.assign(tx, "supervision", own, year)
    row = {
        "organ_id": own,
        "number": rule.format(short=people.organ(own).short_name, year=year, n=count),
        "title": title.strip()[:200],
        "demand": demand.strip(),
        "case_id": case_id,
        "duty_id": duty_id,
        "target_id": organ_id,
        "unit_id": unit_id,
        "post_id": post.id if post else None,
        "person_id": person_id,
        "due_on": due_on,
        "status": "open",
        "issued_by": tx.actor.person_id,
        "issued_at": tx.now,
        "look_on": next_threshold(calendar.current(), due_on, business_date(tx.now)),
    }
    order = row | {"id": tx.session.execute(sa.insert(o).values(row).returning(o.c.id)).scalar_one()}
    summary = f"{tx.actor.name} 下达督办单 {row['number']}「{row['title']}」，由{duty_name(people, order)}于 {due_on} 前办结"
    _say(tx, order, "issued", demand.strip(), summary, new=due_on)
    _tell_duty(tx, order, f"{row['title']}，请于 {due_on} 前办理并反馈", "issued")
    return {
        "id": order["id"],
        "said": f"已下达督办单 {row['number']}，{duty_name(people, order)}的待办里已能看到。",
    }


def _check_order(tx: Tx, found: Any, title: str, demand: str, due_on: date | None) -> None:
    wrong: dict[str, str] = {}
    if found is None:
        wrong["target"] = "请从列表里选择督办对象。"
    if not title.strip():
        wrong["title"] = "请填写督办事项。"
    if not demand.strip():
        wrong["demand"] = "请写明督办要求：要办成什么，怎样算办好。"
    elif len(demand) > MOST:
        wrong["demand"] = f"最多 {MOST} 个字。"
    if due_on is None:
        wrong["due_on"] = "请填写办结期限，例如 2026-12-11。"
    elif due_on < business_date(tx.now):
        wrong["due_on"] = "办结期限不能早于今天。"
    if wrong:
        raise Refused("".join(wrong.values()), fields=wrong)


def _own_organ(tx: Tx, target_id: int) -> int:
    """The organ in whose name the order is given: the supervisor's own, of several the one the target belongs to."""
    mine = [post.organ_id for post in tx.actor.posts if post.kind == "supervisor"]
    return target_id if target_id in mine else mine[0]


def _locked(tx: Tx, order_id: int) -> dict[str, Any]:
    query = sa.select(o).where(o.c.id == order_id).with_for_update()
    row = tx.session.execute(query).mappings().first()
    if row is None or not sees(tx.actor, row):
        raise NotFound()
    return dict(row)


def _for_duty(tx: Tx, order_id: int) -> dict[str, Any]:
    order = _locked(tx, order_id)
    if not owes(tx.actor, order):
        raise NotAllowed(f"由{duty_name(directory(), order)}反馈。您可以看，不用办。")
    _still_open(order)
    if order["status"] == "reported":
        raise Refused("已经反馈，正等督查岗认定。要补充的，请督查岗退回后再报。")
    return order


def _for_supervisor(tx: Tx, order_id: int) -> dict[str, Any]:
    order = _locked(tx, order_id)
    if not gives(tx.actor, order):
        raise NotAllowed(f"由{directory().organ(order['organ_id']).name}督查岗办理。")
    _still_open(order)
    return order


def _still_open(order: Mapping[str, Any]) -> None:
    if order["status"] == "closed":
        raise Refused(f"这份督办已由{directory().name_of(order['closed_by'])}销号，不能再改动。")
    if order["status"] == "void":
        raise Refused("这份督办已经撤销，不能再改动。")


@command
def report(tx: Tx, *, order_id: int, text: str, files: Sequence[int] = ()) -> dict[str, Any]:
    """办理反馈 by the duty side, with its own uploads by id: the order waits for the supervisor."""
    order = _for_duty(tx, order_id)
    said = _words(text, "办理情况")
    given = beforehand.take_for(tx, FIELD, order_id, files)
    _move(tx, order, status="reported", asked_due=None, asked_reason=None, look_on=None)
    summary = f"{tx.actor.name} 反馈督办单 {order['number']}的办理情况"
    if given:
        summary += f"，附 {len(given)} 个附件"
    _say(tx, order, "feedback", said, summary, files=given)
    _tell_supervisor(tx, order, f"已反馈，请认定：{order['title']}", "feedback")
    return {"id": order["id"], "said": "已反馈，由督查岗认定后销号。"}


@command
def send_back(tx: Tx, *, order_id: int, text: str) -> dict[str, Any]:
    """退回补充: the feedback does not suffice; the order waits for the duty side again, its day stays."""
    order = _for_supervisor(tx, order_id)
    if order["status"] != "reported":
        raise Refused("还没有反馈，没有可以退回的。请刷新页面查看。")
    said = _words(text, "退回的原因")
    today = business_date(tx.now)
    _move(tx, order, status="open", look_on=next_threshold(calendar.current(), order["due_on"], today))
    _say(tx, order, "returned", said, f"{tx.actor.name} 退回督办单 {order['number']}的反馈：{said}")
    _tell_duty(tx, order, f"反馈被退回，请补充：{order['title']}", "returned")
    return {"id": order["id"], "said": "已退回补充，期限不变。"}


@command
def ask_extension(tx: Tx, *, order_id: int, due_on: date | None, text: str) -> dict[str, Any]:
    """申请延期 by the duty side, with the day wanted and the reason."""
    order = _for_duty(tx, order_id)
    if order["asked_due"] is not None:
        raise Refused(f"已经申请延期至 {order['asked_due']}，正等督查岗决定。")
    _check_later(order, due_on)
    said = _words(text, "延期的原因")
    _move(tx, order, asked_due=due_on, asked_reason=said)
    summary = (
        f"{tx.actor.name} 申请将督办单 {order['number']}延期至 {due_on}（原定 {order['due_on']}）：{said}"
    )
    _say(tx, order, "asked", said, summary, old=order["due_on"], new=due_on)
    _tell_supervisor(tx, order, f"申请延期至 {due_on}：{order['title']}", "asked")
    return {"id": order["id"], "said": f"已申请延期至 {due_on}，决定之前仍按 {order['due_on']} 办理。"}


@command
def decide_extension(tx: Tx, *, order_id: int, agree: bool, due_on: date | None, text: str) -> dict[str, Any]:
    """同意延期 (to the day asked, or another one) or not, with the reason; never by who asked."""
    order = _for_supervisor(tx, order_id)
    if order["asked_due"] is None:
        raise Refused("现在没有待决定的延期申请。请刷新页面查看。")
    asker = next(
        act["person_id"] for act in reversed(acts_of(tx.session, order_id)) if act["kind"] == "asked"
    )
    if asker == tx.actor.person_id:
        raise Refused("延期不能由申请的人自己同意，请由督查岗的其他人决定。")
    said = _words(text, "意见")
    old = order["due_on"]
    if not agree:
        _move(tx, order, asked_due=None, asked_reason=None)
        summary = f"{tx.actor.name} 不同意督办单 {order['number']}延期，仍须于 {old} 前办结：{said}"
        _say(tx, order, "refused", said, summary, old=old, new=old)
        _tell_duty(tx, order, f"不同意延期，仍须于 {old} 前办结：{order['title']}", "refused")
        return {"id": order["id"], "said": f"已告知不同意延期，期限仍为 {old}。"}
    new = due_on or order["asked_due"]
    _check_later(order, new)
    look = next_threshold(calendar.current(), new, business_date(tx.now))
    _move(tx, order, due_on=new, asked_due=None, asked_reason=None, look_on=look)
    summary = f"{tx.actor.name} 同意督办单 {order['number']}延期，由 {old} 改为 {new}：{said}"
    _say(tx, order, "granted", said, summary, old=old, new=new)
    _tell_duty(tx, order, f"同意延期至 {new}：{order['title']}", "granted")
    return {"id": order["id"], "said": f"已同意延期，由 {old} 改为 {new}。"}


@command
def close(tx: Tx, *, order_id: int, text: str) -> dict[str, Any]:
    """销号: what was reported suffices. Never by somebody who reported; asked on the locked row."""
    order = _for_supervisor(tx, order_id)
    if order["status"] != "reported":
        raise Refused("还没有办理反馈，不能销号。不再需要督办的，请撤销。")
    reporters = {act["person_id"] for act in acts_of(tx.session, order_id) if act["kind"] == "feedback"}
    if tx.actor.person_id in reporters or tx.actor.person_id == order["person_id"]:
        raise Refused("销号不能由报送反馈的人自己办，请由督查岗的其他人认定。")
    said = _words(text, "认定意见")
    _move(tx, order, status="closed", closed_by=tx.actor.person_id, closed_at=tx.now, look_on=None)
    late = "，已超过期限" if business_date(tx.now) > order["due_on"] else ""
    _say(tx, order, "closed", said, f"{tx.actor.name} 将督办单 {order['number']}销号{late}：{said}")
    _tell_duty(tx, order, f"已销号：{order['title']}", "closed")
    return {"id": order["id"], "said": f"督办单 {order['number']}已销号。"}


@command
def withdraw(tx: Tx, *, order_id: int, text: str) -> dict[str, Any]:
    """撤销: given by mistake, or no longer needed. The number is not used again."""
    order = _for_supervisor(tx, order_id)
    said = _words(text, "撤销的原因")
    _move(tx, order, status="void", closed_by=tx.actor.person_id, closed_at=tx.now, look_on=None)
    _say(tx, order, "void", said, f"{tx.actor.name} 撤销督办单 {order['number']}：{said}")
    _tell_duty(tx, order, f"已撤销，不用再办：{order['title']}", "void")
    return {"id": order["id"], "said": f"督办单 {order['number']}已撤销，编号不再使用。"}


def _check_later(order: Mapping[str, Any], due_on: date | None) -> None:
    if due_on is None:
        raise Refused("请填写延期到哪一天。", fields={"due_on": "请填写日期，例如 2026-12-11。"})
    if due_on <= order["due_on"]:
        sentence = f"延期后的期限要晚于原定的 {order['due_on']}。"
        raise Refused(sentence, fields={"due_on": sentence})


def _words(text: str, what: str) -> str:
    said = text.strip()
    if not said:
        raise Refused(f"请写明{what}。", fields={"text": f"请写明{what}。"})
    if len(said) > MOST:
        raise Refused(f"{what}最多 {MOST} 个字。", fields={"text": f"最多 {MOST} 个字。"})
    return said


def _move(tx: Tx, order: dict[str, Any], **values: Any) -> None:
    tx.session.execute(sa.update(o).where(o.c.id == order["id"]).values(**values))


def _say(
    tx: Tx, order: Mapping[str, Any], kind: str, text: str, summary: str,
    old: date | None = None, new: date | None = None, files: Sequence[Mapping[str, Any]] = (),
) -> None:  # fmt: skip
    """Append the act, and the record of the organ; what begins and ends an order is told in its case as well."""
    act = {
        "order_id": order["id"],
        "kind": kind,
        "person_id": tx.actor.person_id,
        "name": tx.actor.name,
        "capacity": tx.actor.capacity[:200],
        "text": text,
        "old_due": old,
        "new_due": new,
        "at": tx.now,
        "files": [dict(each) for each in files],
    }
    tx.session.execute(sa.insert(a).values(act))
    tx.record(
        "organ", f"supervision.{kind}", summary, stream_id=order["organ_id"], order=order["id"],
        number=order["number"], case=order["case_id"], duty=order["duty_id"], text=text,
        old_due=old, new_due=new, files=[dict(each) for each in files],
    )  # fmt: skip
    if order["case_id"] is not None and kind in ("issued", "closed", "void"):
        head = beside.lock(tx, [order["case_id"]], wait=True).get(order["case_id"])
        if head is not None:
            body = {"order": order["id"], "number": order["number"], "act": kind}
            beside.note_all(tx, [(head, Entry("case.supervised", summary, body))])


def _tell_duty(tx: Tx, order: Mapping[str, Any], text: str, key: str) -> None:
    asks = key in ("issued", "returned", "granted", "refused")
    enqueue(tx, [note(order, text, f"{key}:{tx.now:%m%d%H%M%S}", "owed" if asks else None)])


def note(order: Mapping[str, Any], text: str, key: str, about: str | None) -> Note:
    """A notice to the duty side; `about` lets it count as read once the order does not ask any more."""
    return Note(
        kind="supervise",
        text=f"{order['number']} {text}",
        url=f"/orders/{order['id']}",
        person_id=order["person_id"],
        post_id=order["post_id"] if order["person_id"] is None else None,
        dedupe=f"order:{order['id']}:{key}",
        item_id=order["id"] if about else None,
        about=about,
    )


def _tell_supervisor(tx: Tx, order: Mapping[str, Any], text: str, key: str) -> None:
    """To the 督查岗 of the organ that gave the order, or to who gave it where nobody holds that post any more."""
    people = directory()
    post = people.post_in_organ(order["organ_id"], "supervisor")
    held = post is not None and bool(people.holders(post.id))
    enqueue(
        tx,
        [
            Note(
                kind="supervise",
                text=f"{order['number']} {text}",
                url=f"/orders/{order['id']}",
                person_id=None if held else order["issued_by"],
                post_id=post.id if held and post else None,
                dedupe=f"order:{order['id']}:{key}:{tx.now:%m%d%H%M%S}",
                item_id=order["id"],
                about="decide",
            )
        ],
    )


@command
def note_export(tx: Tx, *, rows: int, state: str, sm3: str) -> None:
    """Who took the register out, into the record of his organ."""
    summary = f"{tx.actor.name} 导出督办台账（{rows} 行）"
    stream = tx.actor.organ_id or 0
    tx.record("organ", "supervision.exported", summary, stream_id=stream, rows=rows, state=state, sm3=sm3)
