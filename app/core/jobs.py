"""Jobs: Celery only wakes; what is due stands in rows (design.md 3).

    @job("notices.deliver", every=20)
    def deliver() -> None: …

A job takes ids or nothing, is idempotent, and runs in the application's context. No ETA, no countdown, no
state in the broker: a lost message costs at most one beat.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import Celery
from flask import Flask

from app.core.settings import Settings

log = logging.getLogger("gongkai.jobs")

JOBS: dict[str, tuple[Callable[..., Any], float | None]] = {}


def job(name: str, *, every: float | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a job; `every` seconds the beat wakes it."""

    def register(fn: Callable[..., Any]) -> Callable[..., Any]:
        JOBS[name] = (fn, every)
        return fn

    return register


def make_celery(app: Flask, settings: Settings) -> Celery:
    """The Celery application of this installation, with every registered job."""
    celery = Celery("gongkai", broker=settings.broker)
    celery.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue="gongkai",
        broker_connection_retry_on_startup=True,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        enable_utc=True,
        timezone="Asia/Shanghai",
        beat_schedule={
            name: {"task": name, "schedule": every, "options": {"expires": max(every, 5)}}
            for name, (_, every) in JOBS.items()
            if every
        },
        beat_schedule_filename=str(settings.data / "celery" / "beat-schedule"),
    )
    folder = settings.data / "celery"
    folder.mkdir(parents=True, exist_ok=True)  # the beat keeps its schedule there, whatever the broker
    if settings.broker.startswith("filesystem"):
        for sub in ("queue", "control"):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        celery.conf.broker_transport_options = {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
        }
    for name, (fn, _) in JOBS.items():
        celery.task(_in_context(app, fn), name=name, shared=False)  # of this application only
    return celery


def _in_context(app: Flask, fn: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any) -> None:
        with app.app_context():
            fn(*args)

    run.__name__ = fn.__name__
    return run


def wake(app: Flask, name: str, *args: Any) -> None:
    """Ask the worker to run a job now; used after the commit, and never needed for correctness."""
    celery: Celery | None = app.extensions.get("gongkai_celery")
    if celery is not None and not app.config.get("TESTING"):
        celery.send_task(name, args=args)
