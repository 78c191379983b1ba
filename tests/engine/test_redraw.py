"""A diagram that came without a drawing gets one: everything has its place, nothing lies on anything else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from lxml import etree

from tests.conformance.constructs import CONSTRUCTS
from tests.engine import zoo
from tests.engine.test_foreign import FILES, ROOT
from tests.studio.diagrams import DIAGRAMS
from workflows.engine import check_alone
from workflows.engine.drawing import FLOW_NODES
from workflows.engine.foreign import repair
from workflows.engine.foreign.document import DC, DI
from workflows.engine.xml import BPMN, BPMNDI, local, read, tag

Box = tuple[float, float, float, float]
SHIPPED = {path.parent.name: path.read_bytes() for path in sorted(ROOT.glob("bpmn/*/process.bpmn"))}
ANIMALS = {name: animal.main.bpmn for name, animal in zoo.ZOO.items()}
CORPUS: dict[str, bytes] = {
    **SHIPPED, **FILES, **{name: text.encode() for name, text in DIAGRAMS.items()}, **ANIMALS,
    **{str(each): each.source.bpmn for each in CONSTRUCTS},
}  # fmt: skip


def bare(data: bytes) -> bytes:
    """The diagram without its drawing."""
    root = etree.fromstring(data)
    for each in root.findall(tag("BPMNDiagram", BPMNDI)):
        root.remove(each)
    return etree.tostring(root)


def boxes(root: etree._Element) -> dict[str, Box]:
    return {str(each.get("bpmnElement")): _box(each) for each in root.iter(tag("BPMNShape", BPMNDI))}


def _box(shape: etree._Element) -> Box:
    bounds = shape.find(tag("Bounds", DC))
    assert bounds is not None
    x, y, width, height = (float(str(bounds.get(each))) for each in ("x", "y", "width", "height"))
    return x, y, width, height


def ways(root: etree._Element) -> dict[str, list[tuple[float, float]]]:
    return {
        str(edge.get("bpmnElement")): [
            (float(str(each.get("x"))), float(str(each.get("y")))) for each in edge.iter(tag("waypoint", DI))
        ]
        for edge in root.iter(tag("BPMNEdge", BPMNDI))
    }


def overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def inside(one: Box, other: Box) -> bool:
    return (
        other[0] <= one[0]
        and other[1] <= one[1]
        and one[0] + one[2] <= other[0] + other[2]
        and one[1] + one[3] <= other[1] + other[3]
    )


def wrong(root: etree._Element) -> Iterator[str]:
    """What is not as a drawing should be."""
    shapes, edges = boxes(root), ways(root)
    elements = {str(each.get("id")): each for each in root.iter(f"{{{BPMN}}}*") if each.get("id")}
    nodes = [each for each in root.iter(f"{{{BPMN}}}*") if local(each) in FLOW_NODES]
    flows = list(root.iter(tag("sequenceFlow")))
    yield from (f"no shape for {each.get('id')}" for each in nodes if each.get("id") not in shapes)
    yield from (f"no edge for {each.get('id')}" for each in flows if each.get("id") not in edges)
    yield from (f"below zero: {name}" for name, box in shapes.items() if box[0] < 0 or box[1] < 0)
    solid = [each for each in elements.values() if local(each) in FLOW_NODES | {"textAnnotation"}]
    for one, other in itertools.combinations([each for each in solid if each.get("id") in shapes], 2):
        first, second = shapes[str(one.get("id"))], shapes[str(other.get("id"))]
        if one in other.iterancestors() or other in one.iterancestors():
            if not (inside(first, second) or inside(second, first)):
                yield f"{one.get('id')} not inside {other.get('id')}"
        elif overlap(first, second) and not _on(one, other):
            yield f"{one.get('id')} on {other.get('id')}"
    for shape in [*root.iter(tag("BPMNShape", BPMNDI)), *root.iter(tag("BPMNEdge", BPMNDI))]:
        label, name = shape.find(tag("BPMNLabel", BPMNDI)), shape.get("bpmnElement")
        for each in solid if label is not None else ():
            within = each in elements[str(name)].iterancestors()
            if not within and overlap(_box(label), shapes[str(each.get("id"))]):
                yield f"the name of {name} on {each.get('id')}"
    for lane in root.iter(tag("lane")):
        for each in lane.findall(tag("flowNodeRef")):
            if not inside(shapes[str(each.text)], shapes[str(lane.get("id"))]):
                yield f"{each.text} outside its lane {lane.get('id')}"
    for flow in flows:
        yield from _crossed(flow, edges[str(flow.get("id"))], shapes, solid)


def _on(one: etree._Element, other: etree._Element) -> bool:
    """Whether one is a boundary event of the other."""
    return one.get("attachedToRef") == other.get("id") or other.get("attachedToRef") == one.get("id")


def _crossed(
    flow: etree._Element,
    points: list[tuple[float, float]],
    shapes: dict[str, Box],
    solid: list[etree._Element],
) -> Iterator[str]:
    """Stretches that are not upright or level, and those that run through a node."""
    ends = {flow.get("sourceRef"), flow.get("targetRef")}
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        if x != to_x and y != to_y:
            yield f"{flow.get('id')} runs askew"
        line = min(x, to_x), min(y, to_y), abs(to_x - x) or 0.1, abs(to_y - y) or 0.1
        for node in solid:
            within = flow.getparent() is node or node in flow.iterancestors()
            if node.get("id") not in ends and not within and overlap(line, shapes[str(node.get("id"))]):
                yield f"{flow.get('id')} runs through {node.get('id')}"


@pytest.mark.parametrize("name", CORPUS)
def test_what_has_no_drawing_gets_one_and_means_the_same(name: str) -> None:
    process = "PB_process" if name == "two_pools" else ""
    drawn, _repairs = repair(CORPUS[name], process=process)
    data, repairs = repair(bare(CORPUS[name]), process=process)
    assert "not_drawn" in [each.rule for each in repairs]
    assert list(wrong(read(data))) == []
    assert bare(data) == bare(drawn)
    assert check_alone(data) == check_alone(drawn)
    assert repair(bare(CORPUS[name]), process=process) == (data, repairs)
    assert repair(data) == (data, ())
