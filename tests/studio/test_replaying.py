"""用已办的件核对: recorded cases on a draft, and where the two part."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.record import Record
from app.studio import queries
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


def test_a_case_that_goes_the_same_way_and_one_that_parts(
    small: Small, house: City, desk: Desk, session: Session
) -> None:
    early = small.begin(title="甲件").do("a").case.number
    late = small.begin(title="乙件").do("a", "b", "c").case.number
    draft = draft_as(house, session, "a", "b", "hui", "c")
    before = session.scalar(sa.select(sa.func.count()).select_from(Record))
    page = desk.sit("qiao").get(f"/studio/drafts/{draft}/replay?which=all&many=10").get_data(as_text=True)
    first, second = page.split(early)[1], page.split(late)[1].split(early)[0]
    assert "走法相同" in first
    assert "走法不同" in second and "环节hui" in second and "第 3 行" in second
    assert (
        session.scalar(sa.select(sa.func.count()).select_from(Record)) <= before + 3
    )  # signing in is recorded


def test_only_finished_cases_when_asked_for(small: Small, house: City, desk: Desk, session: Session) -> None:
    small.begin(title="在办的件").do("a")
    draft = draft_as(house, session, "a", "b", "c")
    page = desk.sit("qiao").get(f"/studio/drafts/{draft}/replay?which=done&many=10").get_data(as_text=True)
    assert "没有这样的件" in page


def test_cases_of_other_organs_are_not_shown(small: Small, house: City, desk: Desk, session: Session) -> None:
    number = small.begin(title="市府办的件").do("a").case.number
    draft = draft_as(house, session, "a", "b", "c")
    page = desk.sit("li").get(f"/studio/drafts/{draft}/replay?which=all&many=10").get_data(as_text=True)
    assert number not in page
