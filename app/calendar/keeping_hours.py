"""办公时间 of an organ: when it works, and when nobody is reminded. Kept in `organ.settings` as `office_hours`."""

from __future__ import annotations

from datetime import time
from typing import Any

from app.accounts.directory import changed, directory
from app.accounts.models import Organ
from app.audit.labels import ACTION_LABELS
from app.calendar import hours
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused

#: posts that keep the hours of their organ
KEEPERS = ("unit_admin", "disclosure_head", "process_admin")
FIELDS = {
    "am_from": "上午上班", "am_to": "上午下班", "pm_from": "下午上班", "pm_to": "下午下班",
    "quiet_from": "晚上不打扰，从", "quiet_until": "早上不打扰，到",
}  # fmt: skip
ACTION_LABELS["calendar.hours"] = "修改办公时间"


def keeps(actor: Actor, organ_id: int) -> bool:
    """Whether the person keeps the hours of this organ."""
    return any(actor.holds(kind, organ_id) for kind in KEEPERS)


def shown(organ_id: int) -> dict[str, str]:
    """The hours as they hold now, a clock time per field."""
    found = hours.of(directory().organ(organ_id).settings)
    spans = found.spans if len(found.spans) == 2 else (found.spans[0], (found.closes, found.closes))
    values = (*spans[0], *spans[1], found.quiet_from, found.quiet_until)
    return {key: value.strftime("%H:%M") for key, value in zip(FIELDS, values, strict=True)}


@command
def keep(tx: Tx, *, organ_id: int, said: dict[str, str]) -> dict[str, Any]:
    """Keep an organ's hours; limits of steps that open from now on are counted by them."""
    organ = tx.session.get(Organ, organ_id, with_for_update=True)
    if organ is None or tx.actor.organ_id != organ_id:
        raise NotFound()
    if not keeps(tx.actor, organ_id):
        raise NotAllowed("办公时间由本机关的单位管理员、政府信息公开工作机构负责人或流程管理员修改。")
    at, wrong = _read(said)
    if not wrong and not at["am_from"] < at["am_to"] <= at["pm_from"] < at["pm_to"]:
        wrong["pm_to"] = "上午、下午的上下班时间要依次往后。"
    if not wrong and not at["quiet_until"] <= at["pm_to"] < at["quiet_from"]:
        wrong["quiet_from"] = "晚上不打扰的时间要在下班之后，早上要在下班之前结束。"
    if wrong:
        raise Refused("".join(wrong.values()), fields=wrong)
    changed(tx)
    words = {key: value.strftime("%H:%M") for key, value in at.items()}
    new = {
        "spans": [[words["am_from"], words["am_to"]], [words["pm_from"], words["pm_to"]]],
        "quiet_from": words["quiet_from"],
        "quiet_until": words["quiet_until"],
    }
    old = organ.settings.get("office_hours")
    organ.settings = {**organ.settings, "office_hours": new}
    tx.record(
        "organ", "calendar.hours", f"{tx.actor.name} 修改办公时间", stream_id=organ.id, old=old, new=new
    )
    return {"said": "办公时间已保存，以后送达的环节按新的时间计算内部时限。"}


def _read(said: dict[str, str]) -> tuple[dict[str, time], dict[str, str]]:
    at: dict[str, time] = {}
    wrong: dict[str, str] = {}
    for key, label in FIELDS.items():
        try:
            at[key] = hours.clock(said.get(key, ""))
        except ValueError:
            wrong[key] = f"请填写{label}的时间，例如 09:00。"
    return at, wrong
