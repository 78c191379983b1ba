"""自动跳过 (features.md H16): a step with `skip_if = same_person` whose only receiver has just done the step before.

It is completed at once, in the same journey and transaction, and stands in 流转记录 as 「自动跳过」. Never at a step that
reviews or signs, whatever the definition says; never where somebody else could receive it, nor where the form asks more
than a decision and an opinion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.cases import road
from app.cases.models import WorkItem
from app.cases.plain import Plain, of
from app.cases.road import Journey
from app.cases.routing import JUDGING
from app.core.db import table_of
from app.core.errors import Refused
from forms.builder import facts_of
from workflows.engine import EngineRefused, OpenStep, flow

#: the value of the setting
SAME_PERSON = "same_person"
#: `how` of a skipped item, and what it says in place of a decision
HOW, WORDS = "skip", "自动跳过"
#: steps skipped in one journey at most: a drawn loop ends somewhere
MOST = 10

_put = sa.insert(table_of(WorkItem)).returning(table_of(WorkItem).c.id)


def go(journey: Journey, signer: tuple[int, str]) -> None:
    """Complete what may be skipped of the steps just opened; `signer` is (person id, name) of whoever did the last."""
    for _ in range(MOST):
        found = next((place for place in journey.opened.values() if _may(journey, place, signer[0])), None)
        if found is None:
            return
        _skip(journey, found, signer)


def _may(journey: Journey, place: OpenStep, person: int) -> bool:
    settings = place.settings
    if settings.get("skip_if") != SAME_PERSON or settings.get("role", "work") in JUDGING:
        return False
    target = road.target_of(journey, place)
    return target.people == (person,) and isinstance(of(journey.runtime, place.process, place.step), Plain)


def _skip(journey: Journey, place: OpenStep, signer: tuple[int, str]) -> None:
    case, tx = journey.case, journey.tx
    answers = _answers(journey, place)
    definition = journey.runtime.form(place.process, place.step)
    row = road.item_row(journey, place, road.target_of(journey, place), f"{signer[1]}")
    row |= {
        "status": "done", "holder_id": signer[0], "done_by": signer[0], "done_name": signer[1], "how": HOW,
        "decision": WORDS, "closed_at": tx.now, "seen_at": tx.now, "check_at": None, "capacity": place.lane or "经办人",
    }  # fmt: skip
    item_id = tx.session.execute(_put, row).scalar_one()
    call = road.actions_of(journey, {**case["data"], **answers}, place.step)
    state, facts = case["state"], facts_of(definition, answers)
    try:
        road.travel(
            journey,
            lambda seq: flow.complete(journey.runtime.spec, state, seq, place.address, facts, call),
            answers=answers,
            item_id=item_id,
        )
    except EngineRefused as error:
        raise Refused(str(error)) from error
    case["doers"] = {**case["doers"], place.step: signer[0]}
    journey.opened.pop(place.address, None)
    tx.note(
        case["organ_id"], "case.skip", f"「{place.label}」与上一环节同为{signer[1]}，自动跳过", item=item_id
    )
    journey.said.append(f"「{place.label}」也由您办理，已自动跳过。")


def _answers(journey: Journey, place: OpenStep) -> Mapping[str, Any]:
    """The step's first decision, without an opinion."""
    asks = of(journey.runtime, place.process, place.step)
    assert isinstance(asks, Plain)
    answers = {asks.decision: asks.options[0].value}
    return answers | ({asks.opinion: ""} if asks.opinion else {})
