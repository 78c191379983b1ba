"""Organs, units, posts, people: who may, what is refused, and what the record says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import personnel, service
from app.accounts.directory import directory
from app.accounts.models import Holding, Organ, Person
from app.core.errors import GongkaiError, NotAllowed, NotFound, Refused
from app.core.record import Record
from tests.accounts.test_passwords import shown_password
from tests.support.bodies import without_tokens
from tests.support.organs import City
from tests.support.signing import sign_in, sign_in_by_form


def last(session: Session) -> Record:
    return session.scalars(sa.select(Record).order_by(Record.id.desc())).first()  # type: ignore[return-value]


def test_a_new_colleague_gets_an_account_a_post_and_work(
    any_db: str, city: City, client: FlaskClient, app: Flask
) -> None:
    sign_in(client, "cheng")
    data = {"name": "路新来", "login": "lu.xinlai", "organ_id": city.organs["housing"]}
    data["unit_id"] = city.units["housing", "住房保障科"]
    page = client.post("/people/new", data=data)
    assert page.status_code == 200, page.text
    password = shown_password(page.text)
    with app.app_context():
        person = directory().by_login("lu.xinlai")
    assert person is not None
    post = city.post("housing", "drafter", "住房保障科")
    granted = client.post(f"/people/{person.id}/posts", data={"post_id": post})
    assert granted.status_code == 303
    assert "路新来" in client.get("/posts").text
    assert sign_in_by_form(app.test_client(), "lu.xinlai", password).status_code == 303


def test_granting_and_ending_a_post_reaches_every_request_at_once(city: City, client: FlaskClient) -> None:
    before = directory()
    post = city.post("housing", "drafter", "建筑业科")
    assert before.holders(post) == ()
    service.grant_post(city.actor("cheng"), city.people["fang"], post)
    after = directory()
    assert after.version > before.version
    assert [one.name for one in after.holders(post)] == ["房建业"]
    assert post in after.actor(city.people["fang"]).post_ids  # type: ignore[union-attr]
    done = service.revoke_post(city.actor("cheng"), city.people["fang"], post)
    assert done["empty"] is True
    assert directory().holders(post) == ()


def test_losing_a_post_ends_the_sign_ins_and_gaining_one_does_not(
    city: City, client: FlaskClient, session: Session
) -> None:
    sign_in(client, "fang")
    post = city.post("housing", "drafter", "建筑业科")
    service.grant_post(city.actor("ping"), city.people["fang"], post)
    assert client.get("/me").status_code == 200
    assert "建筑业科 承办人" in client.get("/me").text
    service.revoke_post(city.actor("ping"), city.people["fang"], post)
    assert client.get("/me").status_code == 302


def test_nobody_grants_himself_a_post(city: City) -> None:
    with pytest.raises(NotAllowed, match="不能给自己"):
        service.grant_post(city.actor("cheng"), city.people["cheng"], city.post("housing", "signer"))


@pytest.mark.parametrize("who", ["cheng", "kuang"])
def test_governing_posts_are_granted_by_the_security_administrator_alone(city: City, who: str) -> None:
    post = city.post("housing", "unit_admin")
    with pytest.raises(NotAllowed, match="安全管理员授予"):
        service.grant_post(city.actor(who), city.people["fang"], post)
    service.grant_post(city.actor("ping"), city.people["fang"], post)


def test_an_officer_never_gets_a_post_and_a_business_person_never_becomes_an_officer(city: City) -> None:
    with pytest.raises(Refused, match="三员专用账号"):
        service.grant_post(city.actor("ping"), city.people["kuang"], city.post("office", "signer"))
    with pytest.raises(Refused, match="业务人员"):
        service.appoint_officer(city.actor("ping"), "auditor", city.people["wang"])
    with pytest.raises(Refused, match="不得互相兼任"):
        service.appoint_officer(city.actor("ping"), "auditor", city.people["kuang"])
    with pytest.raises(NotAllowed):
        service.appoint_officer(city.actor("kuang"), "auditor", city.people["kuang"])


def test_an_officer_is_replaced_and_both_must_sign_in_again(
    city: City, client: FlaskClient, app: Flask, session: Session
) -> None:
    sign_in(client, "yu")
    fresh, password = personnel.create_person(
        city.actor("kuang"),
        organ_id=city.organs["office"],
        name="鉴新明",
        login="jianxin",
        unit_id=None,
        nature="officer",
    )
    security = sign_in(app.test_client(), "ping")
    assert security.post("/officers", data={"role": "auditor", "person_id": fresh}).status_code == 303
    assert client.get("/me").status_code == 302
    assert directory().officers["auditor"] == fresh and password
    assert last(session).stream == "system" and "接替 余鉴之" in last(session).summary


def foreign(city: City) -> Iterator[tuple[str, object]]:
    """What the unit administrator of the housing bureau must not find."""
    person, organ, unit = city.people["wang"], city.organs["office"], city.units["office", "综合一科"]
    post = city.post("office", "signer")
    yield "get", f"/people/{person}"
    yield "get", f"/people/{person}/edit"
    yield "get", f"/people/{person}/close"
    yield "post", f"/people/{person}/open"
    yield "post", f"/people/{person}/posts"
    yield "post", f"/people/{person}/posts/{post}/end"
    yield "get", f"/people/{city.people['kuang']}"
    yield "get", f"/organs/{organ}"
    yield "get", f"/organs/{organ}/units/new"
    yield "get", f"/units/{unit}"
    yield "get", f"/posts/{post}"


def test_another_organs_rows_look_like_missing_ones(city: City, client: FlaskClient) -> None:
    sign_in(client, "cheng")
    missing = without_tokens(client.get("/people/987654").text)
    for method, address in foreign(city):
        answer = getattr(client, method)(address)
        assert answer.status_code == 404, address
        assert without_tokens(answer.text) == missing, address


def test_another_organs_ids_inside_a_form_are_refused_like_missing_ones(city: City) -> None:
    cheng = city.actor("cheng")
    with pytest.raises(NotFound):
        service.grant_post(cheng, city.people["fang"], city.post("office", "signer"))
    with pytest.raises(NotFound):
        service.grant_post(cheng, city.people["wang"], city.post("housing", "signer"))
    with pytest.raises(NotFound):
        personnel.create_person(
            cheng, organ_id=city.organs["office"], name="外人", login="wairen", unit_id=None
        )
    with pytest.raises(Refused):
        personnel.create_person(
            cheng,
            organ_id=city.organs["housing"],
            name="错位",
            login="cuowei",
            unit_id=city.units["office", "综合一科"],
        )


def test_an_administrator_sees_only_his_own_list(city: City, client: FlaskClient) -> None:
    sign_in(client, "cheng")
    for address in ("/people?state=all", "/posts", "/organs", "/people?q=王"):
        page = client.get(address).text
        assert "王芳" not in page and "市府办" not in page
    assert "房建业" in client.get("/people").text


def test_closing_an_account_takes_posts_and_sign_ins_but_keeps_the_name(
    any_db: str, city: City, client: FlaskClient, app: Flask, session: Session
) -> None:
    sign_in(client, "fang")
    admin = sign_in(app.test_client(), "cheng")
    address = f"/people/{city.people['fang']}/close"
    assert "住房保障科 承办人" in admin.get(address).text
    assert admin.post(address).status_code == 303
    assert client.get("/me").status_code == 302
    held = sa.select(Holding).where(Holding.person_id == city.people["fang"])
    assert session.scalars(held).all() == []
    book = directory()
    assert book.person(city.people["fang"]) is None and book.name_of(city.people["fang"]) == "房建业"
    assert sign_in_by_form(app.test_client(), "fang").status_code == 422


def test_open_work_must_be_known_before_closing(
    city: City, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        accounts, "before_deactivate", accounts.before_deactivate
    )  # the list itself is what other rooms append to
    accounts.before_deactivate.append(lambda _session, _person: ["2 件待办未办"])
    try:
        sign_in(client, "cheng")
        address = f"/people/{city.people['fang']}/close"
        assert "2 件待办未办" in client.get(address).text
        refused = client.post(address)
        assert refused.status_code == 422 and "请先转交" in refused.text
        assert client.post(address, data={"knowing": "y"}).status_code == 303
    finally:
        accounts.before_deactivate.pop()


def test_some_accounts_cannot_be_closed(city: City) -> None:
    kuang, cheng = city.actor("kuang"), city.actor("cheng")
    with pytest.raises(NotAllowed, match="不能给自己"):
        personnel.deactivate_person(cheng, city.people["cheng"])
    with pytest.raises(Refused, match="请先由安全管理员指定接任者"):
        personnel.deactivate_person(kuang, city.people["yu"])
    with pytest.raises(NotAllowed, match="由系统管理员停用"):
        personnel.deactivate_person(cheng, city.people["li"])
    with pytest.raises(NotAllowed):
        personnel.deactivate_person(city.actor("ping"), city.people["fang"])


def test_a_reopened_account_has_neither_posts_nor_password(city: City, client: FlaskClient) -> None:
    personnel.deactivate_person(city.actor("cheng"), city.people["fang"])
    sign_in(client, "cheng")
    assert client.post(f"/people/{city.people['fang']}/open").status_code == 303
    assert sign_in_by_form(client, "fang").status_code == 422
    assert directory().posts_of(city.people["fang"]) == ()


def test_an_organ_is_set_up_by_the_system_administrator(
    any_db: str, city: City, client: FlaskClient, session: Session
) -> None:
    sign_in(client, "kuang")
    data = {"code": "street", "name": "清河街道办事处", "short_name": "清河街道", "kind": "street"}
    data |= {"doc_prefix": "清办", "secrecy_levels": "2"}
    made = client.post("/organs/new", data=data)
    assert made.status_code == 303, made.text
    organ = session.scalars(sa.select(Organ).where(Organ.code == "street")).one()
    assert organ.settings["secrecy_levels"] == 2
    assert client.post("/organs/new", data=data).status_code == 422
    unit = client.post(f"/organs/{organ.id}/units/new", data={"name": "党政办"})
    assert unit.status_code == 303
    page = client.get(made.location).text
    assert "党政办 承办人" in page and "党政办 科室负责人" in page
    assert last(session).stream == "organ" and last(session).stream_id == organ.id


def test_an_organ_cannot_be_handled_by_itself_or_by_one_that_is_handled(city: City) -> None:
    data = {"name": "市府办", "short_name": "市府办", "kind": "office", "doc_prefix": "", "secrecy_levels": 4}
    for office in (city.organs["office"], city.organs["government"]):
        with pytest.raises(Refused, match="代办机关"):
            service.change_organ(
                city.actor("kuang"),
                city.organs["office"],
                office_id=office,
                active=True,
                **data,  # type: ignore[arg-type]
            )


def test_what_is_in_use_cannot_be_closed(city: City, client: FlaskClient) -> None:
    sign_in(client, "kuang")
    unit = client.post(f"/units/{city.units['housing', '住房保障科']}", data={"name": "住房保障科"})
    assert unit.status_code == 422 and "不能撤销" in unit.text
    sign_in(client, "ping")
    post = client.post(f"/posts/{city.post('housing', 'signer')}", data={"name": "分管领导"})
    assert post.status_code == 422 and "还有人任职" in post.text


def test_a_renamed_unit_renames_its_posts(city: City) -> None:
    service.change_unit(city.actor("cheng"), city.units["housing", "住房保障科"], name="住房科", active=True)
    post = directory().post_in_unit(city.units["housing", "住房保障科"], "drafter")
    assert post is not None and post.name == "住房科 承办人"


def test_a_post_is_set_up_once_and_in_its_place(city: City, client: FlaskClient) -> None:
    sign_in(client, "cheng")
    organ, unit = city.organs["housing"], city.units["housing", "住房保障科"]

    def set_up(**data: object) -> tuple[int, str]:
        answer = client.post("/posts/new", data={"organ_id": organ} | data)
        return answer.status_code, answer.text

    assert set_up(kind="archivist")[0] == 303
    assert "已经设了" in set_up(kind="archivist")[1]
    assert "请选择科室" in set_up(kind="drafter")[1]
    assert "设在全机关" in set_up(kind="legal_officer", unit_id=unit)[1]
    assert set_up(kind="unit_admin")[0] == 422


def test_one_changes_ones_own_contact_data_and_the_record_holds_no_value(
    city: City, client: FlaskClient, session: Session
) -> None:
    sign_in(client, "fang")
    assert client.post("/me", data={"email": "fang@example.cn", "phone": "199-0000-0001"}).status_code == 303
    assert session.get(Person, city.people["fang"]).email == "fang@example.cn"  # type: ignore[union-attr]
    assert "example" not in last(session).body and "0001" not in last(session).body
    assert client.post("/me", data={"email": "nonsense"}).status_code == 422


def test_every_change_is_in_the_record_with_its_author(city: City, session: Session) -> None:
    personnel.change_person(
        city.actor("cheng"),
        city.people["fang"],
        name="房建业",
        login="fang2",
        unit_id=None,
        email="",
        phone="",
    )
    row = last(session)
    assert (row.action, row.actor_name, row.stream) == ("person.changed", "成述之", "organ")
    assert "fang2" in row.body


def test_a_login_name_is_unique_whatever_its_case(city: City, client: FlaskClient) -> None:
    sign_in(client, "cheng")
    data = {"name": "房二", "login": "FANG", "organ_id": city.organs["housing"]}
    answer = client.post("/people/new", data=data)
    assert answer.status_code == 422 and "已有人使用" in answer.text


def test_refusals_are_chinese_sentences(city: City) -> None:
    for act in (
        lambda: service.create_unit(city.actor("fang"), city.organs["housing"], name="新科室"),
        lambda: service.create_organ(city.actor("ping"), code="x1", name="x", short_name="x", kind="street"),
    ):
        with pytest.raises(GongkaiError) as refused:
            act()
        assert refused.value.message.endswith("。")


def test_lists_are_paged(city: City, client: FlaskClient) -> None:
    cheng = city.actor("cheng")
    for number in range(60):
        personnel.create_person(
            cheng, organ_id=city.organs["housing"], name=f"路人{number}", login=None, unit_id=None
        )
    sign_in(client, "cheng")
    first, second = client.get("/people").text, client.get("/people?page=2").text
    assert "路人59" not in first and "路人59" in second
    assert client.get("/people?page=99").status_code == 200
    assert "没有符合条件的人员" in client.get("/people?q=没有这个人").text


def test_odd_queries_do_not_break_a_list(city: City, client: FlaskClient) -> None:
    sign_in(client, "cheng")
    odd = "_scheme=x&_external=1&_anchor=y&organ_id=7&page=abc&organ=zz&state=zz&kind=zz&endpoint=z"
    for address in ("/people", "/posts", "/organs", f"/organs/{city.organs['housing']}"):
        answer = client.get(f"{address}?{odd}")
        assert answer.status_code == 200, address
        assert "http://x" not in answer.text and "x://" not in answer.text
