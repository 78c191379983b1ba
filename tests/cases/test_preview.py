"""What the confirmation foretells is what happens."""

from __future__ import annotations

import io

from tests.cases.flows import drafted, reviewed
from tests.support.driving import Desk


def foretold(desk: Desk, login: str, case: int, step: str, **answers: object) -> tuple[int, str]:
    """Status and words of the preview, as the page's script asks for it."""
    item = desk.item(case, step)
    response = desk.sit(login).post(f"/work/{item.id}/preview", data=answers)
    return response.status_code, "".join(response.get_json().get("items", []))


def checking(desk: Desk) -> tuple[int, dict[str, object]]:
    """A reviewed case at 核稿, and the answers that send it on."""
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    reviewed(desk, case)
    file = desk.case(case).data["main_file"][0]["id"]
    return case, {"decision": "agree", "mark_checked": "y", "main_file": file}


def test_an_unchanged_file_goes_to_the_signer_and_the_dialog_says_so(any_db: str, desk: Desk) -> None:
    case, answers = checking(desk)
    status, words = foretold(desk, "ke", case, "verify_text", **answers)
    assert (status, "签发" in words, "陆分明" in words) == (200, True, True)
    desk.act("ke", case, "verify_text", **answers)
    status, words = foretold(
        desk,
        "lu",
        case,
        "sign_off",
        decision="agree",
        confirmed_attribute="proactive",
        signed_on="2026-11-23",
    )
    assert (status, words) == (200, "本件办结。")


def test_a_file_uploaded_and_not_yet_sent_is_foretold_to_need_a_new_review(any_db: str, desk: Desk) -> None:
    case, answers = checking(desk)
    item = desk.item(case, "verify_text")
    body = {"file": (io.BytesIO("附表补了一行".encode()), "改后.txt"), "field": "main_file"}
    newer = desk.sit("ke").post(f"/work/{item.id}/files", data=body).get_json()["id"]
    words = foretold(desk, "ke", case, "verify_text", **{**answers, "main_file": newer})[1]
    assert "承办人自查" in words and "文承远" in words
    desk.act("ke", case, "verify_text", **{**answers, "main_file": newer})
    assert desk.open_steps(case) == ["self_check"]


def test_a_form_with_errors_is_not_confirmed_but_sent(desk: Desk) -> None:
    case = drafted(desk)
    assert foretold(desk, "shen", case, "head_review", decision="return")[0] == 422
