"""The words of the engine room: what goes in, what comes out. Plain frozen data, no library objects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
Facts: TypeAlias = "Mapping[str, Json]"

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")
"""Process ids, step ids and names of facts look like this."""

CELL_NAME = "cell_input"
"""The name under which a decision table's cell sees the value of its column."""


@dataclass(frozen=True)
class Source:
    """The flow files of one process package: `key` is the id of its one executable process."""

    key: str
    bpmn: bytes
    dmn: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class StepInfo:
    """One node of a diagram as its author named it.

    kind: person (a person's step), action, decision, call, subprocess, gateway, event.
    settings: the `spiffworkflow:properties` of the node, as text.
    """

    process: str
    step: str
    label: str
    lane: str | None
    settings: Mapping[str, str]
    kind: str


class Actions(Protocol):
    """What service tasks call. The caller supplies it; live only, replay answers from the rows."""

    def __call__(self, name: str, params: dict[str, Json], address: str) -> Json: ...


@dataclass(frozen=True)
class OpenStep:
    """A person's step that waits. `instance` tells parts of a multi-instance apart ("0", "1/2"), else None."""

    address: str
    process: str
    step: str
    label: str
    lane: str | None
    settings: Mapping[str, str]
    instance: str | None
    facts: Facts


@dataclass(frozen=True)
class OpenTimer:
    """A timer that waits at `address`.

    value: an ISO 8601 duration or date(-time); the caller makes it a due row. interrupting: whether firing it
    ends what it waits beside.
    """

    address: str
    name: str
    kind: Literal["duration", "date"]
    value: str
    process: str
    step: str
    interrupting: bool


@dataclass(frozen=True)
class OpenMessage:
    """A place that waits for the message `name`."""

    address: str
    name: str
    process: str
    step: str


@dataclass(frozen=True)
class Act:
    """One call of an action: the path of the service task inside the flow, and the result it got."""

    name: str
    path: str
    params: Mapping[str, Json]
    result: Json


RowKind = Literal["start", "complete", "timer", "message", "return", "migrate"]


@dataclass(frozen=True)
class Row:
    """One input to the flow. The rows are the truth; any state is a cache of them (design 3a).

    at: the addresses acted on. name: of the timer or message. seen: digest of the data they showed.
    opened / closed: addresses this row opened, and closed besides `at`. drop / target: of a return only, whose `acts`
    are those that stand although the rows that did them are dropped. moved: of a migration only.
    """

    seq: int
    kind: RowKind
    at: tuple[str, ...] = ()
    name: str = ""
    facts: Facts = field(default_factory=dict)
    seen: str = ""
    acts: tuple[Act, ...] = ()
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    drop: tuple[int, ...] = ()
    target: int | None = None
    moved: Moved | None = None

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain JSON values; `from_json` gives the same row back."""
        acts = [
            {"name": a.name, "path": a.path, "params": dict(a.params), "result": a.result} for a in self.acts
        ]
        found = {
            "seq": self.seq, "kind": self.kind, "at": list(self.at), "name": self.name,
            "facts": dict(self.facts), "seen": self.seen, "acts": acts, "opened": list(self.opened),
            "closed": list(self.closed), "drop": list(self.drop), "target": self.target,
        }  # fmt: skip
        return found if self.moved is None else {**found, "moved": self.moved.to_json()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Row:
        return cls(
            seq=value["seq"], kind=value["kind"], at=tuple(value["at"]), name=value["name"],
            facts=value["facts"], seen=value["seen"], acts=tuple(Act(**act) for act in value["acts"]),
            opened=tuple(value["opened"]), closed=tuple(value["closed"]), drop=tuple(value["drop"]),
            target=value["target"], moved=Moved.from_json(value["moved"]) if value.get("moved") else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """How a migration reads the rows before it: in the words of the definition it went to.

    renames: path without instances -> its path now, for every path of those rows that has another one. replaced: rows
    that stand in the place of all earlier ones of their `seq`, because the new definition shows, opens or does more at
    them; a second row of one `seq` completes a step that was inserted. before / after: hashes of the two closures.
    """

    before: str
    after: str
    renames: Mapping[str, str] = field(default_factory=dict)
    replaced: tuple[Row, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain JSON values; `from_json` gives the same back."""
        rows = [row.to_json() for row in self.replaced]
        return {"before": self.before, "after": self.after, "renames": dict(self.renames), "replaced": rows}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Moved:
        rows = tuple(Row.from_json(row) for row in value["replaced"])
        return cls(value["before"], value["after"], value["renames"], rows)


@dataclass(frozen=True)
class Outcome:
    """What one input did. `open` is everything that waits for a person now, `opened` what this input added.

    closed: addresses that no longer wait (the one acted on included). facts: the data the flow ended with,
    empty while it runs.
    """

    row: Row
    state: bytes
    open: tuple[OpenStep, ...]
    opened: tuple[OpenStep, ...]
    closed: tuple[str, ...]
    timers: tuple[OpenTimer, ...]
    messages: tuple[OpenMessage, ...]
    finished: bool
    facts: Facts


@dataclass(frozen=True)
class View:
    """What a state shows: the waiting places and, at the end, the data."""

    open: tuple[OpenStep, ...]
    timers: tuple[OpenTimer, ...]
    messages: tuple[OpenMessage, ...]
    finished: bool
    facts: Facts

    def addresses(self) -> frozenset[str]:
        waiting: Sequence[OpenStep | OpenTimer | OpenMessage] = (*self.open, *self.timers, *self.messages)
        return frozenset(place.address for place in waiting)


@dataclass(frozen=True)
class Catalogue:
    """What a definition may refer to.

    forms: (process, step) pairs. actions: name -> parameter -> what people call it. settings: property names. A field left None is not checked.
    """

    lanes: frozenset[str] | None = None
    actions: Mapping[str, Mapping[str, str]] | None = None
    forms: frozenset[tuple[str, str]] | None = None
    settings: frozenset[str] | None = None


#: names of the parts of a package that every one has
DIAGRAM, SETTINGS = "process.bpmn", "package.toml"


@dataclass(frozen=True)
class Finding:
    """One thing to mend before a definition may be activated. `severity` error stops it, warning does not.

    part: the file a person opens to mend it (`process.bpmn`, `levels.dmn`, `forms/draft.toml`, `package.toml`);
    empty for the package as a whole.
    """

    element: str
    rule: str
    severity: Literal["error", "warning"]
    message: str
    mend: str
    part: str = ""


def error(element: str, rule: str, message: str, mend: str) -> Finding:
    """A finding that stops an activation."""
    return Finding(element, rule, "error", message, mend)
