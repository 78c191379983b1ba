"""Jobs run in a real worker, over a real Redis and over the filesystem, woken by a message or by the beat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.audit import sealfile
from app.core import jobs
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.settings import Settings
from app.office.backup import note_backup
from tests.support import processes

pytestmark = pytest.mark.slow


@pytest.fixture(params=["filesystem", "redis"])
def office(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Flask]:
    """An office with one row in its record that waits to be sealed."""
    broker = settings.broker if request.param == "filesystem" else request.getfixturevalue("redis_url")
    app = create_app(replace(settings, broker=broker))
    with app.app_context():
        note_backup(SYSTEM, name="备份.tar", files=0, with_keys=False)
        db.session.remove()
        yield app
        app.extensions["gongkai_celery"].close()
        db.session.remove()
        db.engine.dispose()


def sealed(folder: Path) -> int:
    path = folder / sealfile.NAME
    return sum(json.loads(line)["count"] for line in path.read_text().splitlines()) if path.exists() else 0


def test_a_job_woken_by_a_message_runs_in_a_real_worker(office: Flask) -> None:
    settings: Settings = office.extensions["gongkai_settings"]
    jobs.wake(office, "audit.seal")
    worker = processes.start_worker(settings)
    try:
        processes.eventually(lambda: sealed(settings.seals) == 1, 90, lambda: log(settings))
    finally:
        processes.stop(worker)
    assert worker.returncode == 0
    assert "Traceback" not in log(settings)


def log(settings: Settings) -> str:
    path = settings.data / "worker.log"
    return path.read_text(errors="replace") if path.exists() else ""


@pytest.mark.parametrize("office", ["filesystem"], indirect=True)
def test_the_beat_wakes_jobs_without_a_message_and_litters_nowhere(office: Flask) -> None:
    settings: Settings = office.extensions["gongkai_settings"]
    worker = processes.start_worker(settings, "--beat")
    try:
        processes.eventually(lambda: "notices.deliver" in due(settings), 120, lambda: log(settings))
    finally:
        processes.stop(worker)
    assert list((settings.data / "celery").glob("beat-schedule*"))
    assert not list(processes.ROOT.glob("celerybeat*"))
    assert not (processes.ROOT / "control").exists()


def due(settings: Settings) -> str:
    """Lines of the worker's log that tell of a finished job."""
    return "\n".join(line for line in log(settings).splitlines() if "succeeded" in line)
