"""A process package: diagram, decision tables, forms and settings as one unit with one content hash.

Read from a folder (`bpmn/<key>` and `forms/<key>`) or from the bytes that a version stores; no database. The
hash is SM3 over diagram, tables, forms and package.toml as written; scenarios travel along without it.
Whatever is unknown, dangling or unsafe is refused, with every problem as a Chinese sentence.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.accounts.kinds import POST_KINDS
from app.processes.item_words import FACT_SOURCES, WORDS
from app.processes.lanes import LANE_KEYS, Lane, lane_problems
from forms.definition import KEY, Definition, FormRefused
from forms.reading import read_definition
from forms.toml import TomlRefused, read_toml
from workflows.engine import DIAGRAM, SETTINGS, Source
from workflows.engine.facts import is_name
from workflows.engine.shown import unfit

FORMAT = 1
MAX_BYTES = 2_000_000
MAX_FILES = 200
MAX_SETTINGS = 200_000  # characters of package.toml
TOO_LARGE = f"流程包过大，最多 {MAX_FILES} 个文件、{MAX_BYTES // 1_000_000} MB"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


class PackageRefused(Exception):
    """A package cannot be used; `problems` are Chinese sentences, all of them at once.

    `parts` tells of each in which file it is mended, "" for the package as a whole.
    """

    def __init__(self, problems: Sequence[str], parts: Sequence[str] = ()) -> None:
        super().__init__("；".join(problems))
        self.problems = tuple(problems)
        self.parts = tuple(parts) or ("",) * len(self.problems)


@dataclass(frozen=True)
class LegalBasis:
    title: str
    articles: tuple[str, ...]


@dataclass(frozen=True)
class PrintSheet:
    """A sheet to print: `fields` are form keys in order, `opinions` the steps that signed."""

    key: str
    title: str
    fields: tuple[str, ...]
    opinions: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Meta:
    """What package.toml says. `number` is a template over organ, year and n; `title` one over form keys.

    `given`: what the case knows from a calling process, where there is one.
    """

    key: str
    name: str
    summary: str
    owner: str
    startable: bool
    start_posts: tuple[str, ...]
    document: bool
    title: str
    title_without: str
    number: str
    calls: tuple[str, ...]
    given: tuple[str, ...]
    legal_basis: tuple[LegalBasis, ...]
    facts: Mapping[str, str]
    lanes: Mapping[str, Lane]
    prints: tuple[PrintSheet, ...]

    def case_title(self, answers: Mapping[str, Any]) -> str:
        """The title of a case; `title_without` when an answer that `title` names is missing."""
        for template in (self.title, self.title_without):
            values = {name: str(answers.get(name) or "").strip() for name in template_names(template)}
            if template and all(values.values()):
                return template.format(**values)
        return self.name


@dataclass(frozen=True)
class Package:
    """One package. `texts` are the files as written, by path inside the package (`forms/draft.toml`, …)."""

    key: str
    meta: Meta
    source: Source
    forms: Mapping[str, Definition]
    hash: str
    texts: Mapping[str, str]
    scenarios: Mapping[str, str] = field(default_factory=dict)


def template_names(template: str) -> list[str]:
    """The names a template fills in; ValueError for anything but plain `{name}`."""
    names = []
    for _text, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if spec or conversion or not _NAME.match(name):
            raise ValueError(template)
        names.append(name)
    return names


def read_package(folder: Path, forms: Path) -> Package:
    """The package in `folder` (process.bpmn, *.dmn, package.toml, scenarios/), its forms in `forms`."""
    return assemble(*package_files(folder, forms))


def package_files(folder: Path, forms: Path) -> tuple[dict[str, str], dict[str, str]]:
    """(texts, scenarios) of a package in a folder, as written; PackageRefused when they are not text, or too much."""
    texts: dict[str, str] = {}
    problems: list[str] = []
    left = MAX_BYTES * 3
    for path, name in _files(folder, forms):
        try:
            left -= path.stat().st_size
            if left < 0 or len(texts) >= MAX_FILES:
                raise PackageRefused([TOO_LARGE])
            texts[name] = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            problems.append(f"流程包 {folder.name} 的文件 {name} 读不出来，须是 UTF-8 文本")
    if problems:
        raise PackageRefused(problems)
    return texts, {name: texts.pop(name) for name in sorted(texts) if name.startswith("scenarios/")}


def _files(folder: Path, forms: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.glob("*")):
        if path.suffix in (".bpmn", ".dmn") or path.name == "package.toml":
            yield path, path.name
    for path in sorted(forms.glob("*.toml")):
        yield path, f"forms/{path.name}"
    for path in sorted((folder / "scenarios").glob("*.toml")):
        yield path, f"scenarios/{path.name}"


def pack(package: Package) -> bytes:
    """Canonical bytes for the database; `unpack` gives an equal package."""
    return _canonical({"format": FORMAT, "texts": dict(package.texts), "scenarios": dict(package.scenarios)})


@functools.lru_cache(64)
def unpack(content: bytes) -> Package:
    """The package that `pack` wrote, remembered: versions do not change. PackageRefused when the bytes are not one."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PackageRefused(["流程包的内容已损坏，无法读取"]) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise PackageRefused(["流程包的格式版本不认识，请用相同或者更新版本的系统打开"])
    return assemble(_strings(found.get("texts")), _strings(found.get("scenarios")))


