"""The SMTP adapter: plain text, UTF-8, no personal data, and a path instead of an address of this site.

smtp://user:password@host:25          STARTTLS when the server offers it; a password never goes unencrypted
smtp://host:587?tls=required          refuse to send without STARTTLS
smtps://user:password@host:465        TLS from the first byte
…?ca=/path/ca.pem                     trust this authority (an office's own mail server)
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from app.core.now import SHANGHAI, wall

TIMEOUT = 15  # seconds per step of the conversation
LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes, from `GONGKAI_SMTP`."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    implicit_tls: bool = False
    tls_required: bool = False
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to be sent: `delivery_id` makes its Message-ID, so that a repeat can be recognised."""

    delivery_id: int
    attempts: int
    to: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail: `problem` is empty when the server took it; `final` says that repeating is useless."""

    mail: Mail
    problem: str = ""
    final: bool = False


def read_server(url: str) -> Server:
    """The server of a setting; raises ValueError with a Chinese sentence when it cannot be understood."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("GONGKAI_SMTP 应形如 smtp://用户:密码@主机:端口 或 smtps://用户:密码@主机:端口。")
    options = parse_qs(parts.query)
    implicit = parts.scheme == "smtps"
    return Server(
        host=parts.hostname,
        port=parts.port or (465 if implicit else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        implicit_tls=implicit,
        tls_required=options.get("tls") == ["required"],
        ca=options.get("ca", [None])[0],
    )


def compose(mail: Mail, sender: str, name: str) -> EmailMessage:
    """The message. It says what kind of notice waits and where, and nothing about whom it concerns."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name or "政务公开办理平台", addr_spec=sender)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = f"〔{mail.kind}〕政务公开办理平台有一条新通知"
    message["Date"] = format_datetime(wall().astimezone(SHANGHAI))
    message["Message-ID"] = f"<notice-{mail.delivery_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"您好：\n\n政务公开办理平台有一条新的通知，类别：{mail.kind}。\n"
        f"请登录平台后打开：{mail.path}\n\n"
        "本邮件由系统自动发出，请勿回复。不需要邮件提醒的，可以在平台的“通知”页关闭。\n"
    )
    return message


def send(server: Server, sender: str, name: str, mails: list[Mail]) -> list[Outcome]:
    """Send several mails over one connection; every mail gets an outcome, whatever happens."""
    outcomes: list[Outcome] = []
    try:
        with _connect(server) as client:
            for mail in mails:
                outcomes.append(_send_one(client, sender, name, mail))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        left = mails[len(outcomes) :]
        outcomes += [Outcome(mail, _why(error)) for mail in left]
    return outcomes


def _connect(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=server.ca)
    if server.implicit_tls:
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        safe = True
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        client.ehlo()
        safe = client.has_extn("starttls")
        if safe:
            client.starttls(context=context)
    try:
        if not safe and server.tls_required:
            raise smtplib.SMTPException("no starttls")
        if server.user:
            if not safe and server.host not in LOCAL:
                raise smtplib.SMTPException("no starttls")
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _send_one(client: smtplib.SMTP, sender: str, name: str, mail: Mail) -> Outcome:
    try:
        message = compose(mail, sender, name)
    except ValueError:
        return Outcome(mail, "邮箱地址不正确", final=True)
    try:
        client.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        final = all(500 <= code < 600 for code in codes)
        return Outcome(mail, f"对方邮件服务器不接收这个邮箱（{codes[0] if codes else '无代码'}）", final)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPResponseException as error:
        client.rset()
        return Outcome(mail, f"邮件服务器未接收（{error.smtp_code}）")
    return Outcome(mail)


def _why(error: Exception) -> str:
    """A reason without addresses, passwords or what the server said in its own words."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "邮件服务器不接受用户名或密码"
    if isinstance(error, UnicodeError):
        return "邮件服务器的用户名或密码含有不支持的字符"
    if isinstance(error, ssl.SSLError):
        return "邮件服务器的证书未通过检查"
    if isinstance(error, smtplib.SMTPException) and str(error) == "no starttls":
        return "邮件服务器不支持加密连接，未发送"
    if isinstance(error, TimeoutError):
        return "邮件服务器没有回应"
    if isinstance(error, smtplib.SMTPException):
        return "与邮件服务器的对话中断"
    return "连不上邮件服务器"
