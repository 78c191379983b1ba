"""An office in the middle of its day: cases in every state that a page shows differently."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person, Post
from app.cases.models import WorkItem
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.documents.models import Document
from app.obligations.models import Obligation
from tests.browser.conftest import Office
from tests.cases.flows import WITHHELD, drafted, reviewed, signed
from tests.support.driving import SELF_CHECK, Desk


@dataclass(frozen=True)
class Day:
    """Ids of what is on the desks."""

    closed: int
    returned: int
    at_officer: int
    at_signer: int
    stuck: int
    draft_item: int
    self_check_item: int
    head_item: int
    officer_item: int
    verify_item: int
    sign_item: int
    document: int
    duty: int


def begin_day(office: Office) -> Day:
    """Work through the test client, as fast as it goes."""
    office.app.config["WTF_CSRF_ENABLED"] = False
    with office.app.app_context():
        desk = Desk(office.app.test_client())
        day = _work(desk, office)
        db.session.remove()
    office.app.config["WTF_CSRF_ENABLED"] = True
    return day


def _work(desk: Desk, office: Office) -> Day:
    closed = drafted(desk)
    desk.act("shen", closed, "head_review", decision="return", opinion="缺解读方案，请补。")
    desk.act("wen", closed, "draft", title=desk.case(closed).title, doc_kind="other", attribute="proactive")
    desk.act("shen", closed, "head_review", decision="agree", opinion="同意。")
    reviewed(desk, closed)
    signed(desk, closed, doc_no="云政办发〔2026〕31号", opinion="同意签发，请按时公开。")

    returned = drafted(desk, title="云汀市人民政府关于印发公共数据授权运营管理办法（试行）的通知")
    desk.act(
        "shen", returned, "head_review", decision="return", opinion="附件二的分工表与正文不一致，请核对。"
    )

    at_officer = drafted(desk, title="关于进一步做好冬季供暖保障工作的通知")
    desk.act("shen", at_officer, "head_review", decision="agree")
    desk.act("wen", at_officer, "self_check", **SELF_CHECK)
    desk.act("shen", at_officer, "head_review", decision="agree", opinion="自查属实。")

    at_signer = drafted(desk, title="市政府常务会议审议稿：城市更新条例实施意见", **WITHHELD)
    desk.act("shen", at_signer, "head_review", decision="agree")
    desk.act("jiang", at_signer, "disclosure_review", decision="agree", opinion="理由成立。")
    reviewed(desk, at_signer, channels=None, conclusion="closed", conclusion_reason="讨论过程中的稿件")
    desk.act("ke", at_signer, "verify_text", decision="agree", mark_checked=True)

    at_verify = drafted(desk, title="关于调整城市公共汽车票价听证会公告")
    desk.act("shen", at_verify, "head_review", decision="agree")
    reviewed(desk, at_verify)

    at_head = drafted(desk, title="关于开展行政规范性文件清理工作的通知", doc_kind="other")
    at_check = drafted(desk, title="云汀市重大行政决策事项目录（2026年）")
    desk.act("shen", at_check, "head_review", decision="agree")

    stuck = drafted(desk, "fang", title="关于公布保障性租赁住房项目认定结果的公告")
    _leave(SYSTEM, post=office.city.post("housing", "unit_head", "住房保障科"), name="谷监筑")
    session = db.session()
    session.commit()

    def item(case: int) -> int:
        query = sa.select(WorkItem.id).where(WorkItem.case_id == case, WorkItem.status == "open")
        return session.scalars(query).one()

    return Day(
        closed=closed,
        returned=returned,
        at_officer=at_officer,
        at_signer=at_signer,
        stuck=stuck,
        draft_item=item(returned),
        self_check_item=item(at_check),
        head_item=item(at_head),
        officer_item=item(at_officer),
        verify_item=item(at_verify),
        sign_item=item(at_signer),
        document=session.scalars(sa.select(Document.id).where(Document.case_id == closed)).one(),
        duty=session.scalars(sa.select(Obligation.id)).one(),
    )


@command
def _leave(tx: Tx, *, post: int, name: str) -> None:
    person = tx.session.scalars(sa.select(Person).where(Person.name == name)).one()
    staffing.revoke(tx, tx.session.get_one(Post, post), person)
    changed(tx)
