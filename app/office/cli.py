"""`flask` commands of the office."""

from __future__ import annotations

import click

from app.office import backup, init, restore

COMMANDS: tuple[click.Command, ...] = (*init.COMMANDS, *backup.COMMANDS, *restore.COMMANDS)
