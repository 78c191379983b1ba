"""Sequence flows: every way has an end, every split is drawn, every choice has a way out."""

from __future__ import annotations

from lxml import etree

from workflows.engine.drawing import CHOICES, FLOW_NODES, GATEWAYS
from workflows.engine.foreign.document import Document, label
from workflows.engine.xml import local, tag

_NO_FLOW_OUT = {"endEvent"}


def drop_loose(document: Document) -> None:
    """Flows with an end that is nowhere."""
    known = {str(each.get("id")) for each in document.nodes()}
    for flow in document.flows():
        if not flow.get("id"):
            flow.set("id", document.fresh(f"flow_{flow.get('sourceRef')}"))
        if {flow.get("sourceRef"), flow.get("targetRef")} <= known:
            continue
        if document.offer(flow, "loose_flow", f"删去没有连到两端的连线“{label(flow)}”"):
            document.remove(flow)


def end_everything(document: Document) -> None:
    """A process or sub-process without start event begins where nothing leads in; a way without end event ends."""
    scopes = [*document.root.findall(tag("process")), *document.all("subProcess")]
    for scope in scopes:
        nodes = [each for each in scope if isinstance(each.tag, str) and local(each) in FLOW_NODES]
        if not nodes:
            continue
        if not any(local(each) == "startEvent" for each in nodes):
            _begin(document, scope, nodes)
        for node in nodes:
            if local(node) in _NO_FLOW_OUT or document.outgoing(node) or _undone(node):
                continue
            if document.offer(node, "no_end", f"“{label(node)}”之后没有连线，补上结束事件"):
                end = document.add(scope, "endEvent", id=document.fresh(f"end_{node.get('id')}"))
                document.draw_beside(end, node, 36)
                document.connect(node, end)
                document.point(end)


def _undone(node: etree._Element) -> bool:
    """Whether a node stands outside the flow: for compensation, begun by an event, or one end of a link."""
    return (
        node.find(tag("linkEventDefinition")) is not None
        or node.get("isForCompensation") == "true"
        or node.get("triggeredByEvent") == "true"
    )


def _begin(document: Document, scope: etree._Element, nodes: list[etree._Element]) -> None:
    first = [
        each for each in nodes
        if not document.incoming(each) and local(each) != "boundaryEvent" and not _undone(each)
    ]  # fmt: skip
    if len(first) != 1:
        return
    if not document.offer(first[0], "start_count", f"没有开始事件，在“{label(first[0])}”之前补上"):
        return
    start = document.add(scope, "startEvent", id=document.fresh(f"begin_{first[0].get('id')}"))
    box = document.bounds(str(first[0].get("id")))
    if box is not None:
        document.draw_beside(start, first[0], 36)
        _move_left(document, start, box)
    document.connect(start, first[0])
    document.point(start)


def _move_left(document: Document, node: etree._Element, box: tuple[float, float, float, float]) -> None:
    shape = document.shape(str(node.get("id")))
    if shape is not None:
        shape[0].set("x", f"{box[0] - 66:g}")


def split_openly(document: Document) -> None:
    """Several flows out of a step are a parallel or inclusive split: it is drawn as the gateway it means."""
    for node in document.nodes():
        flows = document.outgoing(node)
        if local(node) in GATEWAYS or len(flows) < 2:
            continue
        scope = node.getparent()
        assert scope is not None
        chosen = any(flow.find(tag("conditionExpression")) is not None for flow in flows)
        kind, word = ("inclusiveGateway", "包容") if chosen else ("parallelGateway", "并行")
        said = f"“{label(node)}”有多条出口连线，在它后面补上{word}网关"
        if not document.offer(node, "multiple_flows", said):
            continue
        gateway = document.add(scope, kind, id=document.fresh(f"split_{node.get('id')}"))
        if node.get("default") and chosen:
            gateway.set("default", str(node.get("default")))
        node.attrib.pop("default", "")
        document.draw_beside(gateway, node, 50)
        for flow in flows:
            flow.set("sourceRef", str(gateway.get("id")))
        document.connect(node, gateway)
        document.point(gateway)


def choose_defaults(document: Document) -> None:
    """A choice without a default flow stops a case when nothing holds: one flow is made the default."""
    for node in document.nodes():
        flows = document.outgoing(node)
        if local(node) not in CHOICES:
            if local(node) in GATEWAYS:
                node.attrib.pop("default", "")
            elif len(flows) > 1:
                continue  # the gateway it means was not wanted
            _forget_conditions(document, node, flows)
            continue
        if len(flows) < 2:
            _forget_conditions(document, node, flows)
            node.attrib.pop("default", "")
            continue
        if node.get("default") not in [flow.get("id") for flow in flows]:
            open_flows = [flow for flow in flows if flow.find(tag("conditionExpression")) is None]
            default = (open_flows or flows)[-1]
            said = f"网关“{label(node)}”没有默认流向，把“{label(default)}”设为默认流向，请核对"
            if document.offer(default, "default_flow", said):
                node.set("default", str(default.get("id")))
        _forget_conditions(document, node, [flow for flow in flows if flow.get("id") == node.get("default")])


def _forget_conditions(document: Document, node: etree._Element, flows: list[etree._Element]) -> None:
    """Conditions where nothing is chosen; the text stays as documentation."""
    for flow in flows:
        condition = flow.find(tag("conditionExpression"))
        said = f"连线“{label(flow)}”上的条件不起作用，移到说明里"
        if condition is not None and document.offer(flow, "default_condition", said):
            text = (condition.text or "").strip()
            flow.remove(condition)
            if text:
                document.note(flow, f"原来的条件：{text}")
