"""代理 and AB岗 (features.md H14): B sees and handles A's work in A's place, the record names both, A sees it too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts import deputies
from app.accounts.deputies import Wanted
from app.accounts.directory import directory
from app.cases import inbox as lists
from app.cases import service
from app.cases.models import WorkItem
from app.core import now
from app.core.db import db
from app.core.errors import GongkaiError, NotAllowed, NotFound, Refused
from app.notices import queries as notices
from tests.cases.flows import drafted
from tests.cases.pressing import recorded, words_of
from tests.support.driving import SELF_CHECK, Desk, errors_in, text_file
from tests.support.organs import City

WEEK = timedelta(days=7)
DRAFT = {"title": "关于通知的通知", "doc_kind": "other", "attribute": "proactive"}


def wanted(house: City, a: str, b: str, kind: str = "period", **more: Any) -> Wanted:
    """B for A from today for a week, unless said otherwise."""
    day = now.today()
    last = None if kind == "standing" else day + WEEK
    values: dict[str, Any] = {"from_on": day, "until_on": last, **more}
    return Wanted(house.people[a], house.people[b], kind, **values)


def appoint(house: City, a: str, b: str, kind: str = "period", by: str | None = None, **more: Any) -> Any:
    return deputies.appoint(house.actor(by or a), wanted=wanted(house, a, b, kind, **more))


def away(house: City, who: str, first: date | None = None, last: date | None = None) -> Any:
    day = now.today()
    return deputies.mark_away(
        house.actor(who),
        person_id=house.people[who],
        kind="leave",
        from_on=first or day,
        until_on=last or day,
    )


def inbox(house: City, who: str) -> list[int]:
    """Cases in a person's 待办."""
    db.session().commit()
    return [row["case_id"] for row in lists.page(db.session(), house.actor(who), lists.Asked()).rows]


def done(case: int, step: str) -> WorkItem:
    """The last closed item of a step."""
    db.session().commit()
    query = sa.select(WorkItem).where(
        WorkItem.case_id == case, WorkItem.step == step, WorkItem.status == "done"
    )
    return db.session().scalars(query.order_by(WorkItem.id.desc())).first()  # type: ignore[return-value]


def test_b_handles_what_waits_at_the_post_of_a_and_both_names_stand_in_the_record(
    any_db: str, desk: Desk, house: City
) -> None:
    appoint(house, "shen", "wang")
    case = drafted(desk)
    assert inbox(house, "wang") == [case]
    assert inbox(house, "shen") == [case], "the absent person still sees his work"
    page = words_of(desk.sit("wang").get("/work"))
    assert "代 申牧之" in page
    item = desk.item(case, "head_review")
    assert "您代申牧之办理这个环节" in words_of(desk.sit("wang").get(f"/work/{item.id}"))
    desk.act("wang", case, "head_review", decision="agree", opinion="同意")
    closed = done(case, "head_review")
    assert (closed.done_name, closed.capacity) == ("王芳", "综合一科 科室负责人（代 申牧之）")
    assert closed.on_behalf_id == house.people["shen"]
    assert recorded("case.complete")[-1].startswith("王芳（综合一科 科室负责人（代 申牧之））")
    assert desk.case(case).doers["head_review"] == house.people["shen"], (
        "a return goes to the one whose work it is"
    )
    assert inbox(house, "wang") == inbox(house, "shen") == []


def test_what_lies_in_the_hands_of_a_is_seen_and_done_by_b(desk: Desk, house: City) -> None:
    case = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="关于通知的通知")
    assert inbox(house, "wang") == []
    appoint(house, "wen", "wang")
    assert inbox(house, "wang") == [case]
    desk.act("wang", case, "draft", files={"main_file": text_file("正文")}, **DRAFT)
    closed = done(case, "draft")
    assert (closed.done_name, closed.on_behalf_id) == ("王芳", house.people["wen"])
    assert closed.capacity is not None and closed.capacity.endswith("（代 文承远）")
    assert house.people["wang"] in desk.case(case).authors, "who drafted is the person who did"


def test_b_never_judges_what_b_drafted(desk: Desk, house: City) -> None:
    appoint(house, "shen", "wen")
    case = drafted(desk, "wen")
    refused = desk.send("wen", case, "head_review", decision="agree")
    assert refused.status_code == 403
    assert "拟稿人不能审核、签发自己拟的稿" in refused.text
    assert desk.open_steps(case) == ["head_review"]


def test_who_drafted_for_a_does_not_judge_it_at_another_post(desk: Desk, house: City) -> None:
    appoint(house, "wen", "shen")
    case = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="关于通知的通知")
    desk.act("shen", case, "draft", files={"main_file": text_file("正文")}, **DRAFT)
    assert "拟稿人" in errors_in(desk.send("shen", case, "head_review", decision="agree"))


