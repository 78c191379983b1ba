"""Strict reading of form definitions: what is unknown, dangling or unsafe is refused, all at once."""

from __future__ import annotations

import dataclasses
import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from forms.definition import (
    CHOICES,
    FORMAT,
    KEY,
    LONGEST,
    MAX_BYTES,
    MAX_FIELDS,
    MAX_OPTIONS,
    OFFLINE_PREFIX,
    RESERVED,
    ROUTABLE,
    SHOWN_AS,
    SOURCES,
    STYLES,
    TEXTS,
    TYPES,
    Definition,
    Field,
    FormRefused,
    Json,
    Known,
    Option,
    Rule,
    Section,
    union,
)
from forms.values import fits, is_day, plain, unclean
from workflows.engine import expressions
from workflows.engine.errors import ExpressionError


@functools.lru_cache(maxsize=1_000)
def read_definition(text: str | bytes, process: str, step: str) -> Definition:
    """Read and check one TOML file; raises FormRefused with every problem found. What is good is frozen, and kept."""
    reader = _Reader(process, step)
    definition = reader.read(_toml(text, reader.name))
    if reader.problems or definition is None:
        raise FormRefused(reader.problems)
    return definition


@functools.cache
def offline_definition() -> Definition:
    """线下签批回填 / OA签批回填: the same questions at every reviewing and signing step (domain.md 12.9)."""
    return read_definition((Path(__file__).parent / "_offline.toml").read_bytes(), "", "_offline")


#: a signing step's own question for its day; on paper it is the day on the sheet, and is not asked a second time
SIGNING_DAY = "signed_on"


def with_offline(definition: Definition) -> Definition:
    """The step's form with the questions about the signed sheet below it."""
    whole = union(definition, offline_definition())
    return dataclasses.replace(whole, fields=tuple(each for each in whole.fields if each.key != SIGNING_DAY))


