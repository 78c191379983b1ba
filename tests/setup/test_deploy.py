"""The samples in deploy/ are what runs: their own commands and settings, on PostgreSQL and Redis, as production."""

from __future__ import annotations

import http.client
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.audit import sealfile
from tests.support.processes import ROOT, eventually
from tests.support.processes import stop as end
from tests.support.services import PostgresServer, free_port

pytestmark = pytest.mark.slow
DEPLOY = ROOT / "deploy"


def environment(data: Path, database: str, broker: str) -> dict[str, str]:
    """The sample settings with this test's places."""
    lines = (DEPLOY / "gongkai.env").read_text("utf-8").splitlines()
    sample = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(sample) >= {"GONGKAI_ENV", "GONGKAI_PROXIES"}
    places = {
        "GONGKAI_DATA": str(data / "data"),
        "GONGKAI_DATABASE": database,
        "GONGKAI_BROKER": broker,
        "GONGKAI_SEALS": str(data / "seals"),
    }
    assert places.keys() <= sample.keys()
    return dict(os.environ) | sample | places


def command(name: str, port: int, data: Path) -> list[str]:
    """`ExecStart` of a sample unit, with this machine's paths."""
    text = (DEPLOY / "systemd" / f"gongkai-{name}.service").read_text("utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    line = line.removeprefix("ExecStart=").replace("/opt/gongkai/.venv/bin", str(Path(sys.executable).parent))
    line = line.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("/var/lib/gongkai", str(data / "data"))
    return shlex.split(line.replace("--workers 4", "--workers 1"))


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def office(tmp_path: Path, port: int, postgres: PostgresServer, redis_url: str) -> Iterator[dict[str, str]]:
    """A production office behind (no) proxy: web, worker and beat as the units start them."""
    name = postgres.create()
    env = environment(tmp_path, postgres.url(name), redis_url)
    flask = str(Path(sys.executable).with_name("flask"))
    init = [flask, "office", "init", "--organ", "试点市住房和城乡建设局"]
    subprocess.run(init, env=env, cwd=ROOT, check=True, capture_output=True)
    running = []
    for unit in ("web", "worker", "beat"):
        with (tmp_path / f"{unit}.log").open("wb") as log:
            start = command(unit, port, tmp_path)
            running.append(subprocess.Popen(start, env=env, cwd=ROOT, stdout=log, stderr=log))
    yield env
    for process in running:
        end(process)
    assert [process.returncode for process in running] == [0, 0, 0]
    postgres.drop(name)


def get(port: int, path: str, **headers: str) -> http.client.HTTPResponse | None:
    """What the web server answers, or None while it does not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        answer.read()
        return answer
    except OSError:
        return None
    finally:
        connection.close()


def test_the_samples_run_a_production_office(office: dict[str, str], port: int, tmp_path: Path) -> None:
    eventually(lambda: get(port, "/healthz"), 150, (tmp_path / "web.log").read_text)
    answer = get(port, "/healthz", X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.7")
    assert answer is not None
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"]
    page = get(port, "/sign-in", X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.7")
    assert page is not None
    assert page.status == 200
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-gongkai=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie

    flask = str(Path(sys.executable).with_name("flask"))
    backup = [flask, "backup", str(tmp_path / "b.tar")]
    subprocess.run(backup, env=office, cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600

    seals = Path(office["GONGKAI_SEALS"]) / sealfile.NAME
    send = "from wsgi import celery; celery.send_task('audit.seal')"
    subprocess.run([sys.executable, "-c", send], env=office, cwd=ROOT, check=True, capture_output=True)
    eventually(lambda: seals.exists() and seals.stat().st_size, 90, (tmp_path / "worker.log").read_text)
    verify = subprocess.run(
        [flask, "audit", "verify"], env=office, cwd=ROOT, check=False, capture_output=True
    )
    assert verify.returncode == 0
