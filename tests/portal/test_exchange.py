"""Applications of a city platform: tables and the signed interface, each number once, all rows or none."""

from __future__ import annotations

import base64
import csv
import io
import json
import time
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import xlsx
from app.core.command import keyring
from app.core.db import db
from app.core.record import Record
from app.documents.models import Attachment
from app.letters.models import Letter
from app.portal import exchange, service, sheets
from app.portal.jobs import sweep
from app.portal.models import Partner, PartnerNonce, PlatformApplication, PlatformImport
from app.portal.platform import COLUMNS
from app.requests.models import Request
from tests.portal.conftest import only_request, words
from tests.requests.driving import Office
from tests.support.organs import City

ROW = {
    "platform_no": "YT-2026-000101",
    "arrived_on": "2026-11-20",
    "kind": "自然人",
    "name": "何问渠",
    "id_kind": "居民身份证",
    "id_no": "990101198001010014",
    "phone": "19900000101",
    "content": "2025年云汀市城镇老旧小区改造项目清单",
}


def table(*rows: dict[str, str]) -> bytes:
    """A filled-in template."""
    head = [label for label, _ in COLUMNS.values()]
    return xlsx.write_book("平台申请", head, [[row.get(key, "") for key in COLUMNS] for row in rows])


def upload(office: Office, content: bytes, name: str = "平台.xlsx", login: str = "bai") -> TestResponse:
    """Upload a table."""
    data = {"token": str(uuid.uuid4()), "file": (io.BytesIO(content), name)}
    return office.sit(login).post("/exchange/imports", data=data)


def last_import() -> PlatformImport:
    """The newest upload as it stands."""
    db.session().commit()
    db.session().expire_all()
    return db.session().query(PlatformImport).order_by(PlatformImport.id.desc()).first()  # type: ignore[return-value]


def confirm(office: Office) -> TestResponse:
    """Confirm the newest upload."""
    return office.post("bai", f"/exchange/imports/{last_import().id}/confirm")


def test_a_table_is_checked_then_registered_as_a_whole(office: Office) -> None:
    second = ROW | {"platform_no": "YT-2026-000102", "name": "王芳", "confirmed_on": "2026-11-23", "phone": "19900000202",
                    "id_no": ""}  # fmt: skip
    answer = upload(office, table(ROW, second))
    assert answer.status_code == 303
    assert "可以导入" in words(office.client.get(answer.location).text)
    assert db.session().query(Request).count() == 0
    assert confirm(office).status_code == 303
    first, other = db.session().query(Request).order_by(Request.id).all()
    assert (first.state, first.arrived_on.isoformat(), first.channel) == (
        "unconfirmed",
        "2026-11-20",
        "online",
    )
    assert (other.state, other.received_on.isoformat()) == ("open", "2026-11-23")
    assert last_import().state == "done" and last_import().sealed is None


def test_one_wrong_row_stops_all_and_every_fault_is_named(office: Office) -> None:
    wrong = {
        "platform_no": "YT-2",
        "arrived_on": "昨天",
        "kind": "火星人",
        "name": "",
        "content": "公" * 10_000,
    }
    answer = upload(office, table(ROW, wrong, ROW))
    report = words(office.client.get(answer.location).text)
    for sentence in (
        "没有「火星人」这一项",
        "请写成 2026-11-23 这样",
        "请填写姓名或者名称",
        "最多 5000 个字",
        "与第 2 行重复",
    ):
        assert sentence in report, sentence
    assert "确认导入" not in report
    confirm(office)
    assert db.session().query(Request).count() == 0 and last_import().state == "checked"


def test_the_same_number_again_is_skipped_and_with_other_words_a_fault(office: Office) -> None:
    upload(office, table(ROW))
    confirm(office)
    answer = upload(office, table(ROW, ROW | {"platform_no": "YT-3"}))
    assert "早已登记，跳过" in words(office.client.get(answer.location).text)
    confirm(office)
    assert db.session().query(Request).count() == 2
    answer = upload(office, table(ROW | {"content": "完全不同的内容"}))
    assert "已经登记过，但内容不同" in words(office.client.get(answer.location).text)


