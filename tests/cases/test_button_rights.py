"""按钮权限 (features.md H26): a step offers what its definition says; nothing else is shown or done."""

from __future__ import annotations

import pytest

from app.cases.operations.transfer import transfer
from app.core.actor import SYSTEM
from app.core.errors import NotFound
from app.processes import operations
from app.processes import service as processes
from app.processes.checking import check_package
from app.processes.cli import shipped
from app.processes.packages import Package, assemble
from tests.cases.pressing import press, press_case, words_of
from tests.support.driving import Desk
from tests.support.organs import City
from workflows.engine import load

ROLE = '<spiffworkflow:property name="role" value="draft" />'


def offering(words: str) -> Package:
    """公开属性认定 whose 拟稿 offers these operations."""
    package = next(each for each in shipped() if each.key == "disclosure_attribute")
    texts = dict(package.texts)
    assert texts["process.bpmn"].count(ROLE) == 1
    new = f'{ROLE}<spiffworkflow:property name="operations" value="{words}" />'
    texts["process.bpmn"] = texts["process.bpmn"].replace(ROLE, new)
    return assemble(texts, package.scenarios)


def begun(desk: Desk, words: str) -> tuple[int, int]:
    """A case on a version whose 拟稿 offers these; case and item."""
    processes.install(SYSTEM, packages=[offering(words)])
    case = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="关于通知的通知")
    return case, desk.item(case, "draft").id


def test_an_operation_that_is_not_offered_is_neither_shown_nor_done(
    any_db: str, desk: Desk, house: City
) -> None:
    case, item = begun(desk, "copy")
    page = words_of(desk.sit("wen").get(f"/work/{item}"))
    assert "抄送" in page
    for key, label in operations.OPERATIONS.items():
        if key == "copy":
            continue
        assert label not in page.split("其他操作", 1)[-1].split("办理记录", 1)[0], label
        assert press(desk, "wen", item, key, reason="试", to=house.people["wang"]).status_code == 404, key
        assert press_case(desk, "wen", case, key, reason="试").status_code == 404, key
        assert desk.sit("wen").get(f"/work/{item}/do/{key}").status_code == 404, key
    with pytest.raises(NotFound):
        transfer(house.actor("wen"), item_id=item, to=house.people["wang"], reason="试")
    assert desk.item(case, "draft").holder_id == house.people["wen"]


def test_none_offers_nothing_and_saying_nothing_offers_what_the_role_does(desk: Desk, house: City) -> None:
    case, item = begun(desk, "none")
    assert "其他操作" not in desk.sit("wen").get(f"/work/{item}").text
    assert press(desk, "wen", item, "transfer", to=house.people["wang"], reason="试").status_code == 404
    assert operations.offered({"role": "draft"}) == operations.offered(
        {"role": "draft", "operations": " ".join(operations.DEFAULTS["draft"])}
    )


def test_a_word_that_is_no_operation_cannot_be_activated(house: City) -> None:
    called = {each.key: each for each in shipped() if each.key == "secrecy_review"}
    found = [each.message for each in check_package(offering("transfer bribe"), called)]
    assert any("不存在的操作“bribe”" in each for each in found)


def test_sealing_service_and_receipt_offer_what_befits_them(house: City) -> None:
    steps = {}
    for package in shipped():
        called = [each.source for each in shipped() if each.key != package.key]
        spec = load(package.source, called)
        steps |= {step: operations.offered(info.settings) for (key, step), info in spec.steps.items()}
    for step in ("seal", "serve", "consult_send", "correction_send", "fee_send", "archive", "unit_accept"):
        assert not {"add_signer", "drop_signer", "cosign"} & set(steps[step]), step
    for step in (
        "serve",
        "archive",
        "evaluate",
        "confirm_receipt",
        "draft_closing",
        "receive_check",
    ):
        assert "return" not in steps[step], step
    assert "return" in steps["seal"] and "add_signer" in steps["head_review"]
    for step in ("archive", "evaluate"):
        assert "terminate" not in steps[step], "answered and served: nothing is left to be ended"
