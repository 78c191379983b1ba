"""The only language that anything uploaded may be written in.

Conditions, decision table cells, timers, multi-instance settings, action parameters, form rules and lane
scopes are expressions of this language: a subset of Python's expression syntax, checked node by node
against a whitelist when it is read and worked out by our own walker. No Python object but plain data is
ever reachable: an attribute is a dictionary key, a call names one of `FUNCTIONS`, there is no power, no
repetition, no formatting, no comprehension and no assignment. Sizes are bounded before and after every
step, so that no expression costs more than a moment.

This module imports nothing but the standard library and is shared by the form builder.
"""

from __future__ import annotations

import ast
import functools
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflows.engine.errors import ExpressionError
from workflows.engine.functions import FUNCTIONS as FUNCTIONS
from workflows.engine.functions import SCALARS, number

MAX_TEXT = 2_000  # characters of one expression
MAX_NODES = 300  # syntax nodes of one expression
MAX_DEPTH = 40  # nesting, of brackets in the text and of nodes in the tree
MAX_ITEMS = 1_000  # elements of a list or dictionary that a step yields
MAX_STRING = 10_000  # characters of a text that a step yields
MAX_BITS = 63  # size of a whole number; what a state can store
MAX_SIGNS = 200  # prefix operators: the parser itself recurses on them

Value = object
"""What an expression may yield: None, bool, int, float, str, date, timedelta, and lists and dicts of them."""


@dataclass(frozen=True)
class Expression:
    """A checked expression: `text` as written, `tree` its body, `names` the data it reads."""

    text: str
    tree: ast.expr
    names: frozenset[str]


def compile(text: str) -> Expression:
    """Check `text` against the language and return it ready for `evaluate`; results are cached.

    Raises ExpressionError with a Chinese sentence that names what is not allowed.
    """
    if not isinstance(text, str):
        raise ExpressionError("表达式必须是文字")
    return _compile(text)


parse = compile


def names_used(text: str) -> frozenset[str]:
    """The data names that `text` reads (functions are not among them)."""
    return compile(text).names


def evaluate(text: str, names: Mapping[str, object]) -> object:
    """Work out `text` with `names`. Raises ExpressionError, and nothing else, when it cannot."""
    expression = compile(text)
    try:
        return _value(expression.tree, names)
    except ExpressionError:
        raise
    except RecursionError as error:
        raise ExpressionError(f"表达式“{_short(text)}”过于复杂") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise ExpressionError(f"表达式“{_short(text)}”无法计算：数据的类型或取值不合适") from error


#: what the parser only warns of (`1and 2`) is refused, and never printed
_FILE = "<expression>"
warnings.filterwarnings("error", module=_FILE)


