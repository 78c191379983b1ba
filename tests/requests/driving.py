"""Handling requests as people do: register at the counter, act on each step, post the room's own pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.cases.models import Case
from app.core import now
from app.core.db import db
from app.requests.models import Request
from tests.support.driving import Desk, errors_in, text_file
from tests.support.organs import City

APPLICANT = {
    "kind": "person",
    "name": "何问渠",
    "id_kind": "id_card",
    "id_no": "990101198001010014",
    "phone": "19900000101",
    "address": "云汀市清河路1号",
}


class Office(Desk):
    """A desk with the room's own pages."""

    def __init__(self, client: FlaskClient, city: City) -> None:
        super().__init__(client)
        self.city = city

    def day(self, text: str) -> None:
        """Let it be that day; the sign-in stays."""
        now.pretend(text)

    def register(self, login: str = "bai", *, subject: str = "office", **answers: Any) -> int:
        """接收登记 through its page; the case's id."""
        said: dict[str, Any] = {
            **APPLICANT,
            "subject": self.city.organs[subject],
            "channel": "counter",
            "arrived_on": now.today().isoformat(),
            "content": "2026年市本级政府债务限额、余额情况",
            "supply": "paper",
            "delivery": "post",
            **answers,
        }
        response = self.post(login, "/requests/new", **said)
        assert response.status_code == 303, errors_in(response)
        return int(db.session().query(Case.id).order_by(Case.id.desc()).limit(1).scalar() or 0)

    def post(self, login: str, path: str, **answers: Any) -> TestResponse:
        """Post one of the room's pages."""
        from tests.support.driving import _form

        return self.sit(login).post(path, data=_form(answers, None))

    def request(self, case: int) -> Request:
        """The request of a case as it stands."""
        session = db.session()
        session.commit()
        session.expire_all()
        return session.query(Request).filter_by(case_id=case).one()

    # --- stretches of the road

    def examined(self, case: int, **answers: Any) -> None:
        """要件与性质审查: in order and ordinary, unless said otherwise."""
        self.act("bai", case, "examine", **{"clear": "yes", "nature": "normal", "decision": "go", **answers})

    def searched(self, case: int, **answers: Any) -> None:
        """检索与权属判断: found, by ourselves."""
        said = {
            "found": "found",
            "search_scope": "市府办2018年以来的文书档案",
            "search_method": "以关键词检索文书系统并人工查阅目录",
            "search_keywords": "政府债务",
            "search_result": "检索到一份",
            "decision": "go",
        }
        self.act("bai", case, "search", **{**said, **answers})

    def decided(self, case: int, outcome: str, login: str = "bai", **more: Any) -> TestResponse:
        """Decide the one matter of a request on its page."""
        found = self.request(case)
        from app.requests.deciding import matters_of

        (matter,) = matters_of(db.session(), found.id)
        said = {"count": 1, "id_1": matter.id, "text_1": matter.text, "outcome_1": outcome, **more}
        response = self.post(login, f"/requests/{found.id}/matters", **said)
        assert response.status_code == 303, errors_in(response)
        return response

    def drafted(self, case: int, **answers: Any) -> None:
        """拟办答复 sent for review."""
        said = {"redaction_checked": True, "decision": "submit", **answers}
        self.act("bai", case, "draft_reply", **said)

    def reviewed(self, case: int, conclusion: str = "open", by: str = "bai", **more: Any) -> None:
        """保密审查 of 市府办, from self-check to its end."""
        from tests.support.driving import SELF_CHECK

        self.act(by, case, "self_check", **SELF_CHECK)
        self.act("jiang", case, "head_review", decision="agree", opinion="自查属实")
        self.act(
            "wei", case, "officer_review", decision="agree", conclusion=conclusion, opinion="审查完毕", **more
        )
        if "leader_approve" in self.open_steps(case):
            self.act("lu", case, "leader_approve", decision="agree")

    def signed(self, case: int) -> None:
        """法制审核, 工作机构负责人, 签发: whichever the outcome needs."""
        for step, login in (
            ("legal_review", "zhang"),
            ("head_review", "jiang"),
            ("head_sign", "jiang"),
            ("sign", "lu"),
            ("principal_sign", "qin"),
        ):
            if step in self.open_steps(case):
                self.act(login, case, step, decision="agree", opinion="同意")

    def sent(self, case: int, method: str = "post", **answers: Any) -> None:
        """用印 and 送达 today."""
        today = now.today().isoformat()
        number = self.case(case).data.get("doc_no")
        self.act("shi", case, "seal", doc_no=number, sealed_on=today, copies=2, decision="sealed")
        said = {
            "method": method,
            "sent_on": today,
            "mail_no": "1099000000101",
            "decision": "served",
            **answers,
        }
        self.act("shi", case, "serve", **said)

    def archived(self, case: int) -> None:
        """归档."""
        said = {
            "archive_no": "2026-公开-0001",
            "box_no": "1",
            "retention": "30",
            "pages": 12,
            "decision": "done",
        }
        self.act("jian", case, "archive", **said)


def later(days: int) -> str:
    """A day so many natural days from today."""
    return (now.today() + timedelta(days=days)).isoformat()


def iso(day: date | None) -> str:
    """Empty for None."""
    return day.isoformat() if day else ""


__all__ = ["APPLICANT", "Office", "iso", "later", "text_file"]
