"""Versions that arrive with the sign-in query, so that what is cached by them costs the hot path no statement.

A room registers a scalar SELECT of its version number; `accounts` adds all of them to the one statement that finds
a sign-in and puts the answers on `g`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context

RIDERS: dict[str, sa.ScalarSelect[Any]] = {}


def ride(name: str, select: sa.Select[Any]) -> None:
    """Let a version ride with the sign-in query."""
    RIDERS[name] = select.scalar_subquery()


def arrived(found: Mapping[str, Any]) -> None:
    """Keep what the sign-in query brought."""
    g.gongkai_versions = dict(found)


def known(name: str) -> int | None:
    """The version as this request began; None when nothing brought it. An absent row counts as 0."""
    versions: dict[str, Any] | None = g.get("gongkai_versions") if has_request_context() else None
    return None if versions is None or name not in versions else int(versions[name] or 0)
