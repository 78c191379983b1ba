"""常用语 and 签名图样 (features.md H19): one's own, checked, and on the sheet only where the organ wants it."""

from __future__ import annotations

import io
import re
import struct
import zlib

import pytest

from app.cases import png
from app.cases.desk_models import Signature
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import Refused
from tests.cases.flows import drafted
from tests.cases.pressing import recorded, words_of
from tests.cases.test_skipping import grant
from tests.support.driving import Desk
from tests.support.organs import City


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(
    width: int = 120, height: int = 40, *, extra: bytes = b"", tail: bytes = b"", how: int = 0
) -> bytes:
    """An RGBA PNG as a drawing program writes it; `how` is the filter of its lines."""
    line = bytes([how]) + bytes((x * 7) % 256 for x in range(width * 4))
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(line * height)
    return png.HEAD + chunk(b"IHDR", head) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"") + tail


def upload(desk: Desk, login: str, data: bytes) -> str:
    sent = {"file": (io.BytesIO(data), "签名.png")}
    page = desk.sit(login).post("/work/signature", data=sent, follow_redirects=True)
    return words_of(page)


def test_a_phrase_is_kept_moved_and_deleted_by_its_owner_alone(any_db: str, desk: Desk) -> None:
    client = desk.sit("shen")
    assert client.get("/work/phrases/list").get_json()[0] == "同意。"
    for text in ("拟同意，请核。", "请补充依据。"):
        assert client.post("/work/phrases", data={"text": text}).status_code == 303
    assert client.get("/work/phrases/list").get_json() == ["拟同意，请核。", "请补充依据。"]
    ids = list(dict.fromkeys(re.findall(r'action="/work/phrases/(\d+)"', client.get("/work/phrases").text)))
    first, second = ids
    assert desk.sit("wen").post(f"/work/phrases/{first}").status_code == 404
    client = desk.sit("shen")
    client.post(f"/work/phrases/{second}", data={"act": "up"})
    assert client.get("/work/phrases/list").get_json() == ["请补充依据。", "拟同意，请核。"]
    client.post(f"/work/phrases/{second}")
    assert client.get("/work/phrases/list").get_json() == ["拟同意，请核。"]


@pytest.mark.parametrize("text", ["", "　", "字" * 201, "同一条"])
def test_empty_long_and_doubled_phrases_are_refused(desk: Desk, text: str) -> None:
    client = desk.sit("shen")
    client.post("/work/phrases", data={"text": "同一条"})
    answer = client.post("/work/phrases", data={"text": text})
    assert answer.status_code == 422 and "没有提交成功" in words_of(answer)


def test_opinion_fields_offer_the_phrases(desk: Desk) -> None:
    item = desk.item(drafted(desk), "head_review")
    page = desk.sit("shen").get(f"/work/{item.id}").text
    assert re.search(r'<textarea[^>]*name="opinion"[^>]*data-phrases', page) or re.search(
        r"<textarea[^>]*data-phrases[^>]*name=\"opinion\"", page
    )


def test_the_image_stands_beside_the_name_on_the_sheet_where_the_organ_wants_it(
    any_db: str, desk: Desk, house: City
) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    assert "签名图样已保存" in upload(desk, "shen", picture())
    assert len(recorded("signature.keep")) == 1
    sheet = f"/cases/{case}/sheet/approval"
    assert 'src="data:image/png;base64,' in desk.client.get(sheet).text
    assert desk.client.post("/work/signature/use", data={"on": "0"}).status_code in (403, 404)
    grant(SYSTEM, house, "ke", "unit_admin")
    admin = "ke"
    assert desk.sit(admin).post("/work/signature/use", data={"on": "0"}).status_code == 303
    assert "data:image/png" not in desk.sit("shen").get(sheet).text
    desk.sit("shen").post("/work/signature/drop")
    session = db.session()
    session.commit()
    assert session.get(Signature, house.people["shen"]) is None


def test_only_the_pixels_are_kept(desk: Desk, house: City) -> None:
    """A comment, a profile and what was appended to the file do not come along."""
    said = chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")
    upload(desk, "shen", picture(extra=said, tail=b"PK\x03\x04 zip behind the picture"))
    session = db.session()
    session.commit()
    kept = session.get_one(Signature, house.people["shen"]).png
    assert b"script" not in kept and b"zip" not in kept and kept.endswith(chunk(b"IEND", b""))
    assert png.clean(kept).png == kept, "what we wrote we read again"


@pytest.mark.parametrize("how", [1, 2, 3, 4])
def test_every_filter_of_the_format_is_read(how: int) -> None:
    once = png.clean(picture(how=how))
    assert png.clean(once.png) == once


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"\xff\xd8\xff\xe0 a photo", picture()[:-20], picture(2000, 40), picture(10, 10)]
    + [picture().replace(b"IDAT", b"IDAX"), b"<svg onload=alert(1)>", picture() * 2000],
)
def test_what_is_no_small_whole_png_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        png.clean(data)
