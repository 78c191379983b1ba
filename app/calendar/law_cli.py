"""`flask law deadlines FILE.csv` and `flask law fees FILE.csv`: the law's computations without the office around them."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app.calendar import queries, service, table
from app.core.db import db
from app.core.errors import Refused
from workflows.law import worksheet
from workflows.law.calendar import Calendar, YearTable

law = AppGroup("law", help="期限和费用试算：读 CSV，在标准输出打印同样的表并填好计算列。")


@law.command("deadlines")
@click.argument("file")
def deadlines(file: str) -> None:
    """按本系统的工作日历计算期限；还没有数据库时用随软件附带的放假安排。"""
    days = installed()
    _fill(file, worksheet.DEADLINE_COLUMNS, lambda row: worksheet.deadline(row, days))


@law.command("fees")
@click.argument("file")
def fees(file: str) -> None:
    """计算信息处理费。"""
    _fill(file, worksheet.FEE_COLUMNS, worksheet.fee)


def installed() -> Calendar:
    """The installation's calendar; the years that come with the software where there is no database yet."""
    settings = current_app.extensions["gongkai_settings"]
    path = db.engine.url.database
    if not (settings.sqlite and path and path != ":memory:" and not Path(path).exists()):
        try:
            found = queries.read(db.session())
            if found.years:
                return found
        except SQLAlchemyError:
            db.session.rollback()
    return Calendar(YearTable(year, tuple(days)) for year, days in service.shipped().items())


def _fill(
    file: str, columns: tuple[str, ...], compute: Callable[[Mapping[str, str]], dict[str, str]]
) -> None:
    reader = csv.DictReader(io.StringIO(_read(file), newline=""))
    try:
        rows = [compute(row) for row in reader]
    except csv.Error as error:
        raise click.ClickException(f"第 {reader.line_num} 行读不了，请检查引号和逗号。") from error
    names = [name for name in reader.fieldnames or () if name]
    if not any(name in columns for name in names):
        raise click.ClickException(f"第一行应是列名（{'、'.join(columns[:5])}……），请检查文件。")
    out = io.StringIO(newline="")
    extra = [name for name in names if name not in columns]
    writer = csv.DictWriter(out, [*columns, *extra], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    click.echo(out.getvalue().encode(), nl=False)


def _read(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise click.ClickException(f"打不开文件 {file}，请检查文件名。") from error
    try:
        return table.decode(data)
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
