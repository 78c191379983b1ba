"""试运行: a draft is walked with real posts and forms, and the office notices nothing of it."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.core.db import db
from app.core.record import Record
from app.notices.models import Notice
from app.processes.models import Process
from app.studio import queries
from app.studio.service import drafts
from app.studio.service import parts as saving
from tests.support.driving import Desk, errors_in
from tests.support.organs import City


@pytest.fixture
def draft(house: City, session: Session) -> int:
    version = session.scalar(sa.select(Process.active_id).where(Process.key == "secrecy_review"))
    session.commit()
    return int(drafts.begin(house.actor("qiao"), version_id=version)["draft"])


class Browser:
    """Presses what is on the page, with what stands in its form."""

    def __init__(self, desk: Desk, draft: int) -> None:
        self.client, self.url = desk.sit("qiao"), f"/studio/drafts/{draft}/dry-run"
        self.page = self.client.get(self.url).get_data(as_text=True)

    def form(self, act: str) -> dict[str, Any]:
        found = [each for each in re.findall(r"<form.*?</form>", self.page, re.S) if f'value="{act}"' in each]
        assert found, f"{act} is not on the page"
        body, sent = found[0], {}
        for tag in re.findall(r"<input[^>]*>", body):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if (
                name
                and 'type="file"' not in tag
                and ('type="radio"' not in tag and 'type="checkbox"' not in tag or " checked" in tag)
            ):
                sent.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
        for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', body, re.S):
            sent[name] = html.unescape(text).lstrip("\n")
        for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body, re.S):
            marked = next(
                (each for each in re.findall(r"<option[^>]*>", options) if "selected" in each), options
            )
            chosen = re.search(r'value="([^"]*)"', marked)
            sent[name] = chosen[1] if chosen else ""
        decision = re.search(r'<button[^>]*name="decision"[^>]*value="([^"]*)"', body)
        return sent | ({"decision": decision[1]} if decision else {})

    def press(self, act: str, **more: Any) -> str:
        sent = {**self.form(act), **more}
        response = self.client.post(self.url, data=sent)
        self.page = response.get_data(as_text=True)
        assert response.status_code == 200, errors_in(response) + str(sent)
        return self.page

    @property
    def doing(self) -> str:
        found = re.search(r"现在办理：([^<]*)", self.page)
        return found[1] if found else ""


def counts(session: Session) -> list[int]:
    session.commit()
    return [
        session.scalar(sa.select(sa.func.count()).select_from(model)) or 0 for model in (Case, Notice, Record)
    ]


def walked_to_the_end(browser: Browser, most: int = 12) -> list[str]:
    browser.press("begin")
    if "发起：" in browser.page:
        browser.press("start")
    seen = []
    while browser.doing and len(seen) < most:
        seen.append(browser.doing)
        browser.press("step")
    return seen


def test_a_draft_is_walked_to_its_end_and_nothing_is_written(
    desk: Desk, draft: int, session: Session
) -> None:
    browser = Browser(desk, draft)
    before = counts(session)
    seen = walked_to_the_end(browser)
    assert len(seen) >= 2 and "走完了" in browser.page
    assert counts(session) == before


def test_each_step_names_the_real_person_it_would_reach(desk: Desk, draft: int, house: City) -> None:
    browser = Browser(desk, draft)
    walked_to_the_end(browser, most=1)
    told = re.search(r"送到了谁那里(.*?)</section>", browser.page, re.S)
    assert told and any(house.actor(name).name in told[1] for name in house.people)


def test_one_goes_back_a_step(desk: Desk, draft: int) -> None:
    browser = Browser(desk, draft)
    seen = walked_to_the_end(browser, most=2)
    browser.press("back")
    assert browser.doing == seen[0]


def test_a_walk_becomes_a_scenario_that_passes(desk: Desk, draft: int, session: Session) -> None:
    from app.studio import trying

    browser = Browser(desk, draft)
    walked_to_the_end(browser)
    walk = re.search(r'name="_walk" value="([^"]*)"', browser.page)
    assert walk
    sent = {"_walk": html.unescape(walk[1]), "name": "试运行走通", "token": str(uuid.uuid4())}
    browser.client.post(f"{browser.url}/save", data=sent)
    session.commit()
    texts = queries.texts(session, draft)
    assert 'name = "试运行走通"' in texts["scenarios/walk_1.toml"]
    report = trying.report(session, texts)
    assert [each.failures for each in report.results if not each.ok] == []


def test_a_form_with_errors_keeps_the_walk_and_says_what_is_wrong(desk: Desk, draft: int) -> None:
    browser = Browser(desk, draft)
    walked_to_the_end(browser, most=0)
    sent = {key: value for key, value in browser.form("step").items() if key.startswith("_")}
    response = browser.client.post(browser.url, data=sent)
    assert response.status_code == 422
    assert "表单还有要改的地方" in response.get_data(as_text=True)


def test_a_walk_that_was_tampered_with_is_refused(desk: Desk, draft: int) -> None:
    browser = Browser(desk, draft)
    for walk in ("", "[]", "{}", '{"organ": 1}', "[" * 100_000):
        response = browser.client.post(browser.url, data={"_act": "back", "_walk": walk})
        assert response.status_code == 422, walk[:20]


def test_a_broken_draft_says_what_to_mend_first(desk: Desk, draft: int, house: City) -> None:
    texts = queries.revisions(db.session(), draft)
    saving.save(
        house.actor("qiao"), draft_id=draft, name="process.bpmn", text="<a/>", revision=texts["process.bpmn"]
    )
    page = desk.sit("qiao").get(f"/studio/drafts/{draft}/dry-run").get_data(as_text=True)
    assert "流程图不是 BPMN 2.0 文件" in page
    response = desk.client.post(f"/studio/drafts/{draft}/dry-run", data={"_act": "begin", "_person": "1"})
    assert "流程图不是 BPMN 2.0 文件" in response.get_data(as_text=True), errors_in(response)
    saving.save(
        house.actor("qiao"), draft_id=draft, name="package.toml", text="= 1", revision=texts["package.toml"]
    )
    assert "还不能试运行" in desk.client.get(f"/studio/drafts/{draft}/dry-run").get_data(as_text=True)
    response = desk.client.post(f"/studio/drafts/{draft}/dry-run", data={"_act": "begin", "_person": "1"})
    assert response.status_code == 422 and "回到草稿" in response.get_data(as_text=True)
