"""督办 (features.md H11): ordered, reported on, sent back, extended, closed by somebody else than who reported."""

from __future__ import annotations

import io
import re
import threading
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from app.cases import service
from app.core import now
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.jobs import JOBS
from app.documents.models import Attachment
from app.notices import queries as notices
from app.notices.models import Notice
from app.obligations import orders
from app.obligations.order_models import Order, OrderAct
from tests.cases.conftest import desk, house
from tests.cases.flows import drafted
from tests.cases.pressing import press_case, recorded, words_of
from tests.obligations.access_samples import appoint, give
from tests.obligations.factories import make_duty
from tests.support.driving import Desk
from tests.support.organs import City

__all__ = ["desk", "house"]

DUE = date(2026, 12, 4)


@pytest.fixture
def watched(house: City) -> City:
    """简存卷 and 石印安 hold the 督查岗 of the government's office, 李处 that of the department."""
    appoint(SYSTEM, house, "office", "jian", "shi")
    appoint(SYSTEM, house, "housing", "li")
    return house


def order(number: int) -> Order:
    session = db.session()
    session.commit()
    return session.get_one(Order, number, populate_existing=True)


def do(desk: Desk, login: str, number: int, act: str, **said: Any) -> TestResponse:
    data = {"token": str(uuid.uuid4()), **said}
    return desk.sit(login).post(f"/orders/{number}/{act}", data=data)


def unread(house: City, login: str) -> list[str]:
    db.session().commit()
    return [row["text"] for row in notices.page(house.actor(login), only_unread=True).rows]


def test_an_order_is_given_reported_on_and_closed(any_db: str, desk: Desk, watched: City) -> None:
    client = desk.sit("jian")
    answer = client.post(
        "/orders/new",
        data={
            "token": str(uuid.uuid4()), "target": f"p{watched.people['wen']}", "title": "旧改细则逾期",
            "demand": "请送审。", "due_on": DUE.isoformat(),
        },
    )  # fmt: skip
    assert answer.status_code == 303
    number = int(answer.location.rsplit("/", 1)[-1])
    assert order(number).number == "市府办督〔2026〕1号"
    assert "旧改细则逾期" in words_of(desk.sit("wen").get("/work")), "it stands in 待办"
    assert do(desk, "wen", number, "report", text="已送审。").status_code == 303
    assert order(number).status == "reported"
    assert "旧改细则逾期" not in words_of(desk.sit("wen").get("/work"))
    assert do(desk, "shi", number, "close", text="已核实送审。").status_code == 303
    assert order(number).status == "closed"
    page = words_of(desk.sit("wen").get(f"/orders/{number}"))
    assert "已销号" in page and "已核实送审。" in page and "已送审。" in page
    for act in ("issued", "feedback", "closed"):
        assert len(recorded(f"supervision.{act}")) == 1


