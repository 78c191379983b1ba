"""The five documents go through 公开属性认定 with 保密审查 to their end, in a real browser, by the right hands.

The first goes its whole way by pages, and so does the county's; of the others, what makes them another case. What one of
them walked before by the same people is done behind the browser (`office.behind`).

Their real texts are uploaded where the folder `../shared/seeds` lies beside the checkout. Where it is missing the
tests say so (`SeedsMissing` in the warnings summary, with the file's name) and upload a short text of our own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.cases.models import Case
from app.core.db import db
from app.core.record import Record
from app.documents.models import Document, SecrecyReview
from tests.browser.conftest import Office
from tests.browser.hands import Hands, Sent, fill, follow, press, press_refused, stands_at
from tests.browser.seeds import DOCUMENTS, document
from tests.cases import flows
from tests.support import driving

pytestmark = pytest.mark.filterwarnings("default::tests.browser.seeds.SeedsMissing")

PROPOSAL = {
    "文件种类": "政策性文件",
    "拟定公开属性": "主动公开",
    "解读材料": "不作解读",
    "解读安排或者不作解读的理由": "内容单一，不作解读。",
}
SELF_CHECK = {
    "信息来源": "本机关制作",
    "产生日期": "2026-11-20",
    "已对照以上要点逐项自查": True,
    "去标识化结果": "没有需要处理的个人信息",
}
ON_WEBSITE = {"拟公开渠道": ["政府网站政府信息公开专栏"]}
CHECKED = {"已核对文末公开属性标注与拟定属性一致": True}
HEADS = {"政务公开科": ("bai", "jiang", "江维公"), "综合一科": ("wen", "shen", "申牧之")}


def case_of(title: str) -> int:
    """The case of this title, where `office.behind()` has its desk."""
    return db.session().scalars(sa.select(Case.id).where(Case.title == title)).one()


def begin(hands: Hands, key: str, drafter: str, folder: Path, **more: Any) -> str:
    """Start a case and leave it at 拟稿, all filled in; the title."""
    title = DOCUMENTS[key][1]
    sent = hands.start(drafter, "公开属性认定", {"文件标题": title})
    assert "已登记" in sent.said
    fill(hands.page, {**PROPOSAL, **more, "文件正文": document(key, folder)})
    return title


def sends(sent: Sent, step: str, *receivers: str) -> None:
    """The dialog and the message name the next step and who receives it."""
    for words in (" ".join(sent.told), sent.said):
        assert step in words, sent
        for name in receivers:
            assert name in words, sent


def review(hands: Hands, title: str, drafter: str, head: str) -> None:
    """保密审查 of 市府办: self-check, head, officer, leader."""
    sent = hands.do(drafter, title, "承办人自查", "提交自查", SELF_CHECK | ON_WEBSITE)
    sends(sent, "科室负责人审核")
    sends(hands.do(head, title, "科室负责人审核", "同意，送保密审查"), "保密审查意见", "卫慎言")
    concluded(hands, title, 审查结论="公开")
    sends(hands.do("lu", title, "领导审批", "同意审查结论"), "核稿", "柯文书")


def concluded(hands: Hands, title: str, **conclusion: str) -> None:
    """保密审查意见: four levels at 市府办, whatever the conclusion."""
    answers = {"审查意见": "审查完毕。", **conclusion}
    sends(hands.do("wei", title, "保密审查意见", "出具审查意见", answers), "领导审批", "陆分明")


def checked(hands: Hands, title: str) -> None:
    """核稿."""
    sends(hands.do("ke", title, "核稿", "同意，送签", CHECKED), "签发", "陆分明")


def signed(hands: Hands, title: str) -> None:
    """签发, the end."""
    sent = hands.do("lu", title, "签发", "同意签发")
    assert "办结" in " ".join(sent.told), sent
    assert "本件已办结" in sent.said


def published(hands: Hands, title: str, publisher: str = "ke", due: str = "2026-12-21") -> None:
    """The duty stands with its deadline; 发布网址回填 closes it."""
    page = hands.sit(publisher)
    follow(page.get_by_label("主导航").get_by_role("link", name="公开任务"))
    row = page.get_by_role("row").filter(has_text=title)
    expect(row).to_contain_text(
        due
    )  # 20 working days after it was signed: 2026-11-23, or the day on the paper
    follow(row.get_by_role("link", name="回填网址"))
    fill(page, {"发布网址": "https://www.example.gov.cn/art/2026/11/23/art_1.html"})
    assert "已回填发布网址" in press(page, "回填并办结").said
    expect(page.get_by_role("row").filter(has_text=title)).to_have_count(0)


def ended(office: Office, title: str, attribute: str, mark: str) -> Document:
    """The case is closed, the document marked."""
    with office.app.app_context():
        case = db.session().scalars(sa.select(Case).where(Case.title == title)).one()
        found = db.session().get_one(Document, case.document_id)
        assert (case.status, found.attribute, found.mark) == ("done", attribute, mark)
        db.session().expunge_all()
        db.session().rollback()
    return found


def reviews(office: Office, title: str) -> list[str]:
    """Digests of what was reviewed, round by round."""
    with office.app.app_context():
        query = sa.select(SecrecyReview.digest).join(Case, Case.id == SecrecyReview.case_id)
        found = list(db.session().scalars(query.where(Case.title == title).order_by(SecrecyReview.round)))
        db.session().rollback()
    return found


def test_jinan_is_signed_on_paper_and_the_clerk_enters_it_with_the_scan(
    office: Office, hands: Hands, tmp_path: Path
) -> None:
    title = begin(hands, "jinan", "bai", tmp_path)
    sends(press(hands.page, "送审"), "科长审核", "江维公")
    sends(hands.do("jiang", title, "科长审核", "同意"), "承办人自查", "白受之")
    review(hands, title, "bai", "jiang")
    checked(hands, title)
    page = hands.case("bai", title)
    stands_at(page, "sign_off")
    follow(page.get_by_role("link", name="线下、OA签批回填"))
    scan = tmp_path / "签批单.png"
    page.screenshot(path=scan)
    paper = {
        "签批方式": "纸质签批",
        "签批人": "陆分明",
        "签批日期": "2026-11-20",
        "签批单扫描件": scan,
        "发文字号": "济政办发〔2018〕25号",
    }
    fill(page, paper)
    sent = press(page, "同意签发")
    assert "本件已办结" in sent.said
    trail = hands.case("bai", title).get_by_role("main")
    expect(trail).to_contain_text("线下签批回填（2026-11-20 签批，白受之 回填）")
    found = ended(office, title, "proactive", "（此件公开发布）")
    assert found.number == "济政办发〔2018〕25号"
    published(hands, title, due="2026-12-18")


def test_daqing_is_returned_once_and_comes_back_with_all_that_was_written(
    office: Office, hands: Hands, tmp_path: Path
) -> None:
    title = begin(hands, "daqing", "wen", tmp_path)
    sends(press(hands.page, "送审"), "科长审核", "申牧之")
    page = hands.open("shen", title, "科长审核")
    assert "须写明意见" in press_refused(page, "退回修改")
    fill(page, {"审核意见": "缺解读方案，请补。"})
    sends(press(page, "退回修改"), "拟稿", "文承远")
    page = hands.open("wen", title, "拟稿")
    expect(page.get_by_role("main")).to_contain_text("缺解读方案，请补。")
    expect(page.get_by_label("解读安排或者不作解读的理由")).to_have_value("内容单一，不作解读。")
    expect(page.locator(".file-list")).to_contain_text([DOCUMENTS["daqing"][0]])
    plan = tmp_path / "解读方案.txt"
    plan.write_text("解读方案：由综合一科起草，文件公开后三个工作日内发布。", encoding="utf-8")
    fill(page, {"解读材料": "解读方案、解读材料一并报批", "解读方案、解读材料": plan})
    sends(press(page, "送审"), "科长审核", "申牧之")
    with office.behind() as desk:
        desk.act("shen", case_of(title), "head_review", decision="agree")
        flows.reviewed(desk, case_of(title))
        desk.act("ke", case_of(title), "verify_text", decision="agree", mark_checked=True)
    signed(hands, title)
    ended(office, title, "proactive", "（此件公开发布）")
    published(hands, title)


def test_the_district_is_not_published_for_n16b_and_the_disclosure_office_looks_first(
    office: Office, hands: Hands, tmp_path: Path
) -> None:
    withheld = {"拟定公开属性": "不予公开", "不予公开的条款": "过程性信息", "不予公开的理由": "内部文件"}
    title = DOCUMENTS["district"][1]
    hands.start("wen", "公开属性认定", {"文件标题": title})
    fill(hands.page, {"文件种类": "政策性文件", **withheld, "文件正文": document("district", tmp_path)})
    page = hands.page
    assert "不予公开的理由" in press_refused(page, "送审")
    reason = "属于内部讨论过程中的稿件，尚未形成最终意见，公开会影响讨论。"
    fill(page, {"不予公开的理由": reason})
    sends(press(page, "送审"), "科长审核", "申牧之")
    sent = hands.do("shen", title, "科长审核", "同意")
    sends(sent, "政务公开工作机构审查", "江维公")
    sends(hands.do("jiang", title, "政务公开工作机构审查", "同意不予公开"), "承办人自查", "文承远")
    with office.behind() as desk:
        desk.act("wen", case_of(title), "self_check", **driving.SELF_CHECK | {"channels": None})
        desk.act("shen", case_of(title), "head_review", decision="agree")
    concluded(hands, title, 审查结论="不公开", 结论的理由="讨论过程中的稿件")
    with office.behind() as desk:
        desk.act("lu", case_of(title), "leader_approve", decision="agree")
        desk.act("ke", case_of(title), "verify_text", decision="agree", mark_checked=True)
    signed(hands, title)
    found = ended(office, title, "withheld", "（此件不公开）")
    assert found.ground == "N16b"
    follow(hands.sit("ke").get_by_label("主导航").get_by_role("link", name="公开任务"))
    expect(hands.page.get_by_role("main")).not_to_contain_text(title)


def test_xingyi_is_reviewed_again_after_its_file_changed(
    office: Office, hands: Hands, tmp_path: Path
) -> None:
    title, first_text = DOCUMENTS["xingyi"][1], document("xingyi", tmp_path)
    with office.behind() as desk:
        files = {"main_file": (first_text.read_bytes(), first_text.name)}
        case = flows.drafted(desk, "wang", title=title, files=files)
        desk.act("shen", case, "head_review", decision="agree")
        flows.reviewed(desk, case, by="wang")
    changed = document("xingyi", tmp_path, changed=True)
    sent = hands.do("ke", title, "核稿", "同意，送签", {**CHECKED, "文件正文": changed})
    sends(sent, "承办人自查", "王芳")
    review(hands, title, "wang", "shen")
    with office.behind() as desk:
        flows.signed(desk, case)
    first, second = reviews(office, title)
    assert first != second
    ended(office, title, "proactive", "（此件公开发布）")


def test_weihai_comes_from_another_organ_is_returned_and_comes_again(
    office: Office, hands: Hands, tmp_path: Path
) -> None:
    title = DOCUMENTS["weihai"][1]
    hands.start("fang", "公开属性认定", {"文件标题": title})
    draft = {"文件种类": "政策性文件", "代拟稿（为其他机关起草，由其审核签发）": True}
    fill(hands.page, {**draft, "报送机关": "云汀市人民政府办公室", "文件正文": document("weihai", tmp_path)})
    sends(press(hands.page, "送审"), "科长审核", "谷监筑")
    sends(hands.do("gu", title, "科长审核", "同意"), "收文核对", "柯文书")
    page = hands.open("ke", title, "收文核对")
    fill(page, {"核对意见（退文的写退文理由）": "无公开属性建议，退文。"})
    sends(press(page, "退文"), "拟稿", "房建业")
    page = hands.open("fang", title, "拟稿")
    expect(page.get_by_role("main")).to_contain_text("无公开属性建议，退文。")
    fill(page, {key: PROPOSAL[key] for key in list(PROPOSAL)[1:]})
    press(page, "送审")
    with office.behind() as desk:
        desk.act("gu", case_of(title), "head_review", decision="agree")
    sends(hands.do("ke", title, "收文核对", "收文"), "承办人自查", "房建业")
    with office.behind() as desk:
        desk.act("fang", case_of(title), "self_check", **driving.SELF_CHECK)
        desk.act("gu", case_of(title), "head_review", decision="agree")
    sends(hands.do("wei", title, "保密审查意见", "出具审查意见", {"审查结论": "公开"}), "核稿", "柯文书")
    with office.behind() as desk:
        flows.signed(desk, case_of(title))
    ended(office, title, "proactive", "（此件公开发布）")


def test_the_county_office_of_two_does_one_alone(office: Office, hands: Hands, tmp_path: Path) -> None:
    title = f"柳川县{DOCUMENTS['jinan'][1]}"
    hands.start("shui", "公开属性认定", {"文件标题": title})
    fill(hands.page, {**PROPOSAL, "文件正文": document("jinan", tmp_path)})
    sends(press(hands.page, "送审"), "科长审核", "米一肩")
    sends(hands.do("mi", title, "科长审核", "同意"), "承办人自查", "水双挑")
    sent = hands.do("shui", title, "承办人自查", "提交自查", SELF_CHECK | ON_WEBSITE)
    sends(sent, "保密审查意见", "米一肩")
    sends(hands.do("mi", title, "保密审查意见", "出具审查意见", {"审查结论": "公开"}), "核稿", "米一肩")
    sends(hands.do("mi", title, "核稿", "同意，送签", CHECKED), "签发", "梁定音")
    page = hands.case("shui", title)
    follow(page.get_by_role("link", name="线下、OA签批回填"))
    scan = tmp_path / "签批单.png"
    page.screenshot(path=scan)
    fill(page, {"签批方式": "纸质签批", "签批人": "梁定音", "签批日期": "2026-11-20", "签批单扫描件": scan})
    assert "本件已办结" in press(page, "同意签发").said
    ended(office, title, "proactive", "（此件公开发布）")
    published(hands, title, "shui", due="2026-12-18")


def test_one_changed_byte_is_found_and_its_row_named(office: Office) -> None:
    with office.behind() as desk:
        desk.start("wang", "disclosure_attribute", entry="document", kind="first", title="改动记录的试验")
    office.in_order()
    runner = office.app.test_cli_runner()
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    with office.app.app_context():
        row = db.session().scalars(sa.select(Record).order_by(Record.id.desc())).first()
        assert row is not None
        number, was = row.id, row.summary
        db.session().rollback()
    _overwrite(office, number, was.replace("登", "等", 1) if "登" in was else was[:-1] + "？")
    found = runner.invoke(args=["audit", "verify"])
    assert found.exit_code == 1
    assert f"{number}" in found.output and "被改动" in found.output, found.output
    _overwrite(office, number, was)
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    assert runner.invoke(args=["cases", "rebuild", "--check"]).exit_code == 0


def _overwrite(office: Office, number: int, summary: str) -> None:
    """Past the application, straight in the database."""
    with office.app.app_context(), db.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE records SET summary = :summary WHERE id = :id"),
            {"summary": summary, "id": number},
        )
