"""What a step costs in the engine room, compared inside one run.

    python bench/engine.py          prints JSON

* `per_step`: CPU of one step with load and save, ours against the library's own serialiser with its
  definition inside, on the same walk (a case through calls, splits and a loop).
* `loop`: CPU and state bytes at step 200 of a loop against step 10.

Only ratios mean anything: both sides run in turns in the same process.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG
from SpiffWorkflow.util.task import TaskState

from tests.engine.diagrams import Diagram
from workflows.engine import Source, Spec, flow, load, place_of, replay, xml

ROUNDS = 3
STEPS = ["draft", "review", "k1", "k2", "opinion", "check", "sign"]


def sources() -> tuple[Source, Source]:
    """A case of the size of a shipped process, and the process it calls."""
    inner = Diagram("inner").start().people("k1", "k2").gateways("exclusive", "ix").end()
    inner.go("s -> k1 -> ix").go("ix -> k2", "level > 1").otherwise("ix -> e").go("k2 -> e")
    main = (
        Diagram("main")
        .start()
        .people("draft", "review", "opinion", "check", "sign")
        .call("ca", "inner")
        .end()
    )
    main.gateways("parallel", "g", "j").gateways("exclusive", "x", "y")
    main.go("s -> draft -> review -> x").go("x -> draft", "back == 1").otherwise("x -> g")
    main.go("g -> ca -> j -> check -> y").go("g -> opinion -> j").go("y -> sign", "again == 0").otherwise(
        "y -> draft"
    )
    main.go("sign -> e")
    return main.source(), inner.source()


FACTS: dict[str, Any] = {
    "level": 2,
    "back": 0,
    "again": 1,
    "title": "关于公开属性的请示" * 4,
    "units": ["甲", "乙"],
}


class Ours:
    """Our road: definition in the cache, state only."""

    def __init__(self, spec: Spec) -> None:
        self.spec, self.seq = spec, 0
        self.now = flow.start(spec, 0, FACTS, None)
        self.rows = [self.now.row]

    def step(self, name: str) -> None:
        self.seq += 1
        address = next(step.address for step in self.now.open if step.step == name)
        self.now = flow.complete(self.spec, self.now.state, self.seq, address, FACTS, None)
        self.rows.append(self.now.row)


class Stock:
    """The library's own way: the whole instance with its definitions as JSON."""

    def __init__(self, parsed: tuple[Any, Any]) -> None:
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG))
        workflow = BpmnWorkflow(*parsed)
        workflow.task_tree.data.update(FACTS)
        workflow.do_engine_steps()
        self.blob = self.serializer.serialize_json(workflow)

    def step(self, name: str) -> None:
        workflow = self.serializer.deserialize_json(self.blob)
        tasks = workflow.get_tasks(state=TaskState.READY, manual=True)
        task = next(task for task in tasks if task.task_spec.name == name)
        task.data.update(FACTS)
        task.run()
        workflow.do_engine_steps()
        self.blob = self.serializer.serialize_json(workflow)


def stock_specs(main: Source, inner: Source) -> tuple[Any, Any]:
    parser = SpiffBpmnParser()
    for source in (main, inner):
        parser.add_bpmn_xml(xml.read_bpmn(source.bpmn))
    return parser.get_spec(main.key), parser.get_subprocess_specs(main.key)


def cpu(act: Callable[[], object]) -> float:
    """CPU milliseconds of one call."""
    began = time.process_time_ns()
    act()
    return (time.process_time_ns() - began) / 1e6


def per_step() -> dict[str, float]:
    """Median CPU per step over the first rounds of the same case, taken in turns."""
    main, inner = sources()
    spec, parsed = load(main, [inner]), stock_specs(main, inner)
    ours, stock = list[float](), list[float]()
    for _turn in range(8):
        a, b = Ours(spec), Stock(parsed)
        for name in STEPS[:-1] * ROUNDS:
            ours.append(cpu(lambda a=a, name=name: a.step(name)))  # type: ignore[misc]
            stock.append(cpu(lambda b=b, name=name: b.step(name)))  # type: ignore[misc]
    mine, theirs = statistics.median(ours), statistics.median(stock)
    return {
        "ours_ms": round(mine, 3),
        "stock_ms": round(theirs, 3),
        "stock_over_ours": round(theirs / mine, 1),
    }


def loop() -> dict[str, float]:
    """Step 200 of a loop against step 10; each step measured on the state before it."""
    main, inner = sources()
    spec, case = load(main, [inner]), Ours(load(main, [inner]))
    costs, sizes = {}, {}
    for number in range(1, 211):
        name = STEPS[:-1][(number - 1) % 6]
        if number in range(7, 14) or number in range(197, 204):
            blob, address = case.now.state, next(s.address for s in case.now.open if s.step == name)
            again = [cpu(lambda: flow.complete(spec, blob, 0, address, FACTS, None)) for _ in range(20)]  # noqa: B023
            costs[number], sizes[number] = statistics.median(again), len(blob)
        case.step(name)
    early = statistics.mean(cost for number, cost in costs.items() if number < 20)
    late = statistics.mean(cost for number, cost in costs.items() if number > 20)
    small = statistics.mean(size for number, size in sizes.items() if number < 20)
    large = statistics.mean(size for number, size in sizes.items() if number > 20)
    whole = cpu(lambda: replay.rebuild(spec, case.rows))
    return {
        "step_10_ms": round(early, 3), "step_200_ms": round(late, 3), "step_200_over_10": round(late / early, 2),
        "state_bytes_10": round(small), "state_bytes_200": round(large), "rebuild_210_rows_ms": round(whole, 1),
        "waiting": len({place_of(step.address) for step in case.now.open}),
    }  # fmt: skip


def measure() -> dict[str, dict[str, float]]:
    """All figures; `per_step.stock_over_ours` should be at least 2, `loop.step_200_over_10` at most 5."""
    return {"per_step": per_step(), "loop": loop()}


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=2))
