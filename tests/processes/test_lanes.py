"""A lane that names nobody cannot be activated: every name in it is checked before a case can be lost."""

from __future__ import annotations

import pytest

from app.processes.checking import check_package
from app.processes.cli import shipped
from app.processes.lanes import Lane, lane_problems
from app.processes.packages import Package, PackageRefused, assemble

pytestmark = pytest.mark.usefixtures("app")


def packages() -> dict[str, Package]:
    return {package.key: package for package in shipped()}


def changed(key: str, name: str, old: str, new: str) -> Package:
    """A shipped package with one text changed."""
    package = packages()[key]
    texts = dict(package.texts)
    assert old in texts[name]
    texts[name] = texts[name].replace(old, new)
    return assemble(texts, package.scenarios)


def errors(package: Package) -> dict[str, str]:
    """rule -> sentence of the errors found."""
    found = check_package(package, {key: each for key, each in packages().items() if key != package.key})
    return {finding.rule: finding.message for finding in found if finding.severity == "error"}


def test_a_mistyped_lane_in_the_diagram_cannot_be_activated() -> None:
    found = errors(changed("disclosure_attribute", "process.bpmn", 'name="核稿岗"', 'name="核搞岗"'))
    assert "泳道“核搞岗”没有对应的岗位" in found["unknown_lane"]


def test_a_mistyped_post_or_step_of_a_lane_is_not_even_a_package() -> None:
    with pytest.raises(PackageRefused, match="岗位“text_cheker”不认识"):
        changed("disclosure_attribute", "package.toml", 'post = "text_checker"', 'post = "text_cheker"')
    with pytest.raises(PackageRefused, match="办过“draught”的人"):
        changed(
            "disclosure_attribute", "package.toml",
            '[lanes."拟稿人"]\nscope = "initiator"', '[lanes."拟稿人"]\nscope = "did"\nstep = "draught"',
        )  # fmt: skip


def test_a_mistyped_fact_of_a_lane_cannot_be_activated() -> None:
    found = errors(
        changed(
            "disclosure_attribute", "package.toml", 'organ_field = "to_organ"', 'organ_field = "to_orgam"'
        )
    )
    assert "要用的“to_orgam”没有来处" in found["unknown_lane_fact"]


def lane(text: str) -> Package:
    """公开属性认定 whose drafter is worked out."""
    new = f'[lanes."拟稿人"]\nscope = "expression"\ngives = "person"\nexpression = \'{text}\''
    return changed("disclosure_attribute", "package.toml", '[lanes."拟稿人"]\nscope = "initiator"', new)


def test_unknown_names_in_an_expression_are_named() -> None:
    assert "要用的“handlr”没有来处" in errors(lane("handlr"))["unknown_lane_fact"]
    assert "要找办过“head_revue”的人" in errors(lane("doers.head_revue"))["unknown_lane_step"]
    assert not errors(lane("doers.head_review if to_organ else initiator"))


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (Lane("expression", expression="initiator"), "算出来的是"),
        (Lane("expression", gives="person", expression="__import__('os')"), "不能用"),
        (Lane("expression", gives="person"), "表达式不能用"),
        (Lane("expression", "unit_head", gives="person", expression="initiator"), "其他情况不选"),
        (Lane("expression", gives="unit", expression="case_unit"), "要选科室的岗位"),
        (Lane("expression", "signer", gives="unit", expression="case_unit"), "不是科室的岗位"),
        (Lane("initiator", expression="initiator"), "不能再写表达式"),
    ],
)
def test_an_expression_lane_says_what_is_wrong_with_it(about: Lane, words: str) -> None:
    assert any(words in problem for problem in lane_problems(about))


def test_the_shipped_lanes_are_in_order() -> None:
    for package in shipped():
        assert not {rule for rule in errors(package) if rule.startswith("unknown_lane")}, package.key
