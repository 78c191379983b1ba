"""Write THIRD-PARTY-NOTICES.md from what is installed: every Python and npm package with its licence.

Only what the office runs with is listed (requirements.lock, and the npm packages that go into the bundle).
"""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from scripts.steps import ROOT, say

HEAD = """# 第三方软件许可 / Third-party notices

本文件由 `make notices` 按已安装的软件包生成，列出运行时使用的第三方软件及其许可证。各软件的版权归其作者所有；
许可证全文随各软件包一并安装（Python：`.venv`；前端：`frontend/node_modules`）。前端打包文件中的许可声明见
`app/static/dist` 内各文件末尾。

bpmn-js 的许可要求保留图编辑器右下角的 bpmn.io 标志，不得隐藏或遮挡。
"""

#: libraries that only some Pythons install, with their licence
NOT_EVERYWHERE = {"async-timeout": "Apache-2.0"}


def main() -> None:
    """Write the file."""
    parts = [HEAD, table("Python", python_packages()), table("npm", npm_packages())]
    (ROOT / "THIRD-PARTY-NOTICES.md").write_text("\n".join(parts), "utf-8")
    say(f"✓ {ROOT / 'THIRD-PARTY-NOTICES.md'}")


def table(title: str, rows: list[tuple[str, str, str]]) -> str:
    """A Markdown table of name, version, licence."""
    lines = [f"## {title}（{len(rows)}）", "", "| 软件包 | 版本 | 许可证 |", "| --- | --- | --- |"]
    lines += [f"| {name} | {version} | {licence} |" for name, version, licence in rows]
    return "\n".join(lines) + "\n"


def python_packages() -> list[tuple[str, str, str]]:
    """The locked libraries that some supported Python on this platform installs."""
    rows = []
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        if not re.match(r"[a-z]", line):
            continue
        requirement = Requirement(line.rstrip("\\ "))
        marker, version = requirement.marker, str(requirement.specifier).removeprefix("==")
        if marker is None or marker.evaluate() or marker.evaluate({"python_full_version": "3.11.0"}):
            rows.append((requirement.name, version, python_licence(requirement.name)))
    return sorted(rows)


def python_licence(name: str) -> str:
    """The licence a package declares: expression, classifiers, or short field."""
    if name in NOT_EVERYWHERE:
        return NOT_EVERYWHERE[name]
    about = metadata.metadata(name)
    if expression := about.get_all("License-Expression", []):
        return str(expression[0])
    classifiers = [
        text.split(" :: ")[-1]
        for text in about.get_all("Classifier", [])
        if text.startswith("License ::") and text != "License :: OSI Approved"
    ]
    short = str((about.get_all("License", []) or [""])[0]).strip().splitlines()
    return "、".join(classifiers) or (short[0] if short else "见软件包")


def npm_packages() -> list[tuple[str, str, str]]:
    """The npm packages of the bundle with all they need, from the lock file's own words."""
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text("utf-8"))
    rows = set()
    for place, about in lock["packages"].items():
        if place and not about.get("dev") and not about.get("devOptional"):
            folder = ROOT / "frontend" / place
            rows.add((place.split("node_modules/")[-1], about["version"], npm_licence(about, folder)))
    return sorted(rows)


def npm_licence(about: dict[str, object], folder: Path) -> str:
    """The licence of an npm package."""
    words = about.get("license")
    if not words and (folder / "package.json").exists():
        words = json.loads((folder / "package.json").read_text("utf-8")).get("license")
    return str(words or "见软件包")


if __name__ == "__main__":
    main()
