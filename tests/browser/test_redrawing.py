"""流程设计 from end to end, by pages: 会签 is drawn into 依申请公开, tried, activated by another, and taken back.

Three requests meet it: one ends on the version it began on, one is moved, one begins on the new one.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from app.cases import migration_runs
from app.cases.migration_models import MigrationRun
from app.core.db import db
from app.processes.models import Process, ProcessVersion
from tests.browser.conftest import Office
from tests.browser.hands import Hands, fill, follow, press, stands_at
from tests.browser.test_requests import taking
from tests.hostile.corpus import CASES
from tests.requests.driving import Office as Counter
from tests.studio.test_diagram import panel, pick, setting, stored

__all__ = ["taking"]

KEY, NAME = "foi_request", "依申请公开"
WITHDRAWN = {"on": "2026-11-23", "how": "来电撤回，已记录"}
OLD, MOVED, NEW = "旧版上办完的申请", "迁移到新版的申请", "新版上的申请"


def register(office: Office, content: str) -> int:
    """An application by ordinary mail, taken back before both sides confirmed; the case's id."""
    with office.behind() as desk:
        counter = Counter(desk.client, office.city)
        case = counter.register(channel="ordinary", arrived_on="2026-11-20", content=content)
        done = counter.post("bai", f"/requests/{counter.request(case).id}/withdraw", **WITHDRAWN)
        assert done.status_code == 303
        assert counter.open_steps(case) == ["draft_closing"]
        return case


def active(office: Office) -> ProcessVersion:
    """The version new requests begin on."""
    with office.app.app_context():
        found = db.session().get_one(ProcessVersion, db.session().get_one(Process, KEY).active_id)
        db.session().expunge(found)
        db.session.remove()
        return found


def waiting(office: Office, case: int) -> tuple[int, list[str]]:
    """On which version a case is, and its open steps."""
    with office.behind() as desk:
        version = db.session().get_one(ProcessVersion, desk.case(case).version_id).number
        return version, desk.open_steps(case)


# -- the drawing


def opened(page: Page) -> None:
    page.wait_for_selector("[data-studio][data-ready]", timeout=30_000)


def after(page: Page, element: str, what: str) -> str:
    """后接 by the context pad; the id of what was made."""
    pick(page, element)
    page.locator(f'.djs-context-pad [data-action="append.{what}"]').click()
    return str(
        page.evaluate(
            "() => document.querySelector('[data-studio]').editor.modeler.get('selection').get()[0].id"
        )
    )


def connect(page: Page, source: str, target: str) -> str:
    """Draw a flow with the mouse; its id."""
    page.locator('[data-do="fit"]').click()
    pick(page, source)
    page.locator('.djs-context-pad [data-action="connect"]').click()
    page.locator(f'.djs-element[data-element-id="{target}"]').first.hover(force=True)
    page.locator(f'.djs-element[data-element-id="{target}"]').first.click(force=True)
    page.wait_for_timeout(200)
    flow = page.evaluate(
        "([from, to]) => document.querySelector('[data-studio]').editor.model.flows()"
        ".find((each) => each.source.id === from && each.target.id === to)?.id",
        [source, target],
    )
    assert flow, f"no flow from {source} to {target}"
    return str(flow)


def flow_between(page: Page, source: str, target: str) -> str:
    return str(
        page.evaluate(
            "([from, to]) => document.querySelector('[data-studio]').editor.model.flows()"
            ".find((each) => each.source.id === from && each.target.id === to).id",
            [source, target],
        )
    )


def named(page: Page, words: str) -> None:
    setting(page, "name").fill(words)
    setting(page, "name").press("Tab")


def kept(page: Page) -> None:
    """Wait until a form or the settings are saved."""
    expect(page.locator(".draft-state").first).to_contain_text("已保存", timeout=15000)


def add_field(page: Page, kind: str, label: str) -> Any:
    """增加字段; the card that opened."""
    page.get_by_label("要增加的字段类型").select_option(kind)
    page.get_by_role("button", name="增加字段", exact=True).click()
    page.keyboard.press("Control+A")
    page.keyboard.type(label)
    page.keyboard.press("Tab")
    return page.locator(".fe-card").filter(has_text=label)


def chapter(page: Page, name: str) -> None:
    follow(page.get_by_role("link", name=name, exact=True).first)


