"""Finding a request by its number or query code with a second factor, and what a citizen may see of it.

Wrong, unknown, foreign and closed are one answer. Which request a browser may see stands in its signed cookie as id and
moment, never in an address; it holds for half an hour.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import g, session
from sqlalchemy.orm import Session

from app.accounts.models import Installation
from app.core import personal, versions
from app.core.db import table_of
from app.core.errors import NotFound
from app.core.keys import Keyring
from app.core.now import wall
from app.documents.models import Attachment, StoredFile
from app.letters.drafting import REPLY_KINDS
from app.letters.models import Letter
from app.portal.forms import last_four
from app.portal.offering import offers
from app.requests import codes
from app.requests.models import Applicant, ClockEvent, Consultation, Fee, Incoming, Request

#: how long a query stays open in a browser
STAYS = timedelta(minutes=30)
#: letters to the applicant that go out on the way; replies follow when they have been served
ON_THE_WAY = ("L2", "L3", "L4", "L5", "L6", "L8", "L12")
REPLIES = tuple(sorted(REPLY_KINDS))
SUPPLIED = "supplied"

r, i, a = table_of(Request), table_of(Incoming), table_of(Applicant)
letter, fee, file, stored = table_of(Letter), table_of(Fee), table_of(Attachment), table_of(StoredFile)
event, asked = table_of(ClockEvent), table_of(Consultation)

_CODE = re.compile(r"[A-Z2-7]{16}")
_BRACKETS = str.maketrans(
    {"(": "〔", "[": "〔", "【": "〔", "{": "〔", ")": "〕", "]": "〕", "】": "〕", "}": "〕"}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed: `subject` is what wrong answers count against."""

    number: str
    code: str
    last: str

    @property
    def subject(self) -> str:
        """The number or code as it is compared."""
        return self.code or self.number


def read(number: str, last: str) -> Asked:
    """What was typed, in the writing of the office: width, blanks and brackets do not count."""
    text = "".join(c for c in unicodedata.normalize("NFKC", number) if c.isprintable() and not c.isspace())
    plain = re.sub(r"[-－—_]", "", text).upper()
    tail = last_four(unicodedata.normalize("NFKC", last))
    if _CODE.fullmatch(plain):
        return Asked(text.translate(_BRACKETS)[:60], plain, tail)
    return Asked(text.translate(_BRACKETS)[:60], "", tail)


