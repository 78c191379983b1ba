"""Nodes that this engine does not run become ones it does: mostly a person's step that says what it was."""

from __future__ import annotations

import re

from lxml import etree

from workflows.engine.facts import is_name
from workflows.engine.foreign.document import Document, label
from workflows.engine.model import KEY
from workflows.engine.xml import SPIFF, local, tag

_WORDS = {
    "task": "没有类型的任务", "scriptTask": "脚本任务", "sendTask": "发送任务",
    "serviceTask": "没有选择动作的服务任务", "businessRuleTask": "没有决策表的规则任务",
    "callActivity": "没有写明流程的调用活动", "subProcess": "空的子流程", "adHocSubProcess": "空的特别子流程",
}  # fmt: skip
_RULES = {
    "task": "abstract_task",
    "scriptTask": "script",
    "sendTask": "message_throw",
    "callActivity": "unknown_callee",
}
#: attributes that mean nothing on a person's step
_GONE = (
    "implementation", "scriptFormat", "messageRef", "operationRef", "instantiate", "calledElement", "triggeredByEvent",
    "ordering", "cancelRemainingInstances",
)  # fmt: skip
_TEXT = {"script"}


def make_possible(document: Document) -> None:
    """Every node that would be refused as a kind."""
    for node in document.nodes():
        kind = local(node)
        said = f"事务子流程“{label(node)}”改为普通子流程"
        if kind == "transaction" and document.offer(node, "transaction", said):
            node.tag = tag("subProcess")
            node.attrib.pop("method", "")
        if _is_a_step(node):
            _to_manual(document, node, local(node))
        elif kind == "receiveTask":
            _drop_attributes(node, ("implementation", "operationRef"))
            _need_message(document, node, node)


def _is_a_step(node: etree._Element) -> bool:
    """Whether a person has to do what this node stands for."""
    kind = local(node)
    if kind in ("task", "scriptTask", "sendTask"):
        return True
    if kind == "serviceTask":
        operator = next(node.iter(tag("serviceTaskOperator", SPIFF)), None)
        return operator is None or not operator.get("id")
    if kind == "businessRuleTask":
        called = next(node.iter(tag("calledDecisionId", SPIFF)), None)
        return called is None or not KEY.match((called.text or "").strip())
    if kind == "callActivity":
        return not node.get("calledElement")
    return kind in ("subProcess", "adHocSubProcess") and not any(
        isinstance(child.tag, str) and local(child).endswith(("Event", "Task", "task")) for child in node
    )


def _to_manual(document: Document, node: etree._Element, kind: str) -> None:
    what = "，脚本的内容留在说明里，不会执行" if kind == "scriptTask" else ""
    said = f"{_WORDS[kind]}“{label(node)}”改为由人办理的环节{what}"
    if not document.offer(node, _RULES.get(kind, kind), said):
        return
    kept = [f"原为{_WORDS[kind]}"]
    for child in [each for each in node if isinstance(each.tag, str)]:
        if local(child) in _TEXT:
            kept.append("".join(str(text) for text in child.itertext()).strip())
            node.remove(child)
        elif local(child) in (
            "laneSet",
            "completionCondition",
            "sequenceFlow",
            "textAnnotation",
            "association",
        ):
            node.remove(child)
    node.tag = tag("manualTask")
    _drop_attributes(node, _GONE)
    document.note(node, "：\n".join(each for each in kept if each))


def _drop_attributes(node: etree._Element, names: tuple[str, ...]) -> None:
    for name in names:
        node.attrib.pop(name, "")


# -- events ---------------------------------------------------------------------------------------------------

_ALLOWED = {
    "startEvent": set[str](),
    "endEvent": {"error", "escalation", "signal", "terminate"},
    "intermediateThrowEvent": {"escalation", "signal", "link"},
}
_DEFINITION = {
    "message": "消息", "timer": "定时器", "signal": "信号", "conditional": "条件", "compensate": "补偿", "cancel": "取消",
    "link": "链接", "error": "错误", "escalation": "升级", "terminate": "终止",
}  # fmt: skip


