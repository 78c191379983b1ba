"""E-mail: encryption, certificates, passwords, settings."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.notices import mailer

ROOT = Path(__file__).parents[2]


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
