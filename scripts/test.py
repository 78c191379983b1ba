"""`make test`: install what the tests need, then linters, types, import contracts and every test.

Debian packages are installed with apt-get when we may; otherwise the exact command is printed and we end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts import setup
from scripts.steps import PYTHON, ROOT, VENV, give_up, run, say

BIN = VENV / "bin"
CHECKS = (
    ("ruff check", [str(BIN / "ruff"), "check", "."]),
    ("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("mypy", [str(BIN / "mypy")]),
    ("lint-imports", [str(BIN / "lint-imports"), "--no-cache"]),
)


def main(more: list[str]) -> int:
    """Exit code: 0 only when every check and every test is green."""
    setup.main(dev=True)
    install_packages()
    # the tests leave some of both cores idle, as they wait for browsers and disks
    with ThreadPoolExecutor(1) as beside:
        checks = [(name, beside.submit(check, command)) for name, command in CHECKS]
        code = test(more)
        red = [name for name, done in checks if not told(name, *done.result())]
    if red:
        print(f"\n✗ 代码检查没有通过：{'、'.join(red)}（详见上文）", file=sys.stderr)
    return code or (1 if red else 0)


def missing_packages() -> list[str]:
    """Debian packages the tests need and this machine lacks."""
    servers = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    there = {
        "chromium-headless-shell": bool(shutil.which("chromium-headless-shell")) or tolerated("chromium"),
        "fonts-noto-cjk": has_chinese_font(),
        "postgresql": any(servers) or bool(shutil.which("postgres")),
        "redis-server": bool(shutil.which("redis-server", path=f"{os.environ.get('PATH', '')}:/usr/sbin")),
    }
    return [name for name, found in there.items() if not found]


def tolerated(program: str) -> bool:
    """Whether we go on with a program that serves as well but costs more: where we may not install the better one."""
    return rights() is None and bool(shutil.which(program))


def has_chinese_font() -> bool:
    """Whether fontconfig knows a font for Chinese."""
    try:
        found = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, check=False)
    except OSError:
        return False
    return bool(found.stdout.strip())


def install_packages() -> None:
    """Install what is missing, or say how."""
    missing = missing_packages()
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    prefix = rights()
    if prefix is None:
        give_up(
            f"测试还需要这些系统软件：{'、'.join(missing)}。当前用户不能安装，请由管理员运行：\n"
            f"  sudo apt-get update && sudo {' '.join(command)}\n然后再运行一次 make test。"
        )
    say(f"▸ 安装测试所需的系统软件（约 30–120 秒）：{'、'.join(missing)} …")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    failed = f"安装系统软件失败，原因见上。请检查软件源后手工运行：{' '.join(command)}"
    run([*prefix, "apt-get", "update", "-qq"], failed, env=quiet)
    run([*prefix, *command], failed, env=quiet)


def rights() -> list[str] | None:
    """What to put before apt-get, or None when this user may not install."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"] if allowed else None


def check(command: list[str]) -> tuple[bool, float, str]:
    """Run a linter: whether it is green, its seconds, what it printed."""
    began = time.monotonic()
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return found.returncode == 0, time.monotonic() - began, found.stdout + found.stderr


def told(name: str, green: bool, seconds: float, printed: str) -> bool:
    """Say how a linter ended, with what it printed when it is red; whether it is green."""
    say(f"{'✓' if green else '✗'} {name}（{seconds:.1f} 秒）")
    if not green:
        say(printed[-12_000:])
    return green


def test(more: list[str]) -> int:
    """Every test, on two processes more than there are cores (at most four): browsers and servers make them wait.

    A process takes the next module when it has done one, in the order of tests/conftest.py: the longest first.
    """
    processes = min(4, (os.cpu_count() or 2) + 2)
    command = [
        str(PYTHON),
        "-m",
        "pytest",
        "-q",
        "-n",
        str(processes),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--durations=15",
    ]
    return subprocess.run([*command, *more], cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
