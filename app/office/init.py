"""`flask office init`: an empty real office, as opposed to the demonstration.

One organ, the 三员 with one-time passwords that are shown once, keys of mode 0600, the years of the calendar, the
shipped processes. Everything else the people of the office enter themselves. Refuses when anything is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
import flask_migrate
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.accounts import directory, kinds, passwords, staffing
from app.accounts.models import Installation, Organ
from app.calendar import service as calendar
from app.core import keys
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import GongkaiError, Refused
from app.office.backup import refuse, say
from app.processes import service
from app.processes.cli import shipped

LOGINS = {"system_admin": "sysadmin", "security_admin": "secadmin", "auditor": "auditor"}


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of an office on its first day. `names` are those of the 三员, by role."""

    organ: str
    short: str
    code: str
    kind: str
    prefix: str
    names: dict[str, str]


def open_office(opening: Opening) -> dict[str, str]:
    """Make the office; returns login -> one-time password of the 三员. Safe to repeat until it succeeds."""
    if len(set(opening.names.values())) < len(opening.names):
        raise Refused("三员不得由同一人兼任，请分别填写三个人的姓名。")
    keys.generate(current_app.extensions["gongkai_settings"].keys)
    flask_migrate.upgrade()
    for row in (Installation.id, Organ.id):
        if db.session.scalar(sa.select(row).limit(1)) is not None:
            raise Refused("本系统已经初始化过，或数据库不是空的，没有做任何改动。请另指定空的数据库。")
    service.install(SYSTEM, packages=shipped())
    made = {role: passwords.one_time() for role in kinds.OFFICERS}
    found_office(SYSTEM, opening=opening, hashes={role: hashed for role, (_, hashed) in made.items()})
    return {LOGINS[role]: text for role, (text, _) in made.items()}


@command
def found_office(tx: Tx, *, opening: Opening, hashes: dict[str, str]) -> None:
    """The installation, its calendar, its organ and its 三员, all or nothing."""
    staffing.found(tx, kind="office", name=opening.organ)
    calendar.seed(tx)
    directory.changed(tx)
    organ = staffing.add_organ(
        tx,
        code=opening.code,
        name=opening.organ,
        short_name=opening.short,
        kind=opening.kind,
        doc_prefix=opening.prefix,
    )
    for role, login in LOGINS.items():
        person = staffing.add_person(
            tx,
            organ_id=organ.id,
            name=opening.names[role],
            login=login,
            password_hash=hashes[role],
            nature="officer",
        )
        staffing.appoint(tx, role, person)


office = AppGroup("office", help="机关：首次建立。")


@office.command("init")
@click.option("--organ", required=True, help="机关全称，如「云汀市住房和城乡建设局」。")
@click.option("--short", help="机关简称，如「市住建局」（默认同全称）。")
@click.option("--code", default="main", show_default=True, help="机关代码，小写字母和数字，以后不能改。")
@click.option("--kind", type=click.Choice(list(kinds.ORGAN_KINDS)), default="department", show_default=True)
@click.option("--prefix", default="", help="机关代字，如「云建」。")
@click.option("--system-admin", default="系统管理员", show_default=True, help="系统管理员姓名。")
@click.option("--security-admin", default="安全管理员", show_default=True, help="安全管理员姓名。")
@click.option("--auditor", default="安全审计员", show_default=True, help="安全审计员姓名。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@with_appcontext
def init(
    organ: str,
    short: str | None,
    code: str,
    kind: str,
    prefix: str,
    system_admin: str,
    security_admin: str,
    auditor: str,
    as_json: bool,
) -> None:
    """建立一个空的机关：机关、三员账号（一次性密码只显示这一次）、密钥、日历、流程。"""
    names = {"system_admin": system_admin, "security_admin": security_admin, "auditor": auditor}
    try:
        accounts = open_office(Opening(organ, short or organ, code, kind, prefix, names))
    except GongkaiError as error:
        return refuse(error, as_json)
    result: dict[str, Any] = {"organ": organ, "accounts": accounts}
    lines = [
        f"  {names[role]}：登录名 {LOGINS[role]}，一次性密码 {accounts[LOGINS[role]]}" for role in LOGINS
    ]
    sentence = "\n".join(
        [
            f"✓ 已建立「{organ}」。三员账号（密码只显示这一次，首次登录须修改）：",
            *lines,
            "下一步：系统管理员登录建立人员账号，安全管理员授予岗位。",
            f"请另行保管密钥文件夹 {current_app.extensions['gongkai_settings'].keys}（丢失后个人信息无法解密）。",
        ]
    )
    say(result, as_json, sentence)
    return None


COMMANDS: tuple[click.Command, ...] = (office,)
