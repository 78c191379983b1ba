"""依申请公开 by hand, in a real browser: an online request with every turn, a letter that lapses, a fee paid on its last day.

Every date a page shows is compared with what the law room computes for the request at that moment. A step that one of the
three walked before by the same people is done behind the browser (`behind`).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.accounts.directory import changed
from app.accounts.models import Organ
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.requests import clocks
from app.requests.models import Request
from tests.browser.conftest import Office
from tests.browser.hands import Hands, fill, follow, press, stands_at
from tests.conftest import MONDAY
from tests.portal.conftest import GUIDE
from tests.requests.conftest import LETTERS
from tests.requests.driving import Office as Counter
from tests.support.driving import SELF_CHECK


@command
def _settle(tx: Tx) -> None:
    for organ in tx.session.query(Organ):
        open_here = organ.code == "office"
        organ.settings = {**organ.settings, "letters": LETTERS, "portal": {**GUIDE, "open": open_here}}
    changed(tx)


@pytest.fixture(autouse=True)
def taking(office: Office) -> Iterator[None]:
    """The office answers applications, and the day is the base day before and after."""
    with office.app.app_context():
        now.pretend(MONDAY)
        _settle(SYSTEM)
        db.session.remove()
    yield
    now.pretend(MONDAY)


def request_of(office: Office, content: str) -> Request:
    """The request as the rows have it."""
    with office.app.app_context():
        found = db.session().query(Request).filter(Request.content.like(f"{content}%")).one()
        db.session().expunge(found)
        db.session.remove()
        return found


@contextmanager
def behind(office: Office, content: str) -> Iterator[tuple[Counter, int]]:
    """A counter without a browser, and the case of the request."""
    case = request_of(office, content).case_id
    with office.behind() as desk:
        yield Counter(desk.client, office.city), case


def shows_its_due_day(office: Office, hands: Hands, login: str, content: str) -> date | None:
    """The case page shows the day the law room computes; the derivation ends on it. Gives that day."""
    with office.app.app_context():
        found = db.session().query(Request).filter(Request.content.like(f"{content}%")).one()
        state = clocks.compute(db.session(), found, now.today())
        assert state is not None
        due, number = state.reply_due, found.id
        db.session.remove()
    page = hands.sit(login)
    page.goto(office.server.url(f"/requests/{number}/clock"))
    text = page.get_by_role("main").inner_text()
    if due is not None and due.date is not None:
        assert due.date.isoformat() in text
        assert found.due_on == due.date
        return due.date
    return None


def matters(hands: Hands, title: str, rows: list[dict[str, Any]], split: str = "") -> None:
    """处理意见、拆分事项, from the step's page and back to it."""
    page = hands.open("bai", title, "拟办答复")
    follow(page.get_by_role("link", name="处理意见、拆分事项"))
    for _ in rows[1:]:
        page.get_by_role("button", name="拆分：再加一项").click()
    for number, row in enumerate(rows, 1):
        page.locator(f"#text_{number}").fill(row["text"])
        page.locator(f"#outcome_{number}").select_option(row["outcome"])
        for code in row.get("grounds", ()):
            page.locator(f"#g{number}{code}").check()
        if "reason" in row:
            page.locator(f"#reason_{number}").fill(row["reason"])
        for key, value in row.get("facts", {}).items():
            page.locator(f"#f{number}{key}").fill(value)
    if split:
        page.get_by_label("拆分事项的理由").fill(split)
    press(page, "保存")
    expect(page.get_by_role("heading", name=re.compile("^请您办理"))).to_contain_text("拟办答复")


def signed(hands: Hands, title: str) -> None:
    """法制审核, 工作机构负责人, and 签发 as a leader signs."""
    hands.do("zhang", title, "法制审核", "同意")
    hands.do("jiang", title, "工作机构负责人审核", "同意，送签")
    hands.do("lu", title, "签发", "同意签发")


def sent(hands: Hands, title: str) -> None:
    """用印, 送达 by post, 归档."""
    hands.do("shi", title, "用印", "已用印，制发", {"用印份数": "2"})
    answers = {"送达方式": "邮政企业寄送", "送出日期": now.today().isoformat(), "邮件号": "1099000000101"}
    hands.do("shi", title, "送达", "已送出", answers)


