"""What the parts of a draft offer to its editors, read in the guarded child: forms, tables, lanes, what steps use them.

Tolerant: what cannot be read is left out, and the check says why. Texts go in, plain data comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

from app.core import guard
from app.processes.guarded import lost
from forms.toml import TomlRefused, read_toml
from workflows.engine import EngineError
from workflows.engine.xml import read_bpmn, read_dmn, tag

_KINDS = ("userTask", "manualTask", "businessRuleTask", "callActivity")
#: of a package's settings, what the editors need
_SETTINGS = {"key": str, "name": str, "calls": list, "lanes": dict, "facts": dict}


def of(texts: Mapping[str, str]) -> dict[str, Any]:
    """{settings, forms, fields, tables, drawn} of a draft; empty parts where the child gave no answer.

    fields: routed fields of forms as written. drawn: kind (form, table, call) -> name -> ids of the steps that use it.
    """
    try:
        found: dict[str, Any] = guard.ask(f"{__name__}:answer_offered", dict(texts))
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        lost(error)
        found = {"settings": {}, "forms": [], "fields": [], "tables": [], "drawn": dict(_drawn({}))}
    return found


def answer_offered(texts: Mapping[str, str]) -> dict[str, Any]:
    """`of` in the child."""
    raw = _toml(texts.get("package.toml", ""))
    forms = [
        (name.removeprefix("forms/").removesuffix(".toml"), _toml(texts[name]))
        for name in _named(texts, "forms/")
    ]
    return {
        "settings": {key: raw[key] for key, kind in _SETTINGS.items() if isinstance(raw.get(key), kind)},
        "forms": [{"name": form, "title": str(about.get("title") or form)} for form, about in forms],
        "fields": [field for form, about in forms for field in _fields(form, about)],
        "tables": list(_tables(texts)),
        "drawn": _drawn(texts),
    }


def _named(texts: Iterable[str], folder: str) -> list[str]:
    return sorted(name for name in texts if name.startswith(folder))


def _toml(text: str) -> dict[str, Any]:
    try:
        return read_toml(text)
    except TomlRefused:
        return {}


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """The tables of an array of tables, whatever else somebody wrote there."""
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def _fields(form: str, about: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The fields whose answers the flow is told; what was decided always is."""
    for field in _rows(about.get("field")):
        name, type_ = field.get("key"), str(field.get("type", ""))
        if isinstance(name, str) and (field.get("route") is True or type_ == "decision"):
            yield {
                "name": name,
                "label": str(field.get("label") or name),
                "type": type_,
                "form": form,
                "title": str(about.get("title") or form),
                "options_from": str(field.get("options_from", "")),
                "options": [
                    {
                        "value": str(each.get("value", "")),
                        "label": str(each.get("label") or each.get("value", "")),
                    }
                    for each in _rows(field.get("options"))
                ],
            }


# -- tables ---------------------------------------------------------------------------------------------------


def _tables(texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for file in sorted(name for name in texts if name.endswith(".dmn")):
        try:
            root = read_dmn(texts[file].encode())
        except EngineError:
            continue
        for decision in root.iterfind("{*}decision"):
            key = str(decision.get("id", ""))
            yield {
                "name": file.removesuffix(".dmn"),
                "decision": key,
                "label": str(decision.get("name") or key),
                "inputs": [{"label": _label(column)} for column in decision.iterfind(".//{*}input")],
                "outputs": list(_outputs(decision)),
            }


def _label(column: etree._Element) -> str:
    said = column.get("label") or column.get("name") or column.findtext("{*}inputExpression/{*}text") or ""
    return str(said).strip()


def _outputs(decision: etree._Element) -> Iterator[dict[str, Any]]:
    """Each output with the values its rows give, where these are plain texts."""
    for place, column in enumerate(decision.iterfind(".//{*}output")):
        cells = [
            cell
            for rule in decision.iterfind(".//{*}rule")
            for cell in rule.findall("{*}outputEntry")[place : place + 1]
        ]
        texts = {(cell.findtext("{*}text") or "").strip() for cell in cells} - {""}
        quoted = sorted(text[1:-1] for text in texts if len(text) > 1 and text[0] == text[-1] == '"')
        name = str(column.get("name") or "")
        yield {
            "name": name,
            "label": str(column.get("label") or name),
            "type": _kind_of(texts, len(quoted)),
            "options": [{"value": text, "label": text} for text in quoted]
            if len(quoted) == len(texts)
            else [],
        }


def _kind_of(texts: set[str], quoted: int) -> str:
    if texts and texts <= {"True", "False"}:
        return "boolean"
    if texts and all(text.isdecimal() for text in texts):
        return "integer"
    return "choice" if texts and quoted == len(texts) else "unknown"


# -- the drawing ----------------------------------------------------------------------------------------------


def _drawn(texts: Mapping[str, str]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {"form": {}, "table": {}, "call": {}}
    try:
        root = read_bpmn(texts.get("process.bpmn", "").encode())
    except EngineError:
        return found
    for node in root.iter(*(tag(kind) for kind in _KINDS)):
        step = str(node.get("id", ""))
        if node.get("calledElement"):
            kind, name = "call", str(node.get("calledElement"))
        elif (decision := node.findtext(".//{*}calledDecisionId")) is not None:
            kind, name = "table", decision.strip()
        else:
            setting = node.find(".//{*}property[@name='form']")
            kind, name = "form", step if setting is None else str(setting.get("value", step))
        found[kind].setdefault(name, []).append(step)
    return found
