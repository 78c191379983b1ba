"""Applications of a city platform: one row each, checked by the rules of the form, registered as a whole or not at all.

A row is a mapping of the keys of COLUMNS to texts. The platform's number makes it idempotent: the same number with the
same words is the application that stands already, with other words it is a fault that is named.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.directory import OrganInfo, directory
from app.core.command import Tx
from app.core.errors import Refused
from app.core.keys import Keyring
from app.portal.models import PlatformApplication
from app.requests import applicants, intake
from app.requests.applicants import Said
from app.requests.kinds import APPLICANTS, DELIVERY, IDENTITIES, SUPPLY
from app.requests.opening import Application

#: key -> (heading, what to write)
COLUMNS: dict[str, tuple[str, str]] = {
    "platform_no": ("平台编号", "必填；同一编号只登记一次"),
    "subject": ("答复主体", "机关名称、简称或者代码；不填为本机关"),
    "arrived_on": ("提交日期", "必填；如 2026-11-23"),
    "confirmed_on": ("确认日期", "已与申请人确认的填写，即收到申请之日"),
    "kind": ("申请人类型", "必填；" + "、".join(APPLICANTS.values())),
    "name": ("姓名或者名称", "必填"),
    "id_kind": ("身份证明", "、".join(IDENTITIES.values()) + "；不填为其他证明"),
    "id_no": ("证件号码", ""),
    "phone": ("电话", "电话、通信地址、电子邮箱至少填一项"),
    "address": ("通信地址", ""),
    "postcode": ("邮政编码", ""),
    "email": ("电子邮箱", ""),
    "agent": ("代理人", ""),
    "content": ("申请内容", "必填"),
    "supply": ("提供形式", "、".join(SUPPLY.values()) + "；不填为不限"),
    "delivery": ("获取途径", "、".join(DELIVERY.values()) + "；不填为网上、电子邮箱"),
    "suggests_open": ("建议转主动公开", "是、否"),
    "note": ("备注", ""),
}
MOST_ROWS = 200
_YES = {"是": True, "y": True, "yes": True, "true": True, "1": True}

p = PlatformApplication


@dataclass
class Row:
    """One application of the platform; `line` as the table counts. `known` is the request that stands already."""

    line: int
    values: dict[str, str]
    faults: list[str] = field(default_factory=list)
    known: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For keeping while it waits."""
        return {"line": self.line, "values": self.values, "faults": self.faults, "known": self.known}


def check(session: Session, keys: Keyring, office: OrganInfo, rows: Sequence[Row], today: date) -> None:
    """Write every row's faults and whether it stands already; writes nothing in the database."""
    seen: dict[str, int] = {}
    standing = _standing(session, office.id, [row.values.get("platform_no", "") for row in rows])
    for row in rows:
        row.faults, row.known = [], None
        number = row.values.get("platform_no", "")
        if not number:
            row.faults.append("没有填平台编号。")
        elif len(number) > 80 or not applicants.visible(number):
            row.faults.append("平台编号太长或者含有控制字符。")
        elif number in seen:
            row.faults.append(f"平台编号与第 {seen[number]} 行重复。")
        seen.setdefault(number, row.line)
        if (stands := standing.get(number)) is not None:
            row.known = stands.request_id
            if stands.digest != digest(keys, row.values):
                row.faults.append("这个平台编号已经登记过，但内容不同。请与平台核对。")
            continue
        try:
            read(row.values, office, today)
        except Refused as error:
            row.faults += [f"{COLUMNS[key][0]}：{text}" if key in COLUMNS else text
                           for key, text in error.fields.items()] or [error.message]  # fmt: skip


def _standing(session: Session, organ_id: int, numbers: Sequence[str]) -> dict[str, PlatformApplication]:
    query = sa.select(p).where(p.organ_id == organ_id, p.number.in_([n for n in numbers if n] or [""]))
    return {row.number: row for row in session.scalars(query)}


