"""字段权限 (features.md H25): each step shows an answer of an earlier form, shows it read-only, asks it, or hides it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from app.cases.models import WorkItem
from app.core.actor import SYSTEM
from app.core.db import db
from app.processes import service as processes
from app.processes.checking import check_package
from app.processes.cli import shipped
from app.processes.packages import Package, PackageRefused, assemble
from tests.cases.flows import drafted
from tests.cases.test_deputies import appoint
from tests.support.driving import Desk
from tests.support.organs import City

NOTE = "内容单一，不作解读。"
PHONE = "0990-7654321"
KNOWN = '[[known]]\nkey = "interpretation_note"\nlabel = "解读安排或者不作解读的理由"\n\n'
MAIN_FILE = '[[known]]\nkey = "main_file"\nlabel = "文件正文"\nas = "files"\n\n'
HIDES = 'hidden = ["interpretation_note", "contact_phone"]\n'
ASKS = """
[[field]]
key = "doc_kind"
label = "文件种类"
type = "radio"
readonly_if = "True"
options = [{ value = "policy", label = "政策性文件" }, { value = "other", label = "非政策性文件" }]

[[field]]
key = "reading"
label = "审读记录"
type = "text"

[[field]]
key = "opinion"
"""


def with_rights(hides: str = HIDES, drop: str = "") -> Package:
    """科室负责人审核 that hides two answers, shows one read-only and asks one."""
    package = next(each for each in shipped() if each.key == "disclosure_attribute")
    texts = dict(package.texts)
    form = texts["forms/head_review.toml"]
    assert KNOWN in form
    form = form.replace(KNOWN, "").replace(drop or KNOWN, "").replace('\n[[field]]\nkey = "opinion"\n', ASKS)
    texts["forms/head_review.toml"] = form.replace("format = 1\n", f"format = 1\n{hides}")
    return assemble(texts, package.scenarios)


@pytest.fixture
def strict(house: City) -> City:
    """The city whose head of unit is shown less."""
    lines = processes.install(SYSTEM, packages=[with_rights()])
    assert "启用" in lines[0], lines
    return house


def pages(desk: Desk, who: str, case: int) -> str:
    """Everything a person may open of a case."""
    client = desk.sit(who)
    items = db.session().scalars(
        sa.select(WorkItem.id).where(WorkItem.case_id == case, WorkItem.status == "open")
    )
    urls = [f"/cases/{case}", f"/cases/{case}/sheet/approval", *(f"/work/{number}" for number in items)]
    return "".join(client.get(url, follow_redirects=True).text for url in urls)


def test_a_hidden_answer_is_on_no_page_of_whoever_does_the_step(
    any_db: str, desk: Desk, strict: City
) -> None:
    case = drafted(desk, contact_phone=PHONE)
    seen = pages(desk, "shen", case)
    assert NOTE not in seen and PHONE not in seen and "联系电话" not in seen
    forged = desk.sit("shen").post(f"/cases/{case}/reveal", data={"field": "contact_phone"})
    assert forged.status_code == 404
    assert NOTE in pages(desk, "wen", case), "who answered it sees it"
    assert "联系电话" in pages(desk, "wen", case)
    assert NOTE in pages(desk, "wang", case), "others of the organ do as ever"
    desk.act("shen", case, "head_review", decision="agree")
    assert NOTE in pages(desk, "shen", case), "it is hidden while the step waits, not for ever"


def test_nothing_hidden_or_read_only_is_changed_by_a_forged_post(desk: Desk, strict: City) -> None:
    case = drafted(desk)
    before = desk.case(case).data
    forged: dict[str, Any] = {
        "interpretation_note": "改掉", "attribute": "withheld", "doc_kind": "other", "title": "改掉", "contact_phone": "1",
    }  # fmt: skip
    page = desk.sit("shen").get(f"/work/{desk.item(case, 'head_review').id}").text
    assert "政策性文件" in page and 'type="radio" name="doc_kind"' not in page
    desk.act("shen", case, "head_review", decision="agree", reading="已读", **forged)
    after = desk.case(case).data
    assert after["reading"] == "已读"
    assert {key: after.get(key) for key in forged} == {key: before.get(key) for key in forged}
    assert (after["doc_kind"], desk.case(case).title) == ("policy", desk.case(case).data["title"])


def test_the_same_holds_for_whoever_stands_in(desk: Desk, strict: City) -> None:
    appoint(strict, "shen", "ke")
    case = drafted(desk)
    assert NOTE not in pages(desk, "ke", case)


def test_a_form_does_not_hide_what_it_shows_and_no_attachment(house: City) -> None:
    with pytest.raises(PackageRefused, match="隐藏了“attribute”，却又"):
        with_rights('hidden = ["attribute"]\n')
    called = {each.key: each for each in shipped() if each.key == "secrecy_review"}
    for key, words in (("no_such", "没有表单填写"), ("main_file", "附件不能按环节隐藏")):
        package = with_rights(f'hidden = ["{key}"]\n', drop=MAIN_FILE)
        found = [each.message for each in check_package(package, called) if each.rule == "hidden"]
        assert len(found) == 1 and words in found[0]
