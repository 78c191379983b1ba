"""E-mail through a real SMTP server: what is said, when it is repeated, and what a killed worker costs."""

from __future__ import annotations

import email
import email.policy
import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app
from app.accounts.models import Person
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.now import wall
from app.core.settings import Settings
from app.notices import Note, delivery, mailer, service
from app.notices.models import Delivery, Notice
from tests.support.clean_client import CleanClient
from tests.support.organs import City, build_city
from tests.support.services import free_port
from tests.support.signing import sign_in

ROOT = Path(__file__).parents[2]


@dataclass
class Post:
    """What the server received, and how it behaves: `refuse` answers RCPT, `fail` answers DATA."""

    got: list[email.message.EmailMessage] = field(default_factory=list)
    refuse: str = ""
    fail: str = ""
    envelopes: list[Any] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.fail:
            return self.fail
        found = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(found, email.message.EmailMessage)
        self.got.append(found)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos), session.ssl is not None))
        return "250 OK"


class Plain(Controller):
    """A server without STARTTLS."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="mail.test", **self.SMTP_kwargs)


@pytest.fixture
def post_office() -> Iterator[Callable[..., tuple[Post, int]]]:
    """Start SMTP servers; gives what they receive and their port."""
    running = []

    def start(**options: Any) -> tuple[Post, int]:
        post = Post()
        server = Plain(post, hostname="127.0.0.1", port=free_port(), **options)
        server.start()
        running.append(server)
        return post, server.port

    yield start
    for server in running:
        server.stop(no_assert=True)


@pytest.fixture
def office(settings: Settings) -> Iterator[Callable[[str], tuple[Flask, City]]]:
    """An office with a mail server; everybody of the housing bureau has an address."""
    opened = []

    def start(url: str) -> tuple[Flask, City]:
        app = create_app(
            replace(settings, smtp=url, mail_from="gongkai@yunting.test"),
            TESTING=True,
            WTF_CSRF_ENABLED=False,
        )
        app.test_client_class = CleanClient
        context = app.app_context()
        context.push()
        opened.append(context)
        city = build_city()
        for login in ("fang", "gu", "yan"):
            db.session.execute(
                sa.update(Person).where(Person.id == city.people[login]).values(email=f"{login}@yunting.test")
            )
        db.session.commit()
        return app, city

    yield start
    for context in opened:
        db.session.remove()
        db.engine.dispose()
        context.pop()


@command
def tell(tx: Tx, *, notes: list[Note]) -> None:
    """Something to tell."""
    service.enqueue(tx, notes)


def note(dedupe: str, *, person: int | None = None, post: int | None = None) -> Note:
    return Note("urge", "催办：苗田生的申请", "/work/41", person, post, dedupe)


def states() -> list[str]:
    found = list(db.session.scalars(sa.select(Delivery.state).order_by(Delivery.id)))
    db.session.commit()
    return found


def later(minutes: float) -> None:
    """Let time pass for the machinery: everything was due and leased that much earlier."""
    past = timedelta(minutes=minutes)
    for row in db.session.scalars(sa.select(Delivery)):
        row.next_at -= past
        if row.lease_until:
            row.lease_until -= past
    db.session.commit()


def test_a_mail_says_what_kind_of_notice_waits_and_nothing_about_whom(
    any_db: str, post_office: Any, office: Any
) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    done = delivery.deliver()
    assert (done.sent, states()) == (1, ["sent"])
    mail = post.got[0]
    assert mail["Subject"] == "〔催办〕政务公开办理平台有一条新通知"
    assert mail["To"] == "fang@yunting.test" and mail["Auto-Submitted"] == "auto-generated"
    assert post.envelopes[0][:2] == ("gongkai@yunting.test", ["fang@yunting.test"])
    text = mail.get_content()
    assert mail.get_content_charset() == "utf-8" and not mail.is_multipart()
    assert "/notices/1" in text and "http" not in text
    assert "苗田生" not in text and "房建业" not in text and "/work/41" not in text
    assert delivery.deliver().sent == 0, "once"


def test_a_post_is_mailed_to_those_who_hold_it_now_have_an_address_and_want_it(
    any_db: str, post_office: Any, office: Any
) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    service.choose_email(city.actor("yan"), wanted=False)
    notes = [
        note("1", post=city.post("housing", "unit_head", "住房保障科")),  # gu
        note("2", post=city.post("housing", "secrecy_officer")),  # yan, who does not want it
        note("3", post=city.post("housing", "unit_head", "建筑业科")),  # li, without an address
        note("4", person=city.people["wang"]),  # without an address
    ]
    tell(SYSTEM, notes=notes)
    delivery.deliver()
    assert [mail["To"] for mail in post.got] == ["gu@yunting.test"]
    assert db.session.scalar(sa.select(sa.func.count()).where(Notice.mailed_at.is_(None))) == 0


def test_without_a_mail_server_nothing_waits_for_one(app: Flask, city: City, session: Session) -> None:
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert session.scalar(sa.select(sa.func.count()).where(Notice.mailed_at.is_(None))) == 0
    assert delivery.deliver() == delivery.Round()
    assert "没有设置邮件服务器" in app.test_cli_runner().invoke(args=["notices", "deliver"]).output


def test_what_fails_is_tried_again_later_and_at_last_shown(post_office: Any, office: Any) -> None:
    post, port = post_office()
    app, city = office(f"smtp://127.0.0.1:{port}")
    post.fail = "451 try later fang@yunting.test"
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert delivery.deliver().later == 1
    assert delivery.deliver().later == 0, "not before its time"
    for minutes in (1.1, 5.1, 15.1, 61, 241):
        later(minutes)
        assert len(states()) == 1
        delivery.deliver()
    assert states() == ["failed"]
    row = db.session.scalars(sa.select(Delivery)).one()
    assert (row.attempts, row.problem) == (6, "邮件服务器未接收（451）")
    client = app.test_client()
    sign_in(client, "kuang")
    page = client.get("/notices/failures").text
    assert "房建业" in page and "邮件服务器未接收（451）" in page
    assert "苗田生" not in page and "fang@yunting.test" not in page
    post.fail = ""
    assert client.post("/notices/failures", data={"delivery": str(row.id)}).status_code == 303
    assert delivery.deliver().sent == 1
    assert client.post("/notices/failures", data={"delivery": str(row.id)}).status_code == 409
    assert client.post("/notices/failures", data={"delivery": "999"}).status_code == 404
    assert "没有未送出的邮件" in client.get("/notices/failures").text


def test_an_address_the_server_refuses_for_good_is_not_tried_again(post_office: Any, office: Any) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    post.refuse = "550 no such user"
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert delivery.deliver().failed == 1
    assert service.retry(city.actor("kuang"), delivery_id=None) == {"count": 1}
    post.refuse = "451 busy"
    assert delivery.deliver().later == 1


def test_one_bad_address_does_not_hold_up_the_others(post_office: Any, office: Any) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    bad = "x\r\nBcc: everybody@yunting.test"
    db.session.execute(sa.update(Person).where(Person.id == city.people["fang"]).values(email=bad))
    db.session.commit()
    tell(SYSTEM, notes=[note(login, person=city.people[login]) for login in ("fang", "gu", "yan")])
    done = delivery.deliver()
    assert (done.sent, done.failed) == (2, 1)
    assert all("everybody" not in str(envelope) for envelope in post.envelopes)


def test_a_server_that_is_down_costs_nothing_but_time(office: Any) -> None:
    _, city = office(f"smtp://127.0.0.1:{free_port()}")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"]), note("b", person=city.people["gu"])])
    assert delivery.deliver().later == 2
    assert db.session.scalars(sa.select(Delivery.problem)).all() == ["连不上邮件服务器"] * 2


def test_whoever_left_meanwhile_is_not_written_to(post_office: Any, office: Any) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    delivery.expand(SYSTEM)
    db.session.execute(sa.update(Person).where(Person.id == city.people["fang"]).values(active=False))
    db.session.commit()
    delivery.deliver()
    assert (states(), post.got) == (["dropped"], [])


# ------------------------------------------------------------------ encryption and passwords
@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder / "cert.pem", folder / "key.pem"


def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


def mail(to: str = "a@yunting.test") -> list[mailer.Mail]:
    return [mailer.Mail(1, 1, to, "待办", "/notices/1")]


def send(url: str) -> mailer.Outcome:
    return mailer.send(mailer.read_server(url), "gongkai@yunting.test", "云汀市", mail())[0]


def check_password(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"office", b"pa@ss:word")
    return AuthResult(success=good, handled=False)


def test_starttls_is_used_where_offered_and_the_certificate_is_checked(
    post_office: Any, certificate: tuple[Path, Path]
) -> None:
    post, port = post_office(tls_context=server_context(certificate))
    assert send(f"smtp://127.0.0.1:{port}").problem == "邮件服务器的证书未通过检查"
    assert send(f"smtp://127.0.0.1:{port}?ca={certificate[0]}").problem == ""
    assert post.envelopes[0][2] is True


def test_a_required_encryption_is_required(post_office: Any) -> None:
    post, port = post_office()
    assert send(f"smtp://127.0.0.1:{port}?tls=required").problem == "邮件服务器不支持加密连接，未发送"
    assert post.got == []


def test_tls_from_the_first_byte_and_a_password(post_office: Any, certificate: tuple[Path, Path]) -> None:
    options = {
        "ssl_context": server_context(certificate),
        "authenticator": check_password,
        "auth_require_tls": False,
    }
    post, port = post_office(**options)
    tail = f"127.0.0.1:{port}?ca={certificate[0]}"
    assert send(f"smtps://office:wrong@{tail}").problem == "邮件服务器不接受用户名或密码"
    assert send(f"smtps://office:pa%40ss%3Aword@{tail}").problem == ""
    assert len(post.got) == 1
    assert send(f"smtps://office:%E5%AF%86@{tail}").problem == "邮件服务器的用户名或密码含有不支持的字符"


def test_a_password_never_goes_to_another_machine_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    class Fake:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def ehlo(self) -> None: ...

        def has_extn(self, _: str) -> bool:
            return False

        def login(self, *_: Any) -> None:
            said.append("login")

        def close(self) -> None:
            said.append("closed")

    monkeypatch.setattr(mailer.smtplib, "SMTP", Fake)
    assert send("smtp://office:secret@mail.elsewhere.test").problem == "邮件服务器不支持加密连接，未发送"
    assert said == ["closed"]


def test_settings_that_cannot_be_understood_say_how_to_write_them(office: Any) -> None:
    for url in ("mail.example", "http://mail.example", "smtp://"):
        with pytest.raises(ValueError, match="GONGKAI_SMTP"):
            mailer.read_server(url)
    app, _ = office("mail.example")
    told = app.test_cli_runner().invoke(args=["notices", "deliver"])
    assert told.exit_code == 1 and "GONGKAI_SMTP 应形如" in told.output


# ------------------------------------------------------------------ workers that die, workers at the same time
WORKER = """
import os, signal, sys
from app import create_app
from app.core.settings import read_settings
from app.notices import delivery, mailer

