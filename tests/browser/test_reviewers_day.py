"""A reviewer's day in a real browser: forty items of 公开属性认定, 保密审查 and 依申请公开, every operation of table H.

No page is reloaded by hand: whoever waits has his 待办 open, and what is sent to him appears there. At the end every act
is found in 流转记录 and in the record, the record is whole, and so is the office.

    H1   待办、待阅、已阅、已办、我拟的     acts.`the_desk_in_the_morning`, `the_lists`
    H2   认领、放回                         acts.`claiming`
    H3   转交他人                           acts.`claiming`
    H4   征求意见（办后返回）、收回         rounds.`asking`
    H5   会签 全部                          rounds.`countersigning`
         比例、一票否决、或签、依次，结束   rounds.`countersigning_by_rules`
         in the diagram                     rounds.`countersigning_as_drawn`
    H6   加签 前、减签                      rounds.`signing_together`
         并、后                             rounds.`signing_beside_and_after`
    H7   退回 with its preview              acts.`returning`
    H8   重走; 直达                         acts.`sending_again`; `returning_straight`
    H9   取回                               acts.`taking_back`
    H10  催办                               acts.`urging`
    H11  督办 下达、延期、反馈、销号        house.`supervising`
    H12  终止办理                           acts.`ending`
    H13  挂起、恢复办理                     acts.`resting`
    H14  代理 with both names               absence.`standing_in`
         AB岗 by itself while A is away     absence.`taking_over`
         交接 with its transition           absence.`handing_over`
    H15  批量办理                           acts.`many_at_once`
    H16  自动跳过                           acts.`skipping`
    H17  内部时限 超期、报告负责人、转出    absence.`in_time`
    H18  草稿 comes back                    acts.`drafting`
    H19  意见、常用语                       acts.`drafting`
         签名图样, and on the sheet         house.`signing_by_hand`, `the_papers`
    H20  附件 in versions, looked at        acts.`sending_again`, house.`looking_at_files`
    H21  流程图 with what is current        house.`the_papers`
    H22  流转记录, to print and to export   house.`the_papers`
    H24  动态选人 post and unit head        acts.`claiming`, `many_at_once`
         initiator, earlier handler         acts.`many_at_once`, `returning_straight`
         nobody: 待处置                     absence.`nobody_there`
    H25  字段权限                           acts.`showing_less`
    H26  按钮权限                           acts.`offering`
    H28  通知 in-app                        acts.`urging`, absence.`in_time`
         消息网关, and a person's choice    house.`opening_the_gateway`, `reaching_the_gateway`
    H29  编号 unique, in order              `numbers`
    H30  呈批单                             house.`the_papers`

The right-hand names are functions of `reviewers_acts`, `reviewers_rounds`, `reviewers_absence`, `reviewers_house`. That
every button of `processes.operations` was pressed at least once is asserted, not promised.
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
from app.processes.operations import OPERATIONS
from tests.browser import reviewers_absence as absence
from tests.browser import reviewers_acts as acts
from tests.browser import reviewers_house as house
from tests.browser import reviewers_rounds as rounds
from tests.browser.conftest import Office
from tests.browser.reviewers_day import Chairs, attribute, prepare, request
from tests.notices.test_webhook import Heard, heard
from tests.support import browser as browsing
from tests.support.wholeness import problems

__all__ = ["heard"]
pytestmark = pytest.mark.slow


@pytest.fixture
def day(office: Office, chromium: Any) -> Iterator[Chairs]:
    """The forty items, and everybody's chair."""
    prepare(office)
    with browsing.pages(chromium) as make:
        yield Chairs(make, office)
    now.pretend("2026-11-23")


def test_a_reviewers_day(office: Office, day: Chairs, heard: Heard, tmp_path: Path) -> None:
    for login in ("shen", "wen", "wei", "ke", "bai", "jian", "wang"):
        day.sit(login)
    house.opening_the_gateway(day, heard)
    acts.the_desk_in_the_morning(day)
    acts.many_at_once(day)
    rounds.asking(day)
    rounds.countersigning(day)
    rounds.countersigning_by_rules(day)
    rounds.countersigning_as_drawn(day)
    rounds.signing_together(day)
    rounds.signing_beside_and_after(day)
    acts.returning(day)
    acts.urging(day)
    house.reaching_the_gateway(day, heard)
    acts.sending_again(day, tmp_path)
    house.looking_at_files(day, attribute(acts.RETURNED))
    acts.taking_back(day)
    acts.ending(day)
    acts.resting(day)
    house.signing_by_hand(day, tmp_path)
    acts.drafting(day)
    absence.standing_in(day)
    acts.returning_straight(day)
    absence.taking_over(day)
    acts.claiming(day)
    absence.handing_over(day)
    acts.examining(day)
    house.supervising(day)
    acts.skipping(day)
    acts.offering(day)
    acts.showing_less(office, day)
    absence.nobody_there(day)
    acts.the_lists(day)
    absence.in_time(day)
    house.the_papers(day)
    assert set(OPERATIONS.values()) <= day.pressed, "an operation nobody pressed"
    for title in (attribute(rounds.BY_RATIO), request(1)):
        day.in_history(title)
    day.in_histories()
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
