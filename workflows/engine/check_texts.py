"""Checks of everything that is written rather than drawn: expressions, names, references and tables."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Literal

from lxml import etree

from workflows.engine import countersign, expressions
from workflows.engine.activities import MAX_INSTANCES
from workflows.engine.drawing import Drawing, Node
from workflows.engine.errors import EngineRefused, ExpressionError
from workflows.engine.events import timer_text
from workflows.engine.facts import COUNTS, is_name
from workflows.engine.model import Finding, error
from workflows.engine.xml import SPIFF, local, tag

MAX_LOOP = 100
_NAME_RULE = "请以字母开头，只用字母、数字和下划线，不与函数同名"
_BARE_TIME = re.compile(r"P[0-9TYMWDHS]+\Z|\d{4}-\d{2}-\d{2}")


def check_texts(drawing: Drawing, decisions: set[str], callees: set[str]) -> Iterator[Finding]:
    """Findings about what is written in the diagram. It may name these `decisions` and call these `callees`."""
    for flow in drawing.flows:
        if flow.condition is not None:
            yield from check_expression(flow.id, flow.condition, "条件")
    for node in drawing.nodes.values():
        yield from _check_timer(node)
        yield from _check_loop(node)
        if node.kind == "serviceTask":
            yield from _check_action(node)
        elif node.kind == "businessRuleTask":
            yield from _check_decision(node, decisions)
        elif node.kind == "callActivity":
            yield from _check_call(node, callees)
    yield from _check_declared(drawing)
    yield from _check_signals(drawing)
    yield from _check_errors(drawing)


def check_expression(where: str, text: str | None, word: str) -> Iterator[Finding]:
    """An error when the text is no expression; `word` says what it should be."""
    try:
        expressions.compile(text or "")
    except ExpressionError as refusal:
        yield error(
            where, "expression", f"{word}写法不对：{refusal}", "请按表达式的写法修改，例如 kind == '公开'"
        )


def check_name(where: str, name: str | None, word: str) -> Iterator[Finding]:
    """An error when a fact cannot have this name."""
    if not is_name(name):
        yield error(where, "name", f"{word}“{name}”不可用", _NAME_RULE)


def _check_timer(node: Node) -> Iterator[Finding]:
    definition = node.definition("timer")
    if definition is None:
        return
    values = [child for child in definition if local(child) in ("timeDuration", "timeDate")]
    if len(values) != 1:
        yield error(node.id, "timer_value", f"定时器“{node.label}”没有写明时长或日期", "请写一个时长或日期")
        return
    text = (values[0].text or "").strip()
    if _BARE_TIME.match(text):
        yield error(node.id, "timer_value", f"定时器“{node.label}”的“{text}”缺少引号", f"请写成 '{text}'")
        return
    yield from check_expression(node.id, text, "定时器")
    yield from _check_literal_time(node, text)


def _check_literal_time(node: Node, text: str) -> Iterator[Finding]:
    try:
        if not expressions.names_used(text):
            timer_text(expressions.evaluate(text, {}))
    except EngineRefused as refusal:
        yield error(node.id, "timer_value", str(refusal), "请选等几天、几小时，或者写一个日期")
    except ExpressionError:
        return


def _check_loop(node: Node) -> Iterator[Finding]:
    loop = node.element.find(tag("standardLoopCharacteristics"))
    if loop is not None:
        yield from _check_standard_loop(node, loop)
    several = node.element.find(tag("multiInstanceLoopCharacteristics"))
    if several is not None:
        yield from _check_instances(node, several)
    rule = _setting(node, countersign.SETTING)
    if rule is not None:
        yield from _check_countersign(node, several, rule)


def _setting(node: Node, name: str) -> str | None:
    found = node.element.iterfind(f".//{{{SPIFF}}}property[@name='{name}']")
    return next((str(each.get("value", "")) for each in found), None)


def _check_countersign(node: Node, several: etree._Element | None, text: str) -> Iterator[Finding]:
    """A 会签 is a person's step for several, with a rule and no condition of its own to end early."""
    try:
        rule = countersign.Rule.read(text)
    except ValueError:
        yield error(
            node.id, "countersign", f"“{node.label}”的会签规则不认识",
            "请在“会签与多人”里重新选一种：全部同意、按比例、一票否决、或签、依次",
        )  # fmt: skip
        return
    if several is None or node.kind not in ("userTask", "manualTask"):
        yield error(
            node.id, "countersign", f"“{node.label}”写了会签规则，但不是多人办理的环节", "请在“会签与多人”里选分成几份"
        )  # fmt: skip
        return
    if several.find(tag("completionCondition")) is not None:
        yield error(
            node.id, "countersign", f"“{node.label}”既有会签规则，又有提前结束的条件", "请只保留其中一个"
        )
    if rule.kind == "sequence" and several.get("isSequential") != "true":
        yield error(
            node.id, "countersign", f"“{node.label}”的会签是依次，但画成了同时", "请在“会签与多人”里选依次办"
        )


