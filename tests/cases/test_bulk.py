"""批量办理 (features.md H15): same step, same outcome, each its own transaction, failures listed."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.cases import bulk
from app.cases.models import WorkItem
from app.core.db import db
from app.core.record import Record
from tests.cases.flows import drafted
from tests.cases.pressing import words_of
from tests.cases.test_deputies import appoint
from tests.support.driving import Desk, text_file
from tests.support.organs import City


def waiting(*cases: int, step: str = "head_review") -> list[int]:
    session = db.session()
    session.commit()
    query = sa.select(WorkItem.id).where(WorkItem.case_id.in_(cases), WorkItem.step == step)
    return list(session.scalars(query.where(WorkItem.status == "open").order_by(WorkItem.id)))


def choose(desk: Desk, login: str, items: list[int], **more: Any) -> TestResponse:
    data = {"item": items, "token": str(uuid.uuid4()), **more}
    return desk.sit(login).post("/work/bulk", data=data)


def run_of(response: TestResponse) -> int:
    found = re.search(r"/work/bulk/(\d+)$", response.location or "")
    assert found, words_of(response)
    return int(found[1])


def decide(desk: Desk, run: int, decision: str, opinion: str = "") -> TestResponse:
    said = {"decision": decision, "opinion": opinion, "token": str(uuid.uuid4())}
    return desk.client.post(f"/work/bulk/{run}", data=said)


def work_off(desk: Desk, run: int) -> dict[str, int]:
    told: dict[str, int] = {"left": 1}
    while told["left"]:
        told = desk.client.post(f"/work/bulk/{run}/slice", headers={"Accept": "application/json"}).get_json()
    return told


def test_many_items_of_one_step_are_done_with_one_decision_each_in_its_own_record(
    any_db: str, desk: Desk
) -> None:
    cases = [drafted(desk, title=f"关于第{n}件事的通知") for n in range(3)]
    run = run_of(choose(desk, "shen", waiting(*cases)))
    page = words_of(desk.client.get(f"/work/bulk/{run}"))
    assert "对这 3 件，您的决定是" in page and "关于第1件事的通知" in page
    assert decide(desk, run, "agree", "同意，请继续办理").status_code == 303
    assert work_off(desk, run) == {"done": 3, "failed": 0, "left": 0, "total": 3}
    session = db.session()
    session.commit()
    for case in cases:
        (item,) = session.scalars(
            sa.select(WorkItem).where(WorkItem.case_id == case, WorkItem.step == "head_review")
        )
        assert (item.status, item.decision, item.opinion) == ("done", "同意", "同意，请继续办理")
        kept = sa.select(sa.func.count()).where(
            Record.stream == "case", Record.stream_id == case, Record.action == "case.complete"
        )
        assert session.scalar(kept) == 2, "the draft and the review"
    assert "全部办完" in words_of(desk.client.get(f"/work/bulk/{run}"))


def test_what_fails_is_listed_with_its_reason_and_the_rest_is_done(desk: Desk) -> None:
    cases = [drafted(desk, title=f"关于第{n}件事的通知") for n in range(3)]
    run = run_of(choose(desk, "shen", waiting(*cases)))
    decide(desk, run, "agree")
    desk.act("shen", cases[1], "head_review", decision="agree")
    assert work_off(desk, run) == {"done": 2, "failed": 1, "left": 0, "total": 3}
    page = words_of(desk.client.get(f"/work/bulk/{run}"))
    assert "没办成的 1 件" in page and "已由申牧之办理" in page


def test_it_goes_on_where_it_was_and_does_nothing_twice(
    desk: Desk, house: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the completions and the note of them: the next slice finds them done."""
    cases = [drafted(desk, title=f"关于第{n}件事的通知") for n in range(3)]
    run = run_of(choose(desk, "shen", waiting(*cases)))
    decide(desk, run, "agree")

    def killed(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "note", killed)
        with pytest.raises(RuntimeError):
            bulk.work(house.actor("shen"), run)
    assert waiting(*cases) == []
    assert "有一批还没有办完" in words_of(desk.client.get("/work"))
    assert work_off(desk, run) == {"done": 3, "failed": 0, "left": 0, "total": 3}
    kept = sa.select(sa.func.count()).where(Record.action == "case.complete", Record.stream == "case")
    assert db.session().scalar(kept) == 6


