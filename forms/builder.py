"""Definition -> WTForms: build the class once, bind what the case knows, validate, give answers and facts.

The road of a submission::

    around = Around(known=case_data, options={"organs": [...]}, files=uploads_by_id, today=today)
    form = bind(definition, around, formdata=request.form)
    if form.validate():
        answers = form.answers()              # JSON values; hidden fields are None
        facts = facts_of(definition, answers)  # only what the flow routes on

What is hidden by `show_if` is dropped (or refused where the definition says so), what is read-only keeps the
known value whatever was sent, and a decision marked `opinion_only` leaves all but the opinion unanswered.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import wtforms

from forms.definition import Definition, Field, Json, Known, Option
from forms.fields import FIELD_TYPES, FileAnswer, value_of
from forms.groups import GroupField, is_rows, rows_text
from workflows.engine import expressions
from workflows.engine.errors import ExpressionError
from workflows.law import grounds

LAW: Mapping[str, tuple[Option, ...]] = {
    "grounds": tuple(Option(each.code, each.title, each.exception) for each in grounds.GROUNDS),
    "attributes": tuple(Option(each.value, each.label) for each in grounds.Attribute),
    "conclusions": tuple(Option(each.value, each.label) for each in grounds.Conclusion),
}


@dataclass(frozen=True)
class Around:
    """What the caller knows while a form is shown or sent.

    known: the case's answers and facts so far. options: lists named by `options_from` (organs, persons,
    units, documents, signers; `choices:<key>`: what another form asked) as (value, label).
    files: the uploads this person may name in this case, by id. today: the business day.
    """

    known: Mapping[str, Json] = field(default_factory=dict)
    options: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    files: Mapping[str, FileAnswer] = field(default_factory=dict)
    today: dt.date = field(kw_only=True)

    def choices(self, spec: Field) -> tuple[Option, ...]:
        """The options of a field: its own, the law's or the caller's."""
        return spec.options if not spec.source else self.listed(spec.source)

    def listed(self, source: str) -> tuple[Option, ...]:
        own = tuple(Option(value, label) for value, label in self.options.get(source, ()))
        return own or LAW.get(source, ())


class StepForm(wtforms.Form):  # type: ignore[misc]
    """A step's form, made by `form_class`; every field has `visible`, `readonly` and `needed`."""

    definition: Definition

    class Meta:
        locales = ("zh",)  # our own sentences come first; this is for what WTForms might still say

    def __init__(self, around: Around, formdata: Any = None, saved: Mapping[str, Json] | None = None) -> None:
        self.around = around
        self.saved = dict(saved or {})
        self.light = False
        super().__init__(formdata=formdata, data=self._initial())
        self._arrange()

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **kwargs: Any) -> None:
        """Give each field its definition and choices before it reads what was sent."""
        for key, spec in self.definition.by_key.items():
            bound = self._fields[key]
            bound.spec = spec
            if hasattr(bound, "bind"):
                bound.bind(self.around.choices(spec))
            if spec.type == "files":
                bound.uploads = self.around.files
            if spec.type in ("date", "group"):
                bound.today = self.around.today
        super().process(formdata, obj, data=data, **kwargs)

    def _initial(self) -> dict[str, Json]:
        return {spec.key: self._first_value(spec) for spec in self.definition.fields}

    def _first_value(self, spec: Field) -> Json:
        if spec.key in self.saved:
            return self.saved[spec.key]
        known = self.around.known.get(spec.default_from) if spec.default_from else None
        if known is None and spec.default == "today" and spec.type == "date":
            return self.around.today.isoformat()
        return spec.default if known is None else known

    # -- what shows, what may be changed, what must be filled in

    def _arrange(self) -> None:
        known = {key: self.around.known.get(key) for key in self.definition.outside}
        self.names: dict[str, Json] = {**known, "today": self.around.today.isoformat()}
        self.names.update({key: None for key in self.definition.by_key if key not in known})
        self._take_decision()
        for spec in self.definition.fields:
            bound = self._fields[spec.key]
            bound.visible = not spec.show_if or self._holds(spec.show_if, default=True)
            bound.readonly = bool(spec.readonly_if) and self._holds(spec.readonly_if, default=True)
            if bound.readonly:
                self._fix(spec)
            self.names[spec.key] = value_of(spec, bound.data) if bound.visible else None
        for spec in self.definition.fields:
            self._fields[spec.key].needed = self._is_needed(spec)

    def _take_decision(self) -> None:
        chosen = self.chosen
        self.light = chosen is not None and chosen.opinion_only
        if self.definition.decision is not None:
            self.names["decision"] = chosen.value if chosen else None

    @property
    def chosen(self) -> Option | None:
        """The option of the decision that was pressed."""
        spec = self.definition.decision
        return None if spec is None else self._fields[spec.key].chosen

    def _fix(self, spec: Field) -> None:
        bound = self._fields[spec.key]
        value = spec.fixed if spec.fixed is not None else self.around.known.get(spec.default_from or spec.key)
        bound.process_errors = []
        bound.process_data(value)

    def _is_needed(self, spec: Field) -> bool:
        chosen = self.chosen
        if spec.type == "decision":
            return True
        if spec.type == "opinion" and chosen is not None and (chosen.opinion_required or chosen.opinion_only):
            return True
        if self.light:
            return False
        return spec.required or bool(spec.required_if) and self._holds(spec.required_if, default=False)

    def _holds(self, text: str, *, default: bool) -> bool:
        """Whether a condition holds; one that cannot be worked out yet (an empty date, …) gives `default`."""
        try:
            return bool(expressions.evaluate(text, self.names))
        except ExpressionError:
            return default

    def asked(self, spec: Field) -> bool:
        """Whether this submission answers the field at all."""
        bound = self._fields[spec.key]
        return bound.visible and (not self.light or spec.type in ("decision", "opinion"))

    # -- validation

    def validate(self, extra_validators: Any = None) -> bool:
        """Every error at once, in Chinese, at its field."""
        for spec in self.definition.fields:
            self._fields[spec.key].errors = [text] if (text := self._problem(spec)) else []
        if not self.light:
            for rule in self.definition.rules:
                if self._holds(rule.when, default=False):
                    bound = self._fields[rule.field]
                    bound.errors = [*bound.errors, rule.message]
        return not self.errors

    def _problem(self, spec: Field) -> str | None:
        bound = self._fields[spec.key]
        if not bound.visible:
            return spec.refuse_hidden if spec.refuse_hidden and _was_sent(bound) else None
        if not self.asked(spec) or bound.readonly:
            return None
        if bound.process_errors:
            return str(bound.process_errors[0])
        if _is_empty(value_of(spec, bound.data)):
            return self._missing(spec) if bound.needed else None
        problem = bound.problem()
        return f"「{spec.label}」{problem}" if problem else None

    def _missing(self, spec: Field) -> str:
        chosen = self.chosen
        if spec.type == "opinion" and chosen is not None and not spec.required:
            return f"选择「{chosen.label}」须写明意见，请填写「{spec.label}」。"
        if spec.type == "decision":
            return "请点页面下方的按钮，选择怎么办理。"
        return f"请{_VERBS.get(spec.type, '填写')}「{spec.label}」。"

    # -- results

    def answers(self) -> dict[str, Json]:
        """JSON values of a validated form. Hidden fields are None; a light decision answers only itself."""
        found: dict[str, Json] = {}
        for spec in self.definition.fields:
            if self.light and spec.type not in ("decision", "opinion"):
                continue
            bound = self._fields[spec.key]
            found[spec.key] = value_of(spec, bound.data) if bound.visible else None
        return found

    def problems(self) -> Iterator[tuple[str, str]]:
        """(key, sentence) in the order of the page, for the summary on top."""
        for spec in self.definition.fields:
            for sentence in self._fields[spec.key].errors:
                yield spec.key, str(sentence)

    def known_items(self) -> Iterator[Shown]:
        """What the case already knows and this form shows above its questions."""
        for item in self.definition.known:
            value = self.around.known.get(item.key)
            if item.show_if and not self._holds(item.show_if, default=True):
                continue
            if value not in (None, "", []):
                yield shown_known(item, value, self.around)
            elif item.missing:
                yield Shown(item.key, item.label, item.missing, missing=True)


