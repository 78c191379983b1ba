"""Query codes of the public site: 16 base32 characters, made again from the key when a receipt is printed.

The database holds a digest only, so that whoever reads it cannot follow other people's requests (security.md 8).
"""

from __future__ import annotations

import base64
import hmac

from app.core.keys import Keyring, sm3


def query_code(keys: Keyring, case_id: int) -> str:
    """「AB2C-DEFG-HJ3K-LMNP」: 80 bits."""
    raw = hmac.new(keys.index, f"query\0{case_id}".encode(), "sm3").digest()[:10]
    text = base64.b32encode(raw).decode()
    return "-".join(text[i : i + 4] for i in range(0, 16, 4))


def digest(code: str) -> str:
    """What is stored of a code; blanks, hyphens and case do not count."""
    return sm3("".join(c for c in code.upper() if c.isalnum()).encode())
