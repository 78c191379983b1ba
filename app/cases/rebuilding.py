"""Rebuilding every open case from its rows, and saying what differs (design.md 3a: upgrade safety)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import processes
from app.cases import queries, road, stream
from app.cases.models import Case, FlowRow, WorkItem
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from workflows.engine import EngineRefused, Row, Spec, replay


@dataclass
class Report:
    """What a check found: case number -> sentences."""

    checked: int = 0
    differences: dict[str, list[str]] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing differs (any more)."""
        return all(number in self.mended for number in self.differences)

    def text(self) -> str:
        """The report as lines."""
        lines = [f"核对在办办件 {self.checked} 件，{len(self.differences)} 件有差别。"]
        for number, sentences in self.differences.items():
            lines.append(f"{number}{'（已重建）' if number in self.mended else ''}")
            lines += [f"  {sentence}" for sentence in sentences]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The report as data."""
        return {
            "checked": self.checked,
            "ok": self.ok,
            "differences": self.differences,
            "mended": self.mended,
        }


def check_all(session: Session) -> Report:
    """Rebuild each open case from its rows and compare: state, waiting steps, work items."""
    report, after = Report(), 0
    while batch := queries.open_cases(session, after):
        for case in batch:
            report.checked += 1
            if sentences := differences(session, case):
                report.differences[case.number] = sentences
                report.ids[case.number] = case.id
            after = case.id
        session.expunge_all()
    return report


def rows_of(session: Session, case_id: int) -> list[Row]:
    """The engine's rows of a case."""
    return [Row.from_json(row.row) for row in queries.flow_rows(session, case_id)]


def differences(session: Session, case: Case) -> list[str]:
    """What differs between a case as stored and as its rows tell it; empty: nothing."""
    spec = processes.runtime(case.version_id).spec
    try:
        found = list(replay.differences(spec, rows_of(session, case.id), case.state))
        waiting = {step.address for step in replay.rebuild(spec, rows_of(session, case.id)).open}
    except EngineRefused as error:
        return [f"不能由流转行重建：{error}"]
    items = set(
        session.scalars(
            sa.select(WorkItem.address).where(
                WorkItem.case_id == case.id, WorkItem.status == "open", WorkItem.kind == "step"
            )
        )
    )
    found += [f"流程在等「{address}」，待办中没有" for address in sorted(waiting - items)]
    found += [f"待办「{address}」在流程中已不等待" for address in sorted(items - waiting)]
    last = session.scalar(sa.select(sa.func.max(FlowRow.seq)).where(FlowRow.case_id == case.id))
    if last != case.flow_seq:
        found.append(f"办件记到第 {case.flow_seq} 行，流转行到第 {last} 行")
    return found


def mend_all(report: Report) -> Report:
    """Replace the state of cases that differ by the rebuilt one."""
    for number, case_id in report.ids.items():
        if restore_state(SYSTEM, case_id=case_id):
            report.mended.append(number)
    return report


def _checkpoint(session: Session, spec: Spec, case_id: int) -> replay.Checkpoint | None:
    """The newest checkpoint of a case, to rebuild from; a check rebuilds from the first row instead."""
    query = sa.select(FlowRow.checkpoint).where(FlowRow.case_id == case_id, FlowRow.checkpoint.is_not(None))
    blob = session.scalar(query.order_by(FlowRow.seq.desc()).limit(1))
    return None if blob is None else replay.checkpoint_from(spec, blob)


@command
def restore_state(tx: Tx, *, case_id: int) -> bool:
    """Write the state that the rows give; recorded. False when the rows cannot be replayed."""
    case = road.lock_case(tx, case_id)
    if case is None:
        return False
    spec = processes.runtime(case["version_id"]).spec
    try:
        rebuilt = replay.rebuild(spec, rows_of(tx.session, case_id), _checkpoint(tx.session, spec, case_id))
    except EngineRefused:
        return False
    was = case["lock"]
    case["state"] = rebuilt.state
    case.update(stream.write(tx, case, "case.rebuild", "系统由流转行重建了流程状态"))
    road.save_case(tx, case, was)
    return True