def asks_which_units(page: Page) -> None:
    """拟终止办理通知 asks which units shall sign, and the flow may read it."""
    row = page.get_by_role("row").filter(has_text="拟终止办理通知")
    follow(row.get_by_role("link", name="设计表单"))
    card = add_field(page, "checks", "会签科室")
    card.get_by_label("选项来自").select_option(label="本机关科室")
    card.locator("summary", has_text="更多设置").click()
    card.get_by_label("供流转判断").check()
    kept(page)


def draws(page: Page) -> tuple[str, str]:
    """Two gateways, the step, its lane, the flows; ids of the step and of the flow into it."""
    follow(page.get_by_role("link", name="画流程图"))
    opened(page)
    gate = after(page, "draft_closing", "exclusive-gateway")
    named(page, "要不要会签")
    sign = after(page, gate, "user-task")
    page.keyboard.type("会签")
    page.keyboard.press("Enter")
    result = after(page, sign, "exclusive-gateway")
    named(page, "会签结果")
    passed, failed = connect(page, result, "gw_closing"), connect(page, result, "draft_closing")
    pick(page, "lane_1")
    page.locator('.djs-context-pad [data-action="lane-insert-below"]').click()
    lane = page.evaluate(
        "() => document.querySelector('[data-studio]').editor.model.lanes().find((each) => !each.businessObject.name).id"
    )
    pick(page, lane)
    named(page, "会签科室")
    pick(page, sign)
    setting(page, "lane").select_option(lane)
    panel(page).locator("summary", has_text="会签与多人").click()
    setting(page, "countersign").select_option("all")
    setting(page, "by").select_option("list")
    setting(page, "list").select_option(label="会签科室（表单「拟终止办理通知」）")
    into, past = flow_between(page, gate, sign), flow_between(page, gate, "gw_closing")
    pick(page, into)
    setting(page, "condition-0-field").select_option(label="会签科室（表单「拟终止办理通知」）")
    setting(page, "condition-0-relation").select_option("filled")
    pick(page, past)
    setting(page, "is-default").check()
    pick(page, passed)
    setting(page, "condition-0-field").select_option(label="“会签”通过（会签）")
    pick(page, failed)
    setting(page, "is-default").check()
    stored(page)
    return sign, into


def told(page: Page) -> Any:
    """What the check says of the element that is selected."""
    return panel(page).locator("[data-found]")


def mends(page: Page, sign: str) -> None:
    """The check says what the step lacks, on the step itself: its nature, its form, who does it; all is mended."""
    page.locator('[data-do="check"]').click()
    pick(page, sign)
    expect(told(page)).to_contain_text("没有写清性质", timeout=15000)
    expect(told(page)).to_contain_text("没有表单")
    expect(page.locator(f'.djs-overlays[data-container-id="{sign}"] .studio-mark.is-error')).to_have_count(1)
    setting(page, "role").select_option("work")
    panel(page).locator("summary", has_text="内部时限").click()
    setting(page, "internal").fill("3")
    setting(page, "internal").press("Tab")
    stored(page)
    expect(told(page)).not_to_contain_text("没有写清性质", timeout=15000)
    panel(page).get_by_role("button", name="新建这个环节的表单").click()
    page.get_by_label(re.compile("^会签")).check()
    page.get_by_role("button", name="建立表单").click()
    card = add_field(page, "radio", "是否涉及本科室")
    card.get_by_label("第 1 个选项的名称").fill("涉及")
    card.get_by_label("第 2 个选项的名称").fill("不涉及")
    add_field(page, "date", "核对日期")
    kept(page)
    expect(page.locator(".fe-card")).to_have_count(4)
    chapter(page, NAME)
    follow(page.get_by_role("link", name="流程设置、泳道和岗位"))
    lane = page.locator(".fe-option", has=page.get_by_role("heading", name=re.compile("^会签科室"))).first
    expect(lane).to_contain_text("还没有指定谁来办")
    lane.get_by_label("谁来办").select_option(label="本科室的岗位")
    lane.get_by_label("岗位").select_option("unit_head")
    lane.get_by_label("哪个科室").select_option(label="“会签”每一份的对象（流程图）")
    kept(page)
    chapter(page, NAME)
    expect(page.get_by_text("没有要改的地方。")).to_be_visible()


