"""What is done on a reviewer's day, part by part; each part has cases of its own (features.md H)."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Office
from tests.browser.hands import fill, follow, press
from tests.browser.reviewers_day import (
    SKIPPED,
    Chairs,
    attribute,
    request,
    row,
    secrecy,
    trail_of,
    with_field_rights,
)  # fmt: skip
from tests.cases.test_phrases import picture

#: 公开属性认定 by hand, one operation each; 16 to 22 are done at once
RETURNED, TAKEN, ENDED, RESTED, WRITTEN = range(4, 9)
AT_ONCE = range(16, 23)
LATE = (23, 24)
STRAIGHT, STOOD_IN = 25, 26


def the_desk_in_the_morning(day: Chairs) -> None:
    """H1: what waits, counted and sorted; of three processes."""
    page = day.arrives("shen", attribute(1), attribute(24))
    expect(page.get_by_role("link", name=re.compile(r"^待办\s*32$")).first).to_be_visible()
    day.arrives("bai", request(1), request(6))
    day.arrives("wei", attribute(STRAIGHT), attribute(STOOD_IN))


def many_at_once(day: Chairs) -> None:
    """H15: seven ticked by hand, eight with one press more; each is sent to who began it (H24)."""
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
    """H20: the file comes back as its second version, with a picture beside it."""
    title = attribute(RETURNED)
    page = day.open("wen", title, "拟稿")
    expect(page.get_by_role("main")).to_contain_text("附件二与正文不一致。")
    better, scan = folder / "改过的正文.txt", folder / "核对页.png"
    better.write_text("附件二已与正文核对一致。", "utf-8")
    scan.write_bytes(picture())
    fill(page, {"文件正文": better, "附件": scan})
    press(page, "送审")
    day.acts[title].append(("拟稿", "拟稿"))
    day.agrees(title)


def taking_back(day: Chairs) -> None:
    """H9: sent too early, taken back while nobody has begun, sent again."""
    title = attribute(TAKEN)
    day.agrees(title)
    page = day.case("shen", title)
    said = day.operate(page, "取回", {"说明（可不填）": "漏写了意见。"}, title, "漏写了意见。")
    assert "已取回「科长审核」。" in said
    day.passes("shen", title, "head_review", "同意，注意时限。", opinion="同意，注意时限。")


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
    day.agrees(title)


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


def returning_straight(day: Chairs) -> None:
    """H8: back to 拟稿, and straight on to who returned it, as nothing was changed."""
    title = attribute(STRAIGHT)
    page = day.open("wei", title, "保密审查意见")
    answers = {"退回到": "「拟稿」", "退回原因": "请核对文号。", "改好以后": "直达"}
    assert "已退回「拟稿」。" in day.operate(page, "退回", answers, title, "请核对文号。")
    day.reaches("wen", title)
    said = day.does("wen", title, "拟稿", "送审", words="拟稿")
    day.acts[title].append(("直达", "内容没有改动"))
    assert "卫慎言" in said, said
    day.passes("wei", title, "officer_review", "文号已核对。", conclusion="open", opinion="文号已核对。")


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


def examining(day: Chairs) -> None:
    """The requests go on, the one that was handed over by its page."""
    answers = {"要件和内容": "齐备、明确", "申请的性质": "一般的政府信息公开申请"}
    day.does("bai", request(1), "要件与性质审查", "提交", answers, "要件与性质审查")
    for n in range(2, 7):
        day.passes(
            "bai", request(n), "examine", "要件与性质审查", clear="yes", nature="normal", decision="go"
        )


def skipping(day: Chairs) -> None:
    """H16: the next step is the same person's; passed over, and it says so."""
    title = SKIPPED
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


def the_lists(day: Chairs) -> None:
    """H1: 抄送 is 待阅, then 已阅; 已办 and 我拟的 are lists of their own."""
    title = attribute(RETURNED)
    page = day.case("shen", title)
    day.operate(page, "抄送", {"抄送给": ["文电科 柯文书"], "附言（可不填）": "请了解。"}, title, "请了解。")
    page = day.home("ke")
    follow(page.get_by_role("link", name=re.compile("^待阅")))
    follow(row(page, title).get_by_role("link", name=title))
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page = day.home("ke")
    follow(page.get_by_role("link", name=re.compile("^待阅")))
    follow(page.get_by_role("link", name=re.compile("^已阅")))
    expect(row(page, title)).to_contain_text("请了解。")
    page = day.home("shen")
    follow(page.get_by_role("main").get_by_role("link", name="已办", exact=True))
    expect(page.get_by_role("main")).to_contain_text("科长审核：同意")
    page = day.home("wen")
    follow(page.get_by_role("main").get_by_role("link", name="我拟的", exact=True))
    expect(page.get_by_role("main").locator("tbody tr").first).to_be_visible()
