"""The left menu: what a person may enter, in order, with the counts the rooms give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app, request, url_for

from app.core import access
from app.core.actor import Actor
from app.core.pages import app_table
from app.core.rooms import NavItem


def _mine(person: Actor) -> Iterator[NavItem]:
    """The entries this person may GET, in order."""
    table = app_table()
    for item in current_app.extensions["gongkai_nav"]:
        if access.may_enter(table[item.endpoint]["GET"], person):
            yield item


def menu(person: Actor) -> list[dict[str, Any]]:
    """Groups of entries: [{label, items: [{label, url, endpoint, icon, count, current}]}]."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in _mine(person):
        entry = {
            "label": item.label,
            "url": url_for(item.endpoint),
            "endpoint": item.endpoint,
            "icon": item.icon,
            "count": item.count(person) if item.count else None,
            "current": request.endpoint == item.endpoint,
        }
        groups.setdefault(item.group, []).append(entry)
    return [{"label": label, "items": entries} for label, entries in groups.items()]


def counts(person: Actor) -> dict[str, int]:
    """endpoint -> count, of the entries that count; one bounded statement each."""
    return {item.endpoint: item.count(person) or 0 for item in _mine(person) if item.count}