def tries(page: Page) -> None:
    """试运行 walks the new step, says whom it reaches, and becomes a 情形; what nobody walks is named."""
    follow(page.get_by_role("link", name="试运行"))
    follow(page.get_by_role("button", name="开始", exact=True))
    page.evaluate(
        "localStorage.setItem('gongkai:fold:dry-run', '0')"
    )  # the picture was seen: folded from here on
    never = page.get_by_role("listitem").filter(has_text=re.compile("^「.*会签"))
    expect(never).to_have_count(4)
    follow(page.get_by_role("button", name="确认前撤回"))
    fill(page, {"不发通知": True, "不发通知的原因": "申请人当面撤回", "会签科室": ["政务公开科", "综合一科"]})
    follow(page.get_by_role("button", name="提交", exact=True))
    reached = page.locator(".walk-place").filter(has_text="会签")
    expect(reached).to_have_count(2)
    expect(reached.nth(0)).to_contain_text("第 1 份")
    expect(reached.nth(1)).to_contain_text("第 2 份")
    expect(reached.filter(has_text="江维公")).to_have_count(1)
    expect(reached.filter(has_text="申牧之")).to_contain_text("内部时限到")
    for _copy in range(2):
        fill(page, {"是否涉及本科室": "不涉及"})
        follow(page.get_by_role("button", name="同意", exact=True))
    follow(page.get_by_role("button", name="已归档"))
    expect(page.get_by_text("流程走到了办结")).to_be_visible()
    page.get_by_label("情形的名字").fill("撤回时两个科室会签，都同意")
    follow(page.get_by_role("button", name="存为情形"))
    expect(page.locator(".note-flash")).to_contain_text("已存为情形")
    expect(never).to_have_count(1)
    expect(never).to_contain_text("「会签结果」→「拟终止办理通知」")


def activates(hands: Hands, note: str, *, compares: bool) -> None:
    """The submission lies in 李处's 待办; 李处 looks at what differs, the first time, and agrees."""
    page = hands.open("li", NAME, "复核")
    main = page.get_by_role("main")
    expect(main).to_contain_text(note)
    if compares:
        follow(main.get_by_role("link", name="和正在使用的版本比较"))
        expect(page.locator("[data-compare][data-ready]")).to_be_visible(timeout=20_000)
        page.go_back()
    press(page, "同意启用")


def submits(page: Page, note: str, reason: str = "") -> None:
    fill(page, {"修改说明": note})
    if reason:
        page.get_by_label(re.compile("理由")).fill(reason)
    assert "复核" in press(page, "提交复核").said


def signed(hands: Hands, sign: str) -> None:
    """The new request shows the new step, and two units sign it."""
    page = hands.case("bai", NEW)
    stands_at(page, sign)
    expect(page.get_by_role("main")).to_contain_text("会签")
    for login in ("jiang", "shen"):
        hands.do(login, NEW, "会签", "同意", {"是否涉及本科室": "不涉及"})


def moves(office: Office, page: Page) -> None:
    """迁移在办件 to the version in use: tried first, then carried out."""
    follow(page.get_by_label("主导航").get_by_role("link", name="流程设计"))
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=NAME, exact=True))
    follow(row.get_by_role("link", name="第 2 版"))
    follow(page.get_by_role("link", name="迁移在办件"))
    expect(page.get_by_role("main")).to_contain_text("第 1 版有 1 件在办")
    worked(office, page, "预演")
    page.get_by_role("button", name="迁移 1 件").click()
    worked(office, page, "迁移")
    expect(page.get_by_role("main")).to_contain_text("迁回原来的版本")


def worked(office: Office, page: Page, button: str) -> None:
    """Press; what then waits for the background is done, and looked at."""
    before = page.url
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_url(lambda url: url != before and "/studio/migrations/" in url)
    with office.app.app_context():
        migration_runs.work()
        db.session.remove()
    page.reload()
    expect(page.get_by_role("main")).not_to_contain_text("还没有")


def runs(office: Office) -> list[tuple[Any, ...]]:
    """What the runs of 迁移 found, for a failure's sake."""
    with office.app.app_context():
        query = sa.select(MigrationRun.id, MigrationRun.rehearsal, MigrationRun.from_id, MigrationRun.to_id)
        found = [tuple(row) for row in db.session().execute(query.add_columns(MigrationRun.state))]
        found += [tuple(row) for row in db.session().execute(sa.select(sa.text("* FROM migration_rows")))]
        db.session.remove()
        return found


def differences(page: Page) -> None:
    """比较 names the new step, its condition and its deadline."""
    follow(page.get_by_label("主导航").get_by_role("link", name="流程", exact=True))
    panel_ = page.locator(".panel").filter(has=page.get_by_role("heading", name=NAME, exact=True))
    follow(panel_.get_by_role("link", name="比较两个版本"))
    expect(page.locator("[data-compare][data-ready]")).to_be_visible(timeout=20_000)
    step = page.get_by_role("row").filter(has_text="环节“会签”")
    expect(step).to_contain_text("内部时限（工作日）：3")
    expect(step).to_contain_text("会签：全部同意才通过")
    expect(
        page.get_by_role("row").filter(has_text="要不要会签").filter(has_text="会签科室")
    ).not_to_have_count(0)


