"""The receipt of an application as the public site gives it: what to keep, what comes next. On the page and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.directory import OrganInfo, directory
from app.core.command import keyring
from app.core.errors import NotFound
from app.core.now import local_text
from app.letters import pdf, rendering
from app.letters.paper import Paper, chinese_date
from app.requests.codes import query_code
from app.requests.kinds import DELIVERY, SUPPLY
from app.requests.models import Incoming, Request


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receipt says. `code` is made again from the key and stands nowhere in the database."""

    number: str
    code: str
    organ: OrganInfo
    handed_in: str
    request: Request

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """Label and value, in order; nobody's number is on it."""
        return [
            ("来件号", self.number),
            ("查询码", self.code),
            ("受理机关", self.organ.name),
            ("提交时间", self.handed_in),
            ("申请内容", self.request.title),
            ("提供形式", SUPPLY[self.request.supply]),
            ("获取途径", DELIVERY[self.request.delivery]),
        ]


def receipt(session: Session, request_id: int) -> Receipt:
    """The receipt of a request that came in here."""
    request = session.get(Request, request_id)
    incoming = session.get(Incoming, request.incoming_id) if request and request.incoming_id else None
    if request is None or incoming is None:
        raise NotFound()
    organ = directory().organ(request.subject_id)
    return Receipt(
        incoming.number, query_code(keyring(), request.case_id), organ, local_text(request.created), request
    )


NEXT = (
    "工作人员会按您留下的联系方式与您确认。双方确认之日为收到申请之日（条例第三十一条）。",
    "从收到申请之日的次日起20个工作日内答复；需要延长的，会在期限届满前告知您（条例第三十三条）。",
    "凭来件号或者查询码，加电话或者证件号码的后四位，可以随时在本网站查询进度、下载文书、提交补正材料。",
)


def receipt_pdf(found: Receipt) -> bytes:
    """The receipt as PDF. Refused when a character of the content has no font."""
    lines = [f"{label}：{value}" for label, value in found.facts]
    paper = Paper(
        sender=found.organ.name,
        number="",
        title="政府信息公开申请提交回执",
        addressee="申请人",
        body=("您通过本机关网站提交的政府信息公开申请已经收下。", *lines, *NEXT),
        signature=found.organ.name,
        date=chinese_date(found.request.arrived_on),
        note="本回执由系统生成，请妥善保管查询码",
    )
    return pdf.letter_pdf(paper, rendering.font_folder())
