"""Strict reading of form definitions: what is unknown, dangling or unsafe is refused, all at once."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from forms import whole, words
from forms.definition import (
    CHOICES,
    FORMAT,
    INNER,
    KEY,
    LONGEST,
    MAX_BYTES,
    MAX_FIELDS,
    MAX_OPTIONS,
    MOST_INNER,
    MOST_ROWS,
    NOT_INNER,
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
from forms.toml import TomlRefused, read_toml
from forms.values import fits, is_day, plain, unclean
from workflows.engine.shown import unfit


@functools.lru_cache(maxsize=1_000)
def read_definition(text: str | bytes, process: str, step: str) -> Definition:
    """Read and check one TOML file; raises FormRefused with every problem found. What is good is frozen, and kept."""
    reader = _Reader(process, step)
    definition = reader.read(_toml(text, reader.name))
    if reader.problems or definition is None:
        raise FormRefused(reader.problems, reader.places, reader.name)
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
        raise FormRefused([f"过大，最大 {MAX_BYTES // 1000} KB，请精简"], form=name)
    try:
        return read_toml(text.decode("utf-8") if isinstance(text, bytes) else text)
    except UnicodeDecodeError as error:
        raise FormRefused(["不是 UTF-8 编码的文字"], form=name) from error
    except TomlRefused as error:
        raise FormRefused([error.why], form=name) from error


_TEXT, _BOOL = "文字", "“是”或者“否”"
_FIELD_KEYS: dict[str, str] = {
    "key": _TEXT, "label": _TEXT, "type": _TEXT, "section": _TEXT, "help": _TEXT, "required": _BOOL,
    "required_if": _TEXT, "show_if": _TEXT, "readonly_if": _TEXT, "options_from": _TEXT, "route": _BOOL,
    "personal": _BOOL, "default_from": _TEXT, "refuse_hidden": _TEXT, "once": _BOOL,
}  # fmt: skip
#: what a question inside a row may say
_INNER_KEYS = ("key", "label", "type", "help", "required", "min", "max", "options", "options_from")
#: what to do instead, where that is not to leave it out
_APART = {
    "personal": "请把个人信息单独列为字段",
    "route": "请把流转要用的单独列为字段",
}
#: what people read; the other texts are keys and expressions
_SHOWN = frozenset({"title", "label", "help", "message", "missing", "refuse_hidden"})
_MOST = {"integer": 10**12, "group": MOST_ROWS}
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
        self.name = f"表单“{step}”"
        self.problems: list[str] = []
        self.places: list[str] = []
        self.at = ""  # what is being read: see FormRefused.places

    def say(self, sentence: str, at: str | None = None) -> None:
        self.problems.append(sentence)
        self.places.append(self.at if at is None else at)

    def read(self, raw: Mapping[str, Any]) -> Definition | None:
        self._unknown(raw, {*_TOP_TEXT, *_TOP_LISTS, "format", "uses", "hidden"}, "")
        if type(raw.get("format")) is not int or raw["format"] != FORMAT:
            self.say(f"的“格式”须写 {FORMAT}")
        if isinstance(raw.get("title"), str) and raw["title"]:
            self.name = f"表单“{raw['title'][:40]}”"
        top = self._texts({key: value for key, value in raw.items() if key in _TOP_TEXT}, _TOP_TEXT, "")
        if not top.get("title"):
            self.say("没有写标题", "title")
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
            for at, sentence in whole.problems(definition):
                self.say(sentence, at)
        return definition

    # -- single tables

    def _tables(self, raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        value = raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.say(f"的{words.item(name)}不是一张表")
            return []
        if len(value) > MAX_FIELDS:
            self.say(f"的{words.item(name)}过多，最多 {MAX_FIELDS} 个")
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
                self.say(f"{where}的{words.item(key)}须是{kind}")
            elif isinstance(value, str) and (len(value) > 2_000 or unclean(value)):
                self.say(f"{where}的{words.item(key)}过长或者含有控制字符")
            elif isinstance(value, str) and key in _SHOWN and unfit(value):
                self.say(f"{where}的{words.item(key)}{unfit(value)}")
            else:
                found[key] = value
        return found

    def _key(self, key: str, where: str) -> bool:
        if not KEY.match(key):
            self.say(
                f"{where}的编号“{key[:40]}”不可用：以小写字母开头，只用小写字母、数字和下划线，最多 40 个字符"
            )
        elif key in RESERVED or key.startswith("_"):
            self.say(f"{where}的编号“{key}”是保留的名称，请换一个")
        elif key.startswith(OFFLINE_PREFIX) and self.step != "_offline":
            self.say(f"{where}的编号不能以“{OFFLINE_PREFIX}”开头，那是线下签批回填用的")
        else:
            return True
        return False

    def _each(self, name: str, tables: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The tables of one list, each with its place."""
        for number, table in enumerate(tables):
            self.at = f"{name}.{number}"
            yield table
        self.at = ""

    def _sections(self, tables: list[dict[str, Any]]) -> Iterator[Section]:
        for table in self._each("section", tables):
            self._unknown(table, _SECTION_KEYS, "的分节")
            found = self._texts(table, _SECTION_KEYS, "的分节")
            if not found.get("key") or not found.get("title"):
                self.say("的每个分节须写编号和节名")
            else:
                yield Section(**found)

    def _fields(self, tables: list[dict[str, Any]]) -> Iterator[Field]:
        for number, table in enumerate(self._each("field", tables), 1):
            shown = table.get("label") if isinstance(table.get("label"), str) else table.get("key")
            where = f"的第 {number} 个字段“{str(shown)[:40]}”"
            built = self._field(table, where)
            if built is not None:
                yield built

    def _field(self, table: dict[str, Any], where: str) -> Field | None:
        self._unknown(table, {*_FIELD_KEYS, "min", "max", "default", "fixed", "options", "field"}, where)
        found = self._texts(table, _FIELD_KEYS, where)
        missing = [key for key in ("key", "label", "type") if not found.get(key)]
        if missing:
            self.say(f"{where}缺少{'、'.join(words.ITEMS[key] for key in missing)}")
            return None
        if found["type"] not in TYPES:
            self.say(f"{where}的类型不认识，可用的有：{words.kinds(TYPES)}")
            return None
        self._key(found["key"], where)
        options = tuple(self._options(table.get("options", []), found["type"], where))
        if found["type"] == "decision":
            found["route"] = True
        inner = tuple(self._columns(table.get("field", []), found["type"], where))
        built = Field(
            **found, options=options, fields=inner, min=self._bound(table, "min", found["type"], where),
            max=self._bound(table, "max", found["type"], where),
        )  # fmt: skip
        self._check_field(built, where)
        return dataclasses.replace(
            built,
            default=self._value(table, "default", built, where),
            fixed=self._value(table, "fixed", built, where),
        )

    def _columns(self, raw: Any, kind: str, where: str) -> Iterator[Field]:
        """The questions of a group's row."""
        if kind != "group":
            if raw != []:
                self.say(f"{where}不是分组，不能再有下级字段")
            return
        if not isinstance(raw, list) or not all(isinstance(each, dict) for each in raw):
            self.say(f"{where}的“每行问什么”不是一张表")
            return
        if not 1 <= len(raw) <= MOST_INNER:
            self.say(f"{where}的一行须有 1 至 {MOST_INNER} 个下级字段")
        for number, table in enumerate(raw[:MOST_INNER], 1):
            inside = f"{where}的第 {number} 个下级字段"
            for key in table:
                if key in _FIELD_KEYS and key not in _INNER_KEYS:
                    self.say(
                        f"{inside}不能有{words.item(key)}：分组里的内容整组一起保存；{_APART.get(key, '请删去')}"
                    )
            self._unknown(table, {*_INNER_KEYS, *_FIELD_KEYS}, inside)
            built = self._field({key: table[key] for key in _INNER_KEYS if key in table}, inside)
            if built is not None and built.type not in INNER:
                self.say(f"{inside}的类型不能用在分组里，可用的有：{words.kinds(INNER)}")
            elif built is not None and (built.options_from or built.key in NOT_INNER):
                self.say(f"{inside}的选项须写明，编号不能是 {'、'.join(sorted(NOT_INNER))}")
            elif built is not None:
                yield built

    def _check_field(self, built: Field, where: str) -> None:
        if built.type == "group":
            keys = [each.key for each in built.fields]
            if len(keys) != len(set(keys)):
                self.say(f"{where}的下级字段编号重复")
            if built.personal:
                self.say(f"{where}是分组，不能整组作为个人信息；请把个人信息单独列为字段")
        if built.personal and built.route:
            self.say(f"{where}是个人信息，不能作为流转依据")
        if built.route and built.type not in ROUTABLE:
            self.say(
                f"{where}的类型“{words.TYPES[built.type]}”不能作为流转依据，流转只用选项、数字、日期和是否"
            )
        if built.type not in CHOICES:
            if built.options or built.options_from:
                self.say(f"{where}不是选择类型，不能写选项")
        elif built.options and built.options_from:
            self.say(f"{where}既自己写了选项，又从别处取，只能取其一")
        elif not built.options and not built.source:
            self.say(f"{where}没有写可选的内容")
        if built.options_from and built.options_from not in SOURCES:
            self.say(f"{where}的“选项来自”不认识，请重新选择")
        if built.type == "decision" and not built.options:
            self.say(f"{where}的办理决定须在表单里写明选项")

    def _options(self, raw: Any, kind: str, where: str) -> Iterator[Option]:
        if (
            not isinstance(raw, list)
            or not all(isinstance(each, dict) for each in raw)
            or len(raw) > MAX_OPTIONS
        ):
            self.say(f"{where}的选项须是一组，最多 {MAX_OPTIONS} 个")
            return
        seen: set[str] = set()
        for table in raw:
            self._unknown(table, _OPTION_KEYS, f"{where}的选项")
            found = self._texts(table, _OPTION_KEYS, f"{where}的选项")
            if not found.get("value") or not found.get("label"):
                self.say(f"{where}的选项须写名称和编号")
                continue
            if found["value"] in seen or len(found["value"]) > 100:
                self.say(f"{where}的选项“{found['value'][:40]}”重复或者过长")
            if found.get("style", "") not in STYLES:
                self.say(f"{where}的按钮样式不认识，请重新选择")
            if kind != "decision" and {"opinion_required", "opinion_only", "style"} & found.keys():
                self.say(f"{where}的选项写了按钮样式或者须写意见，这些只用于办理决定")
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
            self.say(f"{where}的{words.item(name)}须是日期（如 2026-11-23）或者今天")
        elif kind in TEXTS | {"integer", "checks", "files", "group"}:
            limit = LONGEST.get(kind, _MOST.get(kind, MAX_OPTIONS))
            low = -(10**12) if kind == "integer" else 0
            if type(value) is int and low <= value <= limit:
                return value
            self.say(f"{where}的{words.item(name)}须是整数，最大 {limit}")
        else:
            self.say(f"{where}的类型“{words.TYPES[kind]}”没有{words.item(name)}")
        return None

    def _value(self, table: dict[str, Any], name: str, built: Field, where: str) -> Json:
        """A default or fixed value that fits the type; the builder checks choices from a list."""
        value = plain(table.get(name))
        if value is None or fits(value, built):
            return value  # type: ignore[no-any-return]
        self.say(f"{where}的{words.item(name)}与字段的类型不符")
        return None

    def _rules(self, tables: list[dict[str, Any]]) -> Iterator[Rule]:
        for table in self._each("rule", tables):
            self._unknown(table, _RULE_KEYS, "的核对")
            found = self._texts(table, _RULE_KEYS, "的核对")
            if any(not found.get(key) for key in _RULE_KEYS):
                self.say("的每条核对须写什么情况下不能提交、提示写在哪个字段和提示的话")
            else:
                yield Rule(**found)

    def _known(self, tables: list[dict[str, Any]]) -> Iterator[Known]:
        for table in self._each("known", tables):
            self._unknown(table, _KNOWN_KEYS, "的“先给经办人看的内容”")
            found = self._texts(table, _KNOWN_KEYS, "的“先给经办人看的内容”")
            if not found.get("key") or not found.get("label"):
                self.say("的每项“先给经办人看的内容”须选哪一项，写显示的名称")
            elif found.get("as", "text") not in SHOWN_AS:
                self.say(f"先给经办人看的“{found['label'][:40]}”的显示方式不认识，请重新选择")
            elif self._key(found["key"], "的“先给经办人看的内容”"):
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
            self.say(f"的{words.item(name)}须是一组名称", name)
            return
        self.at = name
        for key in raw:
            if self._key(key, f"的{words.item(name)}"):
                yield key
        self.at = ""
