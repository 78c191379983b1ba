"""A request and its case come into being together: by intake, or because a decision orders to answer again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app import processes
from app.accounts.directory import OrganInfo, directory
from app.cases import higher
from app.cases.road import Journey
from app.cases.service import Submitted
from app.core.command import Tx
from app.requests import applicants, clocks, codes
from app.requests.kinds import CONFIRMED_CHANNELS, PROCESS
from app.requests.models import Matter, Request
from workflows.law import events


@dataclass(frozen=True)
class Application:
    """An application as it was made (条例29②). `confirmed_on` is set where both sides confirmed already."""

    subject_id: int
    content: str
    channel: str
    arrived_on: date
    supply: str = "any"
    delivery: str = "post"
    confirmed_on: date | None = None
    oral: bool = False
    suggests_open: bool = False
    mail_no: str = ""
    note: str = ""
    files: tuple[int, ...] = ()


@dataclass(frozen=True)
class Known:
    """An applicant the office keeps: the row, the kind of the annual report, the snapshot for the case."""

    id: int
    kind: str
    snapshot: dict[str, Any]


@dataclass(frozen=True)
class Order:
    """责令重新答复: the day by which, the decision or judgment that says so, the request it is about, the number it gets."""

    until: date
    document: str
    number: str
    earlier_id: int | None = None


def open_request(
    tx: Tx,
    organ: OrganInfo,
    application: Application,
    known: Known,
    *,
    case_no: str,
    incoming_id: int | None,
    order: Order | None = None,
    received: date | None = None,
    earlier_id: int | None = None,
) -> tuple[dict[str, Any], Journey]:
    """Insert the request with its case and send it on its way; ({request, code}, the journey). Authorised by the caller.

    An ordered one has its number and its day from the start and counts no new intake (domain.md 12.11). One split from
    another (`earlier_id`) was `received` when that one was.
    """
    made: dict[str, Any] = {}

    def prepare(case: dict[str, Any]) -> None:
        made.update(_insert(tx, case, organ, application, known, incoming_id, order, earlier_id))

    received = received or (application.arrived_on if order else received_on(application))
    opening = higher.Opening(
        number=case_no,
        title=title_of(application.content),
        organ_id=organ.id,
        unit_id=tx.actor.unit_id or _office_unit(organ),
        subject_id=application.subject_id,
        facts={"confirmed": received is not None},
        data={
            "received_on": received.isoformat() if received else "",
            "arrived_on": application.arrived_on.isoformat(),
            "corrected": False,
        },
        prepare=prepare,
    )
    files = {"application_files": application.files} if application.files else {}
    submitted = Submitted(
        answers={}, facts={}, personal={}, files=files, decision="", decision_label="", opinion=""
    )
    journey, _items = higher.open_case(tx, processes.active(PROCESS), opening, submitted, tx.actor.person_id)
    return made, journey


def _office_unit(organ: OrganInfo) -> int | None:
    """The unit of 工作机构, for what nobody of the office began (public site, platform): its head's, else the registrar's."""
    people = directory()
    posts = (people.post_in_organ(organ.id, kind) for kind in ("disclosure_head", "registrar"))
    holders = (person for post in posts if post is not None for person in people.holders(post.id))
    return next((person.unit_id for person in holders if person.unit_id is not None), None)


def _insert(
    tx: Tx,
    case: Mapping[str, Any],
    organ: OrganInfo,
    application: Application,
    known: Known,
    incoming_id: int | None,
    order: Order | None,
    earlier_id: int | None,
) -> dict[str, Any]:
    code = codes.query_code(tx.keys, case["id"])
    request = Request(
        case_id=case["id"],
        incoming_id=incoming_id,
        organ_id=organ.id,
        subject_id=application.subject_id,
        applicant_id=known.id,
        applicant_kind=known.kind,
        applicant=known.snapshot,
        number=order.number if order else None,
        year=application.arrived_on.year,
        channel=application.channel,
        arrived_on=application.arrived_on,
        title=title_of(application.content),
        content=application.content.strip(),
        content_key=applicants.content_key(application.content),
        supply=application.supply,
        delivery=application.delivery,
        oral=application.oral,
        suggests_open=application.suggests_open,
        counts=order is None,
        earlier_id=order.earlier_id if order else earlier_id,
        query_code=codes.digest(code),
        state="unconfirmed",
        sort_on=application.arrived_on,
        clock="unconfirmed",
        next_threshold_on=clocks.confirm_on(organ.id, application.arrived_on),
        created=tx.now,
    )
    tx.session.add(request)
    tx.session.flush()
    tx.session.add(
        Matter(
            request_id=request.id, seq=1, text=application.content.strip(), grounds=[], facts={}, at=tx.now
        )
    )
    if order is not None:
        ordered = events.Ordered(on=application.arrived_on, until=order.until, document=order.document)
        clocks.add(tx, request, ordered)
    tx.session.flush()
    return {"request": request.id, "code": code}


def received_on(application: Application) -> date | None:
    """收到申请之日 where it is known at registration (条例31); None: to be confirmed with the applicant first."""
    if application.channel in CONFIRMED_CHANNELS:
        return application.confirmed_on
    return application.arrived_on


def title_of(content: str) -> str:
    """The first line of a request, for lists."""
    first = next((line.strip() for line in content.splitlines() if line.strip()), "")
    return first if len(first) <= 80 else first[:79] + "…"
