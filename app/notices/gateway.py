"""The gateway as the system administrator set it: kept with the directory, so that asking costs the hot path nothing."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import changed, kept_with
from app.core import personal
from app.core.command import Tx, command, keyring
from app.core.errors import NotAllowed, Refused
from app.notices import webhook
from app.notices.models import Webhook
from app.notices.webhook import Gateway

SECRET_LEAST = 16
_host = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:]{2,39}")


def active() -> Gateway | None:
    """The gateway that messages go to; None where there is none, or it is switched off."""
    return kept_with("gongkai_gateway", _read)


def _read(session: Session) -> Gateway | None:
    row = session.execute(sa.select(*Webhook.__table__.c)).first()
    if row is None or not row.active:
        return None
    secret = personal.unseal(keyring(), row.secret)
    return Gateway(row.url, secret, tuple(row.hosts), row.private, row.with_text)


def settings(session: Session) -> dict[str, Any]:
    """What the page shows: never the secret, only whether there is one."""
    row = session.execute(sa.select(*Webhook.__table__.c)).first()
    if row is None:
        return {"active": False, "url": "", "hosts": "", "private": False, "with_text": False, "kept": False}
    return {
        "active": row.active,
        "url": row.url,
        "hosts": "、".join(row.hosts),
        "private": row.private,
        "with_text": row.with_text,
        "kept": True,
    }


def read_hosts(text: str) -> tuple[str, ...]:
    """Hosts as typed, one or several."""
    return tuple(dict.fromkeys(part.lower() for part in re.split(r"[\s,，、;；]+", text) if part))


@command
def keep(
    tx: Tx, *, active: bool, url: str, hosts: str, secret: str, private: bool, with_text: bool
) -> dict[str, Any]:
    """Set the gateway. An empty secret keeps the one there is. The record holds everything but the secret."""
    if tx.actor.officer != "system_admin":
        raise NotAllowed("消息网关由系统管理员设置。")
    row = tx.session.get(Webhook, 1, with_for_update=True)
    allowed = read_hosts(hosts)
    wrong: dict[str, str] = {}
    if active or url:
        if (problem := webhook.problem_of(url.strip(), allowed)) is not None:
            wrong["url"] = problem
        if not allowed or len(allowed) > 20 or not all(_host.fullmatch(each) for each in allowed):
            wrong["hosts"] = "请填写允许的主机名，1 至 20 个，只写主机，不写 https:// 和路径。"
    if secret and len(secret) < SECRET_LEAST:
        wrong["secret"] = f"密钥至少 {SECRET_LEAST} 位。"
    if active and not secret and row is None:
        wrong["secret"] = "请填写密钥，并告诉网关一方用它核对签名。"
    if wrong:
        raise Refused("".join(wrong.values()), fields=wrong)
    changed(tx)
    old = (
        {}
        if row is None
        else {key: getattr(row, key) for key in ("active", "url", "hosts", "private", "with_text")}
    )
    if row is None:
        row = Webhook(id=1, secret=personal.seal(tx.keys, secret))
        tx.session.add(row)
    elif secret:
        row.secret = personal.seal(tx.keys, secret)
    row.active, row.url, row.hosts = active, url.strip(), list(allowed)
    row.private, row.with_text = private, with_text
    new = {key: getattr(row, key) for key in ("active", "url", "hosts", "private", "with_text")}
    tx.record(
        "system", "notices.webhook_changed", f"{tx.actor.name} 修改消息网关设置", old=old, new=new,
        secret_changed=bool(secret),
    )  # fmt: skip
    return {"said": "消息网关已启用，新的通知会送出。" if active else "设置已保存，消息网关没有启用。"}
