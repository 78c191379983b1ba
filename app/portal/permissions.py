"""Who may enter what of the room. Citizens need no sign-in; their requests open by number or code and a second factor."""

from __future__ import annotations

from app.accounts.directory import directory
from app.core.access import ANYONE, Table, cell
from app.core.actor import Actor
from app.core.errors import NotAllowed
from app.requests.intake import INTAKE

#: posts that keep what an organ offers and who may call the interface
KEEPERS = ("disclosure_head", "process_admin")

_ALL = cell(ANYONE, note="公开网站，关闭时一律404")
_MINE = cell(ANYONE, note="凭编号或者查询码加后四位核对，核对通过后30分钟内有效")
_SIGNED = cell(ANYONE, note="接口：以密钥签名，不用登录")
_KEEP = cell(*KEEPERS, relation="organ", note="工作机构负责人、流程管理员")
_TAKE = cell(*INTAKE, relation="organ", note="受理登记岗、工作机构负责人")

ROUTES: Table = {
    "portal.home": {"GET": _ALL},
    "portal.guide": {"GET": _ALL},
    "portal.apply": {"GET": _ALL, "POST": _ALL},
    "portal.similar": {"POST": _ALL},
    "portal.receipt": {"GET": _MINE},
    "portal.receipt_pdf": {"GET": _MINE},
    "portal.track": {"GET": _ALL, "POST": _ALL},
    "portal.progress": {"GET": _MINE},
    "portal.leave": {"POST": _ALL},
    "portal.answer": {"POST": _MINE},
    "portal.withdraw": {"POST": _MINE},
    "portal.letter": {"GET": _MINE},
    "portal.supplied": {"GET": _MINE},
    "portal.settings": {"GET": _KEEP, "POST": _KEEP},
    "portal.imports": {"GET": _TAKE, "POST": _TAKE},
    "portal.import_template": {"GET": _TAKE},
    "portal.import_show": {"GET": _TAKE},
    "portal.import_confirm": {"POST": _TAKE},
    "portal.import_drop": {"POST": _TAKE},
    "portal.export": {"GET": _TAKE},
    "portal.partners": {"GET": _KEEP, "POST": _KEEP},
    "portal.partner_end": {"POST": _KEEP},
    "portal.call_applications": {"POST": _SIGNED},
    "portal.call_states": {"GET": _SIGNED},
    "portal.call_letter": {"GET": _SIGNED},
}


def keeps(actor: Actor) -> frozenset[int]:
    """Organs whose public part this person keeps: his own and those it handles for."""
    people = directory()
    held = {post.organ_id for post in actor.posts if post.unit_id is None and post.kind in KEEPERS}
    return frozenset(organ.id for organ_id in held for organ in people.handled_by(organ_id))


def require_keeper(actor: Actor, organ_id: int) -> None:
    """Refuse whoever does not keep this organ's public part."""
    if organ_id not in keeps(actor):
        raise NotAllowed("公开网站由政府信息公开工作机构负责人设置。如工作需要，请联系单位管理员调整岗位。")


def takes(actor: Actor, organ_id: int | None) -> bool:
    """Whether the person takes in applications for this handling organ."""
    return organ_id is not None and any(actor.holds(kind, organ_id) for kind in INTAKE)