_VERBS = {
    "choice": "选择",
    "radio": "选择",
    "checks": "选择",
    "organ": "选择",
    "person": "选择",
    "files": "上传",
    "boolean": "确认",
    "date": "填写",
}


def _was_sent(bound: Any) -> bool:
    """Whether the browser (or a script) sent any content for a field that is hidden."""
    return any(
        value.strip() if isinstance(value, str) else getattr(value, "filename", None)
        for value in bound.raw_data or ()
    )


def _is_empty(value: Json) -> bool:
    """Nothing answered: zero is an answer, an unticked box is not."""
    return value is None or value is False or value == []


def form_class(definition: Definition) -> type[StepForm]:
    """The WTForms class of a definition, made once per content and step."""
    return _form_class(_Keyed(definition))


@dataclass(frozen=True)
class _Keyed:
    """Compares definitions by their digest, which is worked out once."""

    definition: Definition = field(compare=False)
    key: tuple[str, str, str] = ("", "", "")

    def __post_init__(self) -> None:
        of = self.definition
        object.__setattr__(self, "key", (of.process, of.step, of.digest))


@functools.lru_cache(maxsize=512)
def _form_class(keyed: _Keyed) -> type[StepForm]:
    body: dict[str, Any] = {"definition": keyed.definition}
    for spec in keyed.definition.fields:
        made = GroupField if spec.type == "group" else FIELD_TYPES[spec.type]
        body[spec.key] = made(spec.label, description=spec.help)
    return type("StepForm", (StepForm,), body)