def test_numbers_are_consecutive_whoever_orders_at_the_same_moment(
    any_db: str, app: Flask, watched: City
) -> None:
    def run() -> None:
        with app.app_context():
            give(watched)

    workers = [threading.Thread(target=run) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    numbers = db.session().scalars(sa.select(Order.number)).all()
    assert sorted(numbers) == [f"市府办督〔2026〕{n}号" for n in range(1, 7)]


def test_what_somebody_reports_somebody_else_closes(any_db: str, desk: Desk, watched: City) -> None:
    """石印安 has to do it and holds the 督查岗 as well: the locked row says who reported."""
    number = give(watched, target=f"p{watched.people['shi']}")
    do(desk, "shi", number, "report", text="办好了。")
    refused = do(desk, "shi", number, "close", text="很好。")
    assert refused.status_code == 409
    assert "销号不能由报送反馈的人自己办" in refused.text and "很好。" in refused.text
    with pytest.raises(Refused, match="不能由报送反馈的人自己办"):
        orders.close(watched.actor("shi"), order_id=number, text="很好。")
    orders.close(watched.actor("jian"), order_id=number, text="属实。")
    assert order(number).closed_by == watched.people["jian"]


def test_nobody_orders_himself(watched: City) -> None:
    with pytest.raises(Refused, match="请从列表里选择"):
        give(watched, target=f"p{watched.people['jian']}")


def test_feedback_that_does_not_suffice_goes_back(desk: Desk, watched: City) -> None:
    number = give(watched)
    do(desk, "wen", number, "report", text="在办。")
    assert do(desk, "jian", number, "back", text="没有写明何时送审。").status_code == 303
    assert order(number).status == "open"
    page = desk.sit("wen").get("/work")
    assert "旧改细则逾期" in words_of(page)
    do(desk, "wen", number, "report", text="11月27日送审。")
    assert order(number).status == "reported"
    kinds = list(db.session().scalars(sa.select(OrderAct.kind).order_by(OrderAct.id)))
    assert kinds == ["issued", "feedback", "returned", "feedback"]


def test_an_extension_is_asked_with_reasons_and_both_days_are_kept(
    any_db: str, desk: Desk, watched: City
) -> None:
    number, later = give(watched), DUE + timedelta(days=7)
    early = do(desk, "wen", number, "ask", due_on=DUE.isoformat(), text="人手不足")
    assert early.status_code == 409 and "要晚于原定的" in early.text
    assert do(desk, "wen", number, "ask", due_on=later.isoformat(), text="等专家意见").status_code == 303
    assert (order(number).due_on, order(number).asked_due) == (DUE, later)
    with pytest.raises(Refused, match="已经申请延期至"):
        orders.ask_extension(watched.actor("wen"), order_id=number, due_on=later, text="再催")
    assert do(desk, "jian", number, "decide", answer="yes", text="情况属实").status_code == 303
    assert (order(number).due_on, order(number).asked_due) == (later, None)
    granted = db.session().scalars(sa.select(OrderAct).where(OrderAct.kind == "granted")).one()
    assert (granted.old_due, granted.new_due) == (DUE, later)
    assert f"期限 {DUE} → {later}" in words_of(desk.sit("wen").get(f"/orders/{number}"))


def test_an_extension_that_is_refused_leaves_the_day(watched: City) -> None:
    number = give(watched)
    orders.ask_extension(watched.actor("wen"), order_id=number, due_on=DUE + timedelta(7), text="忙")
    orders.decide_extension(watched.actor("jian"), order_id=number, agree=False, due_on=None, text="不同意")
    assert (order(number).due_on, order(number).asked_due) == (DUE, None)
    with pytest.raises(Refused, match="没有待决定的延期申请"):
        orders.decide_extension(watched.actor("jian"), order_id=number, agree=True, due_on=None, text="同意")


def test_who_asks_for_time_does_not_grant_it(watched: City) -> None:
    number = give(watched, target=f"p{watched.people['shi']}")
    orders.ask_extension(watched.actor("shi"), order_id=number, due_on=DUE + timedelta(7), text="忙")
    with pytest.raises(Refused, match="不能由申请的人自己同意"):
        orders.decide_extension(watched.actor("shi"), order_id=number, agree=True, due_on=None, text="好")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"title": " "}, "请填写督办事项"),
        ({"demand": ""}, "请写明督办要求"),
        ({"demand": "长" * 2001}, "最多 2000 个字"),
        ({"due_on": None}, "请填写办结期限"),
        ({"due_on": date(2026, 11, 22)}, "不能早于今天"),
        ({"target": "x1"}, "请从列表里选择"),
        ({"target": "p999999"}, "请从列表里选择"),
    ],
)
def test_an_order_that_cannot_be_kept_is_refused_in_words(
    watched: City, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        give(watched, **said)
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_the_governments_office_orders_every_organ_a_department_only_its_own(watched: City) -> None:
    housing, office = watched.organs["housing"], watched.organs["office"]
    assert order(give(watched, target=f"o{housing}")).target_id == housing
    with pytest.raises(Refused, match="请从列表里选择"):
        give(watched, by="li", target=f"o{office}")
    with pytest.raises(Refused, match="请从列表里选择"):
        give(watched, target=f"p{watched.people['fang']}")  # people of another organ are its own affair
    own = give(watched, by="li", target=f"u{watched.units['housing', '住房保障科']}")
    assert order(own).post_id == watched.post("housing", "unit_head", "住房保障科")
    assert order(own).number == "市住建局督〔2026〕1号"


def test_who_is_no_supervisor_gives_no_orders_and_learns_of_none(desk: Desk, watched: City) -> None:
    number = give(watched)
    with pytest.raises((NotFound, Refused)):
        give(watched, by="bai")
    assert desk.sit("wang").get(f"/orders/{number}").status_code == 404
    assert desk.sit("shui").get(f"/orders/{number}").status_code == 404
    assert do(desk, "shui", number, "report", text="x").status_code == 404
    assert desk.sit("kuang").get("/orders").status_code in (403, 404)
    assert "旧改细则逾期" not in desk.sit("shui").get("/orders").text
    with pytest.raises(NotAllowed, match="反馈"):
        orders.report(watched.actor("jian"), order_id=number, text="替他报")
    with pytest.raises(NotAllowed, match="督查岗办理"):
        orders.close(watched.actor("wen"), order_id=number, text="自己销")


def test_nothing_is_done_to_an_order_that_is_over(watched: City) -> None:
    number = give(watched)
    with pytest.raises(Refused, match="还没有办理反馈，不能销号"):
        orders.close(watched.actor("jian"), order_id=number, text="好")
    orders.withdraw(watched.actor("jian"), order_id=number, text="下错了")
    for act in (orders.report, orders.close, orders.withdraw):
        with pytest.raises(Refused, match="已经撤销"):
            act(watched.actor("wen" if act is orders.report else "jian"), order_id=number, text="x")


def test_a_repeated_click_orders_once(watched: City) -> None:
    token = str(uuid.uuid4())
    assert give(watched, token=token) == give(watched, token=token)
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Order)) == 1


