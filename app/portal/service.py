"""Commands of the room's office pages: what an organ offers, who may call the interface."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from app.accounts.directory import changed
from app.accounts.models import Organ
from app.audit import ACTION_LABELS
from app.core import personal
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.portal.models import Partner
from app.portal.offering import FIELDS
from app.portal.permissions import keeps, require_keeper

ACTION_LABELS.update(
    {
        "portal.changed": "修改公开网站设置",
        "portal.partner_added": "设立平台接口密钥",
        "portal.partner_ended": "停用平台接口密钥",
    }
)
#: what an open organ must say (条例12: 指南含机构名称、办公地址、办公时间、联系电话 …)
NEEDED = ("office", "address", "hours", "phone")


@command
def keep_settings(tx: Tx, *, organ_id: int, open_: bool, said: Mapping[str, str]) -> dict[str, Any]:
    """What an organ offers the public; {changed}. An organ opens only with a guide that says where and when."""
    changed(tx)
    require_keeper(tx.actor, organ_id)
    organ = tx.session.get_one(Organ, organ_id, populate_existing=True)
    texts = {key: said.get(key, "").strip() for key in FIELDS}
    wrong = {
        key: f"最多 {most} 个字。" for key, (_, most, _many) in FIELDS.items() if len(texts[key]) > most
    } | ({key: f"开放网上申请前，请填写{FIELDS[key][0]}。" for key in NEEDED if open_ and not texts[key]})
    if wrong:
        raise Refused("设置没有保存，见标红处。", fields=wrong)
    old = dict((organ.settings or {}).get("portal") or {})
    new: dict[str, Any] = {key: text for key, text in texts.items() if text} | {"open": open_}
    differ = sorted(key for key in {*old, *new} - {"updated_on"} if old.get(key) != new.get(key))
    if not differ:
        return {"changed": []}
    new["updated_on"] = business_date(tx.now).isoformat()
    organ.settings = dict(organ.settings or {}) | {"portal": new}
    tx.session.flush()
    words = "、".join("是否开放" if key == "open" else FIELDS[key][0] for key in differ)
    tx.record(
        "organ", "portal.changed", f"{tx.actor.name} 修改公开网站设置：{words}", stream_id=organ_id,
        old={key: old.get(key) for key in differ}, new={key: new.get(key) for key in differ},
    )  # fmt: skip
    return {"changed": differ}


@command
def add_partner(tx: Tx, *, organ_id: int, name: str) -> dict[str, Any]:
    """A key for a platform: {id, key_id}. The key itself is on `made_key` and is shown once."""
    require_keeper(tx.actor, organ_id)
    key = secrets.token_hex(32)
    partner = Partner(
        organ_id=organ_id, name=name.strip()[:60], key_id=f"gk{secrets.token_hex(6)}",
        sealed=personal.seal(tx.keys, key), by=tx.actor.person_id, at=tx.now,
    )  # fmt: skip
    tx.session.add(partner)
    tx.session.flush()
    tx.record(
        "organ", "portal.partner_added", f"{tx.actor.name} 为「{partner.name}」设立接口密钥", stream_id=organ_id,
        partner=partner.id, key_id=partner.key_id,
    )  # fmt: skip
    return {"id": partner.id, "key_id": partner.key_id}


def key_once(keys: Any, partner: Partner) -> str:
    """The key of a partner just made, to be shown this once."""
    return personal.unseal(keys, partner.sealed) if partner.sealed is not None else ""


@command
def end_partner(tx: Tx, *, partner_id: int) -> dict[str, Any]:
    """From now on the key opens nothing; it is forgotten."""
    partner = tx.session.get(Partner, partner_id, with_for_update=True)
    if partner is None or partner.organ_id not in keeps(tx.actor):
        raise NotFound()
    if partner.ended_at is not None:
        raise Refused("这个密钥已经停用。")
    partner.ended_at, partner.sealed = tx.now, None
    tx.record(
        "organ", "portal.partner_ended", f"{tx.actor.name} 停用「{partner.name}」的接口密钥",
        stream_id=partner.organ_id, partner=partner.id,
    )  # fmt: skip
    return {"organ": partner.organ_id, "name": partner.name}
