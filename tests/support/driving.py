"""Driving cases as people do: sign in, find the work, fill in the form, press the button.

desk = Desk(client)
case = desk.start("wen", "disclosure_attribute", title="…")
desk.act("wen", case, "draft", doc_kind="policy", attribute="proactive", files={"main_file": pdf("正文")})
desk.act("shen", case, "head_review", decision="agree")
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.cases.models import Case, WorkItem
from app.core.db import db
from tests.support.signing import sign_in

Upload = tuple[bytes, str]


def text_file(words: str, name: str = "正文.txt") -> Upload:
    """A small upload."""
    return words.encode(), name


class Desk:
    """A browser that whoever acts sits down at."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.who: str | None = None

    def sit(self, login: str) -> FlaskClient:
        """Sign in, unless this person sits there already."""
        if self.who != login:
            sign_in(self.client, login)
            self.who = login
        return self.client

    def start(
        self, login: str, process: str, *, files: Mapping[str, Upload] | None = None, **answers: Any
    ) -> int:
        """Start a case through its page; the case's id."""
        response = self.sit(login).post(f"/start/{process}", data=_form(answers, files))
        assert response.status_code == 303, errors_in(response)
        return int(db.session().scalar(sa.select(sa.func.max(Case.id))) or 0)

    def item(self, case: int, step: str) -> WorkItem:
        """The open item of a step."""
        session = db.session()
        session.commit()
        found = session.scalars(
            sa.select(WorkItem)
            .where(WorkItem.case_id == case, WorkItem.step == step, WorkItem.status == "open")
            .execution_options(populate_existing=True)
        ).all()
        assert len(found) == 1, f"{step} is not open; open: {self.open_steps(case)}"
        return found[0]

    def open_steps(self, case: int) -> list[str]:
        """Steps that wait."""
        session = db.session()
        session.commit()
        query = sa.select(WorkItem.step).where(WorkItem.case_id == case, WorkItem.status == "open")
        return sorted(session.scalars(query))

    def case(self, case: int) -> Case:
        """The case as it stands."""
        session = db.session()
        session.commit()
        return session.get_one(Case, case, populate_existing=True)

    def act(
        self, login: str, case: int, step: str, *, files: Mapping[str, Upload] | None = None, **answers: Any
    ) -> TestResponse:
        """Complete a step; the answers given go beside what the page shows already."""
        response = self.send(login, case, step, files=files, **answers)
        assert response.status_code == 303, errors_in(response)
        return response

    def send(
        self, login: str, case: int, step: str, *, files: Mapping[str, Upload] | None = None, **answers: Any
    ) -> TestResponse:
        """Post a step's form, whatever comes of it."""
        item = self.item(case, step)
        client = self.sit(login)
        return client.post(
            f"/work/{item.id}", data=_form(self._kept(case, step, answers, files) | answers, files)
        )

    def _kept(
        self, case: int, step: str, answers: Mapping[str, Any], files: Mapping[str, Upload] | None
    ) -> dict[str, Any]:
        """Files that the page would send along as hidden ids."""
        if answers.get("decision") == "return" or step not in ("self_check", "verify_text", "draft"):
            return {}
        data = self.case(case).data
        kept = {}
        for key in ("main_file", "attachments", "interpretation_files"):
            if key not in (files or {}) and isinstance(data.get(key), list) and key not in answers:
                kept[key] = [each["id"] for each in data[key]]
        return kept


def _form(answers: Mapping[str, Any], files: Mapping[str, Upload] | None) -> MultiDict[str, Any]:
    form: MultiDict[str, Any] = MultiDict()
    form.add("token", str(uuid.uuid4()))
    for key, value in answers.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None and each is not False:
                form.add(key, "y" if each is True else str(each))
    for key, (content, name) in (files or {}).items():
        form.add(key, (io.BytesIO(content), name))
    return form


def errors_in(response: TestResponse) -> str:
    """What a refused page says, for the message of a failing test."""
    import re

    html = response.get_data(as_text=True)
    found = re.findall(
        r'class="(?:field-error|error-summary|note note-danger)[^>]*>(.*?)</(?:p|div)>', html, re.S
    )
    words = " | ".join(re.sub(r"<[^>]+>|\s+", " ", each).strip() for each in found)
    return f"{response.status_code}: {words or re.sub(r'<[^>]+>', ' ', html)[:600]}"


SELF_CHECK = {
    "source": "made",
    "produced_on": "2026-11-20",
    "checked": True,
    "deid_result": "none",
    "channels": ["website"],
}
