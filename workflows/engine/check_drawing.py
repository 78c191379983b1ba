"""Checks of the drawing itself: its elements, identifiers, flows, gateways and events."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from workflows.engine.check_reach import check_scope
from workflows.engine.drawing import ACTIVITIES, CHOICES, GATEWAYS, MAX_NODES, Drawing, Flow, Node
from workflows.engine.drawn_words import ATTRIBUTE_WORDS, UNKNOWN_WORDS
from workflows.engine.model import KEY, Finding, error
from workflows.engine.shown import MAX_NAME, unfit
from workflows.engine.xml import BPMN, BPMNDI, SPIFF, local

_STRUCTURE = {
    "definitions", "process", "collaboration", "participant", "laneSet", "lane", "childLaneSet",
    "flowNodeRef", "sequenceFlow", "conditionExpression", "incoming", "outgoing", "documentation",
    "extensionElements", "text", "textAnnotation", "association", "group", "category", "categoryValue",
    "message", "error", "escalation", "signal",
    "ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet", "dataInputRefs", "dataOutputRefs",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "loopCardinality", "loopDataInputRef",
    "loopDataOutputRef", "inputDataItem", "outputDataItem", "completionCondition", "loopCondition",
    "timeDuration", "timeDate", "timerEventDefinition", "messageEventDefinition", "errorEventDefinition",
    "escalationEventDefinition", "signalEventDefinition", "terminateEventDefinition",
}  # fmt: skip
_NODES = {
    "userTask", "manualTask", "serviceTask", "businessRuleTask", "receiveTask", "callActivity", "subProcess",
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
    "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
}  # fmt: skip

_REFUSED = {
    "scriptTask": ("script", "脚本任务", "请改用动作（服务任务）或决策表"),
    "script": ("script", "脚本", "请改用动作（服务任务）或决策表"),
    "task": ("abstract_task", "没有类型的任务", "请改为用户任务、服务任务或决策任务"),
    "sendTask": ("message_throw", "发送任务", "请改用动作（服务任务）"),
    "timeCycle": ("cycle_timer", "周期定时器", "请改用时长或日期，需要重复时在流程中画出循环"),
    "linkEventDefinition": (
        "link_event",
        "没有对应的链接事件",
        "请给两端同样的链接名称，画在同一层：一个接收，发出的一端不再连线",
    ),
    "conditionalEventDefinition": ("conditional_event", "条件事件", "请改用网关判断"),
    "compensateEventDefinition": ("compensation", "补偿事件", "请用普通环节画出补救步骤"),
    "cancelEventDefinition": ("transaction", "取消事件", "请改用错误事件"),
    "transaction": ("transaction", "事务子流程", "请改用普通子流程"),
    "adHocSubProcess": ("ad_hoc", "特别子流程", "请画出各步骤的顺序"),
    "complexGateway": ("complex_gateway", "复杂网关", "请改用排他、并行或包容网关"),
    "eventDefinitionRef": ("event_reference", "引用的事件定义", "请把事件定义直接写在事件里"),
    "messageFlow": ("message_flow", "消息流", "系统内的流程用调用活动相连，请删除消息流"),
    "correlationKey": ("correlation", "消息关联", "消息总是送到指定的办件，请删除消息关联"),
    "correlationProperty": ("correlation", "消息关联", "消息总是送到指定的办件，请删除消息关联"),
    "import": ("import", "导入", "请把内容直接画在本流程中"),
}

_ALLOWED_EVENTS = {
    "startEvent": set[str](),
    "endEvent": {"error", "escalation", "signal", "terminate"},
    "intermediateCatchEvent": {"timer", "message", "signal"},
    "intermediateThrowEvent": {"escalation", "signal"},
    "boundaryEvent": {"timer", "message", "error", "escalation", "signal"},
}
_EVENT_WORDS = {
    "timer": "定时器", "message": "消息", "error": "错误", "escalation": "升级", "signal": "信号",
    "terminate": "终止",
}  # fmt: skip
_EXTENSIONS = {"properties", "property", "serviceTaskOperator", "parameters", "parameter", "calledDecisionId"}


#: attributes that would change how a step runs -> the values that ask for nothing
_USUAL = {
    "operationRef": ("",),
    "implementation": ("", "##unspecified", "##WebService"),
    "behavior": ("All",),
    "isImmediate": ("true",),
}

#: what other engines would run: extension elements and attributes by their local names
_RUNS = re.compile(r"script|listener|connector", re.I)
_RUNNING_ATTRIBUTES = {"class", "delegateExpression", "expression", "script"}


def check_drawing(drawing: Drawing, key: str) -> Iterator[Finding]:
    """Findings about what is drawn, in the order of the file."""
    yield from _check_process(drawing, key)
    for element in drawing.bpmn_elements():
        yield from _check_element(element)
    yield from _check_ids(drawing)
    for flow in drawing.flows:
        yield from _check_flow(flow)
    for node in drawing.nodes.values():
        yield from _check_node(drawing, node)
    for scope, nodes in drawing.scopes().items():
        yield from check_scope(drawing, scope, nodes)


def _check_process(drawing: Drawing, key: str) -> Iterator[Finding]:
    if len(drawing.processes) != 1:
        count = len(drawing.processes)
        yield error(
            key, "process_count", f"文件中有 {count} 个流程，只能有一个", "请把每个流程单独保存为一个文件"
        )
    for process in drawing.processes:
        if process.get("id") != key:
            yield error(
                key, "process_key", f"流程编号“{process.get('id')}”与流程包的编号不同", f"请改为“{key}”"
            )
        if process.get("isExecutable", "true") != "true":
            yield error(
                key,
                "not_executable",
                "流程没有勾选“由系统照图办理”",
                "请点图上空白的地方，勾选“由系统照图办理”",
            )
    if len(drawing.nodes) > MAX_NODES:
        yield error(
            key,
            "oversize",
            f"流程有 {len(drawing.nodes)} 个图形，最多 {MAX_NODES} 个",
            "请把一部分画成单独的流程再调用",
        )


def _check_element(element: etree._Element) -> Iterator[Finding]:
    name, where = local(element), _where(element)
    if name in _REFUSED:
        rule, word, mend = _REFUSED[name]
        yield error(where, rule, f"不支持{word}", mend)
    elif name not in _STRUCTURE and name not in _NODES:
        yield error(
            where,
            "unsupported",
            f"不支持{UNKNOWN_WORDS.get(name, f'图形或内容“{name}”')}，它不会起作用",
            "请删除它，或用左边列出的图形重画",
        )
    for attribute, rule, word in (
        ("startQuantity", "token_quantity", "起始令牌数"),
        ("completionQuantity", "token_quantity", "完成令牌数"),
    ):
        if element.get(attribute, "1") != "1":
            yield error(
                where,
                rule,
                f"不支持{word}“{element.get(attribute)}”",
                "请删除这个图形重画，用并行网关画出分支",
            )
    for attribute, rule, word, mend in (
        ("triggeredByEvent", "event_subprocess", "事件子流程", "请把事件画成边界事件"),
        ("isForCompensation", "compensation", "补偿活动", "请用普通环节画出补救步骤"),
        ("instantiate", "instantiate", "由消息启动流程", "流程由人启动，请改用普通开始事件"),
        ("parallelMultiple", "several_definitions", "并行多重事件", "请把它拆成几个事件"),
    ):
        if element.get(attribute, "false") == "true":
            yield error(where, rule, f"不支持{word}", mend)
    for attribute, usual in _USUAL.items():
        if element.get(attribute, usual[0]) not in usual:
            yield error(
                where,
                "unsupported",
                f"不支持在图里写{ATTRIBUTE_WORDS[attribute]}，它不会起作用",
                "请删除这个图形重画，或者请熟悉的人在文件里删去它",
            )
    parent = element.getparent()
    if name == "ioSpecification" and parent is not None and local(parent) != "process":
        yield error(
            where,
            "unsupported",
            "不支持环节上的输入输出声明，它不会起作用",
            "请删除它；流程的输入输出写在流程上",
        )
    if element.get("eventGatewayType", "Exclusive") != "Exclusive":
        yield error(where, "event_gateway", "不支持并行的事件网关", "请改为普通事件网关")
    yield from _check_shown(element, name, where)
    yield from _check_extensions(element, where)


def _check_shown(element: etree._Element, name: str, where: str) -> Iterator[Finding]:
    """Names and notes are words; children of other namespaces have their place in `extensionElements`."""
    why = unfit(str(element.get("name") or ""), MAX_NAME)
    if name in ("documentation", "text"):
        why = why or unfit("".join(str(part) for part in element.itertext()))
    if why:
        yield error(where, "shown", f"名称或说明{why}", "请改正后再保存")
    if name == "extensionElements":
        return
    for child in element:
        if etree.QName(child).namespace not in (BPMN, BPMNDI):
            yield error(where, "unsupported", f"“{local(child)}”是其他软件的内容，不会起作用", "请删除它")


def _check_extensions(element: etree._Element, where: str) -> Iterator[Finding]:
    if local(element) == "extensionElements":
        for child in element.iter():
            if child is element or not isinstance(child.tag, str):
                continue
            name = etree.QName(child)
            if name.namespace != SPIFF:
                runs = runs_elsewhere(child)
                yield _running(where, name.localname) if runs else _foreign(where, name.localname)
            elif name.localname in ("preScript", "postScript"):
                yield error(where, "script", "不支持前置或后置脚本", "请改用动作（服务任务）或决策表")
            elif name.localname not in _EXTENSIONS:
                yield error(where, "unsupported", f"系统不认识的内容“{name.localname}”不会起作用", "请删除它")
    for attribute in element.attrib:
        found = etree.QName(str(attribute))
        if found.namespace and found.namespace not in (BPMN, "http://www.w3.org/2001/XMLSchema-instance"):
            runs = found.localname in _RUNNING_ATTRIBUTES
            yield _running(where, found.localname) if runs else _foreign(where, found.localname)


def runs_elsewhere(element: etree._Element) -> bool:
    """Whether an extension of another tool would be run there; here it would silently not be."""
    return bool(_RUNS.search(local(element))) or any(
        etree.QName(str(name)).localname in _RUNNING_ATTRIBUTES for name in element.attrib
    )


def runs_by_attribute(name: str) -> bool:
    """Whether an attribute of another tool names what would be run there."""
    found = etree.QName(name)
    return found.localname in _RUNNING_ATTRIBUTES and found.namespace not in (None, BPMN)


def _running(where: str, name: str) -> Finding:
    return error(
        where, "script", f"其他软件的“{name}”会执行程序，系统不执行它", "请删除它，需要时改用动作（服务任务）"
    )


def _foreign(where: str, name: str) -> Finding:
    return Finding(
        where, "foreign", "warning", f"其他软件的扩展“{name}”不会起作用", "请确认不需要它，或删除它"
    )


def _where(element: etree._Element) -> str:
    """The id of the nearest element that has one."""
    current: etree._Element | None = element
    while current is not None:
        if current.get("id"):
            return str(current.get("id"))
        current = current.getparent()
    return ""


def _check_ids(drawing: Drawing) -> Iterator[Finding]:
    for duplicate in drawing.duplicates:
        yield error(duplicate, "duplicate_id", f"编号“{duplicate}”用了不止一次", "请给每个图形不同的编号")
    for node in drawing.nodes.values():
        if node.id in ("Start", "End") or ".EndJoin" in node.id or ".BoundaryEvent" in node.id:
            yield error(node.id, "reserved_id", f"编号“{node.id}”是系统保留的", "请改用其他编号")
        elif not KEY.match(node.id):
            yield error(
                node.id, "identifier", f"编号“{node.id}”不可用", "请以字母开头，只用字母、数字和下划线，最多 64 个字符"
            )  # fmt: skip


def _check_flow(flow: Flow) -> Iterator[Finding]:
    if not flow.id:  # the library leaves it out
        yield error(
            _where(flow.element), "identifier", "有一条连线没有编号，不会起作用", "请删去这条连线，再重新连接"
        )
    if flow.source is None or flow.target is None:
        yield error(flow.id, "flow_reference", "连线的一端没有接到图形上", "请重新连接或删除这条连线")
    elif flow.source.scope != flow.target.scope:
        yield error(flow.id, "flow_scope", "连线跨过了子流程的边框", "请在子流程内外分别连线")
    elif flow.condition is not None and flow.source.kind not in CHOICES:
        yield error(
            flow.id, "conditional_flow", f"从“{flow.source.label}”出来的连线带有条件，不会起作用",
            "请在它后面加一个排他或包容网关，把条件写在网关的连线上",
        )  # fmt: skip


def _check_node(drawing: Drawing, node: Node) -> Iterator[Finding]:
    if node.kind in CHOICES:
        yield from _check_choice(node)
    elif node.kind not in GATEWAYS and len(node.outgoing) > 1:
        yield error(node.id, "multiple_flows", f"“{node.label}”有多条出口连线", "请在它后面加一个网关")
    if node.kind == "eventBasedGateway":
        yield from _check_event_gateway(node)
    if node.kind in _ALLOWED_EVENTS:
        yield from _check_event(drawing, node)
    if node.kind in ACTIVITIES:
        yield from _check_boundaries(drawing, node)
    if node.kind == "receiveTask" and node.element.get("messageRef") not in drawing.ids("message"):
        yield error(node.id, "unknown_reference", f"接收任务“{node.label}”没有指定消息", "请选择一个消息")


def _check_choice(node: Node) -> Iterator[Finding]:
    default = node.element.get("default")
    if default is not None and default not in [flow.id for flow in node.outgoing]:
        yield error(
            node.id, "default_flow", f"网关“{node.label}”的默认流向不是它自己的连线", "请重新指定默认流向"
        )
    if len(node.outgoing) < 2:
        return
    if default is None:
        yield error(
            node.id,
            "default_flow",
            f"网关“{node.label}”没有默认流向，条件都不满足时办件会停住",
            "请把一条连线设为默认流向",
        )
    for flow in node.outgoing:
        if flow.id == default and flow.condition is not None:
            yield Finding(
                flow.id,
                "default_condition",
                "warning",
                "默认流向上的条件不会起作用",
                "请删除这条连线上的条件",
            )
        elif flow.id != default and flow.condition is None:
            yield error(
                flow.id, "missing_condition", f"网关“{node.label}”的连线没有条件", "请写上条件或设为默认流向"
            )


def _check_event_gateway(node: Node) -> Iterator[Finding]:
    names = []
    for follower in node.followers:
        catches = follower.kind == "receiveTask" or follower.kind == "intermediateCatchEvent"
        if not catches or len(follower.incoming) != 1:
            yield error(
                follower.id, "event_gateway",
                f"事件网关“{node.label}”之后只能直接接等待消息、定时器或信号的事件",
                "请在网关后面画出要等待的事件，每个事件只接这个网关",
            )  # fmt: skip
        if "timer" in follower.definitions:
            names.append(str(follower.element.get("name") or follower.id))
    if len(names) != len(set(names)):
        yield error(
            node.id, "event_gateway", f"事件网关“{node.label}”之后有同名的定时器", "请给它们不同的名称"
        )
    if len(node.outgoing) < 2:
        yield error(node.id, "event_gateway", f"事件网关“{node.label}”之后不到两个事件", "请补上要等待的事件")


def _check_event(drawing: Drawing, node: Node) -> Iterator[Finding]:
    allowed = _ALLOWED_EVENTS[node.kind]
    if len(node.definitions) > 1:
        yield error(node.id, "several_definitions", f"事件“{node.label}”有多个触发条件", "请拆成几个事件")
    for definition in node.definitions:
        if definition in _EVENT_WORDS and definition not in allowed:
            rule = "start_event" if node.kind == "startEvent" else f"{definition}_{_position(node)}"
            word = _EVENT_WORDS[definition]
            yield error(
                node.id,
                rule,
                f"“{node.label}”这里不能用{word}事件，不会起作用",
                _mend_event(node, definition),
            )
        yield from _check_reference(drawing, node, definition)
    if not node.definitions and node.kind in ("intermediateCatchEvent", "boundaryEvent"):
        yield error(
            node.id, "no_definition", f"事件“{node.label}”没有说明等待什么", "请选择定时器、消息等触发条件"
        )
    if node.kind == "boundaryEvent" and "message" in node.definitions and not node.interrupting:
        yield error(
            node.id, "message_boundary",
            f"不打断环节的消息事件“{node.label}”只有第一次起作用，之后的消息会丢失",
            "请改为打断环节，或把这件事做成办件上的操作",
        )  # fmt: skip


def _check_reference(drawing: Drawing, node: Node, definition: str) -> Iterator[Finding]:
    element = node.definition(definition)
    if definition not in ("message", "error", "escalation", "signal") or element is None:
        return
    if element.get(f"{definition}Ref") not in drawing.ids(definition):
        word = _EVENT_WORDS[definition]
        yield error(node.id, "unknown_reference", f"“{node.label}”没有指定{word}", f"请选择一个{word}")


def _position(node: Node) -> str:
    return {"endEvent": "end", "intermediateThrowEvent": "throw"}.get(node.kind, "catch")


def _mend_event(node: Node, definition: str) -> str:
    if node.kind == "startEvent":
        return "流程由人启动，请改用普通开始事件"
    if definition == "message":
        return "要发出消息请改用动作（服务任务）"
    return "请改用这里支持的事件"


def _check_boundaries(drawing: Drawing, node: Node) -> Iterator[Finding]:
    interrupting = [event for event in drawing.boundaries(node.id) if event.interrupting]
    if len(interrupting) > 1:
        yield error(
            interrupting[1].id, "several_interrupting",
            f"“{node.label}”上有多个打断它的边界事件，只有一个会起作用",
            "请只保留一个打断的边界事件，或把环节放进子流程分层处理",
        )  # fmt: skip
