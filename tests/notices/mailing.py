"""A real SMTP server, an office that writes to it, and what tests ask of both."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from flask import Flask

from app.accounts.models import Person
from app.core.command import Tx, command
from app.core.db import db
from app.core.settings import Settings
from app.notices import Note, service
from app.notices.models import Delivery
from tests.support.organs import City
from tests.support.ready import make_app
from tests.support.services import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Post:
    """What the server received, and how it behaves: `refuse` answers RCPT, `fail` answers DATA."""

    got: list[email.message.EmailMessage] = field(default_factory=list)
    refuse: str = ""
    fail: str = ""
    envelopes: list[Any] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.fail:
            return self.fail
        found = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(found, email.message.EmailMessage)
        self.got.append(found)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos), session.ssl is not None))
        return "250 OK"


class Plain(Controller):
    """A server without STARTTLS."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="mail.test", **self.SMTP_kwargs)


@pytest.fixture
def post_office() -> Iterator[Callable[..., tuple[Post, int]]]:
    """Start SMTP servers; gives what they receive and their port."""
    running = []

    def start(**options: Any) -> tuple[Post, int]:
        post = Post()
        server = Plain(post, hostname="127.0.0.1", port=free_port(), **options)
        server.start()
        running.append(server)
        return post, server.port

    yield start
    for server in running:
        server.stop(no_assert=True)


@pytest.fixture
def office(settings: Settings, starts_with_city: City) -> Iterator[Callable[[str], tuple[Flask, City]]]:
    """An office with a mail server; everybody of the housing bureau has an address."""
    opened = []

    def start(url: str) -> tuple[Flask, City]:
        mailing = replace(settings, smtp=url, mail_from="gongkai@yunting.test")
        app = make_app(mailing, WTF_CSRF_ENABLED=False)
        context = app.app_context()
        context.push()
        opened.append(context)
        city = starts_with_city
        for login in ("fang", "gu", "yan"):
            db.session.execute(
                sa.update(Person).where(Person.id == city.people[login]).values(email=f"{login}@yunting.test")
            )
        db.session.commit()
        return app, city

    yield start
    for context in opened:
        db.session.remove()
        db.engine.dispose()
        context.pop()


@command
def tell(tx: Tx, *, notes: list[Note]) -> None:
    """Something to tell."""
    service.enqueue(tx, notes)


def note(dedupe: str, *, person: int | None = None, post: int | None = None) -> Note:
    return Note("urge", "催办：苗田生的申请", "/work/41", person, post, dedupe)


def states() -> list[str]:
    found = list(db.session.scalars(sa.select(Delivery.state).order_by(Delivery.id)))
    db.session.commit()
    return found


def later(minutes: float) -> None:
    """Let time pass for the machinery: everything was due and leased that much earlier."""
    past = timedelta(minutes=minutes)
    for row in db.session.scalars(sa.select(Delivery)):
        row.next_at -= past
        if row.lease_until:
            row.lease_until -= past
    db.session.commit()
