"""`make run`: from a clean clone to a working office, and back to nothing on Ctrl-C.

One web server and one worker with its beat; when either ends, the other is stopped too.

`PORT` (8000), `HOST` (127.0.0.1 and ::1; `*` is every address, IPv4 and IPv6), `GONGKAI_DATA` (instance/): where it
listens and what it keeps its data in.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import setup
from scripts.steps import PYTHON, ROOT, give_up, pad, say

if TYPE_CHECKING:
    from typing import Any, TextIO

#: this machine alone, by IPv4 and IPv6
HERE = "127.0.0.1,::1"
START_SECONDS = 60
STOP_SECONDS = 12
LOG_BYTES = 10 * 1024 * 1024
PR_SET_PDEATHSIG = 1


class Stop(Exception):
    """Somebody asked us to stop."""


def main() -> int:
    """Set up, prepare the data, run until stopped; exit code 0 when stopped on purpose."""
    host, port = os.environ.get("HOST") or HERE, port_wanted()
    data = Path(os.environ.get("GONGKAI_DATA") or ROOT / "instance").resolve()
    os.environ["GONGKAI_DATA"] = str(data)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ask_to_stop)
    children: list[Child] = []
    try:
        lock = hold(data)
        check_port(host, port)
        if "--no-setup" not in sys.argv[1:]:
            setup.main()
        office = prepare(data)
        say("▸ 启动网页服务和后台服务 …")
        children += [
            Child("网页服务", web(host, port), data, "web"),
            Child("后台服务", worker(data), data, "worker"),
        ]
        wait_for_answer(host, port, children)
        greet(host, port, data, office)
        return watch(children)
    except Stop:
        say("\n▸ 正在停止 …")
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(children)
        with contextlib.suppress(NameError, UnboundLocalError):
            lock.close()


def _ask_to_stop(_number: int, _frame: Any) -> None:
    raise Stop


def port_wanted() -> int:
    """`PORT`, checked."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        give_up(f"端口号 PORT={text} 不对，应是 1 到 65535 之间的数字，例如：make run PORT=8080")
    return int(text)


def addresses(host: str) -> list[str]:
    """The addresses to listen on: this machine and everything are IPv4 and IPv6, where the machine has IPv6."""
    both = {HERE: ["127.0.0.1", "::1"], "*": ["0.0.0.0", "::"], "::": ["0.0.0.0", "::"]}.get(host, [host])
    return [each for each in both if each == host or ":" not in each or _has_ipv6(each)]


def _has_ipv6(host: str) -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def check_port(host: str, port: int) -> None:
    """Give up when the port is taken or not ours on any address."""
    for address in addresses(host):
        _check_one(address, port)


