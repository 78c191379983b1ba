"""Reading the record for the auditor's pages. Rows are read raw (rows.py), so that a damaged one can be shown too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.audit import labels, rows, tree
from app.audit.models import AuditRun, Seal
from app.core.db import db
from app.core.now import SHANGHAI
from app.core.record import Record

PAGE = 50
LIKE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the auditor asked for; empty values do not filter. Dates are Shanghai dates, both included."""

    begins: date | None = None
    ends: date | None = None
    person: str = ""
    action: str = ""
    stream: str = ""
    stream_id: int | None = None
    result: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records, newest first; `before` continues it, `after` goes back towards the newest."""

    rows: list[Mapping[str, Any]]
    before: int | None
    after: int | None


_columns = [
    sa.type_coerce(Record.__table__.c[name], sa.types.NullType()).label(name) for name in tree.COLUMNS
]


def _conditions(wanted: Wanted) -> list[Any]:
    conditions: list[Any] = []
    if wanted.begins:
        conditions.append(Record.at >= _midnight(wanted.begins))
    if wanted.ends:
        conditions.append(Record.at < _midnight(wanted.ends + timedelta(days=1)))
    if wanted.person:
        conditions.append(Record.actor_name.like(f"%{wanted.person.translate(LIKE)}%", escape="\\"))
    if wanted.text:
        conditions.append(Record.summary.like(f"%{wanted.text.translate(LIKE)}%", escape="\\"))
    if wanted.action:
        conditions.append(_did(wanted.action))
    for column, value in (
        (Record.stream, wanted.stream),
        (Record.result, wanted.result),
    ):
        if value:
            conditions.append(column == value)
    if wanted.stream_id is not None:
        conditions.append(Record.stream_id == wanted.stream_id)
    return conditions


def _did(action: str) -> Any:
    """Records of an action: its own, and those of larger acts that it was part of."""
    if action not in labels.PARTS:
        return Record.action == action
    part = Record.body.contains(f'"action":"{action}"', autoescape=True)
    return sa.or_(Record.action == action, sa.and_(Record.stream == "case", part))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def page(wanted: Wanted, *, before: int | None = None, after: int | None = None) -> Page:
    """Up to 50 records older than `before` or newer than `after`, newest first.

    Within a period they come by their moments, over the index of sealed rows and the few that are not sealed yet:
    a period long ago costs what it holds, not what came after it.
    """
    timed = wanted.begins is not None or wanted.ends is not None
    query = _of_period(wanted, before, after) if timed else _by_number(wanted, before, after)
    found = list(db.session().execute(query).mappings())
    more, found = len(found) > PAGE, found[:PAGE]
    if after is not None:
        found.reverse()
    if not found:
        return Page([], None, None)
    newer = more if after is not None else before is not None
    older = True if after is not None else more
    return Page(
        [readable(row) for row in found],
        found[-1]["id"] if older else None,
        found[0]["id"] if newer else None,
    )


def _by_number(wanted: Wanted, before: int | None, after: int | None) -> Any:
    query = sa.select(*_columns).where(*_conditions(wanted)).limit(PAGE + 1)
    if after is not None:
        return query.where(Record.id > after).order_by(Record.id)
    query = query.order_by(Record.id.desc())
    return query if before is None else query.where(Record.id < before)


def _of_period(wanted: Wanted, before: int | None, after: int | None) -> Any:
    place, edge = sa.tuple_(Record.at, Record.id), before if after is None else after
    conditions = _conditions(wanted)
    if edge is not None:
        here = sa.tuple_(sa.select(Record.at).where(Record.id == edge).scalar_subquery(), sa.literal(edge))
        conditions.append(place < here if after is None else place > here)
    order = (Record.at.desc(), Record.id.desc()) if after is None else (Record.at, Record.id)
    arms = [
        sa.select(sa.select(*_columns).where(sealed, *conditions).order_by(*order).limit(PAGE + 1).subquery())
        for sealed in (Record.sealed_in.is_not(None), Record.sealed_in.is_(None))
    ]
    both = sa.union_all(*arms).subquery()
    merged = (both.c.at.desc(), both.c.id.desc()) if after is None else (both.c.at, both.c.id)
    return sa.select(both).order_by(*merged).limit(PAGE + 1)


def readable(row: rows.Row) -> Mapping[str, Any]:
    """A raw row as a page shows it: the moment in Shanghai, the body as a dict, both forgiving."""
    at = tree.moment(row["at"])
    try:
        body = orjson.loads(row["body"])
    except (ValueError, TypeError):
        body = {"（无法读出）": str(row["body"])[:2000]}
    return {
        **row,
        "at": datetime.fromisoformat(at).astimezone(SHANGHAI) if at else None,
        "body": body if isinstance(body, dict) else {"": body},
    }


def record(record_id: int) -> rows.Row | None:
    """One record row, raw."""
    query = sa.select(*_columns).where(Record.id == record_id)
    return db.session().execute(query).mappings().first()


def neighbour(row: rows.Row, step: int) -> int | None:
    """The id of the record before (-1) or after (1) a row in its stream."""
    query = sa.select(Record.id).where(
        Record.stream == row["stream"], Record.stream_id == row["stream_id"], Record.seq == row["seq"] + step
    )
    return db.session().scalar(query)


def previous_mac(row: rows.Row) -> str | None:
    """The mac of the record before a row in its stream; zeros before the first, None when it is missing."""
    if row["seq"] == 1:
        return tree.ZERO
    query = sa.select(Record.mac).where(
        Record.stream == row["stream"], Record.stream_id == row["stream_id"], Record.seq == row["seq"] - 1
    )
    return db.session().scalar(query)


def actions() -> list[str]:
    """The actions that may stand in the record, from their names: the rows themselves are not asked."""
    return sorted(labels.PARTS.union(labels.ACTION_LABELS))


def seal(number: int | None) -> Any:
    """A seal's number, moment and count."""
    if number is None:
        return None
    return db.session().execute(sa.select(Seal.id, Seal.at, Seal.count).where(Seal.id == number)).first()


def newest_seals(most: int = 10) -> list[Any]:
    """The last seals, newest first."""
    query = sa.select(Seal.id, Seal.at, Seal.count, Seal.first_id, Seal.last_id, Seal.root)
    return list(db.session().execute(query.order_by(Seal.id.desc()).limit(most)))


def unsealed(most: int = 1000) -> int:
    """How many rows lie under no seal yet, counted up to `most`."""
    some = sa.select(Record.id).where(Record.sealed_in.is_(None)).limit(most).subquery()
    return db.session().scalar(sa.select(sa.func.count()).select_from(some)) or 0


def runs(most: int = 20) -> list[AuditRun]:
    """The last verifications, newest first."""
    return list(db.session().scalars(sa.select(AuditRun).order_by(AuditRun.id.desc()).limit(most)))


def run(run_id: int) -> AuditRun | None:
    """One verification."""
    return db.session().get(AuditRun, run_id)


def last_finished(session: Session) -> AuditRun | None:
    """The last verification that came to an end."""
    query = sa.select(AuditRun).where(AuditRun.ended_at.is_not(None)).order_by(AuditRun.id.desc())
    return session.scalars(query.limit(1)).first()
