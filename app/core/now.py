"""The business moment. Everything legal happens on a Shanghai date (security.md 10).

`GONGKAI_NOW` shifts the business clock, which then runs on from there. Sessions and lockouts use
`wall()`, which nothing shifts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_shift = timedelta(0)


def wall() -> datetime:
    """The real moment, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The business moment, in UTC."""
    return wall() + _shift


def today() -> date:
    """The business date in Shanghai."""
    return business_date(now())


def business_date(moment: datetime) -> date:
    """The Shanghai date of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def pretend(text: str | None) -> None:
    """Shift the business clock so that it is `text` now: an ISO date (09:00 in Shanghai) or ISO date-time."""
    global _shift
    if not text:
        _shift = timedelta(0)
        return
    moment = datetime.fromisoformat(text if "T" in text or " " in text else f"{text}T09:00:00")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    _shift = moment.astimezone(UTC) - wall()


def local_text(moment: datetime | None) -> str:
    """「2026-11-23 14:05」 in Shanghai; empty for None."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""
