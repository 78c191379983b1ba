"""What a draft is made of, for the page that opens its parts, read in the guarded child.

Reads broken drafts too: what cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lxml import etree

from app.core import guard
from app.processes.guarded import lost
from app.processes.table_rows import table_of
from forms.toml import TomlRefused, read_toml
from workflows.engine import EngineError, table_label
from workflows.engine.xml import read_bpmn, read_dmn, tag

PERSONS = ("userTask", "manualTask")


@dataclass(frozen=True)
class Step:
    """A person's step as drawn: its form, if the draft has one, and how many questions it asks."""

    id: str
    label: str
    lane: str
    form: str
    asks: int | None


@dataclass(frozen=True)
class Parts:
    """`loose` are (step, title) of forms that no step uses, `tables` (part, name), `scenarios` (part, title)."""

    steps: tuple[Step, ...] = ()
    start: int | None = None
    loose: tuple[tuple[str, str], ...] = ()
    tables: tuple[tuple[str, str], ...] = ()
    scenarios: tuple[tuple[str, str], ...] = ()
    readable: bool = True


def of(texts: Mapping[str, str]) -> Parts:
    """The parts of a draft; none but the start where the child gave no answer, and then `readable` is False."""
    try:
        found = guard.ask(f"{__name__}:answer", dict(texts))
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        lost(error)
        return Parts(readable=False)
    return Parts(
        steps=tuple(Step(**step) for step in found["steps"]),
        start=found["start"],
        loose=tuple((step, title) for step, title in found["loose"]),
        tables=tuple((name, label) for name, label in found["tables"]),
        scenarios=tuple((name, title) for name, title in found["scenarios"]),
        readable=found["readable"],
    )


def answer(texts: Mapping[str, str]) -> dict[str, Any]:
    """`of` in the child."""
    return asdict(_read_parts(texts))


def _read_parts(texts: Mapping[str, str]) -> Parts:
    asks = {
        name.removeprefix("forms/").removesuffix(".toml"): _asks(text)
        for name, text in texts.items()
        if name.startswith("forms/")
    }
    try:
        root = read_bpmn(texts.get("process.bpmn", "").encode())
        steps, readable = tuple(_steps(root, asks)), True
    except EngineError:
        steps, readable = (), False
    used = {step.form for step in steps} | {"start"}
    loose = sorted(set(asks) - used) if readable else ()
    return Parts(
        steps=steps,
        start=asks.get("start"),
        loose=tuple((step, _title(texts[f"forms/{step}.toml"], step, "title")) for step in loose),
        tables=tuple((name, _table(texts[name])) for name in sorted(texts) if name.endswith(".dmn")),
        scenarios=tuple(
            (name, _title(texts[name], name))
            for name in sorted(texts)
            if name.startswith("scenarios/") and not table_of(name)
        ),
        readable=readable,
    )


def _steps(root: etree._Element, asks: Mapping[str, int]) -> Iterator[Step]:
    lanes = {
        (reference.text or "").strip(): str(lane.get("name", ""))
        for lane in root.iter(tag("lane"))
        for reference in lane.iterfind(tag("flowNodeRef"))
    }
    for node in root.iter(*(tag(kind) for kind in PERSONS)):
        step = str(node.get("id", ""))
        setting = node.find(".//{*}property[@name='form']")
        form = str(setting.get("value", "")) if setting is not None else step
        yield Step(step, str(node.get("name") or step), lanes.get(step, ""), form, asks.get(form))


def _read(text: str) -> dict[str, Any]:
    try:
        return read_toml(text)
    except TomlRefused:
        return {}


def _asks(text: str) -> int:
    fields = _read(text).get("field")
    return len(fields) if isinstance(fields, list) else 0


def _title(text: str, name: str, item: str = "name") -> str:
    found = _read(text).get(item)
    return found if isinstance(found, str) and found else name


def _table(text: str) -> str:
    try:
        return table_label(read_dmn(text.encode()))
    except EngineError:
        return "读不出来的决策表"


# -- lanes and copies, for the settings -----------------------------------------------------------------------


def drawn(texts: Mapping[str, str]) -> dict[str, list[Any]]:
    """{lanes: [{name, steps: [{value, label}]}], copies: [{key, owner}], calls: keys} of the diagram.

    Empty while it is unreadable. A copy is what each part of a step done several times is for.
    """
    try:
        found: dict[str, Any] = guard.ask(f"{__name__}:answer_drawn", texts.get("process.bpmn", ""))
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        lost(error)
        return {"lanes": [], "copies": [], "calls": []}
    return found


def answer_drawn(text: str) -> dict[str, list[Any]]:
    """`drawn` in the child."""
    try:
        root = read_bpmn(text.encode())
    except EngineError:
        return {"lanes": [], "copies": [], "calls": []}
    steps = {
        str(node.get("id", "")): str(node.get("name") or node.get("id", ""))
        for node in root.iter(*(tag(kind) for kind in PERSONS))
    }
    lanes = [_lane(lane, steps) for lane in root.iter(tag("lane")) if lane.find(tag("childLaneSet")) is None]
    items = root.iter(tag("inputDataItem"))
    return {
        "lanes": lanes,
        "copies": [{"key": str(each.get("id", "")), "owner": _owner(each)} for each in items],
        "calls": called(text) or [],
    }


def called(diagram: str) -> list[str] | None:
    """Keys of the processes a diagram calls, each once in its order, read in the child; None while it is unreadable."""
    try:
        found = read_bpmn(diagram.encode()).iter(tag("callActivity"))
    except EngineError:
        return None
    return [*dict.fromkeys(each.get("calledElement", "") for each in found)]


def _owner(item: etree._Element) -> str:
    """The name of the step whose parts an item is for."""
    step = next(item.iterancestors(*(tag(kind) for kind in (*PERSONS, "callActivity", "subProcess"))), None)
    return "" if step is None else str(step.get("name") or step.get("id", ""))


def _lane(lane: etree._Element, steps: Mapping[str, str]) -> dict[str, Any]:
    inside = [(each.text or "").strip() for each in lane.iterfind(tag("flowNodeRef"))]
    return {
        "name": str(lane.get("name") or lane.get("id", "")),
        "steps": [{"value": step, "label": steps[step]} for step in inside if step in steps],
    }
