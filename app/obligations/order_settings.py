"""How an organ urges and orders: hours between two 催办 of a step, and how its 督办单 are numbered. In `organ.settings`."""

from __future__ import annotations

from typing import Any

from app.accounts.directory import changed, directory
from app.accounts.models import Organ
from app.audit import ACTION_LABELS
from app.cases.operations.urge import USUAL_HOURS
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.documents import numbering
from app.obligations.orders import NUMBER

#: posts that keep these settings
KEEPERS = ("unit_admin", "disclosure_head", "process_admin")
#: working hours between two 催办 at most: a working week and a half
MOST_HOURS = 60
ACTION_LABELS["supervision.settings"] = "修改催办督办设置"


def keeps(actor: Actor, organ_id: int) -> bool:
    """Whether the person keeps the settings of this organ."""
    return any(actor.holds(kind, organ_id) for kind in KEEPERS)


def shown(organ_id: int) -> dict[str, str]:
    """The settings as they hold now, and what the next number looks like."""
    organ = directory().organ(organ_id)
    rule = str(organ.settings.get("order_number") or NUMBER)
    return {
        "urge_hours": str(organ.settings.get("urge_hours", USUAL_HOURS)),
        "order_number": rule,
        "example": numbering.example(rule, organ.short_name),
    }


@command
def keep(tx: Tx, *, organ_id: int, urge_hours: str, order_number: str) -> dict[str, Any]:
    """Keep an organ's settings. NotFound (another's organ), NotAllowed (not a keeper), Refused with the fields."""
    organ = tx.session.get(Organ, organ_id, with_for_update=True)
    if organ is None or tx.actor.organ_id != organ_id:
        raise NotFound()
    if not keeps(tx.actor, organ_id):
        raise NotAllowed("催办督办设置由本机关的单位管理员、政府信息公开工作机构负责人或流程管理员修改。")
    rule, hours = order_number.strip() or NUMBER, urge_hours.strip()
    number = numbering.example(rule, organ.short_name)
    wrong: dict[str, str] = {}
    if not hours.isdecimal() or not 1 <= int(hours[:9]) <= MOST_HOURS:
        wrong["urge_hours"] = f"请填写 1 至 {MOST_HOURS} 的整数（工作小时）。"
    if not number:
        wrong["order_number"] = numbering.WRONG_RULE
    if wrong:
        raise Refused("".join(wrong.values()), fields=wrong)
    changed(tx)
    new = {"urge_hours": int(hours), "order_number": rule}
    old = {key: organ.settings.get(key) for key in new}
    organ.settings = {**organ.settings, **new}
    summary = f"{tx.actor.name} 修改催办督办设置"
    tx.record("organ", "supervision.settings", summary, stream_id=organ.id, old=old, new=new)
    return {"said": f"设置已保存。督办单按「{number}」这样编号。"}
