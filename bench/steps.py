"""Completing a step over HTTP: statements, commits, CPU, bytes written."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import Any

from bench.browser import Answer, Browser, Pairs
from bench.offices import Offices
from bench.report import Report
from bench.servers import Server, backends_cpu, serving
from bench.serving import COMMITS, STATEMENTS
from bench.walks import DISCLOSURE, SECRECY, SHIPPED, street

MOST_STATEMENTS, MOST_CPU, MOST_WRITTEN = 12, 8, 32 * 1024
LABELS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Counts:
    """Statements and commits of every completion, read from the answers' headers."""

    def __init__(self) -> None:
        self.seen: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def send(self, browser: Browser, step: str, path: str, fields: Pairs) -> Answer:
        """Post and note."""
        answer = browser.post_parts(path, fields)
        self.seen[step].append((int(answer.headers[STATEMENTS]), int(answer.headers[COMMITS])))
        return answer

    def take(self) -> dict[str, list[tuple[int, int]]]:
        """What was seen since the last time."""
        taken, self.seen = dict(self.seen), defaultdict(list)
        return taken


def count(report: Report, offices: Offices, kind: str, *, quick: bool) -> None:
    """Exact counts over every step of every shipped walk, and whether they grow with history, cases or model."""
    office, counts = offices.make(kind, "counts"), Counts()
    rounds, crowd = (4, 40) if quick else (66, 2000)
    with serving(office, count=True) as server, street(server, counts.send) as people:
        people.walk(DISCLOSURE)  # whatever a process reads once, it reads now
        people.rounds(3, 3)
        people.rounds(60, 1)
        counts.take()
        for walk in SHIPPED.values():
            people.walk(walk)
        shipped = counts.take()
        people.rounds(3, 3 * rounds)
        history = counts.take()
        people.rounds(60, 6)
        model = counts.take()
        _crowd(office, crowd)
        for walk in SHIPPED.values():
            people.walk(walk)
        crowded = counts.take()
    every = [each for seen in (shipped, history, model, crowded) for pairs in seen.values() for each in pairs]
    name = LABELS[kind]
    report.most(
        f"step.{kind}.statements",
        f"办一步的 SQL 语句数（最多的一步，{name}）",
        max(n for n, _ in every),
        MOST_STATEMENTS,
        "条",
    )
    report.exactly(
        f"step.{kind}.commits", f"办一步的提交次数（{name}）", _one({c for _, c in every}), 1, "次"
    )
    late = {n for pairs in history.values() for n, _ in pairs}
    report.exactly(
        f"step.{kind}.same_with_history",
        f"历史变长（{3 * rounds} 步）语句数不变（{name}）",
        len(late) == 1,
        True,
    )
    first = {n for n, _ in history["ring_3.p1"]} | {n for pairs in model.values() for n, _ in pairs}
    report.exactly(
        f"step.{kind}.same_with_model", f"流程变大（3 步、60 步）语句数不变（{name}）", len(first) == 1, True
    )
    report.exactly(
        f"step.{kind}.same_with_cases",
        f"办件变多（多 {crowd} 件）语句数不变（{name}）",
        crowded == shipped,
        True,
    )
    report.details[f"step.{kind}.statements_by_step"] = {
        step: [n for n, _ in pairs] for step, pairs in shipped.items()
    }


def _one(seen: set[int]) -> int | str:
    """The number, when it is always the same."""
    return seen.pop() if len(seen) == 1 else "、".join(map(str, sorted(seen)))


def _crowd(office: Any, number: int) -> None:
    """Many more open cases and items, copies of the first."""
    from bench.filling import fill

    fill(office, number, visible=number // 10)


class Costs:
    """CPU and bytes of every completion, each beside an empty signed-in form on the same server."""

    def __init__(self, server: Server, offices: Offices) -> None:
        self.server, self.postgres = server, offices.postgres if server.office.kind == "postgresql" else None
        self.cpu: dict[str, list[float]] = defaultdict(list)
        self.empty: list[float] = []
        self.written: list[int] = []
        self.folded = 0  # bytes that copying the rest of the log back took
        self.backend: list[float] = []

    def send(self, browser: Browser, step: str, path: str, fields: Pairs) -> Answer:
        """Post the step, then the yardstick."""
        before, bytes_before = self.server.cpu(), self.server.written()
        backend = backends_cpu(self.postgres) if self.postgres else 0.0
        answer = browser.post_parts(path, fields)
        after = self.server.cpu()
        self.cpu[step].append(after - before)
        self.written.append(self.server.written() - bytes_before)
        if self.postgres:
            self.backend.append(backends_cpu(self.postgres) - backend)
        for _ in range(2):
            before = self.server.cpu()
            if browser.empty().status != 204:
                raise RuntimeError("the empty form was refused")
            self.empty.append(self.server.cpu() - before)
        return answer


def cost(report: Report, offices: Offices, kind: str, *, quick: bool) -> None:
    """CPU against the yardstick, bytes written (SQLite), over whole walks of both processes.

    All cases are begun before, so that what is written from then on is written by steps: the log, and what it takes
    to copy the log back, to its last byte.
    """
    office, rounds = offices.make(kind, "costs"), 1 if quick else 30 if kind == "sqlite" else 12
    with serving(office) as server, street(server, Costs(server, offices).send) as people:
        for walk in (DISCLOSURE, SECRECY) * (1 if quick else 3):
            people.walk(walk)
        begun = [(walk, people.begin(walk)) for _ in range(rounds) for walk in (DISCLOSURE, SECRECY)]
        costs = Costs(server, offices)
        people.send = costs.send
        if kind == "sqlite":
            office.fold_log()
        for walk, case in begun:
            people.walk(walk, case)
        if kind == "sqlite":
            costs.folded = office.fold_log()
    _tell(report, costs, kind)


def _tell(report: Report, costs: Costs, kind: str) -> None:
    name, empty = LABELS[kind], statistics.median(costs.empty)
    by_step = {step: statistics.median(found) for step, found in costs.cpu.items()}
    mean = statistics.mean(by_step.values())
    worst = max(by_step, key=lambda step: by_step[step])
    report.most(
        f"step.{kind}.cpu", f"办一步的 CPU 是空表单的几倍（各步平均，{name}）", mean / empty, MOST_CPU, "倍"
    )
    report.most(
        f"step.{kind}.cpu_worst", f"其中最贵的一步（{worst}，{name}）", by_step[worst] / empty, MOST_CPU, "倍"
    )
    details: dict[str, Any] = {
        "empty_ms": round(empty, 3),
        "step_ms": round(mean, 3),
        "by_step_ms": {step: round(value, 3) for step, value in by_step.items()},
    }
    if costs.backend:
        details["database_ms"] = round(statistics.median(costs.backend), 3)
    if kind == "sqlite":
        mean_written = (sum(costs.written) + costs.folded) / len(costs.written)
        report.most(
            "step.sqlite.written",
            "办一步写盘（平均，含检查点，SQLite）",
            mean_written / 1024,
            MOST_WRITTEN / 1024,
            "KB",
        )
        details["steps"] = len(costs.written)
        details["written_median_bytes"] = round(statistics.median(costs.written))
        details["written_most_bytes"] = max(costs.written)
    report.details[f"step.{kind}"] = details
