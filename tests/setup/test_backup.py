"""A backup taken while people write comes back whole; nothing is ever overwritten."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.accounts.staffing import found
from app.audit import sealing, service
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import Refused
from app.core.settings import Settings
from app.documents import files
from app.documents.models import StoredFile
from app.office import archive, backup, dumping, restore
from tests.support.services import PostgresServer


@command
def open_house(tx: Tx) -> None:
    found(tx, kind="office", name="试点市住建局")


@command
def keep_file(tx: Tx, *, stored: files.Stored) -> None:
    tx.session.add(
        StoredFile(hash=stored.hash, size=stored.size, media_type=stored.media_type, created=tx.now)
    )
    tx.record("system", "test.kept", "存入文件", hash=stored.hash)


def store(text: str) -> str:
    """Store a text file the way an upload does: bytes first, then the row that names them."""
    stored = files.store(io.BytesIO(f"第一条 {text}\n".encode()), "试点.txt")
    keep_file(SYSTEM, stored=stored)
    return stored.hash


@contextmanager
def writers(app: Flask, count: int = 3) -> Iterator[list[str]]:
    """Threads that store files and seal the record until the block ends; gives the hashes they committed."""
    done, stop, wrong = [], threading.Event(), []

    def hammer(name: int) -> None:
        number = 0
        while not stop.is_set() and number < 2000:
            number += 1
            try:
                with app.app_context():
                    done.append(store(f"{name}-{number}"))
                    if number % 7 == 0:
                        sealing.seal_all(sealing.settings_now())
            except Exception as error:
                wrong.append(error)
                return

    threads = [threading.Thread(target=hammer, args=(name,)) for name in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert not wrong


@contextmanager
def elsewhere(settings: Settings, folder: Path, empty_database: str) -> Iterator[Flask]:
    """Another office of the same kind in an empty folder, on an empty database."""
    data = folder / "elsewhere"
    url = f"sqlite:///{data / 'gongkai.db'}" if settings.sqlite else empty_database
    app = create_app(replace(settings, data=data, seals=data / "seals", database=url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def names_of(path: Path) -> set[str]:
    with tarfile.open(path) as tar:
        return set(tar.getnames())


def test_a_backup_taken_while_writers_hammer_is_restorable_and_whole(
    any_db: str, app: Flask, settings: Settings, tmp_path: Path, empty_database: str
) -> None:
    open_house(SYSTEM)
    before = {store(f"以前-{number}") for number in range(5)}
    with writers(app) as committed:
        made = [backup.make(tmp_path / f"{number}.tar") for number in range(3)]
    assert len(committed) > 10
    for result in made:
        assert result["missing"] == []
        assert {f"files/{hash_}" for hash_ in before} <= names_of(Path(result["file"]))
    assert made[-1]["files"] > made[0]["files"]
    with elsewhere(settings, tmp_path, empty_database) as other:
        restored = restore.load(Path(made[-1]["file"]))
        assert restored["record"] == {"code": 0, "rows": restored["record"]["rows"], "problems": 0}
        other_again = create_app(other.extensions["gongkai_settings"])
    with other_again.app_context():
        rows = set(db.session.scalars(sa.select(StoredFile.hash)))
        assert before <= rows <= before | set(committed)
        for hash_ in rows:
            with files.open_file(hash_) as file:
                assert files.hashlib.new("sm3", file.read()).hexdigest() == hash_
        assert service.check_now().code == 0
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def made(app: Flask, tmp_path: Path) -> Path:
    """A small backup."""
    open_house(SYSTEM)
    store("一")
    return Path(backup.make(tmp_path / "一.tar")["file"])


def test_a_backup_can_be_read_by_its_owner_only_and_leaves_nothing_beside_it(made: Path, app: Flask) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [path.name for path in made.parent.iterdir() if path.name.startswith(".")] == []
    assert {"database.sqlite", "keys/record.key", archive.MANIFEST} <= names_of(made)
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM records WHERE action = 'backup.made'")) == 1


def test_a_backup_never_overwrites_and_says_where_it_could_go(app: Flask, made: Path) -> None:
    bytes_before = made.read_bytes()
    with pytest.raises(Refused, match="已经存在，没有覆盖"):
        backup.make(made)
    with pytest.raises(Refused, match="请先建立"):
        backup.make(made.parent / "没有" / "备份.tar")
    assert made.read_bytes() == bytes_before


def test_a_file_that_is_gone_or_altered_on_disk_is_named_missing(app: Flask, tmp_path: Path) -> None:
    gone, altered = store("甲"), store("乙")
    files.path_of(gone).unlink()
    files.path_of(altered).write_bytes(b"other bytes")
    assert sorted(backup.make(tmp_path / "b.tar")["missing"]) == sorted([gone, altered])


def test_restore_refuses_a_place_that_holds_anything(
    made: Path, app: Flask, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="恢复不会覆盖任何数据"):
        restore.load(made)
    with elsewhere(settings, tmp_path, "") as other:
        folder = other.extensions["gongkai_settings"].files
        folder.mkdir()
        (folder / "old").write_text("一份旧文件")
        with pytest.raises(Refused, match="里已有文件"):
            restore.load(made)
        assert (folder / "old").read_text() == "一份旧文件"


def change(name: str, to: Callable[[bytes], bytes | None]) -> Callable[[str, bytes], bytes | None]:
    """A rule for `rewrite`: change the members that begin with `name`."""
    return lambda member, data: to(data) if member.startswith(name) else data


def rewrite(source: Path, target: Path, rule: Callable[[str, bytes], bytes | None]) -> None:
    """Copy an archive member by member; a rule that gives None drops the member."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            data = rule(member.name, file.read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))


