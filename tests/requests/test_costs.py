"""What completing a step of 依申请公开 costs: one commit, at most 18 statements with its actions, whatever the case has seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import processes
from app.cases.models import Case, WorkItem
from app.core.actor import SYSTEM
from app.core.db import db, table_of
from app.letters.models import Letter
from app.requests.deciding import matters_of
from app.requests.models import Consultation, Request
from tests.requests import test_turns as turns
from tests.requests.driving import Office, text_file
from tests.support.organs import City
from tests.support.ready import set_letters

MOST = 18
#: the day all roads begin
MONDAY = "2026-11-23"


@dataclass(frozen=True)
class Cost:
    """One completed step: `step` is process.step, `came` the decision."""

    step: str
    came: str
    statements: int
    commits: int
    texts: str

    def __str__(self) -> str:
        return f"{self.step} {self.came}: {self.statements} statements, {self.commits} commits\n{self.texts}"


class Watched(Office):
    """An office that counts every completion: the post alone, files uploaded ahead as the page does."""

    def __init__(self, client: FlaskClient, city: City, counter: Callable[[], Any]) -> None:
        super().__init__(client, city)
        self.counter = counter
        self.seen: list[Cost] = []
        self.opened: set[tuple[str, str]] = set()
        self.acting = ""

    def item(self, case: int, step: str) -> WorkItem:
        """The open item of a step; of several (科室), that of whoever acts."""
        if step not in ("unit_accept", "unit_answer"):
            return super().item(case, step)
        session = db.session()
        session.commit()
        waiting = sa.select(WorkItem).where(
            WorkItem.case_id == case, WorkItem.step == step, WorkItem.status == "open"
        )
        return next(
            item for item in session.scalars(waiting) if item.post_id in self.city.actor(self.acting).post_ids
        )

    def send(self, login: str, case: int, step: str, **answers: Any) -> TestResponse:
        """Complete a step and keep what it cost, unless it was refused.

        The first page of every step is opened before: what a process reads once of it is read then.
        """
        self.acting = login
        item = self.item(case, step)
        client = self.sit(login)
        page = (item.process_key, step)
        if page not in self.opened:
            self.opened.add(page)
            client.get(f"/work/{item.id}")
        for key, (content, name) in (answers.pop("files", None) or {}).items():
            file = {"file": (BytesIO(content), name), "field": key}
            answers[key] = [client.post(f"/work/{item.id}/files", data=file).get_json()["id"]]
        db.session().commit()
        with self.counter() as count:
            response = super().send(login, case, step, **answers)
        if response.status_code == 303:
            texts = _posted(count.texts)
            came = str(answers.get("decision") or "")
            shown = "\n".join(text[:150] for text in texts)
            self.seen.append(Cost(f"{item.process_key}.{step}", came, len(texts), count.commits, shown))
        return response

    def begin(self) -> None:
        """The first day again: whoever sat here signs in anew."""
        self.day(MONDAY)
        self.who = None


def _posted(texts: list[str]) -> list[str]:
    """Without what the desk itself looks up before it posts."""
    first = next(number for number, text in enumerate(texts) if "sign_ins" in text)
    return texts[first:]


@pytest.fixture
def watched(client: FlaskClient, house: City, sql_counter: Callable[[], Any]) -> Watched:
    return Watched(client, house, sql_counter)


# --- the roads --------------------------------------------------------------------------------------------------------


def consulted(office: Watched, parties: int = 2) -> int:
    """Third parties and a joint maker are asked, one answers, the others are silent."""
    case = office.register(suggests_open=True)
    office.examined(case)
    office.searched(case, consult=True)
    path = f"/requests/{office.request(case).id}/consultations"
    for number in range(parties):
        kind = "joint" if number % 2 else "third"
        office.post("bai", path, kind=kind, party=f"清河建筑公司{number}", content="报价清单")
    office.act("bai", case, "consult_plan", decision="submit")
    office.act("jiang", case, "consult_approve", decision="return", opinion="改一处")
    office.post("bai", path, kind="third", party="另一家公司", content="报价清单")
    office.act("bai", case, "consult_plan", decision="submit")
    office.act("jiang", case, "consult_approve", decision="agree", opinion="同意")
    office.day("2026-11-24")  # later than it was drafted: every letter changes
    office.act("shi", case, "consult_send", method="post", sent_on="2026-11-24", decision="sent")
    asked = [
        each.id for each in db.session().query(Consultation).filter_by(request_id=office.request(case).id)
    ]
    assert len(asked) == parties + 1
    for each in asked:
        office.post("bai", f"/requests/consultations/{each}/delivered", delivered_on="2026-11-24")
    office.day("2026-11-26")
    said = {"opinion": "agree", "returned_on": "2026-11-26", "opinion_text": "同意"}
    office.post("bai", f"/requests/consultations/{asked[0]}/opinion", **said)
    office.day("2026-12-17")
    office.act("bai", case, "consult_wait", decision="go_on")
    return case


def answered(office: Watched) -> int:
    """Consulted, returned by the head, important enough for the principal, archived, evaluated."""
    case = consulted(office)
    office.decided(case, "R2", fact_1__supply_way="随本答复书以纸质复印件提供")
    office.drafted(case, files={"supplied": text_file("债务限额与余额表", "债务限额.txt")}, sensitive=True)
    office.reviewed(case)
    office.act("zhang", case, "legal_review", decision="agree", opinion="同意")
    office.act("jiang", case, "head_review", decision="return", opinion="改一处")
    office.drafted(case, files={"supplied": text_file("债务限额与余额表二", "债务限额.txt")}, sensitive=True)
    office.reviewed(case)
    office.signed(case)
    office.sent(case, files={"service_scan": text_file("回执", "回执.txt")})
    office.archived(case)
    office.act("jiang", case, "evaluate", decision="keep", opinion="不转")
    return case


def corrected(office: Watched) -> int:
    """Returned once, sent, prolonged, received, still unclear."""
    case = office.register(content="有关拆迁的所有材料")
    asked = {"clear": "no", "lacking": ["unclear"], "lacking_note": "没有指明哪个项目。"}
    office.act("bai", case, "examine", **asked, decision="go")
    draft = {"correction_items": "写明项目名称。", "guidance": "可以写道路名称。", "correction_days": 10}
    office.act("bai", case, "correction_draft", **draft, decision="submit")
    office.act("jiang", case, "correction_approve", decision="return", opinion="改一处")
    office.act("bai", case, "correction_draft", **draft, decision="submit")
    office.act("jiang", case, "correction_approve", decision="agree", opinion="同意")
    office.act("shi", case, "correction_send", method="post", sent_on=MONDAY, decision="sent")
    longer = {"new_deadline": "2026-12-15", "opinion": "申请人住院"}
    office.act("bai", case, "correction_wait", decision="justified", **longer)
    came = {"received_on": MONDAY, "received_channel": "counter", "correction_note": "就是所有材料"}
    office.act("bai", case, "correction_wait", decision="received", **came)
    office.act(
        "bai", case, "examine", clear="still_unclear", unclear_reason="没有指向特定信息。", decision="go"
    )
    office.drafted(case)
    turns.finish(office, case)
    return case


def lapsed(office: Watched) -> int:
    """No correction came."""
    case = turns.unclear(office)
    office.day("2026-12-09")
    office.act("bai", case, "correction_wait", decision="lapsed", opinion="期限届满，没有收到补正")
    office.drafted(case)
    turns.finish(office, case)
    return case


def refused(office: Watched) -> int:
    """Withheld with its ground; the secrecy review closes it; signed on paper, entered by the registrar."""
    case = office.register()
    office.examined(case)
    office.searched(case)
    office.decided(case, "R3", grounds_1="N16b", reason_1="属于讨论记录，公开影响今后讨论的坦率。")
    office.drafted(case)
    office.reviewed(case, conclusion="closed", conclusion_reason="属于讨论记录")
    office.act("zhang", case, "legal_review", decision="agree", opinion="同意")
    office.act("jiang", case, "head_review", decision="agree", opinion="同意")
    on_paper = {"offline": "1", "offline_how": "paper", "offline_signer": office.city.people["lu"]}
    scan = {"offline_scan": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "签批单.png")}
    office.act(
        "bai",
        case,
        "sign",
        **on_paper,
        offline_signed_on=MONDAY,
        files=scan,
        decision="agree",
        opinion="同意",
    )
    office.sent(case)
    office.archived(case)
    return case


def in_parts(office: Watched, matters: int = 2) -> int:
    """Several matters, the last one withheld."""
    case = office.register(content="专家评审意见和与会人员名单")
    office.examined(case)
    office.searched(case)
    found = office.request(case)
    (matter,) = matters_of(db.session(), found.id)
    said: dict[str, Any] = {"count": matters, "split_reason": "各项信息的处理不同"}
    for number in range(1, matters + 1):
        said |= {f"id_{number}": matter.id if number == 1 else "", f"text_{number}": f"信息{number}"}
        said |= {f"outcome_{number}": "R2", f"fact_{number}__supplied": f"信息{number}（结论部分）"}
    said |= {f"outcome_{matters}": "R3", f"grounds_{matters}": "N16b", f"reason_{matters}": "属于讨论记录。"}
    office.post("bai", f"/requests/{found.id}/matters", **said)
    office.drafted(case)
    turns.finish(office, case, conclusion="partial", partial_scope="与会人员名单")
    return case


def straight(office: Watched) -> int:
    """What is no ordinary request is told so."""
    case = office.register()
    office.examined(case, nature_reason="申请内容属于这一情形", **turns.DIRECT["R7"])
    office.decided(case, "R7")
    office.drafted(case)
    turns.finish(office, case)
    return case


def not_held(office: Watched) -> int:
    """Searched, not found; the number comes from the OA."""
    set_letters(SYSTEM, {"office": {"reply_numbers": "oa"}})
    case = office.register()
    office.examined(case)
    office.searched(case, found="none", search_result="未发现该信息")
    office.decided(case, "R4")
    office.drafted(case)
    office.reviewed(case)
    office.signed(case)
    office.act(
        "shi", case, "seal", doc_no="云政办公开复〔2026〕77号", sealed_on=MONDAY, copies=2, decision="sealed"
    )
    served = {"method": "direct", "sent_on": MONDAY, "signed_on": MONDAY, "signed_by": "何问渠"}
    office.act("shi", case, "serve", **served, decision="served")
    set_letters(SYSTEM, {"office": {"reply_numbers": "own"}})
    return case


def unreasonable(office: Watched) -> int:
    """Mass requests without a good reason."""
    case = turns.asked_for_reasons(office)
    said = {"decision": "unreasonable", "unreasonable_reason": "没有说明合理需要", "opinion": "不合理"}
    office.act("jiang", case, "reasons_judge", **said)
    office.drafted(case)
    turns.finish(office, case)
    return case


def delayed(office: Watched) -> int:
    """Reasons that are good, and an answer that takes longer."""
    case = turns.asked_for_reasons(office)
    said = {"delay_until": "2026-12-31", "delay_reason": "数量多", "decision": "delay", "opinion": "合理"}
    office.act("jiang", case, "reasons_judge", **said)
    assert office.open_steps(case) == ["search"]
    return case


def _charged(office: Watched, mode: str = "page") -> int:
    case = turns.asked_for_reasons(office)
    office.act("jiang", case, "reasons_judge", decision="charge", opinion="收费")
    fee = {"fee_mode": mode, "fee_quantity": 119, "fee_how": "到银行缴纳", "decision": "submit"}
    office.act("bai", case, "fee_draft", **fee)
    office.act("jiang", case, "fee_approve", decision="return", opinion="改一处")
    office.act("bai", case, "fee_draft", **fee)
    office.act("jiang", case, "fee_approve", decision="agree", opinion="同意")
    sent = {"method": "post", "sent_on": MONDAY, "delivered_on": MONDAY, "decision": "sent"}
    office.act("shi", case, "fee_send", **sent)
    return case


def paid(office: Watched) -> int:
    """A fee is asked for by item and paid."""
    case = _charged(office, "item")
    office.day("2026-12-23")
    office.act("bai", case, "fee_wait", paid_on="2026-12-23", receipt_no="990101", decision="paid")
    return case


def unpaid(office: Watched) -> int:
    """A fee is asked for by page, nobody pays."""
    case = _charged(office)
    office.day("2026-12-24")
    office.act("bai", case, "fee_wait", decision="lapsed")
    office.drafted(case)
    turns.finish(office, case)
    return case


def by_units(office: Watched) -> int:
    """Two units are asked: one answers with a file, one returns the work; what was found is decided afterwards."""
    case = office.register("cheng", subject="housing")
    office.act("cheng", case, "examine", clear="yes", nature="normal", decision="go")
    units = [str(office.city.units["housing", name]) for name in ("住房保障科", "建筑业科")]
    handed = {
        "handoff": True,
        "handoff_units": units,
        "handoff_due": "2026-11-30",
        "handoff_note": "请检索合同",
    }
    office.act("cheng", case, "search", **handed, decision="go")
    office.act("fang", case, "unit_accept", decision="accept")
    office.act("li", case, "unit_accept", decision="return_handoff", opinion="不属于本科室")
    answer = {
        "unit_found": "found",
        "unit_scope": "本科室合同卷",
        "unit_method": "逐卷查阅",
        "unit_answer": "有一份",
    }
    files = {"unit_files": text_file("合同", "合同.txt")}
    office.act("fang", case, "unit_answer", **answer, unit_suggest="open", files=files, decision="answer")
    assert office.open_steps(case) == ["search"]
    return case


def withdrawn(office: Watched) -> int:
    """The applicant takes the request back when its answer is under review: another letter takes its place."""
    case = office.register()
    office.examined(case, nature_reason="申请内容属于这一情形", **turns.DIRECT["R9"])
    office.decided(case, "R9")
    office.drafted(case)
    path = f"/requests/{office.request(case).id}/withdraw"
    assert office.post("bai", path, on=MONDAY, how="书面撤回").status_code == 303
    office.act("bai", case, "draft_closing", decision="submit")
    turns.finish(office, case)
    return case


def unconfirmed(office: Watched) -> int:
    """By ordinary letter: nobody answers the telephone at first."""
    case = office.register(channel="ordinary")
    office.act("bai", case, "confirm_receipt", confirm_note="电话无人接听", decision="unreachable")
    came = {"confirmed_on": MONDAY, "confirm_how": "phone"}
    office.act("bai", case, "confirm_receipt", **came, decision="confirm")
    return case


ROADS = (
    answered, corrected, lapsed, refused, in_parts, straight, not_held, unreasonable, delayed, paid, unpaid, by_units,
    withdrawn, unconfirmed,
)  # fmt: skip


def _steps() -> set[str]:
    """Every step a person completes in the processes of a request."""
    runtime = processes.active("foi_request")
    return {
        f"{process}.{step}"
        for (process, step), info in runtime.spec.steps.items()
        if info.kind == "person" and process.startswith("foi_")
    }


def test_no_step_of_a_request_costs_more_than_one_commit_and_eighteen_statements(
    any_db: str, watched: Watched
) -> None:
    for road in ROADS:
        watched.begin()
        road(watched)
    too_much = [cost for cost in watched.seen if cost.statements > MOST or cost.commits != 1]
    assert not too_much, "\n\n".join(map(str, too_much))
    assert {cost.step for cost in watched.seen} >= _steps()


def _costs(office: Watched, road: Callable[..., int], **more: int) -> list[tuple[str, str, int]]:
    office.begin()
    office.seen.clear()
    road(office, **more)
    return [(cost.step, cost.came, cost.statements) for cost in office.seen]


def test_the_cost_grows_neither_with_parties_nor_with_matters_nor_with_the_office(watched: Watched) -> None:
    few = _costs(watched, consulted), _costs(watched, in_parts)
    _crowd(watched, 2_000)
    assert (_costs(watched, consulted, parties=6), _costs(watched, in_parts, matters=6)) == few


def test_what_has_happened_to_a_request_costs_nothing(watched: Watched) -> None:
    """Prolonged five times, the sixth costs what the first did."""
    case = turns.unclear(watched)
    watched.seen.clear()
    for day in range(10, 16):
        longer = {"new_deadline": f"2026-12-{day}", "opinion": "申请人住院"}
        watched.act("bai", case, "correction_wait", decision="justified", **longer)
    assert len({cost.statements for cost in watched.seen}) == 1, watched.seen


def _crowd(office: Watched, number: int) -> None:
    """Many more cases with their requests and letters, copied from the last ones."""
    session = db.session()
    session.commit()
    for model, change in (
        (Case, lambda i: {"id": 10_000 + i, "number": f"多〔{i}〕"}),
        (
            Request,
            lambda i: {"id": 10_000 + i, "case_id": 10_000 + i, "number": f"多〔{i}〕", "state": "open"},
        ),
        (Letter, lambda i: {"id": 10_000 + i, "case_id": 10_000 + i, "number": None}),
    ):
        table = table_of(model)
        row = dict(session.execute(sa.select(table).limit(1)).mappings().one())
        session.execute(sa.insert(table), [row | change(i) for i in range(number)])
    session.commit()
