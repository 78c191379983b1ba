"""The bell and the work it rings for: what is done, gone or taken by a colleague rings no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.actor import SYSTEM, Actor
from app.core.command import Tx, command
from app.core.db import db
from app.notices import queries, unread
from app.notices.models import Notice
from tests.cases.flows import drafted
from tests.support.driving import SELF_CHECK, Desk
from tests.support.organs import City


def waiting(actor: Actor) -> list[str]:
    db.session().commit()
    return [row["text"] for row in queries.page(actor, only_unread=True).rows]


def test_a_notice_is_read_once_its_work_is_done(any_db: str, desk: Desk, house: City) -> None:
    case = drafted(desk)
    shen = house.actor("shen")
    assert [text.split("——")[0] for text in waiting(shen)] == ["科长审核"], "the kind is told beside it"
    assert unread(shen) == 1
    desk.act("shen", case, "head_review", decision="agree")
    assert (unread(shen), waiting(shen)) == (0, [])
    told = queries.page(shen).rows
    assert len(told) == 1 and told[0]["is_read"], "it stays in the list, as read"


def test_who_is_returned_to_hears_of_the_return_alone(desk: Desk, house: City) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="return", opinion="再改")
    assert len(waiting(house.actor("wen"))) == 1


def test_a_claimed_notice_is_read_for_all_and_rings_again_when_put_back(
    any_db: str, desk: Desk, house: City
) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    desk.act("wen", case, "self_check", **SELF_CHECK)
    desk.act("shen", case, "head_review", decision="agree")
    wei = house.actor("wei")
    assert unread(wei) == 1
    client = desk.sit("wei")
    number = desk.item(case, "officer_review").id
    client.post(f"/work/{number}/claim")
    assert waiting(wei) == []
    client.post(f"/work/{number}/put-back")
    assert len(waiting(wei)) == 1


@command
def _old_notices(tx: Tx, *, person: int, item: int, number: int) -> None:
    """Notices of work that was done long ago, never opened."""
    rows = [
        {"kind": "work", "text": "旧", "url": "/", "person_id": person, "item_id": item, "dedupe": f"old:{n}"}
        | {"created_at": tx.now}
        for n in range(number)
    ]
    tx.session.execute(sa.insert(Notice), rows)


@pytest.mark.parametrize("number", [20, 2_000])
def test_the_bell_costs_the_same_however_much_was_never_opened(
    desk: Desk, house: City, sql_counter: Callable[[], Any], number: int
) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review").id
    desk.act("shen", case, "head_review", decision="return", opinion="再改")
    shen = house.actor("shen")
    _old_notices(SYSTEM, person=house.people["shen"], item=item, number=number)
    with sql_counter() as count:
        assert unread(shen) == 0
    assert len(count.texts) == 1
