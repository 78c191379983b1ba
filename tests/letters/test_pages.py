"""The pages of letters: text beside its look, legal text fixed, texts and settings of an organ."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.core.db import db
from app.letters import hooks, queries, service
from tests.letters.support import AUTHORITIES, Desk
from tests.support.signing import sign_in


def test_a_letter_shows_legal_text_fixed_and_the_rest_to_be_written(desk: Desk, client: FlaskClient) -> None:
    letter = desk.draft("L14.R3")
    sign_in(client, "yan")
    page = client.get(f"/letters/{letter.id}").text
    assert 'name="text-reason"' in page
    assert 'name="text-basis"' not in page
    assert "法定文字" in page
    assert "打开 PDF" in page


def test_text_is_saved_and_a_lost_approval_is_said(desk: Desk, client: FlaskClient) -> None:
    letter = desk.draft("L14.R3")
    desk.run(lambda tx: service.approve(tx, letter.id))
    sign_in(client, "yan")
    answer = client.post(f"/letters/{letter.id}", data={"text-reason": "另一个理由。"}, follow_redirects=True)
    assert "原来的签发已失效" in answer.text
    assert desk.letter(letter.id).state == "draft"


def test_a_forged_change_of_legal_text_changes_nothing_and_loses_nothing(
    desk: Desk, client: FlaskClient
) -> None:
    letter = desk.draft("L14.R3")
    sign_in(client, "yan")
    data = {"text-remedy": "不得起诉。", "text-reason": "我写的理由。"}
    answer = client.post(f"/letters/{letter.id}", data=data)
    assert answer.status_code == 409
    assert "法定文字不能修改" in answer.text
    assert "我写的理由。" in answer.text
    assert desk.letter(letter.id).blocks == letter.blocks


def test_the_look_is_drawn_from_text_not_saved_yet_and_names_what_is_missing(
    desk: Desk, client: FlaskClient
) -> None:
    letter = desk.draft("L14.R3")
    sign_in(client, "yan")
    before = letter.digest
    answer = client.post(f"/letters/{letter.id}/pages", data={"text-reason": ""}).get_json()
    assert answer["pages"][0].startswith("data:image/png;base64,")
    assert answer["missing"][0]["url"] == "#block-reason"
    assert desk.letter(letter.id).digest == before
    refused = client.post(f"/letters/{letter.id}/pages", data={"text-reason": "😀"}).get_json()
    assert "字库中没有「😀」" in refused["missing"][0]["text"]


def test_pdf_and_word_of_an_issued_letter_are_the_sent_bytes(desk: Desk, client: FlaskClient) -> None:
    letter = desk.draft("L14.R3")
    issued = desk.issue(letter)
    service.keep_settings(desk.actor, organ_id=desk.organ, said=AUTHORITIES | {"contact": "别人"})
    sign_in(client, "yan")
    answer = client.get(f"/letters/{letter.id}/letter.pdf")
    assert answer.mimetype == "application/pdf"
    import hashlib

    assert hashlib.new("sm3", answer.data).hexdigest() == issued.pdf_hash
    word = client.get(f"/letters/{letter.id}/letter.docx")
    assert hashlib.new("sm3", word.data).hexdigest() == issued.docx_hash
    assert "不能再改" in client.get(f"/letters/{letter.id}").text


def test_who_reads_and_who_writes_is_asked_of_the_room_that_knows_cases(
    desk: Desk, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = desk.draft("L3")
    sign_in(client, "fang")
    monkeypatch.setattr(hooks, "may_see_case", [])
    monkeypatch.setattr(hooks, "may_edit", [])
    assert client.get(f"/letters/{letter.id}").status_code == 404
    monkeypatch.setattr(hooks, "may_see_case", [lambda session, actor, case_id: case_id == desk.case])
    monkeypatch.setattr(hooks, "may_edit", [lambda session, actor, letter: False])
    page = client.get(f"/letters/{letter.id}")
    assert page.status_code == 200
    assert "textarea" not in page.text
    answer = client.post(f"/letters/{letter.id}", data={"text-where": "别处。"})
    assert answer.status_code == 409
    assert "您不能修改" in answer.text


def test_an_organ_writes_its_own_words_and_sees_who_did(desk: Desk, client: FlaskClient) -> None:
    sign_in(client, "yan")
    page = client.get("/letters/templates/L3").text
    assert "{{ correction_items }}" in page
    answer = client.post(
        "/letters/templates/L3", data={"text-where": "送到{{ office }}。"}, follow_redirects=True
    )
    assert "文字已保存" in answer.text
    assert "严封缄" in answer.text
    assert "恢复默认文字" in answer.text
    client.post("/letters/templates/L3", data={"act": "reset"})
    assert queries.own_text(db.session(), desk.organ, "L3") is None
    wrong = client.post("/letters/templates/L3", data={"text-where": "{{ 7*7 }}"})
    assert wrong.status_code == 409
    assert "没有「7*7」这个字段" in wrong.text
    assert "{{ 7*7 }}" in wrong.text


def test_a_template_is_seen_with_samples_before_it_is_saved(desk: Desk, client: FlaskClient) -> None:
    sign_in(client, "yan")
    answer = client.post("/letters/templates/L3/pages", data={"text-where": "送到{{ office }}。"}).get_json()
    assert answer["pages"]
    wrong = client.post("/letters/templates/L3/pages", data={"text-where": "{% for x in y %}"}).get_json()
    assert wrong == {"pages": [], "message": "不认识「{% for x in y %}」。只能写 if、else、endif。"}
    assert client.get("/letters/templates/L14.R3/sample.pdf").data.startswith(b"%PDF")


def test_settings_of_letters_are_kept_with_old_and_new(desk: Desk, client: FlaskClient) -> None:
    sign_in(client, "yan")
    page = client.get("/letters/settings").text
    assert "云汀市汀南区人民法院" in page
    answer = client.post(
        "/letters/settings", data=AUTHORITIES | {"court": "云汀铁路运输法院"}, follow_redirects=True
    )
    assert "文书设置已保存" in answer.text
    assert "云汀铁路运输法院" in answer.text


@pytest.mark.parametrize("url", ["/letters/999", "/letters/templates/L99", "/letters/settings?organ=999"])
def test_what_does_not_exist_is_not_found(desk: Desk, client: FlaskClient, url: str) -> None:
    sign_in(client, "yan")
    assert client.get(url).status_code == 404
