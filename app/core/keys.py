"""Keys of an installation: generated once, mode 0600, one file each, never in the database.

`secret`   signs cookies
`record`   keys the HMAC-SM3 of the record
`personal` encrypts personal values (SM4-GCM); `index` keys their equality index
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

NAMES = ("secret", "record", "personal", "index")


class KeysMissing(RuntimeError):
    """Production refuses to start without its keys."""


class Sm3Missing(RuntimeError):
    """This Python's OpenSSL has no SM3; the record cannot be kept."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys, 32 bytes each."""

    secret: bytes
    record: bytes
    personal: bytes
    index: bytes

    def record_mac(self, message: bytes) -> str:
        """HMAC-SM3 of `message` under the record key, hex."""
        return hmac.new(self.record, message, "sm3").hexdigest()


def require_sm3() -> None:
    """Refuse to go on without SM3 (security.md 3)."""
    try:
        hashlib.new("sm3", b"")
    except ValueError as error:
        raise Sm3Missing(
            "本机 Python 的 OpenSSL 不支持国密 SM3，无法保管办理记录。请换用 OpenSSL 3 以上编译的 Python。"
        ) from error


def sm3(data: bytes) -> str:
    """SM3 digest, hex: the content hash of files and definitions."""
    return hashlib.new("sm3", data).hexdigest()


def generate(folder: Path) -> None:
    """Write the keys that are missing; existing ones are never touched."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in NAMES:
        path = folder / f"{name}.key"
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_hex(32).encode())


def load(folder: Path, *, create: bool) -> Keyring:
    """The keyring in `folder`; `create=False` (production) raises `KeysMissing` instead of making keys."""
    require_sm3()
    if create:
        generate(folder)
    values = {}
    for name in NAMES:
        path = folder / f"{name}.key"
        try:
            value = bytes.fromhex(path.read_text().strip())
        except (OSError, ValueError) as error:
            raise KeysMissing(
                f"缺少密钥文件 {path.name}，或其内容损坏。请先运行 flask office init 生成，或从备份恢复 keys 文件夹。"
            ) from error
        if len(value) < 32 or len(set(value)) < 8:
            raise KeysMissing(f"密钥文件 {path.name} 过短或过于简单，系统拒绝启动。请重新生成。")
        values[name] = value
    return Keyring(**values)
