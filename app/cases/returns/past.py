"""What was done in a case: its rows read once, the completions that count, and the engine's plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import processes
from app.accounts.directory import Directory
from app.cases.models import FlowRow
from app.cases.moves import row_now
from app.core.db import table_of
from app.core.errors import Refused
from app.core.keys import sm3
from app.core.now import local_text
from app.processes import Runtime
from workflows.engine import EngineRefused, ReturnPlan, Row, place_of, replay

f = table_of(FlowRow)
_rows = (
    sa.select(f.c.seq, f.c.kind, f.c.item_id, f.c.person_id, f.c.at, f.c.answers, f.c.row)
    .where(f.c.case_id == sa.bindparam("k"))
    .order_by(f.c.seq)
)
MOVED_ON = "办件在您确认期间有了新的进展。请看清新的影响后再确认。"


@dataclass(frozen=True)
class Done:
    """A step that was completed and counts. `place` is where it stands in the flow, without the row that opened it.

    `who` did it; `person_id` is whose it was, when somebody stood in for him.
    """

    seq: int
    place: str
    process: str
    step: str
    label: str
    person_id: int | None
    who: str
    at: datetime
    item_id: int | None

    @property
    def words(self) -> str:
        """「拟稿」文承远 2026-11-23 09:05"""
        return f"「{self.label}」{self.who} {local_text(self.at)}"


@dataclass
class Past:
    """A case's rows: `kept` as the database has them, each `row` in the words of the version of now (`written`: as it
    was written), `rows` as the engine reads them."""

    case: Mapping[str, Any]
    runtime: Runtime
    kept: Sequence[Mapping[str, Any]]
    items: Sequence[Mapping[str, Any]]
    people: Directory
    plans: dict[int, ReturnPlan] = field(default_factory=dict)

    @cached_property
    def rows(self) -> list[Row]:
        """The engine's rows, as they were written."""
        return [Row.from_json(each["written"]) for each in self.kept]

    @cached_property
    def counted(self) -> frozenset[int]:
        """Numbers of the rows that count."""
        return frozenset(row.seq for row in replay.effective(self.rows))

    @cached_property
    def by_seq(self) -> Mapping[int, Mapping[str, Any]]:
        """Rows by number."""
        return {each["seq"]: each for each in self.kept}

    @cached_property
    def by_id(self) -> Mapping[int, Mapping[str, Any]]:
        """Items by id."""
        return {item["id"]: item for item in self.items}

    @cached_property
    def by_address(self) -> Mapping[str, Mapping[str, Any]]:
        """The newest item of each address."""
        return {item["address"]: item for item in self.items if item["kind"] == "step"}

    @cached_property
    def done(self) -> list[Done]:
        """Completions that count, in order."""
        return [
            self.completion(each) for each in self.kept if each["seq"] in self.counted and _complete(each)
        ]

    def completion(self, row: Mapping[str, Any]) -> Done:
        """Who completed what, of one row. The second of two steps signed at once has the item of the first."""
        place = place_of(row["row"]["at"][0])
        item = self.by_id.get(row["item_id"] or 0)
        process, step = self.step_at(place)
        if item is not None and place_of(item["address"]) == place:
            process, step = item["process_key"], item["step"]
        did = item["done_by"] if item is not None and item["done_by"] else row["person_id"]
        whose = (item["on_behalf_id"] if item is not None else None) or did
        return Done(
            row["seq"], place, process, step, self.runtime.label(process, step), whose,
            self.people.name_of(did) if did else "系统", row["at"], row["item_id"],
        )  # fmt: skip

    def step_at(self, place: str) -> tuple[str, str]:
        """Process and step of a place in the flow."""
        path = place.split("/")
        step = path[-1].split("[")[0]
        for process in self.runtime.packages:
            if (process, step) in self.runtime.spec.steps and (len(path) > 1) == (
                process != self.runtime.key
            ):
                return process, step
        return self.runtime.key, step

    def label(self, address: str) -> str:
        """What stands at an address."""
        item = self.by_address.get(address)
        return item["label"] if item else self.runtime.label(*self.step_at(place_of(address)))

    def plan(self, seq: int) -> ReturnPlan:
        """What a return to that row would do; Refused with the sentence when it cannot be done."""
        if seq not in self.plans:
            try:
                self.plans[seq] = replay.plan_return(self.runtime.spec, self.rows, seq)
            except EngineRefused as error:
                raise Refused(str(error)) from error
        found = self.plans[seq]
        if found.refused is not None:
            raise Refused(found.refused)
        return found


def _complete(row: Mapping[str, Any]) -> bool:
    return bool(row["kind"] == "complete")


def read(
    session: Session, case: Mapping[str, Any], items: Sequence[Mapping[str, Any]], people: Directory
) -> Past:
    """The past of a case, from its rows and items."""
    found = [dict(row) for row in session.execute(_rows, {"k": case["id"]}).mappings()]
    told = row_now([row["row"] for row in found])
    kept = [{**row, "written": row["row"], "row": told.get(row["seq"], row["row"])} for row in found]
    return Past(case, processes.runtime(case["version_id"]), kept, items, people)


def seal(plan: ReturnPlan, *more: str) -> str:
    """What a person confirms, as a digest: the same consequences give the same seal."""
    said = (
        plan.target, plan.drop, plan.redone, [step.address for step in plan.vanish],
        [step.address for step in plan.reopened], plan.kept, sorted(plan.undone.items()), plan.detached,
        [(timer.address, timer.name) for timer in plan.timers], [seq for seq, _act in plan.stands], more,
    )  # fmt: skip
    return sm3(repr(said).encode())[:32]
