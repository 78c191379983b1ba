"""Repeated groups: a question answered by rows, each with the same few questions; kept as a JSON list of objects.

Sent as `<key>-<n>-<column>`; the numbers may have gaps (a row was removed in the browser). A row where nothing was
sent does not count. What the page shows beyond the answered rows is room for more, for browsers without scripts too.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import wtforms
from markupsafe import Markup

from forms.definition import MOST_ROWS, USUAL_ROWS, Field, Json
from forms.fields import FIELD_TYPES, DayField, Spoken, YesField, first, value_of

#: empty rows below the answered ones; scripts take away all but one and can add more
ROOM = 2


class Row(wtforms.Form):  # type: ignore[misc]
    """One row, made by `row_class`."""

    group: GroupField
    specs: tuple[Field, ...]

    class Meta:
        locales = ("zh",)

    def __init__(
        self,
        group: GroupField,
        number: int | str,
        formdata: Any = None,
        data: Mapping[str, Json] | None = None,
    ) -> None:
        self.group = group
        super().__init__(formdata=formdata, data=dict(data or {}), prefix=f"{group.name}-{number}-")

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **kwargs: Any) -> None:
        for spec in self.specs:
            bound = self._fields[spec.key]
            bound.spec, bound.needed = spec, spec.required
            if hasattr(bound, "bind"):
                bound.bind(spec.options)
            if isinstance(bound, DayField):
                bound.today = self.group.today
        super().process(formdata, obj, data=data, **kwargs)

    def values(self) -> dict[str, Json]:
        """The row as it is kept."""
        return {spec.key: value_of(spec, self._fields[spec.key].data) for spec in self.specs}

    @property
    def said(self) -> bool:
        """Whether anything was answered, rightly or wrongly."""
        return any(_said(self._fields[spec.key]) for spec in self.specs)

    def check(self) -> bool:
        """Put the row's errors at its fields; whether there are none."""
        good = True
        for spec in self.specs:
            bound = self._fields[spec.key]
            problem = _problem(spec, bound)
            bound.errors = [problem] if problem else []
            good = good and not problem
        return good


def _said(bound: Any) -> bool:
    if isinstance(bound, YesField):
        return bool(bound.data)
    return bool(first(bound.raw_data or ()).strip()) or bound.data not in (None, "", [], False)


def _problem(spec: Field, bound: Any) -> str:
    if bound.process_errors:
        return str(bound.process_errors[0])
    if bound.data in (None, "", [], False):
        return f"请填写「{spec.label}」。" if spec.required else ""
    problem = bound.problem()
    return f"「{spec.label}」{problem}" if problem else ""


@functools.lru_cache(maxsize=256)
def row_class(specs: tuple[Field, ...]) -> type[Row]:
    """The form of one row."""
    body: dict[str, Any] = {
        spec.key: FIELD_TYPES[spec.type](spec.label, description=spec.help) for spec in specs
    }
    return type("GroupRow", (Row,), {**body, "specs": specs})


def _render(field: GroupField, **_given: Any) -> Markup:
    """The bare controls; the office's pages arrange them in `ui/fields.html`."""
    return Markup("").join(Markup(str(column())) for row in field.shown_rows() for column in row)


class GroupField(Spoken, wtforms.Field):  # type: ignore[misc]
    """group: rows of questions. `data` is the list of answered rows, `rows` what the page shows."""

    widget = staticmethod(_render)
    today = DayField.today
    rows: list[Row]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[Any] = []
        self.raw_data: list[str] = []
        self.process_data(data)
        if formdata is not None:
            self._read(formdata)

    def process_data(self, value: Any) -> None:
        kept = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
        self._keep([self._row(number, data=row) for number, row in enumerate(kept[:MOST_ROWS])])

    def _read(self, formdata: Any) -> None:
        shape = re.compile(rf"{re.escape(self.name)}-(\d{{1,4}})-[a-z0-9_]+\Z")
        numbers = sorted({int(found[1]) for name in formdata if (found := shape.match(str(name)))})
        rows = [self._row(number, formdata) for number in numbers[: MOST_ROWS * 2]]
        self._keep([row for row in rows if row.said])
        self.raw_data = ["y"] * len(self.data)

    def _keep(self, rows: list[Row]) -> None:
        self.rows = rows
        self.data: list[dict[str, Json]] = [row.values() for row in rows]

    def _row(self, number: int | str, formdata: Any = None, data: Mapping[str, Json] | None = None) -> Row:
        return row_class(self.spec.fields)(self, number, formdata, data)

    @property
    def most(self) -> int:
        """Rows at most."""
        return USUAL_ROWS if self.spec.max is None else int(self.spec.max)

    def shown_rows(self) -> Iterator[Row]:
        """The answered rows and room for more."""
        yield from self.rows
        last = max((int(row._prefix.split("-")[-2]) for row in self.rows), default=-1)
        least = max(int(self.spec.min or 0) - len(self.rows), ROOM)
        for number in range(min(least, max(self.most - len(self.rows), 0))):
            yield self._row(last + 1 + number)

    def blank_row(self) -> Row:
        """What a script adds; it puts the number for `__n__`."""
        return self._row("__n__")

    def problem(self) -> str | None:
        """What is wrong with rows that were answered; each mistake is also put at its field."""
        wrong = [number for number, row in enumerate(self.rows, 1) if not row.check()]
        if len(self.rows) > self.most:
            return f"最多填 {self.most} 行，现在有 {len(self.rows)} 行，请删减。"
        if self.spec.min and len(self.rows) < int(self.spec.min):
            return f"至少填 {self.spec.min} 行，现在有 {len(self.rows)} 行。"
        if wrong:
            return f"第 {'、'.join(map(str, wrong[:5]))} 行填得不对，请看各栏下面的提示。"
        return None


def is_rows(value: Json) -> bool:
    """Whether an answer is the rows of a group; an upload's record has a hash."""
    return isinstance(value, list) and any(isinstance(each, dict) and "sha256" not in each for each in value)


def rows_text(value: Sequence[Json], named: Sequence[tuple[str, str]]) -> str:
    """Rows as lines a person reads; `named` as in `Field.named`."""
    names = dict(named)
    lines = []
    for row in value:
        parts = row.items() if isinstance(row, dict) else ()
        told = [
            f"{names.get(key, key)}：{_words(key, each, names)}"
            for key, each in parts
            if each not in (None, "", [])
        ]
        lines.append("；".join(told))
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def _words(key: str, value: Json, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(names.get(f"{key}:{each}", str(each)) for each in value)
    return names.get(f"{key}:{value}", str(value))
