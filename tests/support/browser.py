"""Headless Chromium for tests: one browser per test process, one profile per page."""

from __future__ import annotations

import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar
from weakref import WeakKeyDictionary, WeakSet

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from tests.support.measured import AXE, Measurer

T = TypeVar("T")
Size = tuple[int, int]
DESK, PHONE = (1280, 800), (390, 844)
#: What Playwright switches off itself (the last such switch counts), and the pages that Chromium draws behind its
#: address bar: two renderers for every profile, two thirds of what a test with a fresh profile cost.
_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable "
    "LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect "
    "TcpPortRandomizationWin OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch "
    "WebUIOmniboxPopup WebUIOmniboxAimPopup WebUIOmniboxFullPopup WebUIOmniboxSimplification"
).split()
QUIET = (
    f"--disable-features={','.join(_OFF)}",
    "--js-flags=--no-opt --no-maglev",  # a page of a test is gone before its scripts, and axe, repay the second compiling
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
#: milliseconds a page may take on a machine that is busy with all other tests; only a failure waits so long
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE / 2)

#: Latin words a Chinese office reads every day; everything else on a page is a leak
KNOWN_WORDS = frozenset(
    "BPMN DMN XML JSON CSV XLSX PDF DOCX OFD TXT ZIP PNG JPG JPEG WPS Excel Word OA AB EMS ID URL IP "
    "MB KB GB PC SM HMAC-SM gongkai".split(" ")
)
#: pages on which axe runs: it tries a style of its own, which our CSP rightly refuses
_measured: WeakSet[Page] = WeakSet()
_measurer = Measurer()
share_measured = _measurer.share
#: what Chromium says when a page is left while it is being looked at
_LEFT = re.compile(
    r"context was destroyed|reading '(scrollWidth|lang|style|innerText)'|is navigating|Cannot find context"
)
_word = re.compile(r"[A-Za-z][A-Za-z-]+")
_address = re.compile(
    r"https?://\S+|\S+@\S+|\b[\w./-]+\.(?:bpmn|dmn|toml|pdf|docx?|xlsx?|csv|png|jpe?g|ofd|txt|zip)\b"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium without its window (a quarter less work a page), or else the whole; fails the test with
    what to install when both are missing."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        pytest.fail(
            "Chromium is missing: run `make test`, or apt-get install -y chromium-headless-shell fonts-noto-cjk"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        with _nowhere() as address:
            _empty[browser] = address
            yield browser
        with at_most(CLOSING):
            browser.close()


class _Nothing(BaseHTTPRequestHandler):
    """The empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody wants to know."""


@contextmanager
def _nowhere() -> Iterator[str]:
    """The address of an empty page of the site that our servers are. For `about:blank` Chromium begins a new process, in
    which everything is read and compiled anew: more work than the page that a test opens next."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


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
    """Give `make(width, height)`; at the end no page may have met a script error or a CSP refusal.

    A page comes with a browser profile of its own, in which nothing was ever done. To begin one costs as much as to
    open five pages, so that profiles are used again: emptied when the block ends, taken by the next that wants the size.
    """
    wrong: list[str] = []
    taken: list[tuple[Page, tuple[int, int]]] = []

    def note(message: ConsoleMessage) -> None:
        ours = message.page is None or message.page not in _measured
        if ours and message.type == "error" and "Content Security Policy" in message.text:
            wrong.append(message.text)

    def broken(error: Error) -> None:
        wrong.append(str(error))

    def make(width: int = 1280, height: int = 800) -> Page:
        page = _empty_page(browser, (width, height))
        taken.append((page, (width, height)))
        page.on("pageerror", broken)
        page.on("console", note)
        return page

    try:
        yield make
    finally:
        for page, size in taken:
            page.remove_listener("pageerror", broken)
            page.remove_listener("console", note)
            with at_most(CLOSING):
                _give_back(browser, page, size)
    assert not wrong, f"errors in the browser: {wrong}"


#: where emptied pages wait, of each running browser
_empty: WeakKeyDictionary[Browser, str] = WeakKeyDictionary()
#: emptied pages by size, of each running browser
_idle: WeakKeyDictionary[Browser, dict[tuple[int, int], list[Page]]] = WeakKeyDictionary()


def _empty_page(browser: Browser, size: tuple[int, int]) -> Page:
    waiting = _idle.setdefault(browser, {}).setdefault(size, [])
    if waiting:
        return waiting.pop()
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=width < 600,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("framenavigated", lambda _frame: _measured.discard(page))
    return page


def _give_back(browser: Browser, page: Page, size: tuple[int, int]) -> None:
    """Empty the profile for the next; what does not let itself be emptied is closed.

    The cookies go first: what a page sends when it is left comes from nobody.
    """
    context = page.context
    try:
        if page.is_closed() or len(context.pages) != 1:
            raise Error("the test closed it, or opened more")
        context.clear_cookies()
        page.unroute_all(behavior="ignoreErrors")
        if page.url.startswith("http"):
            page.evaluate("() => { sessionStorage.clear(); localStorage.clear(); }")
        page.goto(_empty[browser])
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(media="null")
    except Error:
        context.close()
        return
    _idle[browser][size].append(page)


def at_sizes(page: Page, *sizes: Size) -> Iterator[Size]:
    """Make the page each of these sizes in turn, DESK and PHONE unless others are given; first the size it has.

    What is read at two sizes is loaded once: our pages choose by the width alone, and a page that is made narrow is
    the page that was opened narrow (`tests/ui_gallery/test_measuring.py`), but for drawings, which are drawn once.
    """
    now = page.viewport_size
    for size in sorted(sizes or (DESK, PHONE), key=lambda each: now is None or each[0] != now["width"]):
        resize(page, size)
        yield size


def resize(page: Page, size: Size) -> None:
    """Make the page this size, and wait until it is laid out so."""
    if page.viewport_size == {"width": size[0], "height": size[1]}:
        return
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for _ in range(100):
        if there(page, lambda: page.evaluate(_DRAWN)) == size[0]:
            return
    raise AssertionError(f"{page.url} does not become {size[0]} px wide")


#: -> the width, when the page was drawn again
_DRAWN = "() => new Promise((done) => { requestAnimationFrame(() => { done(innerWidth); }); })"


def there(page: Page, look: Callable[[], T]) -> T:
    """What `look` finds once the page is there: a page that is being left is looked at when the next has come."""
    for _ in range(3):
        page.wait_for_load_state("load")
        try:
            return look()
        except Error as error:
            if not _LEFT.search(error.message):
                raise
    return look()


def axe(page: Page) -> None:
    """Assert that the page has no WCAG A or AA violation; names rule, element and what is wrong.

    What this process has found good already is not measured again (`tests.support.measured`).
    """
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `make setup`")

    def measure() -> list[str]:
        _measured.add(page)
        return _measurer.violations(page)

    wrong = there(page, measure)
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
    width, content, language, text = there(page, lambda: page.evaluate(_LOOK))
    assert content <= width, f"{page.url} scrolls sideways: {content} px in a window of {width} px"
    assert language.startswith("zh")
    leaks = english(text, frozenset(allowed))
    assert not leaks, f"{page.url} speaks English: {sorted(set(leaks))}"


#: -> width of the window, of the content, language, what is to be read
_LOOK = """() => {
  const quiet = [...document.querySelectorAll('code, pre, [lang=en], [translate=no]')];
  const before = quiet.map(element => element.style.display);
  quiet.forEach(element => { element.style.display = 'none'; });
  const labels = [...document.querySelectorAll('[aria-label], [placeholder], [title]')]
    .filter(element => !element.closest('svg, [translate=no]'))
    .flatMap(element => ['aria-label', 'placeholder', 'title'].map(name => element.getAttribute(name) || ''));
  const text = [document.title, document.body.innerText, ...labels].join('\\n');
  quiet.forEach((element, index) => { element.style.display = before[index]; });
  return [innerWidth, document.documentElement.scrollWidth, document.documentElement.lang, text];
}"""
