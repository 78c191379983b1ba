"""内部时限 (features.md H17): reminded, late, reported to the head, handed on; once each, at the cost of what is due."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Organ, Person, Post
from app.cases import deadlines, reminding
from app.cases.models import Case, CaseTimer, WorkItem
from app.cases.service import claim
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db, table_of
from app.core.jobs import JOBS
from app.core.now import SHANGHAI, local_text
from app.notices.models import Notice
from tests.cases.flows import drafted
from tests.cases.pressing import recorded
from tests.support.driving import Desk, text_file
from tests.support.organs import City


def remind() -> None:
    job, every = JOBS["cases.deadlines"]
    assert every is not None
    job()
    db.session().commit()


def on(moment: str) -> None:
    """It is that moment in Shanghai, and the job has run."""
    now.pretend(f"2026-{moment}")
    remind()


def told(kind: str) -> list[tuple[str, str]]:
    """Notices of a kind about limits: (to whom, text)."""
    query = sa.select(Notice).where(Notice.kind == kind, Notice.dedupe.like("limit:%")).order_by(Notice.id)
    return [
        (f"p{each.person_id}" if each.person_id else f"o{each.post_id}", each.text)
        for each in db.session().scalars(query)
    ]


def steps_recorded() -> list[str]:
    return [
        f"case.limit_{name}"
        for name in ("remind", "late", "escalate", "reassign", "again")
        for _ in recorded(f"case.limit_{name}")
    ]


@command
def appoint(tx: Tx, house: City, login: str, unit: str, kind: str) -> None:
    changed(tx)
    post = tx.session.get_one(Post, house.post("office", kind, unit))
    staffing.grant(tx, post, tx.session.get_one(Person, house.people[login]))


def test_a_step_has_its_limit_from_the_moment_it_opens(any_db: str, desk: Desk) -> None:
    item = desk.item(drafted(desk), "head_review")
    assert item.due_at is not None and item.check_at is not None
    assert (local_text(item.due_at), local_text(item.check_at)) == ("2026-11-25 17:30", "2026-11-24 09:00")
    assert item.due_on.isoformat() == "2026-11-25"


def test_the_holder_is_reminded_then_late_then_the_head_hears_of_it(
    any_db: str, desk: Desk, house: City
) -> None:
    drafted(desk)
    post, head = house.post("office", "unit_head", "综合一科"), house.post("office", "disclosure_head")
    on("11-24T08:59")
    assert told("due") == []
    on("11-24T09:00")
    assert [whom for whom, _ in told("due")] == [f"o{post}"]
    assert recorded("case.limit_remind") == [
        "系统提醒：「科长审核」内部时限 2026-11-25 17:30，已提醒综合一科 科室负责人"
    ]
    on("11-25T17:30")
    assert [whom for whom, _ in told("overdue")] == [f"o{post}"]
    on("11-26T09:00")
    assert [whom for whom, _ in told("overdue")] == [f"o{post}", f"o{head}"]
    assert "已报告" in recorded("case.limit_escalate")[0]


def test_each_rung_is_taken_once_however_often_the_job_runs(any_db: str, desk: Desk, app: Flask) -> None:
    drafted(desk)
    for moment in ("11-24T09:00", "11-25T18:00", "11-26T09:30"):
        now.pretend(f"2026-{moment}")
        workers = [threading.Thread(target=_in_own_session, args=(app,)) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        remind()
    assert steps_recorded() == ["case.limit_remind", "case.limit_late", "case.limit_escalate"]
    assert (len(told("due")), len(told("overdue"))) == (1, 2)


def _in_own_session(app: Flask) -> None:
    with app.app_context():
        remind()


def test_a_step_that_is_claimed_and_forgotten_goes_back_to_its_post(
    any_db: str, desk: Desk, house: City
) -> None:
    appoint(SYSTEM, house, "wang", "综合一科", "unit_head")
    case = drafted(desk)
    claim(house.actor("shen"), item_id=desk.item(case, "head_review").id)
    for moment in ("11-24T09:00", "11-25T17:30", "11-26T09:00", "11-30T09:00"):
        on(moment)
    item = desk.item(case, "head_review")
    assert (item.holder_id, item.came_from) == (None, "申牧之 超期未办，系统转来")
    assert "申牧之没有回应，已转" in recorded("case.limit_reassign")[0]
    assert desk.act("wang", case, "head_review", decision="agree")


def test_a_review_nobody_else_may_do_stays_and_the_head_hears_again(desk: Desk, house: City) -> None:
    case = drafted(desk)
    for moment in ("11-24T09:00", "11-25T17:30", "11-26T09:00", "11-30T09:00"):
        on(moment)
    assert desk.item(case, "head_review").post_id == house.post("office", "unit_head", "综合一科")
    assert "没有别人可以接办，已报告" in recorded("case.limit_reassign")[0]


def agency_draft(desk: Desk) -> int:
    """Work of the office's text checker: a draft that came from another organ."""
    case = desk.start("fang", "disclosure_attribute", entry="document", kind="first", title="代拟稿")
    desk.act(
        "fang", case, "draft", title="代拟稿", doc_kind="policy", attribute="proactive", agency_draft=True,
        to_organ="office", interpretation="none", interpretation_note="内容单一。",
        files={"main_file": text_file("代拟的正文")},
    )  # fmt: skip
    desk.act("gu", case, "head_review", decision="agree")
    return case


