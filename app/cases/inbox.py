"""待办 of a person: one bounded SELECT per post, merged; filters and the counts above them. Rows only.

`ORDER BY … LIMIT` arms over the partial indexes of `work_items` cost the same at a thousand and at a million open items
(design.md 4); a filter narrows every arm, and a search first finds the cases.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context
from sqlalchemy.orm import Session

from app import calendar
from app.cases import queries, searching
from app.cases.models import Case, WorkItem
from app.cases.queries import COUNT_CAP, PAGE, Page
from app.core.actor import Actor
from app.core.db import table_of
from app.core.errors import NotFound
from app.core.now import today
from app.documents.models import Document

Shape = tuple[tuple[str, bool, bool], ...]

c, w, d = table_of(Case), table_of(WorkItem), table_of(Document)
#: what a step may be counted as (its setting `desk`; a step that signs is `sign`) -> words
DESKS: Mapping[str, str] = {
    "sign": "待签发",
    "seal": "待用印寄送",
    "publish": "待发布",
    "confirm": "待确认",
}
DUES: Mapping[str, str] = {"today": "今日到期", "soon": "3日内", "late": "已超期"}
#: working days ahead that count as soon (glossary A)
SOON = 3


@dataclass(frozen=True)
class Asked:
    """What the inbox is asked for: `due` of DUES, `desk` of DESKS, `step` as `<process>/<step>`, `text` anywhere."""

    due: str = ""
    desk: str = ""
    step: str = ""
    text: str = ""

    @property
    def params(self) -> dict[str, Any]:
        """As parameters of the page's address; empty ones left out."""
        return {("q" if key == "text" else key): value for key, value in asdict(self).items() if value}


def read(args: Mapping[str, str]) -> Asked:
    """The filter an address carries; unknown words ask for nothing."""
    due, desk, step = args.get("due", ""), args.get("desk", ""), args.get("step", "")
    return Asked(
        due if due in DUES else "",
        desk if desk in DESKS else "",
        step[:110] if step.count("/") == 1 else "",
        args.get("q", "").strip()[:100],
    )


# --- statements --------------------------------------------------------------------------------------------------


def _arms(shape: Shape, limit: int, wanted: tuple[Any, ...], *columns: Any) -> list[Any]:
    """One bounded SELECT per arm of `queries.reach`; literals match the indexes."""
    arms = []
    for place, (what, some_posts, some_kinds) in enumerate(shape):
        arm = sa.select(*columns).where(w.c.status == sa.literal_column("'open'"), *wanted)
        if what == "handed":
            arm = arm.where(w.c.id.in_(sa.bindparam(f"n{place}", expanding=True)))
        elif what == "held":
            arm = arm.where(w.c.holder_id == sa.bindparam(f"n{place}"))
        else:
            arm = arm.where(w.c.post_id == sa.bindparam(f"n{place}"), w.c.holder_id.is_(None))
        if some_posts:
            arm = arm.where(w.c.post_id.in_(sa.bindparam(f"posts{place}", expanding=True)))
        if some_kinds:
            kinds = c.c.process_key.in_(sa.bindparam(f"kinds{place}", expanding=True))
            arm = arm.where(sa.exists().where(c.c.id == w.c.case_id, kinds))
        arms.append(arm.order_by(w.c.due_on, w.c.id).limit(limit))
    return arms


def _merged(arms: list[Any]) -> Any:
    parts: list[Any] = [arm.subquery(f"a{number}").select() for number, arm in enumerate(arms)]
    whole: Any = sa.union_all(*parts) if len(parts) > 1 else parts[0]
    return whole.subquery("z")


def _day(name: str) -> Any:
    return sa.bindparam(name, type_=sa.Date)


def _wanted(due: str, desk: bool, step: bool, cases: bool, keyset: bool) -> tuple[Any, ...]:
    found: list[Any] = []
    if due == "late":
        found.append(w.c.due_on < _day("today"))
    elif due == "today":
        found.append(w.c.due_on == _day("today"))
    elif due == "soon":
        found += [w.c.due_on > _day("today"), w.c.due_on <= _day("soon")]
    if desk:
        found.append(w.c.desk == sa.bindparam("desk"))
    if step:
        found += [w.c.process_key == sa.bindparam("process"), w.c.step == sa.bindparam("step")]
    if cases:
        found.append(w.c.case_id.in_(sa.bindparam("cases", expanding=True)))
    if keyset:
        found.append(sa.tuple_(w.c.due_on, w.c.id) > sa.tuple_(_day("due"), sa.bindparam("after")))
    return tuple(found)


