"""Hostile archives."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator

from app.processes import archive
from tests.hostile.cases import Case
from tests.hostile.settings import PACKAGE

GOOD = archive.write(PACKAGE, {})


def cases() -> Iterator[Case]:
    for part in (_broken(), _entries(), _bombs(), _manifests()):
        for name, payload in part:
            yield Case("archive", name, payload)


Edit = Callable[[zipfile.ZipFile], None]


def _with(edit: Edit, leave: str = "") -> bytes:
    """The good archive with something more in it, and without `leave`."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as found,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        for name in found.namelist():
            if name != leave:
                other.writestr(_info(name), found.read(name))
        edit(other)
    return made.getvalue()


def _info(name: str, mode: int = stat.S_IFREG | 0o644, kind: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr, info.compress_type = mode << 16, kind
    return info


def _adding(name: str, data: bytes = b"x", **how: int) -> bytes:
    return _with(lambda made: made.writestr(_info(name, **how), data))


def _broken() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "text", b"PK is not enough"
    yield "truncated", GOOD[: len(GOOD) // 2]
    yield "without its directory", GOOD[: GOOD.index(b"PK\x01\x02")]
    yield "only the end", b"PK\x05\x06" + b"\x00" * 18
    yield "only a lying end", b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 2**32 - 2, 10, 0)
    yield "something before it", b"#!/bin/sh\ntouch x\nexit\n" + GOOD
    flipped = bytearray(GOOD)
    place = GOOD.index(b"process.bpmn") + 60
    flipped[place] ^= 0xFF
    yield "a bit turned over", bytes(flipped)
    yield "tar", b"package.toml" + b"\x00" * 245 + b"ustar" + b"\x00" * 250
    yield "five megabytes", GOOD + b"\x00" * 5_000_000


def _entries() -> Iterator[tuple[str, bytes]]:
    for number, name in enumerate((
        "../evil.toml", "forms/../../evil.toml", "/etc/cron.d/evil", "..\\evil.toml", "C:\\evil.toml", "forms/evil.py",
        "scenarios/evil.sh", "index.html", "nested.zip", "__init__.py", "PROCESS.BPMN", "forms/x/y.toml", "forms/.toml",
        "con.toml", "forms/ä.toml", "forms/" + "a" * 200 + ".toml", "~/.bashrc", "forms/a\u202elmot.toml",
    ), 1):  # fmt: skip
        yield f"name {number}", _adding(name)
    yield "a symbolic link", _adding("forms/link.toml", b"/etc/passwd", mode=stat.S_IFLNK | 0o777)
    yield "a device", _adding("forms/dev.toml", mode=stat.S_IFCHR | 0o666)
    yield "a pipe", _adding("forms/pipe.toml", mode=stat.S_IFIFO | 0o666)
    yield "a folder that is a file", _adding("forms/", b"x")
    yield "bzip2", _adding("forms/b.toml", kind=zipfile.ZIP_BZIP2)
    yield "lzma", _adding("forms/l.toml", kind=zipfile.ZIP_LZMA)
    yield "an archive in the archive", _adding("forms/inner.toml", GOOD)
    encrypted = bytearray(GOOD)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[GOOD.index(mark) + offset] |= 1
    yield "encrypted", bytes(encrypted)

    def twice(made: zipfile.ZipFile) -> None:
        made.filelist.append(made.getinfo("process.bpmn"))  # the directory names it twice

    yield "the same name twice", _with(twice)
    yield "not text", _adding("forms/x.toml", b"\xff\xfe\x00")


def _bombs() -> Iterator[tuple[str, bytes]]:
    yield (
        "ten thousand files",
        _with(lambda made: [made.writestr(_info(f"forms/f{n}.toml"), b"") for n in range(10_000)] and None),
    )
    yield (
        "three hundred files",
        _with(lambda made: [made.writestr(_info(f"forms/f{n}.toml"), b"x") for n in range(300)] and None),
    )
    yield "a hundred megabytes of nothing", _adding("forms/big.toml", b"\x00" * 100_000_000)
    yield "seven megabytes of text", _adding("forms/big.toml", bytes(range(32, 127)) * 75_000)
    lying = bytearray(_adding("forms/big.toml", b"\x00" * 3_000_000))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = bytes(lying).rindex(mark)
        lying[place + offset : place + offset + 4] = struct.pack("<I", 10)
    yield "a file larger than it says", bytes(lying)
    smaller = bytearray(GOOD)
    place = GOOD.rindex(b"PK\x01\x02")
    smaller[place + 24 : place + 28] = struct.pack("<I", 2**31)
    yield "a file smaller than it says", bytes(smaller)
    overlapping = bytearray(GOOD)
    first, last = GOOD.index(b"PK\x01\x02"), GOOD.rindex(b"PK\x01\x02")
    overlapping[last + 42 : last + 46] = GOOD[first + 42 : first + 46]
    yield "two names for the same bytes", bytes(overlapping)


def _manifests() -> Iterator[tuple[str, bytes]]:
    def other(text: bytes) -> bytes:
        return _with(lambda made: made.writestr(_info("manifest.json"), text), leave="manifest.json")

    with zipfile.ZipFile(io.BytesIO(GOOD)) as found:
        good = json.loads(found.read("manifest.json"))
    yield "no manifest", _with(lambda made: None, leave="manifest.json")
    yield "a broken manifest", other(b"{")
    yield "a manifest fifty thousand deep", other(b"[" * 50_000)
    yield "a manifest that is a list", other(b"[]")
    yield "a manifest of tomorrow", other(json.dumps({**good, "format": 99}).encode())
    yield "a manifest without files", other(json.dumps({"format": 1}).encode())
    yield "a forged hash", other(json.dumps({**good, "hash": "0" * 64}).encode())
    yield (
        "a forged file",
        other(json.dumps({**good, "files": {**good["files"], "process.bpmn": "0"}}).encode()),
    )
    yield "a file that is missing", _with(lambda made: None, leave="process.bpmn")
    yield "a number of five thousand digits", other(b'{"format": ' + b"9" * 5000 + b"}")
