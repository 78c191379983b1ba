"""The webhook adapter against a real HTTP server: signed, bounded, without a word too many; and each person's choice."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.core import now
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import NotAllowed, Refused
from app.core.now import wall
from app.core.record import Record
from app.notices import choosing, delivery, gateway, webhook
from app.notices.models import Delivery, NoticeReader, Webhook
from app.notices.webhook import Gateway, Message
from tests.notices.mailing import note, tell
from tests.support.organs import City
from tests.support.requests import seed_calendar
from tests.support.signing import sign_in

SECRET = "共同的密钥-银杏-四十七-不外传"


class Heard:
    """A gateway of somebody else's: what it received, and how it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.location = ""
        self.wait = threading.Event()
        self.wait.set()
        heard = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.got.append((dict(self.headers), body))
                heard.wait.wait(5)
                self.send_response(heard.status)
                if heard.location:
                    self.send_header("Location", heard.location)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/notify?from=gongkai"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def heard() -> Iterator[Heard]:
    server = Heard()
    yield server
    server.wait.set()
    server.server.shutdown()
    server.thread.join()
    server.server.server_close()


@pytest.fixture
def admin(app: Flask, city: City) -> Any:
    seed_calendar(SYSTEM)
    return city.actor("kuang")


def switch_on(admin: Any, url: str, **more: Any) -> None:
    said = {
        "active": True,
        "url": url,
        "hosts": "127.0.0.1",
        "secret": SECRET,
        "private": True,
        "with_text": False,
    }
    gateway.keep(admin, **{**said, **more})


def rows() -> list[tuple[str, str, int]]:
    db.session.commit()
    return [
        tuple(row)
        for row in db.session.execute(sa.select(Delivery.state, Delivery.problem, Delivery.attempts))
    ]


def time_passes() -> None:
    db.session.execute(sa.update(Delivery).values(next_at=wall() - timedelta(seconds=1)))
    db.session.commit()


def test_a_notice_reaches_the_gateway_signed_and_says_whom_and_what_kind(
    any_db: str, admin: Any, city: City, heard: Heard
) -> None:
    switch_on(admin, heard.url)
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert delivery.deliver().sent == 1
    headers, body = heard.got[0]
    signed = headers["X-Gongkai-Timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Gongkai-Signature"] == f"sha256={expected}"
    said = json.loads(body)
    assert (said["to"], said["kind"], said["label"]) == ("fang", "urge", "催办")
    assert said["path"].startswith("/notices/")
    assert "苗田生" not in body.decode(), "no name and no title unless the office chose so"
    assert delivery.deliver().sent == 0, "once"


def test_the_office_may_choose_to_say_what_it_is_about(admin: Any, city: City, heard: Heard) -> None:
    switch_on(admin, heard.url, with_text=True)
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    delivery.deliver()
    assert heard.bodies()[0]["text"] == "催办：催办：苗田生的申请"


def test_a_gateway_that_fails_is_tried_again_with_growing_pauses_and_then_shown(
    any_db: str, admin: Any, city: City, heard: Heard, client: FlaskClient
) -> None:
    switch_on(admin, heard.url)
    heard.status = 503
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    delivery.deliver()
    assert rows() == [("waiting", "对方未接收（503）", 1)]
    assert delivery.deliver().later == 0, "not before its time"
    for _ in delivery.BACKOFF:
        time_passes()
        delivery.deliver()
    assert rows() == [("failed", "对方未接收（503）", 6)]
    numbers = {headers["X-Gongkai-Delivery"] for headers, _ in heard.got}
    assert (len(heard.got), len(numbers)) == (6, 1), "a repeat can be recognised"
    page = sign_in(client, "kuang").get("/notices/failures").text
    assert "房建业" in page and "消息网关" in page and "对方未接收（503）" in page and "苗田生" not in page
    heard.status = 200
    client.post("/notices/failures", data={})
    assert delivery.deliver().sent == 1


def test_a_refusal_for_good_is_not_repeated(admin: Any, city: City, heard: Heard) -> None:
    switch_on(admin, heard.url)
    heard.status = 403
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert delivery.deliver().failed == 1


def test_a_redirect_is_not_followed(admin: Any, city: City, heard: Heard) -> None:
    other = Heard()
    try:
        switch_on(admin, heard.url)
        heard.status, heard.location = 307, other.url
        tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
        delivery.deliver()
        assert other.got == []
        assert rows() == [("failed", "对方要求转到别的网址（307），未跟随", 1)]
    finally:
        other.server.shutdown()
        other.thread.join()
        other.server.server_close()


def _try(url: str, **more: Any) -> webhook.Result:
    hosts = more.pop("hosts", ("127.0.0.1", "localhost", "::1", "169.254.169.254", "0.0.0.0", "10.1.2.3"))
    return webhook.send(
        Gateway(url, SECRET, hosts, **more), Message(1, 1, "fang", "urge", "催办", "", "/notices/1")
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://[::1]:9/",
        "http://10.1.2.3/",
        "http://0.0.0.0:9/",
    ],
)
def test_private_addresses_are_not_spoken_to_unless_allowed(url: str) -> None:
    assert _try(url).final and "内网地址" in _try(url).problem or "不能发送" in _try(url).problem


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://0.0.0.0:9/"])
def test_some_addresses_never(url: str) -> None:
    assert _try(url, private=True).problem == "网址指向不能发送的地址，未发送"


