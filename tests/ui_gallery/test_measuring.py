"""What judges our pages is judged: nothing bad hides behind what was measured before, and profiles are empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import browser as browsing
from tests.support.measured import Measurer, describe
from tests.support.web import LiveServer

pytestmark = pytest.mark.slow

#: what a page may lose between two visits, and the rule that says so
PLANTED = {
    "image-alt": "document.querySelector('main h1').insertAdjacentHTML('afterend', '<img src=/x.png>')",
    "label": "document.querySelector('main label[for]').removeAttribute('for')",
    "button-name": "document.querySelector('main .btn-act').replaceChildren()",
    "color-contrast": "document.head.insertAdjacentHTML('beforeend', '<link rel=stylesheet href=/pale.css>')",
    "html-has-lang": "document.documentElement.removeAttribute('lang')",
    "document-title": "document.title = ''",
    "aria-valid-attr-value": "document.querySelector('main label').setAttribute('aria-expanded', 'perhaps')",
    "aria-roles": "document.querySelector('main h1').setAttribute('role', 'paragraphe')",
    "target-size": """document.querySelector('main h1').insertAdjacentHTML('afterend', '<p>' +
        '<button class=tiny type=button>一</button><button class=tiny type=button>二</button></p>');
        document.head.insertAdjacentHTML('beforeend', '<link rel=stylesheet href=/tiny.css>')""",
    "list": "document.querySelector('main ul, main ol').insertAdjacentHTML('beforeend', '<div>散</div>')",
}
SHEETS = {
    "/pale.css": "main p, main label { color: #c8c8c8 !important; }",
    "/tiny.css": ".tiny { width: 9px; height: 9px; min-height: 0; padding: 0; border: 0; font-size: 6px; display: inline-block; }",
}


@pytest.fixture
def at(gallery: LiveServer, page: Any) -> Callable[[str], Any]:
    def open_page(path: str) -> Any:
        page.goto(gallery.url(f"/{path}"))
        return page

    return open_page


def test_a_page_is_measured_once_and_what_is_new_on_another_is_measured(at: Callable[[str], Any]) -> None:
    measurer = Measurer()
    for path, runs in (("inbox", 1), ("inbox", 1), ("step-errors", 2), ("inbox", 2)):
        assert measurer.violations(at(path)) == []
        assert measurer.runs == runs, path


def applied(page: Any) -> None:
    """Wait until the planted style sheet counts; `wait_for_function` would evaluate, which the page's policy refuses."""
    for _ in range(100):
        if page.evaluate("[...document.styleSheets].some((each) => /(pale|tiny)/.test(each.href))"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the planted style sheet never came")


def test_what_is_wrong_on_a_page_that_was_good_is_found(at: Callable[[str], Any]) -> None:
    measurer = Measurer()
    page = at("step-errors")
    page.route(lambda url: any(name in url for name in SHEETS), _sheet)
    assert measurer.violations(page) == []
    for rule, planting in PLANTED.items():
        at("step-errors").evaluate(f"() => {{ {planting} }}")
        if ".css" in planting:
            applied(page)
        found = measurer.violations(page)
        assert any(each.startswith(f"{rule}:") for each in found), (rule, found)
    assert measurer.violations(page) == found, "what is bad is not remembered"
    assert measurer.violations(at("step-errors")) == []


def _sheet(route: Any) -> None:
    name = "/" + route.request.url.rsplit("/", 1)[1]
    route.fulfill(body=SHEETS[name], content_type="text/css")


@pytest.mark.parametrize("path", ["list", "step-errors"])
def test_a_page_made_narrow_or_wide_is_the_page_that_was_opened_so(
    gallery: LiveServer, new_page: Callable[..., Any], path: str
) -> None:
    def described(opened: browsing.Size, made: browsing.Size) -> list[Any]:
        page = new_page(*opened)
        page.goto(gallery.url(f"/{path}"))
        browsing.resize(page, made)
        return describe(page)

    narrow, wide = (described(size, size) for size in (browsing.PHONE, browsing.DESK))
    assert narrow != wide
    assert described(browsing.DESK, browsing.PHONE) == narrow
    assert described(browsing.PHONE, browsing.DESK) == wide


def test_a_page_that_is_being_left_is_judged_when_the_next_has_come(at: Callable[[str], Any]) -> None:
    page = at("inbox")
    for path in ("case", "form", "list", "words"):
        page.evaluate("path => { location.href = path; }", f"/{path}")
        browsing.looks_ok(page)
        browsing.axe(page)


def test_a_profile_comes_back_empty(gallery: LiveServer, chromium: Any) -> None:
    with browsing.pages(chromium) as make:
        first = make(700, 500)
        first.goto(gallery.url("/step"))
        first.evaluate("sessionStorage.ours = localStorage.ours = document.cookie = 'ours=1'")
        first.set_viewport_size({"width": 400, "height": 400})
        first.emulate_media(media="print")
        first.route("**/step", lambda route: route.abort())
    with browsing.pages(chromium) as make:
        second, third = make(700, 500), make(700, 500)
        assert second is first and third is not first
        second.goto(gallery.url("/step"))
        assert second.evaluate("[sessionStorage.ours, localStorage.ours, innerWidth]") == [None, None, 700]
        assert second.evaluate("matchMedia('screen').matches")
        assert second.context.cookies() == [] or "c" not in {
            each["name"] for each in second.context.cookies()
        }
        third.context.close()


def test_an_error_on_a_page_fails_the_block_it_was_used_in(gallery: LiveServer, chromium: Any) -> None:
    for _ in range(2):
        with pytest.raises(AssertionError, match="made by a test"):
            _meet_an_error(gallery, chromium)
    with browsing.pages(chromium) as make:
        make(700, 500)


def _meet_an_error(gallery: LiveServer, chromium: Any) -> None:
    with browsing.pages(chromium) as make:
        page = make(700, 500)
        page.goto(gallery.url("/inbox"))
        with page.expect_event("pageerror"):
            page.evaluate("setTimeout(() => { throw new Error('made by a test'); })")
