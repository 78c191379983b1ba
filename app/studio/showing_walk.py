"""What the page of a 试运行 tells: the steps walked, the flows by who walks them, the walk as a 情形."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.accounts.directory import Directory
from app.cases.routing import JUDGING
from app.core.errors import Refused
from app.core.keys import sm3
from app.core.now import today
from app.processes import dry_run
from app.processes.dry_run import words_of_action
from app.studio import walking
from app.studio.walking import Draft, Receives, Walk
from forms import Around, Definition, shown
from forms.writing import toml
from workflows.law import replies

_KEEP = 30  # drafts whose coverage this process remembers
_covered: dict[str, dict[str, Any]] = {}


def covered(draft: Draft) -> dict[str, Any]:
    """What the scenarios of the draft gave (`processes.dry_run.covered`); remembered by content."""
    texts = {**draft.package.texts, **draft.scenarios}
    for package in draft.called.values():
        texts |= {f"{package.key}/{name}": text for name, text in package.texts.items()}
    key = sm3(repr(sorted(texts.items())).encode())
    found = _covered.get(key)
    if found is None:
        found = dry_run.covered(draft.package.texts, draft.called_texts, draft.scenarios)
        if not found["problems"]:
            while len(_covered) >= _KEEP:
                _covered.pop(next(iter(_covered)), None)
            _covered[key] = found
    return found


@dataclass(frozen=True)
class Drawing:
    """The diagram's marks, and the flows that nobody walks, in words; `called`: those of called processes."""

    marks: Sequence[Mapping[str, Any]]
    taken: int
    tested: int
    total: int
    never: Sequence[str]


def drawing(draft: Draft, told: Mapping[str, Any], covered: Mapping[str, Any]) -> Drawing:
    """Each flow of the draft's own diagram: walked now, walked by a scenario, or by nobody."""
    key = draft.package.key
    taken = walking.flows_of(told.get("steps", ()))
    tested = walking.flows_of(covered.get("results", ()))
    flows: Mapping[str, str] = (told or covered).get("flows", {}).get(key, {})
    marks: list[dict[str, Any]] = []
    for flow in flows:
        state = "taken" if (key, flow) in taken else "tested" if (key, flow) in tested else "never"
        marks.append({"id": flow, "state": state})
    done = {each["step"]: each for each in told.get("steps", ()) if each.get("process") == key}
    marks += [{"id": step, "state": "done", "label": each["label"]} for step, each in done.items()]
    waiting = [each for each in told.get("open", ()) if each["process"] == key]
    marks = [each for each in marks if each["id"] not in {place["step"] for place in waiting}]
    marks += [{"id": each["step"], "state": "current", "label": each["label"]} for each in waiting]
    never = [words for flow, words in flows.items() if (key, flow) not in taken | tested]
    own = [pair for pair in taken if pair[0] == key]
    return Drawing(marks, len(own), sum((key, flow) in tested for flow in flows), len(flows), never)


def history(draft: Draft, walk: Walk, told: Mapping[str, Any], people: Directory) -> list[dict[str, Any]]:
    """The steps walked, for the timeline: who did what with which answers, what happened of itself; `n` to go back to."""
    rows = []

    def around(definition: Definition) -> Around:
        return walking.around(draft, definition, {}, people, walk, today())

    for number, about in enumerate(told.get("steps", ())):
        step = walk.steps[number - 1] if number else {"by": walk.person, "answers": walk.answers}
        acts = [words_of_action(each["name"], each["params"]) for each in about["calls"]]
        rows.append(
            {
                "n": max(number - 1, 0),
                "label": about["label"],
                "who": people.name_of(int(str(step["by"]))) if "by" in step else _event(step),
                "said": _answers(draft, about, step, around),
                "acts": acts,
                "last": number == len(told["steps"]) - 1,
            }
        )
    return rows


def _event(step: Mapping[str, Any]) -> str:
    return "收到消息" if "message" in step else "内部时限到期"


def _answers(
    draft: Draft, about: Mapping[str, Any], step: Mapping[str, Any], around: Callable[[Definition], Around]
) -> Sequence[tuple[str, str]]:
    """What a step said, as people read it."""
    package = draft.packages.get(about.get("process") or draft.package.key)
    definition = package.forms.get(about.get("form", "")) if package else None
    if definition is None:
        return ()
    found = []
    if definition.decision is not None and step.get("decision"):
        labels = {each.value: each.label for each in definition.decision.options}
        found.append((definition.decision.label, labels.get(step["decision"], "")))
    lines = shown(definition, step.get("answers", {}), around(definition))
    return [*found, *((line.label, line.text[:120]) for line in lines)]


def by_choices(place: Receives | None, walk: Walk | None, people: Directory) -> list[tuple[int, str]]:
    """Who may do the step now: whom it reaches; where it reaches nobody, anybody of the organ, so that one can go on."""
    if place is None or walk is None:
        return []
    able = place.target.people or ((place.target.person_id,) if place.target.person_id else ())
    if not able or place.target.incident:
        role = place.place["settings"].get("role", "work")
        drafted = {step.get("by") for step in walk.steps}
        everybody = [each.id for each in people.people_of(place.target.organ_id) if each.active]
        able = tuple(each for each in everybody if role not in JUDGING or each not in drafted)[:30]
    return [(person, people.name_of(person)) for person in able]


# --- 依申请公开: what the drafter would decide ---------------------------------------------------------------------


def outcomes(draft: Draft) -> list[tuple[str, str]]:
    """The kinds of reply to choose from, where the process asks for one."""
    asks = any(b"foi.reply_ready" in package.source.bpmn for package in draft.packages.values())
    return [(key, kind.name) for key, kind in replies.REPLIES.items()] if asks else []


def matter(outcome: str) -> dict[str, Any]:
    """What the drafter decides, in the words of a scenario, on the first ground there is; Refused for what is no kind of reply."""
    kind = replies.REPLIES.get(outcome)
    if kind is None:
        raise Refused("请从列表里选择答复种类。")
    return {"outcome": outcome} | ({"grounds": [kind.grounds[0]]} if kind.grounds else {})


# --- 存为情形 -------------------------------------------------------------------------------------------------------


def scenario(draft: Draft, walk: Walk, name: str, people: Directory) -> str:
    """The walk as the text of a scenario that passes; Refused where it does not."""
    name = name.strip()
    if not 2 <= len(name) <= 60:
        raise Refused("请给情形起个名字，2 至 60 个字。")
    told = walking.walked(draft, walk, people)
    if told["problems"] or told["said"]:
        raise Refused("；".join([*told["problems"], *told["said"]]))
    end = {"finished": True} if told["finished"] else {"open": [each["step"] for each in told["open"]]}
    text = toml({"name": name, **walk.script(people), "expect": end})
    tomllib.loads(text)
    tried = dry_run.covered(draft.package.texts, draft.called_texts, {"scenarios/new.toml": text})
    failures = tried["problems"] or tried["results"][0]["failures"]
    if failures:
        raise Refused("照这样存下来走不通：" + "；".join(failures))
    return text


def free_name(parts: Mapping[str, Any]) -> str:
    """The name of a scenario that is not there yet."""
    number = 1
    while (name := f"scenarios/walk_{number}.toml") in parts:
        number += 1
    return name
