"""Real servers for tests: started here, in folders of their own, on free ports, stopped at the end.

PostgreSQL refuses to run as root; then everything of it runs as the system user `postgres` through `runuser`.
Its durability is switched off: what a crash does to PostgreSQL is not what these tests are about.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis

INSTALL = "apt-get install -y postgresql redis-server"
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "jit": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_program(name: str) -> str:
    """The path of a server program, also where Debian hides it; fails the test with what to install."""
    hidden = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(hidden[0]) if hidden else shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        pytest.fail(f"{name} is not installed: run `make test`, or {INSTALL}")
    return found


def _roomy() -> str:
    """Where a cluster lies: in memory, as every test copies a thousand files of it (ten times the work on a disk), where
    there is room; in any case on a short path, as those of sockets are limited."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3 else "/tmp"


def _as_postgres() -> list[str]:
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@dataclass
class PostgresServer:
    """A throw-away PostgreSQL cluster listening on loopback and on a socket in its folder."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def start(cls) -> PostgresServer:
        """initdb, start, wait until it answers (about 2 s)."""
        folder = Path(tempfile.mkdtemp(prefix="gk-pg-", dir=_roomy()))
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        cluster = folder / "cluster"
        initdb = [find_program("initdb"), "-D", str(cluster), "-U", "postgres", "-A", "trust"]
        initdb += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(_as_postgres() + initdb, check=True, capture_output=True, cwd="/")
        port = free_port()
        command = [find_program("postgres"), "-D", str(cluster), "-k", str(folder), "-p", str(port)]
        command += ["-h", "127.0.0.1"]
        for name, value in FAST.items():
            command += ["-c", f"{name}={value}"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(_as_postgres() + command, stdout=log, stderr=log, cwd="/")
        server = cls(folder, port, process)
        server._wait()
        return server

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.dsn("postgres")).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start: {log}") from error
                time.sleep(0.05)

    def dsn(self, name: str) -> str:
        """What libpq understands."""
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={name}"

    def url(self, name: str) -> str:
        """What SQLAlchemy understands."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, name: str | None = None, template: str = "template0") -> str:
        """A new database, a copy of `template`; gives its name."""
        name = name or f"office_{next(self._numbers)}"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'.encode())
        return name

    def drop(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def stop(self) -> None:
        """Fast shutdown of our own postmaster, by the pid it wrote; then the folder goes."""
        try:
            pid = int((self.folder / "cluster" / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGINT) if os.geteuid() != 0 else _kill_as_postgres(pid)
        except (OSError, ValueError):  # somebody took its folder away: it notices and ends by itself
            self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        shutil.rmtree(self.folder, ignore_errors=True)


def _kill_as_postgres(pid: int) -> None:
    subprocess.run([*_as_postgres(), "kill", "-INT", str(pid)], check=False, cwd="/")


@dataclass
class RedisServer:
    """A throw-away Redis on a loopback port, nothing written to disk."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> RedisServer:
        """Start and wait until it answers."""
        folder = Path(tempfile.mkdtemp(prefix="gk-redis-"))
        port = free_port()
        command = [find_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", str(folder)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        server = cls(folder, port, process)
        server._wait()
        return server

    @property
    def url(self) -> str:
        """What Celery understands."""
        return f"redis://127.0.0.1:{self.port}/0"

    def empty(self) -> None:
        """Forget everything."""
        with redis.Redis(port=self.port) as connection:
            connection.flushall()

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        with redis.Redis(port=self.port) as connection:
            while True:
                try:
                    connection.ping()
                    return
                except redis.ConnectionError as error:
                    if time.monotonic() > deadline or self.process.poll() is not None:
                        raise RuntimeError((self.folder / "log").read_text()) from error
                    time.sleep(0.05)

    def stop(self) -> None:
        """Stop our own process; the folder goes."""
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
