"""The diagram under repair: finding, adding and removing elements, with what was said about it."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from workflows.engine.drawing import FLOW_NODES
from workflows.engine.xml import BPMN, BPMNDI, local, tag

DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
ARTIFACTS = {"textAnnotation", "association", "group"}
#: what stands before the flows of a node (order of the schema)
_FIRST = ("documentation", "extensionElements", "auditing", "monitoring", "categoryValueRef")
_WORD = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True)
class Repair:
    """One change made to a foreign diagram; `element` is its id in the repaired file, or the one it had if it is gone.

    `choice`: how a person names it who does not want it; "" for what a diagram cannot come in without. `left`: it was not
    wanted, and not made.
    """

    element: str
    rule: str
    message: str
    choice: str = ""
    left: bool = False


class Document:
    """A parsed diagram and the repairs made so far. `left`: choices of repairs that are not to be made."""

    def __init__(self, root: etree._Element, left: Collection[str] = ()) -> None:
        self.root = root
        self.left = frozenset(left)
        self.repairs: list[Repair] = []
        self._offered: Counter[str] = Counter()

    def say(self, element: etree._Element | str, rule: str, message: str) -> None:
        where = element if isinstance(element, str) else str(element.get("id") or "")
        self.repairs.append(Repair(where, rule, message))

    def offer(self, about: etree._Element, rule: str, message: str) -> bool:
        """Say a repair that a person may leave; whether it is to be made. Told before anything is changed.

        The choice is the same whenever the same file is repaired, whatever else is left and however the process is called.
        """
        own = "process" if local(about) == "process" else str(about.get("id") or "")
        self._offered[f"{rule}:{own}"] += 1
        choice = f"{rule}:{own}:{self._offered[f'{rule}:{own}']}"
        self.repairs.append(Repair(str(about.get("id") or ""), rule, message, choice, choice in self.left))
        return choice not in self.left

    def point(self, element: etree._Element) -> None:
        """What was said last is about an element that was made for it."""
        self.repairs[-1] = replace(self.repairs[-1], element=str(element.get("id")))

    def renamed(self, changes: Mapping[str, str]) -> None:
        """What was said so far points to the new ids."""
        self.repairs = [
            replace(each, element=changes.get(each.element, each.element)) for each in self.repairs
        ]

    # -- finding

    def all(self, *names: str) -> list[etree._Element]:
        """Every element of these BPMN names, in the order of the file."""
        return list(self.root.iter(*(tag(name) for name in names)))

    def nodes(self) -> list[etree._Element]:
        """Every flow node."""
        return self.all(*sorted(FLOW_NODES))

    def bpmn(self) -> Iterator[etree._Element]:
        """Every element of the BPMN namespace."""
        return self.root.iter(f"{{{BPMN}}}*")

    def by_id(self) -> dict[str, etree._Element]:
        return {str(each.get("id")): each for each in self.bpmn() if each.get("id")}

    def flows(self) -> list[etree._Element]:
        return self.all("sequenceFlow")

    def outgoing(self, node: etree._Element) -> list[etree._Element]:
        return [flow for flow in self.flows() if flow.get("sourceRef") == node.get("id")]

    def incoming(self, node: etree._Element) -> list[etree._Element]:
        return [flow for flow in self.flows() if flow.get("targetRef") == node.get("id")]

    def shape(self, element: str, kind: str = "BPMNShape") -> etree._Element | None:
        """The shape or edge that draws an element."""
        found = (each for each in self.root.iter(tag(kind, BPMNDI)) if each.get("bpmnElement") == element)
        return next(found, None)

    def bounds(self, element: str) -> tuple[float, float, float, float] | None:
        """x, y, width and height of a drawn element."""
        shape = self.shape(element)
        box = None if shape is None else shape.find(tag("Bounds", DC))
        if box is None:
            return None
        try:
            x, y, width, height = (float(str(box.get(each))) for each in ("x", "y", "width", "height"))
        except ValueError:
            return None
        return x, y, width, height

    # -- changing

    def fresh(self, word: str, instead: str = "", otherwise: str = "step") -> str:
        """An id that is not taken and that forms can be named after; `instead` of the one that is given up."""
        base = _WORD.sub("_", word.lower()).strip("_")[:30]
        base = base if base[:1].isalpha() else f"{otherwise}_{base}".rstrip("_")
        ids = (str(each.get("id")) for each in self.root.iter() if each.get("id"))
        taken = {each.lower() for each in ids if each != instead} | {"start", "end", *keyword.kwlist}
        number, found = 1, base
        while found in taken:
            number += 1
            found = f"{base}_{number}"
        return found

    def remove(self, element: etree._Element) -> None:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)

    def note(self, element: etree._Element, text: str) -> None:
        """Keep a text of the file as documentation of the element."""
        note = etree.Element(tag("documentation"))
        note.text = text[:4000]
        element.insert(0, note)

    def add(self, scope: etree._Element, kind: str, /, **attributes: str) -> etree._Element:
        """A new flow element in a process or sub-process, before its artifacts (order of the schema)."""
        made = etree.Element(tag(kind), attributes)
        later = (place for place, child in enumerate(scope) if _is_artifact(child))
        scope.insert(next(later, len(scope)), made)
        return made

    def add_root(self, kind: str, /, **attributes: str) -> etree._Element:
        """A new root element, before the drawing."""
        made = etree.Element(tag(kind), attributes)
        later = (place for place, child in enumerate(self.root) if str(child.tag).startswith(f"{{{BPMNDI}}}"))
        self.root.insert(next(later, len(self.root)), made)
        return made

    def connect(self, source: etree._Element, target: etree._Element) -> etree._Element:
        """A new sequence flow, drawn when both ends are."""
        scope = source.getparent()
        assert scope is not None
        ends = {"sourceRef": str(source.get("id")), "targetRef": str(target.get("id"))}
        flow = self.add(scope, "sequenceFlow", id=self.fresh(f"flow_{ends['sourceRef']}"), **ends)
        self.draw_flow(flow)
        return flow

    def draw_flow(self, flow: etree._Element) -> None:
        """A straight edge between the drawn ends of a flow; nothing where they are not drawn."""
        start, end = self.bounds(str(flow.get("sourceRef"))), self.bounds(str(flow.get("targetRef")))
        plane = next(self.root.iter(tag("BPMNPlane", BPMNDI)), None)
        if plane is None or start is None or end is None:
            return
        name = str(flow.get("id"))
        edge = etree.SubElement(plane, tag("BPMNEdge", BPMNDI), id=f"{name}_di", bpmnElement=name)
        for x, y in ((start[0] + start[2], start[1] + start[3] / 2), (end[0], end[1] + end[3] / 2)):
            etree.SubElement(edge, tag("waypoint", DI), x=f"{x:g}", y=f"{y:g}")

    def draw_beside(self, node: etree._Element, beside: etree._Element, size: int) -> None:
        """A shape for a new node, right of a drawn one."""
        box = self.bounds(str(beside.get("id")))
        plane = next(self.root.iter(tag("BPMNPlane", BPMNDI)), None)
        if plane is None or box is None:
            return
        name = str(node.get("id"))
        shape = etree.SubElement(plane, tag("BPMNShape", BPMNDI), id=f"{name}_di", bpmnElement=name)
        x, y = box[0] + box[2] + 30, box[1] + box[3] / 2 - size / 2
        etree.SubElement(shape, tag("Bounds", DC), x=f"{x:g}", y=f"{y:g}", width=str(size), height=str(size))

    def link_up(self) -> None:
        """Write the incoming and outgoing flows of every node as the flows have them."""
        into: dict[str, list[str]] = {}
        out: dict[str, list[str]] = {}
        for flow in self.flows():
            into.setdefault(str(flow.get("targetRef")), []).append(str(flow.get("id")))
            out.setdefault(str(flow.get("sourceRef")), []).append(str(flow.get("id")))
        for node in self.nodes():
            _write_flows(node, into.get(str(node.get("id")), []), out.get(str(node.get("id")), []))


def _write_flows(node: etree._Element, into: list[str], out: list[str]) -> None:
    if sorted(_texts(node, "incoming")) == sorted(into) and sorted(_texts(node, "outgoing")) == sorted(out):
        return
    for child in [each for each in node if local(each) in ("incoming", "outgoing") and _is_bpmn(each)]:
        node.remove(child)
    place = sum(1 for each in node if local(each) in _FIRST and _is_bpmn(each))
    for name, ids in (("outgoing", out), ("incoming", into)):
        for each in reversed(ids):
            made = etree.Element(tag(name))
            made.text = each
            node.insert(place, made)


def _texts(node: etree._Element, name: str) -> list[str]:
    return [(each.text or "").strip() for each in node.findall(tag(name))]


def _is_bpmn(element: etree._Element) -> bool:
    return etree.QName(element).namespace == BPMN


def _is_artifact(element: etree._Element) -> bool:
    return _is_bpmn(element) and local(element) in ARTIFACTS


def label(element: etree._Element) -> str:
    """What its author called an element: 「name」, or its id."""
    return clipped(" ".join(str(element.get("name") or element.get("id") or "").split()))


def clipped(name: str) -> str:
    """A name as it stands in a sentence."""
    return name if len(name) <= 40 else name[:39] + "…"