def bind(
    definition: Definition, around: Around, formdata: Any = None, saved: Mapping[str, Json] | None = None
) -> StepForm:
    """A form for one page view (`saved`: draft or returned answers) or one submission (`formdata`)."""
    return form_class(definition)(around, formdata=formdata, saved=saved)


def facts_of(definition: Definition, answers: Mapping[str, Json]) -> dict[str, Json]:
    """What the flow may see: the answered `route` fields, never anything personal."""
    return {key: answers[key] for key in sorted(definition.route_keys) if key in answers}


def personal_of(definition: Definition, answers: Mapping[str, Json]) -> dict[str, Json]:
    """The answered personal values: kept encrypted and out of everything else."""
    return {key: answers[key] for key in sorted(definition.personal_keys) if key in answers}


# -- answers as a browser would send them -------------------------------------------------------------


class Submitted(dict[str, list[str]]):
    """What WTForms wants of a request's form: `getlist`."""

    def getlist(self, key: str) -> list[str]:
        return self.get(key, [])


def submitted(definition: Definition, answers: Mapping[str, Json]) -> Submitted:
    """Answers in the shape of a POST, for scenarios and tests; unknown keys are sent along and ignored."""
    sent = Submitted()
    for key, value in answers.items():
        spec = definition.by_key.get(key)
        if spec is not None and spec.type == "group":
            sent.update(_sent_rows(spec, value))
        else:
            sent[key] = _sent(value, spec.type if spec else "text")
    return sent


def _sent_rows(spec: Field, value: Json) -> Iterator[tuple[str, list[str]]]:
    kinds = {each.key: each.type for each in spec.fields}
    for number, row in enumerate(value if isinstance(value, list) else ()):
        for key, each in row.items() if isinstance(row, dict) else ():
            yield f"{spec.key}-{number}-{key}", _sent(each, kinds.get(key, "text"))


def _sent(value: Json, kind: str) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return ["y"]
    if isinstance(value, list):
        return [str(each["id"]) if isinstance(each, dict) else str(each) for each in value]
    return [str(value)]


# -- answers as a person reads them -------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One line of a case page or printed sheet; `files` instead of `text` where files were uploaded."""

    key: str
    label: str
    text: str
    files: tuple[FileAnswer, ...] = ()
    personal: bool = False
    missing: bool = False


def shown(definition: Definition, answers: Mapping[str, Json], around: Around) -> list[Shown]:
    """The filled-in fields of a form in order, choices by their labels; the decision is told elsewhere."""
    lines = []
    for spec in definition.fields:
        value = answers.get(spec.key)
        if value in (None, "", []) or spec.type == "decision":
            continue
        options = around.choices(spec) or [Option(*each) for each in spec.named]
        lines.append(_shown(spec.key, spec.label, value, options, spec.personal))
    return lines


def shown_known(item: Known, value: Json, around: Around) -> Shown:
    source = f"choices:{item.key}" if item.as_ == "choices" else item.as_
    return _shown(item.key, item.label, value, around.listed(source))


def _shown(key: str, label: str, value: Json, options: Sequence[Option], personal: bool = False) -> Shown:
    names = {option.value: option.label for option in options}
    if isinstance(value, list) and is_rows(value):
        return Shown(key, label, rows_text(value, list(names.items())), (), personal)
    if isinstance(value, list):
        files = tuple(each for each in value if isinstance(each, dict))
        if files:
            return Shown(key, label, "", files, personal)  # type: ignore[arg-type]
        return Shown(key, label, "、".join(names.get(str(each), str(each)) for each in value), (), personal)
    if isinstance(value, bool):
        return Shown(key, label, "是" if value else "否", (), personal)
    return Shown(key, label, names.get(str(value), str(value)), (), personal)
