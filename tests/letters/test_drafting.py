"""A letter from its draft to the bytes that were sent: what people may change, what stops it, what is kept."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
import sqlalchemy as sa

from app.core.db import db
from app.core.errors import NotFound, Refused
from app.documents import files
from app.documents import service as numbers
from app.documents.models import DocumentNumber, StoredFile
from app.letters import checking, composing, hooks, queries, rendering, service, texts
from app.letters.models import Letter
from tests.letters.support import AUTHORITIES, Desk, pdf_text, squeezed


def test_a_second_draft_of_the_same_letter_is_the_open_one_with_the_new_facts(
    desk: Desk, any_db: str
) -> None:
    first = desk.draft("L3", {"correction_days": 10, "correction_unit": "个工作日"})
    again = desk.draft("L3", {"correction_days": 15})
    assert first.id == again.id
    assert "15个工作日" in again.blocks[3]["text"]


def test_edited_text_stays_when_facts_change_and_legal_text_follows(desk: Desk) -> None:
    letter = desk.draft("L14.R3")
    desk.run(lambda tx: service.edit(tx, letter.id, texts={"reason": "经审查，该信息涉及第三方商业秘密。"}))
    later = desk.draft("L14.R3", {"ground_article": "第十四条", "refuse_reason": "另一理由"})
    blocks = {block["key"]: block for block in later.blocks}
    assert blocks["reason"]["text"] == "经审查，该信息涉及第三方商业秘密。"
    assert "第十四条" in blocks["basis"]["text"]


@pytest.mark.parametrize("block", ["basis", "remedy", "nothing"])
def test_legal_text_cannot_be_changed_by_a_forged_request(desk: Desk, block: str) -> None:
    letter = desk.draft("L14.R3")
    before = letter.blocks
    with pytest.raises(Refused, match="法定文字不能修改"):
        desk.run(lambda tx: service.edit(tx, letter.id, texts={block: "不服也没有用。"}))
    assert desk.letter(letter.id).blocks == before


def test_a_changed_text_voids_the_approval_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(hooks, "approval_void", [lambda tx, letter_id: told.append(letter_id)])
    letter = desk.draft("L14.R3")
    digest = desk.run(lambda tx: service.approve(tx, letter.id))
    assert (
        queries.digest_of(db.session(), desk.case, "L14")
        == digest
        == queries.digest_of(db.session(), 7, "reply")
    )
    assert (
        desk.run(
            lambda tx: service.edit(tx, letter.id, texts={"reason": desk.letter(letter.id).blocks[1]["text"]})
        )
        is False
    )
    assert desk.letter(letter.id).state == "approved"
    assert desk.run(lambda tx: service.edit(tx, letter.id, texts={"reason": "改了一个字。"})) is True
    assert desk.letter(letter.id).state == "draft"
    assert told == [letter.id]


def test_two_people_at_once_do_not_overwrite_each_other(desk: Desk) -> None:
    letter = desk.draft("L3")
    version = letter.version
    desk.run(lambda tx: service.edit(tx, letter.id, texts={"where": "甲。"}, version=version))
    with pytest.raises(Refused, match="刚刚被他人修改"):
        desk.run(lambda tx: service.edit(tx, letter.id, texts={"where": "乙。"}, version=version))


def test_preview_equals_what_is_sent_and_the_bytes_are_kept_with_their_hash(desk: Desk, any_db: str) -> None:
    letter = desk.draft("L15.R3p")
    desk.run(lambda tx: service.approve(tx, letter.id))
    foreseen = rendering.preview_pdf(letter, number="云建公开复〔2026〕1号", dated_on=date(2026, 11, 23))
    word = rendering.preview_word(letter, number="云建公开复〔2026〕1号", dated_on=date(2026, 11, 23))
    issued = desk.issue(letter)
    assert issued.number == "云建公开复〔2026〕1号"
    with files.open_file(issued.pdf_hash) as sent:
        content = sent.read()
    assert content == foreseen
    assert hashlib.new("sm3", content).hexdigest() == issued.pdf_hash
    with files.open_file(issued.docx_hash) as sent:
        assert sent.read() == word
    kept = set(db.session().scalars(sa.select(StoredFile.hash)))
    assert {issued.pdf_hash, issued.docx_hash} <= kept
    assert desk.issue(letter) == issued, "a repeated act answers with the first result"


def test_an_issued_letter_is_never_changed(desk: Desk) -> None:
    letter = desk.draft("L3")
    desk.issue(letter)
    with pytest.raises(Refused, match="已制发，不能再改"):
        desk.run(lambda tx: service.edit(tx, letter.id, texts={"where": "别处。"}))
    with pytest.raises(Refused, match="不能再改"):
        desk.run(lambda tx: service.refill(tx, letter.id, fields={"correction_days": 30}))


def test_a_new_letter_of_the_kind_supersedes_the_one_that_went_out(desk: Desk) -> None:
    first = desk.draft("L3")
    desk.issue(first)
    second = desk.draft("L3")
    assert second.id != first.id
    desk.issue(second)
    old = desk.letter(first.id)
    assert (old.state, old.replaced_by) == ("superseded", second.id)


def test_another_outcome_puts_the_open_reply_aside(desk: Desk) -> None:
    first = desk.draft("L13.R2")
    second = desk.draft("L14.R3")
    assert desk.letter(first.id).state == "void"
    newest = queries.newest(db.session(), desk.case, "reply")
    assert newest is not None and newest.id == second.id


def test_letters_to_several_parties_stand_beside_each_other(desk: Desk) -> None:
    ids = {desk.draft("L7", part=party).id for party in ("1", "2")}
    assert len(ids) == 2
    for number in ids:
        desk.issue(desk.letter(number))
    assert {desk.letter(number).state for number in ids} == {"issued"}


def test_the_third_party_never_learns_who_applied(desk: Desk) -> None:
    for name in ("L7", "L9"):
        letter = desk.draft(
            name, texts.samples() | {"applicant": "王芳", "third_party": "云汀市清河建筑有限公司"}
        )
        desk.run(
            lambda tx, letter=letter: service.refill(
                tx, letter.id, fields={}, addressee="云汀市清河建筑有限公司"
            )
        )
        assert "王芳" not in pdf_text(rendering.preview_pdf(desk.letter(letter.id)))
        problems = texts.check(texts.shipped()[name], {"opening": "{{ applicant }}申请公开。"})
        assert "没有「applicant」这个字段" in problems["opening"]


def test_numbers_come_from_the_series_of_the_letter(desk: Desk, any_db: str) -> None:
    given = [desk.issue(desk.draft(name)).number for name in ("L14.R3", "L3", "L10.joint", "L2")]
    assert given == ["云建公开复〔2026〕1号", "云建公开告〔2026〕1号", "云建公开函〔2026〕1号", ""]


def test_a_number_of_the_oa_is_entered_and_kept(desk: Desk) -> None:
    issued = desk.issue(desk.draft("L14.R3"), number="云建公开复[2026]37号")
    assert issued.number == "云建公开复〔2026〕37号"
    row = db.session().scalars(sa.select(DocumentNumber)).one()
    assert (row.state, row.subject) == ("used", "答复书（不予公开）")
    with pytest.raises(Refused, match="已使用"):
        desk.issue(desk.draft("L3"), number="云建公开复〔2026〕37号")


def test_a_void_letter_voids_its_number(desk: Desk) -> None:
    letter = desk.draft("L14.R3")
    desk.run(lambda tx: service.take_number(tx, letter.id))
    with pytest.raises(Refused, match="作废原因"):
        desk.run(lambda tx: service.void(tx, letter.id, reason=" "))
    desk.run(lambda tx: service.void(tx, letter.id, reason="答复对象有误"))
    assert db.session().scalars(sa.select(DocumentNumber.state)).all() == ["void"]
    assert desk.issue(desk.draft("L14.R3")).number == "云建公开复〔2026〕2号"


def test_a_letter_is_not_sealed_in_the_future(desk: Desk) -> None:
    with pytest.raises(Refused, match="不能晚于今天"):
        desk.issue(desk.draft("L3"), sealed_on=date(2026, 11, 24))


# --- what is missing -----------------------------------------------------------------------------------------------


def test_every_letter_with_all_its_facts_may_be_signed(desk: Desk) -> None:
    for name in texts.shipped():
        desk.case += 1
        assert checking.missing(desk.draft(name)) == [], name


def test_no_letter_may_be_signed_without_its_facts(desk: Desk) -> None:
    for name in texts.shipped():
        desk.case += 1
        letter = desk.draft(name, {})
        found = checking.missing(letter)
        assert found, name
        assert all(sentence.startswith("不能送签：") for sentence in found)
        with pytest.raises(Refused, match="不能送签"):
            desk.run(lambda tx, letter=letter: service.approve(tx, letter.id))
        with pytest.raises(Refused, match="不能送签"):
            desk.issue(letter)


def test_a_deleted_paragraph_is_missed_by_its_name(desk: Desk) -> None:
    letter = desk.draft("L16.R4")
    desk.run(lambda tx: service.edit(tx, letter.id, texts={"search": ""}))
    found = checking.missing(desk.letter(letter.id))
    assert "不能送签：没有写检索范围。请补上。" in found
    assert "不能送签：没有写检索结果。请补上。" in found


def test_a_number_that_does_not_stand_in_the_text_is_missed(desk: Desk) -> None:
    letter = desk.draft("L18.R6")
    desk.run(lambda tx: service.edit(tx, letter.id, texts={"previous": "本机关此前已答复。"}))
    assert "不能送签：没有写前次答复文号。请补上。" in checking.missing(desk.letter(letter.id))


def test_a_letter_without_authorities_has_no_remedy_and_is_not_signed(desk: Desk) -> None:
    said = {key: value for key, value in AUTHORITIES.items() if key != "court"}
    service.keep_settings(desk.actor, organ_id=desk.organ, said=said)
    letter = desk.draft("L14.R3")
    (entry,) = checking.parts(letter)
    assert "救济途径未写行政复议机关、地址或者人民法院" in entry.sentence
    assert entry.where == "organ"
    service.keep_settings(desk.actor, organ_id=desk.organ, said=AUTHORITIES)
    assert checking.missing(desk.letter(letter.id)) == [], "drafts follow the organ's settings"


def test_an_approved_letter_does_not_change_with_the_settings(desk: Desk) -> None:
    letter = desk.draft("L14.R3")
    desk.run(lambda tx: service.approve(tx, letter.id))
    before = rendering.preview_pdf(desk.letter(letter.id))
    service.keep_settings(desk.actor, organ_id=desk.organ, said=AUTHORITIES | {"contact": "另一位"})
    assert rendering.preview_pdf(desk.letter(letter.id)) == before
    assert desk.letter(letter.id).state == "approved"


def test_refusals_carry_text_a_and_the_rest_text_b(desk: Desk) -> None:
    refused = squeezed(composing.paper(desk.draft("L14.R3")).text())
    assert "应当自收到之日起60日内先向云汀市人民政府（地址：云汀市清河路1号）申请行政复议" in refused
    absent = squeezed(composing.paper(desk.draft("L16.R4")).text())
    assert "也可以自收到之日起6个月内直接向云汀市汀南区人民法院提起行政诉讼" in absent
    part = squeezed(composing.paper(desk.draft("L15.R3p")).text())
    assert "本答复中不予公开部分" in part and "本答复中其余部分" in part


def test_the_remedy_may_be_left_out_only_where_the_law_room_allows(desk: Desk) -> None:
    without = texts.samples() | {"without_remedy": True}
    assert checking.missing(desk.draft("L18.R6", without)) == []
    assert "提起行政诉讼" not in composing.paper(desk.draft("L18.R6", without)).text()
    assert "提起行政诉讼" in composing.paper(desk.draft("L14.R3", without)).text()


def test_a_character_without_a_font_stops_the_signature(desk: Desk) -> None:
    letter = desk.draft("L14.R3", texts.samples() | {"refuse_reason": "涉及第三方😀"})
    assert "字库中没有「😀」" in checking.missing(letter)[0]
    with pytest.raises(Refused, match="《.+》字库中没有「😀」"):
        desk.run(lambda tx: service.issue(tx, letter.id, sealed_on=date(2026, 11, 23)))


def test_an_unknown_letter_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.run(lambda tx: service.edit(tx, 999, texts={}))
    with pytest.raises(Refused, match="没有这种文书"):
        desk.run(lambda tx: service.draft(tx, case_id=1, organ_id=desk.organ, kind="L99"))


# --- an organ's own words --------------------------------------------------------------------------------------------


def test_an_organs_own_words_are_used_from_then_on_and_can_be_taken_back(desk: Desk) -> None:
    old = desk.draft("L3")
    said = {"where": "请把材料送到政务服务大厅，{{ office }}收。"}
    service.keep_text(desk.actor, organ_id=desk.organ, template="L3", blocks=said)
    desk.case = 8
    new = desk.draft("L3")
    assert new.blocks[-1]["text"].startswith("请把材料送到政务服务大厅")
    assert desk.letter(old.id).blocks[-1]["text"].startswith("补正材料请提交")
    service.keep_text(desk.actor, organ_id=desk.organ, template="L3", blocks={})
    history = queries.history(db.session(), desk.organ, "L3")
    assert [(row["who"], row["new"], row["old"]) for row in history] == [
        ("严封缄", {}, said),
        ("严封缄", said, {}),
    ]


def test_the_words_of_one_organ_are_not_those_of_another(desk: Desk) -> None:
    service.keep_text(desk.actor, organ_id=desk.organ, template="L3", blocks={"where": "住建局大厅。"})
    assert queries.own_text(db.session(), desk.city.organs["office"], "L3") is None


@pytest.mark.parametrize("block", ["basis", "nothing"])
def test_legal_words_of_a_template_are_nobodys_to_change(desk: Desk, block: str) -> None:
    with pytest.raises(Refused) as refusal:
        service.keep_text(desk.actor, organ_id=desk.organ, template="L3", blocks={block: "不必补正。"})
    assert refusal.value.fields == {block: "这一段是法定内容，不能修改。"}


def test_a_wrong_field_is_refused_at_its_block(desk: Desk) -> None:
    with pytest.raises(Refused) as refusal:
        service.keep_text(
            desk.actor, organ_id=desk.organ, template="L3", blocks={"where": "{{ secret_key }}"}
        )
    assert "没有「secret_key」这个字段" in refusal.value.fields["where"]


def test_only_the_keepers_of_the_organ_change_its_words(desk: Desk) -> None:
    for login in ("fang", "jiang", "shui"):
        with pytest.raises(Refused.__mro__[1]):
            service.keep_text(desk.city.actor(login), organ_id=desk.organ, template="L3", blocks={})
    keeper = desk.city.actor("jiang")  # the office handles for the government
    service.keep_text(
        keeper, organ_id=desk.city.organs["government"], template="L3", blocks={"where": "来市府办。"}
    )


def test_a_reserved_number_is_used_by_the_letter_that_names_it(desk: Desk) -> None:
    numbers.reserve_number(desk.actor, organ_id=desk.organ, number="云建公开复〔2026〕9号")
    assert desk.issue(desk.draft("L14.R3"), number="云建公开复〔2026〕9号").number == "云建公开复〔2026〕9号"


def test_every_open_letter_of_a_kind_is_one(desk: Desk, any_db: str) -> None:
    desk.draft("L3")
    row = db.session().scalars(sa.select(Letter)).one()
    twin = {c.key: getattr(row, c.key) for c in Letter.__table__.columns if c.key != "id"}
    with pytest.raises(sa.exc.IntegrityError):
        desk.run(lambda tx: tx.session.execute(sa.insert(Letter), twin))
