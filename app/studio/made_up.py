"""Answers that a form accepts, made up: what a 试运行 puts into every step so that one can simply go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms import Around, Definition, StepForm, bind, submitted
from forms.definition import Json
from forms.fields import value_of

ROUNDS = 12
_WORDS = {
    "phone": "0990-1990001",
    "opinion": "同意。",
    "textarea": "试运行时填写的内容。",
    "text": "试运行填写",
}


def answers(
    definition: Definition, around: Around, decision: str = "", given: Mapping[str, Json] | None = None
) -> tuple[dict[str, Any], StepForm]:
    """Answers by key, and the form bound to them. `given` stay as they are where the form takes them.

    Whatever the form complains of is filled in, until it complains no more or goes in circles: then what is there.
    """
    said = {**_first(definition, around), **(given or {})}
    if definition.decision is not None:
        options = [each.value for each in definition.decision.options]
        said[definition.decision.key] = decision if decision in options else next(iter(options), "")
    form = bind(definition, around, submitted(definition, said))
    for _round in range(ROUNDS):
        if form.validate():
            break
        wrong = [field for field in form if field.errors and field.spec.type != "decision"]
        if not wrong:
            break
        for number, field in enumerate(wrong):
            said[field.name] = _value(field, around, _round + number)
        form = bind(definition, around, submitted(definition, said))
    return said, form


def _first(definition: Definition, around: Around) -> dict[str, Any]:
    """What the page would show already."""
    form = bind(definition, around)
    return {
        field.name: value_of(field.spec, field.data)
        for field in form
        if field.data not in (None, "", []) and field.spec.type not in ("decision", "files")
    }


def _value(field: Any, around: Around, turn: int) -> Any:
    spec = field.spec
    options = [each.value for each in around.choices(spec)]
    if options:
        chosen = options[turn % len(options)]
        return [chosen] if spec.type == "checks" else chosen
    if spec.type == "files":
        name = f"{spec.label}.pdf"
        return [{"id": name, "name": name, "sha256": "", "size": 1024}]
    if spec.type == "group":
        row = {each.key: _inner(each, around, turn) for each in spec.fields}
        return [row] * max(1, int(spec.min or 1) if str(spec.min or 1).isdigit() else 1)
    return _inner(spec, around, turn)


def _inner(spec: Any, around: Around, turn: int) -> Any:
    if spec.options:
        chosen = spec.options[turn % len(spec.options)].value
        return [chosen] if spec.type == "checks" else chosen
    if spec.type == "boolean":
        return True
    if spec.type == "integer":
        return int(spec.min) + turn % 2 if isinstance(spec.min, int) else 1 + turn
    if spec.type == "date":
        return around.today.isoformat()
    text = _WORDS.get(spec.type, "试运行填写")
    least = spec.min if isinstance(spec.min, int) else 0
    text = text * max(1, -(-least // len(text)))
    return text[: spec.max] if isinstance(spec.max, int) else text
