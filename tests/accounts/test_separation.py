"""三员: the database itself refuses what must not be."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.now import wall
from tests.support.organs import City


def refuses(session: Session, statement: str, **values: object) -> None:
    with pytest.raises(IntegrityError):
        session.execute(sa.text(statement), values)
    session.rollback()


HOLD = "INSERT INTO holdings (post_id, person_id, nature, since) VALUES (:post, :person, :nature, :since)"
APPOINT = "INSERT INTO officers (role, person_id, nature, since) VALUES (:role, :person, :nature, :since)"


def test_the_database_refuses_an_officer_on_a_business_post(
    any_db: str, city: City, session: Session
) -> None:
    post, officer = city.post("office", "signer"), city.people["yu"]
    refuses(session, HOLD, post=post, person=officer, nature="business", since=wall())
    refuses(session, HOLD, post=post, person=officer, nature="officer", since=wall())


def test_the_database_refuses_a_business_person_as_officer(any_db: str, city: City, session: Session) -> None:
    session.execute(sa.text("DELETE FROM officers WHERE role = 'auditor'"))
    session.commit()
    for nature in ("officer", "business"):
        refuses(session, APPOINT, role="auditor", person=city.people["wang"], nature=nature, since=wall())


def test_the_database_refuses_two_roles_for_one_officer_and_a_second_set(
    any_db: str, city: City, session: Session
) -> None:
    session.execute(sa.text("DELETE FROM officers WHERE role = 'auditor'"))
    session.commit()
    refuses(session, APPOINT, role="auditor", person=city.people["ping"], nature="officer", since=wall())
    refuses(session, APPOINT, role="system_admin", person=city.people["yu"], nature="officer", since=wall())
    refuses(session, APPOINT, role="second_admin", person=city.people["yu"], nature="officer", since=wall())


def test_the_database_refuses_to_turn_a_person_with_posts_into_an_officer_or_back(
    any_db: str, city: City, session: Session
) -> None:
    turn = "UPDATE people SET nature = :nature WHERE id = :id"
    refuses(session, turn, nature="officer", id=city.people["fang"])
    refuses(session, turn, nature="business", id=city.people["yu"])
    refuses(session, turn, nature="both", id=city.people["wang"])


def test_the_database_refuses_a_second_installation(any_db: str, city: City, session: Session) -> None:
    refuses(
        session,
        "INSERT INTO installation (id, kind, name, org_version, sign_in_note) VALUES (2, 'office', 'x', 1, '')",
    )


def test_the_database_refuses_a_unit_of_another_organ(any_db: str, city: City, session: Session) -> None:
    unit = city.units["housing", "建筑业科"]
    refuses(session, "UPDATE people SET unit_id = :u WHERE id = :p", u=unit, p=city.people["wang"])
    refuses(
        session,
        "INSERT INTO posts (organ_id, unit_id, kind, level, name, active) "
        "VALUES (:o, :u, 'archivist', 'unit', 'x', true)",
        o=city.organs["office"],
        u=unit,
    )


def test_the_database_refuses_a_second_post_of_a_kind(any_db: str, city: City, session: Session) -> None:
    add = (
        "INSERT INTO posts (organ_id, unit_id, kind, level, name, active) VALUES (:o, :u, :k, :l, 'x', true)"
    )
    office, unit = city.organs["office"], city.units["office", "综合一科"]
    refuses(session, add, o=office, u=None, k="signer", l="organ")
    refuses(session, add, o=office, u=unit, k="drafter", l="unit")
    refuses(session, add, o=office, u=None, k="drafter", l="unit")