def apply_online(office: Office, page: Page, content: str) -> tuple[str, str]:
    """The citizen's own hands; 来件号 and query code of the receipt."""
    page.goto(office.server.url("/public/office/apply"))
    fill(page, {"您要申请的信息": content, "希望以什么形式提供": "纸质", "希望怎样得到": "邮寄"})
    fill(page, {"姓名或者名称": "何问渠", "电话": "19900000101", "通信地址": "云汀市清河路1号"})
    page.get_by_label("证件号码", exact=True).fill("990101198001010014")
    with page.expect_navigation():
        page.get_by_role("button", name="提交申请").click()
    text = page.get_by_role("main").inner_text()
    number = re.search(r"市府办来件〔2026〕\d+号", text)
    code = re.search(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", text)
    assert number and code, text
    return number.group(), code.group()


def test_an_online_request_with_every_turn_reaches_the_applicant(
    office: Office, hands: Hands, tmp_path: Path
) -> None:
    title = "望汀苑项目评审意见和投标报价明细"
    citizen = hands.make(390, 844)
    _number, code = apply_online(office, citizen, title)
    hands.do("bai", title, "与申请人确认", "已与申请人确认", {"确认日期": "2026-11-23", "确认方式": "电话"})
    assert shows_its_due_day(office, hands, "bai", title) == date(2026, 12, 21)
    with behind(office, title) as (counter, case):
        counter.examined(case)
    searched = {
        "有没有、归谁": "检索到",
        "检索范围": "市府办档案室",
        "检索方法": "电子检索",
        "检索关键词": "望汀苑",
        "检索结果": "检索到评审卷一宗",
        "书面征求第三方、共同制作机关或者其他机关意见": True,
    }
    hands.do("bai", title, "检索与权属判断", "提交", searched)
    _third_party(hands, title)
    now.pretend("2026-12-03")
    hands.do("bai", title, "等待意见", "意见已收齐或者期限届满")
    _extended(office, hands, title)
    given = tmp_path / "评审意见.txt"
    given.write_text("评审结论", "utf-8")
    matters(
        hands, title,
        [
            {"text": "评审意见", "outcome": "R2", "facts": {"supplied": "评审意见（结论部分）"}},
            {"text": "投标报价明细", "outcome": "R3", "grounds": ["N15"], "reason": "属于第三方商业秘密，第三方不同意公开且理由成立。"},
        ],
        "两项信息的处理不同",
    )  # fmt: skip
    fill(hands.page, {"拟提供的信息": given, "已区分处理、去标识化": True})
    press(hands.page, "送审")
    with behind(office, title) as (counter, case):
        counter.act("bai", case, "self_check", **SELF_CHECK)
    hands.do("jiang", title, "科室负责人审核", "退回修改", {"审核意见": "报价明细要写清涉及哪一家。"})
    hands.do("bai", title, "承办人自查", "提交自查")
    with behind(office, title) as (counter, case):
        counter.act("jiang", case, "head_review", decision="agree")
    review = {"审查结论": "部分公开", "审查意见": "结论可以公开。", "不公开的内容": "投标报价明细"}
    hands.do("wei", title, "保密审查意见", "出具审查意见", review)
    with behind(office, title) as (counter, case):
        counter.act("lu", case, "leader_approve", decision="agree")
    signed(hands, title)
    sent(hands, title)
    found = request_of(office, title)
    assert (found.outcome, found.report_row, found.answered_on) == ("R3p", "partial", date(2026, 12, 3))
    _followed(office, citizen, code, found.reply_no or "")
    archived = {"档号": "2026-公开-0001", "保管期限": "30年", "页数": "16"}
    hands.do("jian", title, "归档", "已归档", archived)
    _archive_opens(office, hands, found)


def _archive_opens(office: Office, hands: Hands, found: Request) -> None:
    """The file of the case: whole, with the form, the letters as sent, the opinions, the clock and the record."""
    page = hands.sit("bai")
    page.goto(office.server.url(f"/requests/{found.id}/file"))
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("^导出案卷")).click()
    with zipfile.ZipFile(download.value.path()) as file:
        assert file.testzip() is None
        names = "\n".join(file.namelist())
    for piece in ("申请表.pdf", f"答复书（部分公开） {found.reply_no}.pdf", "延期答复告知书", "第三方意见征询函", "呈批单",
                  "保密审查记录表", "答复期限计算表", "送达回证", "办理记录.jsonl", "卷内目录"):  # fmt: skip
        assert piece in names, (piece, names)


