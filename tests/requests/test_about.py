"""A request on the pages of its case: its clock computed once, its days said as they are."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.db import db
from app.requests import clocks
from app.requests.models import Consultation
from tests.requests.driving import Office
from tests.requests.test_opinions import asked


def text_of(office: Office, path: str, login: str = "bai") -> str:
    return office.sit(login).get(path).get_data(as_text=True)


def test_a_page_of_the_case_computes_the_clock_once_and_asks_the_same_number_of_questions(
    office: Office, monkeypatch: pytest.MonkeyPatch, sql_counter: Any
) -> None:
    case = asked(office, ("third", "云汀市清河建筑有限公司", "中标合同报价清单"))
    calls: list[int] = []
    real = clocks.compute
    monkeypatch.setattr(clocks, "compute", lambda *args: calls.append(1) or real(*args))
    for path in (f"/cases/{case}", f"/work/{office.item(case, 'consult_wait').id}"):
        text_of(office, path)
        calls.clear()
        with sql_counter() as count:
            text_of(office, path)
        assert len(calls) == 1, path
        assert count.statements <= 31, str(count)


def test_the_head_says_who_applied_and_not_who_drafted(office: Office) -> None:
    case = office.register()
    page = text_of(office, f"/cases/{case}")
    assert "收到申请之日" in page
    assert "拟稿" not in page and "公开属性" not in page


def test_a_pause_that_ends_today_names_the_day_it_ends_on(office: Office) -> None:
    case = asked(office, ("third", "云汀市清河建筑有限公司", "中标合同报价清单"))
    number = office.request(case).id
    party = db.session().query(Consultation).filter_by(request_id=number).one().id
    office.post("bai", f"/requests/consultations/{party}/delivered", delivered_on="2026-11-23")
    office.day("2026-12-03")
    said = {"opinion": "agree", "returned_on": "2026-12-03", "text": "同意"}
    assert office.post("bai", f"/requests/consultations/{party}/opinion", **said).status_code == 303
    page = text_of(office, f"/requests/{number}/clock")
    assert "次日继续计算，届满" in page and "2026-12-31" in page
    assert "未填" not in page


def foretold(office: Office, case: int, step: str, **answers: object) -> str:
    """The lines of the confirmation."""
    item = office.item(case, step)
    return "".join(office.sit("bai").post(f"/work/{item.id}/preview", data=answers).get_json()["items"])


def test_the_confirmation_of_a_draft_names_who_gets_it(office: Office) -> None:
    case = office.register()
    office.examined(case)
    office.searched(case)
    office.decided(case, "R2", fact_1__supplied="债务限额、余额情况表")
    said = {"redaction_checked": "y", "decision": "submit"}
    assert "承办人自查" in foretold(office, case, "draft_reply", **said)
    office.drafted(case)
    assert office.open_steps(case) == ["self_check"]


def test_the_confirmation_of_a_reply_that_needs_no_review_names_the_legal_officer(office: Office) -> None:
    case = office.register()
    office.examined(case)
    office.searched(case)
    office.decided(case, "R1", fact_1__published_where="市政府网站“财政信息”栏目")
    said = {"redaction_checked": "y", "decision": "submit"}
    words = foretold(office, case, "draft_reply", **said)
    office.drafted(case)
    (step,) = office.open_steps(case)
    assert office.item(case, step).label in words