def test_two_supervisors_close_and_send_back_at_once_and_one_counts(
    any_db: str, app: Flask, watched: City
) -> None:
    number = give(watched)
    orders.report(watched.actor("wen"), order_id=number, text="好了")
    came: list[str] = []

    def run(act: Any, login: str) -> None:
        with app.app_context():
            try:
                act(watched.actor(login), order_id=number, text="意见")
                came.append("done")
            except Refused as refused:
                came.append(refused.message)

    pair = [
        threading.Thread(target=run, args=(orders.close, "jian")),
        threading.Thread(target=run, args=(orders.send_back, "shi")),
    ]
    for each in pair:
        each.start()
    for each in pair:
        each.join()
    assert came.count("done") == 1 and len(came) == 2


def test_notices_ring_while_somebody_has_to_act_and_no_longer(any_db: str, watched: City) -> None:
    number = give(watched)
    assert len(unread(watched, "wen")) == 1
    orders.report(watched.actor("wen"), order_id=number, text="好了")
    assert unread(watched, "wen") == []
    assert len(unread(watched, "jian")) == 1
    orders.close(watched.actor("shi"), order_id=number, text="属实")
    assert unread(watched, "jian") == []


def test_its_day_is_reminded_of_and_lateness_reaches_those_above(any_db: str, watched: City) -> None:
    number = give(watched, target=f"p{watched.people['wen']}")
    job = JOBS["obligations.supervise"][0]
    for day in ("2026-11-27", "2026-12-01", "2026-12-03", "2026-12-04", "2026-12-05"):
        now.pretend(day)
        job()
        job()
    db.session().commit()
    told = list(db.session().scalars(sa.select(Notice).where(Notice.dedupe.like(f"order:{number}:2026%"))))
    assert [each.kind for each in told if each.person_id] == ["supervise"] * 5
    above = {each.post_id for each in told if each.kind == "overdue"}
    assert above == {watched.post("office", "disclosure_head"), watched.post("office", "supervisor")}
    assert len(recorded("supervision.reminded")) == 5


def test_an_order_on_a_case_stands_in_its_history(desk: Desk, watched: City) -> None:
    case = drafted(desk)
    number = give(watched, case_id=case)
    assert "督办单 市府办督〔2026〕1号" in recorded("case.supervised")[0]
    assert "看办件" in desk.sit("wen").get(f"/orders/{number}").text


def test_what_is_late_proposes_itself_and_nothing_is_ordered_by_itself(
    any_db: str, desk: Desk, watched: City
) -> None:
    case = drafted(desk, "fang")
    duty = make_duty(watched)
    now.pretend("2026-11-25T17:29")
    number = desk.case(case).number
    assert number not in desk.sit("li").get("/orders/late").text, "to the minute"
    now.pretend("2026-11-25T17:30")
    page = desk.sit("jian").get("/orders/late")
    words = words_of(page)
    assert number in words and "科长审核" in words and "市住建局" in words
    assert "城镇老旧小区改造" not in words, "of another organ number and day only"
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Order)) == 0
    own = words_of(desk.sit("li").get("/orders/late"))
    assert "城镇老旧小区改造" in own
    form = desk.sit("jian").get(f"/orders/new?case={case}").text
    assert f"办件 {number}超期" in form
    give(watched, target=f"o{watched.organs['housing']}", case_id=case)
    assert "已督办" in words_of(desk.sit("jian").get("/orders/late"))
    assert duty and desk.sit("jian").get("/orders/late?what=duties").status_code == 200
    assert desk.sit("jian").get("/orders/late?what=replies").status_code == 200
    assert desk.sit("shui").get("/orders/late").status_code in (403, 404)


def test_what_is_late_is_listed_though_no_job_has_run_and_what_rests_is_not(
    any_db: str, desk: Desk, watched: City
) -> None:
    claimed, unclaimed = drafted(desk, "fang"), drafted(desk, "fang", title="关于另一件事的通知")
    service.claim(watched.actor("gu"), item_id=desk.item(claimed, "head_review").id)
    now.pretend("2026-11-27")
    numbers = {desk.case(case).number for case in (claimed, unclaimed)}
    listed = words_of(desk.sit("jian").get("/orders/late"))
    assert all(number in listed for number in numbers)
    assert "已超期" in words_of(desk.sit("gu").get("/work")), "待办 says the same"
    assert press_case(desk, "fang", claimed, "suspend", reason="等待上级文件").status_code == 303
    rest = words_of(desk.sit("jian").get("/orders/late"))
    assert desk.case(claimed).number not in rest and desk.case(unclaimed).number in rest


