"""Lanes: what a package says of who receives the steps drawn in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from app.accounts.kinds import ORGAN, POST_KINDS, UNIT
from forms.definition import KEY
from workflows.engine import ExpressionError, expressions

SCOPES = ("initiator", "did", "unit", "organ", "expression", "system")
LANE_KEYS = ("scope", "post", "step", "organ_field", "unit_field", "expression", "gives")
#: what an expression gives the number of; a unit's post is named beside it
GIVES = ("person", "post", "unit")
#: what an expression may read beside the facts and answers of the case: the initiator's number, the number of the
#: case's unit, the code of its organ, and whoever did a step last (`doers.head_review`)
OFFICE_NAMES = frozenset({"initiator", "case_unit", "case_organ", "doers"})


@dataclass(frozen=True)
class Lane:
    """Who receives the steps of a lane: a post in the scope, the initiator, or whoever did `step`.

    scope: initiator, did, unit, organ; system for lanes without a person's step. organ_field: the fact that
    may hold the code of another organ; empty or missing, the case's own organ is meant. unit_field: the fact (an
    item of a multi-instance, or one of the case) that holds the id of the unit as text; without it, the case's own.
    expression: worked out in the safe language when the step opens, with the facts and `OFFICE_NAMES`; it `gives` the
    number of a person, of a post, or of a unit (then `post` says which of the unit's) of the case's own organ.
    """

    scope: str
    post: str | None = None
    step: str | None = None
    organ_field: str | None = None
    unit_field: str | None = None
    expression: str | None = None
    gives: str | None = None

    @property
    def reads(self) -> frozenset[str]:
        """Names of the facts and answers that decide who receives the step."""
        names = {name for name in (self.organ_field, self.unit_field) if name}
        if self.expression:
            names |= expressions.names_used(self.expression) - OFFICE_NAMES
        return frozenset(names)

    @property
    def steps(self) -> frozenset[str]:
        """Steps whose handler an expression asks for."""
        tree = expressions.compile(self.expression).tree if self.expression else None
        nodes = ast.walk(tree) if tree is not None else ()
        return frozenset(
            node.attr
            for node in nodes
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "doers"
        )


def lane_problems(lane: Lane) -> Iterator[str]:
    """What is wrong with a lane, as ends of a sentence."""
    if lane.scope not in SCOPES:
        yield "没有选好“谁来办”，请重新选择"
        return
    if lane.scope in ("unit", "organ"):
        level = POST_KINDS.get(lane.post or "", ("", ""))[1]
        if not level:
            yield f"的岗位“{lane.post}”不认识，请重新选择" if lane.post else "没有选岗位，请选择岗位"
        elif level != (UNIT if lane.scope == "unit" else ORGAN):
            yield f"的岗位“{POST_KINDS[lane.post or ''][0]}”和“谁来办”不符，请重新选择岗位"
    elif lane.scope == "expression":
        yield from _expression_problems(lane)
    elif lane.post:
        yield "不按岗位送，不能再写岗位"
    if lane.scope != "expression" and (lane.expression or lane.gives):
        yield "不是按表达式算出的，不能再写表达式和算出来的是什么"
    if (lane.scope == "did") != bool(lane.step):
        yield "送办过前面环节的人时，要选是哪个环节；其他情况不选"
    if lane.organ_field and (lane.scope != "organ" or not KEY.match(lane.organ_field)):
        yield "的“哪个机关”只用于本机关的岗位，选存放机关的那一项"
    if lane.unit_field and (lane.scope != "unit" or not KEY.match(lane.unit_field)):
        yield "的“哪个科室”只用于本科室的岗位，选存放科室的那一项"


def _expression_problems(lane: Lane) -> Iterator[str]:
    if lane.gives not in GIVES:
        yield "没有选好“算出来的是”人员、岗位还是科室，请重新选择"
    elif (lane.gives == "unit") != bool(lane.post):
        yield "算出来的是科室时，要选科室的岗位；其他情况不选"
    elif lane.post and POST_KINDS.get(lane.post, ("", ""))[1] != UNIT:
        yield "选的岗位不是科室的岗位，请重新选择"
    try:
        expressions.compile(lane.expression or "")
    except ExpressionError as error:
        yield f"的表达式不能用：{error}"