def test_work_that_nobody_at_its_post_does_goes_to_the_head(desk: Desk, house: City) -> None:
    case = agency_draft(desk)
    claim(house.actor("ke"), item_id=desk.item(case, "receive_check").id)
    for moment in ("11-24T14:00", "11-24T17:30", "11-25T09:00", "11-27T09:00"):
        on(moment)
    item = desk.item(case, "receive_check")
    assert (item.holder_id, item.post_id) == (None, house.post("office", "disclosure_head"))
    assert "收文核对" in desk.sit("jiang").get("/work").text


def test_once_every_rung_is_done_it_is_told_every_week(desk: Desk) -> None:
    drafted(desk)
    for moment in ("11-24T09:00", "11-25T17:30", "11-26T09:00", "11-30T09:00", "12-04T09:00"):
        on(moment)
    assert recorded("case.limit_again") == []
    on("12-07T09:00")
    on("12-07T10:00")
    on("12-14T09:00")
    assert len(recorded("case.limit_again")) == 2


def test_after_a_silence_of_the_system_the_rungs_come_one_a_morning(desk: Desk) -> None:
    """Nobody loses his work because the worker stood still for a week."""
    drafted(desk)
    on("12-01T10:00")
    assert steps_recorded() == ["case.limit_late"]
    on("12-01T16:00")
    assert steps_recorded() == ["case.limit_late"]
    on("12-02T08:00")
    assert steps_recorded() == ["case.limit_late", "case.limit_escalate"]


def test_what_is_done_in_time_is_never_spoken_of(desk: Desk) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    on("11-24T09:00")
    assert [text for _, text in told("due") if "科长审核" in text] == []


def test_the_overtime_reminder_does_not_vanish_after_a_return(any_db: str, desk: Desk, house: City) -> None:
    """The regression: a step that is opened again by 退回修改 has a limit of its own, and is reminded again."""
    case = drafted(desk)
    on("11-24T09:00")
    desk.act("shen", case, "head_review", decision="return", opinion="再改")
    desk.act("wen", case, "draft", title="改", doc_kind="other", attribute="proactive")
    item = desk.item(case, "head_review")
    assert local_text(item.due_at) == "2026-11-26 17:30"
    on("11-25T09:00")
    assert len(told("due")) == 2
    on("11-26T17:30")
    assert len(told("overdue")) == 1


def test_the_old_item_of_a_returned_step_is_told_no_more(desk: Desk) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="return", opinion="再改")
    on("11-26T18:00")
    assert steps_recorded() == []


@command
def rest(tx: Tx, case: int, resting: bool) -> None:
    tx.session.execute(
        sa.update(Case).where(Case.id == case).values(suspended_at=tx.now if resting else None)
    )


