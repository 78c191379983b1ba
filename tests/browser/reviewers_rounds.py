"""Rounds of a reviewer's day: 征求意见, 会签 by each rule and as drawn, 加签 before, beside and after (features.md H4–H6)."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.hands import fill, press
from tests.browser.reviewers_day import DRAWN, Chairs, attribute, trail_of

#: cases of 公开属性认定 that wait at 科长审核, one for each kind of round
ASKED, COSIGNED, SIGNED = 1, 2, 3
BY_RATIO, BY_VETO, BY_FIRST, IN_TURN, SIGNED_AFTER, SIGNED_BESIDE = range(9, 15)
WANG, KE, ZHANG = "综合一科 王芳", "文电科 柯文书", "综合一科 章循法"


def asking(day: Chairs) -> None:
    """H4: two are asked, one question is taken back; 王芳 answers, 申牧之 decides."""
    title = attribute(ASKED)
    answers: dict[str, Any] = {"征求对象": [WANG, KE], "征求的问题": "是否涉及商业秘密？"}
    said = day.operate(day.open("shen", title, "科长审核"), "征求意见", answers, title, "是否涉及商业秘密？")
    assert "王芳" in said and "柯文书" in said, said
    answers = {"收回哪些": ["柯文书"], "收回原因": "王芳一人即可。"}
    day.operate(day.open("shen", title, "科长审核"), "收回征求", answers, title, "王芳一人即可。")
    day.arrives("wang", title)
    page = day.open("wang", title, "征求意见")
    fill(page, {"意见": "不涉及。"})
    assert "申牧之" in press(page, "答复：送回申牧之").said
    day.acts[title].append(("征求意见", "不涉及。"))
    day.does("shen", title, "科长审核", "同意")


def countersigning(day: Chairs) -> None:
    """H5, 全部: two must agree; the result is visible while it runs."""
    title = attribute(COSIGNED)
    _cosign(day, title, "公开范围是否妥当", [WANG, KE], "全部")
    day.reaches("wang", title)
    _voice(day, "wang", title, "会签", "范围妥当。")
    expect(day.open("shen", title, "科长审核").get_by_role("main")).to_contain_text("1/2 已同意")
    day.arrives("ke", title)
    day.says("ke", title, "会签", "文字妥当。")
    day.agrees(title)


def countersigning_by_rules(day: Chairs) -> None:
    """H5: 按比例, ended early once it is decided; 一票否决; 或签; 依次."""
    title = attribute(BY_RATIO)
    _cosign(day, title, "渠道是否妥当", [WANG, KE, ZHANG], "按比例", {"同意的比例（%）": "60"})
    day.says("wang", title, "会签", "网站即可。")
    page = day.open("shen", title, "科长审核")
    expect(page.get_by_role("button", name="结束会签")).to_be_disabled()
    day.says("ke", title, "会签", "同意网站。")
    page = day.open("shen", title, "科长审核")
    said = day.operate(page, "结束会签", {"结束原因": "已过六成。"}, title, "已过六成。")
    assert "通过" in said, said
    day.agrees(title)

    title = attribute(BY_VETO)
    _cosign(day, title, "能否公开全文", [WANG, KE], "一票否决")
    _voice(day, "ke", title, "会签", "附件三不宜公开。", "不同意")
    _not_at(day, "wang", title)
    day.does("shen", title, "科长审核", "退回修改", {"审核意见": "请删去附件三。"}, "请删去附件三。")

    title = attribute(BY_FIRST)
    _cosign(day, title, "标题是否规范", [WANG, KE], "或签")
    day.says("wang", title, "会签", "标题规范。")
    _not_at(day, "ke", title)
    day.agrees(title)

    title = attribute(IN_TURN)
    order = {"依次的先后（可不填）": "柯文书、王芳"}
    _cosign(day, title, "依据是否齐全", [WANG, KE], "依次", order)
    _not_at(day, "wang", title)
    day.says("ke", title, "会签", "依据齐全。")
    day.reaches("wang", title)
    day.says("wang", title, "会签", "没有意见。")
    day.agrees(title)


def countersigning_as_drawn(day: Chairs) -> None:
    """H5: a 会签 of the diagram; with the second of three 60 % are reached, and nobody is asked any more."""
    for login, so_far in (("wen", "1/3 已同意"), ("wang", "未经过")):
        day.home(login)  # the list that lies open still has the place that was just filled
        page = day.open(login, DRAWN, "环节u")
        fill(page, {"意见": f"{login == 'wen' and '内容' or '格式'}无误。"})
        press(page, "同意")
        expect(day.case(login, DRAWN).get_by_role("main")).to_contain_text(so_far)
    expect(trail_of(day.page)).to_contain_text("格式无误。")
    day.acts[DRAWN] += [("环节u", "内容无误。"), ("环节u", "格式无误。")]
    _not_at(day, "wang", DRAWN, "环节u")


def signing_together(day: Chairs) -> None:
    """H6: two are added before, one is taken off again, the other signs first."""
    title = attribute(SIGNED)
    page = day.open("shen", title, "科长审核")
    answers: dict[str, Any] = {"加签的人": [WANG, KE], "加签说明": "请核对附件一。"}
    assert "王芳" in day.operate(page, "加签", answers, title, "请核对附件一。")
    page = day.open("shen", title, "科长审核")
    day.operate(page, "减签", {"减去谁": ["柯文书"], "减签原因": "他今天外出。"}, title, "他今天外出。")
    _voice(day, "wang", title, "加签", "附件一无误。")
    day.agrees(title)


def signing_beside_and_after(day: Chairs) -> None:
    """H6: 并加签 and 后加签; the holder has done his part, and the last signature moves the case by itself."""
    for n, timing, login, who in (
        (SIGNED_BESIDE, "并加签", "wang", WANG),
        (SIGNED_AFTER, "后加签", "ke", KE),
    ):
        title = attribute(n)
        page = day.open("shen", title, "科长审核")
        answers = {"什么时候签": timing, "加签的人": [who], "加签说明": "请会同审核。"}
        assert f"已{timing}" in day.operate(page, "加签", answers, title, "请会同审核。")
        if timing == "后加签":
            _not_at(day, login, title)
        day.agrees(title)
        day.reaches(login, title)
        assert "承办人自查" in _voice(day, login, title, "加签", f"{timing}：无误。")


def _cosign(
    day: Chairs, title: str, question: str, who: list[str], rule: str, more: dict[str, str] | None = None
) -> None:
    """申牧之 asks them by that rule."""
    page = day.open("shen", title, "科长审核")
    answers: dict[str, Any] = {"会签的人": who, "怎样算通过": rule, **(more or {}), "会签事项": question}
    day.operate(page, "会签", answers, title, question)


def _voice(day: Chairs, login: str, title: str, word: str, opinion: str, button: str = "同意") -> str:
    """One of those asked says so; what the page says then."""
    page = day.open(login, title, word)
    fill(page, {"意见": opinion})
    said = press(page, button).said
    day.acts[title].append((word, opinion))
    return said


def _not_at(day: Chairs, login: str, title: str, step: str = "") -> None:
    """The case does not wait for this person (any more, or yet)."""
    assert title not in day.waiting(login, step), f"{title} waits for {login}"