def _third_party(hands: Hands, title: str) -> None:
    page = hands.open("bai", title, "拟征求意见")
    follow(page.get_by_role("link", name="添加、登记意见"))
    asked = {"征求谁的意见": "第三方", "名称": "云汀市清河建筑有限公司", "拟公开的内容": "投标报价明细"}
    fill(page, asked)
    press(page, "添加")
    hands.do("bai", title, "拟征求意见", "送签")
    hands.do("jiang", title, "签发征求意见书", "同意签发")
    posted = {"送达方式": "邮政企业寄送", "发出日期": "2026-11-23", "邮件号": "1099000000102"}
    hands.do("shi", title, "发出征求意见书", "已发出", posted)
    now.pretend("2026-11-25")
    page = hands.open("bai", title, "等待意见")
    follow(page.get_by_role("link", name="添加、登记意见"))
    follow(page.get_by_role("link", name="云汀市清河建筑有限公司", exact=True))
    page.get_by_label(re.compile("^签收、留置或者发出公告的日期")).fill("2026-11-25")
    press(page, "登记送达")
    now.pretend("2026-12-03")
    page.reload()
    page.get_by_text("不同意公开", exact=True).check()
    page.get_by_label(re.compile("^收到意见的日期")).fill("2026-12-03")
    page.get_by_label("意见内容").fill("报价属于商业秘密")
    page.get_by_text("成立", exact=True).check()
    press(page, "登记意见")


def _extended(office: Office, hands: Hands, title: str) -> None:
    """延期: both dates on the page, agreed to by the head, told at once."""
    before = shows_its_due_day(office, hands, "bai", title)
    assert before == date(2026, 12, 31), "paused from 11-24 to 12-03: eight working days"
    page = hands.case("bai", title)
    stands_at(page, "handling")
    follow(page.get_by_role("link", name="延期答复"))
    assert before.isoformat() in page.get_by_role("main").inner_text()
    fill(page, {"延期的理由": "征求第三方意见后需要核对报价材料"})
    page.get_by_label(re.compile("^延长")).fill("5")
    press(page, "报请批准")
    page = hands.sit("jiang")
    follow(page.get_by_label("主导航").get_by_role("link", name="待办"))
    row = page.get_by_role("row").filter(has_text=title).filter(has_text="延期")
    follow(row.get_by_role("link", name="办理"))
    press(page, "同意延期")
    found = request_of(office, title)
    assert found.due_on is None and "2027" in (found.due_why or ""), "2027 is not imported: never guessed"


def _followed(office: Office, page: Page, code: str, reply_no: str) -> None:
    """The applicant follows by code and the last digits of the telephone: why it paused, and the letter."""
    page.goto(office.server.url("/public/track"))
    page.locator("input[name=number]").fill(code)
    page.locator("input[name=last]").fill("0101")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button").first.click()
    text = page.get_by_role("main").inner_text()
    assert "第三方" in text and "已答复" in text
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("答复书")).first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-"), reply_no