real = mailer.send
where = sys.argv[1]

def send(*arguments):
    if where == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    outcomes = real(*arguments)
    if where == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    return outcomes

delivery.mailer.send = send
with create_app(read_settings()).app_context():
    delivery.deliver()
"""


def run_worker(app: Flask, where: str) -> int:
    """A worker of its own that is killed (-9) before or after sending."""
    settings: Settings = app.extensions["gongkai_settings"]
    env = {
        **os.environ,
        "GONGKAI_DATA": str(settings.data),
        "GONGKAI_DATABASE": settings.database,
        "GONGKAI_SMTP": settings.smtp or "",
        "GONGKAI_MAIL_FROM": settings.mail_from,
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run([sys.executable, "-c", WORKER, where], env=env, check=False, timeout=120).returncode


@pytest.mark.parametrize(("where", "most"), [("before", 1), ("after", 2)])
def test_a_killed_worker_loses_no_notice_and_repeats_at_most_once(
    any_db: str, post_office: Any, office: Any, where: str, most: int
) -> None:
    post, port = post_office()
    app, city = office(f"smtp://127.0.0.1:{port}")
    tell(SYSTEM, notes=[note(login, person=city.people[login]) for login in ("fang", "gu", "yan")])
    assert run_worker(app, where) == -signal.SIGKILL
    assert states() == ["claimed"] * 3
    assert delivery.deliver().sent == 0, "the lease holds"
    later(5.1)
    assert delivery.deliver().sent == 3
    assert states() == ["sent"] * 3
    for login in ("fang", "gu", "yan"):
        mine = [found for found in post.got if found["To"] == f"{login}@yunting.test"]
        assert len(mine) == most
        assert len({found["Message-ID"] for found in mine}) == 1, "a repeat is recognisable"


def test_workers_at_the_same_time_send_everything_once(any_db: str, post_office: Any, office: Any) -> None:
    post, port = post_office()
    app, city = office(f"smtp://127.0.0.1:{port}")
    people = [city.people[login] for login in ("fang", "gu", "yan")]
    tell(SYSTEM, notes=[note(f"n{number}", person=people[number % 3]) for number in range(60)])
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                delivery.deliver()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivery.deliver()
    assert not errors
    assert states() == ["sent"] * 60
    assert len(post.got) == 60


def test_a_claim_that_was_taken_over_is_left_to_whoever_has_it(post_office: Any, office: Any) -> None:
    _, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    delivery.expand(SYSTEM)
    slow = delivery.claim(SYSTEM)
    later(5.1)
    quick = delivery.claim(SYSTEM)
    done = delivery.Round()
    delivery.settle(SYSTEM, [mailer.Outcome(slow[0], "连不上邮件服务器")], done)
    assert (done.later, states()) == (0, ["claimed"])
    delivery.settle(SYSTEM, [mailer.Outcome(quick[0])], done)
    assert (done.sent, states()) == (1, ["sent"])


def test_everybody_chooses_for_himself_on_the_page(post_office: Any, office: Any) -> None:
    _, port = post_office()
    app, city = office(f"smtp://127.0.0.1:{port}")
    client: FlaskClient = app.test_client()
    sign_in(client, "fang")
    assert "关闭邮件提醒" in client.get("/notices/").text
    assert client.post("/notices/email", data={"wanted": "0"}).status_code == 303
    assert "开启邮件提醒" in client.get("/notices/").text
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert delivery.deliver().sent == 0
    client.post("/notices/email", data={"wanted": "1"})
    tell(SYSTEM, notes=[note("b", person=city.people["fang"])])
    assert delivery.deliver().sent == 1
    sign_in(client, "wang")
    assert "还没有登记邮箱" in client.get("/notices/").text


def test_the_machinery_goes_by_the_real_clock(business_day: Any, post_office: Any, office: Any) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    business_day("2031-01-01")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    business_day("2026-11-23")
    assert delivery.deliver().sent == 1
    row = db.session.scalars(sa.select(Delivery)).one()
    assert abs((wall() - row.next_at).total_seconds()) < 60
