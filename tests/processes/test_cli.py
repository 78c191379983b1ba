"""`flask bpmn check`, `import` and `test`: one JSON object per file, and an exit code a script can use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.processes import archive
from app.processes.cli import shipped

ROOT = Path(__file__).parents[2]
FOREIGN = ROOT / "tests" / "engine" / "foreign"
SOUND = FOREIGN / "bpmn_io_sketch.bpmn"


@pytest.fixture
def bpmn(app: Flask) -> Any:
    """Run `flask bpmn …`; (exit code, JSON lines or text)."""

    def run(*words: object) -> tuple[int, Any]:
        result = app.test_cli_runner().invoke(args=["bpmn", *map(str, words)])
        if "--json" in words:
            return result.exit_code, [json.loads(line) for line in result.output.splitlines()]
        return result.exit_code, result.output

    return run


def test_a_lone_diagram_is_checked_as_far_as_it_goes(bpmn: Any) -> None:
    code, (found,) = bpmn("check", SOUND, "--json")
    assert code == 1 and set(found) == {"file", "ok", "findings"}
    assert (found["file"], found["ok"]) == (str(SOUND), False)
    assert {each["rule"] for each in found["findings"] if each["severity"] == "error"} >= {
        "abstract_task",
        "not_executable",
    }
    assert all(set(each) == {"element", "rule", "severity", "message", "part"} for each in found["findings"])


def test_folder_archive_and_key_are_the_same_package(bpmn: Any, tmp_path: Path) -> None:
    package = next(each for each in shipped() if each.key == "disclosure_attribute")
    packed, unpacked = tmp_path / "p.zip", tmp_path / "unpacked"
    packed.write_bytes(archive.write(package.texts, package.scenarios))
    for name, text in {**package.texts, **package.scenarios}.items():
        (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / name).write_text(text, "utf-8")
    code, lines = bpmn("check", package.key, ROOT / "bpmn" / package.key, packed, unpacked, "--json")
    assert code == 0
    assert [(each["ok"], each["findings"]) for each in lines] == [(True, [])] * 4


def test_tables_and_forms_are_checked_by_themselves(bpmn: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.dmn").write_text("<definitions/>")
    (tmp_path / "bad.toml").write_text("title = [")
    good = [ROOT / "bpmn/secrecy_review/levels.dmn", ROOT / "forms/secrecy_review/head_review.toml"]
    code, lines = bpmn("check", *good, tmp_path / "bad.dmn", tmp_path / "bad.toml", "--json")
    assert code == 1
    assert [each["ok"] for each in lines] == [True, True, False, False]


def test_importing_says_every_repair_and_writes_what_came_out(bpmn: Any, tmp_path: Path) -> None:
    code, (found,) = bpmn("import", SOUND, "--json", "--key", "sketch", "--out", tmp_path)
    assert code == 0 and found["ok"] is True
    assert {each["rule"] for each in found["repairs"]} >= {"abstract_task", "not_executable", "process_key"}
    assert all(set(each) == {"element", "rule", "message"} for each in found["repairs"])
    code, (again,) = bpmn("check", tmp_path / SOUND.name, "--json")
    assert (code, again["ok"]) == (0, True)


def test_a_file_with_several_processes_asks_which(bpmn: Any) -> None:
    code, (found,) = bpmn("import", FOREIGN / "two_pools.bpmn", "--json")
    assert code == 1 and "PA_process" in found["findings"][0]["message"]
    code, (found,) = bpmn("import", FOREIGN / "two_pools.bpmn", "--json", "--process", "PB_process")
    assert (code, found["ok"]) == (0, True)


def test_a_hostile_file_is_one_line_too(bpmn: Any, tmp_path: Path) -> None:
    (tmp_path / "x.bpmn").write_bytes(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    (tmp_path / "big.bpmn").write_bytes(b" " * 5_000_000)
    (tmp_path / "y.zip").write_bytes(b"PK\x03\x04")
    code, lines = bpmn("check", tmp_path / "x.bpmn", tmp_path / "big.bpmn", tmp_path / "y.zip", "--json")
    assert code == 1
    assert [len(each["findings"]) for each in lines] == [1, 1, 1]
    assert "DOCTYPE" in lines[0]["findings"][0]["message"]


def test_a_file_that_is_not_there_is_its_own_line_and_none_of_the_others(bpmn: Any) -> None:
    code, (lost, sound) = bpmn("check", "nothing.bpmn", "foi_consult", "--json")
    assert (code, lost["ok"], sound["ok"]) == (1, False, True)
    assert "没有“nothing.bpmn”" in lost["findings"][0]["message"]
    assert bpmn("import", "nothing.bpmn", "--json")[1][0]["repairs"] == []
    assert bpmn("test", "nothing")[0] == 1


@pytest.mark.parametrize("words", [("import",), ("check", "--unknown")])
def test_a_wrong_word_is_a_usage_error(bpmn: Any, words: tuple[str, ...]) -> None:
    assert bpmn(*words)[0] == 2


def test_scenarios_are_tried_from_a_key_a_folder_or_an_archive(bpmn: Any, tmp_path: Path) -> None:
    package = next(each for each in shipped() if each.key == "foi_consult")
    packed = tmp_path / "p.zip"
    packed.write_bytes(archive.write(package.texts, package.scenarios))
    code, told = bpmn("test", ROOT / "bpmn" / "foi_consult", packed)
    assert code == 0 and told.count("征求意见（foi_consult）") == 2
    packed.write_bytes(archive.write(package.texts, {"scenarios/x.toml": "name = ["}))
    assert bpmn("test", packed)[0] == 1
