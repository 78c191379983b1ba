"""直达 (features.md H8): after the redo straight back to whoever returned it, when nothing under approval has changed.

What was approved between is taken over by replaying the rows of that time, with the results of their acts; nothing is
done again. Everything a reviewer saw must be the same: what the redone step says and the bytes of its files, what other
branches said meanwhile, what rooms above keep (the text of letters), and what the flow showed at each step. One
difference, and every step is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases import road
from app.cases.models import WorkItem
from app.cases.registry import CONTENT
from app.cases.returns.past import Done, Past, read
from app.cases.returns.undo import addressed, files_in
from app.cases.road import Back, Journey
from app.cases.submitted import lasting
from app.core.db import table_of
from app.core.keys import sm3
from app.documents import review
from app.documents import service as documents
from workflows.engine import EngineRefused, Json, OpenStep, Outcome, ReturnPlan, Row, flow, place_of, replay

w = table_of(WorkItem)
_items = sa.select(w).where(w.c.case_id == sa.bindparam("k")).order_by(w.c.id)
_counts_again = (
    sa.update(w)
    .where(w.c.id.in_(sa.bindparam("ids", expanding=True)), w.c.status == "gone")
    .values(status="done")
)


def why_not(past: Past, plan: ReturnPlan, item: Mapping[str, Any]) -> str | None:
    """Why the case cannot come straight back to `item`, whatever the redo changes; None when it may."""
    if item["address"] not in {step.address for step in plan.vanish}:
        return "退回后本环节仍在等您办理，不需要直达。"
    if plan.detached:
        return "中间有到期的时限或收到的来文要重新登记。"
    return None


def above(session: Session, case: Mapping[str, Any]) -> str:
    """Digest of what rooms above keep of the content under approval."""
    return sm3(repr([digest(session, case) for digest in CONTENT]).encode())[:32]


def _plain(value: Any) -> Any:
    """Values without what is not content: a file is its name and bytes, an empty answer is none."""
    if isinstance(value, Mapping):
        if value.get("sha256"):
            return [value.get("name"), value["sha256"]]
        return {key: _plain(each) for key, each in value.items() if each not in (None, "", [], False)}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def said(answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a completion said that stays with the case, comparable."""
    found: dict[str, Any] = _plain(lasting(answers, {}))
    return found


def ticket(
    session: Session, case: Mapping[str, Any], item: Mapping[str, Any], person_id: int | None
) -> dict[str, Any]:
    """What the row of a return keeps for the way back: which step, whose, and the content as it is now."""
    return {
        "straight": {
            "item": item["id"],
            "place": place_of(item["address"]),
            "person": person_id,
            "content": above(session, case),
        }
    }


# --- going back --------------------------------------------------------------------------------------------------


def go(journey: Journey, item: Mapping[str, Any]) -> None:
    """`item` was completed again: if it was returned with 直达, take over what lay between, or say why not."""
    case = journey.case
    if not case["returns"]:
        return
    session = journey.tx.session
    items = [dict(row) for row in session.execute(_items, {"k": case["id"]}).mappings()]
    past = read(session, case, items, journey.people)
    back = _returned(past, item["address"])
    if back is None:
        return
    asked = back["answers"]["straight"]
    waiting = past.by_id[asked["item"]]
    rows = _between(past, back, {place_of(each["row"]["at"][0]) for each in journey.rows})
    words = f"「{waiting['label']}」"
    if _changed(journey, past, back):
        journey.said.append(f"内容有改动，不能直达{words}，按原来的环节重新办理。")
        return
    outcomes = _trial(journey, past, rows)
    if outcomes is None or (place := _place(outcomes[-1] if outcomes else journey.outcome, asked)) is None:
        journey.said.append(f"中间环节的情况有变化，不能直达{words}，按原来的环节重新办理。")
        return
    done = [past.completion(row) for row in rows]
    _take_over(journey, past, rows, done, outcomes)
    _address(journey, waiting, place, asked["person"])
    _say(journey, words, done)


def _returned(past: Past, address: str) -> Mapping[str, Any] | None:
    """The latest return, if it sent this very step back and asked for 直达."""
    latest = next((row for row in reversed(past.kept) if row["kind"] == "return"), None)
    if latest is None or "straight" not in latest["answers"]:
        return None
    goal = past.by_seq[latest["row"]["target"]]["row"]["at"][0]
    return latest if goal == address else None


def _between(past: Past, back: Mapping[str, Any], redone: set[str]) -> list[Mapping[str, Any]]:
    """The rows the return left out, but for those just done again."""
    rows = [past.by_seq[seq] for seq in back["row"]["drop"] if seq != back["row"]["target"]]
    return [row for row in rows if place_of(row["row"]["at"][0]) not in redone]