def brings_back(hands: Hands) -> None:
    """恢复第 1 版: submitted and reviewed like any other."""
    page = hands.sit("qiao")
    follow(page.get_by_label("主导航").get_by_role("link", name="流程", exact=True))
    panel_ = page.locator(".panel").filter(has=page.get_by_role("heading", name=NAME, exact=True))
    follow(panel_.get_by_role("link", name="第 1 版"))
    follow(page.get_by_role("link", name="恢复这一版"))
    submits(page, "会签耽误答复，恢复原来的办法")
    activates(hands, "会签耽误答复，恢复原来的办法", compares=False)


def refused(page: Page) -> None:
    """A few files of the attack corpus through the import page and the route that saves a part: each a sentence."""
    follow(page.get_by_label("主导航").get_by_role("link", name="流程设计"))
    follow(page.get_by_role("link", name="导入", exact=True))
    for case in [each for each in CASES if each.kind == "archive"][10:45:12]:
        file = {"name": "流程.zip", "mimeType": "application/zip", "buffer": case.payload}
        page.locator("input[type=file]").set_input_files(file)
        follow(page.get_by_role("button", name="导入", exact=True))
        expect(page.locator(".error-summary, .note-danger").first).to_contain_text(re.compile("[一-龥]{4,}"))
    follow(page.get_by_label("主导航").get_by_role("link", name="流程设计"))
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=NAME, exact=True))
    follow(row.get_by_role("button", name="修改"))
    for case in [each for each in CASES if each.kind == "bpmn"][:160:40]:
        status, said = page.evaluate(SAVE, case.payload.decode("utf-8", "replace"))
        wrong = status == 422 or any(each["severity"] == "error" for each in said["findings"])
        told_in = said["said"] + "".join(each["message"] for each in said.get("findings", ()))
        assert wrong and re.search("[一-龥]{4,}", told_in), (str(case), status, said)


#: saves the text over the diagram of the draft whose page is open: [status, what was said]
SAVE = """async (text) => {
  const where = `${location.pathname}/parts/process.bpmn`;
  const token = document.querySelector('meta[name=csrf-token]').content;
  const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
  const { revision } = await (await fetch(where)).json();
  const answer = await fetch(where, { method: 'POST', headers, body: JSON.stringify({ text, revision }) });
  return [answer.status, await answer.json()];
}"""


@pytest.mark.slow
def test_a_procedure_is_redrawn_and_running_cases_are_safe(office: Office, hands: Hands) -> None:
    old, moved = register(office, OLD), register(office, MOVED)
    first = active(office)
    page = hands.sit("qiao")
    follow(page.get_by_label("主导航").get_by_role("link", name="流程设计"))
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=NAME, exact=True))
    follow(row.get_by_role("button", name="修改"))
    asks_which_units(page)
    chapter(page, NAME)
    sign, into = draws(page)
    mends(page, sign)
    tries(page)
    chapter(page, NAME)
    follow(page.get_by_role("link", name="提交复核"))
    submits(page, "撤回的申请请有关科室会签", "退回修改的路随后补情形")
    activates(hands, "撤回的申请请有关科室会签", compares=True)
    second = active(office)
    assert second.number == 2
    new = register(office, NEW)
    with office.behind() as desk:
        said = {"no_letter": True, "no_letter_reason": "来电撤回", "decision": "submit"}
        asked = [office.city.units["office", each] for each in ("政务公开科", "综合一科")]
        desk.act("bai", new, "draft_closing", checks_1=asked, **said)
        desk.act("bai", old, "draft_closing", **said)
        counter = Counter(desk.client, office.city)
        counter.archived(old)
    assert waiting(office, old) == (1, [])
    assert waiting(office, new) == (2, [sign, sign])
    signed(hands, sign)
    assert waiting(office, new) == (2, ["archive"])
    moves(office, hands.sit("qiao"))
    assert waiting(office, moved) == (2, ["draft_closing"]), runs(office)
    with office.behind() as desk:
        desk.act("bai", moved, "draft_closing", checks_1=asked, **said)
    assert waiting(office, moved) == (2, [sign, sign])
    office.in_order()
    differences(hands.sit("qiao"))
    brings_back(hands)
    third = active(office)
    assert (third.number, third.hash) == (3, first.hash)
    refused(hands.sit("qiao"))
