"""Files by content: stored under their SM3 before the commit, swept when no row came to name them.

A file is written to a temporary name, hashed on the way, checked, flushed to disk and renamed into
`files/ab/cd/<hash>`; the row that names it is inserted afterwards. A crash in between leaves a file without a row,
which `sweep` removes after a day. The folder may be shared between servers.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from flask import current_app

from app.core.errors import Busy, NotFound, Refused
from app.core.settings import Settings
from app.documents import sniff

CHUNK = 256 * 1024
#: bytes up to which a file is read at once when it is fetched
IN_MEMORY = 1024 * 1024
#: seconds a file may stay without a row
ORPHAN_AGE = 24 * 3600
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on disk: `hash` SM3 in hex, `size` in bytes, `name` as the person knows it, cleaned."""

    hash: str
    size: int
    media_type: str
    name: str


def _settings() -> Settings:
    settings: Settings = current_app.extensions["gongkai_settings"]
    return settings


def path_of(hash_: str) -> Path:
    """Where a file lies. Raises `ValueError` for anything that is not a hash."""
    if not _HASH.fullmatch(hash_):
        raise ValueError("not a file hash")
    return _settings().files / hash_[:2] / hash_[2:4] / hash_


def open_file(hash_: str) -> BinaryIO:
    """The stored bytes; `NotFound` with a sentence when they are gone."""
    try:
        return path_of(hash_).open("rb")
    except FileNotFoundError:
        raise NotFound("这个文件的内容在服务器上找不到了。请联系系统管理员从备份恢复。") from None


def content(hash_: str, size: int) -> BinaryIO:
    """The stored bytes for a response: small files from memory, large ones from disk."""
    file = open_file(hash_)
    if size > IN_MEMORY:
        return file
    with file:
        return io.BytesIO(file.read())


def clean_name(name: str) -> str:
    """The last part of a file name without control characters, at most 120 characters, extension kept."""
    base = re.split(r"[\\/]", name)[-1]
    base = (
        re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069<>:\"|?*]", "", base)
        .strip()
        .rstrip(" .")
    )
    stem, dot, extension = base.rpartition(".")
    if not dot:
        return base[:120] or "未命名"
    return f"{stem[: 119 - len(extension)] or '未命名'}.{extension[:10]}"


def store(stream: IO[bytes], name: str, also: frozenset[str] = frozenset()) -> Stored:
    """Write an uploaded stream to its place and return what it is.

    Raises `Refused` for what may not be stored (type, size, emptiness) and `Busy` when the disk is full; then
    nothing remains. The caller inserts the `StoredFile` row in its command (`attachments.add` does).
    """
    name = clean_name(name)
    with _disk():
        folder = _settings().files / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "w+b") as file:
                digest, size = _copy(stream, file, name)
                kind = sniff.media_type(name, file, also)
                file.flush()
                os.fsync(file.fileno())
            _settle(Path(temporary), path_of(digest))
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return Stored(digest, size, kind, name)


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Busy(
                "存放文件的磁盘已满或不可写，文件没有保存。您填写的文字仍在，请告知系统管理员清理后重新上传。"
            ) from error
        raise


def _copy(stream: IO[bytes], file: BinaryIO, name: str) -> tuple[str, int]:
    limit = _settings().max_upload
    digest, size = hashlib.new("sm3"), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise Refused(
                f"「{name}」超过 {limit // 1024 // 1024} MB，没有保存。请压缩图片或拆分文件后上传。"
            )
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest(), size


def _settle(temporary: Path, target: Path) -> None:
    """Rename into place even when the same bytes lie there: the new file is young, so no sweep takes it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(temporary, 0o640)
    os.replace(temporary, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def candidates(older_than: float = ORPHAN_AGE) -> Iterator[Path]:
    """Stored files last written more than `older_than` seconds ago; whoever sweeps asks the rows about them."""
    limit = time.time() - older_than
    root = _settings().files
    for path in root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if _HASH.fullmatch(path.name) and _age(path, limit):
            yield path


def _age(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:
        return False


def remove_orphans(paths: Iterable[Path], older_than: float = ORPHAN_AGE) -> int:
    """Remove files that no row names; a file that was stored again in this moment is put back. Returns how many."""
    limit, removed = time.time() - older_than, 0
    aside = _settings().files / "incoming"
    aside.mkdir(parents=True, exist_ok=True)
    for path in paths:
        moved = aside / f"orphan-{path.name}"
        try:
            os.rename(path, moved)
        except FileNotFoundError:
            continue
        if moved.stat().st_mtime >= limit and not path.exists():
            os.rename(moved, path)
            continue
        moved.unlink()
        removed += 1
    return removed


def remove_temporary(older_than: float = ORPHAN_AGE) -> int:
    """Remove what interrupted uploads left behind. Returns how many."""
    limit, removed = time.time() - older_than, 0
    for path in (_settings().files / "incoming").glob("*"):
        if path.is_file() and _age(path, limit):
            path.unlink(missing_ok=True)
            removed += 1
    return removed
