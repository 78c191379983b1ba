"""What an applicant hands in on the tracking page: 补正, 说明理由, 缴费凭证. Each becomes a 来件 about the request.

It changes neither clock nor flow: a clerk confirms the day and completes the waiting step. He is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.accounts.directory import directory
from app.audit import ACTION_LABELS
from app.cases import higher
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.documents.files import Stored
from app.notices import Note, enqueue
from app.portal.filing import keep_files
from app.requests import applicants, intake
from app.requests.intake import Arrival
from app.requests.models import Incoming, Request

ACTION_LABELS.setdefault("request.answered_online", "申请人网上提交材料")

#: what is waited for -> (what it is called, state of the clock in which it is waited for)
KINDS = {
    "correction": ("补正材料", "waiting_correction"),
    "payment": ("缴费凭证", "waiting_fee"),
    "reasons": ("理由说明", ""),
}
MOST_A_DAY = 5


@command
def hand_in(
    tx: Tx, *, request_id: int, kind: str, text: str, stored: Mapping[str, Sequence[Stored]]
) -> dict[str, Any]:
    """Register what the applicant hands in; {number, said}. Refused when nothing of the kind is waited for."""
    request = tx.session.get(Request, request_id)
    if request is None or kind not in KINDS:
        raise NotFound()
    case = higher.lock(tx, request.case_id)
    tx.session.refresh(request)
    word, waiting = KINDS[kind]
    if request.state != "open" or (waiting and request.clock != waiting):
        raise Refused(f"现在不需要提交{word}，可能已经收到或者已经办完。请刷新页面看最新进度。")
    _check(tx, request, word, text, stored)
    organ = directory().organ(request.organ_id)
    summary = f"【{word}】{text.strip() or '见所附材料'}"
    sender = str(request.applicant.get("name") or "申请人")
    arrival = Arrival("supplement", "online", business_date(tx.now), sender, summary, note=word)
    incoming = intake.take(tx, organ, arrival)
    incoming.about_id, incoming.case_id = request.id, None
    higher.note(
        tx, case, "request.answered_online", f"{tx.actor.name} 网上提交{word}，来件号 {incoming.number}",
        request=request.id, incoming=incoming.id, kind=kind,
    )  # fmt: skip
    keep_files(tx, request.case_id, {f"supplement_{incoming.id}": files for files in stored.values()})
    number = request.number or incoming.number
    tell(tx, request, incoming, f"申请人网上提交{word}：{number}，请核对收到的日期并办理")
    return {
        "number": incoming.number,
        "said": f"已提交{word}，来件号 {incoming.number}。工作人员核对后确定收到的日期。",
    }


def _check(tx: Tx, request: Request, word: str, text: str, stored: Mapping[str, Sequence[Stored]]) -> None:
    wrong: dict[str, str] = {}
    if not text.strip() and not any(stored.values()):
        wrong["text"] = "请填写说明，或者上传材料。"
    elif not applicants.visible(text):
        wrong["text"] = "含有看不见的控制字符，请重新输入。"
    if wrong:
        raise Refused("还没有提交，见标红处。", fields=wrong)
    today = business_date(tx.now)
    same_day = (
        tx.session.query(Incoming).filter_by(about_id=request.id, kind="supplement", arrived_on=today).count()
    )
    if same_day >= MOST_A_DAY:
        raise Refused(f"今天已经提交 {MOST_A_DAY} 次{word}。请明天再提交，或者与受理机关联系。")


def tell(tx: Tx, request: Request, incoming: Incoming, text: str) -> None:
    """The registrar is told; the notice names nobody."""
    people = directory()
    posts = (people.post_in_organ(request.organ_id, kind) for kind in intake.INTAKE)
    post = next((found for found in posts if found is not None), None)
    if post is not None:
        enqueue(
            tx, [Note("work", text, f"/incoming/{incoming.id}", None, post.id, f"supplement:{incoming.id}")]
        )
