"""How a room presents itself to the application."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import click
from flask import Blueprint

from app.core.access import Table


@dataclass(frozen=True)
class NavItem:
    """An entry of the left menu, shown to whoever may GET `endpoint`.

    `count` is called with the actor and gives a number or None; it must be bounded (999+).
    """

    group: str
    label: str
    endpoint: str
    icon: str = ""
    order: int = 50
    count: Callable[..., int | None] | None = None


@dataclass(frozen=True)
class Room:
    """A room: its pages, who may enter them, its menu entries and its `flask` commands."""

    name: str
    blueprint: Blueprint | None = None
    access: Table = field(default_factory=dict)
    nav: Sequence[NavItem] = ()
    cli: Sequence[click.Command] = ()
