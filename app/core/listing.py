"""What lists of every room share around their rows: tabs of states, and the way to the next page."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Any, Protocol

from flask import request, url_for


class Page(Protocol):
    """A page of rows: `next_key` is what the next one begins after, None on the last."""

    @property
    def rows(self) -> Sized: ...
    @property
    def next_key(self) -> Any: ...


def tabs(
    endpoint: str,
    words: Mapping[str, str],
    current: str,
    counts: Mapping[str, Any] | None = None,
    **kept: Any,
) -> list[dict[str, Any]]:
    """Tabs of the states `words` names; the first is where the list begins and has no `state` in its address."""
    first = next(iter(words))
    return [
        {
            "label": label,
            "url": url_for(endpoint, **kept, state=key if key != first else None),
            "count": (counts or {}).get(key),
            "current": key == current,
        }
        for key, label in words.items()
    ]


def pager(endpoint: str, page: Page, turned_by: str = "before", **kept: Any) -> dict[str, Any]:
    """For the macro `ui.pager`; `turned_by` is the argument of the address that carries the key of a page."""
    following = url_for(endpoint, **kept, **{turned_by: page.next_key}) if page.next_key else None
    return {
        "shown": len(page.rows),
        "first_url": url_for(endpoint, **kept) if request.args.get(turned_by) else None,
        "next_url": following,
    }
