"""试运行: a draft walked step by step with the real posts, forms and rules, and made-up answers. Nothing is written.

The walk itself (who began it, what each step said) goes with the page and is walked again from its beginning each time,
in the guarded child (`processes.dry_run`); whom a step would reach is worked out by the cases' own routing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.directory import Directory
from app.cases import asking, deadlines
from app.cases.routing import Target, route
from app.cases.submitted import PASSING
from app.core.errors import Refused
from app.processes import dry_run, part_checks, start_facts
from app.processes.item_words import FACT_SOURCES
from app.processes.packages import Package
from app.processes.scenarios import usual_fact
from app.studio.content import active_closure, package_of, split
from forms import Around, Definition
from forms.definition import Json

MAX_TEXT = 200_000  # characters of a walk as the page carries it
BROKEN = "试运行的经过读不出来，可能是页面停留太久。请重新开始试运行。"


@dataclass
class Walk:
    """A walk under way. `steps` are those of a scenario, each `by` the id of a person instead of a name."""

    organ: int
    person: int
    unit: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    matters: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def text(self) -> str:
        """As the page carries it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Walk:
        """What a page sent back; Refused when it is not a walk."""
        try:
            raw = json.loads(text) if len(text) <= MAX_TEXT else None
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, dict) or set(raw) != set(cls.__dataclass_fields__):
            raise Refused(BROKEN)
        walk = cls(**raw)
        whole = isinstance(walk.organ, int) and isinstance(walk.person, int)
        plain = all(isinstance(each, dict) for each in (walk.facts, walk.answers))
        rows = all(
            isinstance(each, list) and all(isinstance(row, dict) for row in each)
            for each in (walk.matters, walk.steps)
        )
        if not (whole and plain and rows) or len(walk.steps) > dry_run.MOST_STEPS:
            raise Refused(BROKEN)
        return walk

    def script(self, people: Directory) -> dict[str, Any]:
        """The walk as a scenario of the draft."""
        steps = [
            {**step, "by": _name(people, int(step["by"]))} if "by" in step else dict(step)
            for step in self.steps
        ]
        found: dict[str, Any] = {"by": _name(people, self.person)}
        found |= {"facts": self.facts} if self.facts else {}
        found |= {"answers": self.answers} if self.answers else {}
        found |= {"matters": self.matters} if self.matters else {}
        return found | {"step": steps}


def _name(people: Directory, person_id: int) -> str:
    """A name no one else of the office has: two of the same name are told apart."""
    person = people.person(person_id)
    if person is None:
        return people.name_of(person_id) or "经办人"
    same = [each for each in people.people_of(person.organ_id) if each.name == person.name]
    return person.name if len(same) < 2 else f"{person.name}{person_id}"


@dataclass(frozen=True)
class Draft:
    """What is walked: the package of the draft, with those it calls."""

    package: Package
    called: Mapping[str, Package]
    scenarios: Mapping[str, str]

    @property
    def packages(self) -> dict[str, Package]:
        """Process key -> package."""
        return {**self.called, self.package.key: self.package}

    @property
    def called_texts(self) -> dict[str, Mapping[str, str]]:
        """The texts of the called packages."""
        return {key: each.texts for key, each in self.called.items()}

    def form(self, place: Mapping[str, Any]) -> Definition | None:
        """What a waiting step asks."""
        forms = self.packages[place["process"]].forms
        return forms.get(place["settings"].get("form") or place["step"])


def draft_of(session: Session, texts: Mapping[str, str]) -> Draft:
    """The draft as a package; PackageRefused with every problem while it is none."""
    package = package_of(texts)
    return Draft(package, active_closure(session, package), split(texts)[1])


def walked(draft: Draft, walk: Walk, people: Directory) -> dict[str, Any]:
    """What the walk came to (`processes.dry_run.walk`)."""
    return dry_run.walk(draft.package.texts, draft.called_texts, walk.script(people))


# --- who began it ------------------------------------------------------------------------------------------------


def starters(draft: Draft, people: Directory, organ_id: int) -> list[Any]:
    """People of an organ who could begin a case: at the posts the package names, or any who does business."""
    kinds = frozenset(draft.package.meta.start_posts)
    return [
        person
        for person in people.people_of(organ_id)
        if person.active
        and (actor := people.actor(person.id)) is not None
        and not actor.officer
        and (actor.kinds & kinds if kinds else actor.posts)
    ]


def facts_of_start(draft: Draft, people: Directory, person_id: int) -> dict[str, Any]:
    """Facts the office fills in at the start, of this person and his organ; those of an application are the usual ones."""
    actor = people.actor(person_id)
    if actor is None or actor.organ_id is None:
        raise Refused("请选择一位在岗的人来发起。")
    known = start_facts.of_office(actor, people.organ(actor.organ_id))
    return {
        fact: known[source] if source in known else usual_fact(FACT_SOURCES[source])
        for fact, source in start_facts.wanted(draft.packages.values()).items()
    }


