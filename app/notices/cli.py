"""`flask notices deliver`: one round by hand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.notices import delivery

notices = AppGroup("notices", help="通知：邮件提醒。")


@notices.command("deliver")
def deliver() -> None:
    """发送一轮到时的邮件、消息网关提醒。"""
    if not delivery.channels():
        click.echo("没有设置邮件服务器（GONGKAI_SMTP），也没有启用消息网关，只在系统内通知。")
        return
    try:
        done = delivery.deliver()
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"送出 {done.sent} 条，稍后再发 {done.later} 条，未能送出 {done.failed} 条。")


COMMANDS: tuple[click.Command, ...] = (notices,)
