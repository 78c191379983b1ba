"""What only a whole form definition shows: names that lead nowhere, keys twice, a decision without its opinion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from forms.definition import Definition
from workflows.engine import expressions
from workflows.engine.errors import ExpressionError

#: (place, rest of a sentence that begins with the form's name); places are those of FormRefused
Said = tuple[str, str]


def problems(definition: Definition) -> Iterator[Said]:
    """Everything wrong with how the parts of a definition fit each other."""
    yield from _keys(definition)
    yield from _decision(definition)
    yield from _conditions(definition)


def _conditions(definition: Definition) -> Iterator[Said]:
    outside = definition.outside | {"today"}
    before: set[str] = {"decision"} if definition.decision else set()
    every = outside | set(definition.by_key)
    for number, each in enumerate(definition.fields):
        at, where = f"field.{number}", f"的字段“{each.label}”的"
        yield from _names(each.show_if, outside | before, at, f"{where}“只在符合条件时显示”", forward=True)
        yield from _names(
            each.readonly_if, outside | before, at, f"{where}“符合条件时只能看不能改”", forward=True
        )
        yield from _names(each.required_if, every, at, f"{where}“符合条件时必填”")
        before.add(each.key)
    for number, rule in enumerate(definition.rules):
        at, where = f"rule.{number}", f"的核对“{rule.message[:20]}”"
        yield from _names(rule.when, every, at, where)
        if rule.field not in definition.by_key:
            yield at, f"{where}指向不存在的字段“{rule.field[:40]}”"
    for number, shown in enumerate(definition.known):
        where = f"先给经办人看的“{shown.label}”的显示条件"
        yield from _names(shown.show_if, outside, f"known.{number}", where)


def _keys(definition: Definition) -> Iterator[Said]:
    seen: set[str] = set()
    sections = {each.key for each in definition.sections} or {""}
    for number, each in enumerate(definition.fields):
        if each.key in seen:
            yield f"field.{number}", f"有两个字段的编号都是“{each.key}”"
        if each.type != "decision" and each.section not in sections:
            yield f"field.{number}", f"的字段“{each.label}”没有放进任何一节，请选一节"
        seen.add(each.key)
    names = {key: field.label for key, field in definition.by_key.items()}
    for key in sorted({*definition.hidden} & (seen | definition.outside)):
        yield "hidden", f"隐藏了“{names.get(key, key)}”，却又问它、显示它或者用它作条件，只能取其一"


def _decision(definition: Definition) -> Iterator[Said]:
    decisions = [(place, each) for place, each in enumerate(definition.fields) if each.type == "decision"]
    if len(decisions) > 1 or any(each.key != "decision" for _, each in decisions):
        yield f"field.{decisions[-1][0]}", "只能有一个办理决定，字段的编号须是 decision"
    for place, decision in decisions:
        needs = any(option.opinion_required or option.opinion_only for option in decision.options)
        if needs and definition.opinion is None:
            yield f"field.{place}", "的办理决定要求写意见，却没有“意见”的字段"


def _names(
    text: str, allowed: Iterable[str], at: str, where: str, *, forward: bool = False
) -> Iterator[Said]:
    if not text:
        return
    try:
        unknown = sorted(expressions.names_used(text) - set(allowed))
    except ExpressionError as error:
        yield at, f"{where}不可用：{error}"
        return
    if unknown:
        hint = "只能用排在前面的字段" if forward else "请改正拼写，或者改用有的字段"
        yield at, f"{where}用到了没有的名称“{'、'.join(unknown)[:80]}”，{hint}"
