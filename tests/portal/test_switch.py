"""The public site may be off: then nothing under it exists. The guide says what the organ's settings say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.directory import directory
from app.core import now
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.record import Record
from app.core.settings import read_settings
from app.documents.models import Document
from app.obligations.models import Obligation
from app.portal import published, throttle
from tests.obligations.factories import make_duty
from tests.portal.conftest import GUIDE, Citizen, open_site, words
from tests.requests.driving import Office
from tests.support.bodies import without_tokens
from tests.support.organs import City

PATHS = (
    ("GET", "/public"),
    ("GET", "/public/"),
    ("GET", "/public/office/"),
    ("GET", "/public/office/apply"),
    ("POST", "/public/office/apply"),
    ("POST", "/public/office/similar"),
    ("GET", "/public/receipt"),
    ("GET", "/public/track"),
    ("POST", "/public/track"),
    ("DELETE", "/public/track"),
    ("GET", "/public/track/progress"),
    ("GET", "/public/track/leave"),
    ("POST", "/public/track/answer"),
    ("GET", "/public/nothing/of/the/kind"),
)


def switched_off(app: Flask) -> None:
    """As if started with GONGKAI_PORTAL=off."""
    app.extensions["gongkai_settings"] = replace(app.extensions["gongkai_settings"], portal=False)


def nothing(client: FlaskClient) -> None:
    """Every address of the site answers exactly as one that never was."""
    never = client.get("/never/was")
    for method, path in PATHS:
        answer = client.open(path, method=method)
        assert answer.status_code == 404, (method, path)
        assert without_tokens(answer.text) == without_tokens(never.text), (method, path)
        assert answer.headers.get("Set-Cookie") == never.headers.get("Set-Cookie")


def test_switched_off_for_the_installation_nothing_is_there(
    app: Flask, site: City, client: FlaskClient
) -> None:
    switched_off(app)
    app.config["WTF_CSRF_ENABLED"] = True
    nothing(client)


def test_without_an_open_organ_nothing_is_there(app: Flask, house: City, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    nothing(client)


def test_an_organ_that_is_closed_does_not_exist_beside_open_ones(client: FlaskClient, site: City) -> None:
    for path in ("/public/county/", "/public/county/apply", "/public/nobody/"):
        assert client.get(path).status_code == 404
    assert client.post("/public/county/apply").status_code == 404
    page = words(client.get("/public/").text)
    assert "云汀市住房和城乡建设局" in page and "柳川县" not in page


def test_the_setting_is_read_from_outside() -> None:
    assert read_settings({}).portal
    assert not read_settings({"GONGKAI_PORTAL": "off"}).portal


def test_the_guide_says_where_when_what_it_costs_and_what_to_do_without_a_reply(
    client: FlaskClient, site: City
) -> None:
    page = words(client.get("/public/office/").text)
    for said in (
        "更新日期：2026-11-01", GUIDE["address"], GUIDE["hours"], GUIDE["phone"], GUIDE["pay"],
        "31—100页的部分：每页10元", "11—30件的部分：每件100元", "每增加一档，每件提高100元", "60日内先申请行政复议",
        "云汀市中级人民法院", "20个工作日",
    ):  # fmt: skip
        assert str(said) in page, said


def test_the_head_of_the_disclosure_office_keeps_the_site(office: Office, house: City) -> None:
    said = {key: value for key, value in GUIDE.items() if key not in ("open", "updated_on")} | {"open": "y"}
    answer = office.post("jiang", "/exchange/site", organ=house.organs["office"], **said)
    assert answer.status_code == 303
    kept = directory().organ(house.organs["office"]).settings["portal"]
    assert kept["open"] is True and kept["updated_on"] == "2026-11-23"
    assert "letters" in directory().organ(house.organs["office"]).settings
    row = db.session().query(Record).filter_by(action="portal.changed").one()
    assert "是否开放" in row.summary
    assert office.client.get("/public/office/").status_code == 200


def test_an_organ_opens_only_with_a_guide(office: Office, house: City) -> None:
    answer = office.post(
        "jiang", "/exchange/site", organ=house.organs["office"], open="y", address="云汀市清河路1号"
    )
    assert answer.status_code == 422
    assert "请填写办公时间" in answer.text and "云汀市清河路1号" in answer.text
    assert office.client.get("/public/").status_code == 404


def test_others_do_not_keep_the_site(office: Office, house: City) -> None:
    assert office.sit("fang").get("/exchange/site").status_code == 403
    answer = office.post("mi", "/exchange/site", organ=house.organs["office"], **GUIDE)
    assert answer.status_code == 404


def test_a_signed_in_clerk_sees_the_site_as_a_citizen_does(office: Office, site: City) -> None:
    for path in ("/public/", "/public/office/", "/public/office/apply", "/public/track"):
        assert office.sit("bai").get(path).status_code == 200


def duty(city: City, title: str, url: str | None, attribute: str = "proactive") -> None:
    """A published (or still owed) document of the office."""
    session = db.session()
    number = session.query(Obligation).count() + 7
    row = session.get_one(Obligation, make_duty(city, number=number))
    paper = Document(organ_id=city.organs["office"], title=title, attribute=attribute, created=now.now())
    session.add(paper)
    session.flush()
    row.title, row.document_id = title, paper.id
    if url:
        row.status, row.published_url, row.published_on = "closed", url, row.formed_on
    session.commit()


def test_published_items_like_the_text_are_offered(citizen: Citizen, site: City) -> None:
    duty(site, "云汀市城镇老旧小区改造实施细则", "https://www.example.gov.cn/a.html")
    duty(site, "云汀市城镇老旧小区改造补助办法", None)
    duty(site, "云汀市河道采砂管理办法", "https://www.example.gov.cn/b.html")
    duty(site, "云汀市老旧小区改造内部口径", "https://www.example.gov.cn/c.html", "withheld")
    duty(site, "云汀市老旧小区改造清单", "javascript:alert(1)")
    answer = citizen.post("/public/office/similar", content="申请公开2025年老旧小区改造的有关文件")
    assert [item["title"] for item in answer.get_json()["items"]] == ["云汀市城镇老旧小区改造实施细则"]
    assert citizen.post("/public/office/similar", content="申请公开").get_json() == {"items": []}
    assert citizen.post("/public/office/similar", content="%_\\'\"").get_json() == {"items": []}


def test_pieces_leave_out_what_every_application_says() -> None:
    assert published.pieces("申请公开关于政府信息的有关文件") == []
    assert "旧小区" in published.pieces("请提供老旧小区改造清单")


@pytest.mark.parametrize("scope", ["submit", "similar"])
def test_too_many_from_one_address_are_429(
    citizen: Citizen, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.LIMITS, scope, replace(throttle.LIMITS[scope], most=2))
    act = {
        "submit": lambda: citizen.apply(name=""),
        "similar": lambda: citizen.post("/public/office/similar", content="老旧小区"),
    }[scope]
    assert [act().status_code for _ in range(3)][-1] == 429
    assert "操作过于频繁" in act().text


def test_counters_are_rows_that_name_nobody_and_are_swept(citizen: Citizen, app: Flask) -> None:
    from datetime import timedelta

    from app.portal.jobs import sweep
    from app.portal.models import Allowance

    citizen.apply()
    row = db.session().query(Allowance).filter_by(scope="submit").one()
    assert len(row.subject) == 64 and "127.0.0.1" not in row.subject
    row.since -= timedelta(hours=2)
    db.session().commit()
    sweep()
    assert db.session().query(Allowance).count() == 0


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nonsense", ""),
    ],
)
def test_an_ipv6_address_counts_by_its_network(app: Flask, address: str, counted: str) -> None:
    with app.test_request_context("/public/", environ_base={"REMOTE_ADDR": address}):
        assert throttle.here() == counted


def test_forms_of_the_site_need_their_csrf_token(app: Flask, citizen: Citizen) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert citizen.apply().status_code == 400
    assert citizen.track("市府办来件〔2026〕1号").status_code == 400
    open_site(SYSTEM, ())
    assert citizen.apply().status_code == 404


def test_the_sign_in_page_shows_citizens_the_way_while_there_is_one(
    client: FlaskClient, site: City, app: Flask
) -> None:
    assert "/public/" in client.get("/sign-in").text
    open_site(SYSTEM, ())
    assert "/public" not in client.get("/sign-in").text
