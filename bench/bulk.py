"""批量办理: what many items at once cost, against one of them done by hand over HTTP (issue 4: 500 at most 300 times one)."""

from __future__ import annotations

import re
import statistics
import time

from bench.browser import Browser, changed
from bench.offices import Offices
from bench.report import Report
from bench.servers import serving
from bench.steps import LABELS
from bench.walks import AGREE, DISCLOSURE, item_of, street

#: at most so many times one by hand, of MANY items
MOST, MANY = 300, 500
BY_HAND = 20
STEP = "head_review"


def measure(report: Report, offices: Offices, kind: str, *, many: int, by_hand: int = BY_HAND) -> None:
    """The same step of as many cases: some by hand (open the page, send it), all others in one run; CPU of the server."""
    office = offices.make(kind, "bulk")
    with serving(office) as server, street(server, lambda b, _s, p, f: b.post_parts(p, f)) as people:
        cases = []
        for _ in range(by_hand + many):
            cases.append(people.start(DISCLOSURE))
            people.turn(cases[-1], DISCLOSURE.turns[0])
        items = [item_of(office, case, STEP)[0] for case in cases]
        reader = people.browser(DISCLOSURE.turns[1].login)
        reader.get("/work")
        hand = []
        for item in items[:by_hand]:
            before, path = server.cpu(), f"/work/{item}"
            answer = reader.post_parts(path, changed(reader.form(path, path), AGREE))
            hand.append(server.cpu() - before)
            if answer.status != 303:
                raise RuntimeError(f"done by hand: {answer.status}")
        before, began = server.cpu(), time.perf_counter()
        done = _run(reader, items[by_hand:])
        wall = (time.perf_counter() - began) * 1000
        whole = server.cpu() - before
    one = statistics.median(hand)
    ratio = whole / one * (MANY / many)
    words = f"批量办理 {MANY} 件的 CPU 是手工办一件的几倍（{LABELS[kind]}）"
    report.most(f"bulk.{kind}.ratio", words, ratio, MOST, "倍")
    report.exactly(f"bulk.{kind}.done", f"批量办理全部办成（{LABELS[kind]}）", done, many, "件")
    report.details[f"bulk.{kind}"] = {
        "items": many,
        "one_by_hand_ms": round(one, 2),
        "run_ms": round(whole, 1),
        "run_wall_ms": round(wall, 1),
    }


def _run(reader: Browser, items: list[int]) -> int:
    """Choose, decide, work off slice by slice as the page's script does; how many were done."""
    token = ("csrf_token", reader.csrf)
    chosen = reader.post("/work/bulk", [token, *(("item", str(item)) for item in items)])
    path = chosen.headers["Location"]
    if chosen.status != 303 or not re.search(r"/work/bulk/\d+$", path):
        raise RuntimeError(f"no run: {chosen.status} {path}")
    decided = reader.post(path, [token, *AGREE.items()])
    if decided.status != 303:
        raise RuntimeError(f"not decided: {decided.status}")
    done = left = 0
    for _ in range(len(items)):
        reader.post(f"{path}/slice", [token])
        page = reader.get(path).text
        done, _failed, left = map(int, re.findall(r"已办 (\d+) 件，没办成 (\d+) 件，还有 (\d+) 件", page)[0])
        if not left:
            break
    return done
