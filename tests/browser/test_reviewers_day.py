"""A reviewer's day in a real browser: forty items of 公开属性认定, 保密审查 and 依申请公开, every operation of table H.

No page is reloaded by hand: whoever waits has his 待办 open, and what is sent to him appears there. At the end every act
is found in 流转记录 and in the record, the record is whole, and so is the office. The parts are in `reviewers_acts`.

    H1   待办、待阅、已阅、已办、我拟的     `the_desk_in_the_morning`, `the_lists`
    H2   认领、放回                         `claiming`
    H3   转交他人                           `claiming`
    H4   征求意见（办后返回）               `asking`
    H5   会签: all must agree               `countersigning` (drawn ones: tests/cases/test_countersign_drawn.py)
    H6   加签、减签                         `signing_together`
    H7   退回 with its preview              `returning`
    H8   直达                               `returning_straight`
    H9   取回                               `taking_back`
    H10  催办                               `urging`
    H11  督办: order, report, 销号          `supervising`
    H12  终止办理                           `ending`
    H13  挂起、恢复办理                     `resting`
    H14  代理 with both names, 交接         `standing_in`, `handing_over`
    H15  批量办理                           `many_at_once`
    H16  自动跳过                           `skipping`
    H17  内部时限 reminded and late         `in_time`
    H18  草稿 comes back                    `drafting`
    H19  意见、常用语                       `drafting` (signature images: tests/cases/test_phrases.py)
    H20  附件 in versions                   `sending_again`
    H21  流程图 with what is current        `the_case_page`
    H22  流转记录, to print and to export   `the_case_page`
    H24  动态选人, 待处置                   `claiming` (post), `many_at_once` (initiator), `nobody_there`
    H25  字段权限                           `showing_less`
    H26  按钮权限                           `offering`
    H28  通知 in-app                        `in_time`, `urging`
    H29  编号 unique, in order              `numbers`
    H30  呈批单                             `the_case_page`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit import sealing
from app.audit.service import check_now
from app.cases.models import Case
from app.core import now
from app.core.db import db
from tests.browser import reviewers_acts as acts
from tests.browser.conftest import Office
from tests.browser.reviewers_day import Chairs, prepare
from tests.support import browser as browsing
from tests.support.wholeness import problems

pytestmark = pytest.mark.slow


@pytest.fixture
def day(office: Office, chromium: Any) -> Iterator[Chairs]:
    """The forty items, and everybody's chair."""
    prepare(office)
    with browsing.pages(chromium) as make:
        yield Chairs(make, office)
    now.pretend("2026-11-23")


def test_a_reviewers_day(office: Office, day: Chairs, tmp_path: Path) -> None:
    for login in ("shen", "wen", "wei", "ke", "bai", "jian", "wang"):
        day.sit(login)
    acts.the_desk_in_the_morning(day)
    acts.many_at_once(day)
    acts.asking(day)
    acts.countersigning(day)
    acts.signing_together(day)
    acts.returning(day)
    acts.urging(day)
    acts.sending_again(day, tmp_path)
    acts.taking_back(day)
    acts.ending(day)
    acts.resting(day)
    acts.drafting(day)
    acts.standing_in(day)
    acts.returning_straight(day)
    acts.claiming(day)
    acts.handing_over(day)
    acts.examining(day)
    acts.supervising(day)
    acts.skipping(day)
    acts.offering(day)
    acts.showing_less(office, day)
    acts.nobody_there(office, day)
    acts.the_lists(day)
    acts.in_time(day)
    acts.the_case_page(day)
    seen = {login: [each for each in day.acts if acts.reader(each) == login] for login in ("shen", "bai")}
    for login, titles in seen.items():
        day.in_history(titles[0], login)
        day.in_histories(titles[1:], login)
    for title in list(day.acts):
        day.in_record(title)
    numbers(office)
    with office.app.app_context():
        sealing.seal_all(sealing.settings_now())
        report = check_now()
        assert report.code == 0, [finding.text for finding in report.findings]
        assert problems(db.session()) == []
        db.session.remove()
    assert office.app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


def numbers(office: Office) -> None:
    """H29: in each process the numbers of the day run from one without a gap or a double."""
    with office.app.app_context():
        rows = db.session().execute(sa.select(Case.number, Case.process_key, Case.organ_id)).all()
        db.session.remove()
    books: dict[tuple[str, int], list[int]] = {}
    for each in rows:
        found = re.search(r"〕(\d+)号", each.number)
        assert found, each.number
        books.setdefault((each.process_key, each.organ_id), []).append(int(found.group(1)))
    assert len({each.number for each in rows}) == len(rows)
    for book, counted in books.items():
        assert sorted(counted) == list(range(1, len(counted) + 1)), book
