"""The diagram editor in a real browser: a person who never saw XML adds a step, mends what is found, and is never overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from app.core.db import db
from app.processes.models import Process
from app.studio import queries
from app.studio.models import Draft
from app.studio.service import drafts, parts
from tests.browser.conftest import Office, office
from tests.support import browser as browsing
from workflows.engine.xml import read_bpmn, tag

__all__ = ["office"]

ADMIN, OTHER = "qiao", "li"
#: the mark that may not be hidden, names of decisions and the codes of letters
ALLOWED = frozenset({"BPMN", "iO", "decision", "agree", "Ctrl", "Delete"})


def begun(office: Office, key: str = "disclosure_attribute") -> int:
    """A draft of the active version of a shipped process."""
    with office.app.app_context():
        version = db.session().get_one(Process, key).active_id
        return int(drafts.begin(office.city.actor(ADMIN), version_id=version)["draft"])


def saved(office: Office, draft: int) -> Any:
    """The saved diagram's root."""
    with office.app.app_context():
        found = read_bpmn(queries.part(db.session(), draft, "process.bpmn").text.encode())
        db.session.remove()
        return found


def at(
    new_page: Callable[..., Page],
    office: Office,
    draft: int,
    who: str = ADMIN,
    size: tuple[int, int] = (1280, 800),
) -> Page:
    page = new_page(*size)
    office.let_in(page, who)
    page.goto(office.server.url(f"/studio/drafts/{draft}/diagram"))
    page.wait_for_selector("[data-studio][data-ready]", timeout=30_000)
    return page


def pick(page: Page, element: str) -> None:
    page.evaluate("id => document.querySelector('[data-studio]').editor.pick(id)", element)
    page.wait_for_timeout(100)


def panel(page: Page) -> Any:
    return page.locator("[data-panel]")


def stored(page: Page) -> None:
    """Wait until what was done is saved and checked."""
    expect(page.locator("[data-state]")).to_have_text(re.compile(r"已保存 \d\d:\d\d"), timeout=15000)


def setting(page: Page, key: str) -> Any:
    return panel(page).locator(f'[data-key="{key}"]')


def test_a_step_is_added_described_checked_mended_and_taken_back(new_page: Any, office: Office) -> None:
    """Context pad, name, nature, form, internal deadline; two findings seen on the drawing and mended; undo."""
    draft = begun(office)
    page = at(new_page, office, draft)
    pick(page, "head_review")
    page.locator('.djs-context-pad [data-action="append.user-task"]').click()
    page.keyboard.type("法规科核对")
    page.keyboard.press("Enter")
    stored(page)
    expect(page.locator("[data-findings]")).to_contain_text("环节“法规科核对”没有写清性质")
    expect(page.locator("[data-findings]")).to_contain_text("没有表单")
    expect(page.locator(".studio-mark.is-error")).to_have_count(1)
    page.locator("[data-findings] button").first.click()
    expect(panel(page).get_by_role("heading")).to_contain_text("法规科核对")
    setting(page, "role").select_option("review")
    setting(page, "form").select_option("head_review")
    panel(page).locator("summary", has_text="内部时限").click()
    setting(page, "internal").fill("3")
    setting(page, "internal").press("Tab")
    setting(page, "remind_before").fill("1")
    setting(page, "remind_before").press("Tab")
    panel(page).locator("summary", has_text="其他").click()
    panel(page).get_by_label("可以线下、OA 签批后回填").check()
    page.locator('[data-do="save"]').click()
    expect(page.locator("[data-findings-count]")).to_have_text("没有要改的", timeout=15000)
    stored(page)
    step = saved(office, draft).xpath("//*[@name='法规科核对']")[0]
    said = {each.get("name"): each.get("value") for each in step.iterfind(".//{*}property")}
    assert said == {
        "role": "review",
        "form": "head_review",
        "internal_days": "3",
        "remind_before": "1",
        "offline": "true",
    }
    after = {
        flow.get("sourceRef"): flow.get("targetRef")
        for flow in saved(office, draft).iter(tag("sequenceFlow"))
    }
    assert after["head_review"] == step.get("id")
    assert after[step.get("id")] == "gw_head"
    for _ in range(12):
        if page.locator('[data-do="undo"]').is_enabled():
            page.locator('[data-do="undo"]').click()
    stored(page)
    page.locator('[data-do="save"]').click()
    expect(page.locator(".djs-element", has_text="法规科核对")).to_have_count(0)
    page.wait_for_timeout(1200)
    assert not saved(office, draft).xpath("//*[@name='法规科核对']")


