"""Lock what pyproject.toml asks for: every version, every hash, no address of any registry."""

from __future__ import annotations

import sys

from scripts.setup import UV
from scripts.steps import ROOT, run, say

COMMON = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--quiet"]


def main(more: list[str]) -> None:
    """Write both lock files; `more` goes to uv (`--upgrade`, `--upgrade-package NAME`)."""
    for name, group in (("requirements.lock", []), ("requirements-dev.lock", ["--group", "dev"])):
        command = [str(UV), "pip", "compile", "pyproject.toml", *group, *COMMON, *more, "--output-file", name]
        run(command, "重新锁定失败，原因见上。", env={"UV_NO_PROGRESS": "1"})
        say(f"✓ {ROOT / name}")


if __name__ == "__main__":
    main(sys.argv[1:])
