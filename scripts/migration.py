"""Write the next migration: what the models have and the migrations so far have not."""

from __future__ import annotations

import sys
import tempfile

from scripts.steps import ROOT, VENV, give_up, run, say


def main(message: str) -> None:
    """Migrate an empty database to the head, compare it with the models, write the difference."""
    versions = ROOT / "migrations" / "versions"
    before = set(versions.glob("*.py"))
    number = f"{max((int(path.name[:4]) for path in before), default=0) + 1:04}"
    flask = str(VENV / "bin" / "flask")
    with tempfile.TemporaryDirectory() as data:
        env = {"GONGKAI_DATA": data, "GONGKAI_DATABASE": "", "GONGKAI_ENV": "office"}
        run([flask, "db", "upgrade"], "现有迁移不能执行，原因见上。", env=env)
        command = [flask, "db", "migrate", "--rev-id", number, "-m", message]
        run(command, "生成迁移失败，原因见上。", env=env)
    written = set(versions.glob("*.py")) - before
    if not written:
        give_up("模型与迁移一致，没有需要写的迁移。")
    path = written.pop()
    for words in (["format", "--quiet"], ["check", "--fix", "--exit-zero", "--quiet"]):
        run([str(VENV / "bin" / "ruff"), *words, str(path)], "整理格式失败，原因见上。")
    say(f"✓ 已写 {path.relative_to(ROOT)}，请通读一遍再提交。")


if __name__ == "__main__":
    main(sys.argv[1])
