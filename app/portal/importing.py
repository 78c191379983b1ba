"""Importing a platform's table: upload and check, then one command that registers every row or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import OrganInfo, directory
from app.audit import ACTION_LABELS
from app.core import personal
from app.core.actor import Actor
from app.core.command import Tx, command, keyring
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.portal import platform
from app.portal.models import PlatformImport
from app.portal.permissions import takes
from app.portal.platform import Row

ACTION_LABELS.update(
    {
        "platform.upload": "上传平台申请",
        "platform.import": "导入平台申请",
        "platform.drop": "放弃导入平台申请",
    }
)
KEPT = timedelta(days=1)


def _office(actor: Actor) -> OrganInfo:
    if not takes(actor, actor.organ_id):
        raise NotAllowed("平台申请由受理登记岗导入。如工作需要，请联系本单位的单位管理员。")
    return directory().organ(actor.organ_id or 0)


@command
def upload(tx: Tx, *, name: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Check a table and keep it, sealed, until somebody confirms it; {id}. Registers nothing."""
    office = _office(tx.actor)
    platform.check(tx.session, tx.keys, office, rows, business_date(tx.now))
    faulty = sum(bool(row.faults) for row in rows)
    kept = PlatformImport(
        organ_id=office.id, name=name[:160], sealed=_seal(tx, rows), rows=len(rows), errors=faulty,
        fresh=sum(row.known is None for row in rows), state="checked", by=tx.actor.person_id, at=tx.now,
    )  # fmt: skip
    tx.session.add(kept)
    tx.session.flush()
    tx.record(
        "organ", "platform.upload", f"{tx.actor.name} 上传平台申请 {len(rows)} 件，{faulty} 件有误，尚未导入",
        stream_id=office.id, upload=kept.id,
    )  # fmt: skip
    return {"id": kept.id}


def _seal(tx: Tx, rows: Sequence[Row]) -> bytes:
    return personal.seal(tx.keys, orjson.dumps([row.as_json() for row in rows]).decode())


def of(session: Session, actor: Actor, import_id: int) -> PlatformImport:
    """An upload of the person's own organ; else NotFound."""
    found = session.get(PlatformImport, import_id)
    if found is None or found.organ_id != actor.organ_id or not takes(actor, found.organ_id):
        raise NotFound()
    return found


def rows_of(kept: PlatformImport) -> list[Row]:
    """The rows while they wait; [] once they were decided on."""
    if kept.sealed is None:
        return []
    items = orjson.loads(personal.unseal(keyring(), kept.sealed))
    return [Row(**item) for item in items]


def recent(session: Session, actor: Actor) -> Sequence[PlatformImport]:
    """The organ's newest uploads."""
    query = sa.select(PlatformImport).where(PlatformImport.organ_id == (actor.organ_id or 0))
    return session.scalars(query.order_by(PlatformImport.id.desc()).limit(20)).all()


@command
def confirm(tx: Tx, *, import_id: int) -> dict[str, Any]:
    """Register every row of a checked table in this one transaction; {fresh, known}."""
    kept = _locked(tx, import_id)
    rows, office, today = rows_of(kept), directory().organ(kept.organ_id), business_date(tx.now)
    platform.check(tx.session, tx.keys, office, rows, today)
    if wrong := [row.line for row in rows if row.faults]:
        raise Refused(
            f"第 {'、'.join(map(str, wrong[:10]))} 行有误，一件也没有导入。请按报告改好表格后重新上传。"
        )
    made = platform.take(tx, office, rows, today, import_id=kept.id)
    fresh = sum(each["fresh"] for each in made)
    kept.state, kept.sealed, kept.fresh = "done", None, fresh
    tx.record(
        "organ", "platform.import", f"{tx.actor.name} 导入平台申请 {fresh} 件，另有 {len(made) - fresh} 件早已登记",
        stream_id=office.id, upload=kept.id, requests=[each["request"] for each in made if each["fresh"]],
    )  # fmt: skip
    return {"fresh": fresh, "known": len(made) - fresh}


@command
def drop(tx: Tx, *, import_id: int) -> dict[str, Any]:
    """Give an uploaded table up; what it said is forgotten."""
    kept = _locked(tx, import_id)
    kept.state, kept.sealed = "dropped", None
    tx.record(
        "organ", "platform.drop", f"{tx.actor.name} 放弃导入平台申请", stream_id=kept.organ_id, upload=kept.id
    )
    return {"id": kept.id}


def _locked(tx: Tx, import_id: int) -> PlatformImport:
    kept = tx.session.get(PlatformImport, import_id, with_for_update=True, populate_existing=True)
    if kept is None or not takes(tx.actor, kept.organ_id):
        raise NotFound()
    if kept.state != "checked":
        raise Refused("这份表格已经导入或者已放弃。需要再导入的，请重新上传。")
    return kept


def sweep(tx: Tx) -> int:
    """Forget tables nobody confirmed within a day; returns how many."""
    old = sa.update(PlatformImport).where(
        PlatformImport.state == "checked", PlatformImport.at < tx.now - KEPT
    )
    return int(tx.session.execute(old.values(state="dropped", sealed=None)).rowcount)  # type: ignore[attr-defined]
