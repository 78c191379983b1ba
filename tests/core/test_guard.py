"""The child process that reads hostile input: it answers, or it is gone, and the web process goes on."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.core import guard

HERE = "tests.support.bombs"


def test_it_answers_and_says_what_it_cost() -> None:
    answer = guard.measured(f"{HERE}:echo", {"说": ["a", 1, None]})
    assert answer.value == {"说": ["a", 1, None]}
    assert answer.cpu < 2 and 10_000_000 < answer.memory < 300_000_000


@pytest.mark.parametrize(
    ("bomb", "why"),
    [("memory", "memory"), ("spin", "killed"), ("crash", "killed"), ("deep", "depth"), ("leave", "killed")],
)
def test_a_bomb_is_gone_and_the_next_question_is_answered(bomb: str, why: str) -> None:
    with pytest.raises(guard.Gone) as gone:
        guard.ask(f"{HERE}:{bomb}", None, cpu=1)
    assert gone.value.why == why
    assert guard.ask(f"{HERE}:echo", "还在") == "还在"


def test_a_fault_of_ours_is_not_taken_for_a_heavy_file() -> None:
    with pytest.raises(guard.Failed, match="KeyError"):
        guard.ask(f"{HERE}:fault", None)


def test_nothing_is_written_and_no_secret_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_SECRET", "机密")
    guard.close()
    assert "GONGKAI_SECRET" not in guard.ask(f"{HERE}:environment", None)
    with pytest.raises(guard.Failed, match="File too large"):
        guard.ask(f"{HERE}:write", str(tmp_path / "x"))
    assert (tmp_path / "x").read_bytes() == b""


def test_a_task_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(guard.Unavailable):
        guard.ask(f"{HERE}:nothing_of_that_name", None)


def test_what_is_preloaded_is_there_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_preloaded", [HERE, "no.such.module"])
    guard.close()
    guard.warm()
    assert guard.ask(f"{HERE}:echo", 1) == 1
    monkeypatch.undo()
    guard.close()


def test_many_threads_ask_at_once() -> None:
    def ask(number: int) -> Any:
        return guard.ask(f"{HERE}:echo", number)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(24))) == list(range(24))


def test_a_server_that_is_gone_is_started_again() -> None:
    guard.close()
    assert guard.ask(f"{HERE}:echo", 1) == 1


def test_a_forked_process_has_a_server_of_its_own() -> None:
    guard.ask(f"{HERE}:echo", 1)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, str(guard.ask(f"{HERE}:echo", 2)).encode())
            guard.close()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        assert file.read() == "2"
    os.waitpid(child, 0)
    assert guard.ask(f"{HERE}:echo", 3) == 3
