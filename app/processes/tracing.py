"""A copy of a diagram that records which sequence flows are taken: every flow passes a recording service task."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

from lxml import etree

from workflows.engine import Source
from workflows.engine.xml import SPIFF, read_bpmn, tag

ACTION = "trace.flow"
RESULT = "traced"


@dataclass
class Tracing:
    """The (process key, flow id) pairs that were taken."""

    taken: set[tuple[str, str]] = field(default_factory=set)

    def note(self, mark: str) -> None:
        process, _, flow = mark.partition("/")
        self.taken.add((process, flow))


def flows_of(source: Source) -> dict[str, str]:
    """Flow id -> 「from」→「to」（label) for every flow that can be traced."""
    root = read_bpmn(source.bpmn)
    names = {
        str(each.get("id")): each.get("name") or str(each.get("id")) for each in root.iter() if each.get("id")
    }
    found = {}
    for flow in _flows(root):
        label = f"「{names[flow.get('sourceRef', '')]}」→「{names[flow.get('targetRef', '')]}」"
        found[str(flow.get("id"))] = label + (f"（{flow.get('name')}）" if flow.get("name") else "")
    return found


def traced(source: Source) -> Source:
    """The same process with a recording service task on every flow."""
    root = copy.deepcopy(read_bpmn(source.bpmn))
    for flow in _flows(root):
        _insert(source.key, flow)
    return replace(source, bpmn=etree.tostring(root, encoding="utf-8"))


def _flows(root: etree._Element) -> list[etree._Element]:
    """All flows but those that leave an event gateway: these must end at their events."""
    waiting = {each.get("id") for each in root.iter(tag("eventBasedGateway"))}
    return [flow for flow in root.iter(tag("sequenceFlow")) if flow.get("sourceRef") not in waiting]


def _insert(process: str, flow: etree._Element) -> None:
    """source -flow-> target becomes source -flow-> recorder -> target."""
    key, target = str(flow.get("id")), str(flow.get("targetRef"))
    parent = flow.getparent()
    assert parent is not None
    recorder = etree.SubElement(parent, tag("serviceTask"), id=f"trace_{key}")
    extension = etree.SubElement(recorder, tag("extensionElements"))
    operator = etree.SubElement(
        extension, tag("serviceTaskOperator", SPIFF), id=ACTION, resultVariable=RESULT
    )
    parameters = etree.SubElement(operator, tag("parameters", SPIFF))
    mark = f'"{process}/{key}"'
    etree.SubElement(parameters, tag("parameter", SPIFF), id="flow", type="str", value=mark)
    etree.SubElement(recorder, tag("incoming")).text = key
    etree.SubElement(recorder, tag("outgoing")).text = f"on_{key}"
    flow.set("targetRef", f"trace_{key}")
    etree.SubElement(parent, tag("sequenceFlow"), id=f"on_{key}", sourceRef=f"trace_{key}", targetRef=target)
    for incoming in parent.iter(tag("incoming")):
        if incoming.text == key and incoming.getparent() is not recorder:
            incoming.text = f"on_{key}"
