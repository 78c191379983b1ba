"""What a command knows of one request: read by one statement, kept current by whoever changes it.

The request with everything its clock is made of (events, opinions asked for) and its live fee. Actions of one step
share it through `Tx.memo`; pages have their own reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import sqlalchemy as sa

from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.requests.models import ClockEvent, Consultation, Fee, Request

e, c, f = table_of(ClockEvent), table_of(Consultation), table_of(Fee)


class Asked(Protocol):
    """Somebody whose opinion was asked for: a `Party`, or a row of `Consultation`."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def party(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def opinion(self) -> str | None: ...
    @property
    def sent_on(self) -> date | None: ...
    @property
    def delivered_on(self) -> date | None: ...
    @property
    def returned_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Party:
    """The dates of a consultation."""

    id: int
    kind: str
    party: str
    state: str
    opinion: str | None
    sent_on: date | None
    delivered_on: date | None
    returned_on: date | None


@dataclass(frozen=True, slots=True)
class Event:
    """A kept clock event; `data` as the law room writes it."""

    id: int
    kind: str
    on: date
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Charge:
    """信息处理费: the newest one that is not void. `yuan` whole yuan."""

    id: int
    mode: str
    quantity: int
    yuan: int
    derivation: Sequence[str]
    state: str
    due_on: date | None


@dataclass
class Docket:
    """A request as this command has it. `events` in the order they count, `parties` in the order they were added."""

    request: Request
    events: list[Event]
    parties: Sequence[Asked]
    fee: Charge | None
    _rows: list[Consultation] | None = None

    def newest(self, kind: str) -> Event | None:
        """The last kept event of a kind."""
        return max((event for event in self.events if event.kind == kind), key=_id, default=None)

    def add(self, event: Event) -> None:
        """An event that was just kept."""
        self.events = sorted([*self.events, event], key=_when)

    def consultations(self, tx: Tx) -> list[Consultation]:
        """The rows of 征求意见, to be changed; from now on their dates count. One statement, once."""
        if self._rows is None:
            query = sa.select(Consultation).where(Consultation.request_id == self.request.id)
            ordered = query.order_by(Consultation.id).execution_options(populate_existing=True)
            self._rows = list(tx.session.scalars(ordered))
            self.parties = self._rows
        return self._rows


def _when(event: Event) -> tuple[date, int]:
    return event.on, event.id


_EVENT = (e.c.id, e.c.kind, e.c.on, e.c.data)
_PARTY = (c.c.id, c.c.kind, c.c.party, c.c.state, c.c.opinion, c.c.sent_on, c.c.delivered_on, c.c.returned_on)
_FEE = (f.c.id, f.c.mode, f.c.quantity, f.c.yuan, f.c.derivation, f.c.state, f.c.due_on)


def _listing(many: Any, one: Any, plain: Any) -> Any:
    """Makes a column of JSON of the rows of a request; `many`, `one` are the database's functions for rows and a row."""

    def rows(columns: Sequence[Any], *conditions: Any) -> Any:
        row = one(*(plain(column) for column in columns))
        found = sa.select(many(row)).where(columns[0].table.c.request_id == Request.id, *conditions)
        return sa.type_coerce(found.scalar_subquery(), sa.JSON())

    return rows


def _statement(rows: Any) -> Any:
    """The request and three columns of JSON."""
    return (
        sa.select(
            Request,
            rows(_EVENT, sa.not_(e.c.voided)).label("events"),
            rows(_PARTY).label("parties"),
            rows(_FEE, f.c.state != "void").label("fees"),
        )
        .where(Request.case_id == sa.bindparam("case"))
        .execution_options(populate_existing=True)
    )


def _nested(column: Any) -> Any:
    """SQLite keeps JSON as text: taken as JSON, so that it is not quoted again."""
    return sa.func.json(column) if isinstance(column.type, sa.JSON) else column


def _as_it_is(column: Any) -> Any:
    return column


_lists = {
    "sqlite": _listing(sa.func.json_group_array, sa.func.json_array, _nested),
    "postgresql": _listing(sa.func.json_agg, sa.func.json_build_array, _as_it_is),
}
_read = {name: _statement(rows) for name, rows in _lists.items()}
#: per database: the columns `events` and `parties` of a SELECT over requests, what the clock is made of
CLOCKWORK = {
    name: (rows(_EVENT, sa.not_(e.c.voided)).label("events"), rows(_PARTY).label("parties"))
    for name, rows in _lists.items()
}


def clockwork(row: Any) -> tuple[list[Event], list[Party]]:
    """Events and parties of a row that has the columns CLOCKWORK."""
    events = sorted(map(_event, row.events or ()), key=_when)
    return events, sorted(map(_party, row.parties or ()), key=_id)


def of_case(tx: Tx, case_id: int) -> Docket:
    """The docket of a case whose row is locked already."""
    found: Docket | None = tx.memo.get((Docket, case_id))
    if found is None:
        statement = _read[tx.session.get_bind().dialect.name]
        row = tx.session.execute(statement, {"case": case_id}).first()
        if row is None:
            raise Refused("这个办件没有对应的申请，请联系系统管理员。")
        found = tx.memo[Docket, case_id] = Docket(
            row.Request,
            sorted(map(_event, row.events or ()), key=_when),
            sorted(map(_party, row.parties or ()), key=_id),
            max(map(_charge, row.fees or ()), key=_id, default=None),
        )
    return found


def _event(row: Sequence[Any]) -> Event:
    number, kind, on, data = row
    return Event(number, kind, date.fromisoformat(on), data)


def _party(row: Sequence[Any]) -> Party:
    number, kind, party, state, opinion, *days = row
    return Party(number, kind, party, state, opinion, *map(_day, days))


def _charge(row: Sequence[Any]) -> Charge:
    *values, due_on = row
    return Charge(*values, due_on=_day(due_on))  # type: ignore[misc]


def _id(row: Any) -> int:
    return int(row.id)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
