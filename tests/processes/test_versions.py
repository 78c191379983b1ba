"""A version locks the versions it calls; a running case never skips or gains a step."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app import processes
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import NotAllowed, Refused
from app.processes import service
from app.processes.cli import shipped
from app.processes.models import Process, ProcessVersion
from app.processes.packages import Package, assemble, pack
from tests.cases.flows import drafted, signed
from tests.support.driving import SELF_CHECK, Desk
from tests.support.organs import City


def _package(key: str) -> Package:
    return next(package for package in shipped() if package.key == key)


def _without_a_level() -> Package:
    """保密审查 in which four levels have become two: the table is data an office may tune."""
    package = _package("secrecy_review")
    texts = dict(package.texts)
    rule = "<text>max(2, min(4, organ_levels))</text>"
    assert rule in texts["levels.dmn"]
    texts["levels.dmn"] = texts["levels.dmn"].replace(rule, "<text>2</text>")
    texts["package.toml"] = texts["package.toml"].replace("建立审查记录。", "建立审查记录（本单位改）。")
    return assemble(texts, package.scenarios)


@command
def _draft(tx: Tx, package: Package) -> int:
    number = tx.session.scalar(
        sa.select(sa.func.max(ProcessVersion.number)).where(ProcessVersion.process_key == package.key)
    )
    version = ProcessVersion(
        process_key=package.key,
        number=(number or 0) + 1,
        hash=package.hash,
        content=pack(package),
        locks={},
        status="draft",
        origin="office",
        note="改级数",
        made_at=tx.now,
        made_by=tx.actor.person_id,
    )
    tx.session.add(version)
    tx.session.flush()
    return version.id


@command
def _activate(tx: Tx, *, version_id: int) -> list[str]:
    return service.activate(tx, tx.session.get_one(ProcessVersion, version_id, with_for_update=True))


def _active(key: str) -> int:
    session = db.session()
    session.commit()
    return int(session.get_one(Process, key, populate_existing=True).active_id or 0)


def test_installing_again_changes_nothing(house: City) -> None:
    before = {key: _active(key) for key in ("secrecy_review", "disclosure_attribute")}
    service.install(SYSTEM, packages=shipped())
    assert {key: _active(key) for key in before} == before
    assert db.session().scalar(sa.select(sa.func.count()).select_from(ProcessVersion)) == len(shipped())


def test_a_version_is_activated_by_another_person_than_its_maker(house: City) -> None:
    maker, other = house.actor("qiao"), house.actor("li")
    version = _draft(maker, _without_a_level())
    with pytest.raises(NotAllowed):
        _activate(maker, version_id=version)
    assert "「公开属性认定」" in _activate(other, version_id=version)
    with pytest.raises(Refused):
        _activate(other, version_id=version)


def test_activating_a_callee_makes_a_relinked_draft_of_its_caller_and_leaves_the_caller_alone(
    house: City,
) -> None:
    caller = _active("disclosure_attribute")
    version = _draft(house.actor("qiao"), _without_a_level())
    _activate(house.actor("li"), version_id=version)
    assert _active("disclosure_attribute") == caller
    drafts = db.session().scalars(sa.select(ProcessVersion).where(ProcessVersion.status == "draft")).all()
    assert {draft.process_key: draft.locks["secrecy_review"] for draft in drafts} == {
        "disclosure_attribute": version,
        "foi_handling": version,
    }


def test_a_running_case_neither_skips_nor_gains_a_step_when_what_it_calls_changes(
    any_db: str, desk: Desk, house: City
) -> None:
    running = drafted(desk, title="启用新版前开始的件")
    desk.act("shen", running, "head_review", decision="agree")
    desk.act("wen", running, "self_check", **SELF_CHECK)
    version = _draft(house.actor("qiao"), _without_a_level())
    _activate(house.actor("li"), version_id=version)
    session = db.session()
    drafts = sa.select(ProcessVersion.id).where(ProcessVersion.status == "draft")
    relinked = session.scalars(drafts.where(ProcessVersion.process_key == "disclosure_attribute")).one()
    _activate(house.actor("qiao"), version_id=relinked)  # made by 李处's activation

    desk.act("shen", running, "head_review", decision="agree")
    desk.act("wei", running, "officer_review", decision="agree", conclusion="open")
    desk.act("lu", running, "leader_approve", decision="agree")  # still four levels
    signed(desk, running)
    assert desk.case(running).status == "done"

    fresh = drafted(desk, title="启用新版后开始的件")
    desk.act("shen", fresh, "head_review", decision="agree")
    desk.act("wen", fresh, "self_check", **SELF_CHECK)
    assert desk.open_steps(fresh) == ["officer_review"]  # two levels now
    assert (
        processes.runtime(desk.case(fresh).version_id).packages["secrecy_review"].hash
        == _without_a_level().hash
    )


def test_what_is_kept_of_a_version_is_never_that_of_another_database(house: City) -> None:
    known = processes.active("secrecy_review")
    assert processes.runtime(known.version_id) is known
    row = sa.update(ProcessVersion).where(ProcessVersion.id == known.version_id)
    db.session().execute(row.values(content=pack(_without_a_level())))
    db.session().commit()
    db.engine.dispose()  # as when the database at this address is made again
    assert processes.runtime(known.version_id).packages["secrecy_review"].hash == _without_a_level().hash


def test_a_release_installs_a_draft_where_the_office_changed_its_own(house: City) -> None:
    version = _draft(house.actor("qiao"), _without_a_level())
    _activate(house.actor("li"), version_id=version)
    lines = service.install(SYSTEM, packages=shipped())
    assert any("草稿" in line for line in lines)
    assert _active("secrecy_review") == version
