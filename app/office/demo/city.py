"""The city itself: organs, units, posts and people, made in one command on the first day of the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import calendar
from app.accounts import kinds, staffing
from app.accounts.directory import changed
from app.accounts.models import Installation, Organ, Person, Unit
from app.audit import ACTION_LABELS
from app.core.command import Tx, command
from app.core.now import today
from app.office.demo.reading import read

ACTION_LABELS.setdefault("demo.made", "建立演示数据")

#: everybody's password: public, printed on the sign-in page and by `make run`
PASSWORD = "tingnan4700"
NOTE = (
    f"演示数据：城市、机关、人员、文件均为虚构。所有演示账号的密码都是 {PASSWORD}；"
    "三员和乔录言首次登录须改密码。"
)

#: the note until the history stands: a demonstration that says this was interrupted
MAKING = "演示数据正在建立，请稍候。"

Organs = dict[str, Organ]
Units = dict[tuple[str, str], Unit]


@command
def found(tx: Tx, *, hashed: str) -> None:
    """The installation with everybody in it. `hashed` is the one Argon2 hash of the common password."""
    staffing.found(tx, kind="demo", name="云汀市", sign_in_note=MAKING)
    calendar.service.seed(tx)
    changed(tx)
    organs, units = _organs(tx)
    for person in read("people.toml")["person"]:
        _person(tx, organs, units, person, hashed)


@command
def finish(tx: Tx) -> None:
    """The history stands: the sign-in page tells the common password from now on."""
    changed(tx)
    tx.session.get_one(Installation, 1).sign_in_note = NOTE
    tx.record("system", "demo.made", "建立演示数据")


def _organs(tx: Tx) -> tuple[Organs, Units]:
    organs: Organs = {}
    units: Units = {}
    said = read("organs.toml")
    rows = [*said["organ"], *({"kind": "department"} | each for each in said["listed"])]
    order = {row["code"]: position for position, row in enumerate(rows)}
    for row in sorted(rows, key=lambda row: "office" in row):  # who handles for others comes first
        organs[row["code"]] = staffing.add_organ(
            tx,
            code=row["code"],
            name=row["name"],
            short_name=row["short"],
            kind=row["kind"],
            office_id=organs[row["office"]].id if "office" in row else None,
            doc_prefix=row.get("prefix", ""),
            settings=_settings(row, said["common"]),
            position=order[row["code"]],
        )
        for position, name in enumerate(row.get("units", [])):
            unit = staffing.add_unit(tx, organs[row["code"]].id, name, position=position)
            units[row["code"], name] = unit
    return organs, units


def _settings(row: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """What an organ has set: levels of 保密审查, its part of the letters and of the public site, its table of signers."""
    letters = {**common["letters"], **row.get("letters", {})}
    kept: dict[str, Any] = {"secrecy_levels": row.get("levels", 3)}
    if "prefix" in row:
        kept["letters"] = letters
    kept |= {key: row[key] for key in ("foi_road", "review_office") if key in row}
    if "portal" in row:
        kept["portal"] = {
            **common["portal"],
            **row["portal"],
            "open": True,
            "updated_on": today().isoformat(),
        }
    return kept


def _person(tx: Tx, organs: Organs, units: Units, row: Mapping[str, Any], hashed: str) -> None:
    """A person with his posts; without `login` one who signs on paper; `officer` makes one of the 三员."""
    organ = organs[row["organ"]]
    unit = units[row["organ"], row["unit"]] if "unit" in row else None
    login, role = row.get("login"), row.get("officer")
    person = staffing.add_person(
        tx,
        organ_id=organ.id,
        unit_id=unit.id if unit else None,
        name=row["name"],
        login=login,
        password_hash=hashed if login else None,
        must_change=bool(login) and row.get("must_change", False),
        nature="officer" if role else "business",
        phone=row.get("phone", ""),
        note=row.get("note", ""),
    )
    for kind in row.get("posts", []):
        _seat(tx, organ, unit, kind, person)
    for name in row.get("heads", []):
        _seat(tx, organ, units[row["organ"], name], "unit_head", person)
    if role:
        staffing.appoint(tx, role, person)


def _seat(tx: Tx, organ: Organ, unit: Unit | None, kind: str, person: Person) -> None:
    seat = unit if kinds.level(kind) == kinds.UNIT else None
    staffing.grant(tx, staffing.find_or_add_post(tx, organ.id, kind, seat), person)
