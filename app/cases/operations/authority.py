"""Who governs a case, beside those who handle it: its unit's head and the head of 政府信息公开工作机构."""

from __future__ import annotations

from app.cases.offering import Standing


def heads(here: Standing) -> bool:
    """Whether this person heads the unit of the case, or the disclosure office of its organ."""
    actor, case = here.actor, here.case
    unit = any(post.kind == "unit_head" and post.unit_id == case["unit_id"] for post in actor.posts)
    return unit or actor.holds("disclosure_head", case["organ_id"])


def began(here: Standing) -> bool:
    """Whether this person began the case."""
    return here.actor.person_id is not None and here.case["started_by"] == here.actor.person_id


def others_acted(here: Standing) -> bool:
    """Whether anybody but this person has completed something of the case."""
    return any(item["done_by"] not in (None, here.actor.person_id) for item in here.items)
