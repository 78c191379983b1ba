"""What is done on a reviewer's day, part by part; each part has cases of its own (features.md H)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person, Post
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.jobs import JOBS
from tests.browser.conftest import Office
from tests.browser.hands import fill, press
from tests.browser.reviewers_day import Chairs, attribute, request, row, secrecy, trail_of, with_field_rights
from tests.cases.flows import drafted

#: 公开属性认定 by hand, one operation each; 9 to 24 are done at once
ASKED, COSIGNED, SIGNED, RETURNED, TAKEN, ENDED, RESTED, WRITTEN = range(1, 9)
AT_ONCE = range(9, 23)
LATE = (23, 24)
STRAIGHT, STOOD_IN = 25, 26


#: cases of another organ or process, whose pages the reviewer does not see
OF_OTHERS = ("试办自动跳过的请示", "住建局的通知")


def reader(title: str) -> str:
    """Who reads the 流转记录 of a case at the end; nobody of those of other organs."""
    if title in OF_OTHERS:
        return ""
    return "bai" if "项目" in title else "shen"


def the_desk_in_the_morning(day: Chairs) -> None:
    """H1: what waits, counted and sorted; of three processes."""
    page = day.arrives("shen", attribute(1), attribute(24))
    expect(page.get_by_role("link", name=re.compile(r"^待办\s*32$")).first).to_be_visible()
    day.arrives("bai", request(1), request(6))
    day.arrives("wei", attribute(STRAIGHT), attribute(STOOD_IN))


def many_at_once(day: Chairs) -> None:
    """H15: fourteen ticked by hand, eight with one press more; each is sent to who began it (H24)."""
    page = day.sit("shen")
    for n in AT_ONCE:
        row(page, attribute(n)).get_by_role("checkbox").check()
    page.get_by_role("button", name="批量办理选中的件").click()
    _all_done(day, "意见", "同意，请抓紧自查。", f"同意（{len(AT_ONCE)} 件）", "同意")
    for n in AT_ONCE:
        day.acts[attribute(n)].append(("科长审核", "同意，请抓紧自查。"))
    page = day.home("shen")
    row(page, secrecy(1)).get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("的全部")).click()
    _all_done(day, "意见", "自查属实。", "同意，送保密审查（8 件）", "同意，送保密审查")
    for n in range(1, 9):
        day.acts[secrecy(n)].append(("科室负责人审核", "自查属实。"))
    day.arrives("wen", attribute(AT_ONCE[0]), attribute(AT_ONCE[-1]))
    day.arrives("wei", secrecy(1), secrecy(8))


def _all_done(day: Chairs, label: str, opinion: str, button: str, agree: str) -> None:
    page = day.page
    page.get_by_role("textbox", name=label).fill(opinion)
    page.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("button", name=agree).click()
    expect(page.get_by_text("全部办完")).to_be_visible(timeout=40_000)


def asking(day: Chairs) -> None:
    """H4: 王芳 answers, 申牧之 decides."""
    title = attribute(ASKED)
    answers = {"征求对象": ["综合一科 王芳"], "征求的问题": "是否涉及商业秘密？"}
    said = day.operate(day.open("shen", title, "科长审核"), "征求意见", answers, title, "是否涉及商业秘密？")
    assert "已送 王芳" in said
    day.arrives("wang", title)
    page = day.open("wang", title, "征求意见")
    fill(page, {"意见": "不涉及。"})
    assert "申牧之" in press(page, "答复：送回申牧之").said
    day.acts[title].append(("征求意见", "不涉及。"))
    day.does("shen", title, "科长审核", "同意")


def countersigning(day: Chairs) -> None:
    """H5: two must agree; the result is visible while it runs."""
    title = attribute(COSIGNED)
    page = day.open("shen", title, "科长审核")
    answers = {"会签的人": ["综合一科 王芳", "文电科 柯文书"], "会签事项": "公开范围是否妥当"}
    day.operate(page, "会签", answers, title, "公开范围是否妥当")
    for login in ("wang", "ke"):
        day.arrives(login, title)
        page = day.open(login, title, "会签")
        fill(page, {"意见": f"{login == 'ke' and '文字' or '范围'}妥当。"})
        press(page, "同意")
        if login == "wang":
            expect(day.open("shen", title, "科长审核").get_by_role("main")).to_contain_text("1/2 已同意")
    day.acts[title] += [("会签", "范围妥当。"), ("会签", "文字妥当。")]
    day.does("shen", title, "科长审核", "同意")


def signing_together(day: Chairs) -> None:
    """H6: two are added, one is taken off again, the other signs first."""
    title = attribute(SIGNED)
    page = day.open("shen", title, "科长审核")
    answers = {"加签的人": ["综合一科 王芳", "文电科 柯文书"], "加签说明": "请核对附件一。"}
    assert "王芳" in day.operate(page, "加签", answers, title, "请核对附件一。")
    page = day.open("shen", title, "科长审核")
    day.operate(page, "减签", {"减去谁": ["柯文书"], "减签原因": "他今天外出。"}, title, "他今天外出。")
    page = day.open("wang", title, "加签")
    fill(page, {"意见": "附件一无误。"})
    press(page, "同意")
    day.acts[title].append(("加签", "附件一无误。"))
    day.does("shen", title, "科长审核", "同意")


def returning(day: Chairs) -> None:
    """H7: back to 拟稿, after the preview was read."""
    title = attribute(RETURNED)
    page = day.open("shen", title, "科长审核")
    answers = {"退回到": "「拟稿」", "退回原因": "附件二与正文不一致。"}
    assert "已退回「拟稿」。" in day.operate(page, "退回", answers, title, "附件二与正文不一致。")
    day.arrives("wen", title)


def urging(day: Chairs) -> None:
    """H10: the head reminds the drafter, who is told (H28)."""
    title = attribute(RETURNED)
    page = day.case("shen", title)
    assert "文承远" in day.operate(page, "催办", {"附言（可不填）": "今日送来。"}, title, "今日送来。")
    expect(day.bell("wen")).to_contain_text("今日送来。")


def sending_again(day: Chairs, folder: Path) -> None:
    """H20: the file comes back as its second version; the first stays."""
    title = attribute(RETURNED)
    page = day.open("wen", title, "拟稿")
    expect(page.get_by_role("main")).to_contain_text("附件二与正文不一致。")
    better = folder / "改过的正文.txt"
    better.write_text("附件二已与正文核对一致。", "utf-8")
    fill(page, {"文件正文": better})
    press(page, "送审")
    day.acts[title].append(("拟稿", "拟稿"))
    day.does("shen", title, "科长审核", "同意")
    expect(day.case("shen", title).get_by_role("main")).to_contain_text("第2版")


def taking_back(day: Chairs) -> None:
    """H9: sent too early, taken back while nobody has begun, sent again."""
    title = attribute(TAKEN)
    day.does("shen", title, "科长审核", "同意")
    page = day.case("shen", title)
    said = day.operate(page, "取回", {"说明（可不填）": "漏写了意见。"}, title, "漏写了意见。")
    assert "已取回「科长审核」。" in said
    day.does("shen", title, "科长审核", "同意", {"审核意见": "同意，注意时限。"}, "同意，注意时限。")


def ending(day: Chairs) -> None:
    """H12: not needed any more."""
    title = attribute(ENDED)
    page = day.case("shen", title)
    assert "终止" in day.operate(page, "终止办理", {"终止原因": "文件不再制发。"}, title, "文件不再制发。")


def resting(day: Chairs) -> None:
    """H13: rests and goes on."""
    title = attribute(RESTED)
    page = day.case("shen", title)
    said = day.operate(page, "挂起", {"挂起原因": "等上级文件。"}, title, "等上级文件。")
    assert "法定期限照算" in said
    expect(page.get_by_role("main")).to_contain_text("本件已挂起")
    day.operate(page, "恢复办理", {"说明（可不填）": "上级文件已到。"}, title, "上级文件已到。")
    day.does("shen", title, "科长审核", "同意")


def drafting(day: Chairs) -> None:
    """H18: what is written stays when the page is left; H19: a phrase is one press."""
    title = attribute(WRITTEN)
    page = day.open("shen", title, "科长审核")
    page.get_by_label("审核意见").fill("请补充依据以后")
    expect(page.locator("[data-draft-state]").first).to_contain_text("已保存草稿", timeout=10_000)
    page = day.open("shen", title, "科长审核")
    expect(page.get_by_label("审核意见")).to_have_value("请补充依据以后")
    page.get_by_label("审核意见").fill("")
    page.get_by_role("group", name=re.compile("常用语")).get_by_role("button", name="同意。").click()
    expect(page.get_by_label("审核意见")).to_have_value("同意。")
    press(page, "同意")
    day.acts[title].append(("科长审核", "同意。"))


def standing_in(day: Chairs) -> None:
    """H14: 简存卷 stands in for 卫慎言; both names stand in the record."""
    title = attribute(STOOD_IN)
    page = day.menu("wei", "代理与交接")
    page.get_by_role("link", name="指定代理").click()
    fill(page, {"代理人（B岗）": "文电科 简存卷", "截止日期": "2026-11-24"})
    press(page, "指定代理")
    page = day.arrives("jian", title)
    expect(row(page, title)).to_contain_text("代 卫慎言")
    day.does(
        "jian",
        title,
        "保密审查意见",
        "出具审查意见",
        {"审查结论": "公开", "审查意见": "可以公开。"},
        "可以公开。",
    )
    day.acts[title].append(("简存卷", "卫慎言"))


def returning_straight(day: Chairs) -> None:
    """H8: back to 拟稿, and straight on to who returned it, as nothing was changed."""
    title = attribute(STRAIGHT)
    page = day.open("wei", title, "保密审查意见")
    answers = {"退回到": "「拟稿」", "退回原因": "请核对文号。", "改好以后": "直达"}
    assert "已退回「拟稿」。" in day.operate(page, "退回", answers, title, "请核对文号。")
    day.arrives("wen", title)
    said = day.does("wen", title, "拟稿", "送审", words="拟稿")
    day.acts[title].append(("直达", "内容没有改动"))
    assert "卫慎言" in said, said
    answers = {"审查结论": "公开", "审查意见": "文号已核对。"}
    day.does("wei", title, "保密审查意见", "出具审查意见", answers, "文号已核对。")


def claiming(day: Chairs) -> None:
    """H2: two share a post: taken, put back, taken; H3: then handed over."""
    title = request(1)
    page = day.home("bai")
    expect(row(page, title)).to_contain_text("待认领")
    with page.expect_navigation():
        row(page, title).get_by_role("button", name="认领").click()
    page = day.open("bai", title, "要件与性质审查")
    with page.expect_navigation():
        page.get_by_role("button", name="放回").click()
    page = day.home("bai")
    with page.expect_navigation():
        row(page, title).get_by_role("button", name="认领").click()
    page = day.open("bai", title, "要件与性质审查")
    answers = {"接办人": "政务公开科 乔录言", "转交原因": "他熟悉这个项目。"}
    said = day.operate(page, "转交他人", answers, title, "他熟悉这个项目。")
    assert "已转交 乔录言" in said
    day.acts[title] += [("认领", "白受之"), ("放回", "白受之")]
    day.arrives("qiao", title)


def handing_over(day: Chairs) -> None:
    """H14: 乔录言 hands his work over; for some days both see it."""
    page = day.menu("qiao", "代理与交接")
    page.get_by_role("link", name="办理交接").click()
    page.locator("#default").select_option(label="政务公开科 白受之")
    page.locator("#until_on").fill("2026-11-27")
    page.locator("#reason").fill("轮岗。")
    page.get_by_role("button", name="办理交接").click()
    page.get_by_role("dialog").get_by_role("button", name="办理交接").click()
    expect(page.get_by_text("工作交接清单").first).to_be_visible()
    day.acts[request(1)].append(("交接", "白受之"))
    page.go_back()
    day.arrives("bai", request(1))
    page = day.home("qiao")
    expect(row(page, request(1))).to_contain_text("已交 白受之，过渡期内可看")


def examining(day: Chairs) -> None:
    """The requests go on, each by a few presses."""
    answers = {"要件和内容": "齐备、明确", "申请的性质": "一般的政府信息公开申请"}
    for n in range(1, 7):
        day.does("bai", request(n), "要件与性质审查", "提交", answers, "要件与性质审查")


def supervising(day: Chairs) -> None:
    """H11: ordered by 督查岗, reported on, closed by somebody else than who reported."""
    page = day.menu("jian", "督办")
    page.get_by_role("link", name="下达督办").first.click()
    fill(page, {"督办事项": "第04号文件迟迟未送", "督办要求": "请于今日送审。", "办结期限": "2026-11-25"})
    page.locator("#target").select_option(label=_option(page, "文承远"))
    press(page, "下达督办")
    day.arrives("wen")
    page = day.menu("wen", "督办")
    page.get_by_role("link", name="第04号文件迟迟未送").click()
    fill(page, {"办理情况": "已经送审。"})
    press(page, "报送反馈")
    page = day.menu("jian", "督办")
    page.get_by_role("link", name="第04号文件迟迟未送").click()
    fill(page, {"认定意见": "属实。"})
    press(page, "销号")
    expect(page.get_by_role("main")).to_contain_text("已销号")


def _option(page: Any, words: str) -> str:
    options: list[str] = page.locator("#target option").all_inner_texts()
    return next(each for each in options if words in each)


def skipping(day: Chairs) -> None:
    """H16: the next step is the same person's; passed over, and it says so."""
    title = OF_OTHERS[0]
    day.arrives("ke", title)
    day.do("ke", title, "环节a", "同意")
    page = day.case("ke", title)
    expect(trail_of(page)).to_contain_text("自动跳过")
    day.acts[title].append(("环节b", "自动跳过"))


