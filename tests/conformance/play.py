"""Walking a smallest diagram: each word either moves it or says what must be so; every move is replayed as well."""

from __future__ import annotations

from typing import Any

from workflows.engine import Json, Outcome, Row, Spec, flow, replay


class Play:
    """One instance. Words return the play, so that they chain."""

    def __init__(self, spec: Spec, facts: dict[str, Any]) -> None:
        self.spec, self.rows, self.calls = spec, list[Row](), list[tuple[str, dict[str, Json]]]()
        self.now = self._moved(flow.start(spec, 0, facts, self._act))

    def _act(self, name: str, params: dict[str, Json], _address: str) -> Json:
        self.calls.append((name, params))
        return "结果"

    def _moved(self, outcome: Outcome) -> Outcome:
        self.rows.append(outcome.row)
        assert replay.differences(self.spec, self.rows, outcome.state) == []
        self.now = outcome
        return outcome

    def does(self, step: str, **facts: Any) -> Play:
        """The first open one of these steps is completed."""
        place = next(each for each in self.now.open if each.step == step)
        self._moved(flow.complete(self.spec, self.now.state, len(self.rows), place.address, facts, self._act))
        return self

    def sends(self, name: str, **facts: Any) -> Play:
        self._moved(flow.send(self.spec, self.now.state, len(self.rows), name, facts, self._act))
        return self

    def fires(self, step: str) -> Play:
        timer = next(each for each in self.now.timers if step in (each.step, each.name))
        self._moved(
            flow.fire(self.spec, self.now.state, len(self.rows), timer.address, timer.name, self._act)
        )
        return self

    def waits(self, *steps: str) -> Play:
        assert sorted(each.step for each in self.now.open) == sorted(steps)
        assert not self.now.finished
        return self

    def sees(self, step: str, **facts: Any) -> Play:
        shown = next(each.facts for each in self.now.open if each.step == step)
        assert {name: shown.get(name) for name in facts} == facts
        return self

    def in_lane(self, step: str, lane: str) -> Play:
        assert next(each.lane for each in self.now.open if each.step == step) == lane
        return self

    def acted(self, name: str, **params: Json) -> Play:
        assert self.calls == [(name, params)]
        return self

    def quiet(self) -> Play:
        """No timer and no message is waited for any more."""
        assert (self.now.timers, self.now.messages) == ((), ())
        return self

    def ends(self) -> Play:
        assert self.now.finished and not self.now.open
        return self.quiet()
