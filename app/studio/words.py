"""What the editors of a draft offer: forms, lanes with their posts, actions, tables, processes, and the facts a condition may read.

Plain data for the browser. Broken parts say nothing: what cannot be read is left out, and the check says why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from lxml import etree
from sqlalchemy.orm import Session

from app.accounts.kinds import POST_KINDS
from app.cases.inbox import DESKS
from app.core.actions import CATALOGUE
from app.processes import operations
from app.processes.lanes import LANE_KEYS, Lane
from app.processes.models import Process, ProcessVersion
from app.processes.packages import FACT_SOURCES, Package, unpack
from forms.builder import LAW
from workflows.engine import EngineError
from workflows.engine.xml import read_bpmn, read_dmn, tag
from workflows.law.letters import LETTERS

ROLES: Mapping[str, tuple[str, str]] = {
    "draft": ("起草", "拟稿、填报"),
    "work": ("经办", "登记、办理、寄送"),
    "review": ("审核", "同意或者退回"),
    "sign": ("签发", "签发文书"),
    "wait": ("等待", "等外面的人，如补正、缴费"),
}
#: type of a form's field -> type of a fact in conditions
_TYPES = {
    "boolean": "boolean", "integer": "integer", "date": "date", "checks": "list", "radio": "choice", "choice": "choice",
    "decision": "choice", "organ": "text", "person": "text", "text": "text", "group": "list",
}  # fmt: skip
FACT_LABELS: dict[str, str] = {
    "initiator.is_unit_head": "发起人是科室负责人",
    "initiator.organ": "发起人的机关",
    "organ.code": "机关代码",
    "organ.kind": "机关类别",
    "organ.secrecy_levels": "保密审查级数",
    "request.confirmed": "申请已确认",
}
_ROOMS = {"foi": "依申请公开", "secrecy": "保密审查", "letter": "文书", "attribute": "公开属性"}
_SCOPES = {
    "initiator": "发起人本人",
    "did": "办过前面环节的人",
    "expression": "按表达式算出的人",
    "system": "系统自动办理",
}

Fact = dict[str, Any]


def of(session: Session, texts: Mapping[str, str]) -> dict[str, Any]:
    """Everything the editors of a draft with these parts offer; `urls` are the page's to add."""
    meta = _toml(texts.get("package.toml", ""))
    key = str(meta.get("key", ""))
    packages = _active(session)
    tables = list(_tables(texts))
    calls = _words(meta.get("calls"))
    return {
        "process": {"key": key, "name": str(meta.get("name", ""))},
        "forms": list(_forms(texts)),
        "lanes": list(_lanes(meta.get("lanes"))),
        "roles": [{"value": value, "label": f"{name}（{help_}）"} for value, (name, help_) in ROLES.items()],
        "actions": _actions(),
        "operations": [
            {"value": value, "label": label, "with": value in ("recall", "end_cosign")}
            for value, label in operations.OPERATIONS.items()
        ],
        "operation_defaults": {role: list(offered) for role, offered in operations.DEFAULTS.items()},
        "tables": tables,
        "processes": [
            {
                "key": each.key,
                "name": each.meta.name,
                "listed": each.key in calls,
                **_interface(each),
            }
            for each in packages.values()
            if each.key != key
        ],
        "facts": _facts(texts, meta, tables, packages),
        "letters": [{"value": "reply", "label": "答复书"}]
        + [{"value": letter.code, "label": f"{letter.code} {letter.name}"} for letter in LETTERS.values()],
        "desks": [{"value": value, "label": label} for value, label in DESKS.items()],
    }


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _words(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """The tables of an array of tables, whatever else somebody wrote there."""
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def _active(session: Session) -> dict[str, Package]:
    """Every process with an active version, by its key."""
    rows = session.execute(
        sa.select(ProcessVersion.content)
        .join(Process, Process.active_id == ProcessVersion.id)
        .order_by(Process.name)
    )
    packages = [unpack(row.content) for row in rows]
    return {package.key: package for package in packages}


# -- forms, lanes, actions ------------------------------------------------------------------------------------


def _form_texts(texts: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in sorted(texts):
        if name.startswith("forms/"):
            yield name.removeprefix("forms/").removesuffix(".toml"), _toml(texts[name])


def _forms(texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for step, raw in _form_texts(texts):
        yield {"name": step, "title": str(raw.get("title") or step)}


def _lanes(raw: Any) -> Iterator[dict[str, Any]]:
    for name, about in raw.items() if isinstance(raw, dict) else ():
        if isinstance(about, dict) and all(isinstance(each, str) for each in about.values()):
            known = {key: value for key, value in about.items() if key in LANE_KEYS}
            yield {
                "name": name,
                "who": who(Lane(**{"scope": "", **known})),
                "person": known.get("scope") != "system",
            }


def who(lane: Lane) -> str:
    """Who receives the steps of a lane, in Chinese."""
    post = POST_KINDS[lane.post][0] if lane.post in POST_KINDS else ""
    if lane.scope == "unit":
        return f"{'名单中的科室' if lane.unit_field else '本科室'}的{post}"
    if lane.scope == "organ":
        return f"{'本机关或指定机关' if lane.organ_field else '本机关'}的{post}"
    return _SCOPES.get(lane.scope, "还没有指定")


def _actions() -> list[dict[str, Any]]:
    found = [
        {
            "name": action.name,
            "label": action.label,
            "group": _ROOMS.get(action.name.partition(".")[0], "其他"),
            "params": [{"name": name, "label": label} for name, label in action.params.items()],
        }
        for action in CATALOGUE.values()
    ]
    return sorted(found, key=lambda each: (each["group"], each["name"]))


# -- tables and processes -------------------------------------------------------------------------------------


def _tables(texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for file in sorted(texts):
        if not file.endswith(".dmn"):
            continue
        try:
            root = read_dmn(texts[file].encode())
        except EngineError:
            continue
        for decision in root.iterfind("{*}decision"):
            yield {
                "name": file.removesuffix(".dmn"),
                "decision": str(decision.get("id", "")),
                "label": str(decision.get("name") or decision.get("id", "")),
                "inputs": [
                    {"label": _label(column, "inputExpression")}
                    for column in decision.iterfind(".//{*}input")
                ],
                "outputs": list(_outputs(decision)),
            }


def _label(column: etree._Element, holder: str) -> str:
    return str(
        column.get("label") or column.get("name") or column.findtext(f"{{*}}{holder}/{{*}}text") or ""
    ).strip()


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


def _kind_of(texts: Iterable[str], quoted: int) -> str:
    found = set(texts)
    if found and found <= {"True", "False"}:
        return "boolean"
    if found and all(text.isdecimal() for text in found):
        return "integer"
    return "choice" if found and quoted == len(found) else "unknown"


def _interface(package: Package) -> dict[str, Any]:
    """What a called process takes along and brings back."""
    root = read_bpmn(package.source.bpmn)
    return {
        direction: [
            {"name": str(each.get("id", "")), "label": str(each.get("name") or each.get("id", ""))}
            for each in root.iter(tag(kind))
        ]
        for direction, kind in (("inputs", "dataInput"), ("outputs", "dataOutput"))
    }


# -- facts ----------------------------------------------------------------------------------------------------


def _facts(
    texts: Mapping[str, str],
    meta: Mapping[str, Any],
    tables: Sequence[Mapping[str, Any]],
    packages: Mapping[str, Package],
) -> list[Fact]:
    """What conditions may read, each name once; the browser adds what the drawing itself gives."""
    drawn = _drawn(texts)
    found: dict[str, Fact] = {}
    for fact in (
        *_form_facts(texts, drawn),
        *_package_facts(meta),
        *_table_facts(tables, drawn),
        *_called_facts(packages, drawn),
    ):
        known = found.setdefault(fact["name"], fact)
        if known is not fact:  # several forms ask it: 办理决定 of every step
            known["steps"] = sorted({*known["steps"], *fact["steps"]})
            offered = {each["value"] for each in known["options"]}
            known["options"] += [each for each in fact["options"] if each["value"] not in offered]
            known["from"] = "几张表单" if known["from"] != fact["from"] else known["from"]
    return list(found.values())


def _fact(
    name: str, label: str, type_: str, source: str, steps: Iterable[str] = (), options: Any = ()
) -> Fact:
    return {
        "name": name, "label": label, "type": type_, "from": source, "steps": list(steps), "options": list(options),
    }  # fmt: skip


def _drawn(texts: Mapping[str, str]) -> dict[str, dict[str, list[str]]]:
    """kind -> name -> steps: which steps use a form, decide by a table, call a process."""
    found: dict[str, dict[str, list[str]]] = {"form": {}, "table": {}, "call": {}}
    try:
        root = read_bpmn(texts.get("process.bpmn", "").encode())
    except EngineError:
        return found
    for node in root.iter(tag("userTask"), tag("manualTask"), tag("businessRuleTask"), tag("callActivity")):
        step = str(node.get("id", ""))
        if node.get("calledElement"):
            found["call"].setdefault(str(node.get("calledElement")), []).append(step)
        elif (decision := node.findtext(".//{*}calledDecisionId")) is not None:
            found["table"].setdefault(decision.strip(), []).append(step)
        else:
            setting = node.find(".//{*}property[@name='form']")
            form = step if setting is None else str(setting.get("value", step))
            found["form"].setdefault(form, []).append(step)
    return found


def _form_facts(texts: Mapping[str, str], drawn: Mapping[str, Mapping[str, list[str]]]) -> Iterator[Fact]:
    for form, raw in _form_texts(texts):
        for field in _rows(raw.get("field")):
            name, type_ = field.get("key"), str(field.get("type", ""))
            routed = (
                field.get("route") is True or type_ == "decision"
            )  # what was decided is always told to the flow
            if not routed or not isinstance(name, str):
                continue
            yield _fact(
                name, str(field.get("label") or name), _TYPES.get(type_, "text"), f"表单「{raw.get('title') or form}」",
                drawn["form"].get(form, []), _options(field),
            )  # fmt: skip


def _options(field: Mapping[str, Any]) -> list[dict[str, str]]:
    own = [
        {"value": str(each.get("value", "")), "label": str(each.get("label") or each.get("value", ""))}
        for each in _rows(field.get("options"))
    ]
    law = LAW.get(str(field.get("options_from", "")), ())
    return own or [{"value": option.value, "label": option.label} for option in law]


def _package_facts(meta: Mapping[str, Any]) -> Iterator[Fact]:
    facts = meta.get("facts")
    for name, source in facts.items() if isinstance(facts, dict) else ():
        if isinstance(source, str) and source in FACT_SOURCES:
            yield _fact(
                str(name), FACT_LABELS.get(source) or str(name), FACT_SOURCES[source], "发起时由系统给出"
            )


def _table_facts(
    tables: Sequence[Mapping[str, Any]], drawn: Mapping[str, Mapping[str, list[str]]]
) -> Iterator[Fact]:
    for table in tables:
        for output in table["outputs"]:
            yield _fact(
                output["name"], output["label"], output["type"], f"决策表「{table['label']}」",
                drawn["table"].get(table["decision"], []), output["options"],
            )  # fmt: skip


def _called_facts(
    packages: Mapping[str, Package], drawn: Mapping[str, Mapping[str, list[str]]]
) -> Iterator[Fact]:
    for key, steps in drawn["call"].items():
        if key not in packages:
            continue
        package = packages[key]
        asked = {field.key: field for form in package.forms.values() for field in form.fields if field.route}
        for output in _interface(package)["outputs"]:
            field = asked.get(output["name"])
            chosen = LAW.get(field.source, field.options) if field else ()
            yield _fact(
                output["name"], output["label"], _TYPES.get(field.type, "text") if field else "unknown",
                f"流程「{package.meta.name}」带回", steps,
                [{"value": option.value, "label": option.label} for option in chosen],
            )  # fmt: skip
