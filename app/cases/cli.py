"""`flask cases`."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import with_appcontext

from app.cases import rebuilding
from app.core.db import db


@click.group()
def cases() -> None:
    """办件：重建与核对。"""


@cases.command("rebuild")
@click.option("--check", is_flag=True, help="只核对，不改动：逐件由流转行重建，报告与现状的差别")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@with_appcontext
def rebuild(check: bool, as_json: bool) -> None:
    """由流转行重建每个在办办件的引擎状态。"""
    report = rebuilding.check_all(db.session())
    if not check:
        report = rebuilding.mend_all(report)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        click.echo(report.text())
    sys.exit(0 if report.ok else 1)
