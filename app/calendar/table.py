"""Reading a year's table from CSV: pure, every row reported, nothing guessed.

Columns by heading, in any order: 日期, 类型 (放假 / 上班 / 地方放假), 名称, and if present 星期 and 依据. The headings of
`data/holidays.csv` (date, type, name, weekday, source) are understood as well.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from app.core.errors import Refused
from workflows.law.calendar import DayKind, SpecialDay

MOST_BYTES = 200 * 1024
MOST_ROWS = 200

HEADINGS = {
    "日期": "day", "date": "day",
    "类型": "kind", "安排": "kind", "type": "kind",
    "名称": "name", "节日": "name", "name": "name",
    "依据": "source", "来源": "source", "source": "source",
    "星期": "weekday", "weekday": "weekday",
}  # fmt: skip
KINDS = {
    "OFF": DayKind.OFF, "放假": DayKind.OFF, "休": DayKind.OFF,
    "WORK": DayKind.WORK, "上班": DayKind.WORK, "调休上班": DayKind.WORK, "班": DayKind.WORK,
    "REGIONAL": DayKind.REGIONAL, "地方放假": DayKind.REGIONAL,
}  # fmt: skip
KIND_LABELS = {DayKind.OFF: "放假", DayKind.WORK: "调休上班", DayKind.REGIONAL: "地方放假"}
#: 放假办法第二条: every year has them
HOLIDAYS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
#: the days of them that always have the same date
FIXED = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
WEEK = "一二三四五六日"
_date = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\Z")


@dataclass(frozen=True, slots=True)
class RowReport:
    """One line of the file: what was read, and what is wrong with it (empty: nothing)."""

    line: int
    day: str
    kind: str
    name: str
    source: str
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the upload's row."""
        return asdict(self)


def read(data: bytes, year: int, source: str) -> list[RowReport]:
    """Every line of the file with its problem; raises `Refused` when the file as a whole is not such a table."""
    if len(data) > MOST_BYTES:
        raise Refused(
            "文件太大，不像一年的放假安排（通常三四十行）。请检查后重新上传。", fields={"file": "文件太大"}
        )
    reader = csv.reader(io.StringIO(decode(data), newline=""))
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise Refused(
            "文件不是 CSV 表格。请在表格软件里另存为 CSV 再上传。", fields={"file": "不是 CSV 表格"}
        ) from error
    columns = _columns(lines[0][1] if lines else [])
    if len(lines) > MOST_ROWS + 1:
        raise Refused(
            f"超过 {MOST_ROWS} 行，不像一年的放假安排。请检查后重新上传。", fields={"file": "行数太多"}
        )
    if len(lines) < 2:
        raise Refused("表格里没有一行安排。请填好后重新上传。", fields={"file": "没有内容"})
    seen: dict[str, int] = {}
    return [_row(number, cells, columns, year, source, seen) for number, cells in lines[1:]]


