"""The shipped packages: read, fit together, and every scenario comes out as written."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from lxml import etree

from app.accounts.kinds import POST_KINDS
from app.processes import checking, scenarios
from app.processes.packages import Package, pack, read_package, unpack
from workflows.engine import expressions, load
from workflows.engine.xml import read_bpmn, tag
from workflows.law.grounds import Attribute, Conclusion, contradicts

ROOT = Path(__file__).parents[2]
KEYS = sorted(path.parent.name for path in (ROOT / "bpmn").glob("*/package.toml"))
#: a process that people start has scenarios for whatever may happen; a called one is walked by its callers too
MANY = ["secrecy_review", "disclosure_attribute", "foi_request"]
#: where the actions are registered
ACTING = ("app.documents.actions", "app.obligations.service", "app.requests.actions")
DI = {"di": "http://www.omg.org/spec/BPMN/20100524/DI", "dc": "http://www.omg.org/spec/DD/20100524/DC"}


def package(key: str) -> Package:
    return read_package(ROOT / "bpmn" / key, ROOT / "forms" / key)


def called(key: str) -> dict[str, Package]:
    return scenarios.called_by(package(key), ROOT / "bpmn", ROOT / "forms")


@pytest.fixture(scope="module")
def reports() -> dict[str, scenarios.Report]:
    return {each.process: each for each in scenarios.run_all([ROOT / "bpmn" / key for key in KEYS])}


@pytest.fixture(params=KEYS)
def report(request: pytest.FixtureRequest, reports: dict[str, scenarios.Report]) -> scenarios.Report:
    return reports[request.param]


def test_every_scenario_comes_out_as_written(report: scenarios.Report) -> None:
    assert not [result for result in report.results if not result.ok], report.text()
    assert len(report.results) >= (12 if report.process in MANY else 1)


def test_the_scenarios_take_every_sequence_flow(report: scenarios.Report) -> None:
    assert report.coverage == 100.0, report.text()
    assert report.ok


@pytest.mark.parametrize("key", KEYS)
def test_engine_and_package_find_nothing_to_mend(key: str) -> None:
    for room in ACTING:
        import_module(room)
    assert checking.check_package(package(key), called(key)) == []


@pytest.mark.parametrize("key", KEYS)
def test_a_packed_package_is_the_same_package(key: str) -> None:
    own = package(key)
    assert unpack(pack(own)) == own
    assert pack(unpack(pack(own))) == pack(own)


@pytest.mark.parametrize("key", KEYS)
def test_every_lane_with_a_person_names_a_post_or_the_initiator(key: str) -> None:
    own = package(key)
    spec = load(own.source, [each.source for each in called(key).values()])
    for (process, _step), info in spec.steps.items():
        if process == key and info.kind == "person":
            lane = own.meta.lanes[info.lane or ""]
            assert lane.scope == "initiator" or lane.post in POST_KINDS


#: judges a matter, not a text: nothing is sent back for rewording
CHOOSES = {"reasons_judge"}


@pytest.mark.parametrize("key", KEYS)
def test_every_judging_step_can_be_entered_from_paper_and_asks_for_words_when_it_returns(key: str) -> None:
    own = package(key)
    spec = load(own.source, [each.source for each in called(key).values()])
    for (process, step), info in spec.steps.items():
        if process != key or info.settings.get("role") not in ("review", "sign"):
            continue
        assert info.settings["offline"] == "true"
        decision = own.forms[step].decision
        assert decision is not None
        back = next((option for option in decision.options if option.value == "return"), None)
        if step not in CHOOSES:
            assert back is not None and back.opinion_required and back.opinion_only


@pytest.mark.parametrize("key", KEYS)
def test_the_secret_is_never_asked_for(key: str) -> None:
    """domain.md 12.7: an entry of ground N14a has no title, body or file."""
    for step, definition in package(key).forms.items():
        for spec in definition.fields:
            if (
                spec.type == "files"
                and key == "disclosure_attribute"
                and spec.key in ("main_file", "attachments")
            ):
                assert spec.refuse_hidden and "secret" in spec.show_if, (step, spec.key)


def test_the_diagram_sends_back_exactly_what_contradicts_the_review() -> None:
    root = read_bpmn(package("disclosure_attribute").source.bpmn)
    flows = {str(each.get("id")): each for each in root.iter(tag("sequenceFlow"))}
    condition = flows["to_draft_from_gw_conclusion"].findtext(tag("conditionExpression")) or ""
    for attribute in Attribute:
        for conclusion in Conclusion:
            names = {"attribute": attribute.value, "conclusion": conclusion.value}
            assert expressions.evaluate(condition, names) is contradicts(attribute, conclusion), names


# -- the pictures


def bounds(root: etree._Element) -> dict[str, tuple[float, float, float, float]]:
    found = {}
    for shape in root.iter("{*}BPMNShape"):
        box = shape.find("dc:Bounds", DI)
        assert box is not None
        found[str(shape.get("bpmnElement"))] = tuple(
            float(str(box.get(name))) for name in ("x", "y", "width", "height")
        )
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("key", KEYS)
def test_the_picture_is_complete_and_right_angled(key: str) -> None:
    root = read_bpmn(package(key).source.bpmn)
    shapes = bounds(root)
    nodes = [str(each.text) for each in root.iter(tag("flowNodeRef"))]
    assert set(nodes) <= set(shapes)
    edges = {str(each.get("bpmnElement")): each for each in root.iter("{*}BPMNEdge")}
    assert set(edges) == {str(flow.get("id")) for flow in root.iter(tag("sequenceFlow"))}
    for edge in edges.values():
        points = [(float(str(p.get("x"))), float(str(p.get("y")))) for p in edge.iter("{*}waypoint")]
        for (x, y), (u, v) in zip(points, points[1:], strict=False):
            assert x == u or y == v, edge.get("bpmnElement")


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_drawn_over_anything_else(key: str) -> None:
    root = read_bpmn(package(key).source.bpmn)
    shapes = bounds(root)
    lanes = {
        str(lane.get("id")): [str(ref.text) for ref in lane.iter(tag("flowNodeRef"))]
        for lane in root.iter(tag("lane"))
    }
    for lane, members in lanes.items():
        x, y, w, h = shapes[lane]
        for member in members:
            a, b, c, d = shapes[member]
            assert x <= a and y <= b and a + c <= x + w and b + d <= y + h, (lane, member)
    on_borders = {str(event.get("id")) for event in root.iter(tag("boundaryEvent"))}
    nodes = [each for members in lanes.values() for each in members if each not in on_borders]
    for index, one in enumerate(nodes):
        for other in nodes[index + 1 :]:
            a, b, c, d = shapes[one]
            e, f, g, h = shapes[other]
            assert a + c <= e or e + g <= a or b + d <= f or f + h <= b, (one, other)
