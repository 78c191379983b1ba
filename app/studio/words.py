"""What the editors of a draft offer: forms, lanes with their posts, actions, tables, processes, and the facts a condition may read.

Plain data for the browser. The draft's own parts are read in the guarded child (`app.processes.offered`); what cannot be
read is left out, and the check says why.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.kinds import POST_KINDS
from app.cases.inbox import DESKS
from app.core.actions import CATALOGUE
from app.processes import offered, operations
from app.processes.item_words import FACT_LABELS, FACT_SOURCES
from app.processes.lanes import LANE_KEYS, Lane
from app.processes.models import Process, ProcessVersion
from app.processes.packages import Package, unpack
from forms.builder import LAW
from forms.definition import Option
from workflows.engine.xml import read_bpmn, tag
from workflows.law.grounds import Attribute
from workflows.law.letters import LETTERS
from workflows.law.replies import REPLIES

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
    own = offered.of(texts)
    settings = own["settings"]
    key = settings.get("key", "")
    packages = active(session)
    return {
        "process": {"key": key, "name": settings.get("name", "")},
        "forms": own["forms"],
        "lanes": list(_lanes(settings.get("lanes", {}))),
        "roles": [{"value": value, "label": f"{name}（{help_}）"} for value, (name, help_) in ROLES.items()],
        "actions": _actions(),
        "operations": [
            {"value": value, "label": label, "with": value in ("recall", "end_cosign")}
            for value, label in operations.OPERATIONS.items()
        ],
        "operation_defaults": {role: list(keys) for role, keys in operations.DEFAULTS.items()},
        "tables": own["tables"],
        "processes": [
            {
                "key": each.key,
                "name": each.meta.name,
                **_interface(each.source.bpmn),
            }
            for each in packages.values()
            if each.key != key
        ],
        "facts": _facts(own, packages),
        "letters": [{"value": "reply", "label": "答复书"}]
        + [{"value": letter.code, "label": f"{letter.code} {letter.name}"} for letter in LETTERS.values()],
        "desks": [{"value": value, "label": label} for value, label in DESKS.items()],
    }


def active(session: Session) -> dict[str, Package]:
    """Every process with an active version, by its key."""
    rows = session.execute(
        sa.select(ProcessVersion.content)
        .join(Process, Process.active_id == ProcessVersion.id)
        .order_by(Process.name)
    )
    packages = [unpack(row.content) for row in rows]
    return {package.key: package for package in packages}


# -- forms, lanes, actions ------------------------------------------------------------------------------------


def _lanes(raw: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, about in raw.items():
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


@functools.lru_cache(64)
def _interface(diagram: bytes) -> Mapping[str, Any]:
    """What a called process takes along and brings back."""
    root = read_bpmn(diagram)
    return {
        direction: [
            {"name": str(each.get("id", "")), "label": str(each.get("name") or each.get("id", ""))}
            for each in root.iter(tag(kind))
        ]
        for direction, kind in (("inputs", "dataInput"), ("outputs", "dataOutput"))
    }


# -- facts ----------------------------------------------------------------------------------------------------


def _facts(own: Mapping[str, Any], packages: Mapping[str, Package]) -> list[Fact]:
    """What conditions may read, each name once; the browser adds what the drawing itself gives."""
    drawn, settings = own["drawn"], own["settings"]
    found: dict[str, Fact] = {}
    for fact in (
        *_form_facts(own["fields"], drawn["form"]),
        *_package_facts(settings.get("facts", {})),
        *_table_facts(own["tables"], drawn["table"]),
        *_called_facts(packages, drawn["call"]),
    ):
        known = found.setdefault(fact["name"], fact)
        if known is not fact:  # several forms ask it: 办理决定 of every step
            known["steps"] = sorted({*known["steps"], *fact["steps"]})
            values = {each["value"] for each in known["options"]}
            known["options"] += [each for each in fact["options"] if each["value"] not in values]
            known["from"] = "几张表单" if known["from"] != fact["from"] else known["from"]
    return list(found.values())


def _fact(
    name: str, label: str, type_: str, source: str, steps: Iterable[str] = (), options: Any = ()
) -> Fact:
    return {
        "name": name, "label": label, "type": type_, "from": source, "steps": list(steps), "options": list(options),
    }  # fmt: skip


def _chosen(options: Iterable[Option]) -> list[dict[str, str]]:
    return [{"value": option.value, "label": option.label} for option in options]


def _form_facts(fields: Iterable[Mapping[str, Any]], used: Mapping[str, list[str]]) -> Iterator[Fact]:
    for field in fields:
        options = field["options"] or _chosen(LAW.get(field["options_from"], ()))
        yield _fact(
            field["name"], field["label"], _TYPES.get(field["type"], "text"), f"表单「{field['title']}」",
            used.get(field["form"], []), options,
        )  # fmt: skip


def _package_facts(facts: Mapping[str, Any]) -> Iterator[Fact]:
    for name, source in facts.items():
        if isinstance(source, str) and source in FACT_SOURCES:
            yield _fact(name, FACT_LABELS.get(source, name), FACT_SOURCES[source], "发起时由系统给出")


def _table_facts(tables: Sequence[Mapping[str, Any]], used: Mapping[str, list[str]]) -> Iterator[Fact]:
    for table in tables:
        for output in table["outputs"]:
            yield _fact(
                output["name"], output["label"], output["type"], f"决策表「{table['label']}」",
                used.get(table["decision"], []), _called(output["options"]),
            )  # fmt: skip


#: codes of the law that tables give and read, with what they are called: replies (R1 … R16), attributes
LAW_CODES: Mapping[str, str] = {code: f"{code} {reply.name}" for code, reply in REPLIES.items()} | {
    each.value: each.label for each in Attribute
}


def _called(options: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Codes of the law with what they are called; other results as they stand."""
    return [
        {"value": each["value"], "label": LAW_CODES.get(each["value"], each["label"])} for each in options
    ]


def _called_facts(packages: Mapping[str, Package], used: Mapping[str, list[str]]) -> Iterator[Fact]:
    for key, steps in used.items():
        if key not in packages:
            continue
        package = packages[key]
        asked = {field.key: field for form in package.forms.values() for field in form.fields if field.route}
        for output in _interface(package.source.bpmn)["outputs"]:
            field = asked.get(output["name"])
            yield _fact(
                output["name"], output["label"], _TYPES.get(field.type, "text") if field else "unknown",
                f"流程「{package.meta.name}」带回", steps, _chosen(LAW.get(field.source, field.options)) if field else [],
            )  # fmt: skip
