"""送达: how a letter reached its reader, whether that was in time, and from when the reader's periods run.

    Attempt(method, sent, signed, …)        one attempt; every attempt is kept (domain.md 12.10)
    in_time(method, sent, signed, due)      Timeliness of one attempt
    timeliness(attempts, due)               of the letter: the first attempt that counts
    served_on(attempts)                     the day the reader signed: 收到之日 of every appeal period
    must_serve_again(attempts)              whether the last attempt came back
    reached_on(how, on, notice_days)        the day a party counts as having the letter that nobody signed for

The posting day decides for the organ (国办公开办函〔2016〕235号四), the signature day for the applicant (行政
复议法实施条例15(三)). Other couriers are recorded and warned about, never refused (235号二, 邮政法55).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from workflows.law.calendar import Due
from workflows.law.refusals import LawRefusal


class Method(StrEnum):
    """How a letter is served."""

    DIRECT = "direct"
    ENTRUSTED = "entrusted"
    POSTAL = "postal"
    ELECTRONIC = "electronic"
    COURIER = "courier"

    @property
    def label(self) -> str:
        """In Chinese."""
        return _METHODS[self][0]

    @property
    def article(self) -> str:
        """The clause that allows it, or that the courier offends against."""
        return _METHODS[self][1]

    @property
    def counts(self) -> str:
        """Which day counts as the day of the reply: sent or signed."""
        return "sent" if self is Method.POSTAL else "signed"


_METHODS = {
    Method.DIRECT: ("直接送达", "国办公开办函〔2016〕235号四"),
    Method.ENTRUSTED: ("委托其他机关代为送达", "国办公开办函〔2016〕235号四"),
    Method.POSTAL: ("邮政企业寄送", "国办公开办函〔2016〕235号二、四"),
    Method.ELECTRONIC: ("电子送达", "民事诉讼法第九十条【推定】"),
    Method.COURIER: ("其他快递", "国办公开办函〔2016〕235号二；邮政法第五十五条"),
}

COURIER_WARNING = "不是邮政企业寄送，不符合国办公开办函〔2016〕235号二和邮政法第五十五条；以签收日判定，建议再用邮政企业补寄。"


class Verdict(StrEnum):
    """Whether the reply was given in time."""

    ON_TIME = "on_time"
    LATE = "late"
    WAITING = "waiting"  # nothing has happened yet that counts
    UNKNOWN = "unknown"  # the due day is 待定

    @property
    def label(self) -> str:
        """In Chinese."""
        return {"on_time": "按时", "late": "逾期", "waiting": "尚未送达", "unknown": "待定"}[self.value]


class Return(StrEnum):
    """Why a letter came back."""

    UNKNOWN_ADDRESSEE = "unknown_addressee"
    REFUSED = "refused"
    MOVED = "moved"
    OTHER = "other"

    @property
    def label(self) -> str:
        """In Chinese (glossary C)."""
        return {"unknown_addressee": "查无此人", "refused": "拒收", "moved": "迁移", "other": "其他"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. `sent`: posted, handed over to be served, or sent off; `signed`: signed for, or arrived."""

    method: Method
    sent: date
    signed: date | None = None
    returned: date | None = None
    reason: Return | None = None
    mail_number: str = ""
    signer: str = ""


@dataclass(frozen=True, slots=True)
class Timeliness:
    """The verdict, the day it rests on, the clause, and a Chinese warning where there is one."""

    verdict: Verdict
    effective_on: date | None
    article: str
    warning: str = ""


def effective_day(method: Method, sent: date | None, signed: date | None) -> date | None:
    """The day on which the reply counts as given; None while it does not (235号四)."""
    if sent is not None and signed is not None and signed < sent:
        raise LawRefusal("签收日早于交邮（送出）日，请改正。", code="days")
    return sent if method.counts == "sent" else signed


def in_time(method: Method, sent: date | None, signed: date | None, due: Due | date | None) -> Timeliness:
    """Whether one attempt was in time. A 待定 due is on time up to its bound, then unknown."""
    day = effective_day(method, sent, signed)
    warning = COURIER_WARNING if method is Method.COURIER else ""
    return Timeliness(_verdict(day, due), day, method.article, warning)


def _verdict(day: date | None, due: Due | date | None) -> Verdict:
    if day is None:
        return Verdict.WAITING
    if due is None:
        return Verdict.UNKNOWN
    if isinstance(due, Due):
        if due.date is None:
            return Verdict.ON_TIME if day <= due.not_before else Verdict.UNKNOWN
        due = due.date
    return Verdict.ON_TIME if day <= due else Verdict.LATE


def timeliness(attempts: Sequence[Attempt], due: Due | date | None) -> Timeliness:
    """Whether the letter was in time: its first attempt that counts.

    A posting counts even when the letter comes back, for the address is the applicant's own【推定】; a letter
    that came back by another way counts for nothing.
    """
    if not attempts:
        return Timeliness(Verdict.WAITING, None, "")
    judged = [
        in_time(a.method, a.sent, a.signed, due)
        for a in attempts
        if a.returned is None or a.method is Method.POSTAL
    ]
    counting = [found for found in judged if found.effective_on is not None]
    if counting:
        return min(counting, key=lambda found: found.effective_on or date.max)
    return judged[-1] if judged else Timeliness(Verdict.WAITING, None, attempts[-1].method.article)


def served_on(attempts: Sequence[Attempt]) -> date | None:
    """The day the reader's periods run from, itself excluded; None while nobody has signed."""
    return min((a.signed for a in attempts if a.signed is not None), default=None)


class Reached(StrEnum):
    """How a letter that asks for an opinion reached the party (比照民事诉讼法, for 条例32 says nothing of it【推定】)."""

    SIGNED = "signed"
    LEFT = "left"
    NOTICE = "notice"

    @property
    def label(self) -> str:
        """In Chinese."""
        return {"signed": "签收", "left": "留置送达", "notice": "公告送达"}[self.value]

    @property
    def article(self) -> str:
        """The clause it rests on; nothing for a signature."""
        return {
            "signed": "",
            "left": "民事诉讼法第八十九条【推定】",
            "notice": "民事诉讼法第九十五条【推定】",
        }[self.value]


def reached_on(how: Reached, on: date, notice_days: int) -> date:
    """The day the letter counts as received: of a public notice, so many natural days after it (民诉法95)."""
    return on + timedelta(days=notice_days) if how is Reached.NOTICE else on


def must_serve_again(attempts: Sequence[Attempt]) -> bool:
    """Whether the last attempt came back and no attempt was signed for."""
    return bool(attempts) and served_on(attempts) is None and attempts[-1].returned is not None
