"""What the browser loads for a step's page, packed as a web server in front packs it."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urljoin

from bench.browser import Browser
from bench.offices import Offices
from bench.report import Report
from bench.servers import serving
from bench.walks import DISCLOSURE, item_of, street

MOST_KB = 300
_LOADED = re.compile(r'<(?:link[^>]*rel="(?:stylesheet|modulepreload)"[^>]*href|script[^>]*src)="([^"]+)"')
_IMPORTED = re.compile(rb'(?:import|from)\s*["\'](\.{0,2}/[^"\']+\.js)["\']')


def measure(report: Report, offices: Offices) -> None:
    """Styles and scripts of the task page with everything they import at once; the viewer only where a diagram is."""
    office = offices.make("sqlite", "pages")
    with serving(office) as server, street(server, lambda b, _s, p, f: b.post_parts(p, f)) as people:
        case = people.start(DISCLOSURE)
        people.turn(case, DISCLOSURE.turns[0])
        item, _step = item_of(office, case, "head_review")
        reader = people.browser("shen")
        step_page, case_page = reader.get(f"/work/{item}").text, reader.get(f"/cases/{case}").text
        sizes = loaded(reader, step_page)
        viewer = {
            path: packed(reader.get(path).body)
            for path in re.findall(r'="(/static/[^"]*/diagram[^"]*)"', case_page)
        }
    report.most("page.assets", "办理页的脚本和样式（gzip）", sum(sizes.values()) / 1024, MOST_KB, "KB")
    report.exactly("page.no_diagram", "办理页不加载流程图组件", "diagram" not in "".join(sizes), True)
    scripts = [path for path in viewer if path.endswith(".js")]
    report.exactly("page.diagram_where_shown", "有流程图的办件页才加载流程图组件", len(scripts) == 1, True)
    report.details["page"] = {
        name: {path: round(found / 1024, 1) for path, found in some.items()}
        for name, some in (("step_page_kb", sizes), ("diagram_viewer_kb", viewer))
    }


def packed(body: bytes) -> int:
    """Bytes after gzip."""
    return len(gzip.compress(body, 6, mtime=0))


def loaded(reader: Browser, page: str) -> dict[str, int]:
    """Address -> packed bytes of every style and script that a page asks for at once."""
    waiting = _LOADED.findall(page)
    sizes: dict[str, int] = {}
    while waiting:
        address = waiting.pop()
        if address not in sizes:
            body = reader.get(address).body
            sizes[address] = packed(body)
            if address.endswith(".js"):
                waiting += [urljoin(address, found.decode()) for found in _IMPORTED.findall(body)]
    return sizes
