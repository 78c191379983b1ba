"""`flask restore SOURCE`: a backup into an empty place, checked byte by byte before anything is put there.

Never overwrites: a database with tables or a folder with files refuses. Keys that lie there (a fresh program has
made some) are moved aside when the backup brings its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import flask_migrate
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext

from app.audit import ACTION_LABELS, sealfile, sealing, service
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import GongkaiError, Refused
from app.core.now import SHANGHAI, wall
from app.core.settings import Settings
from app.office import archive, dumping
from app.office.backup import refuse, say

ACTION_LABELS.setdefault("backup.restored", "从备份恢复")


@command
def note_restore(tx: Tx, *, made_at: str) -> None:
    """What was done after the backup is lost: the record has to say so."""
    tx.record("system", "backup.restored", f"从 {made_at} 的备份恢复全部数据", made_at=made_at)


def load(source: Path) -> dict[str, Any]:
    """Restore; returns what came back and what the check of the record says. Raises `Refused`."""
    began = time.monotonic()
    settings: Settings = current_app.extensions["gongkai_settings"]
    with _alone(settings):
        _require_empty(settings)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data) as name:
            folder = Path(name)
            manifest = _unpack(source, folder)
            _check(manifest, folder, settings)
            _put(manifest, folder, settings)
        report = _wake_up(settings, manifest["made_at"])
    return {
        "installation": manifest["installation"],
        "made_at": manifest["made_at"],
        "files": manifest["files"],
        "missing": manifest["missing"],
        "record": report,
        "seconds": round(time.monotonic() - began, 2),
    }


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Not while an office runs on the same folder."""
    with (settings.data / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("系统正在这个数据文件夹上运行。请先停止它，再恢复。") from error
        yield


def _require_empty(settings: Settings) -> None:
    dumping.require_empty()
    if settings.files.is_dir() and any(path.is_file() for path in settings.files.rglob("*")):
        raise Refused(
            f"{settings.files} 里已有文件，不能恢复到这里（恢复不会覆盖任何数据）。"
            "请用 GONGKAI_DATA 指定一个空文件夹。"
        )


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        return archive.unpack(source, folder)
    except OSError as error:
        raise Refused(f"读不出备份 {source}：{error.strerror}。没有恢复任何内容。") from error


def _check(manifest: dict[str, Any], folder: Path, settings: Settings) -> None:
    """What the archive says of itself fits this program, this database and itself."""
    wanted = "database.sqlite" if settings.sqlite else "database.pgdump"
    if manifest["database"] != wanted:
        kind = "SQLite" if manifest["database"] == "database.sqlite" else "PostgreSQL"
        raise Refused(f"这份备份来自 {kind} 数据库，请按同样的数据库设置 GONGKAI_DATABASE 后再恢复。")
    if manifest["revision"] not in _revisions():
        raise Refused("这份备份由更新版本的系统做成，当前程序读不了。请换用新版本的程序恢复。")
    if not manifest["keys"] and not settings.keys.is_dir():
        raise Refused("这份备份不含密钥。请先把另行保管的 keys 文件夹放进数据文件夹，再恢复。")
    if settings.sqlite:
        dumping.check_sqlite(folder / wanted)


def _revisions() -> set[str]:
    script = ScriptDirectory(str(Path(current_app.root_path).parent / "migrations"))
    return {revision.revision for revision in script.walk_revisions()}


def _put(manifest: dict[str, Any], folder: Path, settings: Settings) -> None:
    """Files, keys and seals first, the rows last: without rows the place still counts as empty."""
    for path in (folder / "files").glob("*"):
        target = settings.files / path.name[:2] / path.name[2:4] / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.chmod(0o640)
        os.replace(path, target)
    if manifest["keys"]:
        _put_keys(folder / "keys", settings.keys)
    seals = folder / "seals" / sealfile.NAME
    if seals.exists() and not (settings.seals / sealfile.NAME).exists():
        settings.seals.mkdir(parents=True, exist_ok=True, mode=0o750)
        shutil.copyfile(seals, settings.seals / sealfile.NAME)
    try:
        _put_rows(folder / manifest["database"], settings)
    except BaseException:
        shutil.rmtree(settings.files, ignore_errors=True)  # it was empty; so the next attempt finds it empty
        raise


def _put_rows(database: Path, settings: Settings) -> None:
    if settings.sqlite:
        assert db.engine.url.database is not None
        os.replace(database, db.engine.url.database)
    else:
        dumping.load_postgresql(database)


def _put_keys(source: Path, target: Path) -> None:
    if target.is_dir() and any(target.iterdir()):
        moment = wall().astimezone(SHANGHAI)
        os.replace(target, target.with_name(f"{target.name}.before-restore-{moment:%Y%m%d-%H%M%S}"))
    shutil.copytree(source, target, copy_function=shutil.copyfile, dirs_exist_ok=True)
    target.chmod(0o700)
    for path in target.iterdir():
        path.chmod(0o600)


def _wake_up(settings: Settings, made_at: str) -> dict[str, Any]:
    """As the restored office: migrate what is older, bring the seal file up to date, check the record, note it."""
    from app import create_app

    office = create_app(settings)
    with office.app_context():
        flask_migrate.upgrade()
        sealing.publish(settings)
        report = service.check_now(None)
        note_restore(SYSTEM, made_at=made_at)
        db.session.remove()
        db.engine.dispose()
    return {"code": report.code, "rows": report.rows, "problems": report.problems}


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@with_appcontext
def restore(source: Path, as_json: bool) -> None:
    """从备份恢复到空的数据文件夹（和空数据库）。"""
    try:
        result = load(source)
    except GongkaiError as error:
        return refuse(error, as_json)
    record = result["record"]
    words = (
        "核对未发现问题"
        if record["code"] == 0
        else f"核对发现 {record['problems']} 处问题，请运行 flask audit verify 查看"
    )
    say(
        result,
        as_json,
        f"✓ 已恢复「{result['installation']}」{result['made_at']} 的备份：文件 {result['files']} 个，"
        f"办理记录 {record['rows']} 条，{words}。",
    )
    if record["code"] or result["missing"]:
        raise SystemExit(2)
    return None


COMMANDS: tuple[click.Command, ...] = (restore,)
