"""What the form editor shows: the definition as data, what it may refer to, patterns to begin from, the preview."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from app.accounts.directory import Directory, directory
from app.core.now import today
from app.processes import part_checks
from forms.builder import Around, StepForm, bind, facts_of, shown
from forms.conditions import for_browser
from forms.definition import CHOICES, INNER, RESERVED, ROUTABLE, SHOWN_AS, SOURCES, Definition
from forms.reading import read_definition
from forms.words import TYPES as TYPE_WORDS

#: type -> what it is for, in the order of the menu
TYPES: Mapping[str, str] = {
    "text": "名称、标题、文号",
    "textarea": "说明、理由",
    "opinion": "签署的意见，可以用常用语",
    "decision": "页面下方的按钮，如同意、退回修改",
    "radio": "选项都列出来，选一个",
    "choice": "选项较多，选一个",
    "checks": "选项都列出来，可选几个",
    "boolean": "是或者否",
    "integer": "数量、天数",
    "date": "",
    "phone": "",
    "files": "上传文件",
    "group": "每行问同样的几项，如人员名单",
    "organ": "从其他机关里选",
    "person": "从本机关人员里选",
}
SOURCE_NAMES: Mapping[str, str] = {
    "grounds": "不予公开的条款（条例）",
    "attributes": "公开属性",
    "conclusions": "保密审查结论",
    "organs": "其他机关",
    "persons": "本机关人员",
    "units": "本机关科室",
    "documents": "本人的公文",
    "signers": "可以签批的人",
}
KNOWN_NAMES: Mapping[str, str] = {
    "text": "文字", "date": "日期", "boolean": "是或否", "files": "附件", "choices": "按原来的选项", **SOURCE_NAMES
}  # fmt: skip
assert set(TYPES) >= INNER and set(SOURCE_NAMES) == SOURCES and set(KNOWN_NAMES) == SHOWN_AS


_LISTS = ("section", "field", "rule", "known")


def shape(data: dict[str, Any] | None) -> dict[str, Any] | None:
    """The data if the editor can show it item by item, None when it has to be mended as text."""
    if data is None:
        return None
    tables = [each for name in _LISTS for each in _listed(data.get(name, []))]
    fields = [each for each in _listed(data.get("field", [])) if isinstance(each, dict)]
    columns = [each for field in fields for each in _listed(field.get("field", []))]
    inner = [*columns, *(each for field in (*fields, *columns) for each in _options(field))]
    keys = [each for name in ("uses", "hidden") for each in _listed(data.get(name, []))]
    good = all(isinstance(each, dict) for each in (*tables, *inner))
    return data if good and all(isinstance(each, str) for each in keys) else None


def _options(field: Any) -> list[Any]:
    return _listed(field.get("options", [])) if isinstance(field, dict) else []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# -- patterns a form may begin from ---------------------------------------------------------------------------

_AGREE = {"value": "agree", "label": "同意", "style": "primary"}
_RETURN = {
    "value": "return",
    "label": "退回修改",
    "opinion_required": True,
    "opinion_only": True,
    "style": "secondary",
}
_OPINION = {"key": "opinion", "label": "意见", "type": "opinion"}
_DECISION = {"key": "decision", "label": "办理决定", "type": "decision", "options": [_AGREE, _RETURN]}

#: key -> (label, what it gives, data of the form)
PATTERNS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "fill": ("填报", "一项文字和一个附件，提交后往下走", {
        "field": [
            {"key": "result", "label": "办理情况", "type": "textarea", "required": True},
            {"key": "files", "label": "附件", "type": "files"},
        ],
    }),
    "review": ("审核", "意见和办理决定：同意、退回修改", {"field": [_OPINION, _DECISION]}),
    "cosign": ("会签", "意见和同意、不同意，供会签计数", {
        "field": [
            {**_OPINION, "label": "会签意见"},
            {**_DECISION, "label": "会签决定", "options": [
                _AGREE, {"value": "disagree", "label": "不同意", "opinion_required": True, "style": "secondary"},
            ]},
        ],
    }),
    "empty": ("空白表单", "自己一项一项加", {"field": []}),
}  # fmt: skip


def begun_as(pattern: str, title: str) -> dict[str, Any]:
    """The data of a new form."""
    return {"title": title, **PATTERNS.get(pattern, PATTERNS["fill"])[2]}


# -- what a form may refer to ---------------------------------------------------------------------------------


def elsewhere(texts: Mapping[str, str], process: str, step: str) -> list[dict[str, Any]]:
    """Questions other forms of the draft ask: [{key, label, type, options: [{value, label}], from}]."""
    forms = {
        name.removeprefix("forms/").removesuffix(".toml"): text
        for name, text in sorted(texts.items())
        if name.startswith("forms/")
    }
    forms.pop(step, None)
    found: dict[str, dict[str, Any]] = {}
    for other, text in part_checks.readable_forms(forms, process).items():
        for told in _questions(read_definition(text, process, other)):
            found.setdefault(told["key"], told)
    return list(found.values())


def _questions(definition: Definition) -> Iterator[dict[str, Any]]:
    for field in definition.fields:
        if field.type != "decision":
            yield {
                "key": field.key,
                "label": field.label,
                "type": field.type,
                "options": [{"value": value, "label": label} for value, label in field.named],
                "from": definition.title,
            }


def words() -> dict[str, Any]:
    """What the editor's menus offer, in Chinese."""
    return {
        "types": [{"value": key, "label": TYPE_WORDS[key], "help": why} for key, why in TYPES.items()],
        "inner": sorted(INNER, key=list(TYPES).index),
        "routable": sorted(ROUTABLE),
        "choosing": sorted(CHOICES),
        "sources": [{"value": key, "label": label} for key, label in SOURCE_NAMES.items()],
        "shown_as": [{"value": key, "label": label} for key, label in KNOWN_NAMES.items()],
        "reserved": sorted(RESERVED),
    }