def test_a_return_in_bulk_wants_its_opinion(desk: Desk) -> None:
    run = run_of(choose(desk, "shen", waiting(drafted(desk))))
    answer = decide(desk, run, "return")
    assert answer.status_code == 422 and "须写明意见" in words_of(answer)
    assert decide(desk, run, "return", "请改标题").status_code == 303
    assert work_off(desk, run)["done"] == 1


def test_steps_that_ask_more_are_not_offered_and_say_why(desk: Desk) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    (item,) = waiting(case, step="self_check")
    answer = choose(desk, "wen", [item])
    page = words_of(desk.client.get(answer.location))
    assert "请逐件办理" in page
    assert re.search(
        rf'value="{item}"[^>]*disabled[^>]*title="[^"]*请逐件办理', desk.client.get("/work").text
    )


def test_different_steps_nothing_and_too_many_are_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = drafted(desk), drafted(desk, title="关于另一件事的通知")
    answer = choose(desk, "shen", [])
    assert "请先在待办里勾选" in words_of(desk.client.get(answer.location))
    monkeypatch.setattr(bulk, "MOST", 1)
    answer = choose(desk, "shen", waiting(one, other))
    assert "一次最多批量办理 1 件" in words_of(desk.client.get(answer.location))


def test_items_of_others_and_runs_of_others_are_not_found(desk: Desk) -> None:
    items = waiting(drafted(desk))
    assert choose(desk, "fang", items).status_code == 404
    assert choose(desk, "shui", items).status_code == 404
    run = run_of(choose(desk, "shen", items))
    for login in ("wen", "shui"):
        assert desk.sit(login).get(f"/work/bulk/{run}").status_code == 404
        assert desk.sit(login).post(f"/work/bulk/{run}/slice").status_code == 404
        assert desk.sit(login).post(f"/work/bulk/{run}/stop").status_code == 404


def test_all_of_a_step_are_taken_and_a_run_can_be_stopped(desk: Desk) -> None:
    cases = [drafted(desk, title=f"关于第{n}件事的通知") for n in range(2)]
    run = run_of(choose(desk, "shen", [], all="disclosure_attribute/head_review"))
    desk.client.post(f"/work/bulk/{run}/stop")
    assert decide(desk, run, "agree").status_code == 422
    assert len(waiting(*cases)) == 2


def test_nobody_reviews_his_own_draft_in_bulk_either(desk: Desk, house: City) -> None:
    """The hard rule of domain.md 12.6 holds for every item of a run: he drafted one of two in somebody's place."""
    appoint(house, "wen", "shen")
    title = "自己拟的一件"
    own = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title=title)
    proposal = {"title": title, "doc_kind": "other", "attribute": "proactive"}
    desk.act("shen", own, "draft", files={"main_file": text_file("正文")}, **proposal)
    other = drafted(desk, title="别人拟的一件")
    run = run_of(choose(desk, "shen", waiting(own, other)))
    decide(desk, run, "agree")
    work_off(desk, run)
    assert desk.open_steps(own) == ["head_review"] and desk.open_steps(other) == ["self_check"]
    assert "拟稿人不能审核、签发自己拟的稿" in words_of(desk.sit("shen").get(f"/work/bulk/{run}"))


def test_an_item_in_bulk_costs_at_most_six_tenths_of_one_done_by_hand(
    desk: Desk, sql_counter: Callable[[], Any]
) -> None:
    """Statements here; the bench measures time (`bulk.ratio`)."""
    cases = [drafted(desk, title=f"关于第{n}件事的通知") for n in range(11)]
    client = desk.sit("shen")
    (item,) = waiting(cases[0])
    with sql_counter() as count:
        began = time.process_time()
        client.get(f"/work/{item}")
        client.post(f"/work/{item}/preview", data={"decision": "agree"})
        response = client.post(f"/work/{item}", data={"decision": "agree", "token": str(uuid.uuid4())})
        client.get(response.location)
        by_hand_ms = time.process_time() - began
    by_hand = count.statements
    run = run_of(choose(desk, "shen", waiting(*cases[1:])))
    decide(desk, run, "agree")
    with sql_counter() as count:
        began = time.process_time()
        assert work_off(desk, run)["done"] == 10
        bulk_ms = time.process_time() - began
    assert count.statements <= 10 * by_hand * 0.6, (count.statements, by_hand)
    assert bulk_ms <= 10 * by_hand_ms * 0.9, (bulk_ms, by_hand_ms)
