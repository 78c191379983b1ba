"""How forms, settings and scenarios read: their properties in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.accounts.kinds import POST_KINDS
from app.processes.comparing.change import Change, Kind
from app.processes.comparing.trees import Shape, Table, compare, compare_lists, flat, summary
from app.processes.comparing.wording import Names, in_words, plain
from app.processes.item_words import FACT_LABELS, WORDS
from forms.builder import LAW
from forms.words import TYPES

_YES = {True: "是", False: "否"}
_SOURCES = {
    "grounds": "不予公开的条款", "attributes": "公开属性", "conclusions": "保密审查结论", "organs": "机关", "persons": "人员",
    "units": "科室", "documents": "公文", "signers": "签批人",
}  # fmt: skip
_SHOWN_AS = {
    "text": "文字",
    "date": "日期",
    "boolean": "是或否",
    "files": "附件",
    "choices": "选项",
    **_SOURCES,
}
_POSTS = {key: label for key, (label, _level) in POST_KINDS.items()}
_SCOPES = {
    "initiator": "发起人本人", "did": "办过某一环节的人", "unit": "科室的岗位", "organ": "本机关的岗位",
    "expression": "按表达式算出", "system": "系统自动",
}  # fmt: skip
_GIVES = {"person": "人员", "post": "岗位", "unit": "科室"}

FIELD_LABELS = {
    "label": "名称", "type": "类型", "section": "所在部分", "help": "填写说明", "required": "必填", "required_if": "什么情况必填",
    "show_if": "什么情况显示", "readonly_if": "什么情况只看", "fixed": "只看时的内容", "min": "最小", "max": "最大",
    "options": "选项", "options_from": "选项来自", "route": "作为流转依据", "personal": "个人信息", "default": "预填",
    "default_from": "预填自", "refuse_hidden": "隐藏时拒绝的话", "once": "每次重新填", "field": "下级字段", "key": "编号",
}  # fmt: skip
_OPTION = Shape(
    "选项",
    ids=("value",),
    names=("label", "value"),
    labels={
        "label": "名称",
        "value": "取值",
        "help": "说明",
        "style": "按钮样式",
        "opinion_required": "须写意见",
        "opinion_only": "只收意见",
    },  # fmt: skip
)
FORM_LABELS = {
    "title": "标题", "help": "说明", "uses": "条件里要用的事项", "hidden": "不让看的内容", "format": "格式", "field": "字段",
    "known": "已知事项", "section": "部分", "rule": "校验规则",
}  # fmt: skip
_LANE_LABELS = {
    "scope": "由谁办", "post": "岗位", "step": "哪个环节", "organ_field": "机关取自", "unit_field": "科室取自", "expression": "表达式",
    "gives": "表达式得出",
}  # fmt: skip
_SETTINGS = Shape(
    "流程设置",
    labels=WORDS,
    lists={
        "legal_basis": Shape("依据", ids=("title",), labels={"articles": "条款"}),
        "print": Shape(
            "打印件", labels={"title": "标题", "fields": "栏目", "opinions": "意见栏", "note": "附注"}
        ),
    },
    values={"start_posts": _POSTS},
)


def form_shape(names: Names) -> Shape:
    """How a form reads; `names` words its expressions."""
    says: Callable[[Any], str] = lambda text: in_words(str(text), names)  # noqa: E731
    conditions = {"required_if": says, "show_if": says, "readonly_if": says, "when": says}
    labels = {key: label for key, (label, _options) in names.items()}
    keys = {"field": labels, "default_from": labels, "uses": labels, "hidden": labels}
    inner = Shape(
        "下级字段",
        labels=FIELD_LABELS,
        lists={"options": _OPTION},
        values={"type": TYPES, "options_from": _SOURCES},
    )
    field = Shape(
        "字段", labels=FIELD_LABELS, lists={"options": _OPTION, "field": inner},
        values={"type": TYPES, "options_from": _SOURCES, "default_from": labels}, show=conditions,
    )  # fmt: skip
    known = Shape(
        "已知事项",
        labels={"label": "名称", "as": "显示为", "show_if": "什么情况显示", "missing": "没有时显示"},
        values={"as": _SHOWN_AS},
        show=conditions,
    )
    rule = Shape(
        "校验规则", ids=("message", "when"), names=("message",),
        labels={"when": "什么情况不能提交", "field": "指向的字段", "message": "提示"}, values=keys, show=conditions,
        ordered=False,
    )  # fmt: skip
    section = Shape("部分", labels={"title": "标题", "help": "说明"})
    return Shape(
        "表单",
        labels=FORM_LABELS,
        values=keys,
        lists={"field": field, "known": known, "rule": rule, "section": section},
    )


def names_in(settings: Table, *forms: Table) -> Names:
    """What facts and the questions of forms are called, with their options; the first form that asks counts."""
    facts = _named(settings.get("facts"))
    found: dict[str, tuple[str, Mapping[str, str]]] = {
        name: (FACT_LABELS.get(str(source), name), {}) for name, source in facts.items()
    }
    for form in forms:
        for key in ("field", "known"):
            for table in _rows(form.get(key)):
                if isinstance(table.get("key"), str) and isinstance(table.get("label"), str):
                    options = {each.value: each.label for each in LAW.get(str(table.get("options_from")), ())}
                    options |= {
                        str(each.get("value")): str(each.get("label")) for each in _rows(table.get("options"))
                    }
                    known = found.get(table["key"])
                    if known is None or (options and not known[1]):
                        found[table["key"]] = (table["label"], options)
    return found


def _rows(value: Any) -> Iterator[Table]:
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def _lane_shape(names: Names) -> Shape:
    labels = {key: label for key, (label, _options) in names.items()}
    values = {"scope": _SCOPES, "post": _POSTS, "gives": _GIVES, "unit_field": labels, "organ_field": labels}
    return Shape("泳道", labels=_LANE_LABELS, values=values)


def compare_settings(part: str, old: Table, new: Table, names: Names) -> Iterator[Change]:
    """Differences of two package.toml: lanes and facts by their names, the rest property by property."""
    own = {"lanes", "facts"}
    before = {key: value for key, value in old.items() if key not in own}
    after = {key: value for key, value in new.items() if key not in own}
    yield from compare(part, "", "流程设置", before, after, _SETTINGS)
    yield from _lanes(part, old.get("lanes"), new.get("lanes"), _lane_shape(names))
    yield from _facts(part, old.get("facts"), new.get("facts"))


def _lanes(part: str, old: Any, new: Any, shape: Shape) -> Iterator[Change]:
    before, after = _named(old), _named(new)
    for name in dict.fromkeys([*before, *after]):
        place, said = f"lanes.{name}", f"泳道“{name[:60]}”"
        first, then = before.get(name), after.get(name)
        if isinstance(first, dict) and isinstance(then, dict):
            yield from compare(part, place, said, first, then, shape)
        elif name not in after:
            yield Change(part, place, "removed", said, "", _lane(first, shape))
        elif name not in before:
            yield Change(part, place, "added", said, "", "", _lane(then, shape))
        elif first != then:
            yield Change(part, place, "changed", said, "写法", plain(first), plain(then))


def _lane(value: Any, shape: Shape) -> str:
    return summary(value, shape) if isinstance(value, dict) else plain(value)


def _facts(part: str, old: Any, new: Any) -> Iterator[Change]:
    before, after = _named(old), _named(new)
    for name in dict.fromkeys([*before, *after]):
        first, then = (
            FACT_LABELS.get(str(each.get(name)), plain(each.get(name))) for each in (before, after)
        )
        if before.get(name) != after.get(name):
            kind: Kind = "added" if name not in before else "removed" if name not in after else "changed"
            yield Change(part, f"facts.{name}", kind, f"事实“{name[:60]}”", "来源", first, then)


def _named(value: Any) -> Table:
    return value if isinstance(value, dict) else {}


def compare_scenario(part: str, name: str, old: Table, new: Table) -> Iterator[Change]:
    """Differences of a scenario, leaf by leaf; where a step came in between, all that follows differs and is said once."""
    before, after = dict(flat(old)), dict(flat(new))
    steps = [[_step(each) for each in _rows(side.get("step"))] for side in (old, new)]
    if steps[0] != steps[1]:
        yield Change(part, "", "changed", name, "走法", " → ".join(steps[0]), " → ".join(steps[1]))
    for path in dict.fromkeys([*before, *after]):
        if before.get(path) != after.get(path) and not (path.startswith("step.") and steps[0] != steps[1]):
            yield Change(
                part, "", "changed", name, _path(path), plain(before.get(path)), plain(after.get(path))
            )


def _step(table: Table) -> str:
    return str(table.get("step") or table.get("message") or "？")


_PATH = {
    "name": "名称", "by": "谁", "answers": "填写", "step": "第", "expect": "应当", "facts": "事实", "decision": "办理决定",
    "refused": "应当拒绝", "finished": "办完", "open": "停在", "actions": "系统动作", "note": "说明",
}  # fmt: skip


def _path(path: str) -> str:
    return " ".join(f"{each} 步" if each.isdigit() else _PATH.get(each, each) for each in path.split("."))


def compare_form(part: str, name: str, old: Table, new: Table, names: Names) -> Iterator[Change]:
    """Differences of two form definitions."""
    yield from compare(part, "", name, old, new, form_shape(names))


__all__ = ["compare_form", "compare_lists", "compare_scenario", "compare_settings", "form_shape", "names_in"]
