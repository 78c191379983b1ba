"""Registers, appeals, case file and evaluations in a real browser: accessible, Chinese, at a desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core.command import Tx, command
from app.requests import appeals
from app.requests.appeals import Filed
from app.requests.models import Fee
from tests.requests.driving import Office
from tests.requests.test_ledger import answered
from tests.support.browser import at_sizes
from tests.support.web import LiveServer

SHOTS = os.environ.get("SHOTS")


@command
def _fee(tx: Tx, request_id: int) -> None:
    tx.session.add(
        Fee(
            request_id=request_id, mode="page", quantity=412, yuan=11180, state="sent", at=tx.now,
            derivation=["1—30 页 0 元", "31—100 页 70 页×10 元＝700 元"], sent_on=date(2026, 11, 23), due_on=date(2026, 12, 23),
        )
    )  # fmt: skip


@pytest.fixture
def told(office: Office) -> dict[str, int]:
    """A closed request with a fee, an appeal that waits and one that was decided; another applicant for the same."""
    case = answered(office, suggests_open=True, agent="任代之")
    office.register(name="苗田生", id_no="", phone="19900000104")
    found = office.request(case)
    _fee(office.city.actor("bai"), found.id)
    filed = Filed(
        kind="reconsideration", track="ordinary", case_no="云政复〔2026〕88号", body="云汀市人民政府", party="何问渠",
        copy_on=date(2026, 11, 23), subject_id=office.city.organs["office"], request_no=str(found.number),
    )  # fmt: skip
    first = appeals.register(office.city.actor("zhang"), filed=filed)["appeal"]
    office.post(
        "jiang",
        f"/requests/{found.id}/evaluation",
        decision="include",
        reason="多人申请相同信息，属于应当公开的财政信息",
    )
    return {"case": case, "request": found.id, "appeal": first}


def sign_in(page: Any, server: LiveServer, login: str) -> None:
    server.let_in(page, login)


def look(page: Any, name: str, width: int) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)


@pytest.mark.slow
def test_every_page_is_accessible_and_fits_at_a_desk_and_on_a_phone(
    told: dict[str, int],
    live_server: LiveServer,
    new_page: Callable[..., Any],
    axe: Callable[[Any], None],
    looks_ok: Callable[..., None],
) -> None:
    request, appeal = told["request"], told["appeal"]
    paths = {
        "ledger": "/requests/ledger",
        "incoming": "/requests/ledger?book=incoming",
        "deliveries": "/requests/ledger?book=deliveries",
        "fees": "/requests/ledger?book=fees",
        "empty": "/requests/ledger?year=2020",
        "appeals": "/requests/appeals",
        "appeal-new": f"/requests/appeals/new?request={request}",
        "appeal": f"/requests/appeals/{appeal}",
        "file": f"/requests/{request}/file",
        "evidence": f"/requests/{request}/evidence",
        "evaluations": "/requests/evaluations?state=all",
        "evaluation": f"/requests/{request}/evaluation",
        "case": f"/cases/{told['case']}",
        "print": "/requests/ledger/print",
    }
    page = new_page(1280, 800)
    sign_in(page, live_server, "zhang")
    for name, path in paths.items():
        page.goto(live_server.url(path))
        for width, _height in at_sizes(page):
            look(page, name, width)
            axe(page)
            looks_ok(page, allowed={"Word", "PDF", "SM3", "ZIP", "manifest", "json"})


@pytest.mark.slow
def test_a_register_and_a_case_are_downloaded_at_one_press(
    told: dict[str, int], live_server: LiveServer, new_page: Callable[..., Any]
) -> None:
    page = new_page(1280, 800)
    sign_in(page, live_server, "bai")
    for address, button in (
        ("/requests/ledger", "导出表格"),
        (f"/requests/{told['request']}/file", "导出案卷"),
    ):
        page.goto(live_server.url(address))
        with page.expect_download() as waiting:
            page.get_by_role("button", name=button).click()
        name = waiting.value.suggested_filename
        assert name.endswith((".xlsx", ".zip")) and "2026" in name
