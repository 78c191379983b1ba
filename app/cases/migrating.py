"""迁移 of one running case to another version of its process (design.md 3a): one case, one transaction, exact or not at all.

The plan is the engine's replay of the case's rows on the other version, made again on the locked row; nothing is
executed. What waits keeps its holder, its draft, its sub-items and its day; only its place in the flow has another
name. A `migrate` row says how earlier rows read from now on, so that rebuilding, returns and the way back go on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import processes
from app.cases import road, timers
from app.cases.models import Case, CaseTimer, FlowRow, WorkItem
from app.cases.road import lock_case, set_out
from app.cases.routing import JUDGING
from app.cases.sub_models import Prepared
from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.notices.service import Note, enqueue
from app.processes import Runtime
from workflows.engine import EngineError, OpenStep, Outcome, Row, flow, migrating, renamed_address
from workflows.engine.migrating import Change, MigrationPlan, Ready

c, w, f, t = table_of(Case), table_of(WorkItem), table_of(FlowRow), table_of(CaseTimer)
_rows = sa.select(f.c.row).where(f.c.case_id == sa.bindparam("k")).order_by(f.c.seq)
_version = sa.update(c).where(c.c.id == sa.bindparam("k")).values(version_id=sa.bindparam("version"))
_items = sa.select(w).where(w.c.case_id == sa.bindparam("k"), w.c.kind == "step")
_item = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"))
    .values({name: sa.bindparam(f"v_{name}") for name in ("address", "step", "label", "role", "desk")})
)
_timers = sa.select(t).where(t.c.case_id == sa.bindparam("k"))
_timer = (
    sa.update(t)
    .where(t.c.id == sa.bindparam("k"))
    .values(address=sa.bindparam("v_address"), name=sa.bindparam("v_name"))
)
_prepared = (
    sa.select(w.c.process_key, w.c.step, w.c.label)
    .join(table_of(Prepared), table_of(Prepared).c.item_id == w.c.id)
    .where(w.c.case_id == sa.bindparam("k"), w.c.status == "open")
)
OVERTAKEN = "办件已经不在原来的版本上，或者已经办结，不用迁移"
RESTING = "办件已挂起，恢复办理以后再迁移"


@dataclass(frozen=True)
class Found:
    """What a migration of one case would do: the engine's plan, and why the office does not let it be done."""

    plan: MigrationPlan | None
    objections: tuple[str, ...] = ()
    ready: Ready | None = None

    @property
    def result(self) -> str:
        """same, mapped, refused."""
        return "refused" if self.objections or self.plan is None else self.plan.kind

    @property
    def told(self) -> list[str]:
        """Sentences: why not, or what else is different."""
        if self.plan is None or self.objections:
            return list(self.objections)
        return list(self.plan.remarks)


def look(session: Session, case: Mapping[str, Any], old: Runtime, new: Runtime, change: Change) -> Found:
    """What taking a case from `old` to `new` would do; reads only."""
    if case["status"] != "open" or case["version_id"] != old.version_id:
        return Found(None, (OVERTAKEN,))
    if case["suspended_at"] is not None:
        return Found(None, (RESTING,))
    try:
        ready = migrating.prepare(old.spec, new.spec, rows_of(session, case["id"]), change)
    except EngineError as error:
        return Found(None, (f"现在的流程记录不能照原样重放，请先核对办件：{error}",))
    if ready.plan.kind == "refused":
        return Found(ready.plan, tuple(_spoken(new, each.sentence) for each in ready.plan.diverging))
    return Found(ready.plan, tuple(_objections(session, case, old, new, ready.plan)), ready)


def _spoken(new: Runtime, sentence: str) -> str:
    """The engine names facts by their keys; people know them by the labels of the forms."""
    forms = [form for package in new.packages.values() for form in package.forms.values()]
    labels = {key: field.label for form in forms for key, field in form.by_key.items()}
    return re.sub(r"“([a-z][a-z0-9_]*)”", lambda key: f"“{labels.get(key[1], key[1])}”", sentence)


def rows_of(session: Session, case_id: int) -> list[Row]:
    """The engine's rows of a case, as they were written."""
    return [Row.from_json(row) for row in session.scalars(_rows, {"k": case_id})]


def _objections(
    session: Session, case: Mapping[str, Any], old: Runtime, new: Runtime, plan: MigrationPlan
) -> list[str]:
    """What the rows allow and the office does not: an author who would review, answers kept for another form."""
    places, found = {place.address: place for place in plan.after}, []
    for item in session.execute(_items, {"k": case["id"]}).mappings():
        place = places.get(plan.addresses.get(item["address"], ""))
        if item["status"] != "open" or place is None:
            continue
        role = place.settings.get("role", "work")
        if role in JUDGING and item["holder_id"] in case["authors"]:
            found.append(f"「{place.label}」在新版是审核环节，现在办理的人是拟稿人")
    renamed = {step.split("/")[-1]: now.split("/")[-1] for step, now in plan.renames.items()}
    for row in session.execute(_prepared, {"k": case["id"]}):
        then = old.form(row.process_key, row.step)
        now = new.form(row.process_key, renamed.get(row.step, row.step))
        if set(then.by_key) != set(now.by_key):
            found.append(f"「{row.label}」已经填好、正在等加签，而新版的表单不同。请等加签完成再迁移")
    return found


