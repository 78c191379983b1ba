"""The pages of 代理与交接: one's own arrangements, those of the organ, refusals that lose nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.accounts.deputy_models import Absence, Deputy
from app.core import now
from app.core.db import db
from tests.cases.pressing import words_of
from tests.support.driving import Desk
from tests.support.organs import City


def form(house: City, to: str, **more: Any) -> dict[str, Any]:
    day = now.today()
    return {
        "deputy_id": house.people[to], "kind": "period", "from_on": day.isoformat(),
        "until_on": (day + timedelta(days=3)).isoformat(), **more,
    }  # fmt: skip


def test_a_person_names_a_deputy_and_ends_it(any_db: str, desk: Desk, house: City) -> None:
    client = desk.sit("shen")
    assert "没有代理安排" in words_of(client.get("/deputies"))
    url = f"/people/{house.people['shen']}/deputy"
    assert "不勾选就是全部岗位" in client.get(url).text
    assert client.post(url, data=form(house, "wang", reason="外出开会")).status_code == 303
    page = words_of(client.get("/deputies"))
    assert "王芳" in page and "代理中" in page and "外出开会" in page and "全部岗位" in page
    assert "您今天代理申牧之" in words_of(desk.sit("wang").get("/deputies"))
    number = db.session().scalar(sa.select(Deputy.id))
    assert desk.sit("wang").post(f"/deputies/{number}/end").status_code == 404
    assert desk.sit("shen").post(f"/deputies/{number}/end").headers["Location"].endswith("/deputies")
    assert "已结束" in words_of(desk.client.get("/deputies"))


def test_a_refused_arrangement_keeps_what_was_typed(desk: Desk, house: City) -> None:
    client = desk.sit("shen")
    url = f"/people/{house.people['shen']}/deputy"
    answer = client.post(url, data=form(house, "wang", until_on="2020-01-01", reason="外出开会"))
    assert answer.status_code == 422
    assert "截止日期不能早于开始日期。" in answer.text and "外出开会" in answer.text
    missing = client.post(url, data=form(house, "wang", until_on=""))
    assert "请填写截止日期。" in missing.text
    foreign = client.post(url, data=form(house, "fang"))
    assert "请从列表里选择。" in foreign.text
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Deputy)) == 0


def test_the_administrator_sees_and_arranges_for_all_of_his_organ(desk: Desk, house: City) -> None:
    client = desk.sit("cheng")
    assert "先在上面选这个人" in client.get("/deputies/organ").text
    url = f"/people/{house.people['fang']}/away"
    data = {"kind": "leave", "from_on": now.today().isoformat(), "until_on": now.today().isoformat()}
    answer = client.post(url, data=data)
    assert answer.headers["Location"].endswith("/deputies/organ")
    page = words_of(client.get("/deputies/organ", query_string={"person": house.people["fang"]}))
    assert "房建业 休假" in page and "外出中" in page
    assert "其间没有人代理" in page
    number = db.session().scalar(sa.select(Absence.id))
    back = client.post(f"/absences/{number}/end", data={"organ": "1"})
    assert back.headers["Location"].endswith("/deputies/organ")
    assert "房建业" not in words_of(desk.sit("shui").get("/deputies/organ"))


def test_nobody_opens_the_forms_of_somebody_else(desk: Desk, house: City) -> None:
    for login in ("gu", "shui", "jiang"):
        for page in ("deputy", "away", "handover"):
            assert desk.sit(login).get(f"/people/{house.people['fang']}/{page}").status_code == 404
    assert desk.sit("kuang").get(f"/people/{house.people['fang']}/deputy").status_code == 403


def test_who_is_named_reads_it_in_the_notices(desk: Desk, house: City) -> None:
    desk.sit("shen").post(f"/people/{house.people['shen']}/deputy", data=form(house, "wang"))
    assert "王芳 代理 申牧之" in words_of(desk.sit("wang").get("/notices/"))
