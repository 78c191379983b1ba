"""`flask backup TARGET`: rows, files, keys and seals in one file, while the office goes on working.

Consistent without stopping anybody: files are written before the rows that name them and never changed, so the
files a snapshot of the rows names are all there when they are copied after it. The seal file is copied before it,
so that it never holds a seal which the rows lack.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.accounts.directory import directory
from app.audit import ACTION_LABELS, sealfile
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.errors import GongkaiError, Refused
from app.core.keys import NAMES
from app.core.now import SHANGHAI, wall
from app.core.settings import VERSION, Settings
from app.office import archive, dumping

ACTION_LABELS.setdefault("backup.made", "备份数据")


@command
def note_backup(tx: Tx, *, name: str, files: int, with_keys: bool) -> None:
    """A backup holds everything, so that making one is an act of the system's own record."""
    keys = "含密钥" if with_keys else "不含密钥"
    tx.record(
        "system", "backup.made", f"备份全部数据到「{name}」（{keys}）", files=files, with_keys=with_keys
    )


def make(target: Path, *, with_keys: bool = True) -> dict[str, Any]:
    """Write the backup; returns what it holds. Raises `Refused` with nothing left behind.

    `target` is a folder (the name is made from the time) or the path of the file, which must not exist.
    """
    began = time.monotonic()
    path = _place(target)
    partial = path.with_name(f".{path.name}.partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            about = _write(file, path.parent, with_keys)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)  # unlike rename, refuses to replace what somebody made meanwhile
    except FileExistsError as error:
        raise Refused(f"{path} 已经存在，没有覆盖。请换一个文件名。") from error
    except OSError as error:
        raise Refused(
            f"备份没有做成：{error.strerror}（{path.parent}）。请检查磁盘空间和写入权限。"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    note_backup(SYSTEM, name=path.name, files=about["files"], with_keys=with_keys)
    return about | {
        "file": str(path),
        "bytes": path.stat().st_size,
        "seconds": round(time.monotonic() - began, 2),
    }


def _place(target: Path) -> Path:
    if target.is_dir():
        moment = wall().astimezone(SHANGHAI)
        target = target / f"gongkai-{moment:%Y%m%d-%H%M%S}.tar"
    if target.exists():
        raise Refused(f"{target} 已经存在，没有覆盖。请换一个文件名。")
    if not target.parent.is_dir():
        raise Refused(f"文件夹 {target.parent} 不存在。请先建立，或写另一个位置。")
    return target.resolve()


def _write(file: Any, beside: Path, with_keys: bool) -> dict[str, Any]:
    settings = current_app.extensions["gongkai_settings"]
    writer = archive.Writer(file)
    with tempfile.TemporaryDirectory(prefix=".gongkai-", dir=beside) as folder:
        _add_seals(writer, settings, Path(folder))
        database, hashes, revision = dumping.dump(Path(folder))
        writer.add(database.name, database)
    missing = [hash_ for hash_ in hashes if not _add_file(writer, settings, hash_)]
    if with_keys:
        for name in NAMES:
            writer.add(f"keys/{name}.key", settings.keys / f"{name}.key")
    about = {
        "made_at": wall().isoformat(timespec="seconds"),
        "version": VERSION,
        "revision": revision,
        "database": database.name,
        "installation": directory().name,
        "keys": with_keys,
        "files": len(hashes) - len(missing),
        "missing": missing,
    }
    writer.close(about)
    return about


def _add_file(writer: archive.Writer, settings: Settings, hash_: str) -> bool:
    path = settings.files / hash_[:2] / hash_[2:4] / hash_
    try:
        return writer.add(f"files/{hash_}", path) == hash_
    except FileNotFoundError:
        return False


def _add_seals(writer: archive.Writer, settings: Settings, folder: Path) -> None:
    """The seal file up to its last whole line: it may be growing."""
    path = settings.seals / sealfile.NAME
    if path.exists():
        whole = folder / sealfile.NAME
        data = path.read_bytes()
        whole.write_bytes(data[: data.rfind(b"\n") + 1])
        writer.add(f"seals/{sealfile.NAME}", whole)


def say(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    """Print a result for a program or for a person."""
    click.echo(json.dumps({"ok": True} | result, ensure_ascii=False) if as_json else sentence)


def refuse(error: GongkaiError, as_json: bool) -> None:
    """End the program with the refusal's sentence, exit code 1."""
    if as_json:
        click.echo(json.dumps({"ok": False, "message": error.message}, ensure_ascii=False))
        raise SystemExit(1)
    raise click.ClickException(error.message)


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--without-keys", is_flag=True, help="不含密钥（密钥须另行保管，缺了它个人信息无法解密）。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@with_appcontext
def backup(target: Path, without_keys: bool, as_json: bool) -> None:
    """备份数据、文件和密钥到一个文件（系统可照常使用）。"""
    try:
        result = make(target, with_keys=not without_keys)
    except GongkaiError as error:
        return refuse(error, as_json)
    size = result["bytes"] / 1024 / 1024
    say(result, as_json, f"✓ 已备份到 {result['file']}（{size:.1f} MB，文件 {result['files']} 个）。")
    if result["missing"]:
        click.echo(f"注意：有 {len(result['missing'])} 个文件在服务器上缺失或损坏，没有进入备份。", err=True)
        raise SystemExit(2)
    if not without_keys and not as_json:
        click.echo("备份含有密钥，等于全部数据的明文，请只存放在受控的地方。")
    return None


COMMANDS: tuple[click.Command, ...] = (backup,)
