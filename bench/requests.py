"""What requests cost in the background: reminders whatever is open, and a recalculation after a calendar change."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import calendar, create_app
from app.accounts.directory import directory
from app.calendar import recalculating, service, table
from app.cases.models import Case, WorkItem
from app.core import now
from app.core.actor import SYSTEM
from app.core.db import db
from app.notices.models import Notice
from app.requests import reminding
from app.requests.models import Request
from bench.filling import BATCH, copy_rows, numbers_of, settle
from bench.offices import TODAY, Office, Offices
from bench.report import Report, say
from bench.steps import LABELS
from tests.support.requests import put_request

FEW, DUE, MOST_GROWTH = 1_000, 50, 2
#: received so that five working days are left today
REMINDED = date(2026, 11, 2)


_apps: dict[str, Flask] = {}


@contextmanager
def inside(office: Office) -> Iterator[Flask]:
    """The application of an office in this process, as its worker runs it; made once per office."""
    key = str(office.settings.data)
    if key not in _apps:
        _apps[key] = create_app(office.settings, TESTING=True, WTF_CSRF_ENABLED=False)
    with _apps[key].app_context():
        yield _apps[key]
        db.session.remove()
        db.engine.dispose()


def fill(office: Office, number: int, *, received_on: date, due: int) -> None:
    """Add `number` open requests with case and item, copies of one; `due` of them are to be reminded of today."""
    with inside(office):
        first = put_request(SYSTEM, office.city, received_on=received_on, holder="wen")
    tables = ("cases", "work_items", "requests")
    base = max(int(office.ask(f"SELECT max(id) FROM {name}")) for name in tables) + 1
    later = (now.today() + timedelta(days=1)).isoformat()
    day = f"DATE '{later}'" if office.kind == "postgresql" else f"'{later}'"
    state = "CAST('x' AS bytea)" if office.kind == "postgresql" else "x'78'"
    ids = {"id": ":base + s.n", "number": "'多〔' || (:base + s.n) || '〕'"}
    rows = numbers_of(office.kind)
    looked = f"CASE WHEN s.n < :due THEN o.next_threshold_on ELSE {day} END"
    statements = [
        copy_rows(Case, rows, "o.id = :case", ids | {"state": state}),
        copy_rows(WorkItem, rows, "o.id = :item", {"id": ":base + s.n", "case_id": ":base + s.n"}),
        copy_rows(
            Request, rows, "o.id = :request", ids | {"case_id": ":base + s.n", "next_threshold_on": looked}
        ),
    ]
    values: dict[str, Any] = {"base": base, "due": due, "case": first.case, "item": first.item}
    values["request"] = first.request
    with office.engine.connect() as raw:
        level = "READ COMMITTED" if office.kind == "postgresql" else "SERIALIZABLE"
        connection = raw.execution_options(isolation_level=level)
        for begin in range(0, number - 1, BATCH):
            span = values | {"begin": begin, "end": min(number - 1, begin + BATCH) - 1}
            for text in statements:
                wanted = {name: value for name, value in span.items() if f":{name}" in text}
                connection.execute(sa.text(text), wanted)
        connection.execute(sa.text("UPDATE requests SET told = '[]'"))
        if due == 0:
            connection.execute(sa.text("UPDATE requests SET next_threshold_on = NULL"))
        connection.commit()
    settle(office, Case, WorkItem, Request, Notice)


def remind(report: Report, offices: Offices, kind: str, *, many: int, rounds: int) -> None:
    """The same fifty due requests, in an office with 1,000 open ones and in one with `many`, in turns."""
    name = LABELS[kind]
    both = {size: offices.make(kind, f"requests-{size}") for size in (FEW, many)}
    for size, office in both.items():
        began = time.monotonic()
        fill(office, size, received_on=REMINDED, due=DUE - 1)
        say(f"  填入 {size:,} 件申请（{name}）：{time.monotonic() - began:.0f} 秒")
    seen: dict[int, list[float]] = {size: [] for size in both}
    for turn in range(-2, rounds):
        for size, office in both.items():
            seconds = _remind_once(office)
            if turn >= 0:
                seen[size].append(seconds * 1000)
    medians = {size: statistics.median(found) for size, found in seen.items()}
    words = f"期限提醒：{DUE} 件到期，在办 {many:,} 件的用时是 {FEW:,} 件的几倍（{name}）"
    report.most(f"requests.{kind}.remind", words, medians[many] / medians[FEW], MOST_GROWTH, "倍")
    report.details[f"requests.{kind}.remind"] = {
        "due": DUE,
        "wall_ms": {str(size): round(value, 1) for size, value in medians.items()},
    }


def _remind_once(office: Office) -> float:
    """Seconds of telling fifty, from an untold state; what was told is taken back before."""
    office.run("DELETE FROM notices WHERE dedupe LIKE 'foi:%'")
    text = "UPDATE requests SET told = '[]', next_threshold_on = :today WHERE next_threshold_on <= :soon AND told <> '[]'"
    if office.kind == "postgresql":
        text = text.replace("told <> '[]'", "CAST(told AS text) <> '[]'")
        text = text.replace(":today", "CAST(:today AS date)").replace(":soon", "CAST(:soon AS date)")
    office.run(text, today=TODAY, soon="2026-12-31")
    with inside(office):
        directory(), calendar.current()  # as a worker has them that runs for a minute
        began, told = time.perf_counter(), 0
        while count := reminding.remind(SYSTEM):
            told += count
        seconds = time.perf_counter() - began
    if told != DUE:
        raise RuntimeError(f"{told} requests were due, not {DUE}")
    return seconds


def recalculate(report: Report, offices: Offices, kind: str, *, many: int) -> None:
    """A day off more in December moves every open request; the run is stopped half-way and goes on."""
    name = LABELS[kind]
    office = offices.make(kind, "recalculation")
    fill(office, many, received_on=date(2026, 11, 23), due=0)
    with inside(office):
        run = _change(office)
        batches, stopped_at = [], None
        began = time.monotonic()
        while True:
            before = time.perf_counter()
            more = recalculating.step(SYSTEM, run_id=run)
            batches.append((time.perf_counter() - before) * 1000)
            if not more:
                break
            if stopped_at is None and len(batches) * recalculating.BATCH >= many // 2:
                stopped_at = _stop_and_go_on(office, run)
        seconds = time.monotonic() - began
    state, done, moved = office.engine.connect().execute(
        sa.text("SELECT state, done, moved FROM calendar_runs WHERE id = :r"), {"r": run}
    ).one()  # fmt: skip
    noted = office.ask("SELECT count(*) FROM records WHERE action = 'request.recalculated'")
    words = f"日历变更后重算 {many:,} 件在办申请，中途停下再接着算（{name}）"
    report.exactly(f"requests.{kind}.recalculated", words, int(moved), many, "件")
    whole = state == "done" and int(noted) == many and stopped_at is not None and 0 < stopped_at < many
    report.exactly(
        f"requests.{kind}.recalculation_whole", f"停下有效，每件的变化都有记录（{name}）", whole, True
    )
    report.details[f"requests.{kind}.recalculation"] = {
        "requests": int(done),
        "seconds": round(seconds, 1),
        "per_request_ms": round(seconds * 1000 / max(int(done), 1), 2),
        "batch": recalculating.BATCH,
        "longest_batch_ms": round(max(batches)),
        "median_batch_ms": round(statistics.median(batches)),
        "stopped_at": stopped_at,
    }


def _change(office: Office) -> int:
    """Confirm 2026 with one day off more; the run that follows."""
    days = service.queries.days_of(db.session(), 2026)
    text = table.write(days) + "2026-12-14,周一,节日,地方放假,测速\r\n"
    who = office.city.actor("qiao")
    made = service.upload(who, year=2026, source="测速", file_name="2026.csv", data=text.encode())
    return int(service.confirm(who, upload_id=made["upload"])["run"])


def _stop_and_go_on(office: Office, run: int) -> int:
    """停下: a further step does nothing; then 接着算. How many were done when it stopped."""
    who = office.city.actor("qiao")
    recalculating.stop(who, run_id=run)
    before = int(office.ask("SELECT done FROM calendar_runs WHERE id = :r", r=run))
    if recalculating.step(SYSTEM, run_id=run):
        raise RuntimeError("a stopped run went on")
    after = int(office.ask("SELECT done FROM calendar_runs WHERE id = :r", r=run))
    if before != after:
        raise RuntimeError("a stopped run went on")
    recalculating.resume(who, run_id=run)
    return before