def test_a_case_that_rests_is_not_reminded_and_keeps_its_working_time(
    any_db: str, desk: Desk, session: Session
) -> None:
    case = drafted(desk)
    rest(SYSTEM, case, True)  # Monday 09:00: three days of office time are left
    for moment in ("11-24T09:00", "11-25T18:00", "11-27T10:00"):
        on(moment)
    assert steps_recorded() == []
    item = desk.item(case, "head_review")
    assert item.check_at is not None and local_text(item.check_at) == "2026-11-30 08:00", (
        "looked at once a day"
    )
    monday, friday = (datetime(2026, 11, day, 9, tzinfo=SHANGHAI) for day in (23, 27))
    columns = {column.name: getattr(item, column.name) for column in table_of(WorkItem).columns}
    moved = deadlines.after_rest({"remind_before": "1"}, columns, monday, friday)
    assert [local_text(moved["due_at"]), local_text(moved["check_at"])] == [
        "2026-12-01 17:30",
        "2026-11-30 09:00",
    ]


def test_a_timer_does_not_fire_on_a_suspended_case(any_db: str, desk: Desk, session: Session) -> None:
    """The regression: the timer waits for the end of the rest."""
    case = drafted(desk)
    moment = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)
    session.add(CaseTimer(case_id=case, address="x", name="等", due_at=moment, tries=0))
    session.commit()
    rest(SYSTEM, case, True)
    now.pretend("2026-11-25")
    JOBS["cases.fire_timers"][0]()
    assert recorded("case.timer") == []
    assert session.scalar(sa.select(sa.func.count()).select_from(CaseTimer)) == 1
    rest(SYSTEM, case, False)
    JOBS["cases.fire_timers"][0]()
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(CaseTimer)) == 0, "looked at again"


@command
def keep_hours(tx: Tx, organ: int, **said: Any) -> None:
    changed(tx)
    row = tx.session.get_one(Organ, organ)
    row.settings = {**row.settings, "office_hours": said}


def test_an_organ_with_other_hours_is_reminded_at_its_own_times(desk: Desk, house: City) -> None:
    spans = [["8:30", "12:00"], ["13:30", "17:00"]]
    before = desk.item(drafted(desk, title="先送达的一件"), "head_review")
    keep_hours(SYSTEM, house.organs["office"], spans=spans, quiet_from="18:00", quiet_until="10:00")
    item = desk.item(drafted(desk), "head_review")
    assert [local_text(item.due_at), local_text(item.check_at)] == ["2026-11-25 17:00", "2026-11-24 10:00"]
    on("11-24T09:30")
    assert recorded("case.limit_remind") == [], "nobody is disturbed before ten, from now on"
    db.session().refresh(before)
    assert local_text(before.due_at) == "2026-11-25 17:30", "what was there keeps the limit it came with"


def test_reminding_costs_what_is_due_not_what_is_open(desk: Desk, sql_counter: Callable[[], Any]) -> None:
    drafted(desk)
    now.pretend("2026-11-24")
    with sql_counter() as small:
        remind()
    _crowd(1_000)
    drafted(desk)
    now.pretend("2026-11-25T09:00")
    with sql_counter() as large:
        remind()
    assert large.statements <= small.statements, str(large)
    with sql_counter() as nothing:
        remind()
    assert nothing.statements == 1, str(nothing)


def _crowd(number: int) -> None:
    """Many more open items whose reminders are far away."""
    session = db.session()
    session.commit()
    item = dict(session.execute(sa.select(table_of(WorkItem)).limit(1)).mappings().one())
    later = datetime(2026, 12, 30, tzinfo=SHANGHAI)
    rows = [item | {"id": 50_000 + i, "status": "open", "check_at": later} for i in range(number)]
    session.execute(sa.insert(table_of(WorkItem)), rows)
    session.commit()


def test_one_item_that_cannot_be_worked_out_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = drafted(desk), drafted(desk)
    broken, real = desk.item(first, "head_review").id, reminding._settings

    def settings(item: Any) -> Any:
        if item["id"] == broken:
            raise ValueError("a package that is gone")
        return real(item)

    monkeypatch.setattr(reminding, "_settings", settings)
    on("11-24T09:00")
    assert len(recorded("case.limit_remind")) == 1
    assert local_text(desk.item(first, "head_review").check_at) == "2026-11-25 08:00"
    assert desk.item(second, "head_review").told == 1
