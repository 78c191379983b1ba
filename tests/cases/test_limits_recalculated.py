"""A change of the calendar moves the internal limits of open steps: foreseen, computed batch by batch, recorded, told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.calendar import jobs, queries, recalculating, service, table
from app.core import now
from app.core.db import db
from app.core.jobs import JOBS
from app.core.now import local_text
from app.notices.models import Notice
from app.processes import limits
from tests.cases.flows import drafted
from tests.cases.pressing import press_case, recorded, words_of
from tests.engine.diagrams import Diagram, properties
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalculating, "PAUSE", 0)


def upload(house: City, *lines: str, year: int = 2026) -> int:
    """The year as it stands with more lines (日期,类型,名称), uploaded; the number of the upload."""
    text = "日期,类型,名称\n" if year != 2026 else table.write(queries.days_of(db.session(), year))
    columns = text.splitlines()[0].lstrip("\ufeff").split(",")
    rows = [line.split(",") for line in lines]
    more = [
        ",".join(dict(zip(("日期", "类型", "名称"), row, strict=True)).get(c, "") for c in columns)
        for row in rows
    ]
    whole = "\n".join([text.rstrip("\n"), *more])
    done = service.upload(
        house.actor("qiao"), year=year, source="国办发明电〔2026〕9号", file_name="a.csv", data=whole.encode()
    )
    number: int = done["upload"]
    return number


def confirm(house: City, upload_id: int) -> None:
    service.confirm(house.actor("qiao"), upload_id=upload_id)
    jobs.recalculate()


def limit(desk: Desk, case: int, step: str = "head_review") -> tuple[str, str, date]:
    item = desk.item(case, step)
    assert item.due_at is not None and item.check_at is not None
    return local_text(item.due_at), local_text(item.check_at), item.due_on


def told() -> list[str]:
    db.session().commit()
    query = sa.select(Notice.text).where(Notice.kind == "calendar").order_by(Notice.id)
    return list(db.session().scalars(query))


def test_a_new_day_off_moves_the_limit_and_the_reminders_of_an_open_step(
    any_db: str, desk: Desk, house: City
) -> None:
    case = drafted(desk)
    number = desk.case(case).number
    assert limit(desk, case) == ("2026-11-25 17:30", "2026-11-24 09:00", date(2026, 11, 25))
    uploaded = upload(house, "2026-11-25,放假,临时放假")
    preview = words_of(desk.sit("qiao").get(f"/calendar/import/{uploaded}"))
    assert "环节（内部时限）" in preview and f"{number} 科长审核" in preview
    assert "2026-11-25 17:30" in preview and "2026-11-26 17:30" in preview
    confirm(house, uploaded)
    assert limit(desk, case) == ("2026-11-26 17:30", "2026-11-24 09:00", date(2026, 11, 26))
    assert recorded("case.limit_recalculated") == [
        "2026年放假安排变更，「科长审核」内部时限由 2026-11-25 17:30 改为 2026-11-26 17:30"
    ]
    assert told() == ["2026年放假安排变更，岗位上 1 个环节的内部时限有变化"]
    jobs.recalculate()
    assert len(recorded("case.limit_recalculated")) == 1


def test_a_step_told_late_is_not_late_any_more_and_is_told_again_when_it_is(desk: Desk, house: City) -> None:
    case = drafted(desk)
    now.pretend("2026-11-25T18:00")
    for _ in range(2):
        JOBS["cases.deadlines"][0]()
    assert len(recorded("case.limit_late")) == 1
    confirm(house, upload(house, "2026-11-25,放假,临时放假"))
    assert limit(desk, case)[:2] == ("2026-11-26 17:30", "2026-11-26 17:30")
    now.pretend("2026-11-26T17:30")
    JOBS["cases.deadlines"][0]()
    assert len(recorded("case.limit_late")) == 2


def test_what_rested_is_counted_from_the_end_of_its_rest(any_db: str, desk: Desk, house: City) -> None:
    diagram = Diagram("lr_line").start().people("a").people("b", inner=properties(internal_days="5")).end("e")
    small = Small(house).put(diagram.go("s -> a -> b -> e")).begin().do("a", by="wen")
    assert limit(desk, small.id, "b")[0] == "2026-11-30 17:30"
    press_case(desk, "wen", small.id, "suspend", reason="等上级批复")
    now.pretend("2026-11-25T09:00")
    press_case(desk, "wen", small.id, "resume")
    rested = limit(desk, small.id, "b")[0]
    confirm(house, upload(house, "2026-11-26,放假,临时放假"))
    moved = limit(desk, small.id, "b")[0]
    assert (rested[:10], moved[:10]) == ("2026-12-02", "2026-12-03") and rested[10:] == moved[10:]


def test_a_limit_that_waits_for_a_year_has_its_day_once_the_year_is_confirmed(
    any_db: str, desk: Desk, house: City
) -> None:
    now.pretend("2026-12-31T09:00")
    case = drafted(desk)
    assert desk.item(case, "head_review").due_at is None
    uploaded = upload(
        house, "2027-01-01,放假,元旦", "2027-02-06,放假,春节", "2027-02-20,上班,春节", year=2027
    )
    assert "待定（放假安排未导入）" in words_of(desk.sit("qiao").get(f"/calendar/import/{uploaded}"))
    confirm(house, uploaded)
    assert limit(desk, case)[0] == "2027-01-05 17:30"


def test_a_step_without_a_limit_and_a_day_somebody_chose_stay(desk: Desk, house: City) -> None:
    case = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="一件事的通知")
    before = desk.item(case, "draft").due_at
    confirm(house, upload(house, "2026-11-25,放假,临时放假"))
    assert desk.item(case, "draft").due_at == before
    assert recorded("case.limit_recalculated") == []


def test_one_step_that_cannot_be_worked_out_holds_up_nobody(
    desk: Desk, house: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = drafted(desk), drafted(desk, title="关于另一件事的通知")
    opened, whole = desk.item(bad, "head_review").opened_at, limits.due

    def due(settings: Any, moment: Any, where: Any) -> Any:
        if moment == opened:
            raise ValueError("broken")
        return whole(settings, moment, where)

    uploaded = upload(house, "2026-11-25,放假,临时放假")
    monkeypatch.setattr(limits, "due", due)
    confirm(house, uploaded)
    if desk.item(good, "head_review").opened_at != opened:
        assert limit(desk, good)[0] == "2026-11-26 17:30"
    assert limit(desk, bad)[0] == "2026-11-25 17:30"
