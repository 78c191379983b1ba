"""Reading a package: one unit with one hash; what does not fit is refused in Chinese."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.processes import references
from app.processes.packages import Package, PackageRefused, assemble, pack, read_package, unpack

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def review() -> Package:
    return read_package(ROOT / "bpmn" / "secrecy_review", ROOT / "forms" / "secrecy_review")


def changed(package: Package, name: str, old: str, new: str) -> dict[str, str]:
    assert old in package.texts[name]
    return {**package.texts, name: package.texts[name].replace(old, new)}


def refusal(texts: dict[str, str]) -> str:
    with pytest.raises(PackageRefused) as caught:
        assemble(texts)
    return "；".join(caught.value.problems)


@pytest.mark.parametrize("name", ["process.bpmn", "levels.dmn", "package.toml", "forms/self_check.toml"])
def test_the_hash_follows_every_part_that_decides_how_it_runs(review: Package, name: str) -> None:
    assert assemble({**review.texts, name: review.texts[name] + "\n"}).hash != review.hash


def test_the_hash_does_not_follow_the_scenarios(review: Package) -> None:
    assert assemble(review.texts).hash == assemble(review.texts, {"scenarios/a.toml": ""}).hash == review.hash


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('owner = "', 'ownr = "x"\nowner = "', "不认识的项“ownr”"),
        ("startable = true", 'startable = "yes"', "“可以由人发起”须是"),
        ('key = "secrecy_review"', 'key = "Secrecy"', "流程编号只用小写字母"),
        ('"drafter"', '"king"', "不认识的岗位“king”"),
        ("{n}号", "号", "办件编号"),
        ("{organ}", "{organ.__class__}", "办件编号"),
        ("{organ}", "{organ!r}", "办件编号"),
        ('title = "{title}"', 'title = "{nobody}"', "办件标题"),
        ('"organ.secrecy_levels"', '"organ.safe"', "来源不认识"),
        ('scope = "unit"', 'scope = "world"', "没有选好“谁来办”"),
        ('post = "unit_head"', 'post = "signer"', "和“谁来办”不符"),
        ('post = "signer"', 'post = "signre"', "岗位“signre”不认识"),
        ('scope = "initiator"', 'scope = "did"', "要选是哪个环节"),
        ('scope = "initiator"', 'scope = "initiator"\norgan_field = "x"', "“哪个机关”只用于"),
        ('scope = "initiator"', 'scope = "initiator"\nunit_field = "x"', "“哪个科室”只用于"),
        ('"index_no", ', '"index_nr", ', "栏目“index_nr”不在任何表单里"),
        ('"offline_decision", "leader', '"nobody", "leader', "不是本流程的环节"),
        ("organ_levels =", "conclusion =", "与表单的字段重名"),
        ("[facts]", "[facts", "写法不正确"),
    ],
)
def test_settings_that_do_not_fit_are_refused(review: Package, old: str, new: str, sentence: str) -> None:
    assert sentence in refusal(changed(review, "package.toml", old, new))


def test_a_missing_diagram_or_start_form_is_refused(review: Package) -> None:
    texts = dict(review.texts)
    del texts["process.bpmn"]
    assert "缺少流程图" in refusal(texts)
    texts = dict(review.texts)
    del texts["forms/start.toml"]
    assert "没有发起的表单" in refusal(texts)


def test_a_broken_form_is_told_with_its_name(review: Package) -> None:
    assert "表单“承办人自查”" in refusal(
        changed(review, "forms/self_check.toml", '"produced_on"', '"typename"')
    )


@pytest.mark.parametrize(
    "name", ["../evil.toml", "forms/../../x.toml", "script.py", "forms/A.toml", "a/b.bpmn"]
)
def test_a_file_with_a_strange_name_is_refused(review: Package, name: str) -> None:
    assert "文件名" in refusal({**review.texts, name: ""})


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff", b'{"format": 2}', b'{"format": 1, "texts": {"a": 1}}', b"[" * 5000],
)
def test_bytes_that_are_no_package_are_refused(content: bytes) -> None:
    with pytest.raises(PackageRefused):
        unpack(content)


def test_an_oversize_package_is_refused(review: Package) -> None:
    assert "过大" in refusal({**review.texts, "forms/big.toml": "#" * 2_100_000})


def test_packed_bytes_are_canonical(review: Package) -> None:
    turned = assemble(dict(reversed(review.texts.items())), review.scenarios)
    assert pack(turned) == pack(review) and json.loads(pack(review))["format"] == 1


def test_a_case_without_a_title_is_named_by_its_copy_number() -> None:
    attribute = read_package(ROOT / "bpmn" / "disclosure_attribute", ROOT / "forms" / "disclosure_attribute")
    assert attribute.meta.case_title({"title": "关于印发要点的通知"}) == "关于印发要点的通知"
    assert attribute.meta.case_title({"title": None, "copy_no": "7"}) == "涉密登记项（份号 7，线下办理）"
    assert attribute.meta.case_title({}) == "公开属性认定"


# -- diagram, tables, forms and settings against each other


def findings(texts: dict[str, str]) -> list[str]:
    return [f"{each.rule} {each.element} {each.message}" for each in references.findings(assemble(texts), {})]


def test_a_name_that_nobody_gives_is_found(review: Package) -> None:
    assert "unknown_fact" in findings(changed(review, "process.bpmn", "levels &gt;= 4", "level &gt;= 4"))[0]
    assert (
        "unknown_fact levels.dmn"
        in findings(changed(review, "levels.dmn", "<text>important<", "<text>urgent<"))[0]
    )
    assert "“属于重大、敏感事项" in "".join(
        findings(changed(review, "forms/self_check.toml", 'boolean"\nroute = true', 'boolean"'))
    )


def test_a_known_choice_that_no_form_offers_is_found(review: Package) -> None:
    wrong = changed(
        review, "forms/leader_approve.toml", 'key = "points_note"', 'key = "points_note"\nas = "choices"'
    )
    assert any("unknown_choices leader_approve" in each for each in findings(wrong))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('name="role" value="sign"', 'name="role" value="boss"', "step_settings leader_approve"),
        ('value="officer_review"', 'value="nobody"', "step_settings head_review"),
        (
            'name="internal_days" value="3"',
            'name="internal_days" value="soon"',
            "step_settings officer_review",
        ),
        ('name="offline" value="true"', 'name="offline" value="no"', "no_offline"),
        (
            'name="role" value="sign"',
            'name="role" value="review" /><spiffworkflow:property name="signs" value="L3"',
            "step_settings leader_approve",
        ),
    ],
)
def test_a_setting_that_does_not_fit_is_found(review: Package, old: str, new: str, rule: str) -> None:
    assert any(each.startswith(rule) for each in findings(changed(review, "process.bpmn", old, new)))


def test_a_step_may_wait_for_somebody_outside(review: Package) -> None:
    texts = changed(review, "process.bpmn", 'name="role" value="work"', 'name="role" value="wait"')
    assert not [each for each in findings(texts) if each.startswith("step_settings")]


def test_a_form_without_a_step_is_found(review: Package) -> None:
    texts = {**review.texts, "forms/left_over.toml": 'format = 1\ntitle = "多余"\n'}
    assert any(each.startswith("unused_form left_over") for each in findings(texts))


def test_a_person_in_the_lane_of_the_system_is_found(review: Package) -> None:
    texts = changed(review, "package.toml", 'scope = "unit"\npost = "unit_head"', 'scope = "system"')
    assert any("系统自动办理" in each for each in findings(texts))


def test_a_round_of_signatures_by_a_list_that_all_reach_one_post_is_found(review: Package) -> None:
    def rounds(lane: str) -> list[str]:
        texts = changed(review, "process.bpmn", 'name="role" value="review" />', COUNTERSIGNED)
        many = (
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>units</bpmn:loopDataInputRef>"
            '<bpmn:inputDataItem id="signing_unit" /></bpmn:multiInstanceLoopCharacteristics>'
        )
        drawn = texts["process.bpmn"]
        at = drawn.index("</bpmn:userTask>", drawn.index("countersign"))
        settings = texts["package.toml"].replace('post = "unit_head"', f'post = "unit_head"{lane}')
        return findings({**texts, "process.bpmn": drawn[:at] + many + drawn[at:], "package.toml": settings})

    assert any(each.startswith("same_recipient") for each in rounds(""))
    assert not any(each.startswith("same_recipient") for each in rounds('\nunit_field = "signing_unit"'))


COUNTERSIGNED = 'name="role" value="review" /><spiffworkflow:property name="countersign" value="all" />'
