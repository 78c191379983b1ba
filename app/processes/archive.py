"""One package as one file: a zip with a manifest, to carry a process from one office to another.

Written the same byte for byte whenever the content is the same. What is read is bounded before anything is unpacked
(number of files, bytes, how far they swell), and only files of a package are taken, by their exact names: no folders
above, no links, nothing encrypted, no archive in the archive, nothing twice. The manifest names every file with its
SM3 digest, and the content hash that versions go by.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from app.processes.packages import MAX_BYTES, MAX_FILES, PackageRefused, content_hash

FORMAT = 1
MANIFEST = "manifest.json"
MAX_ARCHIVE = 4_000_000  # bytes as uploaded
MAX_TEXT = 3 * MAX_BYTES  # bytes of UTF-8: a Chinese character takes three
MAX_RATIO = 200  # how far a file may swell; a table of a thousand like rows reaches about 60
_NOT_ZIP = "这不是完好的 zip 压缩包，请重新导出后再上传"
_MADE = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is written
_FOLDERS = {"forms/", "scenarios/"}
_NAME = re.compile(
    r"(process\.bpmn|package\.toml|[a-z0-9_]{1,60}\.dmn|(forms|scenarios)/[a-z0-9_]{1,60}\.toml)\Z"
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


def write(texts: Mapping[str, str], scenarios: Mapping[str, str]) -> bytes:
    """The archive of a package; `texts` and `scenarios` are by path, as in `packages.Package`."""
    files = {name: text.encode() for name, text in sorted({**texts, **scenarios}.items())}
    manifest = {
        "format": FORMAT,
        "hash": content_hash(texts),
        "files": {name: _digest(data) for name, data in files.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _add(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        for name, data in files.items():
            _add(archive, name, data)
    return packed.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _MADE)
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    archive.writestr(info, data)


def _digest(data: bytes) -> str:
    return hashlib.new("sm3", data).hexdigest()


def read(data: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """(texts, scenarios) of an archive. Raises PackageRefused with sentences, and nothing else, when it is not one."""
    if len(data) > MAX_ARCHIVE:
        raise PackageRefused([f"压缩包过大，最大 {MAX_ARCHIVE // 1_000_000} MB，请只放流程包的文件"])
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise PackageRefused([_NOT_ZIP])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _entries(archive)
            files = {name: _unpacked(archive, info) for name, info in entries.items()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        NotImplementedError,
        OSError,
        struct.error,
        LookupError,
    ) as error:
        raise PackageRefused([_NOT_ZIP]) from error
    return _split(files)


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAX_FILES + 1 + len(_FOLDERS):
        raise PackageRefused([f"压缩包里有 {len(infos)} 个文件，最多 {MAX_FILES} 个，请只放流程包的文件"])
    problems = [problem for info in infos for problem in _problems(info)]
    names = [info.filename for info in infos]
    problems += [
        f"压缩包里“{name[:60]}”出现了不止一次，请只留一个"
        for name in sorted({*names})
        if names.count(name) > 1
    ]
    if sum(info.file_size for info in infos) > MAX_TEXT:
        problems.append(f"压缩包解开后超过 {MAX_TEXT // 1_000_000} MB，请只放流程包的文件")
    if MANIFEST not in names:
        problems.append(f"压缩包里没有清单 {MANIFEST}，请用“导出”得到的压缩包")
    if problems:
        raise PackageRefused(problems)
    return {info.filename: info for info in infos if info.filename not in _FOLDERS}


def _problems(info: zipfile.ZipInfo) -> Iterator[str]:
    """Why one entry is refused."""
    shown = "".join(each if each.isprintable() else "?" for each in info.filename[:60])
    if info.filename in _FOLDERS:
        if info.file_size:
            yield f"压缩包里的“{shown}”不是文件夹，请重新导出"
        return
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        yield f"压缩包里的“{shown}”是链接或者特殊文件，不予接受，请删去"
    elif info.filename != MANIFEST and not _NAME.match(info.filename):
        yield f"压缩包里的“{shown}”不是流程包的文件，请删去；不能有文件夹外的路径或者别的压缩包"
    if info.flag_bits & _ENCRYPTED:
        yield f"压缩包里的“{shown}”加了密，请不加密码重新打包"
    elif info.compress_type not in _METHODS:
        yield f"压缩包里的“{shown}”用了少见的压缩方法，请用普通 zip 重新打包"
    if info.file_size > MAX_RATIO * max(info.compress_size, 1) + 1000:
        yield f"压缩包里的“{shown}”解开后异常地大，不予接受"


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one entry: exactly as many as it says, whatever comes out of the decompressor."""
    with archive.open(info) as file:
        data = file.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise zipfile.BadZipFile(info.filename)
    return data


def _split(files: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    manifest = _manifest(files[MANIFEST])
    found = {name: data for name, data in files.items() if name != MANIFEST}
    if manifest.get("files") != {name: _digest(data) for name, data in found.items()}:
        raise PackageRefused(["压缩包里的文件与清单不符，可能缺了文件或者被改动过，请重新导出后再上传"])
    try:
        texts = {name: data.decode() for name, data in sorted(found.items())}
    except UnicodeDecodeError as error:
        raise PackageRefused(["压缩包里有文件不是 UTF-8 文本，请重新导出后再上传"]) from error
    scenarios = {name: texts.pop(name) for name in list(texts) if name.startswith("scenarios/")}
    if manifest.get("hash") != content_hash(texts):
        raise PackageRefused(["压缩包的内容与清单上的指纹不符，可能被改动过，请重新导出后再上传"])
    return texts, scenarios


def _manifest(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PackageRefused(["压缩包的清单读不出来，请重新导出后再上传"]) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise PackageRefused(["压缩包的格式版本不认识，请用相同或者更新版本的系统打开"])
    return found
