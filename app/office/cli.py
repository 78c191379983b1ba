"""`flask` commands of the office."""

from __future__ import annotations

import click

from app.office.backup import backup
from app.office.demo import demo
from app.office.init import office
from app.office.restore import restore

COMMANDS: tuple[click.Command, ...] = (office, backup, restore, demo)