def test_claiming_for_a_puts_the_work_into_the_hands_of_a(desk: Desk, house: City) -> None:
    appoint(house, "wen", "jiang", posts=[house.post("office", "drafter", "综合一科")])
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="return", opinion="再改")
    item = desk.item(case, "draft")
    db.session().execute(
        sa.update(WorkItem)
        .where(WorkItem.id == item.id)
        .values(holder_id=None, post_id=house.post("office", "drafter", "综合一科"))
    )
    db.session().commit()
    assert "江维公 代 文承远 认领" in service.claim(house.actor("jiang"), item_id=item.id)["said"]
    assert desk.item(case, "draft").holder_id == house.people["wen"]
    assert inbox(house, "jiang") == [case] == inbox(house, "wen")
    assert inbox(house, "wang") == []
    service.put_back(house.actor("jiang"), item_id=item.id)
    assert desk.item(case, "draft").holder_id is None


def test_some_posts_and_some_kinds_only(desk: Desk, house: City) -> None:
    case = drafted(desk)
    assert inbox(house, "shen") == [case]
    post = house.post("office", "unit_head", "综合一科")
    appoint(house, "shen", "wang", processes=["foi_request"])
    appoint(house, "shen", "ke", posts=[post], processes=["disclosure_attribute"])
    assert (inbox(house, "wang"), inbox(house, "ke")) == ([], [case])
    item = desk.item(case, "head_review")
    assert desk.sit("wang").get(f"/work/{item.id}").status_code == 404
    assert desk.sit("ke").get(f"/work/{item.id}").status_code == 200


def test_what_is_called_by_a_process_counts_as_that_process(desk: Desk, house: City) -> None:
    appoint(house, "wei", "wang", processes=["disclosure_attribute"])
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    desk.act("wen", case, "self_check", **SELF_CHECK)
    desk.act("shen", case, "head_review", decision="agree")
    assert inbox(house, "wang") == [case]
    desk.act("wang", case, "officer_review", decision="agree", conclusion="open", opinion="审查完毕")


def test_ab_acts_only_while_a_is_marked_absent_and_the_day_decides(
    any_db: str, desk: Desk, house: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = drafted(desk)
    appoint(house, "shen", "wang", "standing")
    assert inbox(house, "wang") == []
    tomorrow = now.today() + timedelta(days=1)
    away(house, "shen", tomorrow, tomorrow)
    assert inbox(house, "wang") == [], "not before the first day"
    was = now._shift
    monkeypatch.setattr(now, "_shift", was + timedelta(days=1))
    assert inbox(house, "wang") == [case], "the day has come; nothing in the directory has changed"
    monkeypatch.setattr(now, "_shift", was + timedelta(days=2))
    assert inbox(house, "wang") == []


def test_a_named_deputy_goes_before_the_standing_one(desk: Desk, house: City) -> None:
    case = drafted(desk)
    appoint(house, "shen", "wang", "standing")
    appoint(house, "shen", "ke")
    away(house, "shen")
    assert (inbox(house, "ke"), inbox(house, "wang")) == ([case], [])


def test_standing_in_costs_no_statement_more(
    any_db: str, desk: Desk, house: City, sql_counter: Callable[[], Any]
) -> None:
    drafted(desk)
    desk.start("wang", "disclosure_attribute", entry="document", kind="first", title="关于通知的通知")
    costs = []
    for _ in range(2):
        client = desk.sit("wang")
        client.get("/work")
        with sql_counter() as count:
            assert client.get("/work").status_code == 200
        costs.append(count.statements)
        if len(costs) == 1:
            appoint(house, "shen", "wang", processes=["disclosure_attribute"])
            appoint(house, "lu", "wang", posts=[house.post("office", "signer")])
    assert len(inbox(house, "wang")) == 2
    assert costs[0] == costs[1], costs


def test_the_bell_rings_for_whoever_stands_in(desk: Desk, house: City) -> None:
    desk.sit("ke").get("/work")
    appoint(house, "shen", "ke")
    before = desk.sit("ke").get("/counts").get_json()["bell"]
    drafted(desk)
    assert desk.sit("ke").get("/counts").get_json()["bell"] == before + 1
    assert desk.client.get("/counts").get_json()["nav"]["cases.inbox"] == 1


def told(house: City, who: str) -> list[str]:
    """Texts of the notices that reach a person today, in the order told."""
    db.session().commit()
    return [row["text"] for row in reversed(notices.page(house.actor(who)).rows)]


def test_who_stands_in_for_some_processes_hears_of_these_alone(any_db: str, desk: Desk, house: City) -> None:
    appoint(house, "shen", "wang", processes=["foi_request"])
    appoint(house, "wen", "zhang", processes=["disclosure_attribute"])
    case = drafted(desk)
    post = house.post("office", "unit_head", "综合一科")
    assert [text for text in told(house, "wang") if "科长审核" in text] == [], "not of this process"
    deputies.end_deputy(house.actor("shen"), deputy_id=1)
    appoint(house, "shen", "ke", processes=["disclosure_attribute"])
    assert [text for text in told(house, "ke") if text.startswith("科长审核——")], "what waited already"
    desk.act("shen", case, "head_review", decision="return", opinion="请改")
    assert any(text.startswith("拟稿——") for text in told(house, "zhang")), "what lies in his hands"
    assert notices.unread(house.actor("zhang")) == 2, "the arrangement, and the work"
    for process, reach in (
        ("disclosure_attribute", {"shen", "ke"}),
        ("foi_request", {"shen"}),
        (None, {"shen"}),
    ):
        found = notices.reached(directory(), None, post, True, process, now.today())
        assert found == {house.people[each] for each in reach}, process


def sheet(house: City, signer: str, day: str) -> dict[str, Any]:
    """A signed sheet entered afterwards."""
    return {
        "offline": "1",
        "offline_how": "paper",
        "offline_signer": house.people[signer],
        "offline_signed_on": day,
        "files": {"offline_scan": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "签批单.png")},
        "decision": "agree",
    }