def test_a_condition_is_said_in_rows_and_a_wait_in_days(new_page: Any, office: Office) -> None:
    draft = begun(office)
    page = at(new_page, office, draft)
    flow = page.evaluate(
        "() => { const e = document.querySelector('[data-studio]').editor;"
        " return e.model.flows().find((each) => e.model.condition(each).includes('doc_kind')).id }"
    )
    pick(page, flow)
    expect(setting(page, "condition-0-field").locator("option:checked")).to_contain_text("文件种类")
    setting(page, "condition-1-relation").select_option("isnt")
    setting(page, "condition-join").select_option("or")
    panel(page).get_by_role("button", name="加一项").click()
    setting(page, "condition-2-field").select_option("decision")
    setting(page, "condition-2-value").select_option("agree")
    stored(page)
    said = saved(office, draft).xpath(f"//*[@id='{flow}']/*[local-name()='conditionExpression']")[0].text
    assert said == 'doc_kind == "policy" or attribute != "withheld" or decision == "agree"'
    panel(page).get_by_role("button", name="加一组").click()
    setting(page, "condition-3-0-field").select_option("organ_levels")
    setting(page, "condition-3-0-relation").select_option("least")
    setting(page, "condition-3-0-value").fill("3")
    setting(page, "condition-3-1-field").select_option("doc_kind")
    setting(page, "condition-3-1-relation").select_option("isnt")
    setting(page, "condition-3-1-value").select_option("other")
    stored(page)
    pick(page, "draft")
    pick(page, flow)
    expect(panel(page).locator(".studio-group legend")).to_have_text("第 4 项：一组，其中都要符合")
    said = saved(office, draft).xpath(f"//*[@id='{flow}']/*[local-name()='conditionExpression']")[0].text
    assert said.endswith(' or decision == "agree" or (organ_levels >= 3 and doc_kind != "other")')
    pick(page, "draft")
    page.locator('.djs-context-pad [data-action="append.more"]').click()
    page.locator(".djs-popup").get_by_text("定时器", exact=True).click()
    setting(page, "timer-value").fill("7")
    setting(page, "timer-value").press("Tab")
    stored(page)
    assert [each.text for each in saved(office, draft).iter(tag("timeDuration"))] == ['"P7D"']


def test_nobody_is_overwritten_silently(new_page: Any, office: Office) -> None:
    draft = begun(office)
    page = at(new_page, office, draft)
    with office.app.app_context():
        part = queries.part(db.session(), draft, "process.bpmn")
        theirs = part.text.replace('name="科长审核"', 'name="处长审核"')
        parts.save(
            office.city.actor(OTHER), draft_id=draft, name="process.bpmn", text=theirs, revision=part.revision
        )
        drafts.look_in(office.city.actor(OTHER), draft_id=draft, part="process.bpmn")
        db.session.remove()
    pick(page, "sign_off")
    setting(page, "name").fill("领导签发")
    setting(page, "name").press("Tab")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("李处")
    dialog.get_by_role("button", name="查看对方的修改").click()
    expect(dialog).to_contain_text("修改了环节“处长审核”")
    dialog.get_by_role("button", name="用我的覆盖").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="放弃我的，载入对方的").click()
    expect(page.locator(".djs-element", has_text="处长审核").first).to_be_visible()
    expect(page.locator(".djs-element", has_text="领导签发")).to_have_count(0)
    page.reload()
    expect(page.locator("[data-others]")).to_contain_text("李处也打开了这份草稿")


