"""A working city whose office and housing bureau take applications on the public site."""

from __future__ import annotations

import io
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.accounts.directory import changed
from app.accounts.models import Organ
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.requests.models import Request
from tests.requests.conftest import house as house
from tests.requests.conftest import office as office
from tests.support.organs import City, city

__all__ = ["city", "house", "office"]

GUIDE = {
    "open": True,
    "office": "云汀市人民政府办公室政务公开科",
    "address": "云汀市清河路1号3楼",
    "hours": "工作日 9:00—12:00，14:00—17:30",
    "phone": "0990-1990001",
    "pay": "凭收费通知书到市非税收入代收银行网点缴纳。",
    "updated_on": "2026-11-01",
}

APPLICATION: dict[str, Any] = {
    "kind": "person",
    "name": "何问渠",
    "id_kind": "id_card",
    "id_no": "990101198001010014",
    "phone": "19900000101",
    "content": "2025年云汀市城镇老旧小区改造项目清单",
    "supply": "electronic",
    "delivery": "electronic",
}


@command
def open_site(tx: Tx, codes: tuple[str, ...] = ("office", "housing")) -> None:
    """Let these organs take applications."""
    for organ in tx.session.query(Organ):
        said = GUIDE if organ.code in codes else {**GUIDE, "open": False}
        organ.settings = {**organ.settings, "portal": said}
    changed(tx)


@dataclass
class Citizen:
    """Somebody at the public site, in a browser of his own."""

    client: FlaskClient
    files: dict[str, list[tuple[bytes, str]]] = field(default_factory=dict)

    def post(self, path: str, **answers: Any) -> TestResponse:
        """Post a form with its files; a token unless one is given."""
        form: MultiDict[str, Any] = MultiDict({"token": str(uuid.uuid4())})
        for key, value in answers.items():
            form[key] = value
        for key, given in self.files.items():
            for content, name in given:
                form.add(key, (io.BytesIO(content), name))
        answer = self.client.post(path, data=form)
        answer.request.environ[
            "wsgi.input"
        ].close()  # large bodies lie in a temporary file of the test client
        return answer

    def apply(self, code: str = "office", **answers: Any) -> TestResponse:
        """Hand the ordinary application in."""
        return self.post(f"/public/{code}/apply", **{**APPLICATION, **answers})

    def receipt(self) -> tuple[str, str]:
        """来件号 and query code of the receipt that is open."""
        page = self.client.get("/public/receipt").text
        number, code = re.findall(r'data-copy-text translate="no">([^<]+)<', page)[:2]
        return number, code

    def track(self, number: str, last: str = "0101") -> TestResponse:
        """Query."""
        return self.post("/public/track", number=number, last=last)

    def progress(self) -> str:
        """The words of the tracking page."""
        page = self.client.get("/public/track/progress")
        assert page.status_code == 200, page.status
        return words(page.text)


def words(html: str) -> str:
    """What a page says, without markup; a date kept on one line stands in its sentence without a gap."""
    main = html.split("<main", 1)[-1].split("</main>", 1)[0]
    main = re.sub(r'<span class="num whole">([^<]*)</span>', r"\1", main)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def only_request() -> Request:
    """The one request there is, as it stands."""
    session = db.session()
    session.commit()
    session.expire_all()
    return session.query(Request).one()


@pytest.fixture
def site(app: Flask, house: City) -> City:
    """The working city with an open public site."""
    open_site(SYSTEM)
    return house


@pytest.fixture
def citizen(app: Flask, site: City) -> Citizen:
    """Somebody with a browser."""
    return Citizen(app.test_client())
