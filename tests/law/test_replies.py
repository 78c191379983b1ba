"""The seventeen outcomes: their rows, letters, contents and remedies, and what several matters make."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workflows.law.grounds import GROUNDS
from workflows.law.letters import LETTERS, Remedy, missing, sentence
from workflows.law.refusals import LawRefusal
from workflows.law.remedies import RULES, Authorities, OrganKind, text
from workflows.law.replies import (
    REPLIES,
    Outcome,
    Signer,
    choices,
    mixed,
    problems,
    remedy,
    reply,
    report_row,
    signer,
)
from workflows.law.reports import ROWS

# domain.md 1.9 and 2.3: code, ground, place in the third table, its row of 25, letter, remedy
TABLE = [
    ("R1", "", "（一）", 3, "L13", "B"),
    ("R2", "", "（一）", 3, "L13", "B"),
    ("R3", "N14a", "（三）1", 5, "L14", "A"),
    ("R3", "N14b", "（三）2", 6, "L14", "A"),
    ("R3", "N14c", "（三）3", 7, "L14", "A"),
    ("R3", "N15", "（三）4", 8, "L14", "A"),
    ("R3", "N16a", "（三）5", 9, "L14", "A"),
    ("R3", "N16b", "（三）6", 10, "L14", "A"),
    ("R3", "N16c", "（三）7", 11, "L14", "A"),
    ("R3p", "N15", "（二）", 4, "L15", "A+B"),
    ("R4", "", "（四）1", 13, "L16", "B"),
    ("R5", "", "（四）1", 13, "L17", "B"),
    ("R6", "", "（五）2", 17, "L18", "B*"),
    ("R7", "", "（三）8", 12, "L19", "B*"),
    ("R8", "", "（四）2", 14, "L21", "B"),
    ("R9", "", "（五）1", 16, "L20", "B*"),
    ("R10", "", "（五）3", 18, "L20", "B*"),
    ("R11", "", "（五）4", 19, "L20", "B*"),
    ("R12", "", "（五）5", 20, "L20", "B*"),
    ("R13", "", "（四）3", 15, "L21", "B"),
    ("R14", "", "（六）1", 21, "L22", "B"),
    ("R15", "", "（六）2", 22, "L22", "B"),
    ("R16", "", "（六）3", 23, "L22", "B*"),
]


@pytest.mark.parametrize(("code", "ground", "place", "row", "letter", "kind"), TABLE)
def test_every_outcome_has_its_row_letter_and_remedy(
    code: str, ground: str, place: str, row: int, letter: str, kind: str
) -> None:
    grounds = [ground] if ground else []
    found = report_row(code, grounds)
    assert (found.place, found.number) == (place, row)
    assert (reply(code).letter, remedy(code, grounds)) == (letter, kind)


def test_there_are_seventeen_outcomes_and_every_row_of_results_is_reached() -> None:
    assert len(REPLIES) == len(choices()) == 17
    reached = {report_row(code, [ground] if ground else []).key for code, ground, *_ in TABLE}
    assert reached == set(ROWS)
    assert sorted(row.number for row in ROWS.values()) == list(range(3, 24))


def test_what_gives_no_information_may_skip_the_secrecy_review_and_is_signed_by_the_office_head() -> None:
    """domain.md 12.5."""
    for code in ("R1", "R5", "R6", "R9", "R10"):
        assert not reply(code).secrecy_review
        assert signer(code) is Signer.OFFICE_HEAD
    for code in ("R2", "R3", "R3p"):
        assert reply(code).secrecy_review
        assert signer(code) is Signer.DEPUTY
    assert signer("R3", sensitive=True) is Signer.PRINCIPAL


def filled(code: str) -> dict[str, object]:
    return {field.keys[0]: "已写" for field in reply(code).fields}


@pytest.mark.parametrize("code", list(REPLIES))
def test_a_letter_without_any_one_thing_the_law_requires_is_not_signed(code: str) -> None:
    grounds = ["N15"] if reply(code).grounds else []
    given = filled(code)
    assert problems(code, grounds, given) == []
    for field in reply(code).fields:
        found = problems(code, grounds, {**given, **dict.fromkeys(field.keys, " ")})
        assert len(found) == 1
        assert field.label in found[0]
        assert found[0].startswith("不能送签：没有写")


def test_a_refusal_without_its_ground_or_with_another_is_not_signed() -> None:
    assert "没有选不予公开的理由" in problems("R3", [], filled("R3"))[0]
    assert "不能用理由 N99" in problems("R3", ["N99"], filled("R3"))[0]
    assert "不能用理由 N15" in problems("R4", ["N15"], filled("R4"))[0]
    with pytest.raises(LawRefusal, match="没有“R99”"):
        reply("R99")


def test_only_the_legal_reviewer_leaves_the_remedy_out_and_only_where_the_law_allows() -> None:
    given = {key: value for key, value in filled("R6").items() if key != "remedy"}
    assert "救济途径" in problems("R6", [], given)[0]
    assert problems("R6", [], given, without_remedy=True) == []
    given = {key: value for key, value in filled("R4").items() if key != "remedy"}
    assert problems("R4", [], given, without_remedy=True)


def test_the_letters_are_those_of_the_handbook() -> None:
    assert list(LETTERS) == [f"L{i}" for i in range(1, 26)]
    assert "用途" not in str(LETTERS["L1"]), "条例27: no purpose is asked for"
    assert "applicant" not in str(LETTERS["L7"].fields), "the third party does not learn who applied"
    absent = missing(LETTERS["L4"].fields, {"organ_name": "云汀市人民政府"})
    assert "延长天数" in sentence(absent)


# ------------------------------------------------------------------ several matters (12.14)
def test_something_open_and_something_withheld_is_partial() -> None:
    found = mixed([Outcome("R2"), Outcome("R3", ("N15",)), Outcome("R3", ("N16b",))])
    assert (found.code, found.grounds, found.row.key, found.mark) == ("R3p", ("N15", "N16b"), "partial", "")
    assert mixed([Outcome("R3p", ("N15",)), Outcome("R2")]).code == "R3p"


def test_something_open_and_something_not_held_is_partial_by_convention_with_text_b() -> None:
    found = mixed([Outcome("R2"), Outcome("R4")])
    assert (found.code, found.mark) == ("R3p", "【推定】")
    assert remedy(found.code, found.grounds) is Remedy.B
    assert problems("R3p", found.grounds, filled("R3p"), of_matters=True) == []


def test_matters_of_one_row_keep_it() -> None:
    assert mixed([Outcome("R1"), Outcome("R2")]).code == "R2"
    assert mixed([Outcome("R4"), Outcome("R5")]).row.key == "unavailable_not_held"
    assert mixed([Outcome("R3", ("N15",)), Outcome("R3", ("N15",))]).grounds == ("N15",)


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ([], "还没有一个申请事项有结论"),
        ([Outcome("R4"), Outcome("R9")], "分属年报不同的行"),
        ([Outcome("R3", ("N15",)), Outcome("R3", ("N16a",))], "分属年报不同的行"),
        ([Outcome("R2"), Outcome("R14")], "整个申请的结果"),
        ([Outcome("R3")], "没有选不予公开的理由"),
        ([Outcome("R77")], "没有“R77”"),
    ],
)
def test_what_has_no_common_row_is_refused_with_what_to_do(outcomes: list[Outcome], reason: str) -> None:
    with pytest.raises(LawRefusal, match=reason):
        mixed(outcomes)


def test_the_office_may_name_the_principal_outcome() -> None:
    matters = [Outcome("R4"), Outcome("R3", ("N16a",)), Outcome("R3", ("N15",))]
    found = mixed(matters, "R3")
    assert (found.code, found.grounds, found.row.key) == ("R3", ("N16a", "N15"), "refused_internal")
    assert mixed(matters, "R4").grounds == ()
    with pytest.raises(LawRefusal, match="不在各申请事项的结论之中"):
        mixed(matters, "R9")


# ------------------------------------------------------------------ remedies (4.4)
BUREAU = Authorities("市住房城乡建设局", "云汀市人民政府", "云汀市清河路 1 号", "云汀市汀南区人民法院")


def test_the_remedy_texts_are_those_of_the_handbook() -> None:
    assert text(Remedy.A, BUREAU) == (
        "如不服本答复，应当自收到之日起60日内先向云汀市人民政府（地址：云汀市清河路 1 号）申请行政复议；"
        "对行政复议决定不服的，可以自收到行政复议决定书之日起15日内向云汀市汀南区人民法院提起行政诉讼。"
    )
    assert text(Remedy.B_STAR, BUREAU, document="告知") == (
        "如不服本告知，可以自收到之日起60日内向云汀市人民政府（地址：云汀市清河路 1 号）申请行政复议，"
        "也可以自收到之日起6个月内直接向云汀市汀南区人民法院提起行政诉讼。"
    )
    both = text(Remedy.A_AND_B, BUREAU).splitlines()
    assert both[0].startswith("如不服本答复中不予公开部分，应当")
    assert both[1].startswith("如不服本答复中其余部分，可以")
    assert text(Remedy.NONE, Authorities("某局")) == ""


@pytest.mark.parametrize("lacking", ["reconsideration", "reconsideration_address", "court"])
def test_a_text_without_its_authorities_is_refused(lacking: str) -> None:
    with pytest.raises(LawRefusal, match="不能送签：救济途径未写.*市住房城乡建设局.*机关设置"):
        text(Remedy.B, replace(BUREAU, **{lacking: " "}))


def test_departments_go_to_their_own_government_and_vertical_organs_to_their_superior() -> None:
    """复议法24, 25, 27 (since 2024)."""
    assert RULES[OrganKind.DEPARTMENT].relation == "own_government"
    assert RULES[OrganKind.GOVERNMENT].relation == "superior_government"
    assert RULES[OrganKind.PROVINCE].relation == RULES[OrganKind.MINISTRY].relation == "itself"
    assert RULES[OrganKind.VERTICAL].relation == "superior_department"
    assert set(RULES) == set(OrganKind)
    assert all(rule.article.startswith("行政复议法") for rule in RULES.values())


def test_every_ground_of_the_law_has_its_row() -> None:
    assert [report_row("R3", [ground.code]).item for ground in GROUNDS] == list(range(1, 8))
