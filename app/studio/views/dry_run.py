"""试运行: the page on which a draft is walked; nothing of it is kept but what the person saves as a 情形."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.core import tokens
from app.core.db import db
from app.core.errors import NotFound, Refused, Sayable
from app.core.now import now, today
from app.core.pages import me
from app.processes import dry_run as child
from app.processes.packages import PackageRefused
from app.studio import made_up, queries, showing_walk, walking
from app.studio.content import DIAGRAM
from app.studio.service import parts as saving
from app.studio.views.base import bp, own_organ
from app.studio.walking import Draft, Walk
from forms import StepForm, bind
from forms.conditions import for_browser


@dataclass
class Page:
    """What stands on the page: a walk and what it came to, the form that is filled in now, what is wrong."""

    draft: Draft
    walk: Walk | None = None
    told: dict[str, Any] = field(default_factory=dict)
    form: StepForm | None = None
    place: walking.Receives | None = None
    by: int = 0
    problems: list[str] = field(default_factory=list)


@bp.get("/drafts/<int:draft_id>/dry-run")
def dry_run(draft_id: int) -> ResponseReturnValue:
    """试运行, from the beginning: who begins it; and what the scenarios of the draft gave."""
    try:
        return _render(draft_id, Page(_draft(draft_id)))
    except PackageRefused as refusal:
        return _broken(draft_id, list(refusal.problems))


@bp.post("/drafts/<int:draft_id>/dry-run")
def walk_on(draft_id: int) -> ResponseReturnValue:
    """One act on the walk: begin, start, a step, a message, a timer, back."""
    act = _ACTS.get(request.form.get("_act", ""))
    if act is None:
        raise NotFound()
    try:
        page = Page(_draft(draft_id))
        act(page)
    except PackageRefused as refusal:
        return _broken(draft_id, list(refusal.problems)), 422
    except Refused as refusal:
        page.problems.append(refusal.message)
    return _render(draft_id, page), 422 if page.problems else 200


@bp.get("/drafts/<int:draft_id>/dry-run/process.bpmn")
def drawn(draft_id: int) -> ResponseReturnValue:
    """The diagram of the draft, for the viewer."""
    text = queries.texts(db.session(), queries.draft(db.session(), draft_id).id).get(DIAGRAM)
    if text is None:
        raise NotFound()
    return Response(text, mimetype="application/xml", headers={"Cache-Control": "private, no-store"})


@bp.post("/drafts/<int:draft_id>/dry-run/save")
def save_walk(draft_id: int) -> ResponseReturnValue:
    """存为情形: the walk becomes a scenario of the draft, once it has passed as one."""
    session = db.session()
    try:
        draft = _draft(draft_id)
        walk = Walk.read(request.form.get("_walk", ""))
        text = showing_walk.scenario(draft, walk, request.form.get("name", ""), directory())
        name = showing_walk.free_name(queries.revisions(session, draft_id))
        saving.save(
            me(), draft_id=draft_id, name=name, text=text, revision=0, token=tokens.token_of(request.form)
        )
    except PackageRefused as refusal:
        flash("；".join(refusal.problems), "danger")
    except Sayable as error:
        flash(error.message, "danger")
    else:
        flash(f"已存为情形 {name.removeprefix('scenarios/')}，以后每次检查都会照着走一遍。", "success")
    return redirect(url_for("studio.dry_run", draft_id=draft_id), 303)


def _draft(draft_id: int) -> Draft:
    session = db.session()
    return walking.draft_of(session, queries.texts(session, queries.draft(session, draft_id).id))


# --- acts --------------------------------------------------------------------------------------------------------


def _begin(page: Page) -> None:
    """Who begins it is chosen: the start form, or the first steps where there is none."""
    people, organ = directory(), own_organ()
    person = request.form.get("_person", type=int) or 0
    if person not in {each.id for each in walking.starters(page.draft, people, organ)}:
        raise Refused("请选择由谁发起。")
    actor = people.actor(person)
    walk = Walk(organ, person, actor.unit_id if actor else None)
    walk.facts = walking.facts_of_start(page.draft, people, person)
    outcome = request.form.get("_outcome", "")
    if outcome:
        walk.matters = [showing_walk.matter(outcome)]
    page.walk = walk
    definition = page.draft.package.forms.get("start")
    if definition is None:
        _settle(page)
        return
    around = walking.around(page.draft, definition, {}, people, walk, today())
    said, _form = made_up.answers(definition, around)
    page.form = bind(definition, around, saved=said)


def _start(page: Page) -> None:
    """The start form was filled in."""
    walk = page.walk = Walk.read(request.form.get("_walk", ""))
    definition = page.draft.package.forms["start"]
    around = walking.around(page.draft, definition, {}, directory(), walk, today())
    form = bind(definition, around, request.form)
    if not form.validate():
        page.form = form
        page.problems.append("发起的表单还有要改的地方。")
        return
    walk.answers = walking.plain_answers(definition, form.answers())
    _settle(page)


def _step(page: Page) -> None:
    """A step was filled in: it is appended, or its errors are shown."""
    walk = page.walk = Walk.read(request.form.get("_walk", ""))
    _settle(page, chosen=request.form.get("_place", ""))
    if page.place is None or page.form is None:
        return
    definition, around = page.form.definition, page.form.around
    page.by = request.form.get("_by", type=int) or page.by
    form = bind(definition, around, request.form)
    if not form.validate():
        page.form = form
        page.problems.append("表单还有要改的地方。")
        return
    answers = form.answers()
    step: dict[str, Any] = {"step": page.place.place["step"], "by": page.by}
    if page.place.place["instance"] is not None:
        step["instance"] = page.place.place["instance"]
    if definition.decision is not None:
        step["decision"] = answers.pop(definition.decision.key, "")
    step["answers"] = walking.plain_answers(definition, answers)
    _append(page, walk, step)


def _message(page: Page) -> None:
    """A message arrives, with what it brings in the scenarios."""
    walk = Walk.read(request.form.get("_walk", ""))
    name = request.form.get("_name", "")[:200]
    facts = walking.carried(page.draft, name)
    _append(page, walk, {"message": name} | ({"facts": facts} if facts else {}))


def _timer(page: Page) -> None:
    """A timer is due."""
    walk = Walk.read(request.form.get("_walk", ""))
    _append(page, walk, {"timer": request.form.get("_name", "")[:200]})


def _choose(page: Page) -> None:
    """Another of the waiting steps is shown."""
    page.walk = Walk.read(request.form.get("_walk", ""))
    _settle(page, chosen=request.form.get("_place", ""))


def _back(page: Page) -> None:
    """Back to where a step had not been done yet."""
    walk = page.walk = Walk.read(request.form.get("_walk", ""))
    walk.steps = walk.steps[: max(0, request.form.get("_n", 0, type=int))]
    _settle(page)


_ACTS = {
    "begin": _begin,
    "start": _start,
    "step": _step,
    "message": _message,
    "timer": _timer,
    "choose": _choose,
    "back": _back,
}


def _append(page: Page, walk: Walk, step: dict[str, Any]) -> None:
    """Walk one step further; where that does not go, the walk stays as it was and the page says why."""
    page.walk = Walk(**{**walk.__dict__, "steps": [*walk.steps, step]})
    if len(page.walk.steps) > child.MOST_STEPS:
        page.walk = walk
        raise Refused(f"试运行最多走 {child.MOST_STEPS} 步。请退回几步，或重新开始。")
    kept = page.form
    _settle(page)
    if page.told.get("said"):
        said = list(page.told["said"])
        page.walk = walk
        _settle(page, chosen=request.form.get("_place", ""))
        page.form = kept or page.form
        page.problems += said


def _settle(page: Page, chosen: str = "") -> None:
    """Walk what there is, and prepare the form of the chosen, or the first, waiting step."""
    assert page.walk is not None
    people = directory()
    page.told = told = walking.walked(page.draft, page.walk, people)
    if told["problems"]:
        raise PackageRefused(told["problems"])
    page.form = page.place = None
    waiting = walking.receivers(page.draft, page.walk, told, people, now())
    page.told["waiting"] = waiting
    place = next((each for each in waiting if each.key == chosen), next(iter(waiting), None))
    definition = page.draft.form(place.place) if place is not None else None
    if place is None or definition is None:
        return
    page.place = place
    able = showing_walk.by_choices(place, page.walk, people)
    page.by = place.target.person_id or next((person for person, _name in able), page.walk.person)
    around = walking.around(page.draft, definition, told["data"], people, page.walk, today())
    said, _form = made_up.answers(definition, around, given=walking.said_before(definition, told["data"]))
    if definition.decision is not None:
        said.pop(definition.decision.key, None)
    page.form = bind(definition, around, saved=said)


# --- showing -----------------------------------------------------------------------------------------------------


def _render(draft_id: int, page: Page) -> str:
    people = directory()
    covered = showing_walk.covered(page.draft)
    return render_template(
        "studio/dry_run.html",
        draft=queries.draft(db.session(), draft_id),
        page=page,
        walk=page.walk,
        told=page.told,
        form=page.form,
        conditions=for_browser(page.form.definition, page.form.names) if page.form is not None else {},
        history=showing_walk.history(page.draft, page.walk, page.told, people) if page.walk else [],
        starters=walking.starters(page.draft, people, own_organ()) if page.walk is None else [],
        outcomes=showing_walk.outcomes(page.draft) if page.walk is None else [],
        covered=covered,
        drawing=showing_walk.drawing(page.draft, page.told, covered),
        by_choices=showing_walk.by_choices(page.place, page.walk, people),
        token=tokens.fresh_token(),
    )


def _broken(draft_id: int, problems: list[str]) -> str:
    draft = queries.draft(db.session(), draft_id)
    return render_template("studio/dry_run_broken.html", draft=draft, problems=problems)
