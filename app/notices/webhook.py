"""The webhook adapter: one signed JSON message per notice and person, which gateways of 政务微信, 钉钉 or SMS understand.

    POST <url>
    Content-Type: application/json; charset=utf-8
    X-Gongkai-Delivery: 41                 the same number for every attempt, so that a repeat can be recognised
    X-Gongkai-Timestamp: 1795399200        seconds
    X-Gongkai-Signature: sha256=<hex>      HMAC-SHA256 under the shared secret of "<timestamp>.<body>"

    {"delivery": 41, "to": "fang", "kind": "urge", "label": "催办", "text": "…", "path": "/notices/7"}

`to` is a login name: the gateway knows whose phone that is. `text` says what a notice is about only where the office chose
so. Redirects are not followed; the address is resolved once, checked, and that very address is connected to.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.core.now import wall

TIMEOUT = 10  # seconds per step of the conversation
TOTAL = 20  # seconds for all of it: a batch of ten stays within its lease
MOST_ANSWER = 64 * 1024  # bytes of the answer that are read, and thrown away
#: answers that may be different later; every other refusal is final
LATER = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where messages go, as the system administrator set it. `hosts` are the only ones it may lead to."""

    url: str
    secret: str
    hosts: tuple[str, ...]
    private: bool = False
    with_text: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `delivery` and `attempts` name the claim it belongs to."""

    delivery: int
    attempts: int
    to: str
    kind: str
    label: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it: `problem` is empty when the gateway took it; `final` says that repeating is useless."""

    problem: str = ""
    final: bool = False


class _Refused(Exception):
    """The address is not one to speak to."""


def problem_of(url: str, hosts: tuple[str, ...]) -> str | None:
    """What is wrong with an address, as a sentence; None when it can be used."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "网址写得不对，例如 https://gateway.example.cn/notify。"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "网址应以 https:// 开头（内网可以用 http://），例如 https://gateway.example.cn/notify。"
    if parts.username or parts.password or parts.fragment:
        return "网址里不要写用户名、密码和 # 后面的部分。"
    if parts.hostname.lower() not in hosts:
        return f"主机 {parts.hostname} 不在允许的主机里，请先加上。"
    return None


def body_of(message: Message, gateway: Gateway) -> bytes:
    """The JSON of a message. Without the office's choice it says which kind of notice waits, and nothing else."""
    plain = f"政务公开办理平台有一条新的通知：{message.label}。请登录平台查看。"
    said: dict[str, Any] = {
        "delivery": message.delivery,
        "to": message.to,
        "kind": message.kind,
        "label": message.label,
        "text": message.text if gateway.with_text and message.text else plain,
        "path": message.path,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What X-Gongkai-Signature holds."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def send(gateway: Gateway, message: Message) -> Result:
    """Send one message; never raises. The reason holds no address, no secret and nothing the gateway said."""
    if problem_of(gateway.url, gateway.hosts) is not None:
        return Result("网址不在允许的主机里，未发送", final=True)
    body = body_of(message, gateway)
    timestamp = str(int(wall().timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "gongkai",
        "X-Gongkai-Delivery": str(message.delivery),
        "X-Gongkai-Timestamp": timestamp,
        "X-Gongkai-Signature": signature(gateway.secret, timestamp, body),
    }
    try:
        status = _post(gateway, headers, body)
    except _Refused as refused:
        return Result(str(refused), final=True)
    except ssl.SSLError:
        return Result("对方的证书未通过检查")
    except TimeoutError:
        return Result("对方没有回应")
    except (OSError, http.client.HTTPException, UnicodeError):
        return Result("连不上对方，或对话中断")
    return _read(status)


def _read(status: int) -> Result:
    if 200 <= status < 300:
        return Result()
    if 300 <= status < 400:
        return Result(f"对方要求转到别的网址（{status}），未跟随", final=True)
    return Result(f"对方未接收（{status}）", final=400 <= status < 500 and status not in LATER)


def _post(gateway: Gateway, headers: dict[str, str], body: bytes) -> int:
    parts = urlsplit(gateway.url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _resolve(host, port, gateway.private)
    connection = _Pinned(host, port, address, secure)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    alarm = threading.Timer(TOTAL, connection.abort)
    alarm.start()
    try:
        connection.request("POST", path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read(MOST_ANSWER)
        return answer.status
    finally:
        alarm.cancel()
        connection.close()


def _resolve(host: str, port: int, private: bool) -> str:
    """One address of the host. Every address it has must be allowed, so that none of them can be chosen to trick us."""
    found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    for each in found:
        address = ipaddress.ip_address(each.split("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if mapped.is_multicast or mapped.is_unspecified or (mapped.is_link_local):
            raise _Refused("网址指向不能发送的地址，未发送")
        if not mapped.is_global and not private:
            raise _Refused("网址指向内网地址，未发送；内网网关请由系统管理员允许")
    return sorted(found)[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to one address that was checked, under the host's name."""

    def __init__(self, host: str, port: int, address: str, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address = address
        self._secure = secure
        self.default_port = 443 if secure else 80

    def abort(self) -> None:
        """End a conversation that drips on and on."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def connect(self) -> None:
        """Connect to the checked address, whatever the name resolves to by now."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