def offering(day: Chairs) -> None:
    """H26: a step offers what its definition says: 承办人自查 no 加签, 科长审核 one."""
    page = day.open("wen", attribute(AT_ONCE[0]), "承办人自查")
    assert page.locator(".operations").get_by_text("加签", exact=True).count() == 0
    page = day.open("shen", attribute(LATE[0]), "科长审核")
    expect(page.locator(".operations").get_by_text("加签", exact=True)).to_be_visible()


def showing_less(office: Office, day: Chairs) -> None:
    """H25: a version that hides an answer from 科长审核 and shows another read-only."""
    title, note = "只给看一部分的通知", "这一句不给审核的人看。"
    with_field_rights(office, title, note)
    page = day.open("shen", title, "科长审核")
    expect(page.get_by_role("main")).to_contain_text("审读记录")
    expect(page.get_by_role("main")).not_to_contain_text(note)
    assert page.get_by_role("textbox", name="文件标题").count() == 0
    fill(page, {"审读记录": "读过。"})
    press(page, "同意")
    day.acts[title].append(("科长审核", "同意"))


@command
def _leave(tx: Tx, *, post: int, person: int) -> None:
    staffing.revoke(tx, tx.session.get_one(Post, post), tx.session.get_one(Person, person))
    changed(tx)


