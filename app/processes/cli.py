"""`flask bpmn`: install, check, import and test packages."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.core.actor import SYSTEM
from app.processes import guarded, scenarios, service
from app.processes.given import Given, given
from app.processes.packages import Package, read_package
from workflows.engine import Finding
from workflows.engine.foreign import Repair


def house() -> Path:
    """The folder that holds `bpmn/` and `forms/`."""
    return Path(__file__).parents[2]


def shipped() -> list[Package]:
    """The packages of this release."""
    root = house()
    return [read_package(folder, root / "forms" / folder.name) for folder in _folders()]


def _folders() -> list[Path]:
    return sorted(path.parent for path in (house() / "bpmn").glob("*/package.toml"))


@click.group()
def bpmn() -> None:
    """流程包：安装、检查、导入、试跑。"""


@bpmn.command("install")
@with_appcontext
def install() -> None:
    """安装随系统发布的流程包（可反复执行）。"""
    for line in service.install(SYSTEM, packages=shipped()):
        click.echo(line)


@bpmn.command("check")
@click.argument("files", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="每个文件输出一行 JSON")
@with_appcontext
def check(files: tuple[str, ...], as_json: bool) -> None:
    """检查流程包，列出每一处问题和改法。

    FILES：流程图（.bpmn）、流程包文件夹、导出的压缩包（.zip），或者随系统发布的流程编号；不写检查随系统发布的全部。
    有要改正的，退出码为 1。
    """
    good = [_told(each, None, as_json) for each in _given(files)]
    sys.exit(0 if all(good) else 1)


@bpmn.command("import")
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="每个文件输出一行 JSON")
@click.option("--key", default="", help="导入后的流程编号；不写沿用文件里的")
@click.option("--process", default="", help="文件里有几个流程时，导入哪一个（流程的 id）")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="把改好的流程图写到这个文件夹")
@with_appcontext
def import_(files: tuple[str, ...], as_json: bool, key: str, process: str, out: Path | None) -> None:
    """试导入其他软件画的流程图：说明改动了什么、还要改什么。不写 --out 时只看，不写文件。"""
    good = True
    for each in _given(files):
        repairs = each.repair(key, process)
        good = _told(each, repairs, as_json) and good
        if out is not None and not each.problems and each.diagram:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{Path(each.word).stem}.bpmn").write_bytes(each.diagram)
    sys.exit(0 if good else 1)


def _given(words: Sequence[str]) -> list[Given]:
    packages = {package.key: package for package in shipped()}
    return [given(word, packages) for word in words or tuple(packages)]


def _told(found: Given, repairs: tuple[Repair, ...] | None, as_json: bool) -> bool:
    """Print what was found, as JSON or for people; whether there is nothing to mend."""
    findings = found.findings()
    ok = not any(each.severity == "error" for each in findings)
    if as_json:
        told = {"file": found.word, "ok": ok, "findings": [_as_json(each) for each in findings]}
        if repairs is not None:
            told["repairs"] = [
                {"element": each.element, "rule": each.rule, "message": each.message} for each in repairs
            ]
        click.echo(json.dumps(told, ensure_ascii=False))
        return ok
    click.echo(f"{found.word}：{'没有问题' if not findings else f'{len(findings)} 项'}")
    for repair in repairs or ():
        click.echo(f"  已改  {repair.element}：{repair.message}")
    for finding in findings:
        click.echo(f"  [{finding.rule}] {finding.element}：{finding.message} {finding.mend}")
    return ok


def _as_json(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in ("element", "rule", "severity", "message", "part")}


@bpmn.command("test")
@click.argument("packages", nargs=-1)
@with_appcontext
def test(packages: tuple[str, ...]) -> None:
    """试跑流程包自带的情形，报告走过的流线比例。

    PACKAGES：流程编号、流程包文件夹或者压缩包；不写试跑随系统发布的全部。
    """
    keys = {folder.name for folder in _folders()}
    good = True
    if not packages or keys & set(packages):
        for report in scenarios.run_all(_folders()):
            if not packages or report.process in packages:
                good = good and report.ok
                click.echo(report.text())
    for each in _given([word for word in packages if word not in keys]) if set(packages) - keys else ():
        report = guarded.report(each.texts, each.scenarios, each.called)
        good = good and report.ok and not each.problems
        click.echo("；".join(each.problems) or report.text())
    sys.exit(0 if good else 1)