def decode(data: bytes) -> str:
    """UTF-8, or what Chinese spreadsheet programs write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("文件不是文字表格。请在表格软件里另存为 CSV 再上传。", fields={"file": "不是 CSV 表格"})


def _columns(heading: list[str]) -> dict[str, int]:
    columns = {HEADINGS[c.strip()]: i for i, c in enumerate(heading) if c.strip() in HEADINGS}
    missing = [
        label for key, label in (("day", "日期"), ("kind", "类型"), ("name", "名称")) if key not in columns
    ]
    if missing:
        raise Refused(
            f"第一行应是列名，缺少：{'、'.join(missing)}。可以先下载样表，照样填写。",
            fields={"file": f"缺少列：{'、'.join(missing)}"},
        )
    return columns


def _row(
    number: int, cells: list[str], columns: Mapping[str, int], year: int, source: str, seen: dict[str, int]
) -> RowReport:
    def cell(key: str) -> str:
        at = columns.get(key, -1)
        return cells[at].strip() if 0 <= at < len(cells) else ""

    text, kind, name = cell("day"), KINDS.get(cell("kind")), cell("name")
    day = parse_day(text)
    problem = _problem(day, kind, name, cell("weekday"), year) or ""
    if day is not None and not problem:
        first = seen.setdefault(day.isoformat(), number)
        if first != number:
            problem = f"与第 {first} 行日期重复"
    return RowReport(
        number,
        day.isoformat() if day else text[:30],
        kind.value if kind else cell("kind")[:20],
        name[:40],
        (cell("source") or source)[:300],
        problem,
    )


def parse_day(text: str) -> date | None:
    """2027-01-01, 2027/1/1, 2027.1.1 or 2027年1月1日."""
    found = _date.match(text)
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def _problem(day: date | None, kind: DayKind | None, name: str, weekday: str, year: int) -> str | None:
    if day is None:
        return f"日期认不出来，应写成 {year}-10-01 这样"
    if kind is None:
        return "类型应是“放假”“上班”或“地方放假”"
    if not name:
        return "没有写节日名称"
    if day.year != year and not (day.year == year - 1 and day.month == 12 and day.day >= 25):
        return f"不是 {year} 年的日期（上年最后一周除外）"
    if kind is DayKind.WORK and day.weekday() < 5:
        return f"星期{WEEK[day.weekday()]}本来就是工作日，不会是调休上班"
    if weekday and weekday[-1] not in (WEEK[day.weekday()], "天" if day.weekday() == 6 else ""):
        return f"星期写的是“{weekday}”，实际是星期{WEEK[day.weekday()]}"
    return None


def doubts(rows: Iterable[RowReport], year: int) -> list[str]:
    """What is missing from a table although every year has it; to look at, not to refuse."""
    good = [row for row in rows if not row.problem]
    off = {row.day for row in good if row.kind == DayKind.OFF}
    said = []
    if not off:
        return ["没有一天放假。"]
    names = "、".join(row.name for row in good)
    missing = [name for name in HOLIDAYS if name not in names]
    if missing:
        said.append(f"没有提到：{'、'.join(missing)}。")
    fixed = [
        f"{m}月{d}日（{name}）" for (m, d), name in FIXED.items() if date(year, m, d).isoformat() not in off
    ]
    if fixed:
        said.append(f"法定放假日没有列为放假：{'、'.join(fixed)}。")
    if not any(row.kind == DayKind.WORK for row in good):
        said.append("没有一天调休上班，历年少见。")
    return said


def specials(rows: Iterable[Mapping[str, Any]]) -> tuple[SpecialDay, ...]:
    """The days of an upload's rows; all of them must be without problem."""
    return tuple(
        SpecialDay(date.fromisoformat(row["day"]), DayKind(row["kind"]), row["name"], row["source"])
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day that an upload changes: words for before and after."""

    day: date
    before: str
    after: str


def compare(old: Iterable[SpecialDay], new: Iterable[SpecialDay]) -> list[DayChange]:
    """The days on which two tables differ, in order."""
    before = {special.day: special for special in old}
    after = {special.day: special for special in new}
    return [
        DayChange(day, describe(before.get(day), day), describe(after.get(day), day))
        for day in sorted(before.keys() | after.keys())
        if _essence(before.get(day)) != _essence(after.get(day))
    ]


def _essence(special: SpecialDay | None) -> tuple[DayKind, str] | None:
    return (special.kind, special.name) if special else None


def describe(special: SpecialDay | None, day: date) -> str:
    """「放假（国庆节）」, 「调休上班（春节）」, or what the day is without the table."""
    if special is None:
        return "工作日" if day.weekday() < 5 else "周末"
    return f"{KIND_LABELS[special.kind]}（{special.name}）"


def write(days: Iterable[SpecialDay]) -> str:
    """A table as CSV that `read` reads again; opened by Chinese spreadsheet programs as it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["日期", "星期", "名称", "类型", "依据"])
    for special in sorted(days, key=lambda s: s.day):
        week = f"周{WEEK[special.day.weekday()]}"
        writer.writerow(
            [
                special.day.isoformat(),
                week,
                _neutral(special.name),
                KIND_LABELS[special.kind],
                _neutral(special.source),
            ]
        )
    return "\ufeff" + out.getvalue()


def _neutral(text: str) -> str:
    """A cell no spreadsheet program takes for a formula (security.md 13)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def span(day: date, days: int) -> date:
    """The last of `days` days from `day` on."""
    return day + timedelta(days=days - 1)
