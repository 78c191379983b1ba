"""What every room keeps to, held by tests: one commit, the arrow, the law alone, short files, no addresses."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ("app", "forms", "workflows")


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_commit_is_written_in_exactly_one_production_file() -> None:
    found = {str(path.relative_to(ROOT)) for path in sources(*HOUSE) if re.search(r"\bcommit\(", code(path))}
    assert found == {"app/core/command.py"}


def code(path: Path) -> str:
    """The file without comments and strings, so that a docstring may speak of it."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.unparse(tree)


def test_the_law_imports_the_standard_library_only() -> None:
    for path in sources("workflows/law"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                own = name == "workflows.law" or name.startswith("workflows.law.")
                assert own or name.split(".")[0] in sys.stdlib_module_names, f"{path}: {name}"


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*HOUSE, "scripts")
        if (lines := len(path.read_text("utf-8").splitlines())) >= 400
    }
    assert not long


VIOLATIONS = {
    "app/core/planted.py": ("import app.accounts.kinds", "a room imports only rooms further down"),
    "app/accounts/models.py": ("import app.accounts.views", "inside a room"),
    "app/notices/planted.py": ("import SpiffWorkflow", "only workflows.engine imports SpiffWorkflow"),
    "forms/planted.py": ("import app.core.now", "app -> forms -> workflows"),
    "workflows/engine/planted.py": ("import flask", "workflows knows no web"),
    "workflows/law/planted.py": ("import lxml", "workflows.law stands alone"),
    "app/cases/planted.py": ("import bpmn", "bpmn is data"),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What lint-imports says of a copy of the house in which every contract is broken once."""
    copy = tmp_path_factory.mktemp("house")
    for folder in HOUSE:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "dist"))
    shutil.copyfile(ROOT / "pyproject.toml", copy / "pyproject.toml")
    for name, (line, _) in VIOLATIONS.items():
        with (copy / name).open("a") as file:
            file.write(f"\n{line}\n")
    return lint(copy, expected=1)


def lint(folder: Path, expected: int) -> str:
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == expected, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_planted_violation_breaks_its_contract(planted: str, name: str) -> None:
    contract = VIOLATIONS[name][1]
    verdicts = [line for line in planted.splitlines() if line.startswith(contract)]
    assert any(line.rstrip().endswith("BROKEN") for line in verdicts), planted


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_committed_file_names_a_registry_or_a_path_of_somebodys_machine() -> None:
    hosts = ["pypi" + ".org", "registry.npm" + "js", "deb.debian" + ".org", "python" + "hosted"]
    wrong = re.compile("|".join([*map(re.escape, hosts), r"/work/(main|shared)\b", r"/home/\w+/"]))
    found = []
    for path in committed():
        try:
            match = wrong.search(path.read_text("utf-8"))
        except UnicodeDecodeError:
            continue
        if match:
            found.append(f"{path.relative_to(ROOT)}: {match.group()}")
    assert not found


def test_the_front_end_lock_holds_hashes_and_no_addresses() -> None:
    text = (ROOT / "frontend" / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in text
    assert text.count('"integrity"') > 20


def test_every_locked_python_library_has_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "scripts/uv.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert text.count("==") > 0
        for block in re.split(r"\n(?=[a-z])", text.strip()):
            assert "--hash=sha256:" in block, f"{name}: {block[:60]}"
