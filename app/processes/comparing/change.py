"""What a comparison finds, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True)
class Change:
    """One difference. `part` is the file ("calls" for the versions locked in), `element` what to point at in it.

    name: what it is about, as people call it (环节“核稿”). label: the property that changed, "" when the whole thing came
    or went. before / after: as shown to people, "" for nothing.
    """

    part: str
    element: str
    kind: Kind
    name: str
    label: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Comparison:
    """All differences of two packages.

    placed: elements of the diagram that only stand elsewhere or look otherwise. written: parts whose text differs although
    nothing that counts does (notes, blanks, the order of lines).
    """

    changes: tuple[Change, ...] = ()
    placed: tuple[Change, ...] = ()
    written: tuple[str, ...] = ()
    #: element id -> what happened to it, for the two pictures
    marks: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether the two run alike."""
        return not self.changes

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives the same back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Comparison:
        return cls(
            tuple(Change(**each) for each in value["changes"]),
            tuple(Change(**each) for each in value["placed"]),
            tuple(value["written"]),
            value["marks"],
        )


def marks_of(changes: tuple[Change, ...], part: str) -> dict[str, Kind]:
    """The strongest kind of change of every element of a part."""
    strength: dict[Kind, int] = {"moved": 0, "changed": 1, "removed": 2, "added": 2}
    found: dict[str, Kind] = {}
    for each in changes:
        if each.part == part and each.element:
            now = found.get(each.element)
            if now is None or strength[each.kind] > strength[now]:
                found[each.element] = each.kind
    return found