def test_a_letter_by_ordinary_mail_that_is_not_corrected_lapses(office: Office, hands: Hands) -> None:
    title = "我家那块地的文件"
    page = hands.sit("bai")
    follow(page.get_by_label("主导航").get_by_role("link", name="接收登记"))
    fill(
        page,
        {"来件方式": "平常信函", "姓名或者名称": "苗田生", "电话": "19900000105", "通信地址": "清河村2号"},
    )
    fill(page, {"所需信息的名称、文号或者其他特征性描述": title})
    press(page, "登记")
    said = {"confirmed_on": "2026-11-23", "confirm_how": "phone", "decision": "confirm"}
    with behind(office, title) as (counter, case):
        counter.act("bai", case, "confirm_receipt", **said)
    assert shows_its_due_day(office, hands, "bai", title) == date(2026, 12, 21)
    lacking = {
        "要件和内容": "不齐备或者不明确",
        "须补正的要件": ["申请内容不明确"],
        "怎样不齐备、不明确": "没有写明哪块地、什么文件。",
    }
    hands.do("bai", title, "要件与性质审查", "提交", lacking)
    notice = {
        "补正事项": "写明地块位置、文件名称。",
        "指导和释明": "可以写村组、地名。",
        "补正期限（天数）": "10",
    }
    hands.do("bai", title, "拟补正告知书", "送签", notice)
    with behind(office, title) as (counter, case):
        counter.act("jiang", case, "correction_approve", decision="agree")
    posted = {"送达方式": "邮政企业寄送", "发出日期": "2026-11-23", "签收日期": "2026-11-23"}
    hands.do("shi", title, "发出补正告知书", "已发出", posted)
    assert "2026-12-07" in hands.case("bai", title).get_by_role("main").inner_text(), "ten working days"
    now.pretend("2026-12-08")
    hands.do("bai", title, "等待补正", "逾期未补正", {"情况说明": "期限届满，没有收到补正。"})
    hands.do("bai", title, "拟办答复", "送审")
    with behind(office, title) as (counter, case):
        counter.act("zhang", case, "legal_review", decision="agree")
    hands.do("jiang", title, "签发", "同意签发")
    with behind(office, title) as (counter, case):
        counter.sent(case)
    found = request_of(office, title)
    assert (found.outcome, found.report_row) == ("R14", "other_no_correction")


def test_a_frequent_applicant_pays_on_the_last_day(office: Office, hands: Hands) -> None:
    title = "近十年会议用餐票据"
    page = hands.sit("bai")
    follow(page.get_by_label("主导航").get_by_role("link", name="接收登记"))
    fill(page, {"姓名或者名称": "阎百询", "电话": "19900000106", "通信地址": "清河路3号"})
    fill(page, {"所需信息的名称、文号或者其他特征性描述": title})
    press(page, "登记")
    assert shows_its_due_day(office, hands, "bai", title) == date(2026, 12, 21)
    hands.do(
        "bai", title, "要件与性质审查", "提交",
        {"要件和内容": "齐备、明确", "申请的性质": "数量、频次明显超过合理范围", "这样认定的理由": "本月累计 40 件"},
    )  # fmt: skip
    asked = {
        "数量、频次的事实": "本月累计 40 件",
        "说明理由的期限": "2026-11-30",
        "送达方式": "邮政企业寄送",
        "发出日期": "2026-11-23",
    }
    hands.do("bai", title, "要求说明理由", "已发出", asked)
    given = {"收到日期": "2026-11-23", "申请人说明的理由": "研究会议费用"}
    hands.do("bai", title, "等待说明理由", "已收到理由", given)
    hands.do("jiang", title, "判断理由是否合理", "收取信息处理费", {"判断意见": "按量收费"})
    hands.do(
        "bai", title, "拟收费通知", "送签", {"计费方式": "按量", "数量": "119", "缴纳方式": "到银行缴纳"}
    )
    with behind(office, title) as (counter, case):
        counter.act("jiang", case, "fee_approve", decision="agree")
    told = {"送达方式": "邮政企业寄送", "发出日期": "2026-11-23", "签收日期": "2026-11-23"}
    hands.do("shi", title, "发出收费通知", "已发出", told)
    assert "2026-12-23" in hands.case("bai", title).get_by_role("main").inner_text()
    now.pretend("2026-12-23")  # the thirtieth day
    hands.do("bai", title, "等待缴费", "已缴费", {"缴费日期": "2026-12-23", "缴费凭证号": "990101"})
    found = request_of(office, title)
    assert (found.state, found.clock) == ("open", "running")
    assert found.due_on is None and "2027" in (found.due_why or "")
