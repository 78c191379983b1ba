"""Workers that die and workers at the same time: no mail lost, at most one repeated."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core.actor import SYSTEM
from app.core.settings import Settings
from app.notices import delivery
from tests.notices.mailing import later, note, states, tell

ROOT = Path(__file__).parents[2]

# ------------------------------------------------------------------ workers that die, workers at the same time
WORKER = """
import os, signal, sys
from app import create_app
from app.core.settings import read_settings
from app.notices import delivery, mailer

real = mailer.send
where = sys.argv[1]

def send(*arguments):
    if where == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    outcomes = real(*arguments)
    if where == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    return outcomes

delivery.mailer.send = send
with create_app(read_settings()).app_context():
    delivery.deliver()
"""


def run_worker(app: Flask, where: str) -> int:
    """A worker of its own that is killed (-9) before or after sending."""
    settings: Settings = app.extensions["gongkai_settings"]
    env = {
        **os.environ,
        "GONGKAI_DATA": str(settings.data),
        "GONGKAI_DATABASE": settings.database,
        "GONGKAI_SMTP": settings.smtp or "",
        "GONGKAI_MAIL_FROM": settings.mail_from,
        "GONGKAI_NOW": settings.now or "",  # by day: at night nothing leaves
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run([sys.executable, "-c", WORKER, where], env=env, check=False, timeout=120).returncode


@pytest.mark.parametrize(("where", "most"), [("before", 1), ("after", 2)])
def test_a_killed_worker_loses_no_notice_and_repeats_at_most_once(
    any_db: str, post_office: Any, office: Any, where: str, most: int
) -> None:
    post, port = post_office()
    app, city = office(f"smtp://127.0.0.1:{port}")
    tell(SYSTEM, notes=[note(login, person=city.people[login]) for login in ("fang", "gu", "yan")])
    assert run_worker(app, where) == -signal.SIGKILL
    assert states() == ["claimed"] * 3
    assert delivery.deliver().sent == 0, "the lease holds"
    later(5.1)
    assert delivery.deliver().sent == 3
    assert states() == ["sent"] * 3
    for login in ("fang", "gu", "yan"):
        mine = [found for found in post.got if found["To"] == f"{login}@yunting.test"]
        assert len(mine) == most
        assert len({found["Message-ID"] for found in mine}) == 1, "a repeat is recognisable"


def test_workers_at_the_same_time_send_everything_once(any_db: str, post_office: Any, office: Any) -> None:
    post, port = post_office()
    app, city = office(f"smtp://127.0.0.1:{port}")
    people = [city.people[login] for login in ("fang", "gu", "yan")]
    tell(SYSTEM, notes=[note(f"n{number}", person=people[number % 3]) for number in range(60)])
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                delivery.deliver()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivery.deliver()
    assert not errors
    assert states() == ["sent"] * 60
    assert len(post.got) == 60


def test_a_claim_that_was_taken_over_is_left_to_whoever_has_it(post_office: Any, office: Any) -> None:
    _, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    delivery.expand(SYSTEM)
    slow = delivery.claim(SYSTEM)
    later(5.1)
    quick = delivery.claim(SYSTEM)
    done = delivery.Round()
    delivery.settle(SYSTEM, [delivery.Outcome(slow[0], "连不上邮件服务器")], done)
    assert (done.later, states()) == (0, ["claimed"])
    delivery.settle(SYSTEM, [delivery.Outcome(quick[0])], done)
    assert (done.sent, states()) == (1, ["sent"])
