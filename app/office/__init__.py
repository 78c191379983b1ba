"""The office as a whole: home, help, health, first set-up, demonstration, backup. Stands above every other room."""

from __future__ import annotations

from app.accounts.directory import directory


def is_demo() -> bool:
    """Whether this installation holds demonstration data (printed on every page)."""
    return directory().kind == "demo"


from app.office.views import room  # noqa: E402 - the view functions above need `is_demo`

__all__ = ["is_demo", "room"]
