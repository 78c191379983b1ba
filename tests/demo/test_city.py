"""What the demonstration shows: people who can sign in, work that waits for somebody, pages that are not empty."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import passwords
from app.accounts.directory import directory
from app.accounts.models import Person, Post
from app.accounts.queries import demo_people
from app.cases import inbox
from app.cases.models import Case, WorkItem
from app.core.db import db
from app.documents.models import Attachment, Document, SecrecyReview
from app.notices.models import Notice
from app.obligations.models import Obligation
from app.office.demo import papers
from app.office.demo.city import NOTE, PASSWORD
from app.office.demo.reading import DATA, read
from tests.support.signing import sign_in, sign_in_by_form

MAIN = "jiang bai qiao shi ke wei zhang wen shen chi jian lu cheng fang gu ding yan tian yue he qian fu mi shui".split()


def test_everybody_of_the_plan_is_there_with_something_to_look_at(city: Flask) -> None:
    people = {person.name: person for _, person in demo_people()}
    for login in (*MAIN, "qin", "kuang", "ping", "yu"):
        person = directory().by_login(login)
        assert person is not None and person.name in people
        assert 0 < len(person.note) <= 200
    assert directory().sign_in_note == NOTE and directory().kind == "demo"
    on_paper = [p for p in directory().people.values() if p.login is None]
    assert "梁定音" in {person.name for person in on_paper}


def test_every_listed_person_has_the_common_password(city: Flask) -> None:
    able = sa.select(Person.password_hash).where(Person.login.is_not(None), Person.active)
    hashes = set(db.session.scalars(able))
    assert len(hashes) == 1, "worked out once"
    assert passwords.matches(hashes.pop(), PASSWORD)
    for person in directory().people.values():
        assert passwords.fault(PASSWORD, name=person.name, login=person.login or "") is None
    forced = set(db.session.scalars(sa.select(Person.login).where(Person.must_change, Person.active)))
    assert forced == {"kuang", "ping", "yu", "qiao"}


@pytest.mark.parametrize("login", ["wen", "shui", "yu"])
def test_they_sign_in_through_the_page(login: str, city: Flask) -> None:
    answer = sign_in_by_form(city.test_client(), login, PASSWORD)
    assert answer.status_code == 303


def test_every_account_organ_has_an_administrator_and_people_for_each_step(city: Flask) -> None:
    people = directory()
    organs = [each["code"] for each in read("organs.toml")["organ"] if each["code"] != "government"]
    for code in (*organs, "urban"):
        organ = people.organ_by_code(code)
        assert organ is not None
        for kind in ("unit_admin", "secrecy_officer", "text_checker", "signer", "disclosure_head"):
            post = people.post_in_organ(organ.id, kind)
            assert post is not None and people.holders(post.id), f"{organ.name}: {kind}"
    office = people.organ_by_code("office")
    government = people.organ_by_code("government")
    assert office is not None and government is not None and government.office_id == office.id
    admins = people.post_in_organ(office.id, "process_admin")
    assert admins is not None and len(people.holders(admins.id)) == 2
    levels = {code: people.organ_by_code(code).settings["secrecy_levels"] for code in ("office", "county")}  # type: ignore[union-attr]
    assert levels == {"office": 4, "county": 2}


def test_every_open_item_has_somebody_who_can_act_or_is_an_incident(city: Flask) -> None:
    people = directory()
    items = db.session.scalars(sa.select(WorkItem).where(WorkItem.status == "open")).all()
    assert len(items) > 20
    stuck = [item for item in items if item.incident]
    for item in items:
        if item.incident is None:
            holders = [people.person(item.holder_id)] if item.holder_id else people.holders(item.post_id or 0)
            assert any(one and one.login for one in holders), (item.label, item.case_id)
    assert [item.label for item in stuck] == ["科长审核"]
    admin = people.by_login("cheng")
    assert admin is not None and admin.organ_id == stuck[0].organ_id


@pytest.mark.parametrize("login", MAIN)
def test_everybody_of_the_plan_has_something_waiting(login: str, city: Flask) -> None:
    person = directory().by_login(login)
    actor = directory().actor(person.id) if person else None
    assert actor is not None
    assert inbox.page(db.session(), actor, inbox.Asked()).rows


def test_the_documents_of_the_plan_stand_where_they_should(city: Flask) -> None:
    session = db.session()
    titles = {row.title: row for row in session.scalars(sa.select(Case))}
    assert sum(case.status == "done" for case in titles.values()) >= 11
    again = session.scalars(sa.select(SecrecyReview.title).where(SecrecyReview.round == 2)).all()
    assert again == ["关于印发《兴义市2021年政务公开工作要点》的通知"]
    secret = session.scalars(
        sa.select(Document).where(Document.secret_entry, Document.source == "case")
    ).one()
    assert (secret.ground, secret.title, secret.copies) == ("N14a", None, "第0107份")
    on_paper = session.scalars(sa.select(WorkItem).where(WorkItem.how == "paper")).all()
    assert {item.done_name for item in on_paper} == {"梁定音", "丘量地", "陆分明"}
    scans = session.scalars(sa.select(Attachment).where(Attachment.part == "paper")).all()
    assert {scan.state for scan in scans} == {"kept"}
    changed = session.scalars(sa.select(Document).where(Document.number == "云建发〔2024〕17号")).one()
    assert changed.attribute == "proactive"


def test_duties_are_closed_late_due_soon_and_waiting(city: Flask) -> None:
    duties = db.session.scalars(sa.select(Obligation)).all()
    assert {duty.status for duty in duties} == {"open", "closed"}
    assert [duty.overdue_cause for duty in duties if duty.overdue_cause] == [
        "政府网站改版停服，恢复后即发布。"
    ]
    due = sorted(str(duty.due_on) for duty in duties if duty.status == "open")
    assert due[0] < "2026-11-23" and "2026-11-25" in due and due[-1] > "2026-12-01"
    assert all((duty.published_url or ".example/").count(".example/") == 1 for duty in duties)


def test_reminders_of_the_past_are_there_and_the_newest_notices_unread(city: Flask) -> None:
    kinds = set(db.session.scalars(sa.select(Notice.kind)))
    assert {"work", "due", "overdue"} <= kinds


@pytest.mark.parametrize("login", ["jiang", "wen", "ke", "cheng", "shui", "wei"])
def test_no_page_with_a_history_is_empty(login: str, city: Flask) -> None:
    client = sign_in(city.test_client(), login)
    home = client.get("/work").get_data(as_text=True)
    menu = set(re.findall(r'<a[^>]+href="(/[a-z/-]*)"', home))
    wanted = {path for path in menu | {"/work/done", "/work/closed"} if path not in ("/", "/help")}
    wanted -= set() if login in ("wen", "shui", "cheng", "wei") else {"/work/mine"}  # who drafts nothing
    wanted -= set() if login == "cheng" else {"/stuck"}  # where nothing is stuck
    wanted -= {"/exchange/imports", "/requests/evaluations"}  # for cities with their own platform; none left
    wanted -= {
        "/deputies",
        "/deputies/organ",
        "/work/copies",
    }  # nobody of the city is away, nobody was sent a copy
    wanted -= {"/work/phrases"}  # each keeps his own
    wanted -= {"/orders"}  # orders concern 督查科 and two other organs (see below)
    wanted -= {"/requests", "/requests/appeals"} if login == "shui" else set()  # the only request is closed
    assert len(wanted) > 5
    empty = []
    for path in sorted(wanted):
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        if 'class="empty"' in answer.get_data(as_text=True):
            empty.append(path)
    assert not empty, f"{login} finds nothing on {empty}"


# --- nothing real ------------------------------------------------------------------------------------------------


def _texts() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(DATA).rglob("*.toml")))


def test_there_is_no_number_a_real_person_could_have() -> None:
    text = _texts()
    numbers = re.findall(r"\d{17}[\dXx]", text)
    assert all(number.startswith("990101") for number in numbers), "a region that does not exist"
    phones = re.findall(r"(?<!\d)1\d{10}(?!\d)", text)
    assert phones and all(phone.startswith("19900000") for phone in phones)
    assert set(re.findall(r"[\w.]+@([\w.]+)", text)) == {"yunting.example"}
    assert set(re.findall(r"https?://([^/\s\"]+)", text)) == {"www.yunting.example"}
    addresses = set(re.findall(r"\S{2}路 ?\d+ ?号", text))
    assert addresses <= {"清河路 1 号"}, addresses


def test_every_text_says_that_it_was_written_for_the_demonstration() -> None:
    for key, text in read("documents.toml").items():
        assert "演示" in text["body"][0] or "解读形式" in text["body"][0], key
        assert papers.NOTE.encode() in _inside(papers.docx(text["title"], text["body"]))


def _inside(docx: bytes) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return archive.read("word/document.xml")


def test_posts_that_nobody_holds_are_only_those_the_demonstration_means(city: Flask) -> None:
    people = directory()
    vacant = db.session.execute(
        sa.select(Post.id, Post.name).where(Post.active, Post.kind == "unit_head").order_by(Post.id)
    ).all()
    names = {name for post_id, name in vacant if not people.holders(post_id)}
    assert "建筑业科 科室负责人" in names


def test_orders_stand_with_who_gave_them_and_who_owes_them(city: Flask) -> None:
    client = city.test_client()
    for login, words in (("chi", "柳川县取暖补贴办法解读材料"), ("yan", "保障性住房分配结果公开不及时")):
        page = sign_in(client, login).get("/orders").get_data(as_text=True)
        assert words in page, login