# -- reading ------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def _compile(text: str) -> Expression:
    source = text.strip()
    _check_text(source)
    try:
        tree = ast.parse(source, _FILE, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError(f"表达式“{_short(source)}”写法不正确") from error
    checker = _Checker(source)
    checker.check(tree, 0)
    return Expression(text=source, tree=tree, names=frozenset(checker.names))


def _check_text(source: str) -> None:
    """Refuse what could hurt the parser itself, before it is called."""
    if not source:
        raise ExpressionError("表达式为空")
    if len(source) > MAX_TEXT:
        raise ExpressionError(f"表达式过长，最多 {MAX_TEXT} 个字符")
    if sum(source.count(bracket) for bracket in "([{") > MAX_DEPTH and _nesting(source) > MAX_DEPTH:
        raise ExpressionError("表达式括号嵌套过深")
    if source.count("not") + sum(source.count(sign) for sign in "~-+") > MAX_SIGNS:
        raise ExpressionError("表达式过于复杂")


def _nesting(source: str) -> int:
    """The most brackets open at once."""
    depth = most = 0
    for character in source:
        depth += (character in "([{") - (character in ")]}")
        most = max(most, depth)
    return most


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


class _Checker:
    """Walks a freshly parsed tree once and refuses whatever is not in the language."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: set[str] = set()
        self.count = 0

    def check(self, node: ast.expr, depth: int) -> None:
        self.count += 1
        if self.count > MAX_NODES or depth > MAX_DEPTH:
            raise ExpressionError(f"表达式“{_short(self.source)}”过于复杂")
        for child in self._children(node):
            self.check(child, depth + 1)

    def _children(self, node: ast.expr) -> list[ast.expr]:
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                return [value, index]
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return elements
            case ast.BoolOp(values=values):
                return values
            case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
                return [operand]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return [left, right]
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return [test, body, orelse]
            case ast.Call():
                return self._call(node)
        raise self._refuse(f"不允许使用“{_describe(node)}”")

    def _constant(self, node: ast.Constant) -> list[ast.expr]:
        if not isinstance(node.value, SCALARS):
            raise self._refuse("只能写数字、文字、True、False 和 None")
        _bounded(node.value)
        return []

    def _name(self, node: ast.Name) -> list[ast.expr]:
        if node.id.startswith("_"):
            raise self._refuse(f"名称“{node.id}”不能以下划线开头")
        self.names.add(node.id)
        return []

    def _attribute(self, node: ast.Attribute) -> list[ast.expr]:
        if node.attr.startswith("_"):
            raise self._refuse(f"名称“{node.attr}”不能以下划线开头")
        return [node.value]

    def _compare(self, node: ast.Compare) -> list[ast.expr]:
        sides = [node.left, *node.comparators]
        for index, op in enumerate(node.ops):
            identity = isinstance(op, ast.Is | ast.IsNot)
            if identity and not any(_is_singleton(side) for side in sides[index : index + 2]):
                raise self._refuse("“is”只能与 None、True、False 比较，其他请用“==”")
        return sides

    def _call(self, node: ast.Call) -> list[ast.expr]:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            known = "、".join(sorted(FUNCTIONS))
            raise self._refuse(f"只能调用这些函数：{known}")
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise self._refuse("函数的参数只能按顺序写")
        return node.args

    def _refuse(self, reason: str) -> ExpressionError:
        return ExpressionError(f"表达式“{_short(self.source)}”不可用：{reason}")


def _is_singleton(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _describe(node: ast.expr) -> str:
    op = getattr(node, "op", None)
    return _NODE_NAMES.get(type(op or node), type(op or node).__name__)


_NODE_NAMES: dict[type[ast.AST], str] = {
    ast.Pow: "乘方 **",
    ast.Lambda: "lambda",
    ast.Dict: "字典",
    ast.Set: "集合",
    ast.ListComp: "推导式",
    ast.SetComp: "推导式",
    ast.DictComp: "推导式",
    ast.GeneratorExp: "推导式",
    ast.JoinedStr: "f 字符串",
    ast.NamedExpr: "赋值 :=",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.Subscript: "切片",
    ast.Starred: "星号",
    ast.Invert: "按位取反 ~",
    ast.BitAnd: "按位与 &",
    ast.BitOr: "按位或 |",
    ast.BitXor: "按位异或 ^",
    ast.LShift: "移位 <<",
    ast.RShift: "移位 >>",
    ast.MatMult: "矩阵乘 @",
}


# -- working out --------------------------------------------------------------------------------------


def _value(node: ast.expr, names: Mapping[str, object]) -> object:
    """The value of `node`; every intermediate result is bounded."""
    return _bounded(_WORKERS[type(node)](node, names))


def _bounded(value: object) -> object:
    """`value` itself if it is plain data of a harmless size."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        if value.bit_length() > MAX_BITS:
            raise ExpressionError("数字过大")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ExpressionError("数字超出范围")
    elif isinstance(value, str):
        if len(value) > MAX_STRING:
            raise ExpressionError("文字过长")
    elif isinstance(value, list | tuple | dict):
        if len(value) > MAX_ITEMS:
            raise ExpressionError("列表过长")
    elif not isinstance(value, SCALARS):
        raise ExpressionError("只能使用普通数据")
    return value


def _name_value(node: ast.Name, names: Mapping[str, object]) -> object:
    if node.id not in names:
        raise ExpressionError(f"没有名为“{node.id}”的数据")
    return names[node.id]


def _item(container: object, key: object) -> object:
    """A key of a dictionary (None if it is missing) or a position of a list."""
    if type(container) is dict:
        return container.get(key)
    if type(container) in (list, tuple) and type(key) is int:
        return container[key]  # type: ignore[index]
    raise ExpressionError("只能按名称取字典的值，或按位置取列表的值")


def _bool_op(node: ast.BoolOp, names: Mapping[str, object]) -> object:
    result: object = None
    for part in node.values:
        result = _value(part, names)
        if isinstance(node.op, ast.And) != bool(result):
            return result
    return result


def _unary_op(node: ast.UnaryOp, names: Mapping[str, object]) -> object:
    value = _value(node.operand, names)
    if isinstance(node.op, ast.Not):
        return not value
    amount = number(value)
    return -amount if isinstance(node.op, ast.USub) else amount


def _bin_op(node: ast.BinOp, names: Mapping[str, object]) -> object:
    return _ARITHMETIC[type(node.op)](_value(node.left, names), _value(node.right, names))


def _compare(node: ast.Compare, names: Mapping[str, object]) -> object:
    left = _value(node.left, names)
    for op, side in zip(node.ops, node.comparators, strict=True):
        right = _value(side, names)
        if not _COMPARISONS[type(op)](left, right):
            return False
        left = right
    return True


def _call(node: ast.Call, names: Mapping[str, object]) -> object:
    assert isinstance(node.func, ast.Name)
    return FUNCTIONS[node.func.id](*[_value(argument, names) for argument in node.args])


def _if(node: ast.IfExp, names: Mapping[str, object]) -> object:
    return _value(node.body if _value(node.test, names) else node.orelse, names)


_WORKERS: dict[type[ast.expr], Callable[..., object]] = {
    ast.Constant: lambda node, names: node.value,
    ast.Name: _name_value,
    ast.Attribute: lambda node, names: _item(_value(node.value, names), node.attr),
    ast.Subscript: lambda node, names: _item(_value(node.value, names), _value(node.slice, names)),
    ast.List: lambda node, names: [_value(element, names) for element in node.elts],
    ast.Tuple: lambda node, names: [_value(element, names) for element in node.elts],
    ast.BoolOp: _bool_op,
    ast.UnaryOp: _unary_op,
    ast.BinOp: _bin_op,
    ast.Compare: _compare,
    ast.IfExp: _if,
    ast.Call: _call,
}


def _multiply(left: object, right: object) -> object:
    return number(left) * number(right)


def _remainder(left: object, right: object) -> object:
    return number(left) % number(right)


_ARITHMETIC: dict[type[ast.operator], Callable[..., object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _multiply,  # never the repetition of a text or list
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: _remainder,  # never the formatting of a text
}

_COMPARISONS: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
