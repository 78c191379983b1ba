"""Two packages side by side: what differs on the diagram, in forms, tables, settings and scenarios, in Chinese.

Works on texts, so that a draft which is broken at the moment can be compared too: a part that cannot be read is one change
by itself. Pure; what comes from a browser is compared in the guarded child (`guarded` below).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from lxml import etree

from app.core import guard
from app.core.actions import CATALOGUE
from app.processes.comparing.change import Change, Comparison, marks_of
from app.processes.comparing.diagrams import compare_diagrams
from app.processes.comparing.drawn import Words
from app.processes.comparing.shapes import compare_form, compare_scenario, compare_settings, names_in
from app.processes.comparing.tables import compare_tables
from app.processes.comparing.wording import Names
from app.processes.guarded import lost
from forms.toml import TomlRefused, read_toml
from workflows.engine import EngineError, countersign
from workflows.engine.xml import SPIFF, read_bpmn, read_dmn, tag

Texts = Mapping[str, str]
#: key of a called process -> (its name, number of the version that is locked in)
Locks = Mapping[str, tuple[str, int]]

DIAGRAM, SETTINGS, CALLS = "process.bpmn", "package.toml", "calls"

__all__ = ["CALLS", "DIAGRAM", "SETTINGS", "Change", "Comparison", "compare", "guarded", "locked"]

_STEPS = ("userTask", "manualTask", "serviceTask", "callActivity", "subProcess")


def compare(old: Texts, new: Texts, actions: Mapping[str, str] | None = None) -> Comparison:
    """All differences of two packages' texts (scenarios among them). Never raises for what is in them.

    actions: name of an action, or `name:parameter`, -> its Chinese label.
    """
    if old == new:
        return Comparison()
    comparer = _Comparer(old, new, Words(_names(new, old), actions or {}))
    comparer.run()
    changes = tuple(comparer.changes)
    return Comparison(changes, tuple(comparer.placed), tuple(comparer.written), marks_of(changes, DIAGRAM))


def _names(*packages: Texts) -> Names:
    """What facts and answers are called in either."""
    settings: dict[str, Any] = {}
    forms: list[dict[str, Any]] = []
    for texts in packages:
        settings = {**(_toml(texts.get(SETTINGS, "")) or {}), **settings}
        forms += [_toml(text) or {} for name, text in texts.items() if name.startswith("forms/")]
    results = [table for texts in packages for table in _results(texts)]
    return names_in(settings, *forms, *results)


def _results(texts: Texts) -> Iterator[dict[str, Any]]:
    """What decision tables and the drawing itself give, as if a form asked for it."""
    yield {"field": [{"key": name, "label": label} for name, label in _drawn_facts(texts.get(DIAGRAM, ""))]}
    for name, text in texts.items():
        if not name.endswith(".dmn"):
            continue
        with suppress(EngineError):
            outputs = [each for each in read_dmn(text.encode()).iter("{*}output") if each.get("label")]
            yield {
                "field": [{"key": str(each.get("name")), "label": str(each.get("label"))} for each in outputs]
            }


def _drawn_facts(text: str) -> Iterator[tuple[str, str]]:
    """(name, label): whether a 会签 passed, for whom each copy of a step is, what an action found."""
    with suppress(EngineError):
        for step in read_bpmn(text.encode()).iter(*(tag(kind) for kind in _STEPS)):
            said = f"“{step.get('name') or step.get('id')}”"
            if any(each.get("name") == countersign.SETTING for each in step.iter(tag("property", SPIFF))):
                yield countersign.result_name(str(step.get("id"))), f"{said}通过"
            for item in step.iterfind(f"*/{tag('inputDataItem')}"):
                yield str(item.get("id")), f"{said}每一份的对象"
            for operator in step.iter(tag("serviceTaskOperator", SPIFF)):
                yield str(operator.get("resultVariable")), f"{said}的结果"


def locked(old: Locks, new: Locks) -> tuple[Change, ...]:
    """Differences of the versions of called processes that are locked in."""
    return tuple(_locked(old, new))


def _locked(old: Locks, new: Locks) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        name = f"调用的流程“{(after or before or ('', 0))[0]}”"
        if before is None and after is not None:
            yield Change(CALLS, key, "added", name, "版本", "", f"第 {after[1]} 版")
        elif after is None and before is not None:
            yield Change(CALLS, key, "removed", name, "版本", f"第 {before[1]} 版")
        elif before is not None and after is not None and before[1] != after[1]:
            yield Change(CALLS, key, "changed", name, "版本", f"第 {before[1]} 版", f"第 {after[1]} 版")


def _calls_of(texts: Texts) -> list[str]:
    """Keys of the processes that the settings say are called."""
    calls = (_toml(texts.get(SETTINGS, "")) or {}).get("calls")
    return [each for each in calls if isinstance(each, str)] if isinstance(calls, list) else []


class _Comparer:
    """Part after part; a part that differs as a text but in nothing that counts goes to `written`."""

    def __init__(self, old: Texts, new: Texts, words: Words) -> None:
        self.old, self.new, self.words = old, new, words
        self.changes: list[Change] = []
        self.placed: list[Change] = []
        self.written: list[str] = []

    def run(self) -> None:
        for part in sorted({*self.old, *self.new}, key=_order):
            before, after = self.old.get(part), self.new.get(part)
            if before == after:
                continue
            if before is None or after is None:
                self.changes.append(_came_or_went(part, before, after))
                continue
            known = len(self.changes), len(self.placed)
            try:
                self._part(part, before, after)
            except _Unreadable as why:
                self.changes.append(Change(part, "", "changed", _name(part, after), "内容", *why.args))
            if (len(self.changes), len(self.placed)) == known:
                self.written.append(part)

    def _part(self, part: str, before: str, after: str) -> None:
        if part == DIAGRAM:
            found, placed = compare_diagrams(part, *_roots(before, after, read_bpmn), self.words)
            self.changes += found
            self.placed += placed
        elif part.endswith(".dmn"):
            self.changes += compare_tables(part, *_roots(before, after, read_dmn))
        else:
            old, new = _toml(before), _toml(after)
            if old is None or new is None:
                raise _Unreadable(
                    *("读得出来" if each is not None else "读不出来，写法不正确" for each in (old, new))
                )
            self.changes += self._data(part, old, new)

    def _data(self, part: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
        if part == SETTINGS:
            return compare_settings(part, old, new, self.words.names)
        if part.startswith("forms/"):
            return compare_form(part, f"表单“{_title(new, part)}”", old, new, self.words.names)
        return compare_scenario(part, f"情形“{_title(new, part)}”", old, new)


def _came_or_went(part: str, before: str | None, after: str | None) -> Change:
    if after is not None:
        return Change(part, "", "added", _name(part, after))
    return Change(part, "", "removed", _name(part, before or ""))


class _Unreadable(Exception):
    """A part that cannot be read: what to say of it before and after."""


def _roots(before: str, after: str, read: Any) -> tuple[etree._Element, etree._Element]:
    found = []
    for text in (before, after):
        try:
            found.append(read(text.encode()))
        except EngineError:
            found.append(None)
    if None in found:
        raise _Unreadable(*("读得出来" if each is not None else "读不出来，写法不正确" for each in found))
    return found[0], found[1]


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return read_toml(text)
    except TomlRefused:
        return None


def _order(part: str) -> tuple[int, str]:
    first = (DIAGRAM, "forms/", ".dmn", SETTINGS)
    return next((at for at, each in enumerate(first) if each in part), len(first)), part


def _title(data: Mapping[str, Any], part: str) -> str:
    for key in ("title", "name"):
        if isinstance(data.get(key), str) and data[key]:
            return str(data[key])[:60]
    return part


def _name(part: str, text: str) -> str:
    if part == DIAGRAM:
        return "流程图"
    if part == SETTINGS:
        return "流程设置"
    if part.endswith(".dmn"):
        return f"决策表“{part}”"
    noun = "表单" if part.startswith("forms/") else "情形"
    return f"{noun}“{_title(_toml(text) or {}, part)}”"


# -- through the guarded child --------------------------------------------------------------------------------


def guarded(old: Texts, new: Texts) -> tuple[Comparison, list[str]] | str:
    """`compare` in the guarded child, with the keys of what `new` calls; a sentence when there is no answer."""
    labels = {name: action.label for name, action in CATALOGUE.items()}
    labels |= {
        f"{name}:{key}": label for name, each in CATALOGUE.items() for key, label in each.params.items()
    }
    question = {"old": dict(old), "new": dict(new), "actions": labels}
    try:
        raw = guard.ask(f"{__name__}:answer", question)
        return Comparison.from_json(raw["found"]), raw["calls"]
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        return lost(error).message + "。"


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """`compare` in the child."""
    found = compare(question["old"], question["new"], question["actions"])
    return {"found": found.to_json(), "calls": _calls_of(question["new"])}