def test_what_could_not_be_sent_waits_in_the_browser(new_page: Any, office: Office) -> None:
    """The line is down, the page is left: at the next opening the change is offered again, and saved."""
    draft = begun(office)
    page = at(new_page, office, draft)
    page.route(
        "**/parts/process.bpmn",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    pick(page, "sign_off")
    setting(page, "name").fill("断网时改的名")
    setting(page, "name").press("Tab")
    expect(page.locator("[data-state]")).to_contain_text("未保存：网络不通", timeout=15000)
    page.unroute_all()
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto(office.server.url(f"/studio/drafts/{draft}/diagram"))
    expect(again.locator("[data-notice]")).to_contain_text("还留在本机", timeout=30000)
    again.locator("[data-notice]").get_by_role("button", name="恢复").click()
    stored(again)
    assert saved(office, draft).xpath("//*[@id='sign_off']/@name") == ["断网时改的名"]


def test_a_draft_under_review_is_only_looked_at(new_page: Any, office: Office) -> None:
    draft = begun(office)
    with office.app.app_context():
        db.session().get_one(Draft, draft).status = "submitted"
        db.session().commit()
        db.session.remove()
    page = at(new_page, office, draft)
    expect(page.locator("[data-state]")).to_have_text("已提交，不能再改")
    expect(page.locator(".djs-palette")).to_be_hidden()
    pick(page, "head_review")
    expect(panel(page).get_by_role("heading")).to_contain_text("科长审核")
    expect(page.locator(".djs-context-pad")).to_be_hidden()
    setting(page, "name").focus()
    expect(setting(page, "name")).to_be_disabled()


def test_every_word_is_chinese_and_the_page_is_for_everybody(new_page: Any, office: Office) -> None:
    """Panel, menus, minimap, simulation; axe; the mark of bpmn.io is in sight; nothing runs off the phone."""
    draft = begun(office)
    page = at(new_page, office, draft)
    for element in ("head_review", "gw_head"):
        pick(page, element)
        for fold in panel(page).locator("summary").all():
            if fold.evaluate("each => !each.parentElement.open"):
                fold.click()
        browsing.looks_ok(page, allowed=ALLOWED)
    pick(page, "head_review")
    for action in ("append.more", "replace"):
        page.locator(f'.djs-context-pad [data-action="{action}"]').click()
        browsing.looks_ok(page, allowed=ALLOWED)
        page.locator(".djs-popup input").press("Escape")
    page.evaluate(
        "() => { const { modeler, model } = document.querySelector('[data-studio]').editor;"
        " modeler.get('selection').select(model.people().slice(0, 3)) }"
    )
    page.locator('.djs-context-pad [data-action="align-elements"]').click()
    browsing.looks_ok(page, allowed=ALLOWED)
    page.keyboard.press("Escape")
    pick(page, "head_review")
    page.locator('[data-do="map"]').click()
    titles = page.evaluate(
        "() => [...document.querySelectorAll('[data-studio] [title], [data-studio] [aria-label]')]"
        ".map((each) => `${each.getAttribute('title') ?? ''} ${each.getAttribute('aria-label') ?? ''}`).join(' ')"
    )
    assert browsing.english(titles, ALLOWED | {"bpmn", "io"}) == []
    browsing.axe(page)
    mark = page.locator(".bjs-powered-by").bounding_box()
    assert mark is not None
    top = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y)?.closest('.bjs-powered-by') !== null",
        [mark["x"] + 8, mark["y"] + 8],
    )
    assert top
    page.locator('[data-do="walk"]').click()
    page.locator("[title=从这里触发]").first.click()
    expect(page.locator(".studio-token, .bts-token").first).to_be_attached()
    browsing.looks_ok(page, allowed=ALLOWED)
    phone = at(new_page, office, draft, size=(390, 844))
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    expect(phone.get_by_text("画图请用更宽的屏幕")).to_be_visible()


def test_keys_do_what_the_mouse_does(new_page: Any, office: Office) -> None:
    draft = begun(office)
    page = at(new_page, office, draft)
    pick(page, "head_review")
    page.locator("[data-canvas] svg").first.focus()
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("按键改名")
    page.keyboard.press("Enter")
    stored(page)
    expect(setting(page, "name")).to_have_value("按键改名")
    page.keyboard.press("Control+z")
    expect(setting(page, "name")).to_have_value("科长审核")
    panel(page).locator("summary", has_text="画图").click()
    setting(page, "append").select_option("service-task")
    page.keyboard.press("Escape")
    expect(panel(page).get_by_role("heading")).to_contain_text("系统动作")
    setting(page, "connect").select_option("sign_off")
    expect(page.locator("[data-findings]")).to_contain_text("有多条出口连线")
    panel(page).get_by_role("button", name="删除这个图形").press("Enter")
    expect(page.locator(".djs-element", has_text="新的系统动作")).to_have_count(0)
    page.locator('[data-do="keys"]').click()
    expect(page.get_by_role("dialog")).to_contain_text("快捷键")


