"""Rows out of and into the database: SQLite through its backup API, PostgreSQL through pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from app.core.db import db
from app.core.errors import Busy, Refused

_files = sa.text("SELECT hash FROM stored_files ORDER BY hash")
_revision = sa.text("SELECT version_num FROM alembic_version")
TOOL_MISSING = (
    "没有找到 {tool}，不能{act} PostgreSQL 数据库。请在本机安装与数据库同版本的客户端"
    "（例如 apt-get install -y postgresql-client），然后再运行一次。"
)


def dump(folder: Path) -> tuple[Path, list[str], str]:
    """One consistent picture of all rows: its file in `folder`, hashes of the files it names, its revision."""
    return _dump_sqlite(folder) if db.engine.dialect.name == "sqlite" else _dump_postgresql(folder)


def _dump_sqlite(folder: Path) -> tuple[Path, list[str], str]:
    target = folder / "database.sqlite"
    source = f"file:{quote(str(db.engine.url.database))}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(source, uri=True, timeout=30)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)  # in one step, so under one read transaction: writers go on meanwhile
            copy.execute("PRAGMA journal_mode=DELETE")
            hashes = [row[0] for row in copy.execute(str(_files))]
            return target, hashes, copy.execute(str(_revision)).fetchone()[0]
    except sqlite3.OperationalError as error:
        raise Busy(f"数据库暂时读不出来（{error}），没有做成备份。请检查磁盘空间后再试。") from error


def _dump_postgresql(folder: Path) -> tuple[Path, list[str], str]:
    target = folder / "database.pgdump"
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect().execution_options(**options) as connection:
        snapshot = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
        command = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        _client("pg_dump", "备份", [*command, f"--file={target}"])
        hashes = list(connection.scalars(_files))
        return target, hashes, str(connection.scalar(_revision))


def require_empty() -> None:
    """Raise `Refused` unless the database has no table at all."""
    names = sa.inspect(db.engine).get_table_names()
    db.engine.dispose()
    if names:
        raise Refused(
            "当前数据库里已有数据，不能恢复到这里（恢复不会覆盖任何数据）。"
            "请用 GONGKAI_DATA 指定一个空文件夹；使用 PostgreSQL 的，请另建一个空数据库。"
        )


def check_sqlite(path: Path) -> None:
    """Raise `Refused` when the copy is not a whole database."""
    try:
        with closing(sqlite3.connect(path)) as copy:
            result = copy.execute("PRAGMA integrity_check").fetchone()[0]
            if result != "ok" or copy.execute("PRAGMA foreign_key_check").fetchone():
                raise Refused("备份里的数据库不完整，没有恢复任何内容。请换一份备份。")
            copy.execute("PRAGMA journal_mode=WAL")
    except sqlite3.DatabaseError as error:
        raise Refused("备份里的数据库读不出来，没有恢复任何内容。请换一份备份。") from error


def load_postgresql(path: Path) -> None:
    """Restore a dump into the empty database, all of it or nothing."""
    _client("pg_restore", "恢复", ["--single-transaction", "--exit-on-error", "--no-owner", str(path)])


def _client(tool: str, act: str, arguments: list[str]) -> None:
    """Run a PostgreSQL client on our database; the password goes through the environment, unseen by `ps`."""
    program = shutil.which(tool)
    if program is None:
        raise Refused(TOOL_MISSING.format(tool=tool, act=act))
    url = db.engine.url
    where = {
        "PGHOST": url.host or str(url.query.get("host", "")),
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
    }
    result = subprocess.run(
        [program, *arguments, f"--dbname={url.database}"],
        env=dict(os.environ) | {name: value for name, value in where.items() if value},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if result.returncode != 0:
        raise Refused(f"{act} PostgreSQL 数据库失败，没有做成。{tool} 的说明：{result.stderr.strip()[-500:]}")
