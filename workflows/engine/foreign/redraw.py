"""A drawing for a diagram that has none, or not of every node: pools and lanes as bands, the flow from left to right.

Sub-processes are drawn open with what is in them, boundary events on the lower edge of their host, annotations beside
what they belong to. What a person drew elsewhere is not kept: half a drawing does not tell where the rest would stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from workflows.engine.drawing import EVENTS, FLOW_NODES, GATEWAYS
from workflows.engine.foreign.document import DC, DI, Document
from workflows.engine.foreign.grid import Item, Link
from workflows.engine.foreign.labels import Label, label_of
from workflows.engine.foreign.layout import Box, Laid, Points, lay_out
from workflows.engine.xml import BPMNDI, local, tag

_TASK, _EVENT, _GATEWAY = (110, 80), (36, 36), (50, 50)
_INSIDE = 24  # pixels around what a sub-process holds
_HEADER = 30  # pixels of the name of a pool or lane
_AT = 60, 40  # where a drawing begins
_NOTE = 130  # pixels of the width of an annotation
_CROWD = 48  # pixels from one boundary event to the next


def draw_all(document: Document) -> None:
    """Every flow node gets a shape and every flow an edge. Nothing happens where all nodes are drawn."""
    shapes = {each.get("bpmnElement") for each in document.root.iter(tag("BPMNShape", BPMNDI))}
    nodes = document.nodes()
    if nodes and all(each.get("id") in shapes for each in nodes):
        edges = {each.get("bpmnElement") for each in document.root.iter(tag("BPMNEdge", BPMNDI))}
        for flow in document.flows():
            if flow.get("id") not in edges and {flow.get("sourceRef"), flow.get("targetRef")} <= shapes:
                document.draw_flow(flow)
                document.say(flow, "not_drawn", "连线没有画出来，补上了")
        return
    for diagram in document.root.findall(tag("BPMNDiagram", BPMNDI)):
        document.remove(diagram)
    for element in document.all("lane", "participant", "collaboration", "textAnnotation", "association"):
        if not element.get("id"):
            element.set("id", document.fresh(local(element)))
    missing = sum(each.get("id") not in shapes for each in nodes)
    _write(document, *_whole(document))
    some = "没有画出图形" if missing == len(nodes) else f"有 {missing} 个图形没有画出来"
    document.say("", "not_drawn", f"文件里{some}，整张图按流程的顺序重新排列")


@dataclass
class Picture:
    """Boxes and ways of everything that is drawn, by element id, in the order they are written."""

    boxes: dict[str, Box] = field(default_factory=dict)
    ways: dict[str, Points] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)

    def take(self, other: Picture, x: float, y: float) -> None:
        """Everything of another picture, moved."""
        for name, box in other.boxes.items():
            self.boxes[name] = box[0] + x, box[1] + y, box[2], box[3]
        for name, box in other.labels.items():
            self.labels[name] = box[0] + x, box[1] + y, box[2], box[3]
        for name, points in other.ways.items():
            self.ways[name] = tuple((each[0] + x, each[1] + y) for each in points)


@dataclass(frozen=True)
class Lane:
    """A lane without lanes in it; `outer` are the lanes around it, the outermost first."""

    element: etree._Element
    outer: tuple[etree._Element, ...]


def _whole(document: Document) -> tuple[etree._Element, Picture]:
    """The element that the drawing is of, and everything in it."""
    process = document.root.find(tag("process"))
    assert process is not None
    collaboration = document.root.find(tag("collaboration"))
    pool = None if collaboration is None else collaboration.find(tag("participant"))
    drawn, width, height = _scope(document, process, _HEADER if pool is not None else 0)
    picture = Picture()
    if pool is not None:
        picture.boxes[str(pool.get("id"))] = 0, 0, width, height
    picture.take(drawn, 0, 0)
    for flow in document.flows():
        if str(flow.get("id")) not in picture.ways:
            _across(flow, picture)
    moved = Picture()
    moved.take(picture, *_AT)
    return (process if collaboration is None else collaboration), moved


def _across(flow: etree._Element, picture: Picture) -> None:
    """A flow over the edge of a sub-process: the check refuses it, but it can be seen."""
    start, end = (picture.boxes.get(str(flow.get(each))) for each in ("sourceRef", "targetRef"))
    if start is not None and end is not None:
        x, y, to = start[0] + start[2], start[1] + start[3] / 2, end[1] + end[3] / 2
        middle = (x + end[0]) / 2
        picture.ways[str(flow.get("id"))] = (x, y), (middle, y), (middle, to), (end[0], to)


# -- one scope ------------------------------------------------------------------------------------------------


def _scope(document: Document, scope: etree._Element, left: float) -> tuple[Picture, float, float]:
    """What a process or sub-process holds, right of `left` pixels kept for a name; its width and height."""
    lanes = list(_lanes(scope, ()))
    content = _Content(document, scope, lanes)
    laid = lay_out(content.items, content.links, [_height(each) for each in lanes] or [0])
    deep = max((len(each.outer) + 1 for each in lanes), default=0)
    x = left + _HEADER * deep
    picture = Picture()
    for name, box in _bands(lanes, laid, left, x):
        picture.boxes[name] = box
    picture.take(content.drawn(laid), x, 0)
    return picture, x + laid.width, laid.height


def _lanes(scope: etree._Element, outer: tuple[etree._Element, ...]) -> Iterator[Lane]:
    for group in scope.findall(tag("childLaneSet" if outer else "laneSet")):
        for lane in group.findall(tag("lane")):
            inner = list(_lanes(lane, (*outer, lane)))
            yield from inner or [Lane(lane, outer)]


def _height(lane: Lane) -> float:
    """Names of lanes are written upright."""
    return label_of(_name(lane.element), widest=2000).width + 20


def _bands(lanes: list[Lane], laid: Laid, left: float, right: float) -> Iterator[tuple[str, Box]]:
    """Lanes around their bands; an outer one around all of its own."""
    spans: dict[etree._Element, tuple[int, float, float]] = {}
    for lane, (top, bottom) in zip(lanes, laid.bands, strict=False):
        for depth, element in enumerate((*lane.outer, lane.element)):
            before = spans.get(element, (depth, top, bottom))
            spans[element] = depth, before[1], bottom
    for element, (depth, top, bottom) in sorted(spans.items(), key=lambda each: each[1][0]):
        x = left + _HEADER * depth
        yield str(element.get("id")), (x, top, right + laid.width - x, bottom - top)


class _Content:
    """Items and links of a scope, and how they are drawn once they have their places."""

    def __init__(self, document: Document, scope: etree._Element, lanes: list[Lane]) -> None:
        self.document, self.scope = document, scope
        self.inner: dict[str, Picture] = {}
        self.hosts: dict[str, list[etree._Element]] = {}
        around = document.all("collaboration") if local(scope) == "process" else []
        children = [each for held in (scope, *around) for each in held if isinstance(each.tag, str)]
        nodes = [each for each in children if local(each) in FLOW_NODES]
        hosted = {str(each.get("id")) for each in nodes if local(each) != "boundaryEvent"}
        for node in nodes:
            if local(node) == "boundaryEvent" and node.get("attachedToRef") in hosted:
                self.hosts.setdefault(str(node.get("attachedToRef")), []).append(node)
        attached = [each for group in self.hosts.values() for each in group]
        notes = [each for each in children if local(each) == "textAnnotation"]
        self.nodes = [each for each in nodes if each not in attached]
        self.items = [self._item(each) for each in self.nodes] + [_note(each) for each in notes]
        self.by_id = {each.id: each for each in self.items}
        self._put_into_lanes(lanes)
        self.links = list(self._links([each for each in children if local(each) == "sequenceFlow"]))
        associations = [each for each in children if local(each) == "association"]
        self.links += self._associations(associations, {str(each.get("id")) for each in notes})

    def _item(self, node: etree._Element) -> Item:
        name, kind = str(node.get("id")), local(node)
        if kind in EVENTS or kind in GATEWAYS:
            width, height = _EVENT if kind in EVENTS else _GATEWAY
            label = label_of(str(node.get("name") or ""))
            return Item(name, width, height, label.width, label.height + 4 if label.height else 0)
        width, height = _TASK
        if any(local(each) in FLOW_NODES for each in node if isinstance(each.tag, str)):
            inside, wide, high = _scope(self.document, node, 0)
            self.inner[name] = Picture()
            self.inner[name].take(inside, _INSIDE, _INSIDE)
            width, height = int(wide + 2 * _INSIDE), int(high + 2 * _INSIDE)
        held = self.hosts.get(name, [])
        under = max((label_of(_name(each)).height + 22 for each in held), default=0)
        return Item(name, max(width, _CROWD * (len(held) + 1)), height, under=under)

    def _put_into_lanes(self, lanes: list[Lane]) -> None:
        """The innermost lane that lists a node; what no lane lists stands where its neighbours do, else in the first."""
        listed: set[str] = set()
        for band, lane in enumerate(lanes):
            for element in (lane.element, *reversed(lane.outer)):
                for reference in element.findall(tag("flowNodeRef")):
                    name = (reference.text or "").strip()
                    if name in self.by_id and name not in listed:
                        self.by_id[name].band = band
                        listed.add(name)
        for flow in self.document.flows() if lanes else ():
            source, target = str(flow.get("sourceRef")), str(flow.get("targetRef"))
            if target in self.by_id and target not in listed and source in self.by_id:
                self.by_id[target].band = self.by_id[source].band

    def _links(self, flows: Iterable[etree._Element]) -> Iterator[Link]:
        for flow in flows:
            label = label_of(str(flow.get("name") or ""))
            found = self._link(flow, str(flow.get("sourceRef")), str(flow.get("targetRef")), label)
            if found is not None:
                yield found

    def _associations(self, found: list[etree._Element], notes: set[str]) -> Iterator[Link]:
        """Associations from what is annotated to the annotation, whichever way they were drawn."""
        flows = {str(each.get("id")): str(each.get("sourceRef")) for each in self.document.flows()}
        for each in found:
            one, other = str(each.get("sourceRef")), str(each.get("targetRef"))
            one, other = flows.get(one, one), flows.get(other, other)
            source, target = (other, one) if one in notes else (one, other)
            link = self._link(each, source, target, Label())
            if link is not None:
                link.target.band = link.source.band if link.target.id in notes else link.target.band
                yield link

    def _link(self, element: etree._Element, source: str, target: str, label: Label) -> Link | None:
        to = self.by_id.get(target) or self.by_id.get(self._host_of(target))
        if to is None:
            return None
        if source in self.by_id:
            return Link(str(element.get("id")), self.by_id[source], to, label)
        host = self.by_id.get(self._host_of(source))
        if host is None:
            return None
        drop = self._centre(host, source), _EVENT[1] / 2
        return Link(str(element.get("id")), host, to, label, drop)

    def _host_of(self, boundary: str) -> str:
        return next(
            (host for host, held in self.hosts.items() if any(each.get("id") == boundary for each in held)),
            "",
        )

    def _centre(self, host: Item, boundary: str) -> float:
        """How far right of the left edge of its host a boundary event stands: the last ones to the right."""
        names = [str(each.get("id")) for each in self.hosts[host.id]]
        return host.width - _CROWD * (len(names) - names.index(boundary)) + 12

    def drawn(self, laid: Laid) -> Picture:
        """Shapes, edges and labels of this scope and of what is in it."""
        picture = Picture(dict(laid.boxes), dict(laid.ways), dict(laid.labels))
        for node in self.nodes:
            name = str(node.get("id"))
            x, y, width, height = laid.boxes[name]
            if name in self.inner:
                picture.take(self.inner[name], x, y)
            elif local(node) in EVENTS | GATEWAYS:
                _label_under(picture, node, x + width / 2, y + height + 4)
            for each in self.hosts.get(name, []):
                middle = x + self._centre(self.by_id[name], str(each.get("id")))
                size = _EVENT[0]
                picture.boxes[str(each.get("id"))] = middle - size / 2, y + height - size / 2, size, size
                _label_left(picture, each, middle, y + height + size / 2 + 2)
        return picture


def _name(element: etree._Element) -> str:
    return str(element.get("name") or "")


def _note(note: etree._Element) -> Item:
    text = "".join(str(each) for each in note.itertext())
    return Item(str(note.get("id")), _NOTE, max(30, label_of(text, _NOTE - 14).height + 12))


def _label_under(picture: Picture, element: etree._Element, x: float, y: float) -> None:
    label = label_of(_name(element))
    if label.height:
        picture.labels[str(element.get("id"))] = x - label.width / 2, y, label.width, label.height


def _label_left(picture: Picture, element: etree._Element, x: float, y: float) -> None:
    """Left of the flow that leads down from a boundary event."""
    label = label_of(_name(element))
    if label.height:
        picture.labels[str(element.get("id"))] = x - label.width - 4, y, label.width, label.height


# -- writing --------------------------------------------------------------------------------------------------


def _write(document: Document, whole: etree._Element, picture: Picture) -> None:
    spaces = {"bpmndi": BPMNDI, "dc": DC, "di": DI}
    diagram = etree.SubElement(
        document.root, tag("BPMNDiagram", BPMNDI), id=document.fresh("diagram"), nsmap=spaces
    )
    plane = etree.SubElement(
        diagram, tag("BPMNPlane", BPMNDI), id=document.fresh("plane"), bpmnElement=str(whole.get("id"))
    )
    elements = document.by_id()
    for name, box in picture.boxes.items():
        shape = etree.SubElement(plane, tag("BPMNShape", BPMNDI), id=f"{name}_di", bpmnElement=name)
        kind = local(elements[name])
        if kind in ("participant", "lane"):
            shape.set("isHorizontal", "true")
        elif kind == "exclusiveGateway":
            shape.set("isMarkerVisible", "true")
        elif kind in ("subProcess", "adHocSubProcess", "transaction"):
            shape.set("isExpanded", "true")
        _bounds(shape, box)
        _label(shape, picture.labels.get(name))
    for name, points in picture.ways.items():
        edge = etree.SubElement(plane, tag("BPMNEdge", BPMNDI), id=f"{name}_di", bpmnElement=name)
        for x, y in _plain(points):
            etree.SubElement(edge, tag("waypoint", DI), x=f"{x:g}", y=f"{y:g}")
        _label(edge, picture.labels.get(name))


def _plain(points: Points) -> list[tuple[float, float]]:
    """Waypoints without those that stand on the one before."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or point != kept[-1]:
            kept.append(point)
    return kept if len(kept) > 1 else [*kept, *points[:1]]


def _label(holder: etree._Element, box: Box | None) -> None:
    if box is not None:
        _bounds(etree.SubElement(holder, tag("BPMNLabel", BPMNDI)), box)


def _bounds(holder: etree._Element, box: Box) -> None:
    names = ("x", "y", "width", "height")
    values = {name: f"{value:g}" for name, value in zip(names, box, strict=True)}
    etree.SubElement(holder, tag("Bounds", DC), values)
