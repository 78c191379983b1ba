"""The auditor's file: one line per seal, only ever appended to.

The file and its folder may belong to the auditor's account of the machine, and be append-only (`chattr +a`):
this process opens it for appending alone. `rewritable` tells whether the installation is set up like that; if
not, whoever holds the database also holds the seals, and they are shown as 演示.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from app.core.db import dumps

NAME = "seals.jsonl"
LONGEST_LINE = 4 * 1024 * 1024


class SealFileBroken(RuntimeError):
    """The file does not end where the database says it must; nothing is appended until it was looked at."""


def append(folder: Path, seals: Iterator[Mapping[str, Any]]) -> int:
    """Append the seals the file does not have yet, `seals` giving all from its last one on; returns how many.

    Raises `SealFileBroken` when the file's last line is not the seal of that number, OSError when it cannot
    be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    handle = os.open(folder / NAME, os.O_RDONLY | os.O_CREAT, 0o640)
    os.close(handle)
    handle = os.open(folder / NAME, os.O_WRONLY | os.O_APPEND)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        last = last_line(folder / NAME)
        written = 0
        for seal in seals:
            if last is not None and seal["id"] <= last["id"]:
                if seal["id"] == last["id"] and dict(seal) != last:
                    raise SealFileBroken(f"封存文件第 {last['id']} 号与数据库不一致")
                continue
            if seal["id"] != (last["id"] if last else 0) + 1:
                raise SealFileBroken(f"封存文件缺少第 {(last['id'] if last else 0) + 1} 号")
            _write(handle, dumps(dict(seal)).encode() + b"\n")
            last, written = dict(seal), written + 1
        os.fsync(handle)
        return written
    finally:
        os.close(handle)


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def last_line(path: Path) -> dict[str, Any] | None:
    """The last seal in the file; None when it is empty. A broken last line raises `SealFileBroken`."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return None
        file.seek(max(0, size - LONGEST_LINE))
        text = file.read()
    lines = text.rstrip(b"\n").rsplit(b"\n", 1)
    try:
        found = json.loads(lines[-1])
        if type(found["id"]) is not int or not text.endswith(b"\n"):
            raise ValueError("id")
    except (ValueError, TypeError, KeyError) as error:
        raise SealFileBroken("封存文件最后一行不完整") from error
    return dict(found)


def size_of(path: Path) -> int | None:
    """Bytes in the file now, None when there is none; what is appended later is not read."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def lines(file: BinaryIO, size: int) -> Iterator[dict[str, Any] | None]:
    """Each line as a dict, None for a line that is no seal; at most `size` bytes are read."""
    left = size
    while left > 0:
        line = file.readline(min(left, LONGEST_LINE))
        if not line:
            return
        left -= len(line)
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        yield found if isinstance(found, dict) and line.endswith(b"\n") else None


def rewritable(folder: Path) -> bool:
    """Whether this process could rewrite the file: then the seals prove nothing against it (演示)."""
    path = folder / NAME
    if not path.exists():
        return os.access(folder if folder.exists() else folder.parent, os.W_OK)
    try:
        os.close(os.open(path, os.O_WRONLY))  # an append-only file refuses to be opened for rewriting
    except OSError:
        return os.access(folder, os.W_OK) and folder.stat().st_uid == os.geteuid() != 0
    return True