def test_the_editor_opens_with_sixty_nodes_and_says_how_long_it_took(new_page: Any, office: Office) -> None:
    """The figure is printed (2 s on a quiet machine); how busy this one is says nothing of the editor."""
    draft = begun(office)
    with office.app.app_context():
        part = queries.part(db.session(), draft, "process.bpmn")
        parts.save(
            office.city.actor(ADMIN),
            draft_id=draft,
            name="process.bpmn",
            text=_sixty(part.text),
            revision=part.revision,
        )
        db.session.remove()
    with office.behind() as desk:  # the first opening warms the server
        desk.sit(ADMIN)
        assert desk.client.get(f"/studio/drafts/{draft}/diagram").status_code == 200
    page = at(new_page, office, draft)
    took = page.evaluate("() => performance.getEntriesByName('studio')[0].duration") / 1000
    shapes = page.evaluate(
        "() => document.querySelector('[data-studio]').editor.model.registry.filter((each) =>"
        " each.businessObject?.$instanceOf?.('bpmn:FlowNode') && !each.labelTarget).length"
    )
    checked = page.evaluate(
        "async () => { const began = performance.now(); await document.querySelector('[data-studio]').editor.check();"
        " return performance.now() - began }"
    )
    print(f"editor open with {shapes} nodes: {took:.2f} s, checked in {checked / 1000:.2f} s")
    assert shapes >= 60


def _sixty(text: str) -> str:
    """The diagram with a line of steps added, until it has more than sixty nodes."""
    steps = "".join(f'<bpmn:userTask id="more_{n}" name="环节{n}" />' for n in range(40))
    flows = "".join(
        f'<bpmn:sequenceFlow id="to_more_{n}" sourceRef="more_{n - 1}" targetRef="more_{n}" />'
        for n in range(1, 40)
    )
    shapes = "".join(
        f'<bpmndi:BPMNShape id="more_{n}_di" bpmnElement="more_{n}">'
        f'<dc:Bounds x="{200 + n * 60}" y="900" width="50" height="40" /></bpmndi:BPMNShape>'
        for n in range(40)
    )
    edges = "".join(
        f'<bpmndi:BPMNEdge id="to_more_{n}_di" bpmnElement="to_more_{n}"><di:waypoint x="{190 + n * 60}" y="920" />'
        f'<di:waypoint x="{200 + n * 60}" y="920" /></bpmndi:BPMNEdge>'
        for n in range(1, 40)
    )
    grown = text.replace("</bpmn:process>", f"{steps}{flows}</bpmn:process>")
    return grown.replace("</bpmndi:BPMNPlane>", f"{shapes}{edges}</bpmndi:BPMNPlane>")


def test_a_step_sent_to_another_lane_keeps_every_flow_as_it_is(new_page: Any, office: Office) -> None:
    """Wherever it lands, no line that runs there is led through it, and it covers nothing; one undo takes it back."""
    page = at(new_page, office, begun(office, "foi_request"))
    wrong = page.evaluate(
        """() => {
          const { model, modeler } = document.querySelector('[data-studio]').editor;
          const flows = () => model.flows().map((each) => `${each.id} ${each.source.id} ${each.target.id}`).sort().join();
          const nodes = () => model.registry.filter((each) => each.businessObject?.$instanceOf?.('bpmn:FlowNode') && !each.labelTarget);
          const covers = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
          const before = flows();
          const wrong = [];
          for (const step of model.people()) for (const lane of model.lanes()) {
            if (model.laneOf(step) === lane) continue;
            model.toLane(step, lane);
            if (flows() !== before) wrong.push(['flows', step.id, lane.id]);
            if (model.laneOf(step) !== lane) wrong.push(['lane', step.id, lane.id]);
            if (nodes().some((each) => each !== step && each.host !== step && covers(each, step))) wrong.push(['covers', step.id, lane.id]);
            modeler.get('commandStack').undo();
          }
          return wrong;
        }"""
    )
    assert wrong == []
