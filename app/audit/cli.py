"""`flask audit …`: seal, verify, export. Exit codes of verify: 0 clean, 1 tampered, 2 could not check."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.accounts.directory import directory
from app.audit import export as exporting
from app.audit import rows, sealing, service
from app.audit.sealfile import SealFileBroken
from app.core.actor import SYSTEM
from app.core.command import keyring
from app.core.db import db, dumps
from app.core.now import today, wall

audit = AppGroup("audit", help="审计记录：封存、核对、导出。")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@audit.command("seal")
def seal() -> None:
    """封存还没有封存的记录，并续写封存文件。"""
    try:
        count, written = sealing.seal_all(sealing.settings_now())
    except (SealFileBroken, OSError) as error:
        raise click.ClickException(f"封存文件未能续写：{error}") from error
    click.echo(f"封存 {count} 条记录，写入封存文件 {written} 行。")


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.option("--trusted", type=click.Path(path_type=Path), help="与安全审计员自己留存的封存文件对照。")
@click.pass_context
def verify(context: click.Context, as_json: bool, trusted: Path | None) -> None:
    """核对全部记录。退出码：0 未发现问题，1 发现问题，2 未能核对。"""
    report = service.check_now(trusted)
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
        context.exit(report.code)
    if report.demo:
        click.echo("演示：封存文件与系统在同一账号下，不能证明系统自身没有改写。")
    if report.unchecked:
        click.echo(report.unchecked)
    click.echo(
        f"记录 {report.rows} 条、流 {report.streams} 个、封存 {report.seals} 个；未封存 {report.unsealed} 条。"
    )
    for finding in report.findings:
        click.echo(finding.text)
    more = report.problems - len(report.findings)
    if more > 0:
        click.echo(f"另有 {more} 处没有列出。")
    click.echo(("未发现问题。", f"发现 {report.problems} 处问题。", "未能完成核对。")[report.code])
    context.exit(report.code)


@audit.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "begins", type=DAY, help="起始日期，如 2026-11-01（默认最早）。")
@click.option("--to", "ends", type=DAY, help="截止日期（含当天，默认今天）。")
def export(file: Path, begins: datetime | None, ends: datetime | None) -> None:
    """导出一段时间的记录（JSON 行）和清单，可用 verify_export.py 离线核对。"""
    first = begins.date() if begins else date(2000, 1, 1)
    last = ends.date() if ends else today()
    with rows.snapshot(db.engine) as connection, file.open("wb") as out:
        found = exporting.span(connection, first, last)
        if found is None:
            raise click.ClickException("这段时间没有记录。请改用别的日期。")
        written = exporting.write(connection, *found, out)
    paper: dict[str, Any] = exporting.manifest(
        written,
        keyring().record,
        begins=first,
        ends=last,
        made_at=wall(),
        made_by="命令行",
        name=directory().name,
    )
    file.with_name(file.name + ".manifest.json").write_text(dumps(paper) + "\n", encoding="utf-8")
    service.note_export(
        SYSTEM, begins=first.isoformat(), ends=last.isoformat(), count=written.records, sm3=paper["sm3"]
    )
    click.echo(f"导出记录 {written.records} 条、封存 {written.seals} 个到 {file.name}。")


COMMANDS: tuple[click.Command, ...] = (audit,)