def said_on_sheet(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a step's page; where a sheet was entered, its day is the step's own day of signing."""
    on_sheet = f"{OFFLINE_PREFIX}{SIGNING_DAY}"
    if SIGNING_DAY not in definition.by_key or on_sheet not in answers:
        return dict(answers)
    return {**answers, SIGNING_DAY: answers[on_sheet]}


def _toml(text: str | bytes, name: str) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise FormRefused([f"{name}过大，最大 {MAX_BYTES // 1000} KB，请精简"])
    try:
        return tomllib.loads(text.decode("utf-8") if isinstance(text, bytes) else text)
    except UnicodeDecodeError as error:
        raise FormRefused([f"{name}不是 UTF-8 编码的文字"]) from error
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        line = f"第 {where[1]} 行附近" if where else "末尾附近"
        raise FormRefused([f"{name}{line}的 TOML 写法不正确"]) from error
    except RecursionError as error:
        raise FormRefused([f"{name}嵌套过深"]) from error


_TEXT, _BOOL = "文字", "true 或 false"
_FIELD_KEYS: dict[str, str] = {
    "key": _TEXT, "label": _TEXT, "type": _TEXT, "section": _TEXT, "help": _TEXT, "required": _BOOL,
    "required_if": _TEXT, "show_if": _TEXT, "readonly_if": _TEXT, "options_from": _TEXT, "route": _BOOL,
    "personal": _BOOL, "default_from": _TEXT, "refuse_hidden": _TEXT, "once": _BOOL,
}  # fmt: skip
_OPTION_KEYS = {
    "value": _TEXT, "label": _TEXT, "help": _TEXT, "style": _TEXT, "opinion_required": _BOOL,
    "opinion_only": _BOOL,
}  # fmt: skip
_RULE_KEYS = {"when": _TEXT, "field": _TEXT, "message": _TEXT}
_SECTION_KEYS = {"key": _TEXT, "title": _TEXT, "help": _TEXT}
_KNOWN_KEYS = {"key": _TEXT, "label": _TEXT, "as": _TEXT, "show_if": _TEXT, "missing": _TEXT}
_TOP_TEXT = {"title": _TEXT, "help": _TEXT}
_TOP_LISTS = frozenset({"section", "field", "rule", "known"})


class _Reader:
    """Collects problems while it builds; a definition with problems is never handed out."""

    def __init__(self, process: str, step: str) -> None:
        self.process, self.step = process, step
        self.name = f"表单 {process}/{step} "
        self.problems: list[str] = []

    def say(self, sentence: str) -> None:
        self.problems.append(self.name + sentence)

    def read(self, raw: Mapping[str, Any]) -> Definition | None:
        self._unknown(raw, {*_TOP_TEXT, *_TOP_LISTS, "format", "uses", "hidden"}, "顶层")
        if type(raw.get("format")) is not int or raw["format"] != FORMAT:
            self.say(f"的 format 须写 {FORMAT}")
        top = self._texts({key: value for key, value in raw.items() if key in _TOP_TEXT}, _TOP_TEXT, "顶层")
        if not top.get("title"):
            self.say("没有写标题 title")
        definition = Definition(
            process=self.process,
            step=self.step,
            title=top.get("title", ""),
            help=top.get("help", ""),
            sections=tuple(self._sections(self._tables(raw, "section"))),
            fields=tuple(self._fields(self._tables(raw, "field"))),
            rules=tuple(self._rules(self._tables(raw, "rule"))),
            known=tuple(self._known(self._tables(raw, "known"))),
            uses=tuple(self._list(raw.get("uses", []), "uses")),
            hidden=tuple(self._list(raw.get("hidden", []), "hidden")),
        )
        if not self.problems:
            self._cross(definition)
        return definition

    # -- single tables

    def _tables(self, raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        value = raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.say(f"的 {name} 须写成 [[{name}]]")
            return []
        if len(value) > MAX_FIELDS:
            self.say(f"的 [[{name}]] 过多，最多 {MAX_FIELDS} 个")
            return []
        return value

    def _unknown(self, table: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
        for key in table:
            if key not in allowed:
                self.say(f"{where}有不认识的项“{key[:40]}”，请删去或者改正拼写")

    def _texts(self, table: Mapping[str, Any], kinds: Mapping[str, str], where: str) -> dict[str, Any]:
        """The text and boolean items of a table; a wrong type is reported and left out."""
        found: dict[str, Any] = {}
        for key, kind in kinds.items():
            if key not in table:
                continue
            value = table[key]
            if not isinstance(value, bool if kind is _BOOL else str):
                self.say(f"{where}的 {key} 须是{kind}")
            elif isinstance(value, str) and (len(value) > 2_000 or unclean(value)):
                self.say(f"{where}的 {key} 过长或者含有控制字符")
            else:
                found[key] = value
        return found

    def _key(self, key: str, where: str) -> bool:
        if not KEY.match(key):
            self.say(
                f"{where}的 key“{key[:40]}”不可用：以小写字母开头，只用小写字母、数字和下划线，最多 40 个字符"
            )
        elif key in RESERVED or key.startswith("_"):
            self.say(f"{where}的 key“{key}”是保留的名称，请换一个")
        elif key.startswith(OFFLINE_PREFIX) and self.step != "_offline":
            self.say(f"{where}的 key 不能以“{OFFLINE_PREFIX}”开头，那是线下签批回填用的")
        else:
            return True
        return False

    def _sections(self, tables: list[dict[str, Any]]) -> Iterator[Section]:
        for table in tables:
            self._unknown(table, _SECTION_KEYS, "的 [[section]] ")
            found = self._texts(table, _SECTION_KEYS, "的 [[section]] ")
            if not found.get("key") or not found.get("title"):
                self.say("的 [[section]] 须写 key 和 title")
            else:
                yield Section(**found)

    def _fields(self, tables: list[dict[str, Any]]) -> Iterator[Field]:
        for number, table in enumerate(tables, 1):
            shown = table.get("label") if isinstance(table.get("label"), str) else table.get("key")
            where = f"的第 {number} 个字段“{str(shown)[:40]}”"
            built = self._field(table, where)
            if built is not None:
                yield built

    def _field(self, table: dict[str, Any], where: str) -> Field | None:
        self._unknown(table, {*_FIELD_KEYS, "min", "max", "default", "fixed", "options"}, where)
        found = self._texts(table, _FIELD_KEYS, where)
        missing = [key for key in ("key", "label", "type") if not found.get(key)]
        if missing:
            self.say(f"{where}缺少 {'、'.join(missing)}")
            return None
        if found["type"] not in TYPES:
            self.say(f"{where}的类型“{found['type'][:40]}”不认识，可用的有：{'、'.join(sorted(TYPES))}")
            return None
        self._key(found["key"], where)
        options = tuple(self._options(table.get("options", []), found["type"], where))
        if found["type"] == "decision":
            found["route"] = True
        built = Field(
            **found, options=options, min=self._bound(table, "min", found["type"], where),
            max=self._bound(table, "max", found["type"], where),
        )  # fmt: skip
        self._check_field(built, where)
        return dataclasses.replace(
            built,
            default=self._value(table, "default", built, where),
            fixed=self._value(table, "fixed", built, where),
        )

    def _check_field(self, built: Field, where: str) -> None:
        if built.personal and built.route:
            self.say(f"{where}是个人信息，不能作为流转依据（personal 与 route 不能同时写）")
        if built.route and built.type not in ROUTABLE:
            self.say(f"{where}的类型“{built.type}”不能作为流转依据，流转只用选项、数字、日期和是否")
        if built.type not in CHOICES:
            if built.options or built.options_from:
                self.say(f"{where}不是选择类型，不能写 options 或 options_from")
        elif built.options and built.options_from:
            self.say(f"{where}的 options 和 options_from 只能写一个")
        elif not built.options and not built.source:
            self.say(f"{where}没有写可选的内容（options 或 options_from）")
        if built.options_from and built.options_from not in SOURCES:
            self.say(f"{where}的 options_from 只能是：{'、'.join(sorted(SOURCES))}")
        if built.type == "decision" and not built.options:
            self.say(f"{where}的办理决定须在表单里写明 options")

    def _options(self, raw: Any, kind: str, where: str) -> Iterator[Option]:
        if (
            not isinstance(raw, list)
            or not all(isinstance(each, dict) for each in raw)
            or len(raw) > MAX_OPTIONS
        ):
            self.say(f"{where}的 options 须是一组选项，最多 {MAX_OPTIONS} 个")
            return
        seen: set[str] = set()
        for table in raw:
            self._unknown(table, _OPTION_KEYS, f"{where}的选项")
            found = self._texts(table, _OPTION_KEYS, f"{where}的选项")
            if not found.get("value") or not found.get("label"):
                self.say(f"{where}的选项须写 value 和 label")
                continue
            if found["value"] in seen or len(found["value"]) > 100:
                self.say(f"{where}的选项“{found['value'][:40]}”重复或者过长")
            if found.get("style", "") not in STYLES:
                self.say(f"{where}的选项样式只能是 primary、secondary、danger")
            if kind != "decision" and {"opinion_required", "opinion_only", "style"} & found.keys():
                self.say(f"{where}的选项中 style、opinion_required、opinion_only 只用于办理决定")
            seen.add(found["value"])
            yield Option(**found)

    def _bound(self, table: dict[str, Any], name: str, kind: str, where: str) -> int | str | None:
        """Numbers, lengths and counts are whole numbers; bounds of dates are ISO dates or "today"."""
        value = plain(table.get(name))
        if value is None:
            return None
        if kind == "date":
            if value == "today" or isinstance(value, str) and is_day(value):
                return str(value)
            self.say(f"{where}的 {name} 须是日期（如 2026-11-23）或者 today")
        elif kind in TEXTS | {"integer", "checks", "files"}:
            limit = LONGEST.get(kind, 10**12 if kind == "integer" else MAX_OPTIONS)
            low = -(10**12) if kind == "integer" else 0
            if type(value) is int and low <= value <= limit:
                return value
            self.say(f"{where}的 {name} 须是整数，最大 {limit}")
        else:
            self.say(f"{where}的类型“{kind}”没有 {name}")
        return None

    def _value(self, table: dict[str, Any], name: str, built: Field, where: str) -> Json:
        """A default or fixed value that fits the type; the builder checks choices from a list."""
        value = plain(table.get(name))
        if value is None or fits(value, built):
            return value  # type: ignore[no-any-return]
        self.say(f"{where}的 {name} 与字段的类型不符")
        return None

    def _rules(self, tables: list[dict[str, Any]]) -> Iterator[Rule]:
        for table in tables:
            self._unknown(table, _RULE_KEYS, "的 [[rule]] ")
            found = self._texts(table, _RULE_KEYS, "的 [[rule]] ")
            if any(not found.get(key) for key in _RULE_KEYS):
                self.say("的 [[rule]] 须写 when、field 和 message")
            else:
                yield Rule(**found)

    def _known(self, tables: list[dict[str, Any]]) -> Iterator[Known]:
        for table in tables:
            self._unknown(table, _KNOWN_KEYS, "的 [[known]] ")
            found = self._texts(table, _KNOWN_KEYS, "的 [[known]] ")
            if not found.get("key") or not found.get("label"):
                self.say("的 [[known]] 须写 key 和 label")
            elif found.get("as", "text") not in SHOWN_AS:
                self.say(f"的 [[known]] “{found['label'][:40]}”的 as 只能是：{'、'.join(sorted(SHOWN_AS))}")
            elif self._key(found["key"], "的 [[known]] "):
                yield Known(
                    found["key"],
                    found["label"],
                    found.get("as", "text"),
                    found.get("show_if", ""),
                    found.get("missing", ""),
                )

    def _list(self, raw: Any, name: str) -> Iterator[str]:
        if (
            not isinstance(raw, list)
            or not all(isinstance(each, str) for each in raw)
            or len(raw) > MAX_FIELDS
        ):
            self.say(f"的 {name} 须是一组名称")
            return
        for key in raw:
            if self._key(key, f"的 {name} "):
                yield key

    # -- what only the whole shows

    def _cross(self, definition: Definition) -> None:
        self._cross_keys(definition)
        outside = definition.outside | {"today"}
        before: set[str] = {"decision"} if definition.decision else set()
        every = outside | set(definition.by_key)
        for each in definition.fields:
            self._names(each.show_if, outside | before, f"的字段“{each.label}”的 show_if", forward=True)
            self._names(
                each.readonly_if, outside | before, f"的字段“{each.label}”的 readonly_if", forward=True
            )
            self._names(each.required_if, every, f"的字段“{each.label}”的 required_if")
            before.add(each.key)
        for rule in definition.rules:
            self._names(rule.when, every, f"的规则“{rule.message[:20]}”")
            if rule.field not in definition.by_key:
                self.say(f"的规则“{rule.message[:20]}”指向不存在的字段“{rule.field[:40]}”")
        for shown in definition.known:
            self._names(shown.show_if, outside, f"的已知事项“{shown.label}”的 show_if")

    def _cross_keys(self, definition: Definition) -> None:
        keys = [each.key for each in definition.fields]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.say(f"的字段 key“{key}”重复")
        sections = {each.key for each in definition.sections} or {""}
        for each in definition.fields:
            if each.type != "decision" and each.section not in sections:
                self.say(f"的字段“{each.label}”所在的 section“{each.section}”不存在")
        for key in sorted({*definition.hidden} & ({*keys} | definition.outside)):
            self.say(f"隐藏了“{key}”，却又问它、显示它或者用它作条件，只能取其一")
        decisions = [each for each in definition.fields if each.type == "decision"]
        if len(decisions) > 1 or any(each.key != "decision" for each in decisions):
            self.say("只能有一个办理决定字段，key 须是 decision")
        needs = any(
            option.opinion_required or option.opinion_only for each in decisions for option in each.options
        )
        if needs and not any(each.type == "opinion" for each in definition.fields):
            self.say("的办理决定要求写意见，却没有 opinion 类型的字段")

    def _names(self, text: str, allowed: Iterable[str], where: str, *, forward: bool = False) -> None:
        if not text:
            return
        try:
            unknown = sorted(expressions.names_used(text) - set(allowed))
        except ExpressionError as error:
            self.say(f"{where}不可用：{error}")
            return
        if unknown:
            hint = "只能用排在前面的字段" if forward else "请改正拼写，案件已有的事项先写进 uses"
            self.say(f"{where}用到了没有的名称“{'、'.join(unknown)[:80]}”，{hint}")
