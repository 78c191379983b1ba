"""The backup file: a plain tar whose last member, `manifest.json`, names every other one with size and SM3.

Members: `database.sqlite` or `database.pgdump`, `files/<hash>`, `keys/<name>.key`, `seals/seals.jsonl`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from app.core.errors import Refused

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1024 * 1024
LARGEST_MANIFEST = 512 * 1024 * 1024
_NAMES = re.compile(r"database\.(sqlite|pgdump)|files/[0-9a-f]{64}|keys/[a-z]+\.key|seals/[\w.-]+")

NOT_OURS = "这个文件不是本系统的备份，或已损坏（{detail}），没有恢复任何内容。请换一份备份。"


class Writer:
    """Writes an archive; `close` adds the manifest."""

    def __init__(self, file: BinaryIO) -> None:
        self._tar = tarfile.TarFile(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> str:
        """Copy a file in; returns its SM3. Only as much as the file has now: it may be growing."""
        with path.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            reader = _Hashing(source, size)
            self._tar.addfile(_info(name, size), reader)  # type: ignore[arg-type]
        digest = reader.digest.hexdigest()
        self.members[name] = {"size": size, "sm3": digest}
        return digest

    def close(self, about: dict[str, Any]) -> None:
        """Write the manifest and end the archive."""
        text = json.dumps(about | {"format": FORMAT, "members": self.members}, ensure_ascii=False).encode()
        self._tar.addfile(_info(MANIFEST, len(text)), io.BytesIO(text))
        self._tar.close()


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(time.time())
    return info


class _Hashing:
    """A reader of exactly `size` bytes that hashes what passes."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self.source, self.left, self.digest = source, size, hashlib.new("sm3")

    def read(self, count: int) -> bytes:
        data = self.source.read(min(count, self.left))
        self.left -= len(data)
        self.digest.update(data)
        return data


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Extract into `folder` (empty) and check every byte against the manifest, which is returned.

    Raises `Refused` for anything but a whole backup: unknown names, missing or changed members.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(path, "r:") as tar:
            for member, stream in _members(tar):
                if manifest is not None:
                    raise _not_ours("清单之后还有内容")
                if member.name == MANIFEST:
                    manifest = _manifest(stream, member.size)
                else:
                    found[member.name] = _extract(member, stream, folder)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise _not_ours("不是完整的备份文件") from error
    if manifest is None:
        raise _not_ours("缺少清单，可能没有备份完")
    if found != manifest["members"]:
        names = {**found, **manifest["members"]}
        wrong = sorted(name for name in names if found.get(name) != manifest["members"].get(name))
        raise _not_ours(f"{len(wrong)} 个文件与清单不符，如 {wrong[0]}")
    return manifest


def _members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, Any]]:
    for member in tar:
        stream = tar.extractfile(member) if member.isreg() else None
        if stream is None or not (member.name == MANIFEST or _NAMES.fullmatch(member.name)):
            raise _not_ours("含有不认识的内容")
        yield member, stream


def _manifest(stream: Any, size: int) -> dict[str, Any]:
    if size > LARGEST_MANIFEST:
        raise _not_ours("清单过大")
    manifest = json.loads(stream.read())
    if not isinstance(manifest, dict) or not isinstance(manifest.get("members"), dict):
        raise _not_ours("清单不完整")
    if manifest.get("format") != FORMAT:
        raise Refused("这份备份由更新版本的系统做成，当前程序读不了。请换用新版本的程序恢复。")
    return manifest


def _extract(member: tarfile.TarInfo, stream: Any, folder: Path) -> dict[str, Any]:
    target = folder / member.name
    if target.exists():
        raise _not_ours("同名内容出现两次")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.new("sm3"), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return {"size": size, "sm3": digest.hexdigest()}


def _not_ours(detail: str) -> Refused:
    return Refused(NOT_OURS.format(detail=detail))
