"""The WTForms fields of the forms room: each turns what was sent into plain data, or says in Chinese why not.

A field that is missing from what was sent is empty (WTForms would keep the default). Errors of reading are
raised as ValueError and collected by WTForms in `process_errors`; everything that needs the other fields is
decided in `forms.builder`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import wtforms
from wtforms import widgets

from forms.definition import LONGEST, USUAL, Field, Json, Option

#: control characters, halves of pairs, no characters at all, and what hides or reorders text on screen and paper
_BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\Z")
_WHOLE = re.compile(r"[+-]?\d{1,15}\Z")
_PHONE = re.compile(r"[0-9+\-() 、,转*#]{5,30}\Z")
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)


class FileAnswer(TypedDict):
    """An uploaded file as the office stored it; `sha256` is hexadecimal, `size` in bytes."""

    id: str
    name: str
    sha256: str
    size: int


class Spoken:
    """What all our fields share: the definition's `spec` and the state `forms.builder` works out.

    visible, readonly, needed: after `show_if`, `readonly_if` and `required_if` under the answers so far.
    """

    spec: Field
    data: Any
    visible = True
    readonly = False
    needed = False

    def say(self, rest: str) -> ValueError:
        return ValueError(f"「{self.spec.label}」{rest}")


def first(values: Sequence[Any]) -> str:
    """The first text that was sent; uploads and other objects are not text."""
    return next((value for value in values if isinstance(value, str)), "")


def clean(text: str) -> str | None:
    """Text with unix line ends and no outer blanks; None if it holds what cannot be stored or shown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return None if _BAD.search(text) else text.strip()


def scrub(text: str) -> str:
    """Text without what cannot be stored: for drafts of what was not accepted yet."""
    return _BAD.sub("", text)


class TextField(Spoken, wtforms.StringField):  # type: ignore[misc]
    """text, phone: one line."""

    widget = widgets.TextInput()
    one_line = True

    def process_data(self, value: Any) -> None:
        self.data = value if isinstance(value, str) else ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = clean(first(valuelist))
        self.data = first(valuelist)
        if text is None:
            raise self.say("含有不能保存的控制字符，请删去后重新填写。")
        self.data = " ".join(text.split("\n")) if self.one_line else text

    def problem(self) -> str | None:
        """What is wrong with a text that is not empty."""
        text, spec = str(self.data), self.spec
        longest = min(int(spec.max or USUAL[spec.type]), LONGEST[spec.type])
        if len(text) > longest:
            return f"最多 {longest} 个字，现在有 {len(text)} 个字，请删减。"
        if spec.min and len(text) < int(spec.min):
            return f"至少写 {spec.min} 个字，请写具体些。"
        if spec.type == "phone" and not _PHONE.match(text):
            return "不像电话号码，请填写数字，区号和分机可用“-”“转”隔开。"
        return None


class AreaField(TextField):
    """textarea, opinion: several lines."""

    widget = widgets.TextArea()
    one_line = False


class WholeField(Spoken, wtforms.Field):  # type: ignore[misc]
    """integer."""

    widget = widgets.NumberInput(step="1")

    def _value(self) -> str:
        return first(self.raw_data) if self.raw_data else "" if self.data is None else str(self.data)

    def process_data(self, value: Any) -> None:
        self.data = value if type(value) is int else None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = unicodedata.normalize("NFKC", first(valuelist)[:40]).strip()
        self.data = None
        if text:
            if not _WHOLE.match(text):
                raise self.say("请填整数，例如 12。")
            self.data = int(text)

    def problem(self) -> str | None:
        low, high = self.spec.min, self.spec.max
        if low is not None and self.data < int(low):
            return f"不能小于 {low}。"
        if high is not None and self.data > int(high):
            return f"不能大于 {high}。"
        return None


class DayField(Spoken, wtforms.Field):  # type: ignore[misc]
    """date; also reads 2026年11月23日 and 2026/11/23, as people paste them."""

    widget = widgets.DateInput()
    today = FIRST_DAY

    def _value(self) -> str:
        if self.raw_data:
            return first(self.raw_data)
        return self.data.isoformat() if self.data else ""

    def process_data(self, value: Any) -> None:
        self.data = _day(value) if isinstance(value, str) else None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = unicodedata.normalize("NFKC", first(valuelist)[:40]).replace(" ", "")
        self.data = None
        if text:
            self.data = _day(text)
            if self.data is None:
                raise self.say("请填日期，例如 2026-11-23。")

    def bound(self, value: int | str | None) -> dt.date | None:
        return None if value is None else self.today if value == "today" else _day(str(value))

    def problem(self) -> str | None:
        low, high = self.bound(self.spec.min), self.bound(self.spec.max)
        if not (low or FIRST_DAY) <= self.data:
            return f"不能早于 {(low or FIRST_DAY).isoformat()}。"
        if not self.data <= (high or LAST_DAY):
            shown = "今天" if self.spec.max == "today" else (high or LAST_DAY).isoformat()
            return f"不能晚于{shown}。" if self.spec.max == "today" else f"不能晚于 {shown}。"
        return None


