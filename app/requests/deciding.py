"""Deciding an application: matters one by one, the whole by the rule of mixed results, the road the reply must take.

Who reviews and signs which outcome is a table per organ (domain.md 12.5): `settings["foi_road"]` of the handling organ
overrides, outcome by outcome, what `workflows.law.replies` gives as default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.keys import sm3
from app.requests.models import Matter, Request
from app.requests.reaching import locked
from workflows.law import grounds, replies
from workflows.law.refusals import LawRefusal

#: steps during which matters may change: afterwards a draft goes back first (a changed draft voids its approvals)
DECIDING = frozenset({"draft_reply", "draft_closing", "examine", "search"})


def matters_of(session: Session, request_id: int) -> list[Matter]:
    """The matters of a request, in order."""
    query = sa.select(Matter).where(Matter.request_id == request_id).order_by(Matter.seq)
    return list(session.scalars(query))


def version_of(matters: Sequence[Matter]) -> str:
    """Tells whether somebody changed the matters since a page was opened."""
    return sm3("|".join(f"{m.id}:{m.seq}:{m.at.isoformat()}" for m in matters).encode())[:16]


def set_all(tx: Tx, request: Request, outcome: str) -> None:
    """One outcome for every matter: what the road itself decides (R11, R13 … R16, and what the nature of a request says)."""
    tx.session.execute(
        sa.update(Matter)
        .where(Matter.request_id == request.id, sa.or_(Matter.outcome.is_(None), Matter.outcome != outcome))
        .values(outcome=outcome, grounds=[], by=tx.actor.person_id, at=tx.now)
    )


def overall(request: Request, matters: Sequence[Matter]) -> replies.Mixed:
    """The outcome of the whole request; Refused while a matter is undecided or the mixture has no row (domain.md 12.14)."""
    missing = [str(m.seq) for m in matters if not m.outcome]
    if missing:
        raise Refused(
            f"第 {'、'.join(missing)} 项申请事项还没有选答复种类。请在「申请事项」中逐项选定后再送审。"
        )
    outcomes = [replies.Outcome(str(m.outcome), tuple(m.grounds)) for m in matters]
    try:
        return replies.mixed(outcomes, request.principal)
    except LawRefusal as error:
        raise Refused(error.message) from error


def check(matter: Matter) -> list[str]:
    """What a decided matter still lacks, as sentences."""
    kind = replies.REPLIES[str(matter.outcome)]
    if kind.grounds and not (matter.reason or "").strip():
        return [f"第 {matter.seq} 项「{kind.name}」须说明理由（{kind.article}）。"]
    return []


#: who signs by the law room's words -> the post
SIGNERS = {
    replies.Signer.OFFICE_HEAD: "disclosure_head",
    replies.Signer.DEPUTY: "signer",
    replies.Signer.PRINCIPAL: "principal",
}


def road(request: Request, outcome: str, *, sensitive: bool) -> dict[str, Any]:
    """{secrecy, legal, signer} for an outcome: the organ's table over the law's defaults; sensitive ones go to the top."""
    kind = replies.REPLIES[outcome]
    table: Mapping[str, Any] = directory().organ(request.organ_id).settings.get("foi_road") or {}
    row: Mapping[str, Any] = table.get(outcome) or {}
    signer = SIGNERS[replies.signer(outcome, sensitive=sensitive)]
    chosen = str(row.get("signer") or signer)
    return {
        "secrecy": bool(row.get("secrecy", kind.secrecy_review)),
        "legal": bool(row.get("legal", True)) and _has_legal(request),
        "signer": signer if sensitive or chosen not in SIGNERS.values() else chosen,
    }


def road_of(request: Request, whole: str, matters: Sequence[Matter], *, sensitive: bool) -> dict[str, Any]:
    """The road of a letter that answers several matters: every review that one of them needs, the highest who signs one.

    What 14 to 16 withhold is reviewed for secrecy whatever the letter's principal outcome is.
    """
    codes = dict.fromkeys([whole, *(str(m.outcome) for m in matters)])
    roads = [road(request, code, sensitive=sensitive) for code in codes]
    ranks = list(SIGNERS.values())
    return {
        "secrecy": any(each["secrecy"] for each in roads) or any(m.grounds for m in matters),
        "legal": any(each["legal"] for each in roads),
        "signer": max((each["signer"] for each in roads), key=ranks.index),
    }


def _has_legal(request: Request) -> bool:
    """An office of two people has no 法制审核岗: the step is then left out rather than stuck."""
    return directory().post_in_organ(request.organ_id, "legal_officer") is not None


def attribute_of(outcome: str) -> str:
    """How the secrecy review reads an outcome: what may be given to the applicant, or what is withheld."""
    return (grounds.Attribute.WITHHELD if outcome == "R3" else grounds.Attribute.ON_REQUEST).value


# --- the page's command -------------------------------------------------------------------------------------------


@command
def decide(
    tx: Tx,
    *,
    request_id: int,
    said: Sequence[Mapping[str, Any]],
    split_reason: str = "",
    principal: str = "",
    version: str = "",
) -> dict[str, Any]:
    """Write the matters as the page has them: [{id or None, text, outcome, grounds, reason, facts}].

    A matter with a new text is a split, which is a recorded choice (domain.md 12.14) and needs a reason.
    """
    from app.cases import higher

    request, case = locked(tx, request_id)
    deciding_now(tx, case["id"])
    known = {m.id: m for m in matters_of(tx.session, request.id)}
    if version and version != version_of(list(known.values())):
        last = max(known.values(), key=lambda m: m.at)
        who = directory().name_of(last.by) if last.by else "他人"
        raise Refused(f"{who}刚刚修改过处理意见，没有保存您的修改。请打开最新的页面，核对后再改。")
    if not said:
        raise Refused("至少保留一项申请事项。")
    wrong: dict[str, str] = {}
    fresh = [row for row in said if not row.get("id")]
    if fresh and not split_reason.strip():
        wrong["split_reason"] = "拆分事项须写明理由，拆分会留下记录。"
    changes = []
    for number, row in enumerate(said, 1):
        changes.append(_read(row, number, known, wrong))
    if wrong:
        raise Refused("申请事项还有要改的地方，见标红处。", fields=wrong)
    old = [_short(m) for m in known.values()]
    kept = {int(row["id"]) for row in said if row.get("id")}
    for gone in set(known) - kept:
        tx.session.delete(known[gone])
    tx.session.flush()
    _write(tx, request, known, said, changes)
    request.principal = principal if principal in replies.REPLIES else None
    matters = matters_of(tx.session, request.id)
    new = [_short(m) for m in matters]
    if all(m.outcome for m in matters):
        from app.requests import papers

        papers.reply_letter(tx, request, matters, overall(request, matters).code, case["data"])
    higher.note(
        tx, case, "request.decide", f"{tx.actor.name} 修改申请事项的处理意见", request=request.id, old=old, new=new,
        split_reason=split_reason.strip()[:500],
    )  # fmt: skip
    return {"request": request.id, "said": "申请事项的处理意见已保存。"}


def deciding_now(tx: Tx, case_id: int) -> None:
    """Refused where the draft is out for review: matters may no longer change."""
    from app.cases.models import WorkItem

    steps = tx.session.scalars(
        sa.select(WorkItem.step).where(WorkItem.case_id == case_id, WorkItem.status == "open")
    ).all()
    if not DECIDING & set(steps):
        raise Refused(
            "答复已经送审，不能直接修改处理意见。需要修改的，请审核人先退回修改；修改后须重新审核。"
        )


def _read(
    row: Mapping[str, Any], number: int, known: Mapping[int, Matter], wrong: dict[str, str]
) -> dict[str, Any]:
    if row.get("id") and int(row["id"]) not in known:
        raise NotFound()
    text = str(row.get("text") or "").strip()
    outcome = str(row.get("outcome") or "") or None
    codes = [str(code) for code in row.get("grounds") or []]
    if not text or len(text) > 5_000:
        wrong[f"text_{number}"] = "请写明这一项申请的是什么，不超过 5000 个字。"
    if outcome is not None and outcome not in replies.REPLIES:
        wrong[f"outcome_{number}"] = "请从列表里选择答复种类。"
    elif outcome is not None:
        allowed = set(replies.REPLIES[outcome].grounds)
        if codes and not set(codes) <= allowed:
            wrong[f"grounds_{number}"] = "所选条款与答复种类不符，请重新选择。"
    return {
        "text": text,
        "outcome": outcome,
        "grounds": codes,
        "reason": str(row.get("reason") or "").strip()[:5_000] or None,
        "facts": {
            str(k)[:40]: str(v).strip()[:2_000]
            for k, v in dict(row.get("facts") or {}).items()
            if str(v).strip()
        },
    }


def _write(
    tx: Tx,
    request: Request,
    known: Mapping[int, Matter],
    said: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
) -> None:
    for offset, row in enumerate(said):
        if row.get("id"):
            known[int(row["id"])].seq = -offset - 1
    tx.session.flush()
    for number, (row, values) in enumerate(zip(said, changes, strict=True), 1):
        matter = known[int(row["id"])] if row.get("id") else Matter(request_id=request.id)
        matter.seq, matter.by, matter.at = number, tx.actor.person_id, tx.now
        for name, value in values.items():
            setattr(matter, name, value)
        tx.session.add(matter)
    tx.session.flush()


def _short(matter: Matter) -> dict[str, Any]:
    return {"seq": matter.seq, "outcome": matter.outcome, "grounds": matter.grounds, "reason": matter.reason}
