"""A browser without a browser: keeps cookies, reads forms from pages, sends them as the page says."""

from __future__ import annotations

import http.client
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from bench.servers import Server
from bench.serving import EMPTY
from tests.support.organs import PASSWORD

Pairs = list[tuple[str, str]]


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class FormReader(HTMLParser):
    """The fields of the form with a given action, as a browser would send them untouched."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.page, self.action, self.inside, self.found = page, action, False, False
        self.fields: Pairs = []
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note fields of our form."""
        at = dict(attrs)
        if tag == "form":
            self.inside = (at.get("action") or self.page) == self.action
            self.found |= self.inside
        elif self.inside and tag == "input" and at.get("name"):
            kind = at.get("type") or "text"
            if kind not in ("submit", "button", "file") and (
                kind not in ("radio", "checkbox") or "checked" in at
            ):
                self.fields.append((at["name"] or "", at.get("value") or ""))
        elif self.inside and tag == "textarea":
            self._area = at.get("name")
            self.fields.append((self._area or "", ""))
        elif self.inside and tag == "select":
            self._select = at.get("name")
        elif self.inside and tag == "option" and self._select and "selected" in at:
            self.fields.append((self._select, at.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave forms, areas and lists."""
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        """Text inside a textarea is its value."""
        if self._area:
            name, value = self.fields[-1]
            self.fields[-1] = (name, value + data)


class Browser:
    """One person at one server, over one kept connection."""

    def __init__(self, server: Server, login: str) -> None:
        self.server = server
        self.wire = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.wire.connect()
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self._sign_in(login)

    def get(self, path: str) -> Answer:
        """Open a page; it must be there."""
        answer = self._send("GET", path)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.text[:300]}")
        return answer

    def post(self, path: str, fields: Pairs) -> Answer:
        """Send a plain form."""
        return self._send("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def post_parts(self, path: str, fields: Pairs, files: Mapping[str, tuple[bytes, str]] = {}) -> Answer:
        """Send a form as `multipart/form-data`, as every form that may carry files does."""
        mark = uuid.uuid4().hex
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields]
        body = "".join(parts).encode()
        for key, (content, name) in files.items():
            head = f'--{mark}\r\nContent-Disposition: form-data; name="{key}"; filename="{name}"\r\n'
            body += f"{head}Content-Type: text/plain\r\n\r\n".encode() + content + b"\r\n"
        return self._send(
            "POST", path, body + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
        )

    def empty(self) -> Answer:
        """The yardstick: an empty signed-in form."""
        return self.post(EMPTY, [("csrf_token", self.csrf)])

    def form(self, page: str, action: str) -> Pairs:
        """The fields of a form of this site, as the page `page` shows them."""
        reader = FormReader(page, action)
        reader.feed(self.get(page).text)
        if not reader.found:
            raise RuntimeError(f"{page} has no form that goes to {action}")
        return reader.fields

    def upload(self, path: str, field: str, file: tuple[bytes, str]) -> str:
        """Upload a file ahead of its form, as the page's script does; its id."""
        answer = self.post_parts(path, [("csrf_token", self.csrf), ("field", field)], {"file": file})
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.text[:300]}")
        return str(json.loads(answer.body)["id"])

    def close(self) -> None:
        """Hang up."""
        self.wire.close()

    def _sign_in(self, login: str) -> None:
        fields = dict(self.form("/sign-in", "/sign-in")) | {"login": login, "password": PASSWORD}
        answer = self.post("/sign-in", list(fields.items()))
        if answer.status not in (302, 303):
            raise RuntimeError(f"{login} could not sign in: {answer.status}")
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/work").text)
        self.csrf = found.group(1) if found else ""

    def _send(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        headers = {"Accept": "text/html", "Accept-Language": "zh-CN"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if kind:
            headers["Content-Type"] = kind
        self.wire.request(method, path, body, headers)
        response = self.wire.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer


def changed(fields: Pairs, answers: Mapping[str, Any]) -> Pairs:
    """The form with some answers given: None takes a field out, True ticks it, a list gives several."""
    kept = [(key, value) for key, value in fields if key not in answers]
    for key, value in answers.items():
        several: Iterable[Any] = value if isinstance(value, (list, tuple)) else [value]
        kept += [(key, "y" if each is True else str(each)) for each in several if each is not None]
    return kept