def read(values: Mapping[str, str], office: OrganInfo, today: date) -> tuple[Said, Application]:
    """Applicant and application of a row; Refused with a sentence per column."""
    wrong: dict[str, str] = {}
    subject = _subject(values.get("subject", ""), office)
    if subject is None:
        wrong["subject"] = "没有这个机关，或者不由本机关代办。"
    words = {
        "kind": _key(APPLICANTS, values.get("kind", ""), None),
        "id_kind": _key(IDENTITIES, values.get("id_kind", ""), "other"),
        "supply": _key(SUPPLY, values.get("supply", ""), "any"),
        "delivery": _key(DELIVERY, values.get("delivery", ""), "electronic"),
    }
    for key, found in words.items():
        if found is None:
            said_so = f"没有「{values[key]}」这一项，请填" if values.get(key) else "没有填，请填"
            wrong[key] = f"{said_so}：{COLUMNS[key][1].removeprefix('必填；')}。"
    arrived, confirmed = _day(values.get("arrived_on", "")), _day(values.get("confirmed_on", ""))
    if arrived is None:
        wrong["arrived_on"] = "请写成 2026-11-23 这样。"
    if values.get("confirmed_on") and confirmed is None:
        wrong["confirmed_on"] = "请写成 2026-11-23 这样。"
    said = {key: values.get(key, "") for key in Said.__dataclass_fields__} | {
        "kind": words["kind"] or "other", "id_kind": words["id_kind"] or "other",
    }  # fmt: skip
    wrong |= _refusals(lambda: applicants.read(said))
    application = Application(
        subject_id=subject.id if subject else office.id, content=values.get("content", ""), channel="online",
        arrived_on=arrived or today, confirmed_on=confirmed, supply=words["supply"] or "any",
        delivery=words["delivery"] or "electronic", suggests_open=_YES.get(values.get("suggests_open", "").lower(), False),
        note=f"平台编号 {values.get('platform_no', '')} {values.get('note', '')}".strip()[:300],
    )  # fmt: skip
    wrong = _refusals(lambda: intake.check(application, today)) | wrong
    if wrong:
        raise Refused("这一行还有要改的地方。", fields=wrong)
    return applicants.read(said), application


def _refusals(call: Any) -> dict[str, str]:
    try:
        call()
    except Refused as error:
        return dict(error.fields)
    return {}


def _subject(text: str, office: OrganInfo) -> OrganInfo | None:
    mine = directory().handled_by(office.id)
    return office if not text else next((o for o in mine if text in (o.name, o.short_name, o.code)), None)


def _key(words: Mapping[str, str], text: str, empty: str | None) -> str | None:
    if not text:
        return empty
    return next((key for key, word in words.items() if text in (key, word)), None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip().replace("/", "-")[:10]) if text.strip() else None
    except ValueError:
        return None


def digest(keys: Keyring, values: Mapping[str, str]) -> str:
    """A keyed digest of what a row says of applicant and content, blanks left out."""
    said = {
        key: applicants.plain(values.get(key, ""))
        for key in ("name", "id_no", "phone", "content", "arrived_on")
    }
    return hmac.new(
        keys.index, b"platform\0" + orjson.dumps(said, option=orjson.OPT_SORT_KEYS), "sm3"
    ).hexdigest()


def take(
    tx: Tx, office: OrganInfo, rows: Sequence[Row], today: date, *, partner_id: int | None = None,
    import_id: int | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Register every row that does not stand yet; [{platform_no, request, number, fresh}]. The rows were checked."""
    made: list[dict[str, Any]] = []
    for row in rows:
        number = row.values["platform_no"]
        if row.known is not None:
            made.append({"platform_no": number, "request": row.known, "number": "", "fresh": False})
            continue
        said, application = read(row.values, office, today)
        begun = intake.begin(tx, office, said, application)
        tx.session.add(
            PlatformApplication(
                organ_id=office.id,
                number=number,
                request_id=begun["request"],
                digest=digest(tx.keys, row.values),
                partner_id=partner_id,
                import_id=import_id,
                at=tx.now,
            )  # fmt: skip
        )
        made.append(
            {
                "platform_no": number,
                "request": begun["request"],
                "case": begun["case"],
                "number": begun["number"],
                "fresh": True,
            }
        )
    try:
        tx.session.flush()
    except IntegrityError as error:
        raise Refused("同一个平台编号刚刚由另一次导入登记，一件也没有重复登记。请重试一次。") from error
    return made
