"""The sample processes under docs/samples: not installed, but as sound as what is."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.processes import checking, scenarios
from app.processes.packages import Package, read_package

SAMPLES = sorted((Path(__file__).parents[2] / "docs" / "samples").glob("*/package.toml"))


@pytest.fixture(params=[each.parent for each in SAMPLES], ids=lambda each: each.name)
def sample(request: pytest.FixtureRequest) -> Package:
    return read_package(request.param, request.param / "forms")


def test_a_sample_has_nothing_to_mend(sample: Package) -> None:
    assert checking.check_package(sample, {}) == []


def test_its_scenarios_come_out_as_written_and_take_every_flow(sample: Package) -> None:
    report = scenarios.run(sample, {})
    assert report.ok and report.coverage == 100.0, report.text()


def test_the_sample_of_signing_shows_both_settings() -> None:
    text = (SAMPLES[0].parent / "process.bpmn").read_text(encoding="utf-8")
    assert SAMPLES[0].parent.name == "joint_opinion"
    assert 'name="countersign" value="all"' in text and 'name="skip_if" value="same_person"' in text
