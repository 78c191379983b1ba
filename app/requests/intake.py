"""接收登记: everything that arrives becomes a 来件 first; an application among them becomes a case (domain.md 12.2).

Nothing is refused for its form: a person or a letter is always taken in (国办公开办函〔2017〕19号), and what is missing is
asked for by the correction step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.accounts.directory import OrganInfo, directory
from app.cases import higher
from app.cases.road import closing
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.documents import numbering
from app.requests import applicants
from app.requests.applicants import CONTENT, Said
from app.requests.kinds import CHANNELS, DELIVERY, INCOMING, PROCESS, SUPPLY
from app.requests.models import Applicant, Incoming
from app.requests.opening import Application, Known, open_request

SERIES_INCOMING = "incoming"
#: posts that take in what arrives
INTAKE = ("registrar", "disclosure_head")


@dataclass(frozen=True)
class Arrival:
    """What arrived: on which day, by which way, from whom, what it says."""

    kind: str
    channel: str
    arrived_on: date
    sender: str
    summary: str
    mail_no: str = ""
    note: str = ""


@command
def register(
    tx: Tx, *, said: Said, application: Application, incoming_id: int | None = None
) -> dict[str, Any]:
    """接收登记 an application: the 来件 (or the one registered before), the applicant, the case, and its first steps.

    Returns {case, request, incoming, number, code, said}. Raises NotAllowed (no intake post), Refused (dates, texts).
    """
    organ = _office(tx, application.subject_id)
    return begin(tx, organ, said, application, incoming_id)


def begin(
    tx: Tx, organ: OrganInfo, said: Said, application: Application, incoming_id: int | None = None
) -> dict[str, Any]:
    """`register` for commands that have authorised already (the public site, an import)."""
    check(application, business_date(tx.now))
    incoming = _incoming_for(tx, organ, said, application, incoming_id)
    known = Known(applicants.keep(tx, organ.id, said), said.kind, applicants.snapshot(said))
    made, journey = open_request(
        tx, organ, application, known, case_no=incoming.number, incoming_id=incoming.id
    )
    incoming.case_id = journey.case["id"]
    incoming.kind = "request"
    return {
        "case": journey.case["id"],
        "request": made["request"],
        "incoming": incoming.id,
        "number": journey.case["number"],
        "code": made["code"],
        "said": closing(journey, "已登记。"),
    }


def _office(tx: Tx, subject_id: int) -> OrganInfo:
    """The handling organ of an answering subject; the actor must take in for it."""
    people = directory()
    subject = people.organs.get(subject_id)
    if subject is None:
        raise NotFound()
    organ = people.organ(subject.office_id or subject.id)
    if not any(tx.actor.acts_as(kind, organ.id, PROCESS) for kind in INTAKE):
        raise NotAllowed("接收登记由受理登记岗办理。如工作需要，请联系本单位的单位管理员。")
    return organ


def check(application: Application, today: date) -> None:
    """Raise Refused with a sentence per field that cannot be taken."""
    wrong: dict[str, str] = {}
    if application.channel not in CHANNELS:
        wrong["channel"] = "请选择来件方式。"
    if application.arrived_on > today:
        wrong["arrived_on"] = f"到达日期不能晚于今天（{today:%Y-%m-%d}），请核对。"
    confirmed = application.confirmed_on
    if confirmed and confirmed > today:
        wrong["confirmed_on"] = f"确认日期不能晚于今天（{today:%Y-%m-%d}），请核对。"
    elif confirmed and confirmed < application.arrived_on:
        wrong["confirmed_on"] = "确认日期不能早于到达日期，请核对。"
    content = application.content.strip()
    if not content:
        wrong["content"] = "请写明所申请信息的名称、文号或者其他特征性描述（条例第二十九条）。"
    elif len(content) > CONTENT:
        wrong["content"] = f"最多 {CONTENT} 个字，现在有 {len(content)} 个。更长的内容请作为附件上传。"
    elif not applicants.visible(content):
        wrong["content"] = "含有看不见的控制字符，请重新输入。"
    if application.supply not in SUPPLY:
        wrong["supply"] = "请选择提供形式。"
    if application.delivery not in DELIVERY:
        wrong["delivery"] = "请选择获取途径。"
    if wrong:
        raise Refused("登记内容还有要改的地方，见标红处。", fields=wrong)


def _incoming_for(
    tx: Tx, organ: OrganInfo, said: Said, application: Application, incoming_id: int | None
) -> Incoming:
    if incoming_id is not None:
        incoming = tx.session.get(Incoming, incoming_id, with_for_update=True)
        if incoming is None or incoming.organ_id != organ.id:
            raise NotFound()
        if incoming.case_id is not None or incoming.about_id is not None:
            raise Refused(
                f"来件「{incoming.number}」已经有办件，不能再登记为申请。请从「来件」打开它的办件。"
            )
        if incoming.kind not in ("undetermined", "request"):
            _determined_anew(tx, organ, incoming)
        return incoming
    arrival = Arrival(
        "request", application.channel, application.arrived_on, said.name, application.content,
        application.mail_no, application.note,
    )  # fmt: skip
    return take(tx, organ, arrival)


def _determined_anew(tx: Tx, organ: OrganInfo, incoming: Incoming) -> None:
    """What was taken for something else turns out to be an application: nobody has to send it a second time."""
    old, incoming.routed_to, incoming.routed_on = incoming.kind, None, None
    summary = f"{tx.actor.name} 将来件 {incoming.number} 由{INCOMING[old]}改为申请"
    tx.record(
        "organ",
        "incoming.determine",
        summary,
        stream_id=organ.id,
        incoming=incoming.id,
        old=old,
        new="request",
    )


def take(tx: Tx, organ: OrganInfo, arrival: Arrival) -> Incoming:
    """A 来件 with the next number of its organ, in the open transaction; the caller has checked and records."""
    year = business_date(tx.now).year
    n = numbering.assign(tx, SERIES_INCOMING, organ.id, year)
    incoming = Incoming(
        organ_id=organ.id,
        number=f"{organ.short_name}来件〔{year}〕{n}号",
        kind=arrival.kind,
        channel=arrival.channel,
        arrived_on=arrival.arrived_on,
        sender=arrival.sender[:100],
        mail_no=arrival.mail_no or None,
        summary=arrival.summary,
        note=arrival.note or None,
        by=tx.actor.person_id,
        at=tx.now,
    )
    tx.session.add(incoming)
    tx.session.flush()
    return incoming


# --- 来件 that are no applications ------------------------------------------------------------------------------


@command
def take_in(tx: Tx, *, arrival: Arrival, about_id: int | None = None) -> dict[str, Any]:
    """Register something that arrived, whatever it will turn out to be; {incoming, number, said}."""
    organ = _own_office(tx)
    today = business_date(tx.now)
    wrong: dict[str, str] = {}
    if arrival.kind not in INCOMING:
        wrong["kind"] = "请选择来件类型。"
    if arrival.channel not in CHANNELS:
        wrong["channel"] = "请选择来件方式。"
    if arrival.arrived_on > today:
        wrong["arrived_on"] = f"到达日期不能晚于今天（{today:%Y-%m-%d}），请核对。"
    if not arrival.sender.strip():
        wrong["sender"] = "请填写来件人；不知道的写“不详”。"
    if not arrival.summary.strip() or len(arrival.summary) > CONTENT:
        wrong["summary"] = f"请写明来件内容，不超过 {CONTENT} 个字。"
    elif not applicants.visible(arrival.summary + arrival.sender):
        wrong["summary"] = "含有看不见的控制字符，请重新输入。"
    if wrong:
        raise Refused("登记内容还有要改的地方，见标红处。", fields=wrong)
    incoming = take(tx, organ, arrival)
    incoming.about_id = about_id
    summary = f"{tx.actor.name} 登记来件 {incoming.number}（{INCOMING[arrival.kind]}）"
    tx.record("organ", "incoming.take", summary, stream_id=organ.id, incoming=incoming.id, kind=arrival.kind)
    return {"incoming": incoming.id, "number": incoming.number, "said": f"已登记为来件 {incoming.number}。"}


@command
def determine(tx: Tx, *, incoming_id: int, kind: str, routed_to: str, note: str) -> dict[str, Any]:
    """定性 a 来件 that is no application, and say where it went; {incoming, said}."""
    organ = _own_office(tx)
    incoming = tx.session.get(Incoming, incoming_id, with_for_update=True)
    if incoming is None or incoming.organ_id != organ.id:
        raise NotFound()
    if incoming.case_id is not None:
        raise Refused(
            f"来件「{incoming.number}」已登记为申请并在办理，不能再改定性。确需改变的，在办件中处理。"
        )
    if kind not in INCOMING or kind in ("undetermined", "request"):
        raise Refused("请选择来件类型。属于申请的，请点「登记为申请」。", fields={"kind": "请选择。"})
    if not routed_to.strip():
        raise Refused("请写明转到哪里办理，以便来件人询问时答复。", fields={"routed_to": "必填。"})
    old = incoming.kind
    incoming.kind, incoming.routed_to = kind, routed_to.strip()[:120]
    incoming.routed_on, incoming.note = business_date(tx.now), note.strip()[:500] or incoming.note
    summary = f"{tx.actor.name} 将来件 {incoming.number} 定性为{INCOMING[kind]}，转{incoming.routed_to}"
    tx.record(
        "organ", "incoming.determine", summary, stream_id=organ.id, incoming=incoming.id, old=old, new=kind
    )
    return {
        "incoming": incoming.id,
        "said": f"{incoming.number} 已定性为{INCOMING[kind]}，转{incoming.routed_to}。",
    }


def _own_office(tx: Tx) -> OrganInfo:
    organ_id = tx.actor.organ_id
    if organ_id is None or not any(tx.actor.acts_as(kind, organ_id, PROCESS) for kind in INTAKE):
        raise NotAllowed("来件由受理登记岗登记。如工作需要，请联系本单位的单位管理员。")
    return directory().organ(organ_id)


@command
def unmask(tx: Tx, *, request_id: int, reason: str) -> dict[str, Any]:
    """The numbers of an applicant in clear, for whoever handles the case; the reading itself is recorded."""
    from app.core import personal
    from app.requests.reaching import locked

    request, case = locked(tx, request_id)
    if not reason.strip():
        raise Refused("请写明查看的原因，查看会留下记录。", fields={"reason": "必填。"})
    row = tx.session.get_one(Applicant, request.applicant_id)
    higher.note(
        tx, case, "request.unmask", f"{tx.actor.name} 查看申请人证件号码、电话：{reason.strip()[:100]}",
        request=request.id, reason=reason.strip()[:500],
    )  # fmt: skip
    return {
        "id_no": personal.unseal(tx.keys, row.id_sealed) if row.id_sealed else "",
        "phone": personal.unseal(tx.keys, row.phone_sealed) if row.phone_sealed else "",
    }
