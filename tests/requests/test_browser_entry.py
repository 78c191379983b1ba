"""接收登记 of a letter by keyboard alone: the hands never leave it, and in a minute there is time for every key of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.core.db import db
from app.requests.models import Request
from tests.requests.driving import Office
from tests.requests.test_browser_files import sign_in
from tests.support.web import LiveServer

LETTER = {
    "mail_no": "1099000000777",
    "name": "何问渠",
    "id_no": "990101198001010014",
    "phone": "19900000101",
    "address": "云汀市清河路1号",
    "content": "2026年市本级政府债务限额、余额情况",
}
#: where a field is chosen rather than typed: how often the arrow is pressed
CHOSEN = {"channel": 1}
#: of somebody who types all day
KEYS_A_SECOND = 4
_FOCUS = """() => {
  const at = document.activeElement;
  return {name: at.name || "", kind: at.type || "", words: at.textContent.trim()};
}"""


def _keys_for(words: str) -> int:
    """Keys a clerk presses for these words: about three for a Chinese character, by its sound."""
    return sum(1 if character.isascii() else 3 for character in words)


@pytest.mark.slow
def test_a_letter_is_taken_in_by_keyboard_alone_within_a_minute(
    office: Office, live_server: LiveServer, new_page: Callable[..., Any]
) -> None:
    page = new_page(1280, 800)
    sign_in(page, live_server, "bai")
    page.goto(live_server.url("/requests/new"))
    keys, visited = 0, list[str]()
    for _ in range(60):
        here = page.evaluate(_FOCUS)
        visited.append(here["name"])
        if here["kind"] == "submit" and "登记" in here["words"]:
            page.keyboard.press("Enter")
            keys += 1
            break
        if here["name"] in LETTER:
            page.keyboard.type(LETTER[here["name"]])
            keys += _keys_for(LETTER[here["name"]])
        for _ in range(CHOSEN.get(here["name"], 0)):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        keys += 1 + CHOSEN.get(here["name"], 0)
    page.wait_for_url(lambda url: "/requests/new" not in url)
    assert visited[0] == "subject", "the hands begin where the form begins"
    assert keys <= 60 * KEYS_A_SECOND
    db.session().commit()
    kept = db.session().query(Request).one()
    assert (kept.applicant["name"], kept.content, kept.channel) == (
        LETTER["name"], LETTER["content"], "registered",
    )  # fmt: skip
