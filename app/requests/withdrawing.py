"""撤回: the applicant takes it back; the road leaves whatever it waited for and ends with 其他处理 (R16)."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.cases import higher
from app.core.command import Tx, command
from app.core.errors import Refused
from app.core.now import business_date
from app.requests import clocks, deciding
from app.requests.models import Request
from app.requests.reaching import locked
from workflows.law import events

MESSAGE = "foi_withdrawn"


@command
def withdraw(tx: Tx, *, request_id: int, on: date, how: str) -> dict[str, Any]:
    """登记撤回; {case, said}. Refused once the reply went out.

    Before both sides confirmed, the day of the withdrawal is the day of receipt: it is then that they spoke (条例31【推定】).
    """
    request, case = locked(tx, request_id)
    wrong: dict[str, str] = {}
    if on > business_date(tx.now) or on < request.arrived_on:
        wrong["on"] = "撤回日期应在到达日期与今天之间。"
    if not how.strip():
        wrong["how"] = "请写明怎样撤回的。"
    if wrong:
        raise Refused("撤回还不能登记，见标红处。", fields=wrong)
    if request.state not in ("open", "unconfirmed"):
        raise Refused("只有在办、尚未答复的申请可以撤回。")
    summary = f"{tx.actor.name} 登记申请人于 {on:%Y-%m-%d} 撤回申请：{how.strip()[:100]}"
    said = end(tx, request, case, on, how.strip(), action="request.withdraw", summary=summary)
    return {"case": case["id"], "said": f"已登记撤回。{said}"}


def end(
    tx: Tx,
    request: Request,
    case: dict[str, Any],
    on: date,
    how: str,
    *,
    action: str,
    summary: str,
    **body: Any,
) -> str:
    """The clock ends on that day and the flow goes to 拟终止办理通知; the sentence of where it went.

    Authorised by the caller. Refused when the flow is past the point: the answer is signed and on its way.
    """
    deciding.set_all(tx, request, "R16")
    clocks.add(tx, request, events.Withdrawn(on=on, document=how[:120]))
    tx.session.flush()
    clocks.refresh(tx, request)
    tx.session.flush()
    received = {} if request.received_on else {"received_on": on.isoformat()}
    return higher.send(
        tx,
        case,
        MESSAGE,
        {"outcome": "R16", **received},
        action=action,
        summary=summary,
        request=request.id,
        **body,
    )
