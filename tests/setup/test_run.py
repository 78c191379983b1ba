"""`make run` as a person lives it: it starts, answers, refuses to start twice, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import ROOT, eventually, living
from tests.support.ready import ReadyOffices
from tests.support.services import free_port

pytestmark = pytest.mark.slow


class Running:
    """`python -m scripts.run` on an environment that is already set up."""

    def __init__(self, data: Path, port: int, name: str = "run") -> None:
        self.data, self.port, self.log = data, port, data.parent / f"{name}.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GONGKAI_")}
        environment |= {"GONGKAI_DATA": str(data), "PORT": str(port), "GONGKAI_NOW": "2026-11-23"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.run", "--no-setup"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def started(self) -> Running:
        """Wait until it has said who can sign in, which it says after the address."""
        eventually(lambda: "江维公" in self.text() or self.process.poll() is not None, 180, self.text)
        assert self.process.poll() is None, self.text()
        assert "✓ 已启动" in self.text()
        return self

    def ended(self) -> int:
        return self.process.wait(60)

    def pid_of(self, program: str) -> int:
        """The first of our processes with that word in its command line; the worker's own first."""
        found = sorted(pid for pid, words in living(self.data).items() if f"-m {program}" in words)
        assert found, living(self.data)
        return found[0]


@contextmanager
def run_on(data: Path) -> Iterator[Running]:
    running = Running(data, free_port()).started()
    yield running
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
        running.ended()


@pytest.fixture
def first_office(tmp_path: Path) -> Iterator[Running]:
    """The first run: there is no data folder yet."""
    with run_on(tmp_path / "data") as running:
        yield running


@pytest.fixture
def office(tmp_path: Path, ready_offices: ReadyOffices) -> Iterator[Running]:
    """A later run: the demonstration is there."""
    ready_offices.copy_to(tmp_path / "data", "sqlite", "demo")
    with run_on(tmp_path / "data") as running:
        yield running


def test_run_prints_address_and_people_answers_refuses_a_second_and_stops_whole(
    first_office: Running,
) -> None:
    office = first_office
    said = office.text()
    assert f"http://127.0.0.1:{office.port}/" in said
    assert "建立演示数据" in said
    assert "演示账号" in said
    assert "江维公" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{office.port}/healthz", timeout=10) as answer:
        assert answer.status == 200
    assert "Traceback" not in (office.data / "logs" / "worker.log").read_text()
    assert len(living(office.data)) >= 3

    second = Running(office.data, free_port(), "second")
    assert second.ended() == 1
    assert "已有一个正在运行的系统" in second.text()
    assert office.process.poll() is None

    office.process.send_signal(signal.SIGINT)
    assert office.ended() == 0
    assert living(office.data) == {}
    assert "✓ 已停止" in office.text()


def test_the_next_run_keeps_the_data_and_when_the_web_dies_the_worker_stops(office: Running) -> None:
    assert "建立演示数据" not in office.text()
    assert "江维公" in office.text()
    os.kill(office.pid_of("waitress"), signal.SIGKILL)
    assert office.ended() == 1
    assert "网页服务意外停止" in office.text()
    assert living(office.data) == {}


def test_when_the_worker_dies_the_web_stops(office: Running) -> None:
    os.kill(office.pid_of("celery"), signal.SIGKILL)
    assert office.ended() == 1
    assert "后台服务意外停止" in office.text()
    assert living(office.data) == {}


def test_servers_end_even_when_make_run_itself_is_killed(office: Running) -> None:
    office.process.kill()
    office.ended()
    eventually(lambda: not living(office.data), 30, lambda: living(office.data))


def test_a_taken_port_is_refused_with_a_port_that_may_be_free(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        running = Running(tmp_path / "data", port)
        assert running.ended() == 1
    assert f"端口 {port} 不能使用" in running.text()
    assert re.search(r"make run PORT=\d+", running.text())