def _strings(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise PackageRefused(["流程包的内容已损坏，无法读取"])
    return value


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def content_hash(texts: Mapping[str, str]) -> str:
    """SM3 over everything that decides how the process runs."""
    return hashlib.new("sm3", _canonical(dict(texts))).hexdigest()


def assemble(texts: Mapping[str, str], scenarios: Mapping[str, str] | None = None) -> Package:
    """Build and check a package from its files' texts."""
    scenarios = scenarios or {}
    size = sum(len(text) for text in (*texts.values(), *scenarios.values()))
    if size > MAX_BYTES or len(texts) + len(scenarios) > MAX_FILES:
        raise PackageRefused([TOO_LARGE])
    reader = _Reader(texts)
    meta = reader.meta()
    forms = reader.forms(meta.key if meta else "")
    if meta is not None and not reader.problems:
        reader.cross(meta, forms)
    if reader.problems or meta is None:
        raise PackageRefused(reader.problems, reader.parts)
    tables = {name: text.encode() for name, text in texts.items() if name.endswith(".dmn")}
    source = Source(meta.key, texts["process.bpmn"].encode(), tables)
    return Package(meta.key, meta, source, forms, content_hash(texts), dict(texts), dict(scenarios))


_TOP: dict[str, type] = {
    "format": int, "key": str, "name": str, "summary": str, "owner": str, "startable": bool, "start_posts": list,
    "document": bool, "title": str, "title_without": str, "number": str, "calls": list, "given": list,
    "legal_basis": list, "facts": dict, "lanes": dict, "print": list,
}  # fmt: skip
_KIND_NAMES = {int: "整数", str: "文字", bool: "“是”或者“否”", list: "列表", dict: "表"}
_NEEDED = ("key", "name", "owner", "number", "legal_basis", "lanes")


class _Reader:
    """Collects every problem of a package before it is refused."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.problems: list[str] = []
        self.parts: list[str] = []

    def say(self, sentence: str, part: str = SETTINGS) -> None:
        self.problems.append(sentence)
        self.parts.append(part)

    def meta(self) -> Meta | None:
        for name, word in ((SETTINGS, "流程设置"), (DIAGRAM, "流程图")):
            if name not in self.texts:
                self.say(f"缺少{word}（文件 {name}）", "")
        for name in self.texts:
            if not re.fullmatch(r"(forms/)?[a-z0-9_]{1,60}\.(toml|bpmn|dmn)", name):
                self.say(f"流程包里的文件名“{name[:60]}”不可用，只用小写字母、数字和下划线", "")
        if self.problems:
            return None
        if len(self.texts[SETTINGS]) > MAX_SETTINGS:
            self.say(f"流程设置的文件过大，最大 {MAX_SETTINGS // 1000} KB，请精简")
            return None
        try:
            raw = read_toml(self.texts[SETTINGS])
        except TomlRefused as refusal:
            self.say(f"流程设置的文件{refusal.why}，请核对引号和括号")
            return None
        self._check_top(raw)
        return None if self.problems else self._built(raw)

    def _check_top(self, raw: Mapping[str, Any]) -> None:
        for key, value in raw.items():
            if key not in _TOP:
                self.say(f"流程设置的文件里有不认识的项“{key[:40]}”，请删去或者改正拼写")
            elif type(value) is not _TOP[key]:
                self.say(f"流程设置的“{WORDS[key]}”须是{_KIND_NAMES[_TOP[key]]}")
        if raw.get("format") != FORMAT:
            self.say(f"流程设置的“格式”须写 {FORMAT}")
        for key in _NEEDED:
            if not raw.get(key):
                self.say(f"流程设置没有写“{WORDS[key]}”")

    def _built(self, raw: Mapping[str, Any]) -> Meta:
        self._template(raw["number"], "number", {"organ", "year", "n"}, needed={"n"})
        if not _NAME.match(raw["key"]):
            self.say("流程编号只用小写字母、数字和下划线，以字母开头，最多 40 个字符")
        self._shown(raw)
        return Meta(
            key=raw["key"],
            name=raw["name"],
            summary=raw.get("summary", ""),
            owner=raw["owner"],
            startable=raw.get("startable", False),
            start_posts=self._start_posts(raw.get("start_posts", [])),
            document=raw.get("document", False),
            title=raw.get("title", "{title}"),
            title_without=raw.get("title_without", ""),
            number=raw["number"],
            calls=self._words(raw.get("calls", []), WORDS["calls"]),
            given=self._words(raw.get("given", []), WORDS["given"]),
            legal_basis=tuple(self._legal(raw["legal_basis"])),
            facts=dict(self._facts(raw.get("facts", {}))),
            lanes=dict(self._lanes(raw["lanes"])),
            prints=tuple(self._prints(raw.get("print", []))),
        )

    def _shown(self, raw: Mapping[str, Any]) -> None:
        """What people read is words."""
        texts = [raw["name"], raw.get("summary", ""), raw["owner"], *raw["lanes"]]
        tables = [
            each for key in ("legal_basis", "print") for each in raw.get(key, []) if isinstance(each, dict)
        ]
        texts += [each.get(key, "") for each in tables for key in ("title", "note")]
        for text in texts:
            why = unfit(text) if isinstance(text, str) else ""
            if why:
                self.say(f"流程设置里的“{text[:20]}”{why}")

    def _words(self, value: Any, where: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.say(f"流程设置的“{where}”须是一组文字")
            return ()
        return tuple(value)

    def _start_posts(self, value: Any) -> tuple[str, ...]:
        kinds = self._words(value, WORDS["start_posts"])
        for kind in kinds:
            if kind not in POST_KINDS:
                self.say(f"流程设置的“{WORDS['start_posts']}”里有不认识的岗位“{kind[:40]}”")
        return kinds

    def _template(self, template: str, where: str, allowed: set[str], needed: set[str] | None = None) -> None:
        try:
            names = set(template_names(template))
        except ValueError:
            names = {"?"}
        if names - allowed or (needed or set()) - names:
            shown = "、".join(f"{{{name}}}" for name in sorted(allowed)[:12])
            self.say(
                f"流程设置的“{WORDS[where]}”写的“{template[:60]}”不可用，大括号里只能写 {shown} 这样的项"
            )

    def _legal(self, value: list[Any]) -> Iterator[LegalBasis]:
        for each in value:
            if (
                not isinstance(each, dict)
                or set(each) != {"title", "articles"}
                or not isinstance(each["title"], str)
            ):
                self.say("流程设置的每项“依据”须写文件和条款")
            else:
                yield LegalBasis(each["title"], self._words(each["articles"], "条款"))

    def _facts(self, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, source in value.items():
            if not KEY.match(name) or not is_name(name):
                self.say(f"发起时由系统给出的事实，名称“{name[:40]}”不可用，用小写字母、数字和下划线")
            elif source not in FACT_SOURCES:
                self.say(f"发起时由系统给出的事实“{name}”的来源不认识，请重新选择")
            else:
                yield name, source

    def _lanes(self, value: Mapping[str, Any]) -> Iterator[tuple[str, Lane]]:
        for name, raw in value.items():
            where = f"流程设置的泳道“{name[:40]}”"
            known = isinstance(raw, dict) and not set(raw) - {*LANE_KEYS}
            if not known or not all(isinstance(each, str) for each in raw.values()):
                self.say(f"{where}有不认识的内容，只能写谁来办和它要的几项，各项须是文字")
                continue
            lane = Lane(**{"scope": "", **raw})
            for problem in lane_problems(lane):
                self.say(where + problem)
            yield name, lane

    def _prints(self, value: list[Any]) -> Iterator[PrintSheet]:
        for raw in value:
            if not isinstance(raw, dict) or set(raw) - {"key", "title", "fields", "opinions", "note"}:
                self.say("流程设置的“打印件”有不认识的内容，只能写编号、名称、栏目、意见栏和页脚")
                continue
            if not all(isinstance(raw.get(each, ""), str) and raw.get(each) for each in ("key", "title")):
                self.say("流程设置的每份“打印件”须写编号和名称")
                continue
            yield PrintSheet(
                raw["key"], raw["title"], self._words(raw.get("fields", []), "打印件的栏目"),
                self._words(raw.get("opinions", []), "打印件的意见栏"), str(raw.get("note", "")),
            )  # fmt: skip

    # -- forms, and what only the whole shows

    def forms(self, process: str) -> dict[str, Definition]:
        found: dict[str, Definition] = {}
        for name, text in sorted(self.texts.items()):
            if name.startswith("forms/"):
                step = name.removeprefix("forms/").removesuffix(".toml")
                try:
                    found[step] = read_definition(text, process, step)
                except FormRefused as refusal:
                    for sentence in refusal.problems:
                        self.say(sentence, name)
        return found

    def cross(self, meta: Meta, forms: Mapping[str, Definition]) -> None:
        if meta.key in meta.calls:
            self.say(f"流程“{meta.name}”调用了它自己，流程不能调用自己")
        keys = {key for definition in forms.values() for key in definition.by_key}
        keys |= {item.key for definition in forms.values() for item in definition.known}
        for where, template in (("title", meta.title), ("title_without", meta.title_without)):
            self._template(template, where, keys)
        if meta.startable and "start" not in forms:
            self.say(f"流程“{meta.name}”可以由人发起，却没有发起的表单，请为“发起”设计表单")
        for lane, about in meta.lanes.items():
            if about.scope == "did" and about.step not in forms:
                self.say(f"泳道“{lane}”要找办过“{about.step}”的人，没有这个环节，或者它没有表单")
        for sheet in meta.prints:
            for unknown in sorted({*sheet.fields} - keys):
                self.say(f"打印件“{sheet.title}”的栏目“{unknown[:40]}”不在任何表单里")
            for unknown in sorted({*sheet.opinions} - set(forms)):
                self.say(f"打印件“{sheet.title}”的意见栏“{unknown[:40]}”不是本流程的环节")
        for name in sorted(meta.facts.keys() & {key for each in forms.values() for key in each.route_keys}):
            self.say(f"发起时由系统给出的事实“{name}”与表单的字段重名，请换一个名称")
