"""`flask accounts …`: for whoever has the server in hand (also the only way to reset one of the 三员)."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from app.accounts import signing
from app.accounts.models import Person
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import GongkaiError

accounts = AppGroup("accounts", help="账号：解除锁定、重置密码。")


def _person_id(login: str) -> int:
    found = db.session.scalar(sa.select(Person.id).where(Person.login == signing.clean_login(login)))
    if found is None:
        raise click.ClickException(f"没有登录名为「{login}」的账号。请检查拼写。")
    return found


@accounts.command("unlock")
@click.argument("login")
def unlock(login: str) -> None:
    """解除一个账号的登录锁定。"""
    try:
        found = signing.unlock(SYSTEM, _person_id(login))
    except GongkaiError as error:
        raise click.ClickException(error.message) from error
    click.echo("登录锁定已解除。" if found else "这个账号没有被锁定。")


@accounts.command("reset")
@click.argument("login")
def reset(login: str) -> None:
    """重置一个账号的密码，显示一次性密码（只显示这一次）。"""
    try:
        password = signing.reset_password(SYSTEM, _person_id(login))
    except GongkaiError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"一次性密码：{password}")
    click.echo("请当面或电话告知本人；登录后须立即修改。")


COMMANDS: tuple[click.Command, ...] = (accounts,)
