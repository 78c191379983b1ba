"""The commands of the import: keep a checked list, confirm it as a whole, throw it away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.accounts import kinds, locked, passwords, rights, staffing
from app.accounts.models import PeopleImport, Person, Unit
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused


@command
def keep_list(tx: Tx, *, file_name: str, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Keep an uploaded, checked list until it is confirmed; an earlier one of the same person goes."""
    assert tx.actor.person_id is not None
    waiting = sa.delete(PeopleImport).where(
        PeopleImport.person_id == tx.actor.person_id, PeopleImport.state == "waiting"
    )
    tx.session.execute(waiting)
    row = PeopleImport(person_id=tx.actor.person_id, file_name=file_name[:200], rows=rows, at=tx.now)
    tx.session.add(row)
    tx.session.flush()
    faulty = sum(1 for one in rows if one["faults"])
    tx.record(
        "system", "people.list_uploaded", f"上传人员名单 {len(rows)} 行，其中 {faulty} 行有误", rows=len(rows)
    )
    return {"id": row.id}


def confirm_list(actor: Actor, import_id: int, rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Import the list as a whole; returns (name, login, one-time password) of those who can sign in."""
    fresh = {row["row"]: passwords.one_time() for row in rows if row["login"]}
    _confirm(actor, import_id, {number: hashed for number, (_, hashed) in fresh.items()})
    return [(row["name"], row["login"], fresh[row["row"]][0]) for row in rows if row["login"]]


@command
def _confirm(tx: Tx, import_id: int, hashes: dict[int, str]) -> None:
    locked.begin(tx)
    found = tx.session.get(PeopleImport, import_id, with_for_update=True, populate_existing=True)
    if found is None or found.person_id != tx.actor.person_id:
        raise NotFound()
    if found.state != "waiting":
        raise Refused("这份名单已经导入过了，不会重复导入。可在人员名单里查看。")
    if any(row["faults"] for row in found.rows):
        raise Refused("名单里还有错误，不能导入。请改好表格后重新上传。")
    for row in found.rows:
        _import_row(tx, row, hashes.get(row["row"]))
    tx.record(
        "system",
        "people.imported",
        f"导入人员 {len(found.rows)} 人",
        file=found.file_name,
        rows=len(found.rows),
    )
    found.state, found.rows = "done", []
    tx.session.flush()


def _import_row(tx: Tx, row: dict[str, Any], hashed: str | None) -> None:
    """One row, checked again on the locked state: what changed since the upload undoes the whole import."""
    try:
        organ = locked.organ(tx, row["organ_id"])
        rights.require_people(tx.actor, organ.id, "business")
        unit = locked.unit(tx, row["unit_id"], organ.id)
        person = staffing.add_person(
            tx,
            organ_id=organ.id,
            name=row["name"],
            login=row["login"],
            unit_id=row["unit_id"],
            password_hash=hashed,
            email=row["email"],
            phone=row["phone"],
        )
        for kind in row["kinds"]:
            _give(tx, kind, organ.id, unit, person)
    except Refused as error:
        raise Refused(f"第 {row['row']} 行：{error.message}本次没有导入任何人，请改好后重新上传。") from error


def _give(tx: Tx, kind: str, organ_id: int, unit: Unit | None, person: Person) -> None:
    rights.require_grant(tx.actor, organ_id, kind)
    seat = unit if kinds.level(kind) == kinds.UNIT else None
    staffing.grant(tx, staffing.find_or_add_post(tx, organ_id, kind, seat), person)


@command
def sweep_lists(tx: Tx) -> int:
    """Drop lists nobody confirmed within a day (they hold phones and addresses); returns how many."""
    old = sa.delete(PeopleImport).where(
        PeopleImport.at < tx.now - timedelta(days=1), PeopleImport.state == "waiting"
    )
    return int(tx.session.execute(old).rowcount)  # type: ignore[attr-defined]
