"""退回, 取回, 终止办理 of a request: what the law room keeps stands, and the hand-offs follow the flow.

Behind an act the law counts (a number given, a notice sent, an opinion asked for, a fee told) nothing is returned: the
paper is out, and the clock with it. A request is never ended without an outcome (条例36).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import processes
from app.cases import moves
from app.cases.models import FlowRow
from app.core.command import Tx
from app.core.keys import sm3
from app.core.now import business_date
from app.letters.models import Letter
from app.requests import chasing, deciding
from app.requests.kinds import PROCESS
from app.requests.models import Handoff, Request
from app.requests.reaching import of_case
from workflows.engine import ReturnPlan, place_of

_RECEIVED = "收到申请之日和登记号已经确定，期限已经起算"
_CORRECTION = "补正的告知、收到已经登记，期限已经据此计算"
_REASONS = "要求说明理由的往来已经登记，期限已经据此计算"
_FEE = "收费通知、缴费已经登记，期限已经据此计算"
_ASKED = "征求意见书已经发出，期限已经据此暂停或者继续计算"
_SENT = "答复书已经制发、送出"
#: acts that stand in law -> what was done; nothing is returned behind them
FINAL: Mapping[str, str] = {
    "foi.receive": _RECEIVED,
    "foi.correction_sent": _CORRECTION,
    "foi.correction_received": _CORRECTION,
    "foi.correction_lapsed": _CORRECTION,
    "foi.correction_prolonged": _CORRECTION,
    "foi.reasons_asked": _REASONS,
    "foi.reasons_received": _REASONS,
    "foi.delayed": "延迟答复的期限已经确定并告知",
    "foi.fee_sent": _FEE,
    "foi.fee_paid": _FEE,
    "foi.fee_lapsed": _FEE,
    "foi.consult_sent": _ASKED,
    "foi.consult_closed": _ASKED,
    "foi.number": "答复书已经签发并编了发文字号",
    "letter.issue": _SENT,
    "foi.answered": _SENT,
    "foi.close": "本件已经归档",
}
NO_OUTCOME = (
    "依申请公开的办件须有处理结果，不能终止办理。申请人不要了的，请「登记撤回」；依法不予处理、无法提供的，"
    "请在拟办时选择相应的处理结果并书面告知（条例第三十六条、第三十九条）。"
)
_rows = sa.select(FlowRow.row).where(FlowRow.case_id == sa.bindparam("case")).order_by(FlowRow.seq)
_letters = (
    sa.select(Letter.kind, Letter.part, Letter.digest)
    .where(Letter.case_id == sa.bindparam("case"), Letter.state.in_(("draft", "approved")))
    .order_by(Letter.kind, Letter.part, Letter.id)
)


def objection(
    session: Session, operation: str, case: Mapping[str, Any], plan: ReturnPlan | None
) -> str | None:
    """Why the case of a request may not be returned so far, or ended; None where it may, or is no request."""
    if case["process_key"] != PROCESS:
        return None
    if operation == "terminate":
        return NO_OUTCOME
    if plan is None:
        return None
    done = next((FINAL[act.name] for _seq, act in plan.stands if act.name in FINAL), None)
    if done is None and _signed(session, case, plan.drop):
        done = "其间的文书已经签发"
    return f"不能退到这里：{done}，退回不能撤销。请退回到此后的环节，或者按程序更正。" if done else None


def _signed(session: Session, case: Mapping[str, Any], seqs: Iterable[int]) -> bool:
    """Whether one of these completions signed letters."""
    steps = processes.runtime(case["version_id"]).spec.steps
    signing = {step for (_process, step), info in steps.items() if info.settings.get("signs")}
    rows_now = moves.row_now(session.scalars(_rows, {"case": case["id"]}).all())
    rows = [rows_now[seq] for seq in seqs if seq in rows_now]
    return any(
        place_of(at).split("/")[-1].split("[")[0] in signing and row["facts"].get("decision") == "agree"
        for row in rows
        for at in row["at"]
    )


def content(session: Session, case: Mapping[str, Any]) -> str:
    """The text of the letters under approval, and what is decided of each matter."""
    if case["process_key"] != PROCESS:
        return ""
    letters = [tuple(row) for row in session.execute(_letters, {"case": case["id"]})]
    request = session.scalars(sa.select(Request).where(Request.case_id == case["id"])).one()
    matters = [
        [getattr(matter, name) for name in ("text", "outcome", "reason", "grounds", "facts")]
        for matter in deciding.matters_of(session, request.id)
    ]
    return sm3(repr([letters, matters]).encode())


# --- hand-offs ---------------------------------------------------------------------------------------------------


def undone(tx: Tx, case: Mapping[str, Any], plan: ReturnPlan) -> None:
    """A return took completions back: units whose answer was undone owe it again; a round nobody waits for is over."""
    if case["process_key"] != PROCESS:
        return
    request = of_case(tx, case["id"])
    acts = [act for seq, act in plan.stands if seq in plan.drop]
    if any(act.name == "foi.searched" for act in acts):
        _end_round(tx, request)
        return
    for act in acts:
        if act.name in ("foi.unit_answered", "foi.unit_returned") and isinstance(act.result, dict):
            _owe_again(tx, request, int(str(act.result["unit"])))


def _end_round(tx: Tx, request: Request) -> None:
    tx.session.execute(
        sa.update(Handoff)
        .where(Handoff.request_id == request.id, Handoff.done_at.is_(None))
        .values(status="returned", reason="检索环节退回重办，这次转办随之撤下", done_at=tx.now, watch_on=None)
    )


def _owe_again(tx: Tx, request: Request, unit_id: int) -> None:
    query = sa.select(Handoff).where(Handoff.request_id == request.id, Handoff.unit_id == unit_id)
    row = tx.session.scalars(query.order_by(Handoff.round.desc()).limit(1)).first()
    if row is not None and row.done_at is not None:
        row.status, row.done_at = "open", None
        row.watch_on = chasing.first_look(business_date(tx.now), row.due_on)
