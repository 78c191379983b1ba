"""Paths `<call>/<sub-process>/<step>` read in a definition: where each part belongs, what it is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import CallActivity

from workflows.engine.loading import CHILD, Spec
from workflows.engine.model import Row
from workflows.engine.running import place_of

Step = tuple[str, str]
"""(process key, step id)."""


def label_in(address: str, *specs: Spec) -> str:
    """What stands at an address, by the first of these definitions that knows it; else the id of the step."""
    for spec in specs:
        info = spec.steps.get(Paths(spec, {}).steps(place_of(address))[-1])
        if info is not None:
            return info.label
    return place_of(address).split("/")[-1].split("[")[0]


class Paths:
    """Reads paths `<call>/<sub-process>/<step>`: which process each part belongs to, and its new name."""

    def __init__(self, spec: Spec, renames: Mapping[Step, str]) -> None:
        self.spec, self.renames = spec, renames
        self.calls = {
            (spec.owners[name], step.removesuffix(CHILD)): str(drawn.spec)
            for name, parsed in spec.parsed.items()
            for step, drawn in parsed.task_specs.items()
            if isinstance(drawn, CallActivity)
        }

    def steps(self, path: str) -> list[Step]:
        """(process, step) of each part."""
        process, found = self.spec.key, []
        for part in path.split("/"):
            name = part.split("[")[0]
            found.append((process, name))
            process = self.calls.get((process, name), process)
        return found

    def of(self, rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
        if not self.renames:
            return
        for row in rows:
            places = [place_of(each) for each in (*row.at, *row.opened, *row.closed)]
            for path in [*places, *(act.path for act in row.acts)]:
                steps = self.steps(path)
                plain = "/".join(name for _process, name in steps)
                now = "/".join(self.renames.get(each, each[1]) for each in steps)
                if plain != now:
                    yield plain, now