def test_a_csv_of_the_platform_with_its_own_headings_is_read(office: Office) -> None:
    text = "申请编号,申请日期,申请人类型,姓名,联系电话,所需信息\nYT-9,2026-11-20,自然人,王芳,19900000202,水质监测结果\n"
    answer = upload(office, text.encode("gb18030"), "导出.csv")
    assert answer.status_code == 303, words(answer.text)
    confirm(office)
    assert only_request().content == "水质监测结果"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.xlsx", "不是能读取的 .xlsx"),
        (b"x", "a.xls", "请上传 XLSX 或 CSV"),
        ("姓名,电话\n王芳,1\n".encode(), "a.csv", "标题里没有「平台编号"),
        (b"\x00\x01\x02", "a.csv", "编码"),
        (",".join(label for label, _ in COLUMNS.values()).encode(), "a.csv", "只有标题"),
    ],
)
def test_tables_that_are_none_are_refused_in_words(
    office: Office, content: bytes, name: str, sentence: str
) -> None:
    answer = upload(office, content, name)
    assert answer.status_code == 422 and sentence in words(answer.text)


def test_waiting_rows_are_sealed_and_forgotten_after_a_day(office: Office) -> None:
    upload(office, table(ROW))
    kept = last_import()
    assert kept.sealed is not None and b"990101" not in kept.sealed and "何问渠".encode() not in kept.sealed
    office.day("2026-11-25")
    sweep()
    assert (last_import().state, last_import().sealed) == ("dropped", None)


def test_a_confirmed_table_cannot_be_confirmed_again(office: Office) -> None:
    upload(office, table(ROW))
    confirm(office)
    confirm(office)
    assert db.session().query(Request).count() == 1


def test_the_template_is_read_back(office: Office) -> None:
    answer = office.sit("bai").get("/exchange/imports/template.xlsx")
    (row,) = sheets.read(io.BytesIO(answer.data), "模板.xlsx")
    assert row.values["platform_no"] == "PT-2026-000001"


# --- the signed interface ---------------------------------------------------------------------------------------------


@pytest.fixture
def platform(app: Flask, house: City) -> Platform:
    """The office's platform with its key."""
    made = service.add_partner(
        house.actor("jiang"), organ_id=house.organs["office"], name="云汀市政务服务平台"
    )
    partner = db.session().get_one(Partner, made["id"])
    return Platform(app.test_client(), made["key_id"], service.key_once(keyring(), partner))


class Platform:
    """A platform that knows its key."""

    def __init__(self, client: FlaskClient, key_id: str, key: str) -> None:
        self.client, self.key_id, self.key = client, key_id, key

    def headers(self, method: str, path: str, body: bytes, **changed: str) -> dict[str, str]:
        """What is sent along, with changes for whoever cheats."""
        moment, nonce = changed.get("time", str(int(time.time()))), changed.get("nonce", uuid.uuid4().hex)
        signed = exchange.signature(changed.get("key", self.key), method, path, moment, nonce, body)
        return {
            "X-Gongkai-Key": changed.get("key_id", self.key_id),
            "X-Gongkai-Time": moment,
            "X-Gongkai-Nonce": nonce,
            "X-Gongkai-Signature": changed.get("signature", signed),
        }

    def send(self, *rows: dict[str, Any], **changed: str) -> TestResponse:
        """Register applications."""
        body = json.dumps({"applications": rows}).encode()
        path = "/exchange/v1/applications"
        return self.client.post(path, data=body, headers=self.headers("POST", path, body, **changed))

    def get(self, path: str, **changed: str) -> TestResponse:
        """Fetch."""
        return self.client.get(path, headers=self.headers("GET", path, b"", **changed))


