"""用已办的件核对: recorded cases on a draft, and where the two part."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.record import Record
from app.studio import queries, replays
from app.studio.content import parts_of
from app.studio.service import drafts
from app.studio.service import parts as saving
from tests.engine.diagrams import Diagram
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small, package


def line(*steps: str) -> Diagram:
    return Diagram("line").start().people(*steps).end().go(" -> ".join(["s", *steps, "e"]))


@pytest.fixture
def small(house: City) -> Small:
    return Small(house).put(line("a", "b", "c"))


def draft_as(house: City, session: Session, *steps: str) -> int:
    """A draft of the version in use, redrawn."""
    from tests.cases.test_migrating import version_in_use

    actor = house.actor("qiao")
    draft = int(drafts.begin(actor, version_id=version_in_use(session))["draft"])
    there, session_parts = parts_of(package(line(*steps))), queries.revisions(session, draft)
    changes = {name: (session_parts.get(name, 0), there.get(name)) for name in {*there, *session_parts}}
    session.commit()
    saving.save_many(actor, draft_id=draft, changes=changes)
    return draft


def replayed(desk: Desk, login: str, draft: int, which: str) -> str:
    """The page after a run."""
    url = f"/studio/drafts/{draft}/replay"
    client = desk.sit(login)
    client.post(url, data={"which": which, "many": "10", "token": str(uuid.uuid4())})
    replays.work()
    return client.get(url).get_data(as_text=True)


def test_a_case_that_goes_the_same_way_and_one_that_parts(
    small: Small, house: City, desk: Desk, session: Session
) -> None:
    early = small.begin(title="甲件").do("a").case.number
    late = small.begin(title="乙件").do("a", "b", "c").case.number
    draft = draft_as(house, session, "a", "b", "hui", "c")
    before = session.scalar(sa.select(sa.func.count()).select_from(Record))
    page = replayed(desk, "qiao", draft, "all")
    first, second = page.split(early)[1], page.split(late)[1].split(early)[0]
    assert "走法相同" in first
    assert "走法不同" in second and "环节hui" in second and "第 3 行" in second
    assert (
        session.scalar(sa.select(sa.func.count()).select_from(Record)) <= before + 3
    )  # signing in is recorded


def test_only_finished_cases_when_asked_for(small: Small, house: City, desk: Desk, session: Session) -> None:
    small.begin(title="在办的件").do("a")
    draft = draft_as(house, session, "a", "b", "c")
    page = replayed(desk, "qiao", draft, "done")
    assert "本机关没有这样的件" in page


def test_cases_of_other_organs_are_not_shown(small: Small, house: City, desk: Desk, session: Session) -> None:
    number = small.begin(title="市府办的件").do("a").case.number
    draft = draft_as(house, session, "a", "b", "c")
    page = replayed(desk, "li", draft, "all")
    assert number not in page


def test_a_run_is_stopped_resumed_and_ended_by_a_change_of_the_draft(
    small: Small, house: City, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "BATCH", 1)
    for number in range(3):
        small.begin(title=f"第{number}件").do("a")
    draft, actor = draft_as(house, session, "a", "b", "c"), house.actor("qiao")
    begun = replays.begin(actor, draft_id=draft, organ_id=actor.organ_id, which="all", many=10)
    assert replays.batch(begun["run"])
    replays.stop(actor, run_id=begun["run"])
    assert not replays.batch(begun["run"])
    assert replays.counts(session, begun["run"]) == {"same": 1, "waiting": 2}
    replays.resume(actor, run_id=begun["run"])
    assert replays.batch(begun["run"])
    revision = queries.revisions(session, draft)["forms/a.toml"]
    text = queries.texts(session, draft)["forms/a.toml"].replace("办理", "承办")
    saving.save(actor, draft_id=draft, name="forms/a.toml", text=text, revision=revision)
    replays.work()
    session.commit()
    assert replays.latest(session, draft, actor.organ_id or 0).state == "changed"  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        replays.stop(house.actor("li"), run_id=begun["run"])
