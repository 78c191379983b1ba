"""Comparing pages that must be the same but for what changes with every request."""

from __future__ import annotations

import re

_TOKENS = re.compile(r'(?<=name="csrf-token" content=")[^"]+|(?<=name="csrf_token" value=")[^"]+')
_FORM_TOKENS = re.compile(r'<input[^>]*name="(?:csrf_token|submission_token)"[^>]*>')


def without_tokens(page: str) -> str:
    """The page without CSRF and submission tokens, which carry the second they were made in."""
    return _FORM_TOKENS.sub("", _TOKENS.sub("", page))
