"""Answering a sub-item (征求意见, 加签, 会签): who was asked says his opinion; the step he was asked about waits for less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.accounts.directory import directory
from app.cases import preparing, road, stream, sub_items
from app.cases.reaching import behalf, done_sentence, locked_item, receives
from app.cases.routing import JUDGING
from app.cases.service import completing
from app.cases.sub_items import AGREED, ANSWERED, DISAGREED, KINDS, NOT_NEEDED
from app.core.command import Tx, command
from app.core.errors import GongkaiError, NotAllowed, NotFound, Refused

#: characters of an opinion
OPINION_MOST = 1000


@command
def answer(tx: Tx, *, item_id: int, decision: str, opinion: str) -> dict[str, Any]:
    """Answer a sub-item. `decision` is `agree` or `refuse`, of a 征求意见 `answer`.

    Raises NotFound (not yours), Refused (answered, taken back or not needed any more; an opinion is missing), NotAllowed
    (nobody reviews or signs what he drafted).
    """
    item, case = locked_item(tx, item_id)
    _may(tx, item, case)
    said, words = _said(item, decision), _opinion(item, decision, opinion)
    was = case["lock"]
    absent = behalf(item, tx.actor, case)
    sub_items.close(tx, item, said, words, absent)
    less, follow = _after(tx, case, item, said)
    summary = f"{tx.actor.name}（{sub_items.capacity(tx.actor.person_id, absent)}）{item['label']} {said}"
    case.update(
        stream.write(
            tx, case, f"case.{item['kind']}_answered", summary,
            item=item["parent_id"], sub_item=item["id"], decision=said, opinion=words,
            on_behalf=absent.person_id if absent else None,
        )
    )  # fmt: skip
    step = sub_items.waits_less(tx, item["parent_id"], less)
    if step["prepared_at"] is not None and (said == DISAGREED or step["waits_for"] == 0):
        moved, follow = _settle(tx, case, item, said)
        if moved:
            return {"case": case["id"], "said": follow}
    owner = directory().name_of(step["holder_id"])
    told = _report(item, said, step)
    sub_items.tell_owner(tx, case, item["parent_id"], step["holder_id"], f"{tx.actor.name} {told}{follow}")
    road.save_case(tx, case, was)
    return {"case": case["id"], "said": f"已送回{owner}。{follow}"}


def _settle(tx: Tx, case: dict[str, Any], item: Mapping[str, Any], said: str) -> tuple[bool, str]:
    """What the holder has answered already moves the case now, or comes back to him; whether it moved, and a sentence."""
    step_id = item["parent_id"]
    back = "存好的意见已退回，请重新办理。"
    if said != DISAGREED:
        moved, told = _send(tx, case, step_id)
        if moved:
            return True, f"已签齐，随即送出。{told}"
        back = f"签齐后没有送出：{told}{back}"
    sub_items.waits_less(tx, step_id, preparing.give_back(tx, case, step_id))
    return False, back


def _send(tx: Tx, case: dict[str, Any], step_id: int) -> tuple[bool, str]:
    """Complete the step in the name of its holder; whether it could be done (else nothing of it is), and a sentence."""
    kept = preparing.kept_for(tx, step_id)
    if kept is None:
        return False, "原经办人已不在岗。"
    owner, filled = kept
    moving = dict(case)
    try:
        with tx.session.begin_nested():
            preparing.forget(tx, step_id)
            step = sub_items.step_of(tx.session, step_id)
            done = completing.send_prepared(replace(tx, actor=owner), step, moving, filled)
    except GongkaiError as error:
        return False, error.message
    case.update(moving)
    return True, done["said"]


def _may(tx: Tx, item: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    if item["round_id"] is None or tx.actor.person_id is None or not receives(item, tx.actor, case):
        raise NotFound()
    if item["sender_id"] == tx.actor.person_id:
        raise Refused("这是您请别人答复的，不能由您代答。请等本人答复，或收回、减签。")
    if item["status"] == "gone":
        why = f"（{item['opinion']}）" if item["opinion"] else ""
        raise Refused(f"「{item['label']}」{item['decision'] or '已不需办理'}{why}，您不用再办。")
    if item["status"] == "queued":
        raise Refused("还没有轮到您。轮到时会送到您的待办。")
    if item["status"] != "open":
        raise Refused(f"「{item['label']}」{done_sentence(item)}")
    if case["status"] != "open":
        raise Refused("本件已经办结，不用再办。")
    if case["suspended_at"] is not None:
        raise Refused("本件已挂起，恢复办理以后再答复。")
    if item["role"] in JUDGING and tx.actor.person_id in case["authors"]:
        raise NotAllowed("拟稿人不能审核、签发自己拟的稿（先审查后公开，至少两人）。请转交他人。")


def _said(item: Mapping[str, Any], decision: str) -> str:
    known = {"answer": ANSWERED} if item["kind"] == "consult" else {"agree": AGREED, "refuse": DISAGREED}
    if decision not in known:
        raise Refused("请用页面上的按钮答复。")
    return known[decision]


def _opinion(item: Mapping[str, Any], decision: str, opinion: str) -> str:
    words = opinion.strip()
    if len(words) > OPINION_MOST:
        raise Refused("意见太长。", fields={"opinion": f"最多 {OPINION_MOST} 个字。"})
    if not words and decision != "agree":
        asked = "请写明您的意见。" if item["kind"] == "consult" else "不同意的，请写明意见。"
        raise Refused(asked, fields={"opinion": asked})
    return words


def _after(tx: Tx, case: Mapping[str, Any], item: Mapping[str, Any], said: str) -> tuple[int, str]:
    """What the answer does to the others of its round: by how many the step waits less, and a sentence about it."""
    if item["kind"] == "consult":
        return 1, ""
    found = sub_items.round_of(tx.session, item["round_id"])
    others = sub_items.of_round(tx.session, case["id"], item["round_id"])
    left = sub_items.waiting(others)
    if item["kind"] == "cosign":
        state = sub_items.progress(sub_items.asked_by(found["rule"], found["ratio"]), others)
        if found["rule"] in AT_ONCE and state.verdict is not None and left:
            ids = [each["id"] for each in left]
            return 1 + sub_items.take_away(
                tx, ids, NOT_NEEDED, None
            ), f"{KINDS['cosign']}已有结果：{state.words}。"
        if left and left[0]["status"] == "queued":
            sub_items.call_up(tx, case, left[:1])
        return 1, f"{KINDS['cosign']}进展：{state.words}。"
    return 1, ""


#: rules of a 会签 whose first decisive answer spares the others; with the rest everybody is heard, or the holder ends it
AT_ONCE = ("veto", "first", "sequence")


def _report(item: Mapping[str, Any], said: str, step: Mapping[str, Any]) -> str:
    done = "，已全部收到，请您决定" if step["waits_for"] == 0 else ""
    return f"{KINDS[item['kind']]}「{step['label']}」{said}{done}。"
