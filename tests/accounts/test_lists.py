"""People as spreadsheets: checked row by row, imported as a whole or not at all, harmless when exported."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.directory import directory
from app.accounts.models import PeopleImport, Person
from app.accounts.sheets import HEAD
from app.core import xlsx
from app.core.record import Record
from tests.support.organs import City
from tests.support.signing import sign_in, sign_in_by_form


def book(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (head, *rows):
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def upload(client: FlaskClient, data: bytes, name: str = "名单.xlsx") -> TestResponse:
    return client.post("/people/import", data={"file": (io.BytesIO(data), name)})


GOOD = (
    ("路一", "luyi", "", "住房保障科", "承办人", "luyi@example.cn", 19900000001),
    ("路二", "Lu.Er", "housing", "建筑业科", "承办人、档案岗", "", "0459-0000000"),
    ("路三", "", "", "", "", "", ""),
)


def people(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0


def test_a_good_list_is_imported_after_confirmation_and_not_before(
    any_db: str, city: City, client: FlaskClient, app: Flask, session: Session
) -> None:
    sign_in(client, "cheng")
    before = people(session)
    answer = upload(client, book(*GOOD))
    assert answer.status_code == 303, answer.text
    report = client.get(answer.location).text
    assert "全部无误" in report and "第 3 行" in report
    assert people(session) == before
    done = client.post(answer.location)
    assert done.status_code == 200 and "已导入 3 人" in done.text
    assert people(session) == before + 3
    one = directory().by_login("lu.er")
    assert one is not None
    assert sorted(post.kind for post in directory().posts_of(one.id)) == ["archivist", "drafter"]
    row = session.scalars(sa.select(Person).where(Person.login == "luyi")).one()
    assert row.phone == "19900000001" and row.must_change
    password = re.findall(r">([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})<", done.text)[0]
    assert sign_in_by_form(app.test_client(), "luyi", password).status_code == 303


def test_confirming_twice_imports_once_and_the_list_forgets_its_rows(
    city: City, client: FlaskClient, session: Session
) -> None:
    sign_in(client, "cheng")
    address = upload(client, book(*GOOD)).location
    client.post(address)
    after = people(session)
    again = client.post(address)
    assert again.status_code == 422 and "已经导入" in again.text
    assert people(session) == after
    assert session.scalars(sa.select(PeopleImport)).one().rows == []


BAD = (
    ("", "a1", "", "", "", "", ""),
    ("坏登录", "坏", "", "", "", "", ""),
    ("重复一", "same", "", "", "", "", ""),
    ("重复二", "SAME", "", "", "", "", ""),
    ("已有", "fang", "", "", "", "", ""),
    ("外单位", "wai", "office", "", "", "", ""),
    ("没科室", "meike", "", "天文科", "", "", ""),
    ("没岗位", "meigang", "", "", "科长", "", ""),
    ("缺科室", "queke", "", "", "承办人", "", ""),
    ("越权", "yuequan", "", "", "单位管理员", "", ""),
    ("坏邮箱", "youxiang", "", "", "", "nonsense", "abc"),
    ("好人", "haoren", "", "", "", "", ""),
)
SENTENCES = (
    "没有填姓名。",
    "登录名「坏」不合要求",
    "与第 4 行重复",
    "登录名「fang」系统里已有人使用",
    "没有代码为「office」的机关，或不归您管理",
    "没有科室「天文科」",
    "没有「科长」这种岗位",
    "「承办人」设在科室，请填写科室",
    "「单位管理员」由安全管理员授予",
    "电子邮箱的写法不对",
    "电话只写数字",
)


def test_every_bad_row_is_named_with_what_is_wrong_and_nothing_is_imported(
    city: City, client: FlaskClient, session: Session
) -> None:
    sign_in(client, "cheng")
    before = people(session)
    address = upload(client, book(*BAD)).location
    report = client.get(address).text
    for sentence in SENTENCES:
        assert sentence in report, sentence
    assert "11 行有误" not in report and "10 行有误" in report
    assert "确认导入" not in report
    refused = client.post(address)
    assert refused.status_code == 422 and "还有错误" in refused.text
    assert people(session) == before


def test_what_changed_since_the_upload_undoes_the_whole_import(
    city: City, client: FlaskClient, session: Session
) -> None:
    sign_in(client, "cheng")
    address = upload(client, book(*GOOD)).location
    session.add(Person(organ_id=city.organs["housing"], name="抢先", login="lu.er"))
    session.commit()
    before = people(session)
    refused = client.post(address)
    assert refused.status_code == 422 and "第 3 行" in refused.text and "没有导入任何人" in refused.text
    assert people(session) == before
    assert "people.imported" not in session.scalars(sa.select(Record.action)).all()


def test_a_list_belongs_to_whoever_uploaded_it(city: City, client: FlaskClient, app: Flask) -> None:
    address = upload(sign_in(client, "cheng"), book(*GOOD)).location
    other = sign_in(app.test_client(), "kuang")
    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404


def test_the_system_administrator_imports_people_without_posts(city: City, client: FlaskClient) -> None:
    sign_in(client, "kuang")
    rows = (("路四", "lusi", "county", "", "档案岗", "", ""), ("路五", "luwu", "", "", "", "", ""))
    report = client.get(upload(client, book(*rows)).location).text
    assert "「档案岗」由安全管理员或本单位的单位管理员授予" in report
    assert "没有填机关代码" in report
    fine = upload(client, book(("路四", "lusi", "county", "政务公开股", "", "", "")))
    assert client.post(fine.location).status_code == 200


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "不是能读取的 .xlsx"),
        (b"name,login\n", "不是能读取的 .xlsx"),
        (b"PK\x03\x04broken", "不是能读取的 .xlsx"),
        (book(head=("姓名", "登录名")), "标题里没有「机关代码」"),
        (book(), "只有标题"),
        (book(*[("路", "", "", "", "", "", "")] * 501), "最多导入 500 行"),
    ],
)
def test_a_file_that_is_no_list_is_refused(
    city: City, client: FlaskClient, data: bytes, sentence: str
) -> None:
    answer = upload(sign_in(client, "cheng"), data)
    assert answer.status_code == 422 and sentence in answer.text


def test_a_large_file_is_refused(city: City, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_BYTES", 1000)
    answer = upload(sign_in(client, "cheng"), b"x" * 1001)
    assert answer.status_code == 422 and "超过 5 MB" in answer.text


def test_a_file_must_be_chosen(city: City, client: FlaskClient) -> None:
    answer = sign_in(client, "cheng").post("/people/import")
    assert answer.status_code == 422 and "请选择填好的" in answer.text


def test_the_template_passes_its_own_import_once_filled(city: City, client: FlaskClient) -> None:
    sign_in(client, "cheng")
    made = load_workbook(io.BytesIO(client.get("/people/template.xlsx").data))
    sheet = made["人员名单"]
    assert tuple(cell.value for cell in sheet[1]) == HEAD
    assert sheet["C2"].value == "housing"
    sheet["A2"], sheet["B2"] = "路六", "luliu"
    out = io.BytesIO()
    made.save(out)
    assert client.post(upload(client, out.getvalue()).location).status_code == 200


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"])
def test_exported_cells_are_no_formulas(city: City, client: FlaskClient, session: Session, text: str) -> None:
    session.execute(sa.text("UPDATE people SET name = :n WHERE login = 'fang'"), {"n": text})
    session.commit()
    answer = sign_in(client, "cheng").get("/people/export.xlsx")
    assert answer.mimetype == xlsx.MIME and "attachment" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    names = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert any(str(name).startswith("'") for name in names)
    assert all(row[0].data_type != "f" for row in sheet.iter_rows())
    assert "王芳" not in names


def test_numbers_stay_numbers() -> None:
    assert xlsx.neutral(-5) == -5 and xlsx.neutral("文字") == "文字"
    assert xlsx.text_of(19900000001.0) == "19900000001" and xlsx.text_of(None) == ""