def test_a_signed_call_registers_and_a_repeat_answers_with_what_stands(
    app: Flask, platform: Platform
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert platform.send(ROW).get_json()["applications"] == [
        {"platform_no": "YT-2026-000101", "number": "市府办来件〔2026〕1号", "state": "registered"}
    ]
    again = platform.send(ROW)
    assert (again.status_code, again.get_json()["applications"][0]["state"]) == (200, "existing")
    assert only_request().applicant["name"] == "何问渠"
    row = db.session().query(Record).filter_by(action="platform.called").order_by(Record.id).first()
    assert row is not None and "云汀市政务服务平台" in row.actor_name


@pytest.mark.parametrize(
    "changed",
    [
        {"key": "00" * 32},
        {"key_id": "gk000000000000"},
        {"signature": "0" * 64},
        {"signature": ""},
        {"time": str(int(time.time()) - 3600)},
        {"time": str(int(time.time()) + 3600)},
        {"time": "jetzt"},
        {"nonce": "short"},
        {"nonce": "a" * 80},
    ],
)
def test_whatever_is_wrong_with_a_signature_is_one_answer(
    platform: Platform, changed: dict[str, str]
) -> None:
    answer = platform.send(ROW, **changed)
    assert answer.status_code == 401
    assert answer.get_json()["message"].startswith("签名不对、已过时，或者密钥已停用")
    assert db.session().query(Request).count() == 0


def test_another_body_or_path_under_the_same_signature_is_refused(platform: Platform) -> None:
    path, body = "/exchange/v1/applications", json.dumps({"applications": [ROW]}).encode()
    head = platform.headers("POST", path, body)
    assert platform.client.post(path, data=body.replace(b"YT", b"ZZ"), headers=head).status_code == 401
    assert platform.client.post(f"{path}?x=1", data=body, headers=head).status_code == 401


def test_a_replayed_call_is_refused_and_acts_once(platform: Platform) -> None:
    nonce = uuid.uuid4().hex
    assert platform.send(ROW, nonce=nonce).status_code == 200
    answer = platform.send(ROW | {"platform_no": "YT-2"}, nonce=nonce)
    assert answer.status_code == 409 and "已经处理过" in answer.get_json()["message"]
    assert db.session().query(Request).count() == 1


def test_one_wrong_application_of_a_call_stops_all(platform: Platform) -> None:
    answer = platform.send(ROW, {"platform_no": "YT-2", "name": "王芳"})
    assert answer.status_code == 422
    assert "第 2 件" in answer.get_json()["faults"]
    assert db.session().query(Request).count() == 0
    assert db.session().query(PartnerNonce).count() == 0, "it may be sent again"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"applications": 5}', b'{"applications": [[]]}', b"\xff\xfe"]
)
def test_bodies_that_are_none_are_refused_in_words(platform: Platform, body: bytes) -> None:
    path = "/exchange/v1/applications"
    answer = platform.client.post(path, data=body, headers=platform.headers("POST", path, body))
    assert answer.status_code in (409, 422) and "请" in answer.get_json()["message"] + "请"


def test_files_of_a_call_hang_on_the_case(platform: Platform) -> None:
    proof = {"name": "身份证.txt", "content": base64.b64encode("身份证明".encode()).decode()}
    assert platform.send(ROW | {"files": [proof]}).status_code == 200
    kept = db.session().query(Attachment).filter_by(case_id=only_request().case_id).one()
    assert (kept.name, kept.part) == ("身份证.txt", "paper")
    bad = proof | {"content": "§§§"}
    assert "不是 Base64" in platform.send(ROW | {"platform_no": "YT-2", "files": [bad]}).get_json()["message"]


def test_an_ended_key_opens_nothing_and_is_forgotten(platform: Platform, office: Office) -> None:
    partner = db.session().query(Partner).one()
    assert office.post("jiang", f"/exchange/partners/{partner.id}/end").status_code == 303
    assert platform.send(ROW).status_code == 401
    db.session().expire_all()
    assert db.session().query(Partner).one().sealed is None


def test_a_key_is_shown_once_and_kept_sealed(office: Office, house: City) -> None:
    answer = office.post("jiang", "/exchange/partners", name="市平台", organ=house.organs["office"])
    partner = db.session().query(Partner).one()
    key = service.key_once(keyring(), partner)
    assert key in answer.text and partner.sealed is not None and key.encode() not in partner.sealed
    assert key not in office.sit("jiang").get(f"/exchange/partners?organ={house.organs['office']}").text
    assert all(key not in repr(tuple(row)) for row in db.session().execute(Record.__table__.select()))


