"""Personal values: encrypted at rest, equal through a keyed index, erasable although the record is not.

Ciphertext is SM4-GCM under the installation's `personal` key (design.md 3). The record holds only a salted
commitment; erasing the row erases the salt, so that the commitment says nothing any more.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, BigId, UtcDateTime
from app.core.keys import Keyring, sm3

KEY_ID = "p1"


class PersonalValue(Base):
    """One personal value of a case: `field` is the form key that asked for it."""

    __tablename__ = "personal_values"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId)
    field: Mapped[str] = mapped_column(sa.String(40))
    key_id: Mapped[str] = mapped_column(sa.String(10))
    sealed: Mapped[bytes | None]
    equality: Mapped[str] = mapped_column(sa.String(64), index=True)
    salt: Mapped[str | None] = mapped_column(sa.String(32))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (sa.UniqueConstraint("case_id", "field"),)


def seal(keys: Keyring, text: str) -> bytes:
    """Encrypt: 12 bytes nonce, ciphertext, 16 bytes tag."""
    nonce = secrets.token_bytes(12)
    encryptor = Cipher(SM4(keys.personal[:16]), GCM(nonce)).encryptor()
    return nonce + encryptor.update(text.encode()) + encryptor.finalize() + encryptor.tag


def unseal(keys: Keyring, sealed: bytes) -> str:
    """Decrypt what `seal` made; raises `cryptography.exceptions.InvalidTag` when it was altered."""
    nonce, body, tag = sealed[:12], sealed[12:-16], sealed[-16:]
    decryptor = Cipher(SM4(keys.personal[:16]), GCM(nonce, tag)).decryptor()
    return (decryptor.update(body) + decryptor.finalize()).decode()


def equality(keys: Keyring, field: str, text: str) -> str:
    """Keyed index: equal values of one field have equal indexes; without the key it tells nothing."""
    return hmac.new(keys.index, f"{field}\0{text}".encode(), "sm3").hexdigest()


def commitment(salt: str, text: str) -> str:
    """What the record may hold of a personal value."""
    return sm3(f"{salt}\0{text}".encode())


def _keeping(dialect: Any) -> Any:
    insert = dialect.insert(PersonalValue.__table__)
    fresh = {name: insert.excluded[name] for name in ("key_id", "sealed", "equality", "salt", "erased_at")}
    return insert.on_conflict_do_update(index_elements=["case_id", "field"], set_=fresh)


_keep = {"sqlite": _keeping(sqlite), "postgresql": _keeping(postgresql)}


def keep(session: Session, keys: Keyring, case_id: int, values: dict[str, str]) -> dict[str, str]:
    """Store or replace a case's personal values in one statement; returns field -> commitment for the record."""
    rows: list[dict[str, Any]] = [
        {
            "case_id": case_id,
            "field": field,
            "key_id": KEY_ID,
            "sealed": seal(keys, text),
            "equality": equality(keys, field, text),
            "salt": secrets.token_hex(16),
            "erased_at": None,
        }
        for field, text in values.items()
    ]
    if rows:
        session.execute(_keep[session.get_bind().dialect.name], rows)
    return {row["field"]: commitment(row["salt"], values[row["field"]]) for row in rows}


def read(session: Session, keys: Keyring, case_id: int) -> dict[str, str]:
    """The personal values of a case in clear; whoever shows them records it."""
    rows = session.scalars(sa.select(PersonalValue).where(PersonalValue.case_id == case_id))
    return {row.field: unseal(keys, row.sealed) for row in rows if row.sealed is not None}


def mask(text: str) -> str:
    """For the screen: the first three and last two characters of a longer value, else stars."""
    return f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}" if len(text) >= 8 else "*" * len(text)
