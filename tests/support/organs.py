"""Three organs for every room's tests: a government with its office, a big department, a county office of two.

    city = build_city()            # inside the application's context; or the fixture `city`,
                                   # which a room's conftest imports from here
    city.organs["office"]          # organ ids by code: government, office, housing, county
    city.units["housing", "住房保障科"]
    city.people["fang"]            # person ids by login
    city.post("housing", "signer") # post ids; city.post("housing", "drafter", "住房保障科")

Everybody's password is `PASSWORD`, already changed. 王芳 and the noise people are there so that no test passes
by picking the only row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from flask import Flask

from app.accounts import passwords, staffing
from app.accounts.directory import changed, directory
from app.accounts.models import Person, Unit
from app.core.actor import SYSTEM, Actor
from app.core.command import Tx, command

PASSWORD = "清河路-三棵银杏-47"

ORGANS = (
    # code, name, short name, kind, handled by, prefix, secrecy levels
    ("government", "云汀市人民政府", "市政府", "government", "office", "云政", 4),
    ("office", "云汀市人民政府办公室", "市府办", "office", None, "云政办", 4),
    ("housing", "云汀市住房和城乡建设局", "市住建局", "department", None, "云建", 3),
    ("county", "柳川县人民政府办公室", "柳川县府办", "county", None, "柳政办", 2),
)
UNITS = {
    "office": ("政务公开科", "综合一科", "文电科", "机要保密科"),
    "housing": ("办公室", "住房保障科", "建筑业科"),
    "county": ("政务公开股",),
}
#: login, name, organ, unit, posts
PEOPLE: tuple[tuple[str | None, str, str, str | None, tuple[str, ...]], ...] = (
    ("jiang", "江维公", "office", "政务公开科", ("unit_head", "disclosure_head")),
    ("bai", "白受之", "office", "政务公开科", ("drafter", "registrar", "statistician")),
    ("qiao", "乔录言", "office", "政务公开科", ("drafter", "registrar", "process_admin")),
    ("wen", "文承远", "office", "综合一科", ("drafter",)),
    ("shen", "申牧之", "office", "综合一科", ("unit_head",)),
    ("wang", "王芳", "office", "综合一科", ("drafter",)),
    ("ke", "柯文书", "office", "文电科", ("text_checker", "publisher")),
    ("wei", "卫慎言", "office", "机要保密科", ("secrecy_officer",)),
    ("shi", "石印安", "office", "文电科", ("seal_clerk",)),
    ("zhang", "章循法", "office", "综合一科", ("legal_officer",)),
    ("jian", "简存卷", "office", "文电科", ("archivist",)),
    ("lu", "陆分明", "office", None, ("signer",)),
    ("qin", "秦秉衡", "office", None, ("principal",)),
    ("cheng", "成述之", "housing", "办公室", ("registrar", "unit_admin")),
    (
        "yan",
        "严封缄",
        "housing",
        "办公室",
        ("unit_head", "disclosure_head", "secrecy_officer", "text_checker"),
    ),
    ("fang", "房建业", "housing", "住房保障科", ("drafter",)),
    ("gu", "谷监筑", "housing", "住房保障科", ("unit_head",)),
    ("li", "李处", "housing", "建筑业科", ("unit_head", "process_admin", "publisher")),
    ("ding", "丁建言", "housing", None, ("signer",)),
    (
        "mi",
        "米一肩",
        "county",
        "政务公开股",
        ("unit_head", "disclosure_head", "secrecy_officer", "text_checker"),
    ),
    (
        "shui",
        "水双挑",
        "county",
        "政务公开股",
        ("drafter", "registrar", "publisher", "seal_clerk", "unit_admin"),
    ),
    (None, "梁定音", "county", None, ("signer", "principal")),
)
#: login, name, role
OFFICERS = (
    ("kuang", "匡维机", "system_admin"),
    ("ping", "平守安", "security_admin"),
    ("yu", "余鉴之", "auditor"),
)


@dataclass
class City:
    """Ids of what was built."""

    organs: dict[str, int] = field(default_factory=dict)
    units: dict[tuple[str, str], int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def post(self, organ: str, kind: str, unit: str | None = None) -> int:
        """The id of a post of the organ, or of one of its units."""
        book = directory()
        if unit is None:
            found = book.post_in_organ(self.organs[organ], kind)
        else:
            found = book.post_in_unit(self.units[organ, unit], kind)
        assert found is not None, f"{organ} {unit} has no {kind}"
        return found.id

    def actor(self, login: str) -> Actor:
        """The person as commands take him."""
        actor = directory().actor(self.people[login])
        assert actor is not None
        return actor


@command
def _build(tx: Tx, hashed: str) -> City:
    city = City()
    staffing.found(tx, kind="office", name="云汀市")
    changed(tx)
    units: dict[tuple[str, str], Unit] = {}
    for position, (code, name, short, kind, office, prefix, levels) in enumerate(reversed(ORGANS)):
        organ = staffing.add_organ(
            tx,
            code=code,
            name=name,
            short_name=short,
            kind=kind,
            office_id=city.organs[office] if office else None,
            doc_prefix=prefix,
            settings={"secrecy_levels": levels},
            position=position,
        )
        city.organs[code] = organ.id
        for unit_name in UNITS.get(code, ()):
            units[code, unit_name] = staffing.add_unit(tx, organ.id, unit_name)
            city.units[code, unit_name] = units[code, unit_name].id
    for account, called, at, room, held in PEOPLE:
        person = _person(tx, city, at, units.get((at, room or "")), account, called, hashed)
        for kind in held:
            seat = units[at, room] if room and kind in ("drafter", "unit_head") else None
            staffing.grant(tx, staffing.find_or_add_post(tx, city.organs[at], kind, seat), person)
    for login, name, role in OFFICERS:
        staffing.appoint(tx, role, _person(tx, city, "office", None, login, name, hashed, "officer"))
    return city


def _person(
    tx: Tx,
    city: City,
    organ: str,
    unit: Unit | None,
    login: str | None,
    name: str,
    hashed: str,
    nature: str = "business",
) -> Person:
    person = staffing.add_person(
        tx,
        organ_id=city.organs[organ],
        unit_id=unit.id if unit else None,
        name=name,
        login=login,
        password_hash=hashed if login else None,
        must_change=False,
        nature=nature,
    )
    city.people[login or name] = person.id
    return person


_hash: list[str] = []


def build_city() -> City:
    """Build the three organs in the empty database of the application at hand."""
    if not _hash:
        _hash.append(passwords.make_hash(PASSWORD))
    return _build(SYSTEM, _hash[0])


@pytest.fixture
def city(app: Flask, starts_with_city: City) -> City:
    """The three organs with their people."""
    return starts_with_city
