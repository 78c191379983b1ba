"""What the checks say is said to people: in their words, and with the part where it is mended."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.processes import guarded
from app.processes.packages import Package, read_package

ROOT = Path(__file__).parents[2]
SAYING = sorted(
    [*ROOT.glob("workflows/engine/check*.py"), ROOT / "workflows/engine/alone.py"]
    + [
        ROOT / f"app/processes/{name}.py"
        for name in ("guarded", "lanes", "limits", "packages", "part_checks")
    ]
    + [ROOT / f"app/processes/{name}.py" for name in ("references", "operations", "item_words")]
    + [ROOT / f"forms/{name}.py" for name in ("reading", "whole")]
    + [ROOT / f"app/studio/{name}.py" for name in ("content", "findings", "settings_editing")]
)
#: what people see on the page: ids of a decision, kinds of files, and expressions as an example of themselves
KNOWN = {"BPMN", "DMN", "XML", "UTF", "KB", "MB", "OA", "kind", "opinion", "agree", "decision"}


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """(line, Chinese text) of what a module says, without what is filled in and without its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        told = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
        if told and re.search("[\u4e00-\u9fff]", node.value):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", SAYING, ids=lambda path: path.stem)
def test_no_sentence_of_a_check_needs_to_know_the_files(path: Path) -> None:
    said = [(line, text) for line, text in sentences(path) if {*re.findall("[A-Za-z_]{2,}", text)} - KNOWN]
    assert not said


@pytest.fixture(scope="module")
def attribute() -> Package:
    return read_package(ROOT / "bpmn" / "disclosure_attribute", ROOT / "forms" / "disclosure_attribute")


@pytest.mark.parametrize(
    ("part", "old", "new", "words"),
    [
        ("process.bpmn", "calledElement=\"secrecy_review\"", "calledElement=\"gone\"", "调用的流程不存在"),
        ("package.toml", 'lanes."拟稿人"', 'lanes."别人"', "泳道“拟稿人”没有对应的岗位"),
        ("package.toml", "startable = true", 'startable = "x"', "流程设置的“可以由人发起”须是“是”或者“否”"),
        ("forms/start.toml", 'key = "title"', 'key = "Title"', "编号“Title”不可用"),
        ("forms/start.toml", 'title = "', 'title = "" # ', "表单“start”没有写标题"),
    ],
)  # fmt: skip
def test_a_finding_says_in_which_part_it_is_mended(
    attribute: Package, part: str, old: str, new: str, words: str
) -> None:
    texts = {**attribute.texts, part: attribute.texts[part].replace(old, new, 1)}
    assert texts[part] != attribute.texts[part]
    review = read_package(ROOT / "bpmn" / "secrecy_review", ROOT / "forms" / "secrecy_review")
    found = guarded.findings(texts, {}, {"secrecy_review": review.texts})
    assert [each.part for each in found if words in each.message] == [part], found