def migrate(tx: Tx, case_id: int, old: Runtime, new: Runtime, change: Change, words: str) -> Found:
    """Take one case over, inside a command that has authorised it; refused: nothing is changed.

    `words` name the two versions in the record: 「由第 3 版迁移到第 4 版」.

    The plan is made on the locked row: whoever completes a step at the same moment comes before or after.
    """
    case = lock_case(tx, case_id)
    if case is None:
        return Found(None, (OVERTAKEN,))
    found = look(tx.session, case, old, new, change)
    if found.result == "refused" or found.plan is None or found.ready is None:
        return found
    ready, was = found.ready, flow.look(old.spec, case["state"])
    rows = rows_of(tx.session, case_id)
    outcomes: list[Outcome] = []

    def carry_out(seq: int) -> Outcome:
        outcomes.append(migrating.carry_out(old.spec, new.spec, rows, ready, seq))
        return outcomes[0]

    journey = set_out(tx, new, case)
    try:
        road.travel(journey, carry_out)
    except EngineError as error:
        return Found(found.plan, (str(error),))
    journey.rows[0]["checkpoint"] = case["state"]
    # what a migration opens and closes are places of the flow, never work: no item is made, none is gone
    journey.opened.clear()
    journey.gone.clear()
    case["doers"] = _doers(case["doers"], found.plan)
    _rename_items(tx, case, found.plan)
    if old.has_timers:
        _rename_timers(tx, case_id, found.plan, {(x.address, x.name) for x in was.timers}, outcomes[0])
    if old.has_timers and not new.has_timers:
        timers.put(tx.session, case_id, outcomes[0].timers, tx.now)
    case["version_id"] = new.version_id
    tx.session.execute(_version, {"k": case_id, "version": new.version_id})
    summary = f"{tx.actor.name} 将本件{words}，已办的环节照旧有效"
    road.arrive(
        journey, action="case.migrate", summary=summary, came_from="流程换版",
        flow_row=journey.rows[0]["seq"], old=old.version_id, new=new.version_id, result=found.plan.kind,
        renamed=dict(found.plan.renames), inserted=list(found.plan.inserted), remarks=list(found.plan.remarks),
    )  # fmt: skip
    return found


def _doers(doers: Mapping[str, int], plan: MigrationPlan) -> dict[str, int]:
    """Who did which step, under the step's name of now."""
    names = {old.split("/")[-1]: new.split("/")[-1] for old, new in plan.renames.items()}
    return {names.get(step, step): person for step, person in doers.items()}


def _rename_items(tx: Tx, case: Mapping[str, Any], plan: MigrationPlan) -> None:
    """Every item stands at its address of now; an open one is called as the new version calls it, and its holder told."""
    places, changed, notes = {place.address: place for place in plan.after}, [], []
    for row in tx.session.execute(_items, {"k": case["id"]}).mappings():
        item = dict(row)
        values = _item_now(item, plan, places)
        if all(item[name] == value for name, value in values.items()):
            continue
        changed.append({"k": item["id"]} | {f"v_{name}": value for name, value in values.items()})
        if item["status"] == "open" and values["label"] != item["label"]:
            notes.append(_note(case, item, values["label"]))
    if changed:
        tx.session.execute(_item, changed)
    enqueue(tx, notes)


def _item_now(item: Mapping[str, Any], plan: MigrationPlan, places: Mapping[str, OpenStep]) -> dict[str, Any]:
    address = renamed_address(item["address"], plan.renames)
    step = address.split(":", 1)[1].split("#")[0].split("/")[-1].split("[")[0]
    values = {"address": address, "step": step} | {name: item[name] for name in ("label", "role", "desk")}
    place = places.get(address) if item["status"] == "open" else None
    if place is not None:
        role = place.settings.get("role", "work")
        desk = place.settings.get("desk") or ("sign" if role == "sign" else None)
        values |= {"label": place.label, "role": role, "desk": desk}
    return values


def _note(case: Mapping[str, Any], item: Mapping[str, Any], label: str) -> Note:
    return Note(
        kind="work",
        text=f"「{item['label']}」改称「{label}」——{case['title']}（流程换了新版，仍由您办理，已填的内容还在）",
        url=f"/work/{item['id']}",
        person_id=item["holder_id"],
        post_id=None if item["holder_id"] else item["post_id"],
        dedupe=f"migrate:{item['id']}:{case['flow_seq']}",
        item_id=item["id"],
        process=case["process_key"],
    )


def _rename_timers(
    tx: Tx, case_id: int, plan: MigrationPlan, was: set[tuple[str, str]], outcome: Outcome
) -> None:
    """A timer that waits on keeps its day: its row follows to the new address, and to the name it has there."""
    waiting: dict[str, list[str]] = {}
    for timer in outcome.timers:
        waiting.setdefault(timer.address, []).append(timer.name)
    changed = []
    for row in tx.session.execute(_timers, {"k": case_id}).mappings():
        address = plan.addresses.get(row["address"], row["address"])
        names = waiting.get(address, [])
        alone = len(names) == 1 and sum(each == row["address"] for each, _name in was) == 1
        name = names[0] if alone else row["name"]
        if (address, name) != (row["address"], row["name"]):
            changed.append({"k": row["id"], "v_address": address, "v_name": name})
    if changed:
        tx.session.execute(_timer, changed)


def version_pair(old_id: int, new_id: int) -> tuple[Runtime, Runtime]:
    """Both versions ready to run; Refused when they are not of one process."""
    old, new = processes.runtime(old_id), processes.runtime(new_id)
    if old.key != new.key or old_id == new_id:
        raise Refused("只能在同一个流程的两个版本之间迁移。请重新选择版本。")
    return old, new
