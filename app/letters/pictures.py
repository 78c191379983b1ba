"""A picture (a photograph, a scan) as one page of A4, so that it can be bound with the papers of its case."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import typst

from app.core.errors import Refused

#: pixels of one picture: a scan of A3 at 600 dpi has 70 million
MOST_PIXELS = 80_000_000
_PAGE = '#set page(paper: "a4", margin: 15mm)\n#align(center + horizon, image("{name}", fit: "contain", width: 100%, height: 100%))\n'
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
#: JPEG segments that say how large the picture is (SOF0 … SOF15 without DHT, JPG, DAC)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def page(data: bytes) -> bytes:
    """The PDF of one page with the picture on it, upright and whole. Refused when it is none, damaged or too large."""
    size = pixels(data)
    if size is None:
        raise Refused("图片损坏，读不出来")
    if size > MOST_PIXELS:
        raise Refused(f"图片超过 {MOST_PIXELS // 1_000_000} 百万像素")
    name = "picture.png" if data.startswith(_PNG) else "picture.jpg"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.typ")
        source.write_text(_PAGE.format(name=name), "utf-8")
        Path(folder, name).write_bytes(data)
        try:
            made = typst.compile(source, root=Path(folder), format="pdf")
        except typst.TypstError:
            raise Refused("图片损坏，读不出来") from None
    assert isinstance(made, bytes)
    return made


def pixels(data: bytes) -> int | None:
    """How many pixels a PNG or JPEG says it has; None for anything else. Only its head is read."""
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width * height)
    return _of_jpeg(data) if data.startswith(_JPEG) else None


def _of_jpeg(data: bytes) -> int | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return int(width * height)
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None
