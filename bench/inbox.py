"""The inbox: statements, and what a page costs when the installation is a hundred or a thousand times as full."""

from __future__ import annotations

import contextlib
import re
import statistics
import time
from typing import Any

from bench.browser import Browser
from bench.filling import BUSY, READER, fill
from bench.offices import Office, Offices
from bench.report import Report, say
from bench.servers import Server, serving
from bench.serving import STATEMENTS
from bench.steps import LABELS

MOST_STATEMENTS, MOST_GROWTH, VISIBLE = 8, 2, 500
FEW = 1_000
CAP = "999+"


def measure(report: Report, offices: Offices, kind: str, *, many: int, rounds: int) -> None:
    """Pages of the same person with the same items, in an office with 1,000 open items and in one with `many`."""
    name = LABELS[kind]
    both = {size: _filled(offices, kind, size) for size in (FEW, many)}
    with contextlib.ExitStack() as stack:
        desks = {size: stack.enter_context(serving(office, count=True)) for size, office in both.items()}
        readers = {size: Browser(server, READER) for size, server in desks.items()}
        paths = {"inbox": "/work", "done": "/work/done", "closed": "/work/closed", "mine": "/work/mine"}
        most = max(int(readers[many].get(path).headers[STATEMENTS]) for path in paths.values())
        paths["next_page"] = _next_page(readers[FEW])
        seen = {page: _in_turns(desks, readers, path, rounds) for page, path in paths.items()}
        busy = {size: Browser(server, BUSY) for size, server in desks.items()}
        seen["of_the_busiest"] = _in_turns(desks, busy, "/work", rounds)
        shown = re.findall(r'data-count="cases.inbox"[^>]*>([^<]*)<', busy[many].get("/work").text)
    growth = {page: _growth(found, FEW, many) for page, found in seen.items()}
    report.most(
        f"inbox.{kind}.statements", f"待办等列表页的 SQL 语句数（{name}）", most, MOST_STATEMENTS, "条"
    )
    for page, label in (("inbox", "待办第一页"), ("next_page", "待办下一页")):
        words = f"{label}：全库 {many:,} 件是 {FEW:,} 件的几倍（{name}）"
        report.most(f"inbox.{kind}.{page}", words, growth[page]["time"], MOST_GROWTH, "倍")
    found = shown[0] if shown else None
    report.exactly(f"inbox.{kind}.count_stops", f"菜单计数到 {CAP} 为止（{name}）", found, CAP)
    report.details[f"inbox.{kind}"] = {"open_items": [FEW, many], "visible": VISIBLE, "growth": growth} | {
        page: {str(size): _medians(found[size]) for size in found} for page, found in seen.items()
    }


def _filled(offices: Offices, kind: str, size: int) -> Office:
    office, began = offices.make(kind, f"inbox-{size}"), time.monotonic()
    fill(office, size, visible=VISIBLE)
    say(f"  填入 {size:,} 件（{LABELS[kind]}）：{time.monotonic() - began:.0f} 秒")
    return office


def _next_page(reader: Browser) -> str:
    found = re.search(r'href="(/work\?after=[^"]+)"', reader.get("/work").text)
    if found is None:
        raise RuntimeError("the inbox has no second page")
    return found.group(1)


Seen = dict[int, list[tuple[float, float]]]


def _in_turns(desks: dict[int, Server], readers: dict[int, Browser], path: str, rounds: int) -> Seen:
    """Wall and CPU milliseconds of a page at each office, asked in turns after a warm-up."""
    found: Seen = {size: [] for size in desks}
    for turn in range(-min(3, rounds), rounds):
        for size, server in desks.items():
            before, began = server.cpu(), time.perf_counter()
            readers[size].get(path)
            wall = (time.perf_counter() - began) * 1000
            if turn >= 0:
                found[size].append((wall, server.cpu() - before))
    return found


def _medians(found: list[tuple[float, float]]) -> dict[str, float]:
    wall, cpu = (statistics.median(each) for each in zip(*found, strict=True))
    return {"wall_ms": round(wall, 2), "web_cpu_ms": round(cpu, 2)}


def _growth(found: Seen, few: int, many: int) -> dict[str, Any]:
    small, large = _medians(found[few]), _medians(found[many])
    return {
        "time": round(large["wall_ms"] / small["wall_ms"], 2),
        "web_cpu": round(large["web_cpu_ms"] / small["web_cpu_ms"], 2),
    }