def test_a_sheet_signed_by_whoever_stood_in_that_day_names_both(any_db: str, desk: Desk, house: City) -> None:
    case = drafted(desk)
    appoint(house, "shen", "zhang", until_on=now.today())
    now.pretend("2026-11-25")
    page = desk.sit("wen").get(f"/work/{desk.item(case, 'head_review').id}?offline=1").text
    assert f'value="{house.people["zhang"]}"' in page, "he stood in while the step waited"
    with pytest.raises(AssertionError, match="签批当日"):
        desk.act("wen", case, "head_review", **sheet(house, "zhang", "2026-11-24"))
    desk.act("wen", case, "head_review", **sheet(house, "zhang", "2026-11-23"))
    item = done(case, "head_review")
    assert (item.done_name, item.entered_name, item.on_behalf_id) == (
        "章循法",
        "文承远",
        house.people["shen"],
    )
    assert "代 申牧之" in (item.capacity or "")


def test_a_sheet_signed_before_the_arrangement_was_ended_early_names_both(desk: Desk, house: City) -> None:
    case = drafted(desk)
    made = appoint(house, "shen", "zhang")
    appoint(house, "lu", "wang", "standing")
    gone = away(house, "lu", last=now.today() + WEEK)
    now.pretend("2026-11-25T10:00")
    deputies.end_deputy(house.actor("shen"), deputy_id=made["id"])
    deputies.end_absence(house.actor("lu"), absence_id=gone["id"])
    lu, wang = house.people["lu"], house.people["wang"]
    stood_in = {day: directory().stand_ins_of(lu, date(2026, 11, day)) for day in (24, 25, 26)}
    assert [each.id for each in stood_in[24]] == [wang] and not stood_in[25] and not stood_in[26]
    now.pretend("2026-11-26")
    with pytest.raises(AssertionError, match="签批当日"):
        desk.act("wen", case, "head_review", **sheet(house, "zhang", "2026-11-26"))
    desk.act("wen", case, "head_review", **sheet(house, "zhang", "2026-11-24"))
    assert done(case, "head_review").on_behalf_id == house.people["shen"]
    printed = words_of(desk.client.get(f"/cases/{case}/sheet/approval"))
    assert "章循法" in printed and "代 申牧之" in printed


def test_a_sheet_signed_by_somebody_else_is_refused(desk: Desk, house: City) -> None:
    case = drafted(desk)
    with pytest.raises(AssertionError):
        desk.act("wen", case, "head_review", **sheet(house, "zhang", "2026-11-23"))


def test_ending_early_takes_the_work_away_at_once(desk: Desk, house: City) -> None:
    made = appoint(house, "shen", "wang")
    case = drafted(desk)
    assert inbox(house, "wang") == [case]
    with pytest.raises(NotFound):
        deputies.end_deputy(house.actor("ke"), deputy_id=made["id"])
    deputies.end_deputy(house.actor("shen"), deputy_id=made["id"])
    assert inbox(house, "wang") == []
    with pytest.raises(Refused, match="已经结束"):
        deputies.end_deputy(house.actor("shen"), deputy_id=made["id"])
    assert recorded("deputy.ended") and recorded("deputy.appointed")
    with pytest.raises(NotFound):
        service.claim(house.actor("wang"), item_id=desk.item(case, "head_review").id)


