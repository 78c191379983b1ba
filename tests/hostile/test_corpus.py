"""Whatever is uploaded is refused with a sentence; nothing is executed, nothing takes long or much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.answers import imported, put, worked_out
from tests.hostile.corpus import CANARY, CASES, Case
from workflows.engine import Finding
from workflows.engine.xml import local, read

FILES = [case for case in CASES if case.kind != "expression"]
DIAGRAMS = [case for case in CASES if case.kind == "bpmn"]
EXPRESSIONS = [case for case in CASES if case.kind == "expression"]


@pytest.fixture(scope="module", autouse=True)
def nothing_is_executed() -> Iterator[None]:
    Path(CANARY).unlink(missing_ok=True)
    yield
    assert not Path(CANARY).exists()


def in_chinese(text: str) -> bool:
    return any("\u4e00" <= each <= "\u9fff" for each in text)


def errors(found: list[Finding]) -> list[Finding]:
    return [each for each in found if each.severity == "error"]


def test_the_corpus_is_large_and_of_every_kind() -> None:
    assert len(CASES) >= 150
    assert {case.kind for case in CASES} == {"bpmn", "dmn", "form", "settings", "archive", "expression"}
    assert len({(case.kind, case.payload) for case in CASES}) == len(CASES)
    assert len({str(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", FILES, ids=str)
def test_a_file_is_refused_where_it_is_wrong(case: Case) -> None:
    found, cpu, memory = put(case)
    wrong = errors(found)
    assert wrong and all(in_chinese(each.message) for each in found)
    assert "not_checked" not in {each.rule for each in found}
    assert not case.element or case.element in {each.element for each in wrong}
    assert cpu < 2 and memory < 300_000_000


@pytest.mark.parametrize("case", DIAGRAMS, ids=str)
def test_importing_a_diagram_makes_it_harmless_or_refuses_it(case: Case) -> None:
    data, left = imported(case)
    assert all(in_chinese(each.message) for each in left)
    assert "not_checked" not in {each.rule for each in left}
    if not data:
        assert left
        return
    names = {local(each).lower() for each in read(data).iter()}
    assert not any("script" in name or "listener" in name for name in names)


@pytest.mark.parametrize("case", EXPRESSIONS, ids=str)
def test_an_expression_is_refused_at_once(case: Case) -> None:
    said, cpu = worked_out(case)
    assert in_chinese(said)
    assert cpu < 0.05 or worked_out(case)[1] < 0.05
