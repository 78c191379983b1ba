"""`flask bpmn`: install, check and test packages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.core.actor import SYSTEM
from app.processes import checking, scenarios, service
from app.processes.packages import Package, read_package


def house() -> Path:
    """The folder that holds `bpmn/` and `forms/`."""
    return Path(__file__).parents[2]


def shipped() -> list[Package]:
    """The packages of this release."""
    root = house()
    folders = sorted(path.parent for path in (root / "bpmn").glob("*/package.toml"))
    return [read_package(folder, root / "forms" / folder.name) for folder in folders]


@click.group()
def bpmn() -> None:
    """流程包：安装、检查、试跑。"""


@bpmn.command("install")
@with_appcontext
def install() -> None:
    """安装随系统发布的流程包（可反复执行）。"""
    for line in service.install(SYSTEM, packages=shipped()):
        click.echo(line)


@bpmn.command("check")
@click.argument("keys", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@with_appcontext
def check(keys: tuple[str, ...], as_json: bool) -> None:
    """检查流程包，列出每一处问题和改法。"""
    packages = {package.key: package for package in shipped()}
    bad = False
    for key in keys or tuple(packages):
        package = packages[key]
        called = scenarios.called_by(package, house() / "bpmn", house() / "forms")
        findings = checking.check_package(package, called)
        bad = bad or any(f.severity == "error" for f in findings)
        if as_json:
            rows = [
                {"element": f.element, "rule": f.rule, "severity": f.severity, "message": f.message}
                for f in findings
            ]
            ok = not any(f.severity == "error" for f in findings)
            click.echo(json.dumps({"file": key, "ok": ok, "findings": rows}, ensure_ascii=False))
            continue
        click.echo(f"{package.meta.name}：{'没有问题' if not findings else f'{len(findings)} 项'}")
        for finding in findings:
            click.echo(f"  [{finding.rule}] {finding.element}：{finding.message} {finding.mend}")
    sys.exit(1 if bad else 0)


@bpmn.command("test")
@click.argument("keys", nargs=-1)
@with_appcontext
def test(keys: tuple[str, ...]) -> None:
    """试跑流程包自带的情形，报告走过的流线比例。"""
    root = house()
    folders = sorted(path.parent for path in (root / "bpmn").glob("*/package.toml"))
    good = True
    for report in scenarios.run_all(folders):
        if keys and report.process not in keys:
            continue
        good = good and report.ok
        click.echo(report.text())
    sys.exit(0 if good else 1)
