"""案卷: what a case really holds, as evidence list, printed papers and an archive that can be checked elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.db import db
from app.core.record import Record
from app.documents import files
from app.letters import pictures
from app.letters.models import Letter
from app.requests import archiving, dossier, evidence
from tests.letters.support import pdf_of, pdf_text, word_text
from tests.requests.driving import Office
from tests.requests.test_ledger import answered
from tests.support.driving import errors_in


def taken(office: Office, case: int, login: str = "jian") -> bytes:
    """The archive as a person downloads it."""
    answer = office.post(login, f"/requests/{office.request(case).id}/archive")
    assert answer.status_code == 200, errors_in(answer)
    data: bytes = answer.data
    answer.close()
    return data


def names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


def test_the_archive_of_a_closed_case_opens_and_every_hash_in_it_holds(office: Office) -> None:
    case = answered(office)
    office.archived(case)
    data = taken(office, case)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        said = {entry["path"]: entry for entry in manifest["files"]}
        assert set(said) | {"manifest.json", "校验清单.txt"} == set(archive.namelist())
        for path, entry in said.items():
            content = archive.read(path)
            assert (hashlib.new("sm3", content).hexdigest(), len(content)) == (entry["sm3"], entry["size"]), (
                path
            )
        sums = dict(
            reversed(line.split("  ", 1)) for line in archive.read("校验清单.txt").decode().splitlines()
        )
        assert sums == {path: entry["sm3"] for path, entry in said.items()}
        _holds_what_the_law_asks(office, case, archive, said)
    assert manifest["request"] == office.request(case).number
    assert manifest["record"]["whole"] is True
    kept = db.session().query(Record).filter_by(action="request.archive", stream="case", stream_id=case).one()
    assert hashlib.new("sm3", data).hexdigest() in kept.body
    assert kept.seq == manifest["record"]["records"] + 1


def _holds_what_the_law_asks(
    office: Office, case: int, archive: zipfile.ZipFile, said: dict[str, Any]
) -> None:
    titles = {entry["title"] for entry in said.values()}
    for title in (
        "申请表",
        "登记表",
        "检索记录",
        "呈批单",
        "答复期限计算表",
        "卷内目录",
        "备考表",
        "办理记录",
    ):
        assert title in titles, title
    assert any(title.startswith("保密审查记录表") for title in titles)
    assert any(title.startswith("送达回证") for title in titles)
    reply = db.session().query(Letter).filter_by(case_id=case, kind="L13").one()
    assert {reply.pdf_hash, reply.docx_hash} <= {entry["sm3"] for entry in said.values() if entry.get("kept")}
    supplied = next(entry for path, entry in said.items() if path.endswith("债务限额.txt"))
    assert supplied["kept"] is True
    clock = next(path for path in said if path.endswith("答复期限计算表.pdf"))
    assert "条例第三十一条" in pdf_text(archive.read(clock))
    lines = archive.read("07 办理记录/办理记录.jsonl").decode().splitlines()
    rows = db.session().query(Record).filter_by(stream="case", stream_id=case).order_by(Record.seq).all()
    assert [json.loads(line)["mac"] for line in lines] == [row.mac for row in rows][: len(lines)]
    listed = pdf_text(archive.read("00 卷内目录.pdf"))
    assert "答复书" in listed and "2026-公开-0001" in listed
    assert "经核对前后衔接、未见改动" in pdf_text(archive.read("99 备考表.pdf"))


def test_a_kept_file_that_changed_on_disk_is_never_handed_out(office: Office) -> None:
    case = answered(office)
    reply = db.session().query(Letter).filter_by(case_id=case, kind="L13").one()
    path = files.path_of(str(reply.pdf_hash))
    path.chmod(0o640)
    path.write_bytes(path.read_bytes() + b"%")
    answer = office.post("jian", f"/requests/{office.request(case).id}/archive")
    assert answer.status_code == 409 and "与登记的校验值不符" in answer.text
    assert db.session().query(Record).filter_by(action="request.archive").count() == 0


def test_a_changed_record_is_told_in_the_archive(office: Office) -> None:
    case = office.register()
    session = db.session()
    session.execute(
        sa.update(Record)
        .where(Record.stream == "case", Record.stream_id == case, Record.seq == 1)
        .values(summary="改")
    )
    session.commit()
    with zipfile.ZipFile(io.BytesIO(taken(office, case))) as archive:
        assert json.loads(archive.read("manifest.json"))["record"]["whole"] is False
        assert "请安全审计员核查" in pdf_text(archive.read("99 备考表.pdf"))


def test_an_open_case_can_be_taken_too_and_says_that_it_is_open(office: Office) -> None:
    case = office.register(content="含生僻字\U0003106c的申请")
    data = taken(office, case, "bai")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "尚未办结" in pdf_text(archive.read("99 备考表.pdf"))
        plain = [name for name in archive.namelist() if name.endswith("申请表.txt")]
        assert plain and "字库中没有的字" in archive.read(plain[0]).decode()


def test_names_stay_inside_the_archive_and_too_much_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = answered(office)
    assert not [
        name for name in names(taken(office, case)) if name.startswith("/") or ".." in name or "\\" in name
    ]
    monkeypatch.setattr(archiving, "MOST_BYTES", 10)
    answer = office.post("jian", f"/requests/{office.request(case).id}/archive")
    assert answer.status_code == 409 and "不能打成一个压缩包" in answer.text


def test_only_the_archivist_the_registrar_and_the_head_take_a_case_out(office: Office) -> None:
    case = office.register()
    number = office.request(case).id
    assert office.post("shi", f"/requests/{number}/archive").status_code == 403
    assert office.post("cheng", f"/requests/{number}/archive").status_code == 404
    assert "导出案卷" not in office.sit("shi").get(f"/requests/{number}/file").text
    assert "导出案卷" in office.sit("jian").get(f"/requests/{number}/file").text


def test_the_evidence_list_names_what_the_case_holds_numbered_and_paged(office: Office) -> None:
    case = answered(office, files=None)
    number = office.request(case).id
    page = office.sit("zhang").get(f"/requests/{number}/evidence").text
    for word in (
        "申请表",
        "登记表",
        "检索记录",
        "保密审查记录表",
        "呈批单",
        "答复书",
        "送达回证",
        "答复期限计算表",
    ):
        assert word in page, word
    from app.cases.queries import case as case_of

    found = office.request(case)
    entries = evidence.entries(db.session(), case_of(db.session(), case, office.city.actor("zhang")), found)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    pages = [entry.pages for entry in entries]
    assert pages[0] == "1" and "" in pages  # a text file was supplied: after it the pages are written by hand
    pdf = office.sit("zhang").get(f"/requests/{number}/evidence.pdf")
    assert len(pdf_of(pdf.data).pages) >= 1 and "检索的范围、方法和结果" in pdf_text(pdf.data)
    docx = office.sit("zhang").get(f"/requests/{number}/evidence.docx")
    assert "检索的范围、方法和结果" in word_text(docx.data)
    for answer in (pdf, docx):
        answer.close()
    assert office.sit("cheng").get(f"/requests/{number}/evidence").status_code == 404


def test_every_printed_paper_is_a_pdf_of_the_case(office: Office) -> None:
    case = answered(office)
    number = office.request(case).id
    words = {
        "registration": "政府信息公开申请登记表", "application": "政府信息公开申请表", "approval": "呈批单",
        "envelope": "云汀市人民政府办公室", "receipt": "1099000000101", "derivation": "第20个工作日", "contents": "卷内目录",
        "note": "备考表",
    }  # fmt: skip
    for paper, word in words.items():
        answer = office.sit("bai").get(f"/requests/{number}/print/{paper}")
        assert answer.status_code == 200 and word in pdf_text(answer.data), paper
        answer.close()
    assert office.sit("bai").get(f"/requests/{number}/print/nothing").status_code == 404
    assert f"/requests/{number}/file" in office.sit("bai").get(f"/cases/{case}").text


def test_the_pieces_of_a_case_cost_a_bounded_number_of_statements(office: Office, sql_counter: Any) -> None:
    from app.cases.queries import case as case_of

    case = answered(office)
    row, found = case_of(db.session(), case, office.city.actor("bai")), office.request(case)
    with sql_counter() as count:
        assert len(dossier.pieces(db.session(), row, found)) >= 9
    assert count.statements <= 30


def test_the_case_is_also_one_pdf_that_names_what_it_could_not_bind(office: Office) -> None:
    case = answered(office)
    office.archived(case)
    number = office.request(case).id
    answer = office.post("jian", f"/requests/{number}/archive.pdf")
    assert answer.status_code == 200, errors_in(answer)
    data, reader = answer.data, pdf_of(answer.data)
    marks = [item.title for item in reader.outline]
    assert marks[0] == "卷内目录" and marks[-1] == "备考表"
    assert {"申请表", "登记表", "登记回执", "呈批单"} <= set(marks)
    said = pdf_text(data)
    assert "没有合订的材料" in said and "债务限额.txt" in said and "不是PDF或者图片" in said
    assert (office.request(case).reply_no or "") in said, "the reply as it went out is bound"
    kept = db.session().query(Record).filter_by(action="request.archive", stream="case", stream_id=case).one()
    assert hashlib.new("sm3", data).hexdigest() in kept.body and "合订本" in kept.summary
    assert office.post("wen", f"/requests/{number}/archive.pdf").status_code in (403, 404)


def bound_with(office: Office, data: bytes) -> bytes:
    """The case as one PDF, with this picture among what was supplied."""
    case = office.register()
    office.examined(case)
    office.searched(case)
    office.decided(case, "R2", fact_1__supply_way="随本答复书以纸质复印件提供")
    office.drafted(case, files={"supplied": (data, "现场照片.png")})
    answer = office.post("bai", f"/requests/{office.request(case).id}/archive.pdf")
    assert answer.status_code == 200, errors_in(answer)
    made: bytes = answer.data
    return made


def test_a_picture_is_bound_on_a_page_of_its_own(office: Office) -> None:
    data = bound_with(office, picture())
    shown = [page for page in pdf_of(data).pages if "/XObject" in (page.get("/Resources") or {})]
    assert len(shown) == 1 and "没有合订的材料" not in pdf_text(data)
    assert pictures.pixels(picture()) == 4 and pictures.pixels(b"GIF89a") is None


def test_a_damaged_picture_is_named_and_the_rest_is_bound(office: Office) -> None:
    said = pdf_text(bound_with(office, picture()[:40] + bytes(40)))
    assert "现场照片.png" in said and "图片损坏" in said


def picture() -> bytes:
    """A PNG of two by two pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x20\x40\x80" * 2 for _ in range(2))
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_a_damaged_file_does_not_keep_the_case_from_being_bound(office: Office) -> None:
    case = office.register()
    office.examined(case)
    office.searched(case)
    office.decided(case, "R2", fact_1__supply_way="随本答复书以纸质复印件提供")
    office.drafted(case, files={"supplied": (b"%PDF-1.4\nthis is no pdf", "限额.pdf")})
    answer = office.post("bai", f"/requests/{office.request(case).id}/archive.pdf")
    assert answer.status_code == 200 and "文件损坏" in pdf_text(answer.data)