def nobody_there(office: Office, day: Chairs) -> None:
    """H24: a post without anybody is an incident that the unit's administrator mends; the case is not lost."""
    title = OF_OTHERS[1]
    with office.app.app_context():
        city = office.city
        _leave(SYSTEM, post=city.post("housing", "unit_head", "住房保障科"), person=city.people["gu"])
        db.session.remove()
    with office.behind() as desk:
        drafted(desk, "fang", title=title)
    page = day.menu("cheng", "待处置")
    panel = page.locator("section").filter(has=page.get_by_role("heading", name=re.compile(title))).last
    panel.get_by_label("改派给").select_option(label="严封缄")
    panel.get_by_label("原因").fill("科长空缺，由办公室代办。")
    press(page, "重新分送或改派")
    day.arrives("yan", title)
    day.acts[title].append(("改派", "科长空缺，由办公室代办。"))


def the_lists(day: Chairs) -> None:
    """H1: 抄送 is 待阅, then 已阅; 已办 and 我拟的 are lists of their own."""
    title = attribute(ASKED)
    page = day.case("shen", title)
    day.operate(page, "抄送", {"抄送给": ["文电科 柯文书"], "附言（可不填）": "请了解。"}, title, "请了解。")
    page = day.home("ke")
    page.get_by_role("link", name=re.compile("^待阅")).click()
    row(page, title).get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page = day.home("ke")
    page.get_by_role("link", name=re.compile("^待阅")).click()
    page.get_by_role("link", name=re.compile("^已阅")).click()
    expect(row(page, title)).to_contain_text("请了解。")
    page = day.home("shen")
    page.get_by_role("main").get_by_role("link", name="已办", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("科长审核：同意")
    page = day.home("wen")
    page.get_by_role("main").get_by_role("link", name="我拟的", exact=True).click()
    expect(page.get_by_role("main").locator("tbody tr").first).to_be_visible()


def in_time(day: Chairs) -> None:
    """H17: three days later what was left is late, its holder told (H28); then it is done."""
    now.pretend("2026-11-26T09:00")
    with day.office.app.app_context():
        JOBS["cases.deadlines"][0]()
        JOBS["cases.deadlines"][0]()
        db.session.remove()
    expect(day.bell("shen")).to_contain_text(attribute(LATE[0]))
    page = day.home("shen")
    expect(row(page, attribute(LATE[0]))).to_contain_text("超期")
    for n in LATE:
        day.does("shen", attribute(n), "科长审核", "同意")


def the_case_page(day: Chairs) -> None:
    """H21, H22, H30: the diagram, 流转记录 to print and to export, the sheet."""
    title = attribute(ASKED)
    page = day.case("shen", title)
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true; })")
    expect(page.locator('.mark-current[data-element-id="secrecy_review"]')).to_have_count(1)
    expect(page.locator('.mark-done[data-element-id="head_review"]').first).to_be_attached()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    page.get_by_role("link", name="打印流转记录").click()
    expect(page.locator("body")).to_contain_text("不涉及。")
    page.go_back()
    page.get_by_role("link", name="打印呈批单").click()
    for words in (title, "申牧之", "不涉及。"):
        expect(page.locator("body")).to_contain_text(words)
    page.go_back()
