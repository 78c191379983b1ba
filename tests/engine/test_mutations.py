"""Diagrams damaged at random: never anything but findings, and what is found sound can be walked."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.engine.walks import Walk, random_walk
from tests.engine.zoo import ZOO
from workflows.engine import DefinitionRefused, EngineRefused, Source, check, replay
from workflows.engine.loading import parse
from workflows.engine.xml import read

AUTHORS_FAULTS = {
    "expression",
    "no_match",
    "ambiguous_table",
    "missing_output",
    "too_many_instances",
    "deadlock",
}
"""Refusals that no check of a drawing can foresee: they depend on the data."""


def damaged(data: bytes, rng: Random) -> bytes:
    """The file with one to three elements removed, doubled, moved, or their attributes changed."""
    root = read(data)
    for _time in range(rng.randint(1, 3)):
        elements = [
            element for element in root.iter() if element is not root and element.getparent() is not None
        ]
        if elements:
            _damage(rng.choice(elements), elements, rng)
    return etree.tostring(root)


def _damage(element: etree._Element, others: list[etree._Element], rng: Random) -> None:
    parent, other = element.getparent(), rng.choice(others)
    assert parent is not None
    match rng.randrange(6):
        case 0:
            parent.remove(element)
        case 1:
            parent.append(etree.fromstring(etree.tostring(element)))
        case 2 if element.attrib:
            del element.attrib[rng.choice(sorted(element.attrib))]
        case 3 if element.attrib and other.attrib:
            element.set(rng.choice(sorted(element.attrib)), rng.choice(sorted(other.attrib.values())))
        case 4:
            element.text = rng.choice(["", "x", "1", "len", "'P1D'", other.text or ""])
        case _:
            element.tag = other.tag


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_diagram_gives_findings_or_runs(seed: int) -> None:
    rng = Random(seed)
    animal = ZOO[rng.choice(sorted(ZOO))]
    dmn = {name: damaged(data, rng) if rng.random() < 0.3 else data for name, data in animal.main.dmn.items()}
    source = Source(animal.main.key, damaged(animal.main.bpmn, rng), dmn)
    findings = check(source, animal.callees)
    try:
        spec = parse(source, animal.callees)
    except DefinitionRefused:
        assert any(finding.severity == "error" for finding in findings)
        return
    if {finding.rule for finding in findings if finding.severity == "error"} - {"no_lane"}:
        return
    walk = _walked_or_refused(lambda: random_walk(spec, rng, animal.answers, animal.begin, steps=15))
    if isinstance(walk, str):
        assert walk in AUTHORS_FAULTS
    else:
        assert replay.differences(spec, walk.rows, walk.state) == []


def _walked_or_refused(act: Callable[[], Walk]) -> Walk | str:
    """The walk, or the code of the refusal that ended it."""
    try:
        return act()
    except EngineRefused as refusal:
        return refusal.code
