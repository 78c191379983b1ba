"""Submission tokens: a form carries one, so that sending it twice acts once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping


def fresh_token() -> str:
    """A new token for a form."""
    return str(uuid.uuid4())


def token_of(form: Mapping[str, str]) -> str | None:
    """The token a form carried (`ui.form` writes `submission_token`); anything that is none counts as none."""
    try:
        return str(uuid.UUID(form.get("submission_token") or form.get("token", "")))
    except ValueError:
        return None
