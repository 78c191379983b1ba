"""撤回申请 by the applicant himself on the tracking page: it takes effect on the day it reaches the office.

It comes in as a 来件, which is the proof; the clock ends, the flow goes to 拟终止办理通知, and the registrar is told: the letter that ends
the case is still drafted and signed by people, so a withdrawal that was not meant is seen.
"""

from __future__ import annotations

from typing import Any

from app.accounts.directory import directory
from app.cases import higher
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.portal.answering import tell
from app.requests import applicants, intake, withdrawing
from app.requests.intake import Arrival
from app.requests.models import Request

WORD = "撤回申请"
MOST = 500


def possible(request: Any, waits_ended: bool) -> bool:
    """Whether the page offers it: the application is in hand, and nothing has ended it."""
    return bool(request["state"] in ("open", "unconfirmed") and not waits_ended)


@command
def withdraw(tx: Tx, *, request_id: int, reason: str, sure: bool) -> dict[str, Any]:
    """The applicant takes the application back; {number, said}. Refused unless he confirmed, and once the answer is on its way."""
    request = tx.session.get(Request, request_id)
    if request is None:
        raise NotFound()
    case = higher.lock(tx, request.case_id)
    tx.session.refresh(request)
    if request.state not in ("open", "unconfirmed") or request.clock == "ended":
        raise Refused("答复已经送出或者已经办结，不能再撤回。")
    wrong: dict[str, str] = {}
    if not sure:
        wrong["sure"] = "撤回后不再办理，请勾选确认。"
    if len(reason) > MOST or not applicants.visible(reason):
        wrong["reason"] = f"最多 {MOST} 个字，不要含有看不见的字符。"
    if wrong:
        raise Refused("还没有撤回，见标红处。", fields=wrong)
    today, organ = business_date(tx.now), directory().organ(request.organ_id)
    sender = str(request.applicant.get("name") or "申请人")
    summary = f"【{WORD}】{reason.strip() or '申请人没有说明理由'}"
    incoming = intake.take(tx, organ, Arrival("supplement", "online", today, sender, summary, note=WORD))
    incoming.about_id = request.id
    try:
        withdrawing.end(
            tx, request, case, today, f"在公开网站提交撤回申请，来件号 {incoming.number}",
            action="request.withdrawn_online", incoming=incoming.id,
            summary=f"申请人在公开网站撤回申请，来件号 {incoming.number}",
        )  # fmt: skip
    except Refused:
        raise Refused("答复已经签发，正在送出，不能在网上撤回。确需撤回的，请与受理机关联系。") from None
    tell(
        tx,
        request,
        incoming,
        f"申请人网上撤回申请：{request.number or incoming.number}，请核实后拟终止办理通知",
    )
    return {
        "number": incoming.number,
        "said": f"已撤回申请，来件号 {incoming.number}。受理机关会发给您终止办理通知书。",
    }