def find(db: Session, keys: Keyring, said: Asked) -> int | None:
    """The request whose number or code and second factor these are; None for anything else. Two statements."""
    open_here = offers()
    subjects = [each.organ.id for each in open_here] or [0]
    offices = [each.organ.office_id or each.organ.id for each in open_here] or [0]
    incoming = sa.select(i.c.id).where(i.c.organ_id.in_(offices), i.c.number == said.number)
    which = [sa.and_(r.c.subject_id.in_(subjects), r.c.number == said.number), r.c.incoming_id.in_(incoming)]
    if said.code:
        which.append(r.c.query_code == codes.digest(said.code))
    query = (
        sa.select(r.c.id, a.c.phone_sealed, a.c.id_sealed)
        .join(a, a.c.id == r.c.applicant_id)
        .where(r.c.subject_id.in_(subjects), sa.or_(*which))
        .limit(5)
    )
    found = None
    rows = db.execute(query).all()
    for row in rows or [_NOBODY]:
        if _knows(keys, row, said.last) and found is None:
            found = row.id
    return found


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Costs what a real row costs, so that time does not tell whether a number exists."""

    id: None = None
    phone_sealed: bytes | None = None
    id_sealed: bytes | None = None


_NOBODY: Any = _Nobody()


def _knows(keys: Keyring, row: Any, last: str) -> bool:
    right = False
    for sealed in (row.phone_sealed, row.id_sealed):
        text = personal.unseal(
            keys, sealed if sealed is not None else personal.seal(keys, "nobody knows this")
        )
        tail = last_four(text) if sealed is not None else ""
        right |= len(last) == 4 and hmac.compare_digest(tail.encode(), last.encode())
    return right


# --- which request this browser may see ----------------------------------------------------------------------------


def admit(request_id: int) -> None:
    """Let this browser see the request for half an hour."""
    session["tracking"] = [request_id, int(wall().timestamp())]


def admitted() -> int:
    """The request this browser may see; NotFound when there is none or the time is over."""
    kept = session.get("tracking")
    if not isinstance(kept, list) or len(kept) != 2:
        raise NotFound("查询已经结束。请回到「查询进度」，重新填写编号或者查询码和后四位。")
    if not 0 <= wall().timestamp() - kept[1] <= STAYS.total_seconds():
        leave()
        raise NotFound("离上次查询超过 30 分钟，为保护您的信息已经结束。请重新查询。")
    return int(kept[0])


def leave() -> None:
    """End the query in this browser."""
    session.pop("tracking", None)


# --- what is read for the page: five statements with the versions ------------------------------------------------------


def bring_versions(db: Session) -> None:
    """The versions of directory and calendar in one statement, as a sign-in brings them (core/versions.py)."""
    if g.get("gongkai_org_version") is not None:
        return
    columns = [Installation.org_version, *(s.label(f"rider_{n}") for n, s in versions.RIDERS.items())]
    row = db.execute(sa.select(*columns).where(Installation.id == 1)).first()
    if row is not None:
        g.gongkai_org_version = row[0]
        versions.arrived(dict(zip(versions.RIDERS, row[1:], strict=True)))


_request = (
    sa.select(r, i.c.number.label("incoming_number"), i.c.kind.label("incoming_kind"), i.c.routed_to)
    .join(i, i.c.id == r.c.incoming_id, isouter=True)
    .where(r.c.id == sa.bindparam("request"))
)


def _text(column: Any = None) -> Any:
    return sa.cast(column if column is not None else sa.null(), sa.String(300))


def _day(column: Any = None) -> Any:
    return column if column is not None else sa.cast(sa.null(), sa.Date)


def _number(column: Any = None) -> Any:
    return column if column is not None else sa.cast(sa.null(), sa.BigInteger)


def _row(kind: str, id_: Any, *, label: Any = None, code: Any = None, number: Any = None, on: Any = None,
         until: Any = None, amount: Any = None, key: Any = None) -> list[Any]:  # fmt: skip
    return [
        sa.literal(kind).label("what"), id_.label("id"), _text(label).label("label"), _text(code).label("code"),
        _text(number).label("number"), _day(on).label("on"), _day(until).label("until"),
        _number(amount).label("amount"), _text(key).label("key"),
    ]  # fmt: skip


_CASE, _REQUEST = sa.bindparam("case", type_=sa.BigInteger), sa.bindparam("request", type_=sa.BigInteger)
_letters = sa.select(
    *_row("letter", letter.c.id, label=letter.c.title, code=letter.c.kind, number=letter.c.number, on=letter.c.dated_on,
          key=letter.c.pdf_hash)
).where(letter.c.case_id == _CASE, letter.c.state == "issued", letter.c.kind.in_((*ON_THE_WAY, *REPLIES)))  # fmt: skip
_fees = sa.select(
    *_row("fee", fee.c.id, code=fee.c.state, on=fee.c.sent_on, until=fee.c.due_on, amount=fee.c.yuan)
).where(fee.c.request_id == _REQUEST, fee.c.state.in_(("sent", "paid", "lapsed")))
_handed_in = sa.select(*_row("answer", i.c.id, label=i.c.note, number=i.c.number, on=i.c.arrived_on)).where(
    i.c.about_id == _REQUEST, i.c.kind == "supplement"
)
_files = (
    sa.select(*_row("file", file.c.id, label=file.c.name, amount=stored.c.size, key=file.c.file_hash))
    .join(stored, stored.c.hash == file.c.file_hash)
    .where(
        file.c.case_id == _CASE,
        file.c.field == SUPPLIED,
        file.c.state == "kept",
        file.c.replaced_by.is_(None),
    )
)
_papers = sa.union_all(_letters, _fees, _handed_in, _files).order_by("what", "id")
_events = (
    sa.select(event.c.data)
    .where(event.c.request_id == _REQUEST, event.c.voided.is_(False))
    .order_by(event.c.on, event.c.id)
)
_asked = (
    sa.select(asked.c.kind, asked.c.opinion, asked.c.sent_on, asked.c.delivered_on, asked.c.returned_on)
    .where(asked.c.request_id == _REQUEST, asked.c.sent_on.is_not(None))
    .order_by(asked.c.id)
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything a tracking page is made of: the request's row, its events, opinions asked for, and its papers."""

    request: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    asked: Sequence[Any]
    papers: Sequence[Any]

    def of(self, what: str) -> list[Any]:
        """Papers of one kind: letter, fee, answer, file."""
        return [row for row in self.papers if row.what == what]

    @property
    def letters(self) -> list[Any]:
        """Letters that may be read now: replies only once they have been served."""
        served = self.request["answered_on"] is not None
        return [row for row in self.of("letter") if served or row.code in ON_THE_WAY]

    @property
    def files(self) -> list[Any]:
        """The information itself, where it was to be had here and the reply has been served."""
        wanted = self.request["answered_on"] is not None and self.request["delivery"] == "electronic"
        return self.of("file") if wanted else []


def see(db: Session, request_id: int) -> Seen:
    """The request with all its page needs, in four statements; NotFound when it is not there or not to be seen here."""
    bring_versions(db)
    row = db.execute(_request, {"request": request_id}).mappings().first()
    if row is None or row["subject_id"] not in {each.organ.id for each in offers()}:
        raise NotFound()
    these = {"request": request_id, "case": row["case_id"]}
    return Seen(
        dict(row),
        list(db.scalars(_events, these)),
        db.execute(_asked, these).all(),
        db.execute(_papers, these).all(),
    )


def day_of(text: Any) -> date | None:
    """A day kept as text."""
    return date.fromisoformat(text) if text else None
