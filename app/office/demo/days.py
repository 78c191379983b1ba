"""The days of the data are those of the base day 2026-11-23; they move, in working days, to the day of making.

A day `n` working days before the base day becomes the day `n` working days before the last confirmed working day
that is not after today. So nothing of the history happens in the future, on a day off or in a year whose holidays
were not imported, and what is due in three working days is due in three working days. Only a day that somebody
else has set, such as that of an order to answer again, may lie ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.core.errors import Refused
from workflows.law.calendar import Calendar, YearNotConfirmed

#: the Monday the data was written for (shared with the examples in the documentation)
BASE = date(2026, 11, 23)

QUARTERS = ("第一季度", "第二季度", "第三季度", "第四季度")


@dataclass(frozen=True)
class Moved:
    """The data's days as they are today. `anchor` is what the base day became."""

    calendar: Calendar
    anchor: date

    def day(self, written: date) -> date:
        """A day of the data; it must be a working day before the base day or the base day itself."""
        back = self.calendar.workdays_between(written, BASE)
        if back < 0 or not self.calendar.is_workday(written):
            raise ValueError(f"not a working day up to {BASE}: {written}")
        try:
            return self.calendar.before(self.anchor, back)
        except YearNotConfirmed:
            raise Refused(
                f"放假安排只导入到 {min(self.calendar.years)} 年，演示数据的日期排不下。"
                "请把业务日期（GONGKAI_NOW）改晚一些，再建立演示数据。"
            ) from None

    def ahead(self, written: date) -> date:
        """A day of the data after the base day, as many working days after the anchor; natural days where the year is
        not known yet (an order to answer again names such a day)."""
        later = self.calendar.workdays_between(BASE, written)
        return self.calendar.add_workdays(self.anchor, later).date or self.anchor + (written - BASE)

    def words(self, day: date) -> dict[str, str]:
        """What texts of the data may name in braces, as of `day`."""
        quarter = (day.month - 1) // 3  # quarters that have ended this year
        return {
            "year": str(day.year),
            "last_year": str(day.year - 1),
            "next_year": str(day.year + 1),
            "month": str(day.month),
            "quarter": QUARTERS[quarter - 1],
            "quarter_year": str(day.year if quarter else day.year - 1),
            "iso": day.isoformat(),
            "day": f"{day.year}年{day.month}月{day.day}日",
        }

    def told(self, value: Any, day: date) -> Any:
        """A value of the data as it is said on `day`: its days moved (to ISO text), its words filled in."""
        if isinstance(value, date):
            return (self.ahead(value) if value > BASE else self.day(value)).isoformat()
        if isinstance(value, str):
            return value.format_map(self.words(day)) if "{" in value else value
        if isinstance(value, list):
            return [self.told(each, day) for each in value]
        if isinstance(value, dict):
            return {key: self.told(each, day) for key, each in value.items()}
        return value


def moved_to(calendar: Calendar, today: date) -> Moved:
    """The move that ends today, or on the last confirmed working day before it."""
    last = max(calendar.years, default=0)
    day = min(today, date(last, 12, 31)) if last else today
    if day.year not in calendar.years:
        raise Refused("放假安排还没有导入，不能推算演示数据的日期。请先运行 flask calendar seed。")
    while not calendar.is_workday(day):
        day -= timedelta(days=1)
    return Moved(calendar, day)
