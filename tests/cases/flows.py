"""Stretches of the road that several tests walk."""

from __future__ import annotations

from typing import Any

from tests.support.driving import SELF_CHECK, Desk, text_file

TITLE = "关于印发云汀市城镇老旧小区改造实施细则的通知"


def drafted(desk: Desk, login: str = "wen", *, title: str = TITLE, **answers: Any) -> int:
    """A case whose draft was sent on by `login`: policy, 主动公开, unless said otherwise."""
    case = desk.start(login, "disclosure_attribute", entry="document", kind="first", title=title)
    proposal: dict[str, Any] = {
        "title": title,
        "doc_kind": "policy",
        "attribute": "proactive",
        "interpretation": "none",
        "interpretation_note": "内容单一，不作解读。",
    }
    files = answers.pop("files", {"main_file": text_file("关于老旧小区改造的正文")})
    desk.act(login, case, "draft", files=files, **{**proposal, **answers})
    return case


WITHHELD: dict[str, Any] = {
    "attribute": "withheld",
    "interpretation": None,
    "interpretation_note": None,
    "ground": "N16b",
    "reason": "属于内部讨论过程中的稿件，尚未形成最终意见，公开会影响讨论。",
}


def reviewed(
    desk: Desk,
    case: int,
    *,
    by: str = "wen",
    channels: Any = ("website",),
    conclusion: str = "open",
    **more: Any,
) -> None:
    """保密审查 of 市府办 (four levels), from self-check to the leader."""
    desk.act(by, case, "self_check", **{**SELF_CHECK, "channels": list(channels) if channels else None})
    desk.act("shen", case, "head_review", decision="agree", opinion="自查属实")
    desk.act(
        "wei", case, "officer_review", decision="agree", conclusion=conclusion, opinion="审查完毕", **more
    )
    if "leader_approve" in desk.open_steps(case):
        desk.act("lu", case, "leader_approve", decision="agree")


def signed(desk: Desk, case: int, attribute: str = "proactive", **answers: Any) -> None:
    """核稿 and 签发 at 市府办."""
    desk.act("ke", case, "verify_text", decision="agree", mark_checked=True)
    desk.act(
        "lu",
        case,
        "sign_off",
        decision="agree",
        confirmed_attribute=attribute,
        signed_on="2026-11-23",
        **answers,
    )
