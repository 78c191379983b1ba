"""A form definition: frozen data, read strictly from TOML (`forms.reading`) and checked as a whole.

Errors are Chinese sentences that name the form, the field and how to mend it: the person who reads them draws
processes in the browser. Expressions are those of `workflows.engine.expressions` and may read the form's own
fields, the `known` and `uses` keys of the case, and `today` (ISO text).
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from workflows.engine import expressions

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"

FORMAT = 1
MAX_BYTES = 200_000
MAX_FIELDS = 120
MAX_OPTIONS = 200

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
#: `typename` makes an engine state unloadable (engine.md 7); the others belong to the form, page or flow
RESERVED = frozenset(
    {"typename", "today", "data", "errors", "meta", "action", "token", "csrf_token", "validate", "process"}
    | {"populate_obj", "post_process", "form_errors", "definition", "around", "answers", "start", "end"}
    | set(expressions.FUNCTIONS)
    | set(keyword.kwlist)
)
OFFLINE_PREFIX = "offline_"

TEXTS = frozenset({"text", "textarea", "phone", "opinion"})
CHOICES = frozenset({"choice", "radio", "checks", "organ", "person", "decision"})
TYPES = TEXTS | CHOICES | {"integer", "date", "boolean", "files", "group"}
#: what a row of a group may ask: nothing that is kept, signed or routed by itself
INNER = frozenset({"text", "textarea", "phone", "integer", "date", "boolean", "choice", "radio", "checks"})
#: a row's keys that an upload's record has too
NOT_INNER = frozenset({"id", "name", "sha256", "size"})
MOST_ROWS = 50
USUAL_ROWS = 20
MOST_INNER = 10
#: the flow gets only what it routes on: short, closed values (design.md 3)
ROUTABLE = frozenset(
    {"integer", "date", "boolean", "choice", "radio", "checks", "organ", "person", "decision"}
)
#: lists the law or the caller supplies
SOURCES = frozenset(
    {"grounds", "attributes", "conclusions", "organs", "persons", "units", "documents", "signers"}
)
DEFAULT_SOURCE = {"organ": "organs", "person": "persons"}
SHOWN_AS = frozenset({"text", "date", "boolean", "files", "choices"}) | SOURCES
STYLES = frozenset({"", "primary", "secondary", "danger"})

#: longest text per type, in characters; a definition may set less, never more
LONGEST = {"text": 500, "textarea": 10_000, "opinion": 2_000, "phone": 30}
USUAL = {"text": 200, "textarea": 5_000, "opinion": 1_000, "phone": 30}


class FormRefused(Exception):
    """A definition cannot be used; `problems` are Chinese sentences, all of them at once.

    `places` tells of each where it is: "" (the whole), "title", "uses", "hidden", or a list of the file with the
    place in it: "field.3", "known.0", "section.1", "rule.2". `sentences` are the problems without the form's name.
    """

    def __init__(self, sentences: Sequence[str], places: Sequence[str] = (), form: str = "") -> None:
        self.sentences = tuple(sentences)
        self.problems = tuple(form + each for each in sentences)
        self.places = tuple(places) or ("",) * len(self.problems)
        super().__init__("；".join(self.problems))


@dataclass(frozen=True)
class Option:
    """One choice. In a decision `opinion_required` asks for an opinion, `opinion_only` for nothing else."""

    value: str
    label: str
    help: str = ""
    style: str = ""
    opinion_required: bool = False
    opinion_only: bool = False


@dataclass(frozen=True)
class Field:
    """One question. `fixed` is the value while `readonly_if` holds (else the known one stays).

    `once`: asked afresh each time the step opens; what another round, part or step said is not put in.

    `refuse_hidden` is the sentence for content sent although the field is hidden; without it such content is
    dropped silently.

    `fields` are the questions of one row, where the type is `group`; `min` and `max` then count rows.
    """

    key: str
    label: str
    type: str
    section: str = ""
    help: str = ""
    required: bool = False
    required_if: str = ""
    show_if: str = ""
    readonly_if: str = ""
    fixed: Json = None
    min: int | str | None = None
    max: int | str | None = None
    options: tuple[Option, ...] = ()
    options_from: str = ""
    route: bool = False
    personal: bool = False
    default: Json = None
    default_from: str = ""
    refuse_hidden: str = ""
    once: bool = False
    fields: tuple[Field, ...] = ()

    @property
    def source(self) -> str:
        """The named list the choices come from, "" when they stand in the definition."""
        return self.options_from or ("" if self.options else DEFAULT_SOURCE.get(self.type, ""))

    @property
    def expressions(self) -> dict[str, str]:
        found = {"show_if": self.show_if, "required_if": self.required_if, "readonly_if": self.readonly_if}
        return {name: text for name, text in found.items() if text}

    @property
    def named(self) -> list[tuple[str, str]]:
        """What tells an answer in words: its choices, or the columns of a group and `column:choice` below them."""
        columns = [(each.key, each.label) for each in self.fields]
        below = [(f"{each.key}:{key}", label) for each in self.fields for key, label in each.named]
        return [*((option.value, option.label) for option in self.options), *columns, *below]


@dataclass(frozen=True)
class Rule:
    """Refuse with `message` at `field` when `when` holds."""

    when: str
    field: str
    message: str


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    help: str = ""


@dataclass(frozen=True)
class Known:
    """Something the case knows already: shown above the questions, never asked again.

    `missing` is said where the case does not know it; without it the line is left out. `as_` says how it reads:
    "choices" by the options of the field that asked it in another form of the package.
    """

    key: str
    label: str
    as_: str = "text"
    show_if: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Definition:
    """What one step asks. `step` is "start" for the form that begins a case."""

    process: str
    step: str
    title: str
    help: str = ""
    sections: tuple[Section, ...] = ()
    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    known: tuple[Known, ...] = ()
    uses: tuple[str, ...] = ()
    #: answers of other forms that whoever does this step does not see while it is open (字段权限)
    hidden: tuple[str, ...] = ()

    @functools.cached_property
    def digest(self) -> str:
        """SM3 of the whole content: the key of cached form classes."""
        canonical = json.dumps(
            dataclasses.asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.new("sm3", canonical.encode()).hexdigest()

    @functools.cached_property
    def by_key(self) -> Mapping[str, Field]:
        return {each.key: each for each in self.fields}

    @property
    def decision(self) -> Field | None:
        """The field rendered as the submit buttons, if the step decides anything."""
        return next((each for each in self.fields if each.type == "decision"), None)

    @property
    def opinion(self) -> Field | None:
        return next((each for each in self.fields if each.type == "opinion"), None)

    @property
    def outside(self) -> frozenset[str]:
        """Keys of the case that expressions of this form may read."""
        defaults = {each.default_from for each in self.fields if each.default_from}
        return frozenset({*self.uses, *(each.key for each in self.known), *defaults})

    @property
    def route_keys(self) -> frozenset[str]:
        return frozenset(each.key for each in self.fields if each.route)

    @property
    def personal_keys(self) -> frozenset[str]:
        return frozenset(each.key for each in self.fields if each.personal)

    def in_sections(self) -> Iterator[tuple[Section, list[Field]]]:
        """Sections in their order with their fields; the decision stands outside, as the buttons."""
        for section in self.sections or (Section("", ""),):
            shown = [each for each in self.fields if each.section == section.key and each.type != "decision"]
            if shown:
                yield section, shown


# -- two forms on one page ----------------------------------------------------------------------------


def union(first: Definition, second: Definition) -> Definition:
    """One page for two steps that one person signs at once (并签), or for a step with its offline part.

    A key both ask is asked once, as `second` asks it; a decision offers what both offer.
    """
    later = second.by_key
    fields = [_merged(each, later.get(each.key)) for each in first.fields]
    renamed = {
        each.key: f"{each.key}_{second.step}" for each in second.sections if _clashes(each, first.sections)
    }
    extra = [
        dataclasses.replace(each, section=renamed.get(each.section, each.section))
        for each in second.fields
        if each.key not in first.by_key
    ]
    sections = [*(first.sections or (Section("", first.title),))]
    moved = [dataclasses.replace(each, key=renamed.get(each.key, each.key)) for each in second.sections]
    sections += [
        each for each in moved or [Section("", second.title)] if each.key not in {s.key for s in sections}
    ]
    asked = {each.key for each in fields} | {each.key for each in extra}
    known = {each.key: each for each in (*second.known, *first.known) if each.key not in asked}
    return Definition(
        process=first.process,
        step=f"{first.step}+{second.step}",
        title=first.title if second.step == "_offline" else f"{first.title}、{second.title}",
        help="\n".join(text for text in (first.help, second.help) if text),
        sections=tuple(sections),
        fields=(*fields, *extra),
        rules=(*first.rules, *second.rules),
        known=tuple(known.values()),
        uses=tuple(sorted(first.outside | second.outside)),
        hidden=tuple(
            sorted({*first.hidden, *second.hidden} - asked - set(known) - first.outside - second.outside)
        ),
    )


def _clashes(section: Section, others: Sequence[Section]) -> bool:
    return any(each.key == section.key and each.title != section.title for each in others)


def _merged(first: Field, second: Field | None) -> Field:
    if second is None or first.type != "decision" or second.type != "decision":
        return first if second is None else dataclasses.replace(second, section=first.section)
    offered = {option.value for option in first.options}
    return dataclasses.replace(
        second, options=tuple(each for each in second.options if each.value in offered)
    )


def answers_of(definition: Definition, answers: Mapping[str, Json]) -> dict[str, Json]:
    """The part of a union's answers that belongs to one of its forms."""
    return {key: value for key, value in answers.items() if key in definition.by_key}
