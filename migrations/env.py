"""How migrations run: in the office, on its engine, refusing databases that are not ours."""

from __future__ import annotations

from typing import Any, Literal

import click
import sqlalchemy as sa
from alembic import context
from alembic.operations import ops
from flask import current_app
from sqlalchemy.sql.elements import False_, True_
from sqlalchemy.types import TypeDecorator

LOCK = 0x676F6E676B6169  # one migration at a time on PostgreSQL
FOREIGN = (
    "这个数据库里已有别的系统的数据表（{tables}），不能用作本系统的数据库，没有做任何改动。"
    "请另建一个空的数据库，或检查 GONGKAI_DATABASE、GONGKAI_DATA 是否写错。"
)
NEWER = (
    "这个数据库是由更新版本的系统建立或升级过的（版本 {found}），当前程序较旧，没有做任何改动。"
    "请换用新版本的程序，或用升级前的备份恢复。"
)


class MigrationRefused(click.ClickException):
    """The database is not ours to change."""

    exit_code = 3


def refuse_foreign(connection: sa.Connection) -> None:
    """Raise unless the database is empty or made by migrations this program knows."""
    names = set(sa.inspect(connection).get_table_names())
    if "alembic_version" not in names:
        if names:
            raise MigrationRefused(FOREIGN.format(tables="、".join(sorted(names)[:5])))
        return
    known = {script.revision for script in context.script.walk_revisions()}
    for found in connection.scalars(sa.text("SELECT version_num FROM alembic_version")):
        if found not in known:
            sentence = NEWER if "records" in names else FOREIGN
            raise MigrationRefused(sentence.format(found=found, tables="、".join(sorted(names)[:5])))


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database: migrations import nothing of ours."""
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__.startswith("app."):
        return f"sa.{item.impl!r}"
    if kind == "server_default" and isinstance(getattr(item, "arg", None), False_ | True_):
        return f"sa.{item.arg}()"  # alembic would write 0 or 1, which PostgreSQL refuses for a boolean
    return False


def tidy(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """No difference, no file; references in a circle are made when both tables stand."""
    if not getattr(context.config.cmd_opts, "autogenerate", False) or not directives:
        return
    script = directives[0]
    if script.upgrade_ops.is_empty():
        directives[:] = []
        return
    for table in [step for step in script.upgrade_ops.ops if isinstance(step, ops.CreateTableOp)]:
        later = [
            item for item in table.columns if isinstance(item, sa.ForeignKeyConstraint) and item.use_alter
        ]
        table.columns = [item for item in table.columns if not any(item is one for one in later)]
        for reference in later:
            reference.use_alter = False
            made = ops.CreateForeignKeyOp.from_constraint(reference)
            script.upgrade_ops.ops.append(ops.ModifyTableOps(table.table_name, [made]))
            script.downgrade_ops.ops.insert(0, ops.ModifyTableOps(table.table_name, [made.reverse()]))


def check_references(connection: sa.Connection, on: bool) -> None:
    """Switch SQLite's checking of references; on again, look at all rows. Past SQLAlchemy: outside BEGIN only."""
    if connection.dialect.name != "sqlite":
        return
    cursor = connection.connection.cursor()
    broken = cursor.execute("PRAGMA foreign_key_check").fetchall() if on else []
    cursor.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
    cursor.close()
    if broken:
        raise RuntimeError(f"references broken by the migration: {broken[:5]}")


def main() -> None:
    """Run on the office's engine, in one transaction."""
    extension = current_app.extensions["migrate"]
    engine: sa.Engine = extension.db.engine
    with engine.connect() as connection:
        refuse_foreign(connection)
        connection.rollback()
        check_references(connection, False)  # batch operations rebuild tables
        context.configure(
            connection=connection,
            target_metadata=extension.db.metadata,
            render_item=render_item,
            process_revision_directives=tidy,
            **extension.configure_args,
        )
        with context.begin_transaction():
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            context.run_migrations()
        check_references(connection, True)


main()
