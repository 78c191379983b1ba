"""Jobs of this room: what of a request or a hand-off has come due, and its part in a recalculation.

The jobs take nothing and may run twice.
"""

from __future__ import annotations

from app import calendar
from app.audit import ACTION_LABELS, FIELD_LABELS
from app.core.actor import SYSTEM
from app.core.jobs import job
from app.requests import chasing, pressing, recalculating, reminding

calendar.previews.append(recalculating.foresee)
calendar.recalculate_with(recalculating.RECALCULATOR)
ACTION_LABELS.update(
    {
        "request.remind": "期限提醒",
        "request.overdue": "超期提醒、督办",
        "request.handoff_late": "催科室接收、反馈",
        "request.recalculated": "重算答复期限",
    }
)
FIELD_LABELS.update(
    {"request": "申请编号", "due_on": "期限", "handoff": "转办编号", "redirected": "已转科室负责人"}
)


@job("requests.remind", every=60)
def remind() -> None:
    """Work off what is due, in short commands; looks at nothing else."""
    while reminding.remind(SYSTEM):
        pass


@job("requests.press", every=60)
def press() -> None:
    """复议答复、应诉举证 that come due."""
    while pressing.press(SYSTEM):
        pass


@job("requests.chase", every=300)
def chase() -> None:
    """Hand-offs that nobody accepted or answered in time."""
    while chasing.chase(SYSTEM):
        pass
