"""复议答复、应诉举证 that come due: told as the days of a reply are, by the same reading of occasions (`watching`).

10 or 5 working days (复议法48, 54, 88②), 15 natural days (行诉法67①): a late answer counts as no evidence, so whoever answers is told
while there is still time, and the head of 工作机构 of what is late. The cost is what is due: one index over `watch_on`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app import calendar
from app.accounts.directory import directory
from app.cases import beside
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.now import business_date
from app.core.record import Entry
from app.notices.service import Note, enqueue
from app.requests import appeals, clocks, watching
from app.requests.models import Appeal, Request
from app.requests.watching import ONE_DAY, Occasion
from workflows.law.calendar import Calendar, YearNotConfirmed

BATCH = 50

a, r = table_of(Appeal), table_of(Request)
_rows = (
    sa.select(a, r.c.case_id)
    .outerjoin(r, r.c.id == a.c.request_id)
    .where(a.c.watch_on.is_not(None), a.c.watch_on <= sa.bindparam("today", type_=sa.Date))
    .order_by(a.c.watch_on, a.c.id)
    .limit(BATCH)
)
_put = (
    sa.update(a)
    .where(a.c.id == sa.bindparam("k"))
    .values(watch_on=sa.bindparam("v_watch_on"), told=sa.bindparam("v_told", type_=sa.JSON))
)


def occasions(row: Mapping[Any, Any] | Appeal, days: Calendar, today: date) -> list[Occasion]:
    """Every day on which somebody is told of an answer that is still owed; none without a known last day."""
    said = row if isinstance(row, Mapping) else {c.name: getattr(row, c.name) for c in a.columns}
    due, kind = said["answer_due_on"], said["kind"]
    if due is None or said["answered_on"] is not None or said["result"] != "pending":
        return []
    unit = appeals.period(kind, said["track"]).unit
    word, what = ("个工作日" if unit == "workday" else "天（自然日）"), appeals.WORK[kind]
    found = []
    for left in sorted({*clocks.law_settings(said["organ_id"]).reminders, 0}, reverse=True):
        on = _before(days, due, left, unit)
        if on is not None and on > said["copy_on"]:
            text = f"{what}剩 {left} {word}（{due} 届满）" if left else f"{what}今日到期"
            found.append(Occasion(on, f"answer:{due}:{left}", text, "answer"))
    for times, on in watching.repeats(due, today):
        text = f"{what}已过期限（{due} 届满），至今没有登记提交"
        found.append(Occasion(on, f"answer_late:{due}:{times}", text, "answer", late=True))
    return found


def _before(days: Calendar, due: date, left: int, unit: str) -> date | None:
    if unit != "workday":
        return due - timedelta(days=left)
    try:
        return days.before(due, left)
    except YearNotConfirmed:
        return None


@command
def press(tx: Tx) -> int:
    """Tell what has come due, at most a batch; how many were looked at. What is locked is left for the next time."""
    today = business_date(tx.now)
    rows = tx.session.execute(_rows, {"today": today}).mappings().all()
    if not rows:
        return 0
    cases = sorted({row["case_id"] for row in rows if row["case_id"] is not None})
    heads = beside.lock(tx, cases, wait=False) if cases else {}
    notes: list[Note] = []
    entries: list[tuple[dict[str, Any], Entry]] = []
    kept = []
    for row in rows:
        if row["case_id"] is not None and row["case_id"] not in heads:
            continue
        found = occasions(row, calendar.current(), today)
        for occasion in watching.due_now(found, row["told"] or (), today):
            notes += _notes(row, occasion)
            _keep(tx, entries, heads, row, occasion)
        told = watching.told_after(found, row["told"] or (), today)
        following = watching.following(found, told, today)
        later = max(following, today + ONE_DAY) if following else None
        kept.append({"k": row["id"], "v_watch_on": later, "v_told": told})
    if kept:
        tx.session.execute(_put, kept)
    beside.note_all(tx, entries)
    enqueue(tx, notes)
    return len(kept)


def _keep(
    tx: Tx,
    entries: list[tuple[dict[str, Any], Entry]],
    heads: Mapping[int, dict[str, Any]],
    row: Mapping[Any, Any],
    occasion: Occasion,
) -> None:
    """Every telling stands in the record: of the case, or of the organ where there is none."""
    summary = f"系统提醒：{row['case_no']}{occasion.text}"
    body = {"appeal": row["id"], "due_on": row["answer_due_on"], "key": occasion.key}
    if row["case_id"] is None:
        tx.record("organ", "appeal.remind", summary, stream_id=row["organ_id"], **body)
    else:
        entries.append((heads[row["case_id"]], Entry("appeal.remind", summary, body)))


def _notes(row: Mapping[Any, Any], occasion: Occasion) -> list[Note]:
    people = directory()
    kinds = [appeals.answerer(row["organ_id"]), *(("disclosure_head",) if occasion.late else ())]
    posts = {post.id: post for kind in kinds if (post := people.post_in_organ(row["organ_id"], kind))}
    return [
        Note(
            kind="overdue" if occasion.late else "due",
            text=f"{occasion.text}：{row['case_no']}"[:400],
            url=f"/requests/appeals/{row['id']}",
            person_id=None,
            post_id=number,
            dedupe=f"appeal:{row['id']}:{occasion.key}:o{number}",
        )
        for number in posts
    ]
