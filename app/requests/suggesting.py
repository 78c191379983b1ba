"""主动公开建议 (条例44②): an applicant suggests that what he was given be open to everybody, and is told what was decided.

He suggests it in his application (`Request.suggests_open`) or later; the head of 工作机构 reviews it as any evaluation
(`evaluating`), and 《主动公开建议审核意见》 (L25) tells him of that review, once for each suggestion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases import higher
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import Refused
from app.core.now import business_date
from app.letters.models import Letter
from app.requests import applicants, filling, papers
from app.requests.models import Evaluation, Request, Suggestion
from app.requests.reaching import locked

KIND = "L25"
#: outcomes in which information was given
GIVEN = ("R2", "R3p")
#: what the review found -> how the letter says it
DECISIONS: dict[bool | None, str] = {
    True: "属于主动公开范围，本机关将及时主动公开",
    False: "不纳入主动公开的范围",
}
NOT_GIVEN = "只有已经答复并提供了信息的申请，才可以建议纳入主动公开（条例第四十四条）。"

r, e, s, x = table_of(Request), table_of(Evaluation), table_of(Suggestion), table_of(Letter)
_of_row = s.c.request_id == r.c.id
#: when the newest suggestion made after the application was entered; NULL without one
suggested_at = sa.select(sa.func.max(s.c.at)).where(_of_row).correlate(r).scalar_subquery()
_part = sa.func.coalesce(
    sa.select(sa.cast(sa.func.max(s.c.id), sa.String)).where(_of_row).correlate(r).scalar_subquery(), ""
)
#: whether the applicant was told what became of his newest suggestion
told = sa.exists(
    sa.select(x.c.id)
    .where(x.c.case_id == r.c.case_id, x.c.kind == KIND, x.c.part == _part, x.c.state == "issued")
    .correlate(r)
)


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion as its letter speaks of it; `part` of that letter, `include` of its review, None before it."""

    on: date
    text: str
    part: str
    include: bool | None
    reason: str


def newest(session: Session, request: Request) -> Suggested | None:
    """The suggestion that counts, with its review; None when the applicant suggested nothing. Two statements."""
    if not request.suggests_open:
        return None
    later = session.scalars(
        sa.select(Suggestion)
        .where(Suggestion.request_id == request.id)
        .order_by(Suggestion.id.desc())
        .limit(1)
    ).first()
    review = session.scalars(
        sa.select(Evaluation)
        .where(Evaluation.request_id == request.id)
        .order_by(Evaluation.id.desc())
        .limit(1)
    ).first()
    if review is not None and later is not None and review.at < later.at:
        review = None
    include, reason = (review.include, review.reason or "") if review is not None else (None, "")
    if later is not None:
        return Suggested(later.suggested_on, later.text, str(later.id), include, reason)
    text = f"将“{request.content.rstrip('。；')}”纳入主动公开的范围"
    return Suggested(request.arrived_on, text, "", include, reason)


def letter_of(session: Session, request: Request, part: str) -> Letter | None:
    """The letter that answered the suggestion, once it went out."""
    query = sa.select(Letter).where(
        Letter.case_id == request.case_id,
        Letter.kind == KIND,
        Letter.part == part,
        Letter.state == "issued",
    )
    return session.scalars(query).first()


@command
def suggest(tx: Tx, *, request_id: int, on: date, text: str) -> dict[str, Any]:
    """登记建议 that came after the answer; the head reviews it anew. {case, said}. Refused where nothing was given."""
    request, case = locked(tx, request_id, open_only=False)
    if request.state not in ("answered", "closed") or request.outcome not in GIVEN:
        raise Refused(NOT_GIVEN)
    wrong: dict[str, str] = {}
    if on > business_date(tx.now) or (request.answered_on is not None and on < request.answered_on):
        wrong["suggested_on"] = "收到建议的日期应在答复日期与今天之间，请核对。"
    if not text.strip() or len(text) > 500 or not applicants.visible(text):
        wrong["suggestion"] = "请写明建议的内容，不超过 500 个字。"
    if wrong:
        raise Refused("建议还不能登记，见标红处。", fields=wrong)
    row = Suggestion(
        request_id=request.id,
        suggested_on=on,
        text=text.strip().rstrip("。；"),
        by=tx.actor.person_id,
        at=tx.now,
    )
    request.suggests_open = True
    tx.session.add(row)
    tx.session.flush()
    higher.note(
        tx, case, "request.suggest", f"{tx.actor.name} 登记申请人建议转主动公开：{row.text[:100]}",
        request=request.id, suggestion=row.id, on=on.isoformat(),
    )  # fmt: skip
    return {"case": case["id"], "said": "已登记建议，由政府信息公开工作机构负责人评估，评估后告知申请人。"}


@command
def draft(tx: Tx, *, request_id: int, reason: str) -> dict[str, Any]:
    """先看文书: the letter as it would go out; {case, letter}."""
    request, case = locked(tx, request_id, open_only=False)
    letter = _letter(tx, request, _reviewed(tx, request), reason)
    tx.session.flush()
    return {"case": case["id"], "letter": letter.id}


@command
def tell(
    tx: Tx, *, request_id: int, reason: str, method: str, sent_on: date, mail_no: str = ""
) -> dict[str, Any]:
    """制发 the letter and enter how it was sent; {case, letter, said}. Refused before the review, or a second time."""
    request, case = locked(tx, request_id, open_only=False)
    found = _reviewed(tx, request)
    letter = _letter(tx, request, found, reason)
    if sent_on > business_date(tx.now) or sent_on < found.on:
        raise Refused("审核意见还不能送出，见标红处。", fields={"sent_on": "应在收到建议之日与今天之间。"})
    papers.send_all(tx, request, [(letter, papers.Sending(sent_on, method, mail_no or None))])
    word = "转主动公开" if found.include else "不转主动公开"
    higher.note(
        tx, case, "request.suggestion_told", f"{tx.actor.name} 制发主动公开建议审核意见（{word}）",
        request=request.id, letter=letter.id, include=found.include,
    )  # fmt: skip
    return {
        "case": case["id"],
        "letter": letter.id,
        "said": f"已制发主动公开建议审核意见{letter.number or ''}，并登记送出。",
    }


def _reviewed(tx: Tx, request: Request) -> Suggested:
    found = newest(tx.session, request)
    if found is None:
        raise Refused("申请人没有建议转主动公开，不用告知审核意见。收到建议的，请先「登记建议」。")
    if found.include is None:
        raise Refused("建议还没有评估，请由政府信息公开工作机构负责人先评估，再告知申请人。")
    if letter_of(tx.session, request, found.part) is not None:
        raise Refused("这项建议的审核意见已经告知申请人，文书在办件的「文书」中。")
    return found


def _letter(tx: Tx, request: Request, found: Suggested, reason: str) -> Letter:
    if not reason.strip() or len(reason) > 2_000 or not applicants.visible(reason):
        raise Refused(
            "审核意见还有要改的地方，见标红处。", fields={"decision_reason": "请写明理由，不超过 2000 个字。"}
        )
    assert found.include is not None
    said = filling.common(request) | {
        "suggested_on": found.on.isoformat(),
        "suggestion": found.text,
        "decision": DECISIONS[found.include],
        "decision_reason": reason.strip().rstrip("。；"),
    }
    return papers.drafted(tx, request, KIND, said, part=found.part)