def test_a_host_that_is_not_on_the_list_is_not_spoken_to(heard: Heard) -> None:
    assert "不在允许的主机里" in _try(heard.url, hosts=("gateway.example.cn",), private=True).problem
    assert heard.got == []


def test_a_gateway_that_does_not_answer_costs_a_bounded_time(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", 0.3)
    heard.wait.clear()
    assert _try(heard.url, private=True) == webhook.Result("对方没有回应")
    assert _try("http://127.0.0.1:9/", private=True) == webhook.Result("连不上对方，或对话中断")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"url": "ftp://127.0.0.1/"}, "url"),
        ({"url": "https://user:pw@127.0.0.1/"}, "url"),
        ({"url": "https://127.0.0.1:99999/"}, "url"),
        ({"url": "https://elsewhere.cn/"}, "url"),
        ({"hosts": ""}, "hosts"),
        ({"hosts": "http://127.0.0.1/"}, "hosts"),
        ({"secret": "short"}, "secret"),
        ({"secret": ""}, "secret"),
    ],
)
def test_a_gateway_that_cannot_be_is_refused_in_words(admin: Any, said: dict[str, Any], key: str) -> None:
    with pytest.raises(Refused) as refused:
        switch_on(admin, said.pop("url", "https://127.0.0.1/"), **said)
    assert key in refused.value.fields


def test_the_secret_is_written_and_never_shown(admin: Any, city: City, client: FlaskClient) -> None:
    switch_on(admin, "https://127.0.0.1/notify")
    page = sign_in(client, "kuang").get("/notices/gateway")
    assert page.status_code == 200 and "https://127.0.0.1/notify" in page.text and SECRET not in page.text
    row = db.session.scalars(sa.select(Webhook)).one()
    assert SECRET.encode() not in row.secret
    bodies = db.session.scalars(
        sa.select(Record.body).where(Record.action == "notices.webhook_changed")
    ).all()
    assert bodies and SECRET not in "".join(bodies)
    switch_on(admin, "https://127.0.0.1/other", secret="")
    found = gateway.active()
    assert found is not None and (found.secret, found.url) == (SECRET, "https://127.0.0.1/other")
    assert sign_in(client, "fang").get("/notices/gateway").status_code in (403, 404)
    with pytest.raises(NotAllowed):
        switch_on(city.actor("fang"), "https://127.0.0.1/")


def choose(city: City, login: str, **said: Any) -> None:
    usual: dict[str, Any] = {"by_email": True, "by_webhook": True, "quiet": True, "digest": False, "off": {}}
    choosing.choose(city.actor(login), **{**usual, **said})


def test_a_person_chooses_which_kinds_come_by_which_channel(
    any_db: str, admin: Any, city: City, heard: Heard, client: FlaskClient
) -> None:
    switch_on(admin, heard.url)
    page = sign_in(client, "fang").get("/notices/choices").text
    assert "提醒方式" in page and "消息网关" in page and "督办" in page
    said = {"webhook.shown": "y", "by_webhook": "y", "quiet": "y", "webhook.work": "y"}
    assert client.post("/notices/choices", data=said).status_code == 303
    tell(SYSTEM, notes=[note("a", person=city.people["fang"]), note("b", person=city.people["gu"])])
    delivery.deliver()
    assert [body["to"] for body in heard.bodies()] == ["gu"], "催办 was not among what he wanted"
    off = db.session.scalars(
        sa.select(NoticeReader.off).where(NoticeReader.person_id == city.people["fang"])
    ).one()
    assert "urge" in off["webhook"] and "work" not in off["webhook"]
    assert "催办：苗田生的申请" in client.get("/notices/").text, "in the system always"


def test_nothing_leaves_at_night_but_the_next_working_morning(admin: Any, city: City, heard: Heard) -> None:
    switch_on(admin, heard.url)
    choose(city, "gu", quiet=False)
    now.pretend("2026-11-27T21:00")  # a Friday evening
    tell(SYSTEM, notes=[note("a", person=city.people["fang"]), note("b", person=city.people["gu"])])
    delivery.deliver()
    assert [body["to"] for body in heard.bodies()] == ["gu"]
    at = db.session.scalar(sa.select(Delivery.next_at).where(Delivery.state == "waiting"))
    assert timedelta(hours=58) < at - wall() < timedelta(hours=60), "Monday at eight"
    time_passes()
    delivery.deliver()
    assert [body["to"] for body in heard.bodies()] == ["gu", "fang"]


def test_who_wants_one_message_a_day_gets_one(any_db: str, admin: Any, city: City, heard: Heard) -> None:
    switch_on(admin, heard.url)
    choose(city, "fang", digest=True)
    tell(SYSTEM, notes=[note(key, person=city.people["fang"]) for key in "abc"])
    delivery.deliver()
    assert heard.got == [], "it waits for the morning"
    time_passes()
    assert delivery.deliver().sent == 1
    assert heard.bodies()[0]["label"] == "每日汇总（3 条）"
    time_passes()
    assert delivery.deliver().sent == 0
    assert sorted(state for state, _, _ in rows()) == ["merged", "merged", "sent"]


def test_switching_the_gateway_off_stops_it(admin: Any, city: City, heard: Heard) -> None:
    switch_on(admin, heard.url)
    switch_on(admin, heard.url, active=False)
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    delivery.deliver()
    assert heard.got == [] and rows() == []
