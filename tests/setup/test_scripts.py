"""The set-up scripts: what is done is not done again; what is missing is a Chinese sentence with the command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import run, setup, steps
from scripts import test as testing

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    return tmp_path


def test_a_step_runs_again_only_when_its_inputs_change_or_its_output_is_gone(tools: Path) -> None:
    source, output = tools / "in.txt", tools / "out.txt"
    source.write_text("一")

    def step() -> steps.Step:
        return steps.Step("s", [source], [output])

    assert step().needed()
    output.write_text("made")
    first = step()
    assert first.needed()
    first.done()
    assert not step().needed()
    source.write_text("二")
    assert step().needed()
    source.write_text("一")
    assert not step().needed()
    output.unlink()
    assert step().needed()


def test_a_failing_program_ends_with_its_last_words_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        steps.run([sys.executable, "-c", "print('boom'); raise SystemExit(3)"], "请检查网络。")
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "boom" in said
    assert said.rstrip().endswith("请检查网络。")


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        setup.check_machine()
    return capsys.readouterr().err


def test_an_old_python_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "PYTHON_NEEDED", (9, 0))
    assert "make run PYTHON=python3.11" in sentence(capsys)


def test_a_missing_venv_component_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(setup, "PYTHON", tmp_path / "nothing")
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None)
    assert "apt-get install -y python3-venv" in sentence(capsys)


@pytest.mark.parametrize(
    ("version", "said"), [("v18.20.4", "当前是 v18.20.4"), ("", "需要 Node.js"), ("v20.5.0", "20.19")]
)
def test_an_old_node_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: str, said: str
) -> None:
    monkeypatch.setattr(setup, "output", lambda command: version)
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert said in sentence(capsys)


def test_missing_packages_that_may_not_be_installed_are_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "missing_packages", lambda: ["chromium", "redis-server"])
    monkeypatch.setattr(testing, "rights", lambda: None)
    with pytest.raises(SystemExit) as ended:
        testing.install_packages()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "sudo apt-get install -y --no-install-recommends chromium redis-server" in said


@pytest.mark.parametrize("port", ["0", "70000", "abc", "-1"])
def test_a_port_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit):
        run.port_wanted()
    assert "make run PORT=8080" in capsys.readouterr().err


def test_plain_make_lists_every_target_with_one_line() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"run", "test", "lint", "bench", "setup", "fmt", "lock", "clean"} <= targets
    for target in targets:
        assert re.search(rf"^  make {target} +\S", listed, re.MULTILINE), target


def test_chinese_columns_line_up() -> None:
    assert steps.pad("王芳", 6) == "王芳  "
    assert steps.pad("ab", 6) == "ab    "
    assert steps.pad("很长的名字", 4) == "很长的名字"


def test_the_listening_address_is_asked_on_loopback() -> None:
    assert run.loopback("0.0.0.0") == "127.0.0.1"
    assert run.loopback("::") == "[::1]"
    assert run.loopback("127.0.0.1") == "127.0.0.1"
    assert run.loopback(run.HERE) == run.loopback("*") == "127.0.0.1"


def test_it_listens_on_ipv6_too_where_the_machine_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_has_ipv6", lambda _host: True)
    assert run.web(run.HERE, 8000)[3:5] == ["--listen=127.0.0.1:8000", "--listen=[::1]:8000"]
    assert run.web("*", 8000)[3:5] == ["--listen=0.0.0.0:8000", "--listen=[::]:8000"]
    assert run.addresses("192.0.2.1") == ["192.0.2.1"]
    monkeypatch.setattr(run, "_has_ipv6", lambda _host: False)
    assert run.addresses(run.HERE) == ["127.0.0.1"]
    assert run.addresses("::1") == ["::1"], "what was asked for is tried, and the refusal is said"