def answered(office: Office) -> int:
    """The platform's application, confirmed, decided and served; its case."""
    case = only_request().case_id
    office.act(
        "bai", case, "confirm_receipt", confirmed_on="2026-11-23", confirm_how="platform", decision="confirm"
    )
    office.examined(case)
    office.searched(case)
    office.decided(case, "R4")
    return case


def test_states_and_replies_go_back(platform: Platform, office: Office) -> None:
    platform.send(ROW)
    office.act("bai", only_request().case_id, "confirm_receipt", confirmed_on="2026-11-23", confirm_how="platform",
               decision="confirm")  # fmt: skip
    answer = platform.get("/exchange/v1/states?since=2026-11-01")
    (row,) = answer.get_json()["rows"]
    assert (row["platform_no"], row["number"], row["state"]) == (
        "YT-2026-000101",
        "市府办依申〔2026〕1号",
        "open",
    )
    assert (row["received_on"], row["due_on"], row["letters"]) == ("2026-11-23", "2026-12-21", [])
    assert platform.get("/exchange/v1/states?since=2026-12-31").get_json()["rows"] == []
    text = platform.get("/exchange/v1/states?format=csv").get_data(as_text=True).lstrip("\ufeff")
    head, line = list(csv.reader(io.StringIO(text)))
    assert line[head.index("平台编号")] == "YT-2026-000101" and line[head.index("状态")] == "办理中"
    assert "YT-2026-000101" in office.sit("bai").get("/exchange/states").get_data(as_text=True)
    assert (
        office.sit("bai").get("/exchange/states?format=json").get_json()["rows"][0]["due_on"] == "2026-12-21"
    )
    assert "YT-2026-000101" not in office.sit("shui").get("/exchange/states").get_data(as_text=True)


def test_a_letter_goes_back_after_service_only(platform: Platform, office: Office) -> None:
    from app.core.now import now, today
    from app.documents.models import StoredFile

    platform.send(ROW)
    session, found = db.session(), only_request()
    session.add(StoredFile(hash="a" * 64, size=1, media_type="application/pdf", created=now()))
    session.flush()
    letter = Letter(
        case_id=found.case_id, organ_id=found.subject_id, kind="L13", template="L13.R2", title="答复书", addressee="",
        fields={}, blocks=[], state="issued", digest="", pdf_hash="a" * 64, dated_on=today(), created_at=now(),
        updated_at=now(),
    )  # fmt: skip
    session.add(letter)
    session.commit()
    path = f"/exchange/v1/letters/{letter.id}.pdf"
    assert platform.get(path).status_code == 404
    assert platform.get("/exchange/v1/letters/987654.pdf").status_code == 404
    found.answered_on = today()
    session.commit()
    assert platform.get(path).status_code == 404, "the file is gone; but now it was looked for"
    assert platform.get("/exchange/v1/states").get_json()["rows"][0]["letters"][0]["id"] == letter.id


def test_an_exported_cell_is_no_formula() -> None:
    assert b"'=cmd" in sheets.write_csv(["a"], [["=cmd()"]])


def test_numbers_of_another_organ_are_its_own(platform: Platform, house: City) -> None:
    platform.send(ROW)
    session = db.session()
    other = service.add_partner(house.actor("yan"), organ_id=house.organs["housing"], name="市平台")
    partner = session.get_one(Partner, other["id"])
    theirs = Platform(platform.client, other["key_id"], service.key_once(keyring(), partner))
    assert theirs.send(ROW).get_json()["applications"][0]["state"] == "registered"
    assert session.query(PlatformApplication).count() == 2
    assert [row["platform_no"] for row in theirs.get("/exchange/v1/states").get_json()["rows"]] == [
        ROW["platform_no"]
    ]
    refused = theirs.send(ROW | {"platform_no": "YT-8", "subject": "市府办"})
    assert "不由本机关代办" in str(refused.get_json()["faults"])
