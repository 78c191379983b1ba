"""`flask calendar seed`: the years that come with the software; `flask law …` (law_cli)."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.calendar import service
from app.calendar.law_cli import law
from app.core.actor import SYSTEM
from app.core.command import command

calendar = AppGroup("calendar", help="工作日历：装入随软件附带的放假安排。")
_seed = command(service.seed)


@calendar.command("seed")
def seed() -> None:
    """装入随软件附带、本系统还没有的年度。"""
    years = _seed(SYSTEM)
    click.echo(f"已装入：{'、'.join(map(str, years))}。" if years else "随软件附带的年度都已在系统里。")


COMMANDS: tuple[click.Command, ...] = (calendar, law)
