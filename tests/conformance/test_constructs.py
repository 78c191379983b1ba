"""For every construct of BPMN's Common Executable subclass: it runs as specified, or the check refuses it."""

from __future__ import annotations

import pytest

from tests.conformance.constructs import CONSTRUCTS
from tests.conformance.made import Construct
from tests.conformance.play import Play
from workflows.engine import check, load

RUN = [each for each in CONSTRUCTS if each.runs is not None]
REFUSED = [each for each in CONSTRUCTS if each.runs is None]
#: only a package knows its lanes
OPEN = {"no_lane"}


def errors(construct: Construct) -> set[str]:
    found = check(construct.source, construct.callees)
    return {each.rule for each in found if each.severity == "error"} - OPEN


def test_every_construct_has_a_name_of_its_own() -> None:
    assert len({each.name for each in CONSTRUCTS}) == len(CONSTRUCTS)


@pytest.mark.parametrize("construct", RUN, ids=str)
def test_it_runs_as_specified(construct: Construct) -> None:
    assert errors(construct) == set()
    assert construct.runs is not None
    construct.runs(Play(load(construct.source, construct.callees), dict(construct.facts)))


@pytest.mark.parametrize("construct", REFUSED, ids=str)
def test_it_is_refused_at_the_check(construct: Construct) -> None:
    assert construct.rule in errors(construct)
