"""Random people do random things to the shipped processes; after each act the office must still be whole."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
)

from app import create_app, processes
from app.accounts.directory import directory
from app.cases import jobs, offering, queries, service
from app.cases.models import WorkItem
from app.cases.offering import Operation, Standing
from app.cases.reaching import receives
from app.core import now
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import GongkaiError
from app.core.record import Record
from app.core.settings import Settings
from tests.requests.conftest import house as house
from tests.requests.conftest import office as office
from tests.requests.driving import Office
from tests.support.clean_client import CleanClient
from tests.support.guessing import guess
from tests.support.organs import City
from tests.support.signing import sign_in
from tests.support.wholeness import problems, record_problems

#: runs of forty acts; `make soak` makes more
EXAMPLES = int(os.environ.get("MACHINE", "4"))
STARTERS = ("wen", "fang", "shui", "qiao")
seeds = st.integers(0, 2**32 - 1).map(Random)


@contextmanager
def _copy(settled: Settings) -> Iterator[Flask]:
    """The settled city again, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(settled.data, data)
        url = settled.database.replace(str(settled.data), str(data))
        app = create_app(replace(settled, data=data, database=url), TESTING=True, WTF_CSRF_ENABLED=False)
        app.test_client_class = CleanClient
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


class OfficeAtWork(RuleBasedStateMachine):
    """People start, complete, and press every other button there is."""

    city: City
    settled: Settings
    tally: dict[str, int]

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        self.app = self.stack.enter_context(_copy(self.settled))
        self.desks: dict[str, FlaskClient] = {}
        self.day = now.today()
        self._start(Random(1))

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            try:
                assert record_problems() == []
            finally:
                self.stack.close()
                now.pretend("2026-11-23")

    # --- what people do

    @rule(random=seeds)
    def start(self, random: Random) -> None:
        self._start(random)

    def _start(self, random: Random) -> None:
        who, title = random.choice(STARTERS), f"关于第{random.randint(1, 99)}号事项的通知"
        if random.random() < 0.3:
            Office(self._desk("bai"), self.city).register("bai")
            self.desks.clear()  # `register` signs in afresh
            return
        answers: dict[str, Any] = {"title": title, "token": str(uuid.uuid4())}
        if random.random() < 0.3:
            key = "secrecy_review"
            answers |= {"attribute": "proactive", "main_file": (BytesIO(title.encode()), "材料.txt")}
        else:
            key = "disclosure_attribute"
            answers |= {"entry": "document", "kind": "first"}
        answer = self._desk(who).post(f"/start/{key}", data=answers)
        assert answer.status_code == 303, answer.text[:500]
        self._count(f"start {key}")

    @rule(random=seeds)
    def complete(self, random: Random) -> None:
        """Somebody whose step it is fills in its form and sends it on."""
        session = db.session()
        found = self._item_and_person(random)
        if found is None:
            return
        item, case, actor = found
        if item["kind"] != "step":
            return
        filled = guess(session, processes.runtime(case["version_id"]), item, case, actor, random)
        if filled is None:
            self._count("no answers")
            return
        refusal = ""
        try:
            service.submit(actor, item_id=item["id"], offline=False, fill=lambda _item, _case: filled)
        except GongkaiError as error:
            refusal = error.message
        self._count("complete refused" if refusal else "complete")
        assert not refusal or refusal.endswith(("。", "！", "？")), refusal

    @rule(random=seeds)
    def operate(self, random: Random) -> None:
        """Somebody presses another button on a step or a case, also where it is disabled."""
        found = self._item_and_person(random)
        if found is None:
            return
        item, case, actor = found
        session = db.session()
        items = queries.history(session, case["id"])
        about = item if random.random() < 0.6 else None
        here = offering.standing(actor, case, items, now.now(), about)
        buttons = offering.buttons(here)
        if not buttons:
            self._count("no button")
            return
        button = random.choice(buttons)
        operation = offering.BY_KEY[button.key]
        place = f"work/{item['id']}" if about is not None else f"cases/{case['id']}"
        before = self._acts()
        status = self._press(f"/{place}/do/{button.key}", operation, here, self._login(actor), random)
        self._count(f"{button.key} {'done' if status == 303 else 'not done'}")
        assert status in (303, 200, 403, 404, 409, 422), status
        if button.why_not is not None or status != 303:
            assert self._acts() == before, "refused, but something is in the record"

    @rule(random=seeds)
    def wait(self, random: Random) -> None:
        """Days go by, and the jobs run."""
        self.day += timedelta(days=random.randint(1, 3))
        now.pretend(self.day.isoformat())
        jobs.fire_timers()

    # --- how they do it

    def _press(self, path: str, operation: Operation, here: Standing, login: str, random: Random) -> int:
        with self.app.test_request_context(path):
            form = operation.form(here)
            said = {f.short_name: _guess(f, random) for f in form if f.short_name != "csrf_token"}
        answers = {key: value for key, value in said.items() if value not in (None, [])}
        answers["token"] = str(uuid.uuid4())
        client = self._desk(login)
        answer = client.post(path, data=answers)
        if answer.status_code == 200 and 'name="seal"' in answer.text:
            answers["seal"] = answer.text.split('name="seal" value="')[1].split('"')[0]
            answer = client.post(path, data=answers)
        return answer.status_code

    def _item_and_person(self, random: Random) -> tuple[dict[str, Any], dict[str, Any], Actor] | None:
        session = db.session()
        session.commit()
        ids = session.scalars(
            sa.select(WorkItem.id).where(WorkItem.status == "open").order_by(WorkItem.id)
        ).all()
        if not ids:
            return None
        item, case = queries.item(session, random.choice(ids))
        people = directory()
        everybody = [a for p in people.people.values() if p.login and (a := people.actor(p.id))]
        able = [actor for actor in everybody if receives(item, actor)]
        of_organ = [actor for actor in everybody if actor.organ_id == case["organ_id"] and not actor.officer]
        chosen = able if able and random.random() < 0.8 else of_organ
        return (item, case, random.choice(chosen)) if chosen else None

    def _login(self, actor: Actor) -> str:
        return directory().people[actor.person_id or 0].login or ""

    def _desk(self, login: str) -> FlaskClient:
        if login not in self.desks:
            self.desks[login] = sign_in(self.app.test_client(), login)
        return self.desks[login]

    def _acts(self) -> int:
        db.session().commit()
        query = sa.select(sa.func.count()).select_from(Record).where(Record.stream == "case")
        return int(db.session().scalar(query) or 0)

    def _count(self, what: str) -> None:
        self.tally[what] = self.tally.get(what, 0) + 1

    @invariant()
    def whole(self) -> None:
        if hasattr(self, "stack"):
            assert problems(db.session()) == []


