"""What the set-up scripts share. Standard library only: nothing is installed when they run.

A step is skipped when the hash of its inputs is what it was when it last succeeded (`.tools/stamps/`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def say(sentence: str) -> None:
    """Tell the person what goes on."""
    print(sentence, flush=True)


def give_up(sentence: str, detail: str = "") -> NoReturn:
    """End with a Chinese sentence that says what to do next; `detail` is a program's own last words."""
    if detail.strip():
        print("\n".join(detail.strip().splitlines()[-25:]), file=sys.stderr)
    print(f"\n✗ {sentence}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def digest(inputs: Iterable[Path | str]) -> str:
    """Hash of files (folders: everything inside) and words."""
    total = hashlib.sha256()
    for item in inputs:
        if isinstance(item, str):
            total.update(b"word\0" + item.encode())
            continue
        for path in sorted(item.rglob("*")) if item.is_dir() else [item]:
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


class Step:
    """One step of the set-up. `with`-free on purpose: `if step.needed(): …; step.done()`."""

    def __init__(self, name: str, inputs: Iterable[Path | str], outputs: Iterable[Path] = ()) -> None:
        self.stamp = TOOLS / "stamps" / name
        self.digest = digest(inputs)
        self.outputs = list(outputs)
        self._began = 0.0

    def needed(self, sentence: str = "") -> bool:
        """Whether the step has to run; says `sentence` if so."""
        if all(path.exists() for path in self.outputs) and self._stamped() == self.digest:
            return False
        self._began = time.monotonic()
        if sentence:
            say(f"▸ {sentence}")
        return True

    def _stamped(self) -> str:
        try:
            return self.stamp.read_text()
        except OSError:
            return ""

    def done(self) -> None:
        """The step succeeded: remember its inputs."""
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(self.digest)
        say(f"  完成（{time.monotonic() - self._began:.0f} 秒）")


def run(command: list[str], failed: str, *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a program without showing its chatter; when it fails, show its last words and give up."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        give_up(failed, result.stdout)


@contextmanager
def alone(name: str = "setup") -> Iterator[None]:
    """Two set-ups of one folder wait for each other."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("▸ 另一个窗口正在安装，等它结束 …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def pad(text: str, width: int) -> str:
    """`text` filled with blanks to `width` columns; a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(0, width - taken)