def test_back_early_ends_what_ab_did(desk: Desk, house: City) -> None:
    case = drafted(desk)
    appoint(house, "shen", "wang", "standing")
    gone = away(house, "shen")
    assert "其间由 王芳 代理" in gone["said"]
    assert inbox(house, "wang") == [case]
    deputies.end_absence(house.actor("shen"), absence_id=gone["id"])
    assert inbox(house, "wang") == []


def test_nothing_passes_on_to_the_deputy_of_the_deputy(desk: Desk, house: City) -> None:
    """B's own absence does not hand A's work to C."""
    case = drafted(desk)
    appoint(house, "shen", "wang", "standing")
    appoint(house, "wang", "ke", "standing")
    away(house, "shen")
    away(house, "wang")
    assert inbox(house, "ke") == []
    assert inbox(house, "shen") == [case] == inbox(house, "wang")


BAD = [
    ({"a": "shen", "b": "shen"}, "本人代理本人"),
    ({"a": "shen", "b": "fang"}, "本机关"),
    ({"a": "shen", "b": "kuang"}, "三员"),
    ({"a": "shen", "b": "wang", "until_on": None}, "截止日期"),
    ({"a": "shen", "b": "wang", "from_on": date(2030, 1, 2), "until_on": date(2030, 1, 1)}, "不能早于"),
    ({"a": "shen", "b": "wang", "from_on": date(2020, 1, 1), "until_on": date(2020, 1, 2)}, "已经过去"),
    ({"a": "shen", "b": "wang", "from_on": date(2030, 1, 1), "until_on": date(2032, 1, 1)}, "最长一年"),
    ({"a": "shen", "b": "wang", "posts": [10**9]}, "不是被代理人现在的岗位"),
    ({"a": "shen", "b": "wang", "processes": ["no_such"]}, "流程不存在"),
    ({"a": "shen", "b": "wang", "kind": "forever"}, "代理方式"),
    ({"a": "mi", "b": "梁定音"}, "不登录系统"),
]


@pytest.mark.parametrize(("said", "words"), BAD)
def test_an_impossible_arrangement_is_refused_with_a_sentence(
    house: City, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        appoint(house, **{**said})


def test_overlaps_circles_and_chains_are_refused(house: City) -> None:
    appoint(house, "shen", "wang")
    with pytest.raises(Refused, match="已请 王芳 代理"):
        appoint(house, "shen", "ke")
    with pytest.raises(Refused, match="循环代理（王芳 → 申牧之 → 王芳）"):
        appoint(house, "wang", "shen")
    with pytest.raises(Refused, match="正代理 申牧之"):
        appoint(house, "wang", "ke")
    with pytest.raises(Refused, match="已请 王芳 代理，代理不能再转"):
        appoint(house, "lu", "shen")
    later = {"from_on": now.today() + 2 * WEEK, "until_on": now.today() + 3 * WEEK}
    appoint(house, "wang", "shen", **later)


def test_a_circle_of_ab_is_refused_however_long(house: City) -> None:
    appoint(house, "shen", "wang", "standing")
    appoint(house, "wang", "ke", "standing")
    with pytest.raises(Refused, match="循环代理（柯文书 → 申牧之 → 王芳 → 柯文书）"):
        appoint(house, "ke", "shen", "standing")


def test_who_is_away_himself_cannot_be_named(house: City) -> None:
    away(house, "wang")
    with pytest.raises(Refused, match="王芳 在这段时间外出"):
        appoint(house, "shen", "wang")


def test_an_absence_says_whose_work_is_left_without_anybody(house: City) -> None:
    appoint(house, "shen", "wang")
    assert "正代理 申牧之，代理不会转给别人，请为其另行指定" in away(house, "wang")["said"]


def test_governing_posts_are_never_passed_on(house: City) -> None:
    with pytest.raises(Refused, match="管理岗位，不能代理"):
        appoint(house, "cheng", "fang", posts=[house.post("housing", "unit_admin")])
    appoint(house, "cheng", "fang")
    acting = house.actor("fang")
    assert not acting.holds("unit_admin", house.organs["housing"])
    assert "unit_admin" not in acting.acting_kinds("")
    assert "registrar" in acting.acting_kinds("")


def test_only_the_person_and_the_unit_administrator_arrange(house: City) -> None:
    assert appoint(house, "fang", "li", by="cheng")["id"]
    for stranger in ("gu", "shui", "jiang", "kuang"):
        with pytest.raises((NotFound, NotAllowed)):
            appoint(house, "fang", "gu", by=stranger)
        with pytest.raises(GongkaiError):
            deputies.mark_away(
                house.actor(stranger), person_id=house.people["fang"], kind="leave",
                from_on=now.today(), until_on=now.today(),
            )  # fmt: skip