def _check_standard_loop(node: Node, loop: etree._Element) -> Iterator[Finding]:
    maximum = str(loop.get("loopMaximum", ""))
    if not maximum.isascii() or not maximum.isdigit() or not 1 <= int(maximum[:9]) <= MAX_LOOP:
        yield error(
            node.id, "loop_maximum", f"“{node.label}”没有写明最多重复几次", f"请写 1 到 {MAX_LOOP} 之间的次数"
        )
    condition = loop.find(tag("loopCondition"))
    if condition is not None:
        yield from check_expression(node.id, condition.text, "循环条件")


def _check_instances(node: Node, several: etree._Element) -> Iterator[Finding]:
    texts = {local(child): child for child in several}
    over, cardinality = texts.get("loopDataInputRef"), texts.get("loopCardinality")
    if (over is None) == (cardinality is None):
        yield error(
            node.id, "instances", f"“{node.label}”须写明名单或份数中的一项", "请写名单的数据名，或者写份数"
        )
    if over is not None:
        yield from check_name(node.id, over.text, "名单的数据名")
    if cardinality is not None:
        yield from check_expression(node.id, cardinality.text, "份数")
        yield from _check_literal_size(node, cardinality.text or "")
    output, item = texts.get("loopDataOutputRef"), texts.get("outputDataItem")
    if (output is None) != (item is None):
        yield error(node.id, "instances", f"“{node.label}”的汇总数据和每份的结果须同时写明", "请补上另一项")
    if output is not None:
        yield from check_name(node.id, output.text, "汇总的数据名")
    for name in ("inputDataItem", "outputDataItem"):
        if name in texts:
            yield from check_name(node.id, texts[name].get("id"), "每份的数据名")
    if "completionCondition" in texts:
        yield from _check_completion(node, texts["completionCondition"].text or "")


def _check_literal_size(node: Node, text: str) -> Iterator[Finding]:
    size = _literal(text)
    if size is None:
        return
    around = math.prod(_size_of(each) for each in node.element.iterancestors())
    if type(size) is int and 0 <= size <= MAX_INSTANCES < size * around:
        yield error(
            node.id,
            "instances",
            f"“{node.label}”与外层的份数相乘是 {size * around}，太多了",
            f"请改小，最多 {MAX_INSTANCES}",
        )
    elif type(size) is not int or not 0 <= size <= MAX_INSTANCES:
        yield error(
            node.id, "instances", f"“{node.label}”的份数“{text}”不可用", f"请写 0 到 {MAX_INSTANCES} 的整数"
        )


def _literal(text: str) -> object:
    """What a size that depends on nothing comes to; None when it depends on data or cannot be worked out."""
    try:
        return None if expressions.names_used(text) else expressions.evaluate(text, {})
    except ExpressionError:
        return None


def _size_of(element: etree._Element) -> int:
    """How often an enclosing activity is repeated at once, as far as the drawing says."""
    several = element.find(tag("multiInstanceLoopCharacteristics"))
    size = None if several is None else _literal(several.findtext(tag("loopCardinality")) or "")
    return max(size, 1) if type(size) is int else 1