def _changed(journey: Journey, past: Past, back: Mapping[str, Any]) -> bool:
    """Whether anything a reviewer between had before him is different: what was said again, what others said meanwhile,
    what rooms above keep. A sealed value that was typed again cannot be compared."""
    if above(journey.tx.session, journey.case) != back["answers"]["straight"]["content"]:
        return True
    meanwhile = [row for row in past.kept if row["seq"] > back["seq"] and row["seq"] in past.counted]
    if any(said(row["answers"]) for row in meanwhile):
        return True
    then = {place_of(row["row"]["at"][0]): row for row in (past.by_seq[seq] for seq in back["row"]["drop"])}
    for row in journey.rows:
        before = then.get(place_of(row["row"]["at"][0]))
        now = said(row["answers"])
        if before is None or now != said(before["answers"]) or {"personal": True} in now.values():
            return True
    return False


def _trial(journey: Journey, past: Past, rows: Sequence[Mapping[str, Any]]) -> list[Outcome] | None:
    """Each row once more, at the step that now stands in its place; None where one would see or do something else."""
    assert journey.outcome is not None
    now, found = journey.outcome, list[Outcome]()
    for number, kept in enumerate(rows, 1):
        row = Row.from_json(kept["row"])
        place = next((each for each in now.open if place_of(each.address) == place_of(row.at[0])), None)
        if row.kind != "complete" or place is None or not replay.shows(place, row):
            return None
        seq = journey.case["flow_seq"] + number
        try:
            now = flow.complete(past.runtime.spec, now.state, seq, place.address, row.facts, _recorded(row))
        except EngineRefused:
            return None
        found.append(now)
    return found


def _recorded(row: Row) -> Any:
    """The acts of that time answer; one that was not done then is not done now."""
    left = list(row.acts)

    def call(name: str, params: dict[str, Json], address: str) -> Json:
        path = address.split(":", 1)[1]
        for index, act in enumerate(left):
            if (act.name, act.path) == (name, path):
                return left.pop(index).result
        raise EngineRefused("没有执行过的操作", "not_recorded")

    return call


def _place(outcome: Outcome | None, asked: Mapping[str, Any]) -> OpenStep | None:
    places = outcome.open if outcome is not None else ()
    return next((each for each in places if place_of(each.address) == asked["place"]), None)


def _take_over(
    journey: Journey,
    past: Past,
    rows: Sequence[Mapping[str, Any]],
    done: Sequence[Done],
    outcomes: Sequence[Outcome],
) -> None:
    """The rows of that time enter the flow again, under the names of those who wrote them."""
    case, tx = journey.case, journey.tx
    files: dict[str, list[int]] = {}
    for row, each, outcome in zip(rows, done, outcomes, strict=True):
        road.travel(journey, _as_tried(outcome), answers=row["answers"], item_id=row["item_id"])
        journey.rows[-1]["person_id"] = row["person_id"]
        kept = lasting(row["answers"], case["data"])
        case["data"] = {**case["data"], **kept}
        files |= {key: ids for key, value in kept.items() if (ids := files_in(value))}
        if each.person_id:
            case["doers"] = {**case["doers"], each.step: each.person_id}
    documents.bring_back(tx, case["id"], files, instead=True)
    acts = [act for row in rows for act in row["row"]["acts"]]
    review.set_aside(tx, case["id"], [act["result"] for act in acts], aside=False)
    ids = sorted({row["item_id"] for row in rows if row["item_id"] is not None})
    if ids:
        tx.session.execute(_counts_again, {"ids": ids})


def _as_tried(outcome: Outcome) -> Callable[[int], Outcome]:
    return lambda _seq: outcome


def _address(journey: Journey, waiting: Mapping[str, Any], place: OpenStep, person: int | None) -> None:
    target = addressed(waiting, person, journey.case, journey.people) if person else None
    if target is not None:
        came = f"{journey.tx.actor.name} 改好后直达"
        journey.back[place.address] = Back(target, came, None, "work")


def _say(journey: Journey, where: str, done: Sequence[Done]) -> None:
    taken = "、".join(f"「{each.label}」（{each.who}）" for each in done)
    words = f"内容没有改动，直达{where}" + (f"，沿用{taken}的办理" if taken else "")
    journey.said.append(f"{words}。")
    note = {"action": "case.straight", "summary": words, "organ": journey.case["organ_id"]}
    journey.noted.append(note | {"rows": [each.seq for each in done]})