# -- preview --------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Preview:
    """A form as the office will show it, and after a try (试填) what would be kept and what the flow would see."""

    form: StepForm
    conditions: Mapping[str, Any]
    tried: bool = False
    good: bool = False
    kept: Sequence[tuple[str, str]] = ()
    facts: Sequence[tuple[str, str]] = ()


def preview(
    definition: Definition, organ_id: int | None, answers: Sequence[tuple[str, str]] | None
) -> Preview:
    """The bound form of a definition that was checked; `answers` are pairs of a POST, None to look only."""
    around = Around(options=_lists(directory(), organ_id or 0), today=today())
    sent = MultiDict(answers) if answers is not None else None
    form = bind(definition, around, formdata=sent)
    conditions = for_browser(definition, form.names)
    if sent is None:
        return Preview(form, conditions)
    if not form.validate():
        return Preview(form, conditions, tried=True)
    said = form.answers()
    kept = [(each.label, each.text) for each in shown(definition, said, around)]
    if form.chosen is not None:
        kept.append((definition.decision.label if definition.decision else "", form.chosen.label))
    return Preview(form, conditions, True, True, kept, list(_told(definition, said)))


def _told(definition: Definition, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in facts_of(definition, answers).items():
        if value is not None:
            yield (
                definition.by_key[key].label,
                "、".join(map(str, value)) if isinstance(value, list) else str(value),
            )


def _lists(people: Directory, organ_id: int) -> dict[str, list[tuple[str, str]]]:
    """The lists forms choose from, as they are in the editor's own organ; papers and signers are made up."""
    persons = [(str(each.id), each.name) for each in people.people_of(organ_id)]
    return {
        "organs": [(each.code, each.name) for each in people.organs.values() if each.id != organ_id],
        "persons": persons,
        "units": [(str(each.id), each.name) for each in people.units_of(organ_id)],
        "signers": persons,
        "documents": [("1", "（示例）某公文")],
    }