@functools.lru_cache(512)
def _rows(shape: Shape, wanted: tuple[Any, ...], limit: int) -> Any:
    merged = _merged(_arms(shape, limit, _wanted(*wanted), w))
    top = sa.select(merged).order_by(merged.c.due_on, merged.c.id).limit(limit).subquery("i")
    return (
        sa.select(
            top,
            c.c.number,
            c.c.title,
            c.c.organ_id.label("case_organ_id"),
            c.c.process_key.label("case_process"),
            c.c.version_id,
            d.c.number.label("doc_no"),
            c.c.suspended_at,
            c.c.authors,
        )
        .join(c, c.c.id == top.c.case_id)
        .outerjoin(d, d.c.id == c.c.document_id)
        .order_by(top.c.due_on, top.c.id)
    )


@functools.lru_cache(256)
def _counted(shape: Shape, *more: Any) -> Any:
    z = _merged(_arms(shape, COUNT_CAP, (), w.c.due_on, w.c.desk))

    def count(condition: Any, name: str) -> Any:
        return sa.func.count().filter(condition).label(name)

    return sa.select(
        sa.func.count().label("all"),
        count(z.c.due_on < _day("today"), "late"),
        count(z.c.due_on == _day("today"), "today"),
        count(sa.and_(z.c.due_on > _day("today"), z.c.due_on <= _day("soon")), "soon"),
        *(count(z.c.desk == desk, desk) for desk in DESKS),
        *more,
    ).select_from(z)


@functools.lru_cache(256)
def _number(shape: Shape) -> Any:
    return sa.select(sa.func.count()).select_from(_merged(_arms(shape, COUNT_CAP, (), w.c.id)))


# --- what pages ask ----------------------------------------------------------------------------------------------


def soon_until(day: date) -> date:
    """The last day that counts as soon; natural days where the calendar ends."""
    return calendar.current().add_workdays(day, SOON).date or day + timedelta(days=SOON + 2)


def _days() -> dict[str, date]:
    return {"today": today(), "soon": soon_until(today())}


def page(session: Session, actor: Actor, asked: Asked, after: str | None = None, *, most: int = PAGE) -> Page:
    """Open items of a person, soonest first. `after` is the key of the last row seen: `<due>_<id>`."""
    mine = queries.reach(actor)
    params: dict[str, Any] = dict(mine.params) | (_days() if asked.due else {})
    if after:
        due, _, item = after.partition("_")
        try:
            params |= {"due": date.fromisoformat(due), "after": int(item)}
        except ValueError:
            raise NotFound() from None
    if asked.desk:
        params["desk"] = asked.desk
    if asked.step:
        params |= dict(zip(("process", "step"), asked.step.split("/"), strict=True))
    if asked.text:
        params["cases"] = searching.cases(session, actor, asked.text)
        if not params["cases"]:
            return Page([], None)
    wanted = (asked.due, bool(asked.desk), bool(asked.step), bool(asked.text), bool(after))
    rows = session.execute(_rows(mine.shape, wanted, most + 1), params).mappings().all()
    key = f"{rows[most - 1]['due_on']}_{rows[most - 1]['id']}" if len(rows) > most else None
    return Page(rows[:most], key)


def counts(session: Session, actor: Actor, *more: Any) -> dict[str, Any]:
    """`all`, DUES and DESKS of what waits for a person: of the soonest thousand per post, never more.

    `more` are columns that come along (`:me` is the person).
    """
    mine = queries.reach(actor)
    values = mine.params | _days() | ({"me": actor.person_id} if more else {})
    found = dict(session.execute(_counted(mine.shape, *more), values).mappings().one())
    if has_request_context():
        g.inbox_count = found["all"]
    return found


def number(session: Session, actor: Actor) -> int:
    """How much waits for a person, for the menu; never counts beyond the cap per post."""
    if has_request_context() and "inbox_count" in g:
        return int(g.inbox_count)
    mine = queries.reach(actor)
    return int(session.execute(_number(mine.shape), mine.params).scalar_one())
