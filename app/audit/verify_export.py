"""Verify an exported record without the system that wrote it: one file, nothing but Python's own library.

    python verify_export.py records.jsonl [--key record.key] [--json]

Without the key: the manifest's digest, the order of every stream, the Merkle root of every seal. With the key of
the record (hex, as in keys/record.key) also the mac of every row, seal and of the manifest. Exit code 0 clean,
1 tampered, 2 could not check.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

CHAINED = ["stream", "stream_id", "seq", "at", "actor_id", "actor_name", "capacity", "origin"]
CHAINED += ["action", "summary", "body", "result", "prev"]
SEAL_FIELDS = ["id", "at", "first_id", "last_id", "count", "root", "spans", "leaves", "heads", "prev"]
NAMES = {"case": "办件", "organ": "机关", "system": "系统"}
LONGEST = 8 * 1024 * 1024


class CannotCheck(Exception):
    """The file cannot be checked at all."""


def sm3(data: bytes) -> bytes:
    """SM3 digest."""
    return hashlib.new("sm3", data).digest()


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no blanks: the form everything is digested in."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Check:
    """One pass over the lines; `problems` are Chinese sentences."""

    def __init__(self, key: bytes | None) -> None:
        self.key = key
        self.problems: list[str] = []
        self.counts = {"record": 0, "seal": 0, "leaf": 0, "unreadable": 0}
        self.tails: dict[tuple[Any, Any], tuple[int, str]] = {}
        self.leaves: dict[int, dict[int, bytes]] = {}
        self.seals: list[dict[str, Any]] = []

    def mac(self, message: bytes) -> str:
        """HMAC-SM3 under the key, hex."""
        return hmac.new(self.key or b"", message, "sm3").hexdigest()

    def line(self, value: Any) -> None:
        """Take one line."""
        kind = value.get("t") if isinstance(value, dict) else None
        if kind not in self.counts:
            self.problems.append("有一行不是导出件的内容")
            return
        self.counts[kind] += 1
        try:
            getattr(self, f"take_{kind}")(value)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.problems.append(f"有一行内容不完整：{str(value)[:80]}")

    def take_record(self, row: dict[str, Any]) -> None:
        """A record: its mac, its place in the chain, its leaf."""
        where = f"{NAMES.get(row['stream'], row['stream'])} {row['stream_id']} 第 {row['seq']} 条"
        where += f"（记录编号 {row['id']}）"
        datetime.fromisoformat(row["at"])
        message = canonical([row[name] for name in CHAINED])
        if self.key is not None and self.mac(message) != row["mac"]:
            self.problems.append(f"{where}：校验码不符，内容被改动")
        stream = (row["stream"], row["stream_id"])
        seq, mac = self.tails.get(stream, (row["seq"] - 1, row["prev"]))
        if row["seq"] != seq + 1:
            self.problems.append(f"{where}：前面缺少记录（上一条是第 {seq} 条）")
        elif row["prev"] != mac:
            self.problems.append(f"{where}：与前一条不衔接")
        self.tails[stream] = (row["seq"], row["mac"])
        leaf = sm3(b"\x00" + canonical([row["id"], message.decode(), row["mac"]]))
        if row["sealed_in"] is not None:
            self._leaf(row["sealed_in"], row["id"], leaf)

    def take_unreadable(self, row: dict[str, Any]) -> None:
        """A row that the database holds in a form nobody wrote."""
        self.problems.append(f"记录编号 {row['id']}：内容不是系统写入的形式")

    def take_leaf(self, row: dict[str, Any]) -> None:
        """The leaf of a row outside the period."""
        self._leaf(row["seal"], row["id"], bytes.fromhex(row["leaf"]))

    def take_seal(self, row: dict[str, Any]) -> None:
        """A seal: its mac; its rows are checked at the end."""
        message = b"gongkai seal\x00" + canonical([row[name] for name in SEAL_FIELDS])
        if self.key is not None and self.mac(message) != row["mac"]:
            self.problems.append(f"封存第 {row['id']} 号：校验码不符")
        if self.seals and row["id"] == self.seals[-1]["id"] + 1 and row["prev"] != self.seals[-1]["mac"]:
            self.problems.append(f"封存第 {row['id']} 号：与前一号不衔接")
        self.seals.append({name: row[name] for name in ("id", "count", "root", "mac")})

    def _leaf(self, seal: int, record: int, leaf: bytes) -> None:
        leaves = self.leaves.setdefault(seal, {})
        if record in leaves:
            self.problems.append(f"记录编号 {record}：出现两次")
        leaves[record] = leaf

    def finish(self) -> None:
        """Hold every seal against the leaves of its rows."""
        known = set()
        for seal in self.seals:
            known.add(seal["id"])
            leaves = [leaf for _, leaf in sorted(self.leaves.get(seal["id"], {}).items())]
            if len(leaves) != seal["count"]:
                self.problems.append(
                    f"封存第 {seal['id']} 号：应有 {seal['count']} 条，现有 {len(leaves)} 条"
                )
            elif root(leaves) != seal["root"]:
                self.problems.append(f"封存第 {seal['id']} 号：所封记录被改动")
        self.problems += [f"缺少封存第 {number} 号" for number in sorted(set(self.leaves) - known)]


def root(leaves: list[bytes]) -> str:
    """The ordered Merkle root: 0x01 before a pair; the left side of a split is the largest power of two."""
    if len(leaves) == 1:
        return leaves[0].hex()
    if not leaves:
        return sm3(b"").hex()
    level = list(leaves)
    edge: list[bytes] = []
    while len(level) > 1:
        if len(level) % 2:
            edge.append(level.pop())
        level = [sm3(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level), 2)]
    edge.append(level[0])
    node = edge[0]
    for left in edge[1:]:
        node = sm3(b"\x01" + left + node)
    return node.hex()


def read_lines(path: Path, digest: Any) -> Iterator[Any]:
    """Every line as JSON, None for a line that is none."""
    with path.open("rb") as file:
        while line := file.readline(LONGEST):
            digest.update(line)
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield None


def check_manifest(check: Check, path: Path, digest: str, lines: int) -> None:
    """Hold the file against its manifest."""
    try:
        paper = json.loads(path.read_bytes())
        found = (paper["sm3"], paper["lines"], paper["records"], paper["seals"])
    except FileNotFoundError as error:
        raise CannotCheck(f"找不到清单 {path.name}") from error
    except (ValueError, TypeError, KeyError):
        check.problems.append("清单内容不完整")
        return
    if found != (digest, lines, check.counts["record"] + check.counts["unreadable"], check.counts["seal"]):
        check.problems.append("文件与清单不符")
    mac = paper.pop("mac", "")
    if check.key is not None and check.mac(b"gongkai export\x00" + canonical(paper)) != mac:
        check.problems.append("清单的校验码不符")


def verify(path: Path, key: bytes | None = None) -> Check:
    """Verify a file with its manifest beside it; raises `CannotCheck`."""
    try:
        digest = hashlib.new("sm3")
    except ValueError as error:
        raise CannotCheck("本机 Python 不支持国密 SM3") from error
    check, lines = Check(key), 0
    try:
        for value in read_lines(path, digest):
            lines += 1
            check.line(value)
        check.finish()
        check_manifest(check, path.with_name(path.name + ".manifest.json"), digest.hexdigest(), lines)
    except OSError as error:
        raise CannotCheck(f"文件无法读取：{error.strerror}") from error
    return check


def read_key(path: Path) -> bytes:
    """The key of the record from its hex file; raises `CannotCheck`."""
    try:
        return bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise CannotCheck("密钥文件无法读取") from error


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="核对导出的审计记录")
    parser.add_argument("file", type=Path, help="records.jsonl")
    parser.add_argument("--key", type=Path, help="记录密钥文件")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    options = parser.parse_args(arguments)
    try:
        check = verify(options.file, read_key(options.key) if options.key else None)
    except CannotCheck as error:
        print(
            json.dumps({"outcome": "unchecked", "why": str(error)}) if options.json else f"未能核对：{error}"
        )
        return 2
    outcome = "tampered" if check.problems else "clean"
    if options.json:
        result = {"outcome": outcome, "counts": check.counts, "problems": check.problems}
        print(json.dumps(result, ensure_ascii=False))
    else:
        print(f"记录 {check.counts['record']} 条，封存 {check.counts['seal']} 个。")
        print("\n".join(check.problems) if check.problems else "未发现问题。")
        if check.key is None:
            print("没有提供密钥：只核对了次序和封存，没有核对每条记录的校验码。")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main())