def mend_events(document: Document) -> None:
    """Triggers that a position does not take go; what waits for a message gets one."""
    caught = {
        str(each.get("signalRef"))
        for each in document.all("signalEventDefinition")
        if _kind(each) in ("intermediateCatchEvent", "boundaryEvent")
    }
    for definition in [each for each in document.bpmn() if local(each).endswith("EventDefinition")]:
        event, name = definition.getparent(), local(definition).removesuffix("EventDefinition")
        if event is None:
            continue
        allowed = _ALLOWED.get(local(event))
        lonely = (
            name == "signal"
            and local(event) in ("intermediateThrowEvent", "endEvent")
            and definition.get("signalRef") not in caught
        )
        if (allowed is not None and name not in allowed) or lonely:
            if document.offer(event, f"{name}_event", _dropped(event, name)):
                event.remove(definition)
                _drop_attributes(event, ("isInterrupting", "parallelMultiple"))
        elif name == "message":
            _need_message(document, event, definition)


def _dropped(event: etree._Element, name: str) -> str:
    word = _DEFINITION.get(name, name)
    if local(event) == "startEvent":
        return f"开始事件“{label(event)}”的{word}触发去掉了，流程由人发起"
    return f"“{label(event)}”的{word}去掉了，需要时请在它前面加一个动作（服务任务）"


def _kind(definition: etree._Element) -> str:
    parent = definition.getparent()
    return "" if parent is None else local(parent)


def _need_message(document: Document, node: etree._Element, holder: etree._Element) -> None:
    """What waits for a message names one; the file may have left that to its own engine."""
    known = {str(each.get("id")) for each in document.root.findall(tag("message"))}
    if holder.get("messageRef") in known:
        return
    name = label(node)
    if not document.offer(node, "unknown_reference", f"“{name}”没有写明等什么消息，新建了消息“{name}”"):
        return
    made = document.add_root("message", id=document.fresh(f"message_{node.get('id')}"), name=name)
    holder.set("messageRef", str(made.get("id")))
    for child in [each for each in holder if local(each) == "operationRef"]:
        holder.remove(child)


# -- instances ------------------------------------------------------------------------------------------------

_WHOLE = re.compile(r"\$?\{?\s*(\d{1,3}|[A-Za-z]\w*)\s*\}?\Z")


def mend_instances(document: Document) -> None:
    """A list named by another tool's attribute is taken over; a multi-instance that says neither list nor number goes."""
    for several in document.all("multiInstanceLoopCharacteristics"):
        node = several.getparent()
        assert node is not None
        _drop_attributes(several, ("behavior", "oneBehaviorEventRef", "noneBehaviorEventRef"))
        for child in [
            each for each in several if local(each) in ("complexBehaviorDefinition", "dataInputItem")
        ]:
            several.remove(child)
        over, number = several.find(tag("loopDataInputRef")), several.find(tag("loopCardinality"))
        named = over is not None and is_name((over.text or "").strip())
        if number is not None and not named and _plain(number.text):
            number.text = _plain(number.text)
            if over is not None:
                several.remove(over)
            continue
        if named or (over is None and number is None and _taken_over(document, several)):
            continue
        if document.offer(node, "instances", f"“{label(node)}”的多实例没有写明名单或份数，改为办一次"):
            node.remove(several)


def _plain(text: str | None) -> str:
    found = _WHOLE.match((text or "").strip())
    return found.group(1) if found else ""


def _taken_over(document: Document, several: etree._Element) -> bool:
    """`camunda:collection` and `elementVariable` and their like as a list and the name of its items, if they are there."""
    values = {etree.QName(str(name)).localname: str(value) for name, value in several.attrib.items()}
    name, item = _plain(values.get("collection")), values.get("elementVariable", "")
    if not is_name(name):
        return False
    node = several.getparent()
    assert node is not None
    if not document.offer(node, "instances", f"“{label(node)}”的多实例改用名单“{name}”"):
        return True
    over = etree.Element(tag("loopDataInputRef"))
    over.text = name
    place = sum(
        1 for each in several if local(each) in ("documentation", "extensionElements", "loopCardinality")
    )
    several.insert(place, over)
    if is_name(item):
        several.insert(place + 1, etree.Element(tag("inputDataItem"), id=item))
    return True
