"""`flask demo`: the demonstration city in an empty database; refused in production and beside real data.

The demonstration of the documentation asks that everybody change the common password at the first sign-in. To
keep the demonstration usable, only the 三员 and 乔录言 are asked to: they show what it is like, the others come in
with the password that the sign-in page prints.
"""

from __future__ import annotations

import time

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from app.accounts.models import Installation, Organ
from app.audit.models import Seal
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import GongkaiError, Refused
from app.office.backup import refuse
from app.office.demo.building import build
from app.office.demo.city import MAKING, NOTE
from app.processes.models import Process


def wanted() -> bool:
    """Whether there is no office yet, or only a demonstration whose making was interrupted."""
    return db.session.scalar(sa.select(Installation.id)) is None or unfinished()


def unfinished() -> bool:
    """Whether a demonstration was begun here and never finished; nobody can have worked in it."""
    begun = sa.select(Installation.id).where(Installation.kind == "demo", Installation.sign_in_note == MAKING)
    sealed = sa.select(Seal.id).limit(1)
    return db.session.scalar(begun) is not None and db.session.scalar(sealed) is None


@command
def clear(tx: Tx) -> None:
    """Take an unfinished demonstration away, the installed processes with it."""
    tx.session.execute(sa.update(Process).values(active_id=None))  # the one circle among the tables
    for table in reversed(db.metadata.sorted_tables):
        tx.session.execute(sa.delete(table))
    for kept in ("gongkai_directory", "gongkai_calendar"):
        current_app.extensions.pop(kept, None)


def require_empty() -> None:
    """Refuse production, and a database that holds an office already."""
    if current_app.extensions["gongkai_settings"].production:
        raise Refused("正式环境不建立演示数据，没有做任何改动。建立真实机关请运行 flask office init。")
    for row in (Installation.id, Organ.id):
        if db.session.scalar(sa.select(row).limit(1)) is not None:
            raise Refused(
                "数据库里已有机关，没有做任何改动。演示数据只能建在空的数据库里，请用 GONGKAI_DATA 另指定一个文件夹。"
            )


@click.command("demo")
@with_appcontext
def demo() -> None:
    """建立演示数据：虚构的云汀市，含机关、人员、公文和办理过程（只能建在空的数据库里）。"""
    began = time.monotonic()
    try:
        if unfinished():
            click.echo("▸ 上次的演示数据没有建完，重新建立 …")
            clear(SYSTEM)
        require_empty()
        build(click.echo)
    except GongkaiError as error:
        return refuse(error, False)
    click.echo(f"✓ 演示数据已建立（{time.monotonic() - began:.0f} 秒）。{NOTE}")
    return None
