"""Applying at the public site: at once a number, twice the same one, and nothing a person typed is lost."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.cases.models import WorkItem
from app.core.command import Submission, keyring
from app.core.db import db
from app.core.record import Record
from app.documents.models import Attachment
from app.requests.codes import query_code
from app.requests.models import Applicant, Incoming, Request
from tests.portal.conftest import Citizen, only_request, words
from tests.requests.driving import Office
from tests.support.organs import City

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def test_an_application_has_its_number_at_once_and_waits_to_be_confirmed(citizen: Citizen) -> None:
    answer = citizen.apply()
    assert (answer.status_code, answer.location) == (303, "/public/receipt")
    number, code = citizen.receipt()
    assert number == "市府办来件〔2026〕1号"
    found = only_request()
    assert code == query_code(keyring(), found.case_id)
    assert (found.state, found.channel, found.arrived_on) == ("unconfirmed", "online", date(2026, 11, 23))
    assert found.received_on is None and found.due_on is None
    item = db.session().query(WorkItem).filter_by(case_id=found.case_id, status="open").one()
    assert item.step == "confirm_receipt"


def test_the_clerk_confirms_and_the_period_runs_from_the_next_day(citizen: Citizen, office: Office) -> None:
    citizen.apply()
    case = only_request().case_id
    office.act(
        "bai", case, "confirm_receipt", confirmed_on="2026-11-23", confirm_how="phone", decision="confirm"
    )
    found = only_request()
    assert (found.state, found.received_on, found.due_on) == ("open", date(2026, 11, 23), date(2026, 12, 21))


def test_a_form_sent_twice_gives_the_same_number(citizen: Citizen) -> None:
    token = str(uuid.uuid4())
    for _ in range(2):
        assert citizen.apply(token=token).status_code == 303
        assert citizen.receipt()[0] == "市府办来件〔2026〕1号"
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Request)) == 1


def test_an_application_to_the_government_is_handled_by_its_office(
    app: Flask, citizen: Citizen, site: City
) -> None:
    from app.core.actor import SYSTEM
    from tests.portal.conftest import open_site

    open_site(SYSTEM, ("government",))
    assert citizen.apply("government").status_code == 303
    found = only_request()
    assert (found.subject_id, found.organ_id) == (site.organs["government"], site.organs["office"])


def test_the_database_holds_neither_code_nor_numbers_in_clear(citizen: Citizen) -> None:
    citizen.apply()
    _, code = citizen.receipt()
    bare = code.replace("-", "")
    session = db.session()
    for model in (Request, Applicant, Incoming, Submission, Record):
        for row in session.execute(sa.select(*model.__table__.columns)):
            text = repr(tuple(row))
            for secret in (code, bare, "990101198001010014", "19900000101"):
                assert secret not in text, model.__tablename__


def test_the_record_names_the_public_and_where_it_came_from(citizen: Citizen) -> None:
    citizen.apply()
    row = db.session().query(Record).filter_by(action="case.start").one()
    assert row.actor_name == "公众提交"


def test_files_are_kept_with_the_case_as_papers(citizen: Citizen) -> None:
    citizen.files = {
        "identity_files": [(PDF, "身份证.pdf")],
        "content_files": [("说明".encode(), "说明.txt")],
    }
    assert citizen.apply().status_code == 303
    case = only_request().case_id
    kept = {(a.field, a.part, a.state) for a in db.session().query(Attachment).filter_by(case_id=case)}
    assert kept == {("identity_files", "paper", "kept"), ("content_files", "paper", "kept")}


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([(b"MZ\x90\x00" * 50, "身份证.exe")], "不收 EXE 文件"),
        ([(b"<html><script>1</script>", "身份证.pdf")], "内容与扩展名不符"),
        ([(PDF, f"{n}.pdf") for n in range(7)], "一次最多上传 6 个文件"),
        ([(PDF + b" " * (10 * 1024 * 1024), "大.pdf")], "单个文件不超过 10 MB"),
        ([(b"", "空.pdf")], "是空文件"),
    ],
)
def test_files_that_may_not_come_in_are_refused_in_words(
    citizen: Citizen, files: list[tuple[bytes, str]], sentence: str
) -> None:
    citizen.files = {"identity_files": files}
    answer = citizen.apply()
    assert answer.status_code == 422
    assert sentence in words(answer.text) and "请重新选择文件" in words(answer.text)
    assert "老旧小区改造项目清单" in answer.text
    assert db.session().query(Request).count() == 0


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"name": "何\x00问渠"}, "看不见的控制字符"),
        ({"name": "何\u202e问渠"}, "看不见的控制字符"),
        ({"content": "清单\x07"}, "看不见的控制字符"),
        ({"content": "公" * 10_000}, "最多 5000 个字"),
        ({"name": "何" * 10_000}, "最多 100 个字"),
        ({"address": "路" * 10_000}, "最多 200 个字"),
        ({"content": "  "}, "请写明您要申请的信息"),
        ({"name": ""}, "请填写姓名或者名称"),
        ({"kind": "martian"}, "Not a valid choice"),
        ({"id_no": "990101198001010015"}, "校验位不对"),
        ({"phone": "", "id_no": ""}, "至少填一项"),
        ({"phone": "", "id_no": "", "email": "he@example.cn"}, "查询进度时要核对后四位"),
        ({"delivery": "post"}, "选择邮寄的，请填写通信地址"),
        ({"email": "he at example"}, "电子邮箱的格式不对"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_kept(
    citizen: Citizen, answers: dict[str, str], sentence: str
) -> None:
    answer = citizen.apply(**answers)
    assert answer.status_code == 422
    if sentence != "Not a valid choice":
        assert sentence in words(answer.text)
    assert 'class="error-summary"' in answer.text
    assert db.session().query(Request).count() == 0


@pytest.mark.parametrize("emoji", ["😀", "👩‍👩‍👧", "🫨", "𠮷"])
def test_emoji_and_rare_characters_are_text(
    citizen: Citizen, client: FlaskClient, office: Office, emoji: str
) -> None:
    assert citizen.apply(name=f"何{emoji}", content=f"清单{emoji}和{emoji}").status_code == 303
    found = only_request()
    assert found.applicant["name"] == f"何{emoji}" and emoji in found.title
    assert emoji in citizen.client.get("/public/receipt").text
    assert office.sit("bai").get(f"/cases/{found.case_id}").status_code == 200


def test_a_form_asks_no_purpose_and_offers_the_six_kinds(citizen: Citizen) -> None:
    page = words(citizen.client.get("/public/office/apply").text)
    assert "用途" not in page.replace("不需要说明用途", "")
    for kind in ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"):
        assert kind in page


def test_the_receipt_opens_only_in_the_browser_that_applied(app: Flask, citizen: Citizen) -> None:
    citizen.apply()
    assert citizen.client.get("/public/receipt").status_code == 200
    other = app.test_client()
    assert other.get("/public/receipt").status_code == 404
    assert other.get("/public/receipt.pdf").status_code == 404
    citizen.post("/public/track/leave")
    assert citizen.client.get("/public/receipt").status_code == 404


def test_the_receipt_is_a_file_too(citizen: Citizen) -> None:
    citizen.apply()
    answer = citizen.client.get("/public/receipt.pdf")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_addresses_of_the_site_carry_nothing_personal(citizen: Citizen) -> None:
    places = [citizen.apply().location]
    number, _ = citizen.receipt()
    places.append(citizen.track(number).location)
    assert places == ["/public/receipt", "/public/track/progress"]
