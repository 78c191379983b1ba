"""Headless Chromium for tests: one browser per test process, one profile per page."""

from __future__ import annotations

import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
CLOSING = 20.0  # seconds
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

#: Latin words a Chinese office reads every day; everything else on a page is a leak
KNOWN_WORDS = frozenset(
    "BPMN DMN XML JSON CSV XLSX PDF DOCX OFD TXT ZIP PNG JPG JPEG WPS Excel Word OA AB EMS ID URL IP "
    "MB KB GB PC SM HMAC-SM gongkai".split(" ")
)
#: pages on which axe runs: it tries a style of its own, which our CSP rightly refuses
_measured: WeakSet[Page] = WeakSet()
_word = re.compile(r"[A-Za-z][A-Za-z-]+")
_address = re.compile(
    r"https?://\S+|\S+@\S+|\b[\w./-]+\.(?:bpmn|dmn|toml|pdf|docx?|xlsx?|csv|png|jpe?g|ofd|txt|zip)\b"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium; fails the test with what to install when it is missing."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("chromium is missing: run `make test`, or apt-get install -y chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        with at_most(CLOSING):
            browser.close()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Give the block so long; then leave it and go on. On a busy machine the browser's driver was seen to miss the
    answer to a close, and nothing but the whole run's end would have waited it out. Main thread only."""

    def stop(_signal: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except TimeoutError:
        print(f"the browser did not close within {seconds} s", file=sys.stderr)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def pages(browser: Browser) -> Iterator[Callable[[int, int], Page]]:
    """Give `make(width, height)`; at the end no page may have met a script error or a CSP refusal."""
    wrong: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        ours = message.page is None or message.page not in _measured
        if ours and message.type == "error" and "Content Security Policy" in message.text:
            wrong.append(message.text)

    def make(width: int = 1280, height: int = 800) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", note)
        page.on("framenavigated", lambda _frame: _measured.discard(page))
        return page

    try:
        yield make
    finally:
        for context in contexts:
            with at_most(CLOSING):
                context.close()
    assert not wrong, f"errors in the browser: {wrong}"


def axe(page: Page) -> None:
    """Assert that the page has no WCAG A or AA violation; names rule, element and what is wrong."""
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `make setup`")
    _measured.add(page)
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", WCAG
    )
    wrong = [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert not wrong, f"{page.url}\n" + "\n".join(wrong)


def english(text: str, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Latin words in `text` that no Chinese reader expects (addresses and file names do not count)."""
    words = _word.findall(_address.sub(" ", text))
    return [word for word in words if word not in KNOWN_WORDS and word not in allowed]


def looks_ok(page: Page, *, allowed: frozenset[str] | set[str] = frozenset()) -> None:
    """Assert: nothing scrolls sideways, the page says it is Chinese, and no English word is visible.

    `allowed` are further words this one page may show. Text inside `code`, `pre`, `[lang=en]` and
    `[translate=no]` does not count.
    """
    width, content = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert content <= width, f"{page.url} scrolls sideways: {content} px in a window of {width} px"
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    text = page.evaluate(_VISIBLE_TEXT)
    leaks = english(f"{page.title()}\n{text}", frozenset(allowed))
    assert not leaks, f"{page.url} speaks English: {sorted(set(leaks))}"


_VISIBLE_TEXT = """() => {
  const quiet = [...document.querySelectorAll('code, pre, [lang=en], [translate=no]')];
  const before = quiet.map(element => element.style.display);
  quiet.forEach(element => { element.style.display = 'none'; });
  const labels = [...document.querySelectorAll('[aria-label], [placeholder], [title]')]
    .filter(element => !element.closest('svg, [translate=no]'))
    .flatMap(element => ['aria-label', 'placeholder', 'title'].map(name => element.getAttribute(name) || ''));
  const text = document.body.innerText + '\\n' + labels.join('\\n');
  quiet.forEach((element, index) => { element.style.display = before[index]; });
  return text;
}"""