def _guess(field: Any, random: Random) -> Any:
    """Something to say to a field of an operation's form."""
    if isinstance(field, SelectMultipleField):
        values = [str(value) for value, *_ in field.iter_choices() if value]
        return random.sample(values, min(len(values), random.randint(1, 3)))
    if isinstance(field, SelectField | RadioField):
        values = [str(value) for value, *_ in field.iter_choices() if value not in ("", None)]
        return random.choice(values) if values else None
    if isinstance(field, BooleanField):
        return "y" if random.random() < 0.5 else None
    if isinstance(field, DateField):
        return (now.today() + timedelta(days=random.randint(0, 9))).isoformat()
    if isinstance(field, IntegerField):
        return str(random.choice((1, 50, 60, 100)))
    if isinstance(field, FileField):
        return None
    return random.choice(("请核对第三段。", "出差一周，请代为办理。", "材料不齐"))


@pytest.mark.slow
def test_whatever_people_do_the_office_stays_whole(app: Flask, house: City, settings: Settings) -> None:
    db.session().commit()
    db.session.remove()
    db.engine.dispose()
    OfficeAtWork.city, OfficeAtWork.settled, OfficeAtWork.tally = house, settings, {}
    run_state_machine_as_test(
        OfficeAtWork,
        settings=hypothesis_settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None),
    )
    print(OfficeAtWork.tally)
    assert OfficeAtWork.tally["complete"] > 20
