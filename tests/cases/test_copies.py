"""抄送 (H1): 待阅 until it is opened, then 已阅; nobody need do anything, and nothing waits for it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.cases import queries
from app.cases.operations.copy import copy
from app.cases.sub_models import CaseCopy
from app.core.db import db
from app.core.errors import NotFound, Refused
from tests.cases.flows import TITLE, drafted
from tests.cases.pressing import press, press_case, recorded, words_of
from tests.support.driving import Desk
from tests.support.organs import City


def only_copy() -> int:
    """The id of the newest copy."""
    session = db.session()
    session.commit()
    return int(session.scalar(sa.select(sa.func.max(CaseCopy.id))) or 0)


def test_a_copy_waits_to_be_read_and_is_read_once_opened(any_db: str, desk: Desk, house: City) -> None:
    case = drafted(desk)
    sent = press_case(desk, "wen", case, "copy", to=[house.people["ke"]], note="请了解")
    assert sent.status_code == 303, words_of(sent)
    waiting = words_of(desk.sit("ke").get("/work/copies"))
    assert TITLE in waiting and "请了解" in waiting and "待阅" in waiting
    assert "文承远 抄送" in desk.client.get("/notices/").text
    opened = desk.client.get(f"/work/copies/{only_copy()}")
    assert opened.headers["Location"].endswith(f"/cases/{case}")
    assert TITLE not in words_of(desk.client.get("/work/copies"))
    assert TITLE in words_of(desk.client.get("/work/copies?read=1"))
    assert desk.open_steps(case) == ["head_review"]
    assert recorded("case.copy") == ["文承远 抄送 柯文书：请了解"]


def test_a_whole_unit_is_told_and_nobody_twice(desk: Desk, house: City) -> None:
    case = drafted(desk)
    unit = house.units["office", "综合一科"]
    press_case(desk, "wen", case, "copy", to=[house.people["wang"]], units=[unit])
    db.session().commit()
    told = set(db.session().scalars(sa.select(CaseCopy.person_id)))
    assert told == {house.people[each] for each in ("shen", "wang", "zhang")}
    again = press_case(desk, "wen", case, "copy", to=[house.people["wang"]])
    assert again.status_code == 422 and "都已在待阅" in again.text


@pytest.mark.parametrize("who", [["fang"], ["wen"], []])
def test_other_organs_oneself_and_nobody_are_refused(desk: Desk, house: City, who: list[str]) -> None:
    case = drafted(desk)
    with pytest.raises(Refused, match="请"):
        copy(house.actor("wen"), case_id=case, to=[house.people[each] for each in who])


def test_who_has_nothing_to_do_with_the_case_sends_no_copies_and_reads_no_others(
    desk: Desk, house: City
) -> None:
    case = drafted(desk)
    with pytest.raises(NotFound):
        copy(house.actor("ke"), case_id=case, to=[house.people["wang"]])
    press_case(desk, "wen", case, "copy", to=[house.people["ke"]])
    assert desk.sit("wang").get(f"/work/copies/{only_copy()}").status_code == 404


def test_a_copy_is_sent_from_the_step_too(desk: Desk, house: City) -> None:
    item = desk.item(drafted(desk), "head_review").id
    assert press(desk, "shen", item, "copy", to=[house.people["ke"]]).status_code == 303


def test_lists_are_paged_and_counts_stop(desk: Desk, house: City) -> None:
    case = drafted(desk)
    press_case(desk, "wen", case, "copy", to=[house.people["ke"]])
    session = db.session()
    session.commit()
    table = CaseCopy.__table__
    row = dict(session.execute(sa.select(table)).mappings().one())
    session.execute(sa.insert(table), [row | {"id": 1000 + number} for number in range(1200)])
    session.commit()
    assert queries.copies_unread(session, house.actor("ke")) == 1000
    first = queries.copies(session, house.actor("ke"), read=False)
    assert len(first.rows) == 25
    after = queries.copies(session, house.actor("ke"), read=False, before=first.next_key)
    assert after.rows[0]["id"] < first.rows[-1]["id"]
    assert desk.sit("ke").get("/work/copies?before=x").status_code == 404
