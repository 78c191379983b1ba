"""A process whose every name breaks out of attributes, templates and cells, in force and at work: shown as it is written.

Names with tags are refused before they come so far (`test_names_with_tags_are_refused`); what people type is not.
"""

from __future__ import annotations

from html import escape, unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook

from app.core.command import Tx, command
from app.processes import service
from app.processes.models import ProcessVersion
from app.processes.packages import PackageRefused
from app.studio import blank
from app.studio.content import package_of
from tests.cases.conftest import city, desk, house
from tests.studio.test_drafts import ADMIN, OTHER
from tests.support.driving import Desk
from tests.support.organs import City

__all__ = ["city", "desk", "house"]

TAG = "<img src=x onerror=alert(1)>"
NAME = "' onfocus='alert(1)' & {{7*7}} {n} &lt;b&gt;"
#: a cell of a table program runs what begins like this
FORMULA = '=HYPERLINK(\\"http://elsewhere.example\\")'
SHEET = f"""
[[print]]
key = "marked_sheet"
title = "呈批单{NAME}"
fields = ["title", "result"]
opinions = ["handle"]
note = "附注{NAME}"
"""


def texts_with(said: str) -> dict[str, str]:
    """The smallest process, every name in it with these words."""
    texts = blank.parts("marked", f"流程{said}")
    drawn = escape(said)
    texts["process.bpmn"] = (
        texts["process.bpmn"]
        .replace('name="办理"', f'name="办理{drawn}"')
        .replace('"承办人"', f'"承办人{drawn}"')
    )
    settings = texts["package.toml"].replace('lanes."承办人"', f'lanes."承办人{said}"')
    texts["package.toml"] = settings.replace('summary = ""', f'summary = "说明{said}"') + SHEET
    for name in ("forms/start.toml", "forms/handle.toml"):
        texts[name] = texts[name].replace('title = "', f'help = "帮助{said}"\ntitle = "{said}', 1)
        texts[name] = texts[name].replace('label = "', f'help = "{said}"\nlabel = "{FORMULA}{said}')
    return texts


def test_names_with_tags_are_refused() -> None:
    with pytest.raises(PackageRefused, match="含有网页标记"):
        package_of(texts_with(TAG))


@command
def put(tx: Tx) -> int:
    """A version of it."""
    return service.add_version(tx, package_of(texts_with(NAME)), note=f"说明{TAG}").id


@command
def activate(tx: Tx, *, version: int) -> None:
    """In force, by somebody else."""
    service.activate(tx, tx.session.get_one(ProcessVersion, version, with_for_update=True))


@pytest.fixture
def version(house: City) -> int:
    made = int(put(house.actor(ADMIN)))
    activate(house.actor(OTHER), version=made)
    return made


def test_names_that_are_markup_are_shown_as_they_are_written(desk: Desk, house: City, version: int) -> None:
    case = desk.start("wen", "marked", title=f"标题{TAG}{NAME}")
    item = desk.item(case, "handle").id
    pages = [
        "/start", "/start/marked", "/work", f"/work/{item}", f"/cases/{case}", f"/cases/{case}/sheet/approval",
        f"/cases/{case}/history", "/processes", f"/processes/versions/{version}", f"/studio/compare?to={version}",
    ]  # fmt: skip
    seen = [(page, desk.client.get(page)) for page in pages]
    desk.act("wen", case, "handle", result=f"已办{TAG}{NAME}")
    again = (f"/cases/{case}", f"/cases/{case}/sheet/approval", f"/cases/{case}/history", "/work/done")
    seen += [(page, desk.client.get(page)) for page in again]
    for page, answer in seen:
        body = answer.get_data(as_text=True)
        assert answer.status_code == 200, (page, answer.status_code)
        assert "<img src=x" not in body and "' onfocus=" not in body and "& 49 " not in unescape(body), page
    shown = [
        page for page, answer in seen if "' onfocus='alert(1)'" in unescape(answer.get_data(as_text=True))
    ]
    assert len(shown) >= len(seen) - 2, "the names do not stand on these pages at all"


def test_what_leaves_the_house_carries_no_formula_and_its_diagram_is_a_file(
    desk: Desk, house: City, version: int
) -> None:
    case = desk.start("wen", "marked", title='=HYPERLINK("http://elsewhere.example")')
    desk.act("wen", case, "handle", result='=HYPERLINK("http://elsewhere.example")')
    book = load_workbook(BytesIO(desk.client.get(f"/cases/{case}/history.xlsx").data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert cells and not [cell.value for cell in cells if cell.data_type == "f"]
    desk.sit(ADMIN)
    for page in (f"/studio/versions/{version}/export", f"/studio/versions/{version}/export.bpmn"):
        answer = desk.client.get(page)
        assert (
            answer.headers["Content-Disposition"].startswith("attachment") and answer.mimetype != "text/html"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
