"""What a file really is: extension, content and structure must agree, and nothing in it may run.

Every refusal is a `Refused` whose sentence says what to do. Office files are looked into: macros, executables
inside, paths that climb out, and archives that swell beyond reason are refused (security.md 7).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import filetype

from app.core.errors import Refused

HEAD = 8192
#: bounds of a zipped office file: entries, bytes when unpacked, growth of a single large entry
MAX_ENTRIES = 10_000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_GROWTH = 200

OOXML = "application/vnd.openxmlformats-officedocument."
ALLOWED = "PDF、DOC、DOCX、XLS、XLSX、WPS、ET、OFD、TXT、PNG、JPG、TIF"


@dataclass(frozen=True)
class Kind:
    """A type that may be stored: its media type and the check of its content."""

    media_type: str
    check: Callable[[BinaryIO, bytes, str], None]


def media_type(name: str, file: BinaryIO, also: frozenset[str] = frozenset()) -> str:
    """The media type of `file` (seekable, at any position), or `Refused` when name and content do not agree."""
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    kind = EXTRA[extension] if extension in also else KINDS.get(extension)
    if kind is None:
        raise Refused(_refusal_of(extension))
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise Refused(f"「{name}」是空文件。请检查原件后重新上传。")
    kind.check(file, head, name)
    return kind.media_type


def _refusal_of(extension: str) -> str:
    if extension in ("zip", "rar", "7z", "gz", "tar"):
        return "不收压缩包：压缩包里的文件无法逐件审查。请解压后逐个上传。"
    if extension in ("docm", "xlsm", "dotm", "xltm", "xlam", "pptm"):
        return "这个文件带宏，不能上传。请另存为不带宏的 DOCX 或 XLSX，或转成 PDF。"
    if extension in (
        "svg",
        "html",
        "htm",
        "xml",
        "js",
        "exe",
        "bat",
        "com",
        "cmd",
        "msi",
        "vbs",
        "ps1",
        "sh",
        "lnk",
    ):
        return f"不收 {extension.upper()} 文件：这类文件可能带有会运行的内容。请转成 PDF 后上传。"
    what = f" {extension.upper()} 文件" if extension else "没有扩展名的文件"
    return f"不收{what}。可以上传的类型：{ALLOWED}。"


def _disagrees(name: str) -> Refused:
    return Refused(f"「{name}」的内容与扩展名不符，可能被改过名。请用原来的软件打开，另存后再上传。")


def _guess(head: bytes) -> str:
    found = filetype.guess(head)
    return found.extension if found else ""


def _pdf(_file: BinaryIO, head: bytes, name: str) -> None:
    if not head.startswith(b"%PDF-"):
        raise _disagrees(name)


def _image(extension: str) -> Callable[[BinaryIO, bytes, str], None]:
    def check(_file: BinaryIO, head: bytes, name: str) -> None:
        if _guess(head) != extension:
            raise _disagrees(name)

    return check


_MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|object|embed|\?xml)", re.IGNORECASE)


def _text(file: BinaryIO, head: bytes, name: str) -> None:
    if b"\0" in head or _guess(head) or head[:2] in (b"MZ", b"#!") or _MARKUP.search(head[:2048]):
        raise _disagrees(name)
    file.seek(0)
    data = file.read()
    if decode(data) is None:
        raise Refused(f"「{name}」不是 UTF-8 或 GBK 编码的文本。请用记事本另存为 UTF-8 后上传。")


def decode(data: bytes) -> str | None:
    """Text of UTF-8 (with or without mark), UTF-16 with mark, or GB18030 bytes; None when none fits."""
    marks = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    codecs = [codec for mark, codec in marks if data.startswith(mark)] or ["utf-8-sig", "gb18030"]
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _ole(*streams: str) -> Callable[[BinaryIO, bytes, str], None]:
    """A compound file that holds one of the streams; its directory names are UTF-16."""

    def check(file: BinaryIO, head: bytes, name: str) -> None:
        if not head.startswith(OLE):
            raise _disagrees(name)
        file.seek(0)
        data = file.read()
        if _utf16("EncryptedPackage") in data:
            raise Refused(f"「{name}」设有打开密码，无法审查。请去掉密码后上传。")
        if _utf16("_VBA_PROJECT") in data:
            raise Refused(f"「{name}」带宏，不能上传。请另存为不带宏的文件，或转成 PDF。")
        if not any(_utf16(stream) in data for stream in streams):
            raise _disagrees(name)

    return check


_RUNS = re.compile(r"\.(exe|dll|js|vbs|bat|cmd|ps1|scr|com|hta|jar|sh|svg|html?)$", re.IGNORECASE)


def _zipped(*members: str) -> Callable[[BinaryIO, bytes, str], None]:
    """A zip that holds every one of the members (a name that ends in `/` stands for the folder)."""

    def check(file: BinaryIO, head: bytes, name: str) -> None:
        if head.startswith(OLE):
            raise Refused(f"「{name}」设有打开密码，或者是旧格式改了扩展名。请去掉密码、另存后上传。")
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            raise _disagrees(name) from None
        _bounded(entries, name)
        names = [entry.filename for entry in entries]
        _inert(names, name)
        for member in members:
            if not any(n == member or (member.endswith("/") and n.startswith(member)) for n in names):
                raise _disagrees(name)

    return check


def _bounded(entries: list[zipfile.ZipInfo], name: str) -> None:
    total = sum(entry.file_size for entry in entries)
    swells = any(
        entry.file_size > 1024 * 1024 and entry.file_size > MAX_GROWTH * max(entry.compress_size, 1)
        for entry in entries
    )
    if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED or swells:
        raise Refused(f"「{name}」展开后异常大，已拒收。请用办公软件打开并另存，或转成 PDF 后上传。")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(f"「{name}」设有密码，无法审查。请去掉密码后上传。")


def _inert(names: list[str], name: str) -> None:
    if len(set(names)) != len(names) or any(_climbs(member) for member in names):
        raise Refused(f"「{name}」内部结构异常，已拒收。请用办公软件打开并另存后上传。")
    if any(PurePosixPath(member).name.lower().startswith("vba") for member in names):
        raise Refused(f"「{name}」带宏，不能上传。请另存为不带宏的文件，或转成 PDF。")
    if any(_RUNS.search(member) for member in names) or any("/activex/" in m.lower() for m in names):
        raise Refused(f"「{name}」里嵌有会运行的内容，不能上传。请删去嵌入的对象，或转成 PDF 后上传。")


def _climbs(member: str) -> bool:
    parts = re.split(r"[\\/]", member)
    return member.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in member


KINDS: dict[str, Kind] = {
    "pdf": Kind("application/pdf", _pdf),
    "doc": Kind("application/msword", _ole("WordDocument")),
    "wps": Kind("application/vnd.ms-works", _ole("WordDocument")),
    "xls": Kind("application/vnd.ms-excel", _ole("Workbook", "Book")),
    "et": Kind("application/vnd.ms-excel", _ole("Workbook", "Book")),
    "docx": Kind(OOXML + "wordprocessingml.document", _zipped("[Content_Types].xml", "word/")),
    "xlsx": Kind(OOXML + "spreadsheetml.sheet", _zipped("[Content_Types].xml", "xl/")),
    "ofd": Kind("application/ofd", _zipped("OFD.xml")),
    "txt": Kind("text/plain", _text),
    "png": Kind("image/png", _image("png")),
    "jpg": Kind("image/jpeg", _image("jpg")),
    "jpeg": Kind("image/jpeg", _image("jpg")),
    "tif": Kind("image/tiff", _image("tif")),
    "tiff": Kind("image/tiff", _image("tif")),
}

#: types only some doors take: a register may be csv, an attachment may not
EXTRA = {"csv": Kind("text/csv", _text)}