def carried(draft: Draft, message: str) -> dict[str, Any]:
    """What a message brings along: as the first scenario of the draft has it that sends this message."""
    for _name, text in sorted(draft.scenarios.items()):
        if f'"{message}"' not in text:
            continue
        steps = (part_checks.data_in(text) or {}).get("step", [])
        for step in steps if isinstance(steps, list) else []:
            if isinstance(step, dict) and step.get("message") == message:
                return dict(facts) if isinstance(facts := step.get("facts"), dict) else {}
    return {}


# --- whom a step reaches -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Receives:
    """A step that waits: whom it would reach by the real posts, and until when."""

    place: Mapping[str, Any]
    target: Target
    due: datetime | None

    @property
    def key(self) -> str:
        """What tells it apart on the page."""
        return f"{self.place['step']}|{self.place['instance'] or ''}"


def receivers(
    draft: Draft, walk: Walk, told: Mapping[str, Any], people: Directory, now: datetime
) -> list[Receives]:
    """Every waiting step with whom it would reach."""
    case = _case(walk, told)
    found = []
    for place in told["open"]:
        lane = draft.packages[place["process"]].meta.lanes.get(place["lane"] or "")
        role = place["settings"].get("role", "work")
        known = {**told["data"], **place["facts"]}
        target = route(lane, place["lane"] or "", role, case, known, people)
        found.append(Receives(place, target, _due(place, target.organ_id, now)))
    return found


def _due(place: Mapping[str, Any], organ_id: int, now: datetime) -> datetime | None:
    try:
        return deadlines.opened(place["settings"], organ_id, now)["due_at"]
    except (ValueError, LookupError):
        return None  # the check says what is wrong with the limit


def _case(walk: Walk, told: Mapping[str, Any]) -> dict[str, Any]:
    """The case as routing wants it: who drafted, who did which step."""
    done = list(zip(walk.steps, told["steps"][1:], strict=False))
    authors = [step["by"] for step, about in done if about["role"] == "draft" and "by" in step]
    return {
        "organ_id": walk.organ,
        "unit_id": walk.unit,
        "started_by": walk.person,
        "authors": list(dict.fromkeys(authors)),
        "doers": {step["step"]: step["by"] for step, _about in done if "by" in step},
        "data": told["data"],
    }


# --- forms -------------------------------------------------------------------------------------------------------


def around(
    draft: Draft, definition: Definition, data: Mapping[str, Json], people: Directory, walk: Walk, today: Any
) -> Around:
    """What the form of a step knows: answers so far, the real lists, a made-up file for every question for files."""
    person = people.person(walk.person)
    lists = asking.lists(people, walk.organ, [(str(walk.person), person.name if person else "")])
    forms = [form for package in draft.packages.values() for form in package.forms.values()]
    for item in definition.known:
        if item.as_ == "choices":
            asked = next((form.by_key[item.key] for form in forms if item.key in form.by_key), None)
            lists[f"choices:{item.key}"] = asked.named if asked else []
    lists.setdefault("documents", [("1", "试运行的公文")])
    return Around(data, lists, _files(definition, data), today=today)


def _files(definition: Definition, data: Mapping[str, Json]) -> dict[str, Any]:
    named = [f"{each.label}.pdf" for each in definition.fields if each.type == "files"]
    known = [
        str(file.get("id"))
        for value in data.values()
        if isinstance(value, list)
        for file in value
        if isinstance(file, dict) and "sha256" in file
    ]
    return {
        name: {"id": name, "name": name, "sha256": "", "size": 1024, "state": "kept", "field": ""}
        for name in [*named, *known]
    }


def said_before(definition: Definition, data: Mapping[str, Json]) -> dict[str, Json]:
    """What the form shows again: answers the case has already, but for those that belong to one completion."""
    return {
        key: data[key]
        for key, spec in definition.by_key.items()
        if key in data and key not in PASSING and not spec.once and data[key] not in (None, "", [])
    }


def plain_answers(definition: Definition, answers: Mapping[str, Json]) -> dict[str, Any]:
    """Answers as a scenario says them: files by their names, nothing that was left empty."""
    found: dict[str, Any] = {}
    for key, value in answers.items():
        if value is None or value == [] or value == "" or value is False:
            continue
        files = isinstance(value, list) and definition.by_key[key].type == "files"
        found[key] = [each["id"] for each in value] if files and isinstance(value, list) else value  # type: ignore[index,call-overload]
    return found


def flows_of(steps: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """(process, flow) pairs that these steps or scenarios took."""
    return {(process, flow) for step in steps for process, flow in step["flows"]}
