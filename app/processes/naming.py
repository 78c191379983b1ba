"""What people call what a package names by key: questions, facts, their values, steps, actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.core.actions import CATALOGUE
from app.processes.item_words import FACT_LABELS
from app.processes.packages import Package
from forms.builder import LAW
from workflows.engine import Spec
from workflows.engine.xml import read_dmn


def labels(packages: Iterable[Package]) -> dict[str, str]:
    """What forms ask and show: key -> label."""
    forms = [form for each in packages for form in each.forms.values()]
    known = {item.key: item.label for form in forms for item in form.known}
    return known | {key: field.label for form in forms for key, field in form.by_key.items()}


def _decided(packages: Iterable[Package]) -> dict[str, str]:
    """What decision tables give: name -> label."""
    tables = [read_dmn(table) for each in packages for table in each.source.dmn.values()]
    outputs = [output for table in tables for output in table.iter("{*}output")]
    return {str(each.get("name")): str(each.get("label") or each.get("name")) for each in outputs}


class Naming:
    """The words of a package and those it calls. The key stands behind the word: a scenario is written with keys."""

    def __init__(self, spec: Spec, packages: Iterable[Package]) -> None:
        found = list(packages)
        given = {name: FACT_LABELS.get(src, name) for each in found for name, src in each.meta.facts.items()}
        self._labels = given | _decided(found) | labels(found)
        self._steps = {step: info.label for (_process, step), info in spec.steps.items()}
        self._values: dict[str, dict[str, str]] = {}
        for package in found:
            for form in package.forms.values():
                for key, field in form.by_key.items():
                    words = {option.value: option.label for option in LAW.get(field.source, field.options)}
                    self._values.setdefault(key, {}).update(words)

    def fact(self, key: str) -> str:
        """「公开属性（attribute）」, the key alone where nobody has a word for it."""
        return _with_key(self._labels.get(key, key), key)

    def value(self, key: str, value: Any) -> str:
        """The label of the option, 是 or 否, 「没有」; several with 、 between."""
        if isinstance(value, list | tuple):
            return "、".join(self.value(key, each) for each in value) or "没有"
        if isinstance(value, bool):
            return "是" if value else "否"
        if value is None or value == "":
            return "没有"
        return self._values.get(key, {}).get(str(value), str(value))

    def steps(self, keys: Iterable[str]) -> str:
        """「承办人自查（self_check）、…」, 无 for none."""
        return "、".join(_with_key(self._steps.get(key, key), key) for key in keys) or "无"

    def actions(self, names: Iterable[str]) -> str:
        """「编号（document.number）、…」, 无 for none."""
        found = ((CATALOGUE[name].label if name in CATALOGUE else name, name) for name in names)
        return "、".join(_with_key(label, name) for label, name in found) or "无"


def _with_key(word: str, key: str) -> str:
    return f"{word}（{key}）" if word != key else key
