"""Set-up: interpreter environment with locked libraries, front-end bundle. `--dev` adds what tests need.

Run by any Python; everything else it needs it installs from the package registries with their own clients.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.steps import PYTHON, ROOT, TOOLS, VENV, Step, alone, give_up, run, say

PYTHON_NEEDED = (3, 11)
NODE_NEEDED = (20, 19)
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "app" / "static" / "dist" / "manifest.json"
UV = TOOLS / "uv" / "bin" / "uv"
OFFLINE = "请检查本机能否访问软件源（pip、npm 的设置或代理），然后再运行一次同样的命令。"


def main(*, dev: bool = False) -> None:
    """Do what is not done yet; a second run takes well under a second."""
    check_machine()
    with alone():
        make_environment()
        install_libraries(dev=dev)
        build_frontend()


def check_machine() -> None:
    """Give up with a sentence and the exact command when something of the machine is missing."""
    if sys.version_info < PYTHON_NEEDED:
        give_up(
            f"需要 Python 3.11 或更新版本，当前是 {sys.version.split()[0]}。"
            "如已装有新版本，请用 make run PYTHON=python3.11 指定；否则运行：apt-get install -y python3"
        )
    if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        give_up(
            "缺少建立 Python 环境的组件。请运行：apt-get install -y python3-venv"
            "（普通用户请在前面加 sudo），然后再运行一次。"
        )
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            give_up(f"没有找到 {program}。请安装 Node.js 20.19 或更新版本（含 npm），然后再运行一次。")
    version = output(["node", "--version"])
    found = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if found < NODE_NEEDED:
        give_up(
            f"需要 Node.js 20.19 或更新版本，当前是 {version}。"
            "请升级，例如运行：npm install -g node@22（普通用户请在前面加 sudo），"
            "然后重新打开终端再运行一次。"
        )
    if not os.access(ROOT, os.W_OK):
        give_up("当前用户不能写入本文件夹。请换到有权写入的位置，或改用文件夹所有者运行。")


def make_environment() -> None:
    """`.venv` from the interpreter that runs this, and a pinned uv in `.tools`."""
    step = Step("venv", [sys.version, os.path.realpath(sys.executable)], [PYTHON])
    if not environment_works() and step.needed("建立 Python 环境（约 5 秒）…"):
        run(
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            "建立 Python 环境失败。请运行：apt-get install -y python3-venv，然后再运行一次。",
        )
        step.done()
    lock = ROOT / "scripts" / "uv.lock"
    step = Step("uv", [lock, sys.version], [UV])
    if step.needed("下载安装工具 uv（约 5 秒）…"):
        shutil.rmtree(TOOLS / "uv", ignore_errors=True)
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run(
            [*pip, "--require-hashes", "--no-deps", "--target", str(TOOLS / "uv"), "-r", str(lock)],
            f"下载安装工具失败。{OFFLINE}",
        )
        step.done()


def environment_works() -> bool:
    """Whether `.venv` has an interpreter that starts and is new enough."""
    if not PYTHON.exists():
        return False
    code = f"import sys; sys.exit(sys.version_info < {PYTHON_NEEDED})"
    return subprocess.run([str(PYTHON), "-c", code], capture_output=True, check=False).returncode == 0


def install_libraries(*, dev: bool) -> None:
    """Exactly the locked libraries, each checked by its hash; what tests need stays where it is installed."""
    dev = dev or (VENV / "bin" / "pytest").exists()
    version = output([str(PYTHON), "--version"])
    locks = {name: ROOT / f"{name}.lock" for name in ("requirements", "requirements-dev")}
    steps = {name: Step("libraries", [name, path, version], [PYTHON]) for name, path in locks.items()}
    wanted = "requirements-dev" if dev else "requirements"
    if not steps["requirements-dev"].needed() or not steps[wanted].needed():
        return  # what the tests need includes what the office needs
    steps[wanted].needed("安装 Python 依赖（首次约 20–60 秒，取决于网速）…")
    run(
        [str(UV), "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), str(locks[wanted])],
        f"安装 Python 依赖失败。{OFFLINE}",
        env={"VIRTUAL_ENV": str(VENV), "UV_HTTP_TIMEOUT": "120", "UV_NO_PROGRESS": "1"},
    )
    steps[wanted].done()


def build_frontend() -> None:
    """npm packages exactly as locked, without their install scripts; then the bundle."""
    if not (FRONTEND / "package.json").exists():
        return
    packages = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    node = output(["node", "--version"])
    step = Step("npm", [*packages, node], [FRONTEND / "node_modules"])
    if step.needed("安装前端依赖（首次约 10–60 秒，取决于网速）…"):
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run(npm, f"安装前端依赖失败。{OFFLINE}", cwd=FRONTEND)
        step.done()
    sources = [path for path in FRONTEND.iterdir() if path.name not in ("node_modules", "tests")]
    icons = ROOT.joinpath("app", "static").glob("*.svg")
    step = Step("bundle", [*sorted(sources), *sorted(icons), node], [BUNDLE])
    if step.needed("打包页面样式与脚本（约 5–15 秒）…"):
        run(["npm", "run", "--silent", "build"], "打包页面样式与脚本失败，原因见上。", cwd=FRONTEND)
        step.done()


def output(command: list[str]) -> str:
    """First line a program prints, or nothing when it cannot run."""
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    except OSError:
        return ""
    return (found.stdout or found.stderr).strip().splitlines()[0] if (found.stdout or found.stderr) else ""


if __name__ == "__main__":
    main(dev="--dev" in sys.argv[1:])
    say("✓ 安装完成。运行 make run 启动系统；.venv/bin/flask 有全部管理命令。")
