"""收到申请之日 by channel (条例31; 国办公开办函〔2015〕207号, whose part on e-mail the 2019 条例 has replaced).

receipt_day(channel, arrived_on, signed_on=…, confirmed_on=…, contact_restored_on=…) -> Receipt
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.law.calendar import Calendar, Due
from workflows.law.refusals import LawRefusal
from workflows.law.settings import DEFAULTS, LawSettings


class Channel(StrEnum):
    """How an application, or a correction, came in."""

    COUNTER = "counter"
    ORAL = "oral"
    REGISTERED = "registered"
    ORDINARY = "ordinary"
    ONLINE = "online"
    EMAIL = "email"
    FAX = "fax"

    @property
    def label(self) -> str:
        """In Chinese."""
        return _CHANNELS[self][0]

    @property
    def article(self) -> str:
        """The clause that fixes the day."""
        return _CHANNELS[self][1]

    @property
    def needs(self) -> str:
        """The day that decides: arrived, signed or confirmed."""
        return _CHANNELS[self][2]


_CHANNELS = {
    Channel.COUNTER: ("当面提交", "条例第三十一条第一项", "arrived"),
    Channel.ORAL: ("口头申请（代为填写）", "条例第二十九条第一款、第三十一条第一项", "arrived"),
    Channel.REGISTERED: ("签收邮寄（EMS、挂号）", "条例第三十一条第二项", "signed"),
    Channel.ORDINARY: ("平常信函", "条例第三十一条第二项", "confirmed"),
    Channel.ONLINE: ("互联网平台", "条例第三十一条第三项", "confirmed"),
    Channel.EMAIL: ("电子邮箱", "条例第三十一条第三项", "confirmed"),
    Channel.FAX: ("传真", "条例第三十一条第三项；国办公开办函〔2015〕207号一4", "confirmed"),
}

RESTORED = "国办公开办函〔2015〕207号一2"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The day of receipt, None while `waiting` for something (a Chinese sentence); `warning` is about delay."""

    channel: Channel
    day: date | None
    article: str
    waiting: str = ""
    warning: str = ""


def receipt_day(
    channel: Channel,
    arrived_on: date,
    *,
    signed_on: date | None = None,
    confirmed_on: date | None = None,
    contact_restored_on: date | None = None,
) -> Receipt:
    """The day from which the reply period runs, itself excluded.

    A day signed for counts even on a weekend (值班室签收). An ordinary letter whose sender cannot be reached
    counts from the day contact is restored. Raises `LawRefusal` for days before the arrival.
    """
    for day, what in ((signed_on, "签收"), (confirmed_on, "确认"), (contact_restored_on, "恢复联络")):
        if day is not None and day < arrived_on and what != "签收":
            raise LawRefusal(f"{what}日早于到达日，请改正。", code="days")
    if channel.needs == "arrived":
        return Receipt(channel, arrived_on, channel.article)
    if channel.needs == "signed":
        return Receipt(channel, signed_on, channel.article, "" if signed_on else "请填写本机关签收日期。")
    if channel is Channel.ORDINARY and contact_restored_on is not None:
        return Receipt(channel, contact_restored_on, f"{channel.article}；{RESTORED}")
    if confirmed_on is None:
        return Receipt(channel, None, channel.article, "请与申请人确认；确认之日为收到申请之日。")
    late = channel is Channel.ORDINARY and confirmed_on > arrived_on
    warning = "平常信函应当于收到当日与申请人确认；延后确认的，请写明原因并留存联系记录。" if late else ""
    return Receipt(channel, confirmed_on, channel.article, warning=warning)


def confirm_by(arrived_on: date, calendar: Calendar, settings: LawSettings = DEFAULTS) -> Due:
    """When an arrival that needs confirming raises the alarm【推定】: confirming must not be put off (1.5)."""
    return calendar.add_workdays(arrived_on, settings.confirm_within)
