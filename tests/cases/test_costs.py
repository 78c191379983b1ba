"""What a page and a step cost, in statements and commits: exact counts, the same whatever the size of the office."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.cases.models import Case, WorkItem
from app.core.db import db, table_of
from tests.cases.flows import drafted, reviewed, signed
from tests.support.driving import Desk

MOST_STATEMENTS = 12
MOST_INBOX = 8


class Counted(Desk):
    """A desk that counts each completion, without the signing in before it."""

    counter: Callable[[], Any]
    seen: dict[str, Any]

    def send(self, login: str, case: int, step: str, **answers: Any) -> Any:
        """Upload files ahead, as the page does; then count the post alone."""
        files = answers.pop("files", None) or {}
        item = self.item(case, step)
        client = self.sit(login)
        for key, (content, name) in files.items():
            sent = client.post(
                f"/work/{item.id}/files",
                data={"file": (__import__("io").BytesIO(content), name), "field": key},
            )
            answers[key] = [sent.get_json()["id"]]
        db.session().commit()
        with self.counter() as count:
            response = super().send(login, case, step, **answers)
        self.seen[f"{item.process_key}.{step}"] = count
        return response


@pytest.fixture
def counted(desk: Desk, sql_counter: Callable[[], Any]) -> Counted:
    found = Counted(desk.client)
    found.counter, found.seen = sql_counter, {}
    return found


def _walk(desk: Counted) -> dict[str, int]:
    case = drafted(desk, contact_phone="0990-7654321")
    desk.act("shen", case, "head_review", decision="agree")
    reviewed(desk, case)
    signed(desk, case)
    assert desk.case(case).status == "done"
    return {step: _without_our_own(count) for step, count in desk.seen.items()}


def _without_our_own(count: Any) -> int:
    """The desk itself looks up the open item and the case's data before it posts."""
    for number, text in enumerate(count.texts):
        if "sign_ins" in text:
            count.texts = count.texts[number:]
            break
    return int(count.statements)


def test_completing_a_step_is_one_commit_and_at_most_twelve_statements(any_db: str, counted: Counted) -> None:
    _walk(counted)
    for step, count in counted.seen.items():
        assert count.commits == 1, step
        assert count.statements <= MOST_STATEMENTS, f"{step}\n{count}"


def test_the_number_of_statements_does_not_grow_with_the_office(counted: Counted) -> None:
    small = _walk(counted)
    _crowd(2_000)
    counted.seen.clear()
    assert _walk(counted) == small


def _crowd(number: int) -> None:
    """Many more open cases and items, copied from the last ones."""
    session = db.session()
    session.commit()
    case = dict(session.execute(sa.select(table_of(Case)).limit(1)).mappings().one())
    item = dict(session.execute(sa.select(table_of(WorkItem)).limit(1)).mappings().one())
    session.execute(
        sa.insert(table_of(Case)),
        [case | {"id": 10_000 + i, "number": f"多〔{i}〕", "status": "open"} for i in range(number)],
    )
    session.execute(
        sa.insert(table_of(WorkItem)),
        [item | {"id": 10_000 + i, "case_id": 10_000 + i, "status": "open"} for i in range(number)],
    )
    session.commit()


@pytest.mark.parametrize("path", ["/work", "/work/done", "/work/mine"])
def test_the_inbox_is_read_in_eight_statements(
    any_db: str, desk: Desk, sql_counter: Callable[[], Any], path: str
) -> None:
    drafted(desk)
    client = desk.sit("shen")
    client.get(path)
    with sql_counter() as count:
        assert client.get(path).status_code == 200
    assert count.statements <= MOST_INBOX, str(count)


def test_a_step_with_a_loop_behind_it_costs_the_same(counted: Counted) -> None:
    case = drafted(counted)
    costs = []
    for _ in range(6):
        counted.act("shen", case, "head_review", decision="return", opinion="再改")
        costs.append(_without_our_own(counted.seen["disclosure_attribute.head_review"]))
        counted.act("wen", case, "draft", title="改", doc_kind="other", attribute="proactive")
    assert len(set(costs)) == 1, costs
