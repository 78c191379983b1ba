"""拆分: an office may answer one matter of an application as an application of its own (domain.md 12.14; 109号四「一事一申请」).

That is the office's choice, recorded with its reason on both cases. The new one has its own number, letters and report row. It
gains no time: it was received when the first was, or, after a correction or a payment, on the day the count began anew.
What delayed the first for its own sake (征求意见, 延期) does not pass on.
"""

from __future__ import annotations

from typing import Any

from app.accounts.directory import directory
from app.cases import higher
from app.cases.road import closing
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.requests import clocks, deciding, papers
from app.requests.intake import INTAKE
from app.requests.kinds import PROCESS
from app.requests.models import Matter, Request
from app.requests.opening import Application, Known, open_request
from app.requests.reaching import locked


@command
def split(tx: Tx, *, request_id: int, matter_id: int, reason: str) -> dict[str, Any]:
    """One matter becomes an application; {case, request, said}. Refused for the only matter, and once the draft is out for review."""
    request, case = locked(tx, request_id)
    if not any(tx.actor.acts_as(kind, request.organ_id, PROCESS) for kind in INTAKE):
        raise NotAllowed("拆分为另一件申请由受理登记岗办理。如工作需要，请联系本单位的单位管理员。")
    state = clocks.now(tx, request)
    if state is None:
        raise Refused("还没有与申请人确认，收到之日未定。请确认后再拆分。")
    if state.outcome:
        raise Refused("这件申请已经撤回、视为放弃或者已经答复，不能再拆分。")
    deciding.deciding_now(tx, case["id"])
    matters = deciding.matters_of(tx.session, request.id)
    gone = next((each for each in matters if each.id == matter_id), None)
    if gone is None:
        raise NotFound()
    if len(matters) == 1:
        raise Refused("只有一项申请事项，不能再拆分。请先在上面拆分出这一项并保存。")
    if not reason.strip() or len(reason) > 500:
        raise Refused(
            "请写明拆分的理由。",
            fields={"apart_reason": "拆分会留下记录，请写明理由，不超过 500 个字。"},
        )
    rest = [each for each in matters if each is not gone]
    number = f"{request.number}拆{_already(tx, request) + 1}"
    made, journey = open_request(
        tx, directory().organ(request.organ_id), _apart(request, gone),
        Known(request.applicant_id, request.applicant_kind, dict(request.applicant)),
        case_no=number[:40], incoming_id=None, received=state.segment.start, earlier_id=request.id,
    )  # fmt: skip
    _close_up(tx, request, case, gone, rest)
    new_number = journey.case["number"]
    higher.note(
        tx, case, "request.split", f"{tx.actor.name} 将「{gone.text[:60]}」拆分为另一件申请 {new_number}",
        request=made["request"], split_reason=reason.strip(),
    )  # fmt: skip
    higher.note(
        tx, journey.case, "request.split", f"{tx.actor.name} 从 {request.number} 拆分", request=request.id,
        split_reason=reason.strip(),
    )  # fmt: skip
    return {
        "case": journey.case["id"],
        "request": made["request"],
        "said": closing(journey, f"已从 {request.number} 拆分为另一件申请，单独编号、计件。"),
    }


def _already(tx: Tx, request: Request) -> int:
    return tx.session.query(Request).filter_by(earlier_id=request.id).count()


def _apart(request: Request, matter: Matter) -> Application:
    return Application(
        subject_id=request.subject_id, content=matter.text, channel=request.channel, arrived_on=request.arrived_on,
        supply=request.supply, delivery=request.delivery, oral=request.oral, suggests_open=request.suggests_open,
    )  # fmt: skip


def _close_up(tx: Tx, request: Request, case: dict[str, Any], gone: Matter, rest: list[Matter]) -> None:
    """The matters that stay are numbered anew, and their letter no longer speaks of the one that left."""
    tx.session.delete(gone)
    tx.session.flush()
    for seq, each in enumerate(rest, 1):  # downwards only: no two are ever equal
        each.seq = seq
        tx.session.flush()
    request.principal = None
    if all(each.outcome for each in rest):
        whole = deciding.overall(request, rest).code
        papers.reply_letter(tx, request, rest, whole, case["data"])
