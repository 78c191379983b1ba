"""Random walks through a process: who does what next is drawn, everything else is the engine's.

    walk = random_walk(spec, rng, answers, begin)
    walk.rows, walk.state, walk.outcome

`rng` is a `random.Random` (hypothesis draws one with `st.randoms(use_true_random=False)`), `answers` maps
names to the values a person may give them, or is a function `(step, rng) -> facts`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from workflows.engine import EngineRefused, Facts, Json, OpenStep, Outcome, Row, Spec, flow, place_of, replay

Answers = Mapping[str, Sequence[Json]] | Callable[[OpenStep, Random], Facts]


@dataclass
class Registry:
    """Actions for tests: every call is noted and gets a result of its own, or what `result` gives."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    result: Callable[[str], Json] | None = None

    def __call__(self, name: str, params: dict[str, Json], address: str) -> Json:
        self.calls.append((name, address))
        if self.result is not None:
            return self.result(name)
        return {"n": len(self.calls), "of": name, "with": dict(params)}


@dataclass
class Walk:
    """A case as its caller keeps it: the definition, the rows and the state."""

    spec: Spec
    rows: list[Row] = field(default_factory=list)
    actions: Registry = field(default_factory=Registry)
    outcome: Outcome | None = None

    @property
    def now(self) -> Outcome:
        assert self.outcome is not None
        return self.outcome

    @property
    def state(self) -> bytes:
        return self.now.state

    @property
    def seq(self) -> int:
        return len(self.rows)

    def _took(self, outcome: Outcome) -> Outcome:
        """Keep the row as a database would give it back."""
        self.rows.append(Row.from_json(json.loads(json.dumps(outcome.row.to_json()))))
        self.outcome = outcome
        return outcome

    def start(self, facts: Facts | None = None) -> Outcome:
        return self._took(flow.start(self.spec, self.seq, facts or {}, self.actions))

    def complete(self, where: str, facts: Facts | None = None, **more: Json) -> Outcome:
        """Complete the step at an address, or the only open one at a path."""
        given = {**(facts or {}), **more}
        return self._took(
            flow.complete(self.spec, self.state, self.seq, self.find(where), given, self.actions)
        )

    def fire(self, where: str, name: str = "") -> Outcome:
        address = self.find(where)
        names = [timer.name for timer in self.now.timers if timer.address == address]
        return self._took(flow.fire(self.spec, self.state, self.seq, address, name or names[0], self.actions))

    def send(self, message: str, **facts: Json) -> Outcome:
        return self._took(flow.send(self.spec, self.state, self.seq, message, facts, self.actions))

    def back(self, target: int) -> replay.ReturnPlan:
        plan = replay.plan_return(self.spec, self.rows, target)
        self._took(replay.apply_return(self.spec, self.rows, plan, self.seq))
        return plan

    def find(self, where: str) -> str:
        if ":" in where:
            return where
        places = {*(step.address for step in self.now.open), *(timer.address for timer in self.now.timers)}
        found = [address for address in places if place_of(address) == where]
        assert len(found) == 1, (where, sorted(places))
        return found[0]

    def waiting(self) -> list[str]:
        """Paths of what waits, sorted."""
        return sorted(place_of(step.address) for step in self.now.open)

    def row_of(self, place: str) -> int:
        """The last row that acted at this path."""
        return max(row.seq for row in self.rows for address in row.at if place_of(address) == place)


def random_walk(
    spec: Spec,
    rng: Random,
    answers: Answers,
    begin: Facts | None = None,
    *,
    steps: int = 25,
    returns: bool = False,
    result: Callable[[str], Json] | None = None,
) -> Walk:
    """Walk until the end or for `steps` inputs; with `returns`, now and then back to an earlier step.

    `result` gives the result of every action by its name, for processes that route on it.
    """
    walk = Walk(spec, actions=Registry(result=result))
    walk.start(begin)
    while not walk.now.finished and walk.seq <= steps:
        if returns and rng.random() < 0.15 and _try_return(walk, rng):
            continue
        if not _one_input(walk, rng, answers):
            break
    return walk


def _one_input(walk: Walk, rng: Random, answers: Answers) -> bool:
    now = walk.now
    moves: list[Callable[[], object]] = []
    for step in now.open:
        moves.append(lambda step=step: walk.complete(step.address, answer(step, rng, answers)))  # type: ignore[misc]
    for timer in now.timers:
        moves.append(lambda timer=timer: walk.fire(timer.address, timer.name))  # type: ignore[misc]
    for name in sorted({message.name for message in now.messages}):
        moves.append(lambda name=name: walk.send(name, told=name))  # type: ignore[misc]
    if not moves:
        return False
    rng.choice(moves)()
    return True


def answer(step: OpenStep, rng: Random, answers: Answers) -> Facts:
    """What a person fills in: every name with one of its values, and a mark of the step itself."""
    if callable(answers):
        return answers(step, rng)
    return {
        **{name: rng.choice(list(values)) for name, values in answers.items()},
        f"did_{step.step}": rng.randint(0, 9),
    }


def _try_return(walk: Walk, rng: Random) -> bool:
    done = [row.seq for row in replay.effective(walk.rows) if row.kind == "complete"]
    if not done:
        return False
    try:
        walk.back(rng.choice(done))
    except EngineRefused:
        return False
    return True
