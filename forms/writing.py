"""Writing definitions as the TOML that `forms.reading` reads: what an editor changed becomes a file again.

`data` is the shape of the file itself (`{"title": …, "field": [{"key": …}, …]}`), so that a draft which is not right
yet can be written, kept and mended. Reading what was written gives an equal definition.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import tomli_w

from forms.definition import FORMAT, Definition, Field

#: the order of a file; what is not named keeps its place behind
_TOP = ("format", "title", "help", "uses", "hidden", "known", "section", "field", "rule")
_FIELD = (
    "key", "section", "label", "type", "help", "required", "required_if", "show_if", "readonly_if", "fixed", "min",
    "max", "options_from", "route", "personal", "once", "default", "default_from", "refuse_hidden", "options", "field",
)  # fmt: skip
MAX_DEPTH = 8


class NotData(Exception):
    """What should be written is not plain data (or nested without end)."""


def write_definition(data: Mapping[str, Any]) -> str:
    """The file of a form definition. Raises NotData for what no file can hold."""
    top = {"format": FORMAT, **data}
    if isinstance(top.get("field"), list):
        top["field"] = [_field(each) for each in top["field"]]
    return toml(top, _TOP)


def _field(table: Any) -> Any:
    if not isinstance(table, dict):
        return table
    inner = table.get("field")
    whole = {**table, "field": [_field(each) for each in inner]} if isinstance(inner, list) else table
    return _ordered(whole, _FIELD)


def toml(data: Mapping[str, Any], order: Sequence[str] = ()) -> str:
    """Plain data as TOML, `order` first; what is None is left out."""
    return tomli_w.dumps(_plain(_ordered(data, order), MAX_DEPTH))


def _ordered(table: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    return {key: table[key] for key in (*order, *table) if key in table}


def _plain(value: Any, depth: int) -> Any:
    if depth < 0:
        raise NotData("nested too deeply")
    match value:
        case Mapping():
            return {str(key): _plain(each, depth - 1) for key, each in value.items() if each is not None}
        case list() | tuple():
            return [_plain(each, depth - 1) for each in value if each is not None]
        case str():
            return value.encode("utf-8", "replace").decode()
        case bool() | int() | float():
            return value
    raise NotData(type(value).__name__)


def data_of(definition: Definition) -> dict[str, Any]:
    """A definition in the shape of its file, without what only repeats the defaults."""
    return _without_defaults(
        {
            "format": FORMAT,
            "title": definition.title,
            "help": definition.help,
            "uses": list(definition.uses),
            "hidden": list(definition.hidden),
            "known": [{_AS.get(key, key): value for key, value in _set(each)} for each in definition.known],
            "section": [dict(_set(each)) for each in definition.sections],
            "field": [_field_data(each) for each in definition.fields],
            "rule": [dict(_set(each)) for each in definition.rules],
        }
    )


_AS = {"as_": "as"}


def _field_data(field: Field) -> dict[str, Any]:
    found = dict(_set(field))
    if field.options:
        found["options"] = [dict(_set(each)) for each in field.options]
    if field.fields:
        found["field"] = [_field_data(each) for each in found.pop("fields")]
    if field.type == "decision":
        found.pop("route", None)  # a decision always routes
    return _ordered(found, _FIELD)


def _set(item: Any) -> list[tuple[str, Any]]:
    """(name, value) of what differs from the default of a definition's part."""
    return [
        (each.name, value)
        for each in dataclasses.fields(item)
        if (value := getattr(item, each.name)) != each.default
    ]


def _without_defaults(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in ("", [])}
