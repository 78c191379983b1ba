"""《决定公开告知书》 (条例32末句): a third party objected, and the organ discloses all the same; it is told what and why, in writing.

The decision itself is the reply, reviewed and signed on its road; this letter tells of it, so it is made once the reply is signed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from app.cases import higher
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.letters import service as letters
from app.requests import filling, papers
from app.requests.models import Consultation, Request
from app.requests.reaching import locked
from workflows.law.replies import REPLIES


def owed(request: Request, row: Consultation) -> bool:
    """Whether this party must be told: it objected, and the answer that was signed opens something."""
    objected = row.kind == "third" and row.opinion == "disagree"
    return bool(objected and request.reply_no and request.outcome and REPLIES[request.outcome].open)


@command
def inform(
    tx: Tx, *, consultation_id: int, content: str, reason: str, method: str, sent_on: date, mail_no: str = ""
) -> dict[str, Any]:
    """Issue and send the letter to the party; {case, letter, said}. Refused before the reply is signed, or a second time."""
    row = tx.session.get(Consultation, consultation_id)
    if row is None:
        raise NotFound()
    request, case = locked(tx, row.request_id, open_only=False)
    if not owed(request, row):
        raise Refused("第三方不同意公开、答复签发后决定公开的，才制发决定公开告知书。")
    part = str(row.id)
    if any(
        x.kind == "L9" and x.part == part and x.state == "issued" for x in letters.folder(tx, request.case_id)
    ):
        raise Refused(f"已经告知「{row.party}」，文书在办件的「文书」中。")
    wrong: dict[str, str] = {}
    name = str(request.applicant.get("name") or "")
    for key, text in (("content", content), ("reason", reason)):
        if not text.strip() or len(text) > 2_000:
            wrong[key] = "必填，不超过 2000 个字。"
        elif len(name) > 1 and name in text:
            wrong[key] = "不得透露申请人是谁，请删去申请人的姓名、名称。"
    if sent_on > business_date(tx.now):
        wrong["sent_on"] = "不能晚于今天。"
    if wrong:
        raise Refused("告知书还有要改的地方，见标红处。", fields=wrong)
    said = filling.party_fields(request, row)
    summary = (row.opinion_text or "").strip().rstrip("。；")
    said |= {
        "decided_content": content.strip(),
        "decided_reason": reason.strip(),
        "opinion_summary": f"贵方不同意公开{f'，理由是：{summary}' if summary else ''}",
    }
    letter = papers.drafted(tx, request, "L9", said, part=part, addressee=row.party)
    papers.send_all(tx, request, [(letter, papers.Sending(sent_on, method, mail_no or None))])
    higher.note(
        tx, case, "request.inform", f"{tx.actor.name} 制发决定公开告知书，告知「{row.party}」", consultation=row.id,
        letter=letter.id,
    )  # fmt: skip
    return {
        "case": case["id"],
        "letter": letter.id,
        "said": f"已制发决定公开告知书{letter.number or ''}，并登记送出。",
    }
