"""Starting the application in a process of its own, and reading from outside what that process costs (Linux)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.offices import TODAY, Office, written_by
from tests.support.services import PostgresServer, free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
SETTLE = 0.003  # seconds until the thread that answered has put its things away


def cpu_of(pid: int) -> float:
    """CPU milliseconds a process has used so far, all threads, to the nanosecond."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e6


class Server:
    """One running server."""

    def __init__(self, office: Office, port: int, process: subprocess.Popen[bytes]) -> None:
        self.office, self.port, self.process = office, port, process

    def cpu(self) -> float:
        """CPU milliseconds of the web process so far."""
        time.sleep(SETTLE)
        return cpu_of(self.process.pid)

    def written(self) -> int:
        """Bytes the web process has written so far, log and checkpoints alike."""
        return written_by(self.process.pid)


@contextmanager
def serving(office: Office, *, count: bool = False) -> Iterator[Server]:
    """Serve an office; the process is gone afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "bench.serving", str(port), *(["count"] if count else [])]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GONGKAI_")}
    environment |= {
        "GONGKAI_DATA": str(office.settings.data),
        "GONGKAI_DATABASE": office.settings.database,
        "GONGKAI_NOW": TODAY,
    }
    log_path = office.settings.data / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait(port, process, log_path)
        yield Server(office, port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), opener.open(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


def backends_cpu(postgres: PostgresServer) -> float:
    """CPU milliseconds of all living processes of the PostgreSQL server so far."""
    main = int((postgres.folder / "cluster" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    total = 0.0
    for pid in children:
        with suppress(OSError):
            total += cpu_of(int(pid))
    return total
