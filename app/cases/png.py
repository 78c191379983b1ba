"""A PNG picture read and written anew with nothing but the pixels: no comments, no profiles, no bytes after the end.

Only what a signature needs: 8 bits, grey, colour or palette, with or without transparency, not interlaced, small.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.errors import Refused

HEAD = b"\x89PNG\r\n\x1a\n"
#: bytes of the upload, width and height in pixels
MOST_BYTES, WIDTH, HEIGHT = 300_000, (60, 800), (20, 300)
#: colour type -> samples per pixel
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

BROKEN = "这个文件不是完好的 PNG 图片。请用“画图”等程序另存为 PNG 后再上传。"


@dataclass(frozen=True)
class Picture:
    """A small picture, encoded here. `width`, `height` in pixels."""

    png: bytes
    width: int
    height: int


def clean(data: bytes) -> Picture:
    """The same picture in bytes of our own making. Refused: not a PNG, broken, of a kind that is not taken, too large."""
    if len(data) > MOST_BYTES:
        raise Refused(
            f"签名图样不超过 {MOST_BYTES // 1000} KB。请缩小后再上传。", fields={"file": "文件太大。"}
        )
    try:
        return _clean(data)
    except (struct.error, zlib.error, IndexError, ValueError) as error:
        raise Refused(BROKEN, fields={"file": "不是完好的 PNG。"}) from error


def _clean(data: bytes) -> Picture:
    parts: dict[bytes, bytes] = {}
    for kind, body in _chunks(data):
        parts[kind] = parts.get(kind, b"") + body
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    if depth != 8 or colour not in SAMPLES or interlaced:
        raise Refused("请另存为普通的 PNG（8 位、非隔行）后再上传。", fields={"file": "这种 PNG 不能用。"})
    if not (WIDTH[0] <= width <= WIDTH[1] and HEIGHT[0] <= height <= HEIGHT[1]):
        raise Refused(
            f"签名图样宽 {WIDTH[0]}–{WIDTH[1]} 像素、高 {HEIGHT[0]}–{HEIGHT[1]} 像素，您的是 {width}×{height}。请裁剪后再上传。",
            fields={"file": "尺寸不合。"},
        )
    stride = width * SAMPLES[colour]
    unpacker = zlib.decompressobj()
    raw = unpacker.decompress(parts[b"IDAT"], (stride + 1) * height)
    if len(raw) != (stride + 1) * height:
        raise ValueError("short")
    rows = _unfilter(raw, stride, SAMPLES[colour], height)
    kept = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))]
    if colour == 3:
        palette = parts[b"PLTE"]
        if len(palette) % 3 or max(rows) >= len(palette) // 3:
            raise ValueError("palette")
        kept.append((b"PLTE", palette))
    if colour in (0, 2, 3) and b"tRNS" in parts:
        kept.append((b"tRNS", parts[b"tRNS"][:256]))
    packed = zlib.compress(b"".join(b"\0" + rows[at : at + stride] for at in range(0, len(rows), stride)), 9)
    kept += [(b"IDAT", packed), (b"IEND", b"")]
    return Picture(HEAD + b"".join(_chunk(kind, body) for kind, body in kept), width, height)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(HEAD):
        raise ValueError("head")
    at = len(HEAD)
    while True:
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        if check != zlib.crc32(kind + body):
            raise ValueError("crc")
        yield kind, body
        if kind == b"IEND":
            return
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _unfilter(raw: bytes, stride: int, step: int, height: int) -> bytes:
    """Pixels of the scan lines (PNG specification, 9.2)."""
    above, done = bytearray(stride), bytearray()
    for number in range(height):
        at = number * (stride + 1)
        how, line = raw[at], bytearray(raw[at + 1 : at + 1 + stride])
        if how > 4:
            raise ValueError("filter")
        for place in range(stride) if how else ():
            left = line[place - step] if place >= step else 0
            corner = above[place - step] if place >= step else 0
            guess = (0, left, above[place], (left + above[place]) // 2, 0)[how]
            if how == 4:
                guess = _paeth(left, above[place], corner)
            line[place] = (line[place] + guess) & 255
        done += line
        above = line
    return bytes(done)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    near = min((abs(guess - left), 0, left), (abs(guess - above), 1, above), (abs(guess - corner), 2, corner))
    return near[2]
