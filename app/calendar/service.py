"""Commands: upload a year, confirm it, drop it; and the years that come with the software."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.calendar import hooks, proposing, queries, recalculating, table
from app.calendar.models import CalendarDay, CalendarState, CalendarUpload, CalendarYear
from app.calendar.permissions import require_change
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.keys import sm3
from workflows.law.calendar import DayKind, SpecialDay

DATA = Path(__file__).with_name("data") / "holidays.csv"
YEARS = (2000, 2100)


def shipped() -> dict[int, list[SpecialDay]]:
    """The years that come with the software: year -> its days, each with the notice it is from."""
    years: dict[int, list[SpecialDay]] = defaultdict(list)
    with DATA.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = table.parse_day(row["date"])
            if day is None:
                raise ValueError(f"{DATA.name}: {row['date']}")
            years[day.year].append(SpecialDay(day, DayKind(row["type"]), row["name"], row["source"]))
    return dict(years)


def seed(tx: Tx) -> list[int]:
    """Load the shipped years that are not there yet; returns them. Years an office confirmed stay untouched."""
    state = _lock(tx)
    known = set(tx.session.scalars(sa.select(CalendarYear.year)))
    fresh = {year: days for year, days in shipped().items() if year not in known}
    for year, days in sorted(fresh.items()):
        _write(tx, year, tuple(days), days[0].source, "系统（随软件附带）")
    if fresh:
        state.version += 1
        queries.forget()
        years = sorted(fresh)
        tx.record(
            "system", "calendar.seeded", f"装入 {'、'.join(map(str, years))} 年放假安排", year=years,
            sm3=sm3(DATA.read_bytes()),
        )  # fmt: skip
        recalculating.begin(tx, f"装入 {'、'.join(map(str, years))} 年放假安排")
    return sorted(fresh)


@command
def upload(tx: Tx, *, year: int, source: str, file_name: str, data: bytes) -> dict[str, Any]:
    """Read an uploaded year and keep it with its row-by-row report; it changes nothing until confirmed."""
    require_change(tx.actor)
    if not YEARS[0] <= year <= YEARS[1]:
        raise Refused("年度不正确，请填写四位年份。", fields={"year": "请填写四位年份，如 2027"})
    if not source.strip():
        message = "请填写依据，如国务院办公厅通知的文号或网址。"
        raise Refused(message, fields={"source": message})
    rows = table.read(data, year, source.strip())
    kept = _keep(tx, year, rows, source.strip(), file_name, sm3(data))
    bad = sum(bool(row.problem) for row in rows)
    tx.record(
        "system", "calendar.year_uploaded", f"上传 {year} 年放假安排 {len(rows)} 行，有问题 {bad} 行",
        year=year, file_name=kept.file_name, sm3=kept.sm3, rows=len(rows), problems=bad, number=kept.id,
    )  # fmt: skip
    return {"upload": kept.id}


@command
def propose(tx: Tx, *, year: int) -> dict[str, Any]:
    """Keep the year as the library `holidays` has it, marked as a proposal; like an upload it changes nothing.

    Refused where the library has no make-up days of the year: counting by statutory days alone would be guessing.
    """
    require_change(tx.actor)
    if not YEARS[0] <= year <= YEARS[1]:
        message = "年度不正确，请填写四位年份，如 2027。"
        raise Refused(message, fields={"proposed_year": message})
    found = proposing.propose(year)
    text = "\n".join(f"{row.day},{row.kind},{row.name}" for row in found.rows)
    kept = _keep(tx, year, found.rows, found.source, "（建议，没有文件）", sm3(text.encode()))
    kept.proposed = True
    tx.record(
        "system", "calendar.year_proposed", f"取得 {year} 年放假安排的建议 {len(found.rows)} 行，待与通知核对",
        year=year, source=found.source, rows=len(found.rows), number=kept.id,
    )  # fmt: skip
    return {"upload": kept.id}


def _keep(
    tx: Tx, year: int, rows: list[table.RowReport], source: str, file_name: str, digest: str
) -> CalendarUpload:
    kept = CalendarUpload(
        year=year,
        file_name=file_name[:200],
        sm3=digest,
        source=source[:300],
        rows=[row.as_dict() for row in rows],
        based_on=queries.version(tx.session),
        person_id=tx.actor.person_id,
        by=tx.actor.name,
        at=tx.now,
    )
    tx.session.add(kept)
    tx.session.flush()
    return kept


@command
def confirm(tx: Tx, *, upload_id: int, source: str = "") -> dict[str, Any]:
    """Make an uploaded year count: its days replace those the year had; every difference is recorded.

    A proposal takes the notice it was checked against (`source`). Open deadlines are then recalculated by a run.
    """
    require_change(tx.actor)
    state = _lock(tx)
    kept = _waiting(tx, upload_id)
    _checked_against(kept, source.strip())
    if any(row["problem"] for row in kept.rows):
        raise Refused("表里还有问题行，不能确认。请改好文件后重新上传。")
    if kept.based_on != state.version:
        raise Refused("您预览之后，放假安排已被改过。请重新上传，再看一遍差异后确认。")
    before = queries.read(tx.session)
    days = table.specials(kept.rows)
    differences = tuple(table.compare(queries.days_of(tx.session, kept.year), days))
    fresh = kept.year not in before.years
    _write(tx, kept.year, days, kept.source, tx.actor.name)
    state.version += 1
    kept.state = "confirmed"
    tx.session.flush()
    queries.forget()
    tx.record(
        "system", "calendar.year_confirmed",
        f"确认 {kept.year} 年放假安排" if fresh else f"更改 {kept.year} 年放假安排 {len(differences)} 天",
        year=kept.year, source=kept.source, file_name=kept.file_name, sm3=kept.sm3, number=kept.id,
        old={change.day.isoformat(): change.before for change in differences},
        new={change.day.isoformat(): change.after for change in differences},
    )  # fmt: skip
    change = hooks.YearChange(kept.year, fresh, differences, before, queries.read(tx.session))
    for hook in hooks.changed:
        hook(tx, change)
    run = (
        recalculating.begin(tx, f"{kept.year}年放假安排{'确认' if fresh else '变更'}")
        if differences
        else None
    )
    return {"year": kept.year, "days": len(differences), "fresh": fresh, "run": run}


def _checked_against(kept: CalendarUpload, source: str) -> None:
    """A proposal counts only with the notice somebody compared it with, which then is its source."""
    if not kept.proposed:
        return
    if not source:
        message = "这是软件的建议。请与国务院办公厅的通知逐日核对，并填写通知的文号或网址。"
        raise Refused(message, fields={"source": message})
    kept.source = source[:300]
    kept.rows = [row | {"source": kept.source} for row in kept.rows]


@command
def drop(tx: Tx, *, upload_id: int) -> dict[str, Any]:
    """Put an upload away without confirming it."""
    require_change(tx.actor)
    kept = _waiting(tx, upload_id)
    kept.state = "dropped"
    tx.record(
        "system",
        "calendar.upload_dropped",
        f"放弃上传的 {kept.year} 年放假安排",
        year=kept.year,
        number=kept.id,
    )
    return {"year": kept.year}


def _waiting(tx: Tx, upload_id: int) -> CalendarUpload:
    query = sa.select(CalendarUpload).where(CalendarUpload.id == upload_id).with_for_update()
    kept = tx.session.scalars(query.execution_options(populate_existing=True)).first()
    if kept is None:
        raise NotFound
    if kept.state != "waiting":
        raise Refused("这次上传已经确认或放弃过了。如需再改，请重新上传。")
    return kept


def _lock(tx: Tx) -> CalendarState:
    """The state row, locked: one change of the calendar at a time. Made on first use."""
    dialect: Any = sqlite if tx.session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(CalendarState.__table__).values(id=1, version=0).on_conflict_do_nothing()
    tx.session.execute(first)
    query = sa.select(CalendarState).where(CalendarState.id == 1).with_for_update()
    return tx.session.scalars(query.execution_options(populate_existing=True)).one()


def _write(tx: Tx, year: int, days: tuple[SpecialDay, ...], source: str, by: str) -> None:
    tx.session.execute(sa.delete(CalendarDay).where(CalendarDay.year == year))
    tx.session.merge(CalendarYear(year=year, source=source, confirmed_by=by, confirmed_at=tx.now))
    tx.session.flush()
    tx.session.execute(
        sa.insert(CalendarDay),
        [
            {"year": year, "day": s.day, "kind": s.kind.value, "name": s.name, "source": s.source}
            for s in days
        ],
    )
