"""`show_if` and `required_if` for the browser: a JSON tree over the form's own fields.

Whatever the browser cannot know (facts of the case) is worked out here and becomes a constant; what cannot be
translated is left out, and then only the server decides. The nodes::

    {"all": [node, …]}  {"any": [node, …]}  {"not": node}  {"const": true}
    {"eq": {"field": key, "value": v}}  {"in": {"field": key, "values": [v, …]}}
    {"has": {"field": key, "value": v}}  {"truthy": key}

A hidden field counts as null in the browser too.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, TypeAlias

from forms.definition import Definition, Json
from workflows.engine import expressions
from workflows.engine.errors import ExpressionError

Node: TypeAlias = "dict[str, Any]"


class _Unknown(Exception):
    """This expression is more than the browser's few words can say."""


def for_browser(definition: Definition, names: Mapping[str, Json]) -> dict[str, dict[str, Node]]:
    """{field key: {"show": node, "need": node}} for every condition that can be translated.

    `names` are those of the bound form (`StepForm.names`): facts of the case and `today`.
    """
    own = set(definition.by_key)
    #: the browser reads one control per name: a group has many
    groups = {each.key for each in definition.fields if each.type == "group"}
    outside = {key: value for key, value in names.items() if key not in own}
    found: dict[str, dict[str, Node]] = {}
    for spec in definition.fields:
        for word, text in (("show", spec.show_if), ("need", spec.required_if)):
            node = translate(text, own - groups, outside) if text else None
            if node is not None:
                found.setdefault(spec.key, {})[word] = node
    return found


def translate(text: str, own: set[str], outside: Mapping[str, Json]) -> Node | None:
    """The tree of one expression, or None when only the server can work it out."""
    try:
        return _Translator(own, outside).node(expressions.compile(text).tree)
    except (_Unknown, ExpressionError):
        return None


class _Translator:
    def __init__(self, own: set[str], outside: Mapping[str, Json]) -> None:
        self.own, self.outside = own, outside

    def node(self, tree: ast.expr) -> Node:
        if self._is_outside(tree):
            return {"const": bool(self.constant(tree))}
        match tree:
            case ast.BoolOp(op=ast.And(), values=parts):
                return {"all": [self.node(part) for part in parts]}
            case ast.BoolOp(op=ast.Or(), values=parts):
                return {"any": [self.node(part) for part in parts]}
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return {"not": self.node(part)}
            case ast.Name(id=key):
                return {"truthy": key}
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.compare(left, op, right)
            case ast.Call(func=ast.Name(id="contains"), args=[ast.Name(id=key), part]) if key in self.own:
                return {"has": {"field": key, "value": self.constant(part)}}
        raise _Unknown

    def compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Node:
        if isinstance(op, ast.NotEq | ast.NotIn | ast.IsNot):
            return {"not": self.compare(left, _POSITIVE[type(op)], right)}
        if isinstance(op, ast.In):
            if isinstance(left, ast.Name) and left.id in self.own:
                return {"in": {"field": left.id, "values": self.constant(right)}}
            return {"has": {"field": self.field(right), "value": self.constant(left)}}
        if isinstance(op, ast.Eq | ast.Is):
            if self._is_outside(left):
                left, right = right, left
            return {"eq": {"field": self.field(left), "value": self.constant(right)}}
        raise _Unknown

    def field(self, tree: ast.expr) -> str:
        if isinstance(tree, ast.Name) and tree.id in self.own:
            return tree.id
        raise _Unknown

    def constant(self, tree: ast.expr) -> Any:
        if not self._is_outside(tree):
            raise _Unknown
        return expressions.evaluate(ast.unparse(tree), self.outside)

    def _is_outside(self, tree: ast.expr) -> bool:
        return not any(isinstance(each, ast.Name) and each.id in self.own for each in ast.walk(tree))


_POSITIVE: dict[type[ast.cmpop], ast.cmpop] = {ast.NotEq: ast.Eq(), ast.NotIn: ast.In(), ast.IsNot: ast.Is()}
