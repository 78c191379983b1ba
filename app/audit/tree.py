"""The pure part of sealing: the exact bytes of rows and seals, leaves, and the ordered Merkle root (SM3).

`verify_export.py` says all of this a second time, on purpose: it is the auditor's own copy.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.core.db import dumps
from app.core.record import CHAINED, ZERO

COLUMNS = ("id", *CHAINED, "mac", "sealed_in")
INTEGERS = ("id", "stream_id", "seq")
OPTIONAL_INTEGERS = ("actor_id", "sealed_in")
TEXTS = tuple(name for name in COLUMNS if name not in (*INTEGERS, *OPTIONAL_INTEGERS, "at"))

SEAL_FIELDS = ("id", "at", "first_id", "last_id", "count", "root", "spans", "leaves", "heads", "prev")
LOCATOR = 8  # bytes of a leaf kept with its seal

_stored = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\Z")
_integer = frozenset((int,))
_optional = frozenset((int, type(None)))


def sm3(data: bytes) -> bytes:
    """SM3 digest, 32 bytes."""
    return hashlib.new("sm3", data).digest()


def mac(key: bytes, message: bytes) -> str:
    """HMAC-SM3, hex; the same as `Keyring.record_mac`."""
    return hmac.new(key, message, "sm3").hexdigest()


def moment(value: Any) -> str | None:
    """A stored moment as the record's mac has it, or None when no writer of ours stored it like that.

    SQLite keeps naive UTC text of one exact form, so that every changed byte shows; PostgreSQL gives moments.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if not isinstance(value, str) or not _stored.match(value):
        return None
    text = f"{value[:10]}T{value[11:]}+00:00"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def bad_field(row: Mapping[str, Any]) -> str | None:
    """The first column whose value no writer of ours could have stored, or None. `row`: raw column values."""
    for name in INTEGERS:
        if type(row[name]) not in _integer:
            return name
    for name in OPTIONAL_INTEGERS:
        if type(row[name]) not in _optional:
            return name
    for name in TEXTS:
        value = row[name]
        if type(value) is not str:
            return name
        try:
            value.encode()
        except UnicodeEncodeError:
            return name
    return "at" if moment(row["at"]) is None else None


def message(row: Mapping[str, Any]) -> bytes:
    """The bytes under a row's mac, from raw values without a `bad_field`; equals `core.record.message`."""
    return dumps([moment(row[name]) if name == "at" else row[name] for name in CHAINED]).encode()


def leaf(row: Mapping[str, Any]) -> bytes:
    """A row's leaf: 0x00, its id, the bytes under its mac, its mac. Rows with a `bad_field` have one too."""
    if bad_field(row) is not None:
        return sm3(b"\x00!" + repr([row[name] for name in COLUMNS[:-1]]).encode("utf-8", "backslashreplace"))
    return sm3(b"\x00" + dumps([row["id"], message(row).decode(), row["mac"]]).encode())


class Tree:
    """An ordered Merkle tree that grows leaf by leaf and keeps only its right edge (RFC 6962's shape)."""

    def __init__(self) -> None:
        self.count = 0
        self._edge: list[tuple[int, bytes]] = []

    def add(self, node: bytes) -> None:
        """Append a leaf's hash."""
        self.count += 1
        level = 0
        while self._edge and self._edge[-1][0] == level:
            node = sm3(b"\x01" + self._edge.pop()[1] + node)
            level += 1
        self._edge.append((level, node))

    def root(self) -> str:
        """The root, hex; of no leaves the digest of nothing."""
        if not self._edge:
            return sm3(b"").hex()
        node = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            node = sm3(b"\x01" + left + node)
        return node.hex()


def seal_of(
    number: int, at: datetime, rows: Sequence[Mapping[str, Any]], prev: str, key: bytes
) -> dict[str, Any]:
    """The seal over `rows` (raw, ascending ids, not empty): a JSON dict, `at` as text."""
    tree, locators = Tree(), b""
    heads: dict[str, tuple[int, str]] = {}
    for row in rows:
        node = leaf(row)
        tree.add(node)
        locators += node[:LOCATOR]
        stream = f"{row['stream']}:{row['stream_id']}"
        known = heads.get(stream)
        if known is None or _number(row["seq"]) > known[0]:
            heads[stream] = (_number(row["seq"]), str(row["mac"])[:32])
    seal: dict[str, Any] = {
        "id": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "first_id": rows[0]["id"],
        "last_id": rows[-1]["id"],
        "count": tree.count,
        "root": tree.root(),
        "spans": spans([row["id"] for row in rows]),
        "leaves": base64.b64encode(locators).decode(),
        "heads": dumps(heads),
        "prev": prev,
    }
    return seal | {"mac": seal_mac(seal, key)}


def seal_mac(seal: Mapping[str, Any], key: bytes) -> str:
    """The mac of a seal, over all its fields; the prefix keeps it apart from the macs of rows."""
    return mac(key, b"gongkai seal\x00" + dumps([seal[name] for name in SEAL_FIELDS]).encode())


def spans(ids: Iterable[int]) -> str:
    """Ascending ids as text: 「1-40,43」."""
    parts: list[list[int]] = []
    for value in ids:
        if parts and parts[-1][1] == value - 1:
            parts[-1][1] = value
        else:
            parts.append([value, value])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def ids_in(text: str, most: int) -> list[int]:
    """The ids that `spans` wrote; raises ValueError for anything else, and for more than `most` of them."""
    ids: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if not low <= high < low + most or len(ids) + high - low >= most:
            raise ValueError("spans")
        ids.extend(range(low, high + 1))
    return ids


def locators(text: str) -> list[bytes]:
    """The leaf beginnings kept with a seal; raises ValueError."""
    data = base64.b64decode(text, validate=True)
    if len(data) % LOCATOR:
        raise ValueError("leaves")
    return [data[i : i + LOCATOR] for i in range(0, len(data), LOCATOR)]


def _number(value: Any) -> int:
    return value if type(value) is int else -1


__all__ = ["CHAINED", "COLUMNS", "ZERO"]
