"""发文登记簿: read tolerantly, reported row by row, imported wholly or not at all."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.core.errors import Refused
from app.documents import hooks, register, service
from app.documents.models import AttributeChange, Document, RegisterImport
from app.documents.register import Row
from tests.documents import samples
from tests.support.bodies import without_tokens
from tests.support.organs import City
from tests.support.signing import sign_in

TODAY = date(2026, 11, 23)
HEAD = [
    "文号",
    "标题",
    "公开属性",
    "印发日期",
    "不予公开条款",
    "不予公开理由",
    "份号",
    "发布网址",
    "发布日期",
]
GOOD = ["云政办发〔2026〕31号", "关于老旧小区改造的通知", "主动公开", "2026-10-28"]


def read(rows: list[list[object]], head: list[object] | None = None) -> list[Row]:
    return register.read(io.BytesIO(samples.xlsx([head or HEAD, *rows])), "登记簿.xlsx", TODAY)  # type: ignore[list-item]


def errors(row: list[object]) -> str:
    return "".join(read([row])[0].errors)


def test_a_good_row_is_read() -> None:
    row = read([GOOD])[0]
    assert row.errors == [] and row.line == 2
    assert row.values == {
        "attribute": "proactive",
        "number": "云政办发〔2026〕31号",
        "title": "关于老旧小区改造的通知",
        "issued_on": date(2026, 10, 28),
        "kind": "non_policy",
    }


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (["", "标题", "主动公开", "2026-10-28"], "没有填文号"),
        (["31号", "标题", "主动公开", "2026-10-28"], "写法不对"),
        (["云政办发〔2026〕31号", "", "主动公开", "2026-10-28"], "没有填标题"),
        (["云政办发〔2026〕31号", "标" * 301, "主动公开", "2026-10-28"], "超过 300 字"),
        (["云政办发〔2026〕31号", "标题", "", "2026-10-28"], "没有填公开属性"),
        (["云政办发〔2026〕31号", "标题", "半公开", "2026-10-28"], "不认识"),
        (["云政办发〔2026〕31号", "标题", "主动公开", ""], "没有填印发日期"),
        (["云政办发〔2026〕31号", "标题", "主动公开", "去年"], "认不出"),
        (["云政办发〔2026〕31号", "标题", "主动公开", "2026-13-01"], "认不出"),
        (["云政办发〔2026〕31号", "标题", "主动公开", "2026-11-24"], "今天之后"),
        (["云政办发〔2026〕31号", "标题", "不予公开", "2026-10-28", "", ""], "须填依据"),
        (["云政办发〔2026〕31号", "标题", "不予公开", "2026-10-28", "工作秘密", "内部"], "不认识"),
        (["云政办发〔2026〕31号", "标题", "不予公开", "2026-10-28", "N16b", ""], "须写明理由"),
        (["", "涉密标题", "不予公开", "2026-10-28", "N14a", "", "3号"], "不得写标题"),
        (["云政办密〔2026〕1号", "", "不予公开", "2026-10-28", "N14a", "", "3号"], "请删去文号"),
        (["", "", "不予公开", "2026-10-28", "N14a", "", ""], "须填份号"),
        ([*GOOD, "", "", "", "ftp://x.gov.cn/1", "2026-11-01"], "http"),
        ([*GOOD, "", "", "", "https://u:p@x.gov.cn/1", "2026-11-01"], "用户名"),
        ([*GOOD, "", "", "", "https://x.gov.cn/1", ""], "同时填写"),
        ([*GOOD, "", "", "", "https://x.gov.cn/1", "2026-10-01"], "早于印发日期"),
    ],
)
def test_every_fault_is_a_sentence(row: list[object], says: str) -> None:
    assert says in errors(row)


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2026, 10, 28),
        "2026/10/28",
        "2026.10.28",
        "2026年10月28日",
        "20261028",
        46323,
        "2026-10-28 09:15:00",
    ],
)
def test_dates_are_read_as_registers_write_them(cell: object) -> None:
    assert read([[*GOOD[:3], cell]])[0].values["issued_on"] == date(2026, 10, 28)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("N16b", "N16b"),
        ("n15", "N15"),
        ("过程性信息", "N16b"),
        ("属于内部事务信息", "N16a"),
        ("商业秘密", "N15"),
    ],
)
def test_grounds_are_read_by_code_or_by_their_words(word: str, code: str) -> None:
    row = read([["云政办发〔2026〕31号", "标题", "不公开", "2026-10-28", word, "理由写明"]])[0]
    assert row.values["ground"] == code and row.errors == []


def test_headers_may_be_named_differently_and_stand_below_a_title() -> None:
    rows = [
        ["2026年发文登记簿"],
        [],
        ["序号", "发文 日期", "发文字号*", "文件标题", "公开方式"],
        [1, "2026-10-28", "云政办发[2026]031号", "《通知》", "此件公开发布"],
    ]
    row = register.read(io.BytesIO(samples.xlsx(rows)), "登记簿.xlsx", TODAY)[0]  # type: ignore[arg-type]
    assert row.errors == [] and row.line == 4 and row.values["number"] == "云政办发〔2026〕31号"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_any_office_program_is_read(codec: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(line) for line in (HEAD[:4], [str(cell) for cell in GOOD]))
    row = register.read(io.BytesIO(text.encode(codec)), "登记簿.csv", TODAY)[0]
    assert row.errors == [] and row.values["title"] == GOOD[1]


def test_a_number_twice_in_the_file_names_the_other_row() -> None:
    rows = read([GOOD, ["云政办发[2026]31号", *GOOD[1:]]])
    assert rows[0].errors == [] and "第 2 行重复" in rows[1].errors[0]


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"PK\x03\x04broken", "a.xlsx", "不符|打不开"),
        (samples.docx(), "a.xlsx", "不符"),
        (b"\xff\xfe\x00\xd8", "a.csv", "编码|表头"),
        (b"a,b\n1,2\n", "a.csv", "表头"),
        (b"x", "a.pdf", "XLSX 或 CSV"),
        (b"x", "a.xls", "另存为"),
        (samples.xlsx([HEAD]), "a.xlsx", "没有数据行"),  # type: ignore[list-item]
        (samples.xlsx([["文号", "公开属性"], ["x", "y"]]), "a.xlsx", "缺少"),
    ],
)
def test_what_is_no_register_is_refused_as_a_whole(data: bytes, name: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        register.read(io.BytesIO(data), name, TODAY)


def test_a_register_without_end_is_refused() -> None:
    with pytest.raises(Refused, match="最多导入"):
        register.read(
            io.BytesIO(("文号,标题,公开属性,印发日期\n" + "x,y,z,w\n" * 6000).encode()), "a.csv", TODAY
        )


# --- the road through the pages --------------------------------------------------------------------------------------


def upload(client: FlaskClient, rows: list[list[object]], name: str = "登记簿.xlsx") -> str:
    data = {"file": (io.BytesIO(samples.xlsx([HEAD, *rows])), name)}  # type: ignore[list-item]
    answer = client.post("/documents/import", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


ROWS: list[list[object]] = [
    GOOD,
    ["云政办发〔2026〕32号", "会议纪要", "不予公开", "2026-10-29", "N16b", "讨论记录"],
    ["云政办函〔2026〕3号", "复函", "依申请公开", "2026-10-30"],
    ["", "", "不予公开", "2026-10-30", "N14a", "", "第3号"],
]


def test_a_clean_register_is_imported_with_one_click(
    app: Flask, city: City, client: FlaskClient, session: Session
) -> None:
    report = upload(sign_in(client, "ke"), ROWS)
    page = client.get(report)
    assert "导入 4 件公文" in page.text and session.query(Document).count() == 0
    assert client.post(report).status_code == 303
    papers = session.query(Document).order_by(Document.id).all()
    assert [(p.number, p.attribute, p.source) for p in papers] == [
        ("云政办发〔2026〕31号", "proactive", "import"),
        ("云政办发〔2026〕32号", "withheld", "import"),
        ("云政办函〔2026〕3号", "on_request", "import"),
        (None, "withheld", "import"),
    ]
    assert papers[1].reason == "讨论记录" and papers[1].mark == "（此件不公开）"
    assert papers[3].secret_entry and papers[3].copies == "第3号" and papers[3].mark is None
    assert session.query(AttributeChange).count() == 4
    assert session.query(RegisterImport).one().state == "done"
    assert "已经导入" in client.post(report).text
    assert session.query(Document).count() == 4


def test_one_wrong_row_keeps_all_of_them_out(
    app: Flask, city: City, client: FlaskClient, session: Session
) -> None:
    report = upload(
        sign_in(client, "ke"), [GOOD, ["云政办发〔2026〕32号", "会议纪要", "不予公开", "2026-10-29"]]
    )
    page = client.get(report)
    assert "还不能导入" in page.text and "须填依据" in page.text and "件公文</span>" not in page.text
    answer = client.post(report)
    assert answer.status_code == 409 and "一行也没有导入" in answer.text
    assert session.query(Document).count() == 0


def test_a_number_taken_between_report_and_click_keeps_all_out(
    app: Flask, city: City, client: FlaskClient, session: Session
) -> None:
    report = upload(sign_in(client, "ke"), ROWS)
    ke, office = city.actor("ke"), city.organs["office"]
    number = service.reserve_number(ke, organ_id=office, number="云政办发〔2026〕31号")
    service.void_number(ke, number_id=number["id"], reason="作废")
    answer = client.post(report)
    assert answer.status_code == 409 and "已作废" in answer.text
    assert session.query(Document).count() == 0


def test_a_hook_that_fails_undoes_the_import(
    app: Flask, city: City, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_tx: object, _rows: object) -> None:
        raise Refused("任务没有列成。")

    monkeypatch.setattr(hooks, "imported", [*hooks.imported, fail])
    report = upload(sign_in(client, "ke"), ROWS)
    assert client.post(report).status_code == 409
    assert session.query(Document).count() == 0


def test_imports_are_their_organs_alone(app: Flask, city: City, client: FlaskClient) -> None:
    report = upload(sign_in(client, "ke"), ROWS)
    missing = sign_in(client, "yan").get("/documents/import/9999")
    for answer in (client.get(report), client.post(report), client.post(f"{report}/drop")):
        assert answer.status_code == 404 and without_tokens(answer.text) == without_tokens(missing.text)
    assert sign_in(client, "wen").get("/documents/import").status_code == 403


def test_a_register_can_be_given_up(app: Flask, city: City, client: FlaskClient, session: Session) -> None:
    report = upload(sign_in(client, "ke"), ROWS)
    client.post(f"{report}/drop")
    assert session.query(RegisterImport).one().state == "dropped"
    assert client.post(report).status_code == 409 and session.query(Document).count() == 0


def test_an_unreadable_upload_is_answered_on_the_same_page(
    app: Flask, city: City, client: FlaskClient
) -> None:
    sign_in(client, "ke")
    answer = client.post(
        "/documents/import", data={"file": (io.BytesIO(b"MZ"), "a.exe")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 409 and "XLSX 或 CSV" in answer.text
    assert "请选择" in client.post("/documents/import", data={}).text


def test_the_template_reads_back(app: Flask, city: City, client: FlaskClient) -> None:
    book = sign_in(client, "ke").get("/documents/import/template.xlsx", buffered=True).data
    with pytest.raises(Refused, match="没有数据行"):
        register.read(io.BytesIO(book), "a.xlsx", TODAY)
