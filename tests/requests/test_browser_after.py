"""Corrections, suggestions and parties nobody can reach, in a real browser: accessible, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.core.db import db
from tests.requests.driving import Office
from tests.requests.test_browser_files import look, sign_in
from tests.requests.test_fixes import SAID, item
from tests.requests.test_ledger import answered
from tests.requests.test_unreached import bounce, waiting
from tests.support.browser import at_sizes
from tests.support.web import LiveServer


@pytest.fixture
def paths(office: Office) -> dict[str, tuple[str, str]]:
    """Name of a look -> who, where: a correction to agree to, one sent back, a suggestion to answer, a party that is gone."""
    case = answered(office, suggests_open=True)
    office.archived(case)
    number = office.request(case).id
    office.post("bai", f"/requests/{number}/fixes", **{**SAID, "finding": "kept", "result": "与原始凭证一致"})
    office.post("jiang", f"/requests/fixes/{item(case, 'record_fix')}", decision="refuse", opinion="请核原件")
    moved = {"finding": "moved", "result": "面积由不动产登记机构登记", "owner": "云汀市自然资源和规划局"}
    office.post("bai", f"/requests/{number}/fixes", **{**SAID, **moved})
    asked = item(case, "record_fix")
    office.act("jiang", case, "evaluate", decision="include", opinion="涉及公众利益调整")
    other = answered(office, name="苗田生", id_no="", phone="19900000104", content="道路改造方案")
    fixed = office.request(other).id
    office.post("bai", f"/requests/{fixed}/fixes", **SAID)
    office.post("jiang", f"/requests/fixes/{item(other, 'record_fix')}", decision="agree")
    _case, _number, party = waiting(office)
    bounce(office, "2026-11-23")
    office.register(channel="ordinary", name="陆远")
    made = {
        "fixes": ("bai", f"/requests/{number}/fixes"),
        "fix-new": ("bai", f"/requests/{office.request(answered(office, name='王芳')).id}/fixes"),
        "fix-agree": ("jiang", f"/requests/fixes/{asked}"),
        "fix-send": ("shi", f"/requests/fixes/{item(other, 'fix_send')}"),
        "suggestion": ("bai", f"/requests/{number}/evaluation"),
        "evaluations": ("bai", "/requests/evaluations?state=tell"),
        "unreached": ("bai", party),
        "queue": ("bai", "/requests"),
        "start": ("bai", "/start"),
    }
    db.session().commit()
    return made


@pytest.mark.slow
def test_the_pages_after_an_answer_are_accessible_and_fit_at_a_desk_and_on_a_phone(
    paths: dict[str, tuple[str, str]],
    live_server: LiveServer,
    new_page: Callable[..., Any],
    axe: Callable[[Any], None],
    looks_ok: Callable[..., None],
) -> None:
    page = new_page(1280, 800)
    for name, (login, path) in sorted(paths.items(), key=lambda each: each[1][0]):
        sign_in(page, live_server, login)
        page.goto(live_server.url(path))
        for fold in page.locator("main details:not([open]) > summary").all():
            if fold.is_visible():
                fold.click()
        for width, _height in at_sizes(page):
            look(page, name, width)
            axe(page)
            looks_ok(page, allowed={"Word", "PDF"})
