"""退回 (H7): rows, items, answers, deadlines and notices after a return, wherever it goes and whatever lies between."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.cases import higher
from app.cases.models import CaseTimer, WorkItem
from app.cases.operations import returning
from app.core.actions import CATALOGUE, ActionContext, action
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import NotFound, Refused
from app.documents import showing
from app.documents.models import SecrecyReview
from app.notices.models import Notice
from tests.cases.flows import drafted, reviewed
from tests.cases.pressing import press, recorded, seal_in, words_of
from tests.engine.diagrams import Diagram, instances, message, timer
from tests.support.driving import Desk, text_file
from tests.support.organs import City
from tests.support.small import Small
from workflows.engine import place_of


@pytest.fixture
def small(house: City) -> Small:
    """A small process of the office."""
    return Small(house)


def line(small: Small) -> Small:
    diagram = Diagram("ret_line").start().people("a", "b", "c").end().go("s -> a -> b -> c -> e")
    return small.put(diagram).begin()


def split(small: Small, kind: str = "parallel") -> Small:
    """a, then b1 - b2 beside c, joined before z."""
    diagram = Diagram(f"ret_{kind}").start().people("a", "b1", "b2", "c", "z").gateways(kind, "g", "j").end()
    diagram.go("s -> a -> g").go("b1 -> b2 -> j -> z -> e").go("c -> j")
    if kind == "inclusive":
        diagram.go("g -> b1", "True").go("g -> c", "True").otherwise("g -> z2").people("z2").go("z2 -> j")
    else:
        diagram.go("g -> b1").go("g -> c")
    return small.put(diagram).begin()


def told(kind: str) -> list[tuple[int | None, str]]:
    """Notices of a kind: (person, text)."""
    rows = db.session().execute(sa.select(Notice.person_id, Notice.text).where(Notice.kind == kind))
    return [(row.person_id, row.text) for row in rows.all()]


# --- one step, two steps -------------------------------------------------------------------------------------------


def test_back_one_step_the_step_waits_for_who_did_it_with_the_reason(any_db: str, small: Small) -> None:
    line(small).do("a", by="wang", note="一")
    small.back("a", reason="数字不对")
    item = small.item("a")
    assert small.waiting == ["a"]
    assert item["holder_id"] == small.city.people["wang"]
    assert (item["reason"], item["came_from"]) == ("数字不对", "文承远 退回")
    assert told("returned") == [(small.city.people["wang"], "环节a——关于试办的请示（文承远 退回：数字不对）")]


def test_the_row_keeps_what_it_dropped_and_nothing_is_deleted(any_db: str, small: Small) -> None:
    line(small).do("a", "b")
    small.back("a")
    row = small.rows("return")[0]
    assert row.row["drop"] == [2, 3] and row.row["target"] == 2
    assert [each.seq for each in small.rows("complete")] == [2, 3]
    assert row.answers["reason"] == "请再核对"


def test_items_say_what_became_of_them(any_db: str, small: Small) -> None:
    line(small).do("a", "b", by="wen")
    small.back("a", reason="再看")
    by_step = {(item["step"], item["status"]): item for item in small.items}
    assert by_step["c", "gone"]["decision"] == "退回"
    assert (by_step["c", "gone"]["done_name"], by_step["c", "gone"]["opinion"]) == ("文承远", "再看")
    assert by_step["a", "gone"]["done_name"] == by_step["b", "gone"]["done_name"] == "文承远"
    assert by_step["a", "open"]["opened_at"] == by_step["c", "gone"]["closed_at"]


def test_the_case_knows_what_it_knew_then(small: Small) -> None:
    line(small).do("a", note="一").do("b", note="二")
    small.back("b")
    assert small.case.data["note"] == "一"
    small.back("a", at="b")
    assert "note" not in small.case.data
    assert small.case.doers == {}


def test_the_answers_of_that_time_come_back_as_a_draft(small: Small, desk: Desk) -> None:
    line(small).do("a", by="wang", note="原来写的", opinion="原来的意见")
    small.back("a")
    page = desk.sit("wang").get(f"/work/{small.item('a')['id']}").text
    assert "原来写的" in page and "原来的意见" in page
    small.do("a", note="改过的")
    again = desk.sit("wen").get(f"/work/{small.item('b')['id']}").text
    assert "改过的" in again and "原来写的" not in again


def test_nobody_finds_another_ones_opinion_as_his_own(small: Small, desk: Desk) -> None:
    line(small).do("a").do("b", by="wang", note="王芳的说明", opinion="王芳的意见")
    small.back("a")
    small.do("a")
    page = desk.sit("wen").get(f"/work/{small.item('b')['id']}").text
    form = page.split("办理记录")[0]
    assert "王芳的说明" in form and "王芳的意见" not in form


def test_back_twice_to_the_same_step(small: Small) -> None:
    line(small).do("a", "b")
    small.back("b")
    small.do("b")
    small.back("b")
    assert small.waiting == ["b"]
    assert small.case.returns == 2
    small.finish()


# --- branches ------------------------------------------------------------------------------------------------------


def test_inside_a_branch_the_siblings_keep_their_place(any_db: str, small: Small) -> None:
    split(small).do("a", "b1", note="甲")
    sibling = small.item("c")
    small.back("b1", at="b2")
    assert small.waiting == ["b1", "c"]
    assert small.item("c")["id"] == sibling["id"]
    small.do("b1", "b2", "c")
    assert small.waiting == ["z"]


def test_into_the_branch_that_arrived_first(any_db: str, small: Small) -> None:
    split(small).do("a", "c", "b1", "b2")
    small.back("c", at="z")
    assert small.waiting == ["c"]
    small.do("c")
    assert small.waiting == ["z"]
    small.finish()


def test_before_the_split_all_branches_go(any_db: str, small: Small) -> None:
    split(small).do("a", "b1")
    small.back("a", at="c")
    assert small.waiting == ["a"]
    assert [item["decision"] for item in small.items if item["step"] == "b2"] == ["已退回"]
    small.do("a")
    assert small.waiting == ["b1", "c"]
    small.finish()


def test_after_the_join_the_join_waits_again_and_fires_once(any_db: str, small: Small) -> None:
    split(small).do("a", "b1", "b2", "c")
    small.back("b2", at="z")
    assert small.waiting == ["b2"]
    small.do("b2")
    assert small.waiting == ["z"]
    assert len([item for item in small.items if item["step"] == "z" and item["status"] == "open"]) == 1


def test_three_branches_the_other_two_stay_done(small: Small) -> None:
    diagram = (
        Diagram("ret_three").start().people("a", "b", "c", "d", "z").gateways("parallel", "g", "j").end()
    )
    diagram.go("s -> a -> g -> b -> j -> z -> e").go("g -> c -> j").go("g -> d -> j")
    small.put(diagram).begin().do("a", "d", "b", "c")
    small.back("b", at="z")
    assert small.waiting == ["b"]
    small.do("b")
    assert small.waiting == ["z"]


def test_an_inclusive_join_waits_only_for_what_was_taken(small: Small) -> None:
    split(small, "inclusive").do("a", "c", "b1", "b2")
    small.back("c", at="z")
    assert small.waiting == ["c"]
    small.do("c")
    assert small.waiting == ["z"]
    small.finish()


# --- several parts, called processes -------------------------------------------------------------------------------


def each(small: Small, *, until: str = "", sequential: bool = False) -> Small:
    repeat = instances(
        over="units", item="unit", output="views", result="view", until=until, sequential=sequential
    )
    diagram = (
        Diagram("ret_each")
        .start()
        .people("a", "z")
        .people("u", inner=repeat)
        .end()
        .go("s -> a -> u -> z -> e")
    )
    return small.put(diagram).begin(units=["甲", "乙", "丙"])


def test_one_part_of_a_multi_instance_and_no_part_is_lost_or_doubled(any_db: str, small: Small) -> None:
    each(small).do("a").do("u[0]", view="同意").do("u[1]", view="同意")
    small.back("u[0]", at="u[2]")
    assert small.waiting == ["u[0]", "u[2]"]
    small.do("u[0]", "u[2]", view="保留")
    assert small.waiting == ["z"]


def test_out_of_a_multi_instance_and_into_it_again(any_db: str, small: Small) -> None:
    each(small).do("a").do("u[1]", view="同意")
    small.back("a", at="u[0]")
    assert small.waiting == ["a"]
    small.do("a", units=["丁"])
    assert small.waiting == ["u[0]"]
    small.do("u[0]", view="同意")
    small.back("u[0]", at="z")
    assert small.waiting == ["u[0]"]
    small.finish(view="同意")


def test_a_veto_taken_back_opens_the_other_parts_again(any_db: str, small: Small) -> None:
    each(small, until="view == '反对'").do("a").do("u[1]", view="反对")
    assert small.waiting == ["z"]
    small.back("u[1]", at="z")
    assert small.waiting == ["u[0]", "u[1]", "u[2]"]
    small.do("u[1]", view="同意").do("u[0]", view="同意").do("u[2]", view="同意")
    assert small.waiting == ["z"]


def test_a_part_of_a_sequence(small: Small) -> None:
    each(small, sequential=True).do("a").do("u[0]", "u[1]", view="同意")
    small.back("u[0]", at="u[2]")
    assert small.waiting == ["u[0]"]
    small.do("u[0]", "u[1]", "u[2]", view="同意")
    assert small.waiting == ["z"]


def calling(small: Small) -> Small:
    inner = Diagram("ret_inner").start().people("k1", "k2").end().go("s -> k1 -> k2 -> e").lane("核稿", "k2")
    main = (
        Diagram("ret_calls")
        .start()
        .people("a", "c", "z")
        .call("ca", "ret_inner")
        .gateways("parallel", "g", "j")
        .end()
    )
    main.go("s -> a -> g -> ca -> j -> z -> e").go("g -> c -> j")
    return small.put(main, inner).begin()


def test_inside_a_called_process(any_db: str, small: Small) -> None:
    calling(small).do("a", "ca/k1")
    small.back("ca/k1", at="ca/k2")
    assert small.waiting == ["c", "ca/k1"]
    small.do("ca/k1")
    assert small.item("ca/k2")["post_id"] == small.city.post("office", "text_checker")


def test_back_into_a_call_that_has_returned(any_db: str, small: Small) -> None:
    calling(small).do("a", "c", "ca/k1", "ca/k2")
    small.back("ca/k2", at="z")
    assert small.waiting == ["ca/k2"]
    assert small.item("ca/k2")["holder_id"] == small.city.people["ke"]
    small.do("ca/k2")
    assert small.waiting == ["z"]


# --- timers, messages, actions -------------------------------------------------------------------------------------


def with_timer(small: Small) -> Small:
    diagram = Diagram("ret_timer").start().people("a", "b", "urge", "z").end("e", "e2")
    diagram.boundary("soon", "b", timer("'P3D'"), interrupting=False)
    diagram.go("s -> a -> b -> z -> e").go("soon -> urge -> e2")
    return small.put(diagram).begin()


def timers(small: Small) -> list[CaseTimer]:
    session = db.session()
    session.commit()
    query = (
        sa.select(CaseTimer).where(CaseTimer.case_id == small.id).execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def test_a_pending_timer_goes_with_its_step_and_starts_anew(
    any_db: str, small: Small, business_day: object
) -> None:
    with_timer(small).do("a")
    first = timers(small)[0].due_at
    small.back("a")
    assert timers(small) == []
    business_day("2026-11-25")  # type: ignore[operator]
    small.do("a")
    assert (timers(small)[0].due_at.date() - first.date()).days == 2


def test_a_reminder_survives_a_return_into_its_step(any_db: str, small: Small) -> None:
    """Elsewhere the overtime reminder vanished after a return."""
    with_timer(small).do("a", "b")
    assert timers(small) == []
    small.back("b", at="z")
    assert [row.name for row in timers(small)] == ["soon"]


def test_a_timer_that_fired_is_detached_with_its_step_and_kept_beside_it(any_db: str, small: Small) -> None:
    from app.cases import service

    with_timer(small).do("a")
    row = timers(small)[0]
    service.fire_timer(SYSTEM, case_id=small.id, address=row.address, name=row.name)
    small.do("urge")
    small.back("urge", at="b")
    assert small.waiting == ["b", "urge"]
    small.back("a", at="urge")
    assert small.waiting == ["a"]
    assert small.rows("return")[-1].row["drop"] == [2, 3]


@pytest.fixture
def counting_actions() -> object:
    """Two actions of the test: one that gives numbers once, one that is told what it answered before."""
    calls: list[tuple[str, object]] = []

    @action("test.number", "编试办号", once=True)
    def number(context: ActionContext) -> dict[str, object]:
        calls.append(("number", context.previous))
        return {"number": f"试〔2026〕{len(calls)}号"}

    @action("test.letter", "出试办函")
    def letter(context: ActionContext) -> dict[str, object]:
        calls.append(("letter", context.previous))
        return {"letter": len(calls), "replaces": context.previous}

    yield calls
    for name in ("test.number", "test.letter"):
        CATALOGUE.pop(name)


def acting(small: Small) -> Small:
    diagram = Diagram("ret_acts").start().people("a", "b", "z").end()
    diagram.action("n", "test.number", "no").action("l", "test.letter", "letter").go(
        "s -> a -> n -> l -> b -> z -> e"
    )
    return small.put(diagram).begin()


def test_actions_run_once_and_a_repeat_gets_the_previous_result(
    any_db: str, small: Small, counting_actions: list[tuple[str, object]]
) -> None:
    acting(small).do("a", "b")
    small.back("a", at="z")
    assert [name for name, _ in counting_actions] == ["number", "letter"]
    small.do("a")
    assert counting_actions[2:] == [("letter", {"letter": 2, "replaces": None})]
    results = [act["result"] for act in small.rows("complete")[-1].row["acts"]]
    assert results[0] == {"number": "试〔2026〕1号"}
    assert results[1] == {"letter": 3, "replaces": {"letter": 2, "replaces": None}}


def test_the_preview_says_what_is_redone_what_vanishes_and_what_stands(
    small: Small, desk: Desk, counting_actions: object
) -> None:
    acting(small).do("a", "b", by="wen")
    item = small.item("z")
    answer = press(desk, "wen", item["id"], "return", target=small.row_of("a"), reason="重来", way="redo")
    words = words_of(answer)
    assert "要重新办理" in words and "「环节a」：文承远" in words and "马上重新办理" in words
    assert "「环节b」：文承远" in words and "到这一环节时再办" in words
    assert "撤下的待办" in words and "「环节z」" in words
    assert "已经生效，不因退回撤销" in words and "编试办号：试〔2026〕1号" in words
    assert "法定期限照算" in words
    assert small.waiting == ["z"]
    done = press(
        desk,
        "wen",
        item["id"],
        "return",
        target=small.row_of("a"),
        reason="重来",
        way="redo",
        seal=seal_in(answer),
    )
    assert done.status_code == 303
    assert small.waiting == ["a"]
    assert recorded("case.return") == ["文承远 将「环节z」退回「环节a」（文承远）：重来"]


def test_a_plan_that_is_not_true_any_more_is_not_carried_out(small: Small, desk: Desk) -> None:
    split(small).do("a", "b1")
    item, target = small.item("b2"), small.row_of("a")
    shown = press(desk, "wen", item["id"], "return", target=target, reason="重来", way="redo")
    small.do("c")
    again = press(
        desk, "wen", item["id"], "return", target=target, reason="重来", way="redo", seal=seal_in(shown)
    )
    assert again.status_code in (200, 422)
    assert "有了新的进展" in again.text and seal_in(again) != seal_in(shown)
    with pytest.raises(Refused, match="有了新的进展"):
        returning.send_back(
            small.city.actor("wen"), item_id=item["id"], target=target, reason="x", seal_seen=seal_in(shown)
        )
    assert small.waiting == ["b2"]


# --- who, where, why -----------------------------------------------------------------------------------------------


def test_bad_input_is_refused_and_nothing_is_lost(small: Small, desk: Desk) -> None:
    line(small).do("a")
    item = small.item("b")["id"]
    empty = press(desk, "wen", item, "return", target=small.row_of("a"), reason=" ", way="redo")
    assert empty.status_code == 422 and "请填写退回原因。" in empty.text
    long = press(desk, "wen", item, "return", target=small.row_of("a"), reason="长" * 501, way="redo")
    assert "最多 500 个字。" in long.text
    for target in ("99", "1", "x", ""):
        answer = press(desk, "wen", item, "return", target=target, reason="退", way="redo")
        assert answer.status_code == 422, target
    with pytest.raises(Refused, match="请从列表里选择"):
        returning.send_back(small.city.actor("wen"), item_id=item, target=1, reason="退")
    assert small.waiting == ["b"]


def test_whoever_has_nothing_to_do_with_the_step_cannot_return_it(small: Small, desk: Desk) -> None:
    line(small).do("a")
    item = small.item("b")["id"]
    assert press(desk, "shui", item, "return", target=2, reason="退", way="redo").status_code == 404
    with pytest.raises(NotFound):
        returning.send_back(small.city.actor("shui"), item_id=item, target=2, reason="退")


def test_at_the_first_step_the_button_says_why_not(small: Small, desk: Desk) -> None:
    line(small)
    assert "前面还没有人办过环节，不能退回" in words_of(desk.sit("wen").get(f"/work/{small.item('a')['id']}"))


def test_who_cannot_do_it_any_more_is_not_addressed(small: Small) -> None:
    from app.accounts import staffing
    from app.accounts.directory import changed
    from app.accounts.models import Person, Post

    @command
    def leave(tx: Tx) -> None:
        post = tx.session.get_one(Post, small.city.post("office", "drafter", "综合一科"))
        staffing.revoke(tx, post, tx.session.get_one(Person, small.city.people["wang"]))
        changed(tx)

    line(small).do("a", by="wang")
    leave(SYSTEM)
    small.back("a")
    assert small.item("a")["holder_id"] is None
    assert small.item("a")["post_id"] == small.city.post("office", "drafter", "综合一科")


def test_a_shipped_process_goes_back_into_the_called_review(any_db: str, desk: Desk, house: City) -> None:
    """签发 returns to 保密审查: the drawn 退回修改 of the step stays, the operation goes anywhere else."""
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    reviewed(desk, case)
    small = Small(house)
    small.id = case
    step = small.waiting[0]
    assert step == "verify_text"
    small.back(
        "secrecy_review/officer_review" if False else _place(small, "officer_review"),
        at=step,
        reason="范围写清楚",
    )
    assert [each.split("/")[-1] for each in small.waiting] == ["officer_review"]
    review = db.session().scalars(sa.select(SecrecyReview).where(SecrecyReview.case_id == case)).one()
    sheet = words_of(desk.sit("wei").get(f"/documents/reviews/{review.id}/sheet"))
    assert "本次审查已随退回撤销" in sheet
    with desk.client.application.test_request_context():
        assert showing.review(review)["undone"] is True
    assert "conclusion" not in small.case.data
    assert small.case.data["attribute"] == "proactive"
    desk.act("wei", case, "officer_review", decision="agree", conclusion="open", opinion="已写清")
    desk.act("lu", case, "leader_approve", decision="agree")
    assert desk.open_steps(case) == ["verify_text"]
    small.whole()


def _place(small: Small, step: str) -> str:
    return next(done.place for done in small.past().done if done.step == step)


def test_the_case_page_shows_returned_steps(small: Small, desk: Desk) -> None:
    line(small).do("a", "b", by="wen", note="甲乙")
    small.back("a", reason="再看一遍")
    page = desk.sit("wen").get(f"/cases/{small.id}")
    words = words_of(page)
    assert "环节c：退回" in words and "再看一遍" in words
    assert "退回、取回后不再算数" in words
    assert "甲乙" not in words.split("流转记录")[0]
    items = db.session().scalars(sa.select(WorkItem).where(WorkItem.case_id == small.id)).all()
    assert {place_of(item.address) for item in items} == {"a", "b", "c"}


def test_the_files_of_that_time_come_back_and_can_be_sent_again(any_db: str, desk: Desk, house: City) -> None:
    case = drafted(desk, files={"main_file": text_file("一稿", "一稿.txt")})
    desk.act("shen", case, "head_review", decision="agree")
    reviewed(desk, case)
    second = {"main_file": text_file("二稿", "二稿.txt")}
    desk.act("ke", case, "verify_text", files=second, decision="agree", mark_checked=True)
    assert desk.open_steps(case) == ["self_check"]
    assert [each["name"] for each in desk.case(case).data["main_file"]] == ["二稿.txt"]
    small = Small(house)
    small.id = case
    small.back("draft", at=small.waiting[0], reason="从头改")
    assert desk.open_steps(case) == ["draft"] and "main_file" not in desk.case(case).data
    item = desk.item(case, "draft")
    page = desk.sit("wen").get(f"/work/{item.id}").text
    assert "一稿.txt" in page
    (first,) = [each["id"] for each in small.rows("complete")[0].answers["main_file"]]
    desk.act(
        "wen", case, "draft", title="关于通知的通知", doc_kind="policy", attribute="proactive",
        interpretation="none", interpretation_note="内容单一，不作解读。", main_file=[first],
    )  # fmt: skip
    assert [each["name"] for each in desk.case(case).data["main_file"]] == ["一稿.txt"]
    desk.act("shen", case, "head_review", decision="agree")
    reviewed(desk, case)
    assert desk.open_steps(case) == ["verify_text"]
    small.whole()


@command
def receive(tx: Tx, case_id: int, message: str) -> str:
    """A message moves the flow, as rooms above send it."""
    return higher.send(
        tx, higher.lock(tx, case_id), message, {"received": message}, action="test.message", summary=message
    )


def test_a_message_that_was_received_is_kept_beside_and_detached_before(any_db: str, small: Small) -> None:
    diagram = Diagram("ret_message").start().people("a", "b", "c", "z").gateways("parallel", "g", "j").end()
    diagram.message("来函").catch("m", message("来函"))
    diagram.go("s -> a -> g -> m -> b -> j -> z -> e").go("g -> c -> j")
    small.put(diagram).begin().do("a", note="稿")
    receive(SYSTEM, small.id, "来函")
    small.do("c")
    small.back("c", at="b")
    assert small.waiting == ["b", "c"] and small.case.data["received"] == "来函"
    small.back("a", at="b")
    assert small.waiting == ["a"] and "received" not in small.case.data
    small.do("a")
    assert small.waiting == ["c"]
    receive(SYSTEM, small.id, "来函")
    assert small.waiting == ["b", "c"]
    small.finish()
