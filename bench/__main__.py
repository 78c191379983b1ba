"""The command: measure, print one JSON document, tell in Chinese on stderr; exit code 1 when a target is missed."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench import bulk, engine, inbox, pages, requests, steps, studio, tracking
from bench.offices import Offices
from bench.report import Report, say, timed
from scripts.test import install_packages, missing_packages
from tests.support.services import PostgresServer

KINDS = ("sqlite", "postgresql")
PARTS = ("engine", "pages", "counts", "costs", "inbox", "bulk", "requests", "studio")


def main(words: list[str], server: PostgresServer | None = None) -> int:
    """Measure what is asked for; 0 when every target is met. `server`: a PostgreSQL to use, which goes on running."""
    asked = _asked(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what we started ends with us
    began = time.monotonic()
    report = Report()
    folder = Path(tempfile.mkdtemp(prefix="gongkai-bench-"))
    postgres = server or (_postgres() if "postgresql" in asked.kinds else None)
    offices = Offices(folder, postgres)
    try:
        for key, label, part in _parts(asked, report, offices):
            _try(report, key, label, part)
    finally:
        offices.close()
        if postgres is not None and server is None:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(_document(report, asked, time.monotonic() - began), ensure_ascii=False, indent=2))
    say(f"\n{report.table()}\n\n用时 {time.monotonic() - began:.0f} 秒。倍数都在同一次运行里比较。")
    return 0 if report.met or asked.quick else 1


def _asked(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="few repetitions, small offices")
    parser.add_argument("--large", action="store_true", help="the inbox alone, with a million open items")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    asked = parser.parse_args(words)
    if asked.large:
        asked.only = ("inbox",)
    return asked


def _parts(
    asked: argparse.Namespace, report: Report, offices: Offices
) -> list[tuple[str, str, Callable[[], None]]]:
    many = 1_000_000 if asked.large else 3_000 if asked.quick else 100_000
    looks = {"many": many, "rounds": 1 if asked.quick else 60}
    found: list[tuple[str, str, Callable[[], None]]] = []
    if "engine" in asked.only:
        found.append(("engine", "引擎", partial(_engine, report)))
    if "pages" in asked.only:
        found.append(("page", "页面", partial(pages.measure, report, offices)))
    if "studio" in asked.only:
        part_of_studio = partial(studio.measure, report, offices, many=40 if asked.quick else studio.RUNNING)
        found.append(("studio.all", "流程设计", part_of_studio))
    for kind in asked.kinds:
        name = steps.LABELS[kind]
        if "counts" in asked.only:
            part: Callable[[], None] = partial(steps.count, report, offices, kind, quick=asked.quick)
            found.append((f"step.{kind}.counts", f"语句数（{name}）", part))
        if "costs" in asked.only:
            part = partial(steps.cost, report, offices, kind, quick=asked.quick)
            found.append((f"step.{kind}.costs", f"办一步（{name}）", part))
        if "inbox" in asked.only:
            part = partial(inbox.measure, report, offices, kind, **looks)
            found.append((f"inbox.{kind}.all", f"待办（{name}）", part))
        if "bulk" in asked.only:
            few = {"many": 10, "by_hand": 4} if asked.quick else {"many": bulk.MANY}
            part = partial(bulk.measure, report, offices, kind, **few)
            found.append((f"bulk.{kind}.all", f"批量办理（{name}）", part))
        if "requests" in asked.only:
            sizes = {"many": 2_000, "rounds": 3} if asked.quick else {"many": 100_000, "rounds": 15}
            part = partial(requests.remind, report, offices, kind, **sizes)
            found.append((f"requests.{kind}.remind", f"期限提醒（{name}）", part))
            part = partial(requests.recalculate, report, offices, kind, many=500 if asked.quick else 10_000)
            found.append((f"requests.{kind}.recalculated", f"日历变更后重算（{name}）", part))
            part = partial(tracking.measure, report, offices, kind)
            found.append((f"requests.{kind}.tracking", f"查询进度页（{name}）", part))
    return found


def _engine(report: Report) -> None:
    found = engine.measure()
    step, loop = found["per_step"], found["loop"]
    report.least("engine.per_step", "引擎每步 CPU 比原装序列化省几倍", step["stock_over_ours"], 2, "倍")
    report.most("engine.loop", "循环第 200 步的 CPU 是第 10 步的几倍", loop["step_200_over_10"], 5, "倍")
    report.details["engine"] = found


def _try(report: Report, key: str, label: str, part: Callable[[], None]) -> None:
    """A part that fails says so in the document; the others are still measured."""
    try:
        timed(label, part)
    except Exception as error:
        traceback.print_exc()
        report.failed(key, label, f"{type(error).__name__}: {error}"[:300])


def _postgres() -> PostgresServer:
    if "postgresql" in missing_packages():
        install_packages()
    return PostgresServer.start()


def _document(report: Report, asked: argparse.Namespace, seconds: float) -> dict[str, Any]:
    return {
        "all_met": report.met,
        "seconds": round(seconds, 1),
        "mode": "quick" if asked.quick else "large" if asked.large else "full",
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "load": [round(each, 2) for each in os.getloadavg()],
        },
        "numbers": report.numbers,
        "details": report.details,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
