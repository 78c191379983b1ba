"""Steps that ask for nothing but a decision and an opinion: such work can be done from a list, and many at once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import processes
from app.processes import Runtime
from forms.definition import Definition, Option

#: the decision a row of the inbox offers at once
AGREE = "agree"


@dataclass(frozen=True)
class Plain:
    """A step's decision: the key of its field, its options, and the key of its opinion ("" when it asks for none)."""

    decision: str
    options: tuple[Option, ...]
    opinion: str

    def option(self, value: str) -> Option | None:
        """The option of that value."""
        return next((each for each in self.options if each.value == value), None)

    @property
    def quick(self) -> Option | None:
        """同意 without a word, where the step allows that."""
        found = self.option(AGREE)
        return found if found is not None and not found.opinion_required and not found.opinion_only else None


@functools.lru_cache(512)
def _of(digest: str, definition: Definition) -> Plain | str:
    decision, opinion = definition.decision, definition.opinion
    if decision is None:
        return "本环节要填写内容，不是只作决定，请逐件办理。"
    more = [
        each.label for each in definition.fields if each.key not in (decision.key, opinion and opinion.key)
    ]
    if more:
        return f"本环节还要填写{'、'.join(f'「{label}」' for label in more[:3])}，请逐件办理。"
    return Plain(decision.key, decision.options, opinion.key if opinion else "")


def of(runtime: Runtime, process: str, step: str) -> Plain | str:
    """What the step asks when that is only a decision and an opinion; else the sentence that says what more."""
    if (process, step) not in runtime.spec.steps:
        return "这件不是流程里的环节，请逐件办理。"
    definition = runtime.form(process, step)
    return _of(definition.digest, definition)


def of_item(item: Mapping[str, Any], version_id: int) -> Plain | str:
    """The same for a work item of a case that runs on that version."""
    if item["kind"] != "step":
        return "这是办理中另外送来的件，请逐件办理。"
    return of(processes.runtime(version_id), item["process_key"], item["step"])
