"""Files: by content, checked, before the commit, swept, fetched by whoever may see them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
import time
import zipfile

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.command import Tx, command
from app.core.errors import Busy, Refused
from app.documents import attachments, files, queries, service
from app.documents.models import Attachment, Document, StoredFile
from tests.documents import samples
from tests.support.bodies import without_tokens
from tests.support.organs import City
from tests.support.signing import sign_in


def put(data: bytes, name: str) -> files.Stored:
    return files.store(io.BytesIO(data), name)


@command
def attach(tx: Tx, stored: files.Stored, **where: object) -> int:
    return attachments.add(tx, [stored], **where)[0]  # type: ignore[arg-type]


@command
def open_document(tx: Tx, **values: object) -> int:
    return service.open_document(tx, **values)  # type: ignore[arg-type]


def test_a_file_lies_under_its_sm3_hash(app: Flask) -> None:
    stored = put(samples.PDF, "通知.pdf")
    assert stored.hash == hashlib.new("sm3", samples.PDF).hexdigest()
    path = files.path_of(stored.hash)
    assert path.read_bytes() == samples.PDF
    assert path.parts[-3:] == (stored.hash[:2], stored.hash[2:4], stored.hash)
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_same_bytes_are_stored_once_and_stay_young(app: Flask) -> None:
    stored = put(samples.PDF, "甲.pdf")
    old = time.time() - 3 * 24 * 3600
    os.utime(files.path_of(stored.hash), (old, old))
    put(samples.PDF, "乙.pdf")
    assert list(files.candidates()) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", samples.PDF),
        ("a.PDF", samples.PDF),
        ("图.png", samples.PNG),
        ("图.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 40),
        ("图.tif", b"II*\0" + b"\0" * 40),
        ("文.docx", samples.docx()),
        ("文.doc", samples.doc()),
        ("文.wps", samples.doc()),
        ("表.xls", samples.doc("Workbook")),
        ("表.xlsx", samples.xlsx([["甲"]])),
        ("版.ofd", samples.zipped({"OFD.xml": b"<ofd/>", "Doc_0/Document.xml": b"<d/>"})),
        ("文.txt", "政务公开".encode()),
        ("文.txt", "政务公开".encode("gb18030")),
    ],
)
def test_the_types_an_office_uses_are_taken(app: Flask, name: str, data: bytes) -> None:
    assert put(data, name).size == len(data)


def bomb() -> bytes:
    return samples.docx(word__big=b"\0" * (30 * 1024 * 1024))


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.pdf", b"", "空文件"),
        ("a.pdf", samples.PNG, "扩展名不符"),
        ("a.png", samples.PDF, "扩展名不符"),
        ("a.docx", samples.PDF, "扩展名不符"),
        ("a.docx", samples.xlsx([["甲"]]), "扩展名不符"),
        ("a.docx", samples.zipped({"x.txt": b"x"}), "扩展名不符"),
        ("a.docx", samples.docx()[:60], "扩展名不符"),
        ("a.doc", samples.doc("Workbook"), "扩展名不符"),
        ("a.doc", b"MZ" + b"\0" * 100, "扩展名不符"),
        ("a.txt", b"MZ\x90\0", "扩展名不符"),
        ("a.txt", b"<html><script>1</script>", "扩展名不符"),
        ("a.txt", b"  <SVG onload=x>", "扩展名不符"),
        ("a.txt", samples.PDF, "扩展名不符"),
        (
            "a.docx",
            samples.docx(word__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"),
            "带宏",
        ),
        ("a.doc", samples.doc("WordDocument") + "_VBA_PROJECT".encode("utf-16-le"), "带宏"),
        ("a.docx", samples.OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("a.doc", samples.doc() + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (
            "a.docx",
            samples.zipped({"[Content_Types].xml": b"", "word/a.xml": b"", "../../x": b""}),
            "结构异常",
        ),
        (
            "a.docx",
            samples.zipped({"[Content_Types].xml": b"", "word/a.xml": b"", "/etc/x": b""}),
            "结构异常",
        ),
        (
            "a.docx",
            samples.zipped({"[Content_Types].xml": b"", "word/a.xml": b"", "word/e.exe": b""}),
            "运行",
        ),
        (
            "a.docx",
            samples.zipped({"[Content_Types].xml": b"", "word/a.xml": b"", "word/activeX/a.xml": b""}),
            "运行",
        ),
        ("a.svg", b"<svg/>", "会运行"),
        ("a.html", b"<html/>", "会运行"),
        ("a.exe", b"MZ", "会运行"),
        ("a.docm", samples.docx(), "宏"),
        ("a.zip", samples.docx(), "压缩包"),
        ("a", samples.PDF, "没有扩展名"),
        ("a.pdf.svg", b"<svg/>", "会运行"),
    ],
    ids=lambda value: (
        "data" if isinstance(value, bytes) else value
    ),  # bytes made now differ between processes
)
def test_what_may_run_or_lies_about_itself_is_refused(app: Flask, name: str, data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        put(data, name)
    assert not [path for path in app.extensions["gongkai_settings"].files.rglob("*") if path.is_file()]


def test_an_archive_that_swells_beyond_reason_is_refused(app: Flask) -> None:
    with pytest.raises(Refused, match="异常大"):
        put(bomb(), "a.docx")
    many = samples.zipped({f"word/{i}": b"" for i in range(10_001)}, zipfile.ZIP_STORED)
    with pytest.raises(Refused, match="异常大"):
        put(many, "a.docx")


def test_a_file_over_the_limit_is_refused_while_it_arrives(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return b"%PDF-" + b"x" * (size - 5)

    stream = Endless()
    with pytest.raises(Refused, match="超过 50 MB"):
        files.store(stream, "大.pdf")  # type: ignore[arg-type]
    assert stream.read_bytes < 51 * 1024 * 1024


def test_a_full_disk_leaves_nothing_and_says_what_to_do(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(Busy, match="磁盘已满"):
        put(samples.PDF, "a.pdf")
    assert not [path for path in app.extensions["gongkai_settings"].files.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\桌面\\通知.pdf", "通知.pdf"),
        ("通\u202e知\r\n.pdf", "通知.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
        (".pdf", "未命名.pdf"),
        ("", "未命名"),
    ],
)
def test_names_lose_paths_and_control_characters(name: str, clean: str) -> None:
    assert files.clean_name(name) == clean


def test_only_hashes_become_paths(app: Flask) -> None:
    for wrong in ("../" * 8, "a" * 63, "A" * 64, "a" * 64 + "\n"):
        with pytest.raises(ValueError):
            files.path_of(wrong)


def test_orphans_older_than_a_day_are_swept_and_nothing_else(
    app: Flask, city: City, session: Session
) -> None:
    named, orphan, young = (put(samples.PDF + bytes([i]), "a.pdf") for i in (65, 66, 67))
    attach(city.actor("wen"), named, case_id=1)
    old = time.time() - 2 * 24 * 3600
    for stored in (named, orphan):
        os.utime(files.path_of(stored.hash), (old, old))
    left = app.extensions["gongkai_settings"].files / "incoming" / "tmpabc"
    left.write_bytes(b"half")
    os.utime(left, (old, old))
    assert queries.sweep(session) == 2
    assert files.path_of(named.hash).exists() and files.path_of(young.hash).exists()
    assert not files.path_of(orphan.hash).exists() and not left.exists()


def test_a_file_stored_again_during_the_sweep_survives(app: Flask, session: Session) -> None:
    stored = put(samples.PDF, "a.pdf")
    old = time.time() - 2 * 24 * 3600
    os.utime(files.path_of(stored.hash), (old, old))
    doomed = queries.unnamed(session, list(files.candidates()))
    put(samples.PDF, "a.pdf")  # another upload of the same bytes, just now
    assert files.remove_orphans(doomed) == 0
    assert files.path_of(stored.hash).read_bytes() == samples.PDF


def test_two_uploads_of_the_same_bytes_at_once_both_succeed(app: Flask) -> None:
    found: list[str] = []

    def upload() -> None:
        with app.app_context():
            found.append(put(samples.PDF, "a.pdf").hash)

    threads = [threading.Thread(target=upload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1


# --- attachments ---------------------------------------------------------------------------------------------------


def test_a_completed_step_keeps_exactly_the_files_it_names(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    wen = city.actor("wen")
    document = open_document(wen, organ_id=city.organs["office"], title="通知", case_id=7)
    first, second, scan = (
        attach(wen, put(samples.PDF + bytes([i]), f"{i}.pdf"), case_id=7, item_id=1, field=field, part=part)
        for i, field, part in (
            (65, "main_file", "document"),
            (66, "main_file", "document"),
            (67, "offline_scan", "paper"),
        )
    )
    keep = command(lambda tx, files: attachments.keep(tx, 7, 2, files))
    keep(wen, {"main_file": [first], "offline_scan": [scan]})
    rows = {row.id: row for row in session.query(Attachment)}
    assert [rows[i].state for i in (first, second, scan)] == ["kept", "removed", "kept"]
    assert rows[first].document_id == document and rows[scan].document_id is None
    third = attach(wen, put(samples.PDF + b"D", "3.pdf"), case_id=7, item_id=3, field="main_file")
    keep(wen, {"main_file": [third], "offline_scan": []})
    session.expire_all()
    rows = {row.id: row for row in session.query(Attachment)}
    assert rows[first].state == "kept" and rows[first].replaced_by == third
    assert rows[scan].state == "kept" and rows[scan].replaced_by is None
    assert rows[third].state == "kept" and rows[third].replaced_by is None


def test_a_step_cannot_claim_files_of_another_case(app: Flask, city: City) -> None:
    wen = city.actor("wen")
    foreign = attach(wen, put(samples.PDF, "a.pdf"), case_id=8)
    with pytest.raises(Refused, match="重新上传"):
        command(lambda tx: attachments.keep(tx, 7, 1, {"files": [foreign]}))(wen)


def test_nothing_can_be_attached_to_a_secret_entry(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    wen = city.actor("wen")
    document = open_document(
        wen, organ_id=city.organs["office"], title="x", answers={"entry": "secret", "copy_no": "3号"}
    )
    with pytest.raises(Refused, match="只登记份号"):
        attach(wen, put(samples.PDF, "a.pdf"), document_id=document)
    assert session.query(Attachment).count() == 0 and session.query(StoredFile).count() == 0


# --- downloads -----------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(app: Flask, city: City) -> int:
    wen = city.actor("wen")
    document = open_document(
        wen, organ_id=city.organs["office"], unit_id=city.units["office", "综合一科"], title="通知"
    )
    return attach(wen, put(samples.PDF, "关于通知的附件.pdf"), document_id=document, state="kept")


def test_a_file_comes_as_a_download_that_no_browser_runs(app: Flask, city: City, kept: int, client) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in(client, "wang").get(f"/documents/files/{kept}", buffered=True)
    assert answer.status_code == 200 and answer.data == samples.PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    asked = client.get(f"/documents/files/{kept}?inline=1", buffered=True)
    assert asked.headers["Content-Disposition"].startswith("attachment"), "nothing turns it into a page"


def test_only_pdf_and_images_are_ever_shown_in_the_window(app: Flask, city: City, client) -> None:  # type: ignore[no-untyped-def]
    wen = city.actor("wen")
    text = attach(wen, put("文".encode(), "文.txt"), case_id=3)
    image = attach(wen, put(samples.PNG, "图.png"), case_id=3)
    pdf = attach(wen, put(samples.PDF, "文.pdf"), case_id=3)
    sign_in(client, "wen")
    assert client.get(f"/documents/files/{text}/preview", buffered=True).status_code == 404
    for kind, number in (("image/png", image), ("application/pdf", pdf)):
        shown = client.get(f"/documents/files/{number}/preview", buffered=True)
        assert shown.status_code == 200 and shown.mimetype == kind
        assert shown.headers["Content-Disposition"].startswith("inline")
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        policy = shown.headers["Content-Security-Policy"]
        assert (
            "default-src 'none'" in policy
            and "script-src" not in policy
            and "frame-ancestors 'none'" in policy
        )
        assert shown.headers["Cache-Control"] == "private, no-store"
    assert sign_in(client, "fang").get(f"/documents/files/{pdf}/preview").status_code == 404


@pytest.mark.parametrize(
    ("login", "status"), [("wen", 200), ("ke", 200), ("jiang", 200), ("fang", 404), ("mi", 404)]
)
def test_files_follow_their_document(
    app: Flask, city: City, kept: int, client, login: str, status: int
) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in(client, login).get(f"/documents/files/{kept}", buffered=True)
    assert answer.status_code == status
    if status == 404:
        missing = client.get("/documents/files/987654", buffered=True)
        assert without_tokens(answer.text) == without_tokens(missing.text)


def test_a_pending_upload_is_its_uploaders_alone(app: Flask, city: City, client) -> None:  # type: ignore[no-untyped-def]
    pending = attach(city.actor("wen"), put(samples.PDF, "a.pdf"), case_id=3)
    assert sign_in(client, "wen").get(f"/documents/files/{pending}", buffered=True).status_code == 200
    assert sign_in(client, "ke").get(f"/documents/files/{pending}", buffered=True).status_code == 404


def test_downloads_of_withheld_documents_are_recorded(
    app: Flask, city: City, kept: int, client, session: Session
) -> None:  # type: ignore[no-untyped-def]
    from app.core.record import Record

    sign_in(client, "ke").get(f"/documents/files/{kept}", buffered=True)
    assert session.query(Record).filter_by(action="document.download").count() == 0
    paper = session.query(Document).one()
    paper.attribute, paper.ground, paper.reason = "withheld", "N16b", "讨论稿"
    session.commit()
    for look in ("", "/preview"):
        client.get(f"/documents/files/{kept}{look}", buffered=True)
        record = (
            session.query(Record).filter_by(action="document.download").order_by(Record.id.desc()).first()
        )
        assert record is not None and "柯文书" in record.summary and record.stream == "organ"
    assert session.query(Record).filter_by(action="document.download").count() == 2