def files_of(number: int) -> list[str]:
    return [each["name"] for act in orders.acts_of(db.session(), number) for each in act["files"]]


def test_a_report_takes_attachments_which_readers_of_the_order_alone_fetch(
    any_db: str, desk: Desk, watched: City
) -> None:
    number = give(watched)
    scan = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 64), "佐证.png")
    page = do(desk, "wen", number, "report", text="", supervision=scan)
    assert page.status_code == 422 and "佐证.png" in page.text, "what was chosen is not lost with a refusal"
    upload = re.search(r'name="supervision" value="(\d+)"', page.text)
    assert upload
    assert do(desk, "wen", number, "report", text="已送审。", supervision=upload[1]).status_code == 303
    assert files_of(number) == ["佐证.png"] and "附 1 个附件" in recorded("supervision.feedback")[0]
    assert "佐证.png" in desk.sit("jian").get(f"/orders/{number}").text
    assert "佐证.png" in desk.client.get(f"/orders/{number}/print").text
    link = f"/documents/files/{upload[1]}"
    assert desk.client.get(link).status_code == 200 and desk.sit("wen").get(link).status_code == 200
    assert desk.sit("fang").get(link).status_code == 404
    assert desk.sit("wang").get(link).status_code == 404


def test_what_is_not_ones_own_upload_does_not_come_with_a_report(desk: Desk, watched: City) -> None:
    number, other = give(watched), give(watched, title="另一件")
    do(desk, "wen", other, "report", text="", supervision=(io.BytesIO(b"%PDF-1.4\n%%EOF"), "佐证.pdf"))
    mine = db.session().scalar(sa.select(sa.func.max(Attachment.id)))
    db.session().commit()
    assert do(desk, "wen", number, "report", text="好了", supervision="99999").status_code == 409
    assert order(number).status == "open"
    assert do(desk, "wen", number, "report", text="好了", supervision=str(mine)).status_code == 303
    assert do(desk, "wen", other, "report", text="好了", supervision=str(mine)).status_code == 409, (
        "given away"
    )
    assert files_of(other) == []


def test_a_file_that_is_no_document_is_refused_and_the_words_stay(desk: Desk, watched: City) -> None:
    number = give(watched)
    page = do(desk, "wen", number, "report", text="已送审。", supervision=(io.BytesIO(b"MZ"), "a.exe"))
    assert page.status_code == 422 and "已送审。" in page.text and order(number).status == "open"


def test_a_case_of_an_organ_that_is_not_watched_cannot_be_ordered(desk: Desk, watched: City) -> None:
    case = drafted(desk)
    assert desk.sit("li").get(f"/orders/new?case={case}").status_code == 404
    with pytest.raises(NotFound):
        give(watched, by="li", target=f"p{watched.people['fang']}", case_id=case)


def test_the_register_filters_prints_and_leaves_as_a_workbook(desk: Desk, watched: City) -> None:
    number = give(watched)
    give(watched, title="=1+1", target=f"o{watched.organs['housing']}")
    client = desk.sit("jian")
    assert "旧改细则逾期" in client.get("/orders?q=旧改").text
    assert "旧改细则逾期" not in client.get("/orders?state=closed").text
    assert "旧改细则逾期" not in client.get(f"/orders?organ={watched.organs['housing']}").text
    paper = words_of(client.get(f"/orders/{number}/print"))
    assert "督办单" in paper and "请于期限前送审" in paper
    sent = client.post("/orders/export", data={})
    sheet = load_workbook(io.BytesIO(sent.data)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "旧改细则逾期" in cells and "=1+1" not in cells and "'=1+1" in cells
    assert len(recorded("supervision.exported")) == 1


def test_the_bell_of_a_duty_stops_when_it_is_published(desk: Desk, watched: City) -> None:
    duty = make_duty(watched)
    JOBS["obligations.remind"][0]()
    assert len(unread(watched, "ke")) == 1
    answer = desk.sit("ke").post(
        f"/obligations/{duty}/close",
        data={
            "token": str(uuid.uuid4()), "url": "https://www.yunting.gov.cn/a/1.html", "published_on": "2026-11-23",
            "channel": "website",
        },
    )  # fmt: skip
    assert answer.status_code == 303
    assert unread(watched, "ke") == []
