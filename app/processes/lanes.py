"""Lanes: what a package says of who receives the steps drawn in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.accounts.kinds import ORGAN, POST_KINDS, UNIT
from forms.definition import KEY

SCOPES = ("initiator", "did", "unit", "organ", "system")
LANE_KEYS = ("scope", "post", "step", "organ_field", "unit_field")


@dataclass(frozen=True)
class Lane:
    """Who receives the steps of a lane: a post in the scope, the initiator, or whoever did `step`.

    scope: initiator, did, unit, organ; system for lanes without a person's step. organ_field: the fact that
    may hold the code of another organ; empty or missing, the case's own organ is meant. unit_field: the fact (an
    item of a multi-instance, or one of the case) that holds the id of the unit as text; without it, the case's own.
    """

    scope: str
    post: str | None = None
    step: str | None = None
    organ_field: str | None = None
    unit_field: str | None = None


def lane_problems(lane: Lane) -> Iterator[str]:
    """What is wrong with a lane, as ends of a sentence."""
    if lane.scope not in SCOPES:
        yield f"的 scope 只能是：{'、'.join(SCOPES)}"
        return
    if lane.scope in ("unit", "organ"):
        level = POST_KINDS.get(lane.post or "", ("", ""))[1]
        if not level:
            yield f"的岗位“{lane.post or ''}”不认识"
        elif level != (UNIT if lane.scope == "unit" else ORGAN):
            yield f"的岗位“{POST_KINDS[lane.post or ''][0]}”与 scope 不符"
    elif lane.post:
        yield "不按岗位送，不能写 post"
    if (lane.scope == "did") != bool(lane.step):
        yield "只有 scope 为 did 时写 step，写明谁办过的环节"
    if lane.organ_field and (lane.scope != "organ" or not KEY.match(lane.organ_field)):
        yield "的 organ_field 只用于 scope 为 organ，写存放机关代码的字段"
    if lane.unit_field and (lane.scope != "unit" or not KEY.match(lane.unit_field)):
        yield "的 unit_field 只用于 scope 为 unit，写存放科室编号的字段"