def _check_completion(node: Node, text: str) -> Iterator[Finding]:
    """It may read what the last instance said, the counts, and what has been gathered."""
    yield from check_expression(node.id, text, "提前结束的条件")
    try:
        names = expressions.names_used(text)
    except ExpressionError:
        return
    wrong = sorted(name for name in names if name.startswith("nrOf") and name not in COUNTS)
    if wrong:
        yield error(
            node.id, "completion_condition", f"提前结束的条件用了“{'、'.join(wrong)}”，系统算不出它",
            f"可用刚办完的那一份的结果（如 opinion == '反对'）、汇总的数据，以及 {'、'.join(COUNTS)}",
        )  # fmt: skip


def _check_action(node: Node) -> Iterator[Finding]:
    operator = node.element.find(f".//{{{SPIFF}}}serviceTaskOperator")
    if operator is None or not operator.get("id"):
        yield error(node.id, "no_action", f"“{node.label}”没有选择动作", "请从动作列表中选择")
        return
    if operator.get("resultVariable"):
        yield from check_name(node.id, operator.get("resultVariable"), "结果的数据名")
    for parameter in operator.iter(f"{{{SPIFF}}}parameter"):
        if not parameter.get("id") or parameter.get("value") is None or parameter.get("type") is None:
            yield error(
                node.id, "param_value", f"“{node.label}”有内容没有写完整", "请重新选择动作，再写各项内容"
            )
        else:
            yield from check_expression(
                node.id, parameter.get("value"), f"“{node.label}”的内容“{parameter.get('id')}”"
            )


def _check_decision(node: Node, decisions: set[str]) -> Iterator[Finding]:
    called = node.element.find(f".//{{{SPIFF}}}calledDecisionId")
    reference = (called.text or "").strip() if called is not None else ""
    if reference not in decisions:
        yield error(
            node.id,
            "unknown_decision",
            f"“{node.label}”选的决策表不存在" if reference else f"“{node.label}”没有选择决策表",
            "请选择本流程的决策表",
        )


def _check_call(node: Node, callees: set[str]) -> Iterator[Finding]:
    called = node.element.get("calledElement")
    if called not in callees:
        yield error(
            node.id,
            "unknown_callee",
            f"“{node.label}”调用的流程不存在或尚未启用" if called else f"“{node.label}”没有选择流程",
            "请选择已启用的流程",
        )


def _check_declared(drawing: Drawing) -> Iterator[Finding]:
    for name in ("dataInput", "dataOutput"):
        for element in drawing.root.iter(tag(name)):
            yield from check_name(str(element.get("id", "")), element.get("id"), "输入输出的数据名")


def _check_signals(drawing: Drawing) -> Iterator[Finding]:
    """A signal that nothing in the diagram waits for would vanish."""
    thrown: dict[str, Node] = {}
    caught: set[str] = set()
    for node in drawing.nodes.values():
        definition = node.definition("signal")
        if definition is not None and node.kind in ("intermediateThrowEvent", "endEvent"):
            thrown[str(definition.get("signalRef"))] = node
        elif definition is not None:
            caught.add(str(definition.get("signalRef")))
    for reference, node in thrown.items():
        if reference not in caught:
            yield error(
                node.id,
                "signal_uncaught",
                f"没有环节等待“{node.label}”发出的信号",
                "请画出接收它的事件或删除它",
            )


def _check_errors(drawing: Drawing) -> Iterator[Finding]:
    """An error that no enclosing activity catches stops the step that threw it."""
    for node in drawing.nodes.values():
        definition = node.definition("error")
        if (
            definition is None
            or node.kind != "endEvent"
            or _caught(drawing, node, definition.get("errorRef"))
        ):
            continue
        severity: Literal["error", "warning"] = "error" if node.scope in drawing.nodes else "warning"
        yield Finding(
            node.id, "error_uncaught", severity, f"没有环节处理“{node.label}”抛出的错误，办件会停在这里",
            "请在外层子流程或调用它的活动上画出错误边界事件",
        )  # fmt: skip


def _caught(drawing: Drawing, node: Node, reference: str | None) -> bool:
    """Whether an activity around `node` has a boundary event for the error; callers are not known here."""
    scope = drawing.nodes.get(node.scope)
    while scope is not None:
        for boundary in drawing.boundaries(scope.id):
            definition = boundary.definition("error")
            if definition is not None and definition.get("errorRef") in (None, reference):
                return True
        scope = drawing.nodes.get(scope.scope)
    return False
