"""Where a case would go: the engine's answer to answers that are not sent yet. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session, undefer
from werkzeug.datastructures import MultiDict

from app import processes
from app.accounts.directory import directory
from app.cases import asking
from app.cases.models import Case
from app.cases.reaching import behalf, joint_step
from app.cases.routing import known_at, route
from app.core.actions import CATALOGUE, ActionContext
from app.core.actor import Actor
from app.core.command import Tx, keyring
from app.core.now import now
from app.processes import Runtime
from workflows.engine import EngineRefused, Outcome, flow


def foresee(
    session: Session,
    item: Mapping[str, Any],
    case: Mapping[str, Any],
    actor: Actor,
    form_data: MultiDict[str, str],
) -> dict[str, Any] | None:
    """What the confirmation says: {title, text, items, act}. None for a form with errors: send it, and it says them."""
    runtime = processes.runtime(case["version_id"])
    offline = form_data.get("offline") == "1"
    asked = asking.ask(session, runtime, item, case, actor, offline=offline)
    form = asking.form_of(asked, formdata=form_data)
    chosen = form.chosen
    info = runtime.spec.steps[(item["process_key"], item["step"])]
    label = chosen.label if chosen else info.settings.get("button", "提交")
    if not form.validate():
        return None
    filled = asking.said_of(asked, form)
    state = session.get_one(Case, case["id"], options=[undefer(Case.state)]).state
    try:
        lines = _lines(session, runtime, item, case, actor, state, filled.own, filled.joint)
    except EngineRefused as error:
        lines = [str(error)]
    return {"title": f"「{item['label']}」{label}？", "text": "提交后：", "items": lines, "act": label}


def _lines(
    session: Session,
    runtime: Runtime,
    item: Mapping[str, Any],
    case: Mapping[str, Any],
    actor: Actor,
    state: bytes,
    own: Any,
    joint: Any,
) -> list[str]:
    data = {**case["data"], **own.answers}
    authors = list(case["authors"])
    if item["role"] == "draft" and actor.person_id not in authors:
        authors.append(actor.person_id)
    absent = behalf(item, actor, case)
    later = {
        **case,
        "data": data,
        "authors": authors,
        "doers": {**case["doers"], item["step"]: absent.person_id if absent else actor.person_id},
    }
    chosen = {**own.files, **(joint.files if joint is not None else {})}
    call, told = _looking(session, actor, later, item["step"], chosen)
    outcome = flow.complete(runtime.spec, state, case["flow_seq"] + 1, item["address"], own.facts, call)
    opened = {place.address: place for place in outcome.opened}
    if joint is not None:
        step = joint_step(runtime, item)
        place = next((p for p in opened.values() if p.step == step), None)
        if place is not None:
            opened.pop(place.address)
            outcome = flow.complete(
                runtime.spec, outcome.state, case["flow_seq"] + 2, place.address, joint.facts, call
            )
            opened |= {each.address: each for each in outcome.opened}
    return [*dict.fromkeys(told), *_sentences(runtime, later, opened, outcome)]


def _sentences(
    runtime: Runtime, case: Mapping[str, Any], opened: Mapping[str, Any], outcome: Outcome
) -> list[str]:
    people = directory()
    lines = []
    for place in opened.values():
        lane = runtime.lane(place.process, place.lane)
        role = place.settings.get("role", "work")
        target = route(lane, place.lane or "", role, case, known_at(place, case["data"]), people)
        lines.append(
            f"「{place.label}」暂时没有人能接收：{target.incident}"
            if target.incident
            else f"送 {target.sentence}办理「{place.label}」"
        )
    if outcome.finished:
        lines.append("本件办结。")
    return lines or ["等待其他环节办完。"]


def _looking(
    session: Session,
    actor: Actor,
    case: Mapping[str, Any],
    step: str,
    chosen: Mapping[str, Sequence[int]],
) -> tuple[Callable[..., Any], list[str]]:
    """Actions answer what they can tell without doing anything (`Action.foresee`); the others answer nothing.

    With them the list of what they say to whoever acts, filled as they are asked.
    """
    tx = Tx(session, actor, now(), keyring())
    context = ActionContext(tx, case, case["data"], step, chosen=chosen)

    def call(name: str, params: dict[str, Any], address: str) -> Any:
        entry = CATALOGUE.get(name)
        if entry is None or entry.foresee is None:
            return {}
        found = entry.foresee(context, **params)
        context.case = {**context.case, **context.changes}  # what follows sees what this one would write
        return found

    return call, context.said
