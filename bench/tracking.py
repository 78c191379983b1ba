"""The tracking page of the public site: its statements, once everything a process reads once has been read."""

from __future__ import annotations

from app.core.actor import SYSTEM
from app.core.db import db
from bench.offices import Offices
from bench.report import Report
from bench.requests import inside
from bench.steps import LABELS
from tests.portal.conftest import Citizen, open_site
from tests.support.counting import counting

MOST_STATEMENTS = 5


def measure(report: Report, offices: Offices, kind: str) -> None:
    """Somebody applies, tracks, and looks twice; the second look counts."""
    office = offices.make(kind, "tracking")
    with inside(office) as app:
        open_site(SYSTEM)
        citizen = Citizen(app.test_client())
        citizen.apply()
        number, _ = citizen.receipt()
        citizen.post("/public/track/leave")
        if citizen.track(number).status_code != 303:
            raise RuntimeError("the tracking page did not open")
        citizen.progress()
        with counting(db.engine) as count:
            citizen.progress()
    words = f"公开网站查询进度页的 SQL 语句数（{LABELS[kind]}）"
    report.most(f"requests.{kind}.tracking", words, count.statements, MOST_STATEMENTS, "条")
