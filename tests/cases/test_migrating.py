"""Running cases go to another version of their process: exactly, or not at all, and back again."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases import migration_runs as runs
from app.cases import queries, rebuilding
from app.cases.migration_models import MigrationRow, MigrationRun
from app.cases.models import CaseTimer, FlowRow, WorkItem
from app.core.actor import Actor
from app.core.errors import Busy, NotFound, Refused
from app.core.now import today
from app.core.record import Record
from app.notices.models import Notice
from app.processes.models import Process, ProcessVersion
from tests.engine.diagrams import Diagram, timer
from tests.support.organs import City
from tests.support.small import Small

OLD = ("a", "b", "c")


def line(*steps: str) -> Diagram:
    return Diagram("line").start().people(*steps).end().go(" -> ".join(["s", *steps, "e"]))


@pytest.fixture
def small(house: City) -> Small:
    return Small(house).put(line(*OLD))


@pytest.fixture
def admin(house: City) -> Actor:
    """流程管理员 of the organ the small cases belong to."""
    return next(
        actor
        for name in house.people
        if (actor := house.actor(name))
        and "process_admin" in actor.kinds
        and actor.organ_id == house.actor("wen").organ_id
    )


def version_in_use(session: Session, key: str = "line") -> int:
    session.commit()
    return int(session.scalar(sa.select(Process.active_id).where(Process.key == key)) or 0)


def tried(admin: Actor, session: Session, old: int, **more: Any) -> int:
    """A rehearsal run to its end."""
    begun = runs.rehearse(admin, from_id=old, to_id=version_in_use(session), organ_id=admin.organ_id, **more)
    runs.work()
    return int(begun["run"])


def results(session: Session, run: int) -> dict[str, int]:
    session.commit()
    rows = session.scalars(sa.select(MigrationRow.result).where(MigrationRow.run_id == run)).all()
    return {each: rows.count(each) for each in sorted(set(rows))}


def told(session: Session, run: int) -> list[str]:
    session.commit()
    rows = session.scalars(sa.select(MigrationRow).where(MigrationRow.run_id == run))
    return [sentence for row in rows for sentence in row.told]


def carried(admin: Actor, session: Session, rehearsal: int) -> int:
    run = int(runs.carry_out(admin, run_id=rehearsal)["run"])
    runs.work()
    return run


def sound(session: Session) -> None:
    session.commit()
    session.expire_all()
    report = rebuilding.check_all(session)
    assert report.ok, report.text()


def test_a_case_goes_to_the_new_version_and_on_to_its_new_step(
    small: Small, admin: Actor, session: Session
) -> None:
    old = version_in_use(session)
    small.begin().do("a")
    item = small.item("b")
    small.put(line("a", "b", "hui", "c"))
    trial = tried(admin, session, old)
    assert results(session, trial) == {"same": 1}
    assert small.case.version_id == old
    run = carried(admin, session, trial)
    assert results(session, run) == {"same": 1}
    assert small.case.version_id == version_in_use(session)
    assert small.item("b")["id"] == item["id"]
    sound(session)
    small.do("b")
    assert small.waiting == ["hui"]
    small.back("a")
    small.do("a", "b", "hui", "c")
    assert small.case.status == "done"


def test_a_renamed_step_keeps_its_holder_and_day_and_he_is_told(
    small: Small, admin: Actor, session: Session
) -> None:
    old = version_in_use(session)
    small.begin().do("a")
    before = small.item("b")
    small.put(line("a", "bb", "c"))
    lost = tried(admin, session, old)
    assert results(session, lost) == {"refused": 1}
    assert any("环节b" in each for each in told(session, lost))
    trial = tried(admin, session, old, renames=[["line", "b", "bb"]])
    carried(admin, session, trial)
    after = small.item("bb")
    for name in ("id", "post_id", "holder_id", "due_on", "due_at", "opened_at", "sender_id"):
        assert after[name] == before[name]
    assert (after["step"], after["label"]) == ("bb", "环节bb")
    sound(session)
    notice = session.scalars(sa.select(Notice).where(Notice.dedupe.like("migrate:%"))).all()
    assert [each.text for each in notice if "改称" in each.text]
    small.do("bb")
    assert small.waiting == ["c"]
    assert {done.step for done in small.past().done} == {"a", "bb"}


def test_the_record_and_the_rows_tell_of_the_migration(small: Small, admin: Actor, session: Session) -> None:
    old = version_in_use(session)
    small.begin().do("a")
    small.put(line("a", "b", "hui", "c"))
    run = carried(admin, session, tried(admin, session, old))
    assert len(small.rows("migrate")) == 1
    summaries = session.scalars(
        sa.select(Record.summary).where(Record.stream == "case", Record.stream_id == small.id)
    ).all()
    assert any("由第 1 版迁移到第 2 版" in each for each in summaries)
    found = session.get_one(MigrationRun, run)
    assert found.state == "done" and found.ended_at is not None


def test_a_step_done_before_the_inserted_one_is_refused_with_its_row_and_nothing_changes(
    small: Small, admin: Actor, session: Session
) -> None:
    old = version_in_use(session)
    small.begin().do("a", "b")
    small.put(line("a", "hui", "b", "c"))
    trial = tried(admin, session, old)
    assert results(session, trial) == {"refused": 1}
    assert any("环节hui" in each for each in told(session, trial))
    with pytest.raises(Refused, match="没有可以迁移"):
        runs.carry_out(admin, run_id=trial)
    assert small.case.version_id == old and small.waiting == ["c"]


def test_a_fact_nobody_was_asked_for_is_named_as_its_form_does(
    small: Small, admin: Actor, session: Session
) -> None:
    old = version_in_use(session)
    small.begin().do("a")
    asks = Diagram("line").start().people(*OLD).gateways("exclusive", "g").end()
    small.put(
        asks.go("s -> a -> g").go("g -> b", 'note == "x"').otherwise("g -> c").go("b -> e").go("c -> e")
    )
    reasons = told(session, tried(admin, session, old))
    assert any("没有名为“说明”的数据" in each for each in reasons), reasons


def test_answers_given_for_an_inserted_step_let_the_case_go(
    small: Small, admin: Actor, session: Session
) -> None:
    old = version_in_use(session)
    small.begin().do("a", "b")
    small.put(line("a", "hui", "b", "c"))
    trial = tried(admin, session, old, answers=[["line", "hui", {"decision": "agree"}]])
    assert results(session, trial) == {"mapped": 1}
    carried(admin, session, trial)
    sound(session)
    small.back("a")
    small.do("a")
    assert small.waiting == ["hui"]


def test_there_is_a_way_back(small: Small, admin: Actor, session: Session) -> None:
    old = version_in_use(session)
    small.begin().do("a")
    small.put(line("a", "bb", "c"))
    run = carried(admin, session, tried(admin, session, old, renames=[["line", "b", "bb"]]))
    trial = int(runs.rehearse_back(admin, run_id=run)["run"])
    runs.work()
    assert results(session, trial) == {"mapped": 1}
    carried(admin, session, trial)
    assert small.case.version_id == old and small.waiting == ["b"]
    sound(session)
    small.do("b", "c")
    assert small.case.status == "done"


def test_a_case_that_moved_on_meanwhile_is_planned_again(
    small: Small, admin: Actor, session: Session
) -> None:
    old = version_in_use(session)
    small.begin().do("a")
    small.put(line("a", "b", "hui", "c"))
    trial = tried(admin, session, old)
    small.do("b")
    run = carried(admin, session, trial)
    assert results(session, run) == {"refused": 1}
    assert small.case.version_id == old and small.waiting == ["c"]
    sound(session)


def test_a_timer_that_waits_keeps_its_day(house: City, admin: Actor, session: Session) -> None:
    def timed(step: str) -> Diagram:
        return line("a", step).boundary("late", step, timer('"P3D"')).people("z").go("late -> z -> e")

    small = Small(house).put(timed("b"))
    old = version_in_use(session)
    small.begin().do("a")
    due = session.scalars(sa.select(CaseTimer.due_at)).one()
    small.put(timed("bb"))
    carried(admin, session, tried(admin, session, old, renames=[["line", "b", "bb"]]))
    session.expire_all()
    waiting = session.scalars(sa.select(CaseTimer)).one()
    assert waiting.due_at == due
    sound(session)


def test_a_run_can_be_stopped_and_resumed(small: Small, admin: Actor, session: Session) -> None:
    old = version_in_use(session)
    cases = [small.begin(title=f"第{n}件").do("a").id for n in range(3)]
    small.put(line("a", "b", "hui", "c"))
    trial = tried(admin, session, old)
    run = int(runs.carry_out(admin, run_id=trial)["run"])
    assert runs.take_next(run)
    runs.stop(admin, run_id=run)
    assert not runs.take_next(run)
    assert results(session, run) == {"same": 1, "waiting": 2}
    runs.resume(admin, run_id=run)
    runs.work()
    assert results(session, run) == {"same": len(cases)}
    sound(session)


def test_a_case_met_at_a_busy_moment_is_taken_at_the_next(
    small: Small, admin: Actor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = version_in_use(session)
    small.begin().do("a")
    small.put(line("a", "b", "hui", "c"))
    trial = tried(admin, session, old)

    def busy(*_args: Any, **_more: Any) -> None:
        raise Busy("很多人正在同时保存，请稍等几秒再提交。")

    with monkeypatch.context() as moment:
        moment.setattr(runs.migrating, "migrate", busy)
        run = carried(admin, session, trial)
    assert results(session, run) == {"waiting": 1}
    runs.work()
    assert results(session, run) == {"same": 1}
    assert small.case.version_id == version_in_use(session)


def test_only_the_process_admin_of_the_organ_migrates(
    small: Small, admin: Actor, house: City, session: Session
) -> None:
    old = version_in_use(session)
    small.begin().do("a")
    small.put(line("a", "b", "hui", "c"))
    new = version_in_use(session)
    for actor in (house.actor("wen"), house.actor("fang")):
        with pytest.raises(NotFound):
            runs.rehearse(actor, from_id=old, to_id=new, organ_id=admin.organ_id)
    trial = tried(admin, session, old)
    with pytest.raises(NotFound):
        runs.carry_out(house.actor("wen"), run_id=trial)
    with pytest.raises(Refused, match="正在启用"):
        runs.rehearse(admin, from_id=new, to_id=old, organ_id=admin.organ_id)


def test_pages_of_a_migrated_case_name_its_steps_as_they_are_called_now(
    small: Small, admin: Actor, session: Session
) -> None:
    from app import processes
    from app.cases import showing
    from forms import Around

    old = version_in_use(session)
    small.begin().do("a", note="甲的话").do("b", note="乙的话")
    small.put(line("aa", "b", "c"))
    carried(admin, session, tried(admin, session, old, renames=[["line", "a", "aa"]]))
    case = {
        column.name: getattr(small.case, column.name)
        for column in WorkItem.__table__.metadata.tables["cases"].columns
    }
    said = showing.answers_by_step(
        session, case, processes.runtime(case["version_id"]), Around({}, {}, {}, today=today())
    )
    assert {each.step for each in said} >= {"aa", "b"}
    assert queries.history(session, small.id)[0]["step"] == "aa"


def test_activation_touches_none_of_ten_thousand_running_cases(
    small: Small, session: Session, sql_counter: Any
) -> None:
    small.begin().do("a")
    with sql_counter() as count:
        small.put(line("a", "b", "hui", "c"))
    few = count.statements
    table = WorkItem.__table__.metadata.tables["cases"]
    one = dict(session.execute(sa.select(table).where(table.c.id == small.id)).mappings().one())
    many = [one | {"id": small.id + n, "number": f"第{n}件"} for n in range(1, 10_001)]
    session.execute(sa.insert(table), many)
    session.commit()
    rows = [row.row for row in session.scalars(sa.select(FlowRow))]
    with sql_counter() as count:
        small.put(line("a", "b", "hui2", "c"))
    assert count.statements <= few + 1  # the former version is set aside
    session.expire_all()
    assert [row.row for row in session.scalars(sa.select(FlowRow))] == rows
    versions = sa.select(sa.func.count()).select_from(ProcessVersion)
    assert session.scalar(versions.where(ProcessVersion.process_key == "line")) == 3
    on_old = sa.select(sa.func.count()).select_from(table).where(table.c.version_id == one["version_id"])
    assert session.scalar(on_old) == 10_001
