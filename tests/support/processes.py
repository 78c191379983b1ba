"""Real processes of the office: started, watched, and proven gone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.core.settings import Settings

ROOT = Path(__file__).parents[2]


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """What a process of that office is told from outside."""
    return dict(os.environ) | {
        "GONGKAI_DATA": str(settings.data),
        "GONGKAI_DATABASE": settings.database,
        "GONGKAI_BROKER": settings.broker,
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def eventually(happened: Callable[[], object], seconds: float, what: Callable[[], object]) -> None:
    """Wait until `happened()` is true; fail with what `what()` says after `seconds` (generous: machines are busy)."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what()}"
        time.sleep(0.05)


def living(data: Path) -> dict[int, str]:
    """Processes that were told to work on this data folder: pid -> command line."""
    wanted = f"GONGKAI_DATA={data}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if words.strip():
                    found[int(folder.name)] = words
    return found


def start_worker(settings: Settings, *more: str) -> subprocess.Popen[bytes]:
    """A Celery worker as `make run` starts it, without the beat unless asked for."""
    from scripts.run import worker

    command = [word for word in worker(settings.data) if word != "--beat" or "--beat" in more]
    command[0] = sys.executable
    with (settings.data / "worker.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment(settings, C_FORCE_ROOT="1"), stdout=log, stderr=log
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end; insist after 10 s."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