def _check_one(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError:
            give_up(f"普通用户不能使用端口 {port}。请换一个 1024 以上的端口，例如：make run PORT=8080")
        except OSError as error:
            other = port + 1 if port < 65535 else 8080
            give_up(
                f"端口 {port} 不能使用（{error.strerror}），可能已有程序在用。"
                f"请先停掉那个程序，或换一个端口：make run PORT={other}"
            )


def hold(data: Path) -> TextIO:
    """One running office per data folder."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        (data / "logs").mkdir(exist_ok=True)
        lock = (data / "run.lock").open("a+")
    except OSError as error:
        give_up(
            f"不能写入数据文件夹 {data}（{error.strerror}）。请检查权限，或用 GONGKAI_DATA 换一个文件夹。"
        )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        give_up(f"数据文件夹 {data} 上已有一个正在运行的系统。请先在那个窗口按 Ctrl-C 停止它。")
    return lock


def prepare(data: Path) -> dict[str, Any]:
    """Migrate, install the processes, make the demo data of an empty office; tells who can sign in."""
    answer = data / "logs" / "prepared.json"
    answer.unlink(missing_ok=True)
    result = subprocess.run([str(PYTHON), "-m", "scripts.prepare", str(answer)], cwd=ROOT, check=False)
    if result.returncode != 0:
        give_up("数据没有准备好，原因见上。处理后再运行一次 make run。")
    return json.loads(answer.read_text("utf-8"))  # type: ignore[no-any-return]


def web(host: str, port: int) -> list[str]:
    """The web server's command."""
    listen = [f"--listen=[{at}]:{port}" if ":" in at else f"--listen={at}:{port}" for at in addresses(host)]
    return [str(PYTHON), "-m", "waitress", *listen, "--threads=8", "wsgi:app"]


def worker(data: Path) -> list[str]:
    """The worker's command: threads of one process (the same as root and as anybody), beat inside."""
    command = [str(PYTHON), "-m", "celery", "-A", "wsgi:celery", "worker", "--beat", "--pool=threads"]
    command += ["--concurrency=2", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
    return [*command, "--without-heartbeat", f"--schedule={data / 'celery' / 'beat-schedule'}"]


class Child:
    """A server of ours in a process group of its own: Ctrl-C reaches only us, and we stop it in order."""

    def __init__(self, label: str, command: list[str], data: Path, name: str) -> None:
        self.label = label
        self.log = data / "logs" / f"{name}.log"
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        quiet = "ignore::RuntimeWarning:celery.platforms,ignore::UserWarning:celery.platforms"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": quiet, "C_FORCE_ROOT": "1"},
            )

    def ended(self) -> bool:
        """Whether it is gone."""
        return self.process.poll() is not None

    def signal_group(self, number: int) -> None:
        """Send a signal to the server and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-15:])


def _die_with_parent() -> None:
    """In the child, before exec: be told to stop even when `make run` itself is killed outright (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_for_answer(host: str, port: int, children: list[Child]) -> None:
    """Until the web server says it is well."""
    deadline = time.monotonic() + START_SECONDS
    address = f"http://{loopback(host)}:{port}/healthz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        dead = next((child for child in children if child.ended()), None)
        if dead is not None:
            give_up(f"{dead.label}没有启动成功，原因见上（完整日志：{dead.log}）。", dead.last_words())
        with contextlib.suppress(urllib.error.URLError, OSError), opener.open(address, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    give_up(f"等了 {START_SECONDS} 秒，网页服务仍没有应答。请看日志：{children[0].log}")


def loopback(host: str) -> str:
    """Where to ask when listening on `host`."""
    if host in ("0.0.0.0", "*", HERE):
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host


def greet(host: str, port: int, data: Path, office: dict[str, Any]) -> None:
    """The address, and for a demonstration the people to sign in as."""
    address = f"http://{loopback(host)}:{port}/"
    say(f"\n✓ 已启动：{address}\n  数据：{data}    日志：{data / 'logs'}    停止：按 Ctrl-C")
    people = office.get("accounts", [])
    if people:
        say(f"\n演示账号\n  {office['sign_in_note']}\n")
        rows = [
            ("登录名", "姓名", "单位", "岗位"),
            *((p["login"], p["name"], p["place"], p["posts"]) for p in people),
        ]
        for login, name, place, posts in rows:
            say(f"  {pad(login, 16)}{pad(name, 10)}{pad(place, 34)}{posts}".rstrip())
    if host not in (HERE, "127.0.0.1", "localhost", "::1") and people:
        say("\n注意：演示账号的密码是公开的，现在网内其他电脑也能访问本系统，请勿录入真实数据。")
    say("")


def watch(children: list[Child]) -> int:
    """Until a child ends of itself (1) or we are asked to stop (raises Stop)."""
    while True:
        for child in children:
            if child.ended():
                print(child.last_words(), file=sys.stderr)
                say(f"\n✗ {child.label}意外停止，其余服务一并停止，数据未受影响。日志：{child.log}")
                say("  可再运行一次 make run；若又停止，请把日志最后几行发给维护人员。")
                return 1
        time.sleep(0.3)


def stop(children: list[Child]) -> None:
    """Ask everybody to end, wait, then insist: nothing of ours is left."""
    for child in children:
        if not child.ended():
            child.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.1, deadline - time.monotonic()))
        child.signal_group(signal.SIGKILL)
        child.process.wait()
    if children:
        say("✓ 已停止，数据都在。")


if __name__ == "__main__":
    try:
        code = main()
    except Stop:
        code = 0
    sys.exit(code)