def _day(text: str) -> dt.date | None:
    match = _DAY.match(text)
    if match is None:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


class YesField(Spoken, wtforms.BooleanField):  # type: ignore[misc]
    """boolean: a tick."""

    def process_data(self, value: Any) -> None:
        self.data = value is True

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = first(valuelist) not in ("", "0", "false", "False", "off", "n")

    def problem(self) -> str | None:
        return None


class OneField(Spoken, wtforms.SelectField):  # type: ignore[misc]
    """choice, organ, person: a list to pick one from. `options` are bound per form."""

    options: Sequence[Option] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=[], validate_choice=False, **kwargs)

    def bind(self, options: Sequence[Option]) -> None:
        self.options = options
        blank = [] if isinstance(self, RadioField) else [("", "请选择")]
        self.choices = [*blank, *((option.value, option.label) for option in options)]

    def process_data(self, value: Any) -> None:
        self.data = value if isinstance(value, str) and value else None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = first(valuelist) or None

    @property
    def label_of(self) -> Mapping[str, str]:
        return {option.value: option.label for option in self.options}

    @property
    def chosen(self) -> Option | None:
        return next((option for option in self.options if option.value == self.data), None)

    def problem(self) -> str | None:
        if self.data in self.label_of:
            return None
        return "的选项已经变化，请重新选择。" if self.options else "目前没有可选的内容，请联系单位管理员。"


class RadioField(OneField):
    """radio, decision: the choices side by side; a decision's are the submit buttons."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.RadioInput()


class ManyField(Spoken, wtforms.SelectMultipleField):  # type: ignore[misc]
    """checks: any number of ticks, kept in the order of the definition."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()
    options: Sequence[Option] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=[], validate_choice=False, **kwargs)

    def bind(self, options: Sequence[Option]) -> None:
        self.options = options
        self.choices = [(option.value, option.label) for option in options]

    def process_data(self, value: Any) -> None:
        self.data = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        sent = {value for value in valuelist if isinstance(value, str) and value}
        known = [option.value for option in self.options]
        self.data = [value for value in known if value in sent] + sorted(sent - set(known))

    @property
    def label_of(self) -> Mapping[str, str]:
        return {option.value: option.label for option in self.options}

    def problem(self) -> str | None:
        if not set(self.data) <= set(self.label_of):
            return "的选项已经变化，请重新选择。"
        if self.spec.min and len(self.data) < int(self.spec.min):
            return f"至少选 {self.spec.min} 项。"
        if self.spec.max is not None and len(self.data) > int(self.spec.max):
            return f"最多选 {self.spec.max} 项。"
        return None


class FilesField(Spoken, wtforms.Field):  # type: ignore[misc]
    """files: the page sends ids of uploads; `uploads` tells which the person may name here."""

    widget = widgets.HiddenInput()
    usual = 20
    uploads: Mapping[str, FileAnswer] = {}

    def _value(self) -> str:
        return ",".join(each["id"] for each in self.data)

    def process_data(self, value: Any) -> None:
        self.data = [_file(each) for each in value if _is_file(each)] if isinstance(value, list) else []

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        sent = [part for value in valuelist if isinstance(value, str) for part in value.split(",") if part]
        here = {**{each["id"]: each for each in self.data}, **self.uploads}
        self.data = [_file(here[each]) for each in dict.fromkeys(sent) if each in here]
        if any(each not in here for each in sent):
            raise self.say("有附件已经删除或者没有上传成功，请重新上传。")

    def problem(self) -> str | None:
        most = self.usual if self.spec.max is None else int(self.spec.max)
        if len(self.data) > most:
            return f"最多上传 {most} 个文件。"
        if self.spec.min and len(self.data) < int(self.spec.min):
            return f"至少上传 {self.spec.min} 个文件。"
        return None


def _file(value: Mapping[str, Any]) -> FileAnswer:
    """Only what an answer keeps of an upload."""
    return FileAnswer(
        id=value["id"],
        name=value["name"],
        sha256=str(value.get("sha256", "")),
        size=int(value.get("size") or 0),
    )


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and isinstance(value.get("name"), str)


def value_of(spec: Field, data: Any) -> Json:
    """A field's data as a JSON value; empty text and no choice are None."""
    if spec.type == "date":
        return data.isoformat() if isinstance(data, dt.date) else None
    if spec.type == "boolean":
        return bool(data)
    if spec.type in ("checks", "files", "group"):
        return list(data or [])
    if isinstance(data, str):
        return scrub(data) or None
    return data  # type: ignore[no-any-return]


FIELD_TYPES: dict[str, type[Any]] = {
    "text": TextField,
    "phone": TextField,
    "textarea": AreaField,
    "opinion": AreaField,
    "integer": WholeField,
    "date": DayField,
    "boolean": YesField,
    "choice": OneField,
    "organ": OneField,
    "person": OneField,
    "radio": RadioField,
    "decision": RadioField,
    "checks": ManyField,
    "files": FilesField,
}
