"""What goes into a command of the case road."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Offline:
    """線下签批回填 / OA签批回填: who signed on paper (`how` paper) or in the OA (`oa`), when, and the proof."""

    how: str
    signer_id: int
    signed_on: date
    oa_number: str = ""
    note: str = ""
    scans: tuple[int, ...] = ()


@dataclass(frozen=True)
class Submitted:
    """What a step's form said, validated by the form.

    `answers` go into the case's data, `facts` to the flow, `personal` is stored sealed, `files` are the kept
    attachments per field.
    """

    answers: Mapping[str, Any]
    facts: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    decision: str = ""
    decision_label: str = ""
    opinion: str = ""


@dataclass(frozen=True)
class Filled:
    """Everything one submission said: for the step, for the adjacent step signed at once, who signed outside.

    `had` are the attachments per field the case held before, by id.
    """

    own: Submitted
    joint: Submitted | None = None
    offline: Offline | None = None
    had: Mapping[str, set[int]] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, tuple[int, ...]]:
        """The attachments it submits, per field."""
        files = {**self.own.files, **(self.joint.files if self.joint else {})}
        if self.offline is not None and self.offline.scans:
            files["offline_scan"] = self.offline.scans
        return files

    @property
    def changed_files(self) -> dict[str, tuple[int, ...]]:
        """Those of them that the case does not have already."""
        return {key: ids for key, ids in self.files.items() if set(ids) != self.had.get(key, set())}


class Incomplete(Exception):
    """The form has errors; the page shows it again with everything that was typed."""


#: what belongs to the step, not to the case
PASSING = frozenset({"decision", "opinion"})


def lasting(answers: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What stays with the case; a personal value that is not typed again stays as it is sealed."""
    return {
        key: value
        for key, value in answers.items()
        if key not in PASSING and not (value is None and isinstance(known.get(key), dict))
    }