def newer(data: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(data) | changes).encode()


SPOILED = {
    "a file was changed": change("files/", lambda data: data[:-1] + b"x"),
    "a file is missing": change("files/", lambda data: None),
    "the manifest is missing": change("manifest", lambda data: None),
    "the manifest is not JSON": change("manifest", lambda data: b"{"),
    "the rows were changed": change("database", lambda data: data[:-1] + b"x"),
    "made by a newer program": change("manifest", lambda data: newer(data, format=2)),
    "a newer revision": change("manifest", lambda data: newer(data, revision="9999")),
    "another kind of database": change("manifest", lambda data: newer(data, database="database.pgdump")),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_backup_is_refused_and_nothing_is_put_in_place(
    made: Path, settings: Settings, tmp_path: Path, name: str
) -> None:
    spoiled = tmp_path / "spoiled.tar"
    rewrite(made, spoiled, SPOILED[name])
    refuses(spoiled, settings, tmp_path)


def refuses(source: Path, settings: Settings, folder: Path) -> None:
    with elsewhere(settings, folder, "") as other:
        with pytest.raises(Refused, match="请"):
            restore.load(source)
        data: Path = other.extensions["gongkai_settings"].data
        assert not list(data.glob("files/**/*"))
        assert not list(data.glob(".restore-*"))
        dumping.require_empty()


@pytest.mark.parametrize("cut", [1, 700, 5000])
def test_a_backup_cut_short_is_refused(made: Path, settings: Settings, tmp_path: Path, cut: int) -> None:
    short = tmp_path / "short.tar"
    short.write_bytes(made.read_bytes()[: -10240 - cut])
    refuses(short, settings, tmp_path)


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "files/../../x", "keys/a.key/../../b"])
def test_names_that_lead_outside_are_refused(
    made: Path, settings: Settings, tmp_path: Path, name: str
) -> None:
    hostile = tmp_path / "hostile.tar"
    with tarfile.open(hostile, "w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    refuses(hostile, settings, tmp_path)


def test_a_link_in_a_backup_is_refused(made: Path, settings: Settings, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.tar"
    with tarfile.open(hostile, "w") as tar:
        member = tarfile.TarInfo("database.sqlite")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    refuses(hostile, settings, tmp_path)


def test_without_keys_the_keys_kept_apart_open_it_again(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    open_house(SYSTEM)
    result = backup.make(tmp_path / "b.tar", with_keys=False)
    assert not [name for name in names_of(Path(result["file"])) if name.startswith("keys/")]
    with elsewhere(settings, tmp_path, "") as other:
        keys = other.extensions["gongkai_settings"].keys
        shutil.rmtree(keys)
        shutil.copytree(settings.keys, keys)
        assert restore.load(Path(result["file"]))["record"]["code"] == 0


def test_restored_keys_are_private_and_those_that_lay_there_are_kept_aside(
    made: Path, settings: Settings, tmp_path: Path
) -> None:
    with elsewhere(settings, tmp_path, "") as other:
        data: Path = other.extensions["gongkai_settings"].data
        fresh = (data / "keys" / "record.key").read_bytes()
        restore.load(made)
    assert (data / "keys" / "record.key").read_bytes() == (settings.keys / "record.key").read_bytes()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data / "keys").iterdir()} == {0o600}
    (aside,) = data.glob("keys.before-restore-*")
    assert (aside / "record.key").read_bytes() == fresh


def test_a_missing_client_is_a_sentence(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings
) -> None:
    name = postgres.create()
    app = create_app(replace(settings, database=postgres.url(name)))
    monkeypatch.setattr(dumping.shutil, "which", lambda tool: None)
    with app.app_context():
        with pytest.raises(Refused, match="没有找到 pg_dump"):
            backup.make(tmp_path / "b.tar")
        db.session.remove()
        db.engine.dispose()
    postgres.drop(name)


def test_the_commands_speak_json(app: Flask, tmp_path: Path) -> None:
    open_house(SYSTEM)
    runner = app.test_cli_runner()
    result = runner.invoke(args=["backup", str(tmp_path / "b.tar"), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.output)["ok"] is True
    result = runner.invoke(args=["backup", str(tmp_path / "b.tar"), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output) == {
        "ok": False,
        "message": f"{tmp_path / 'b.tar'} 已经存在，没有覆盖。请换一个文件名。",
    }
    assert os.listdir(tmp_path).count("b.tar") == 1
