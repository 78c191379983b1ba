"""The bench runs and says everything it promises; what it measures is not asserted here, machines are busy."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from bench.__main__ import main
from bench.report import Report
from tests.support.processes import ROOT
from tests.support.services import PostgresServer

BOTH = ("sqlite", "postgresql")
STEP = "statements commits same_with_history same_with_model same_with_cases cpu cpu_worst".split()
INBOX = "statements inbox next_page count_stops".split()
BULK = "ratio done".split()
REQUESTS = "remind recalculated recalculation_whole tracking".split()
ONCE = "engine.per_step engine.loop page.assets page.no_diagram page.diagram_where_shown".split()
ONCE += [f"studio.{key}" for key in ("check", "check_whole", "activation", "untouched")]
#: numbers that do not depend on how busy the machine is
EXACT = "statements commits same_with_history same_with_model same_with_cases count_stops assets no_diagram".split()
EXACT += ["check_whole", "activation", "untouched", "done", "recalculated", "recalculation_whole", "tracking"]


def _keys(kind: str) -> set[str]:
    """What the command prints here: everything on SQLite, on PostgreSQL what is counted (the rest is `make bench`'s)."""
    parts = {"step": STEP, "inbox": INBOX, "bulk": BULK, "requests": REQUESTS}
    if kind == "postgresql":
        parts = {"step": [key for key in STEP if not key.startswith("cpu")]}
    return {f"{part}.{kind}.{key}" for part, keys in parts.items() for key in keys}


def _command(*words: str) -> dict[str, Any]:
    """What the command prints, run as people run it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GONGKAI_")}
    done = subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "用时" in done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _here(server: PostgresServer, printed: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """The same in this process, on its PostgreSQL."""
    ours = signal.getsignal(signal.SIGTERM)
    try:
        assert main(list(words), server) == 0
    finally:
        signal.signal(signal.SIGTERM, ours)
    document: dict[str, Any] = json.loads(printed.readouterr().out)
    return document


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
def test_every_number_is_printed_with_its_target(
    kind: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--quick", "--kinds", kind]
    if kind == "sqlite":
        document = _command(*words)
    else:
        document = _here(request.getfixturevalue("postgres"), capsys, *words, "--only", "counts")
    expected = _keys(kind) | ({*ONCE, "step.sqlite.written"} if kind == "sqlite" else set())
    numbers = document["numbers"]
    assert set(numbers) == expected
    for key, number in numbers.items():
        assert {"label", "value", "unit", "target", "met"} == set(number), key
        if key.rsplit(".", 1)[1] in EXACT:
            assert number["met"], (key, number)
    assert document["mode"] == "quick" and document["machine"]["cores"]
    assert kind != "sqlite" or "inbox.sqlite" in document["details"]


def test_a_report_is_met_only_when_every_number_is() -> None:
    report = Report()
    assert not report.met
    report.most("a", "甲", 3, 4, "倍")
    report.least("b", "乙", 2.004, 2, "倍")
    assert report.met and report.numbers["b"]["value"] == 2.0
    report.failed("c", "丙", "没有测成")
    assert not report.met and "✗ 未达标" in report.table()
