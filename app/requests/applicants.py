"""申请人: who applied, found again by name, number or telephone without a number ever being read for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import personal
from app.core.command import Tx
from app.core.errors import Refused
from app.core.keys import Keyring, sm3
from app.requests.kinds import APPLICANTS, IDENTITIES
from app.requests.models import Applicant, Request

#: longest texts, in characters
NAME, ADDRESS, EMAIL, CONTENT = 100, 200, 120, 5_000

_SPACE_AND_MARKS = re.compile(r"[\W_]+")
#: what no field takes: control characters, halves of characters, private ones, marks that turn the writing round.
#: Characters newer than this Python's tables (fresh emoji) are unassigned to it and allowed.
_NEVER = {"Cc", "Cs", "Co"}
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")


@dataclass(frozen=True)
class Said:
    """What the form says of an applicant; texts are tidied by `read`."""

    kind: str
    name: str
    id_kind: str
    id_no: str
    phone: str
    address: str = ""
    postcode: str = ""
    email: str = ""
    agent: str = ""


def plain(text: str) -> str:
    """For comparison: white space, punctuation, width and case do not count."""
    return _SPACE_AND_MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def content_key(text: str) -> str:
    """Equal for the same request written with other spaces and punctuation."""
    return sm3(plain(text).encode())


def visible(text: str) -> bool:
    """Whether a text holds printable characters only (line ends and tabs aside)."""
    return all(c in "\n\r\t" or (unicodedata.category(c) not in _NEVER and c not in _TURNING) for c in text)


def read(form: Mapping[str, str]) -> Said:
    """The applicant of a form, checked field by field; Refused with a sentence per field.

    29② asks for a name, proof of identity and a way to be reached; what the applicant wants it for is never asked.
    """
    said = {key: (form.get(key) or "").strip() for key in Said.__dataclass_fields__}
    wrong = _problems(said)
    if wrong:
        raise Refused("申请人信息还有要改的地方，见标红处。", fields=wrong)
    return Said(**said)


def _problems(said: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if said["kind"] not in APPLICANTS:
        wrong["kind"] = "请选择申请人类型（年度报告按此统计）。"
    if not said["name"]:
        wrong["name"] = "请填写姓名或者名称（条例第二十九条）。"
    if said["id_kind"] not in IDENTITIES:
        wrong["id_kind"] = "请选择身份证明的种类。"
    limits = {"name": NAME, "address": ADDRESS, "email": EMAIL, "agent": NAME, "id_no": 40, "phone": 30}
    for key, longest in limits.items():
        if len(said[key]) > longest:
            wrong[key] = f"最多 {longest} 个字，现在有 {len(said[key])} 个。"
        elif not visible(said[key]):
            wrong[key] = "含有看不见的控制字符，请重新输入。"
    if said["id_kind"] == "id_card" and said["id_no"] and not is_id_card(said["id_no"]):
        wrong["id_no"] = "居民身份证号的位数或者校验位不对，请核对。"
    if said["postcode"] and not re.fullmatch(r"\d{6}", said["postcode"]):
        wrong["postcode"] = "邮政编码是 6 位数字。"
    if said["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", said["email"]):
        wrong["email"] = "电子邮箱的格式不对，如 name@example.cn。"
    if not (said["phone"] or said["address"] or said["email"]):
        wrong.setdefault("phone", "电话、地址、电子邮箱至少填一项（条例第二十九条要求有联系方式）。")
    return wrong


def is_id_card(text: str) -> bool:
    """18 digits with the check character of GB 11643."""
    if not re.fullmatch(r"\d{17}[\dXx]", text):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(text, weights, strict=False))
    return "10X98765432"[total % 11] == text[-1].upper()


def keep(tx: Tx, organ_id: int, said: Said) -> int:
    """The applicant's row: the same person again where kind, name and a number agree, else a new one."""
    row = _row(tx.keys, said)
    found = _same(tx.session, organ_id, row)
    if found is None:
        fresh = Applicant(organ_id=organ_id, at=tx.now, **row)
        tx.session.add(fresh)
        tx.session.flush()
        return fresh.id
    for name, value in row.items():
        if value is not None:
            setattr(found, name, value)
    return found.id


def _row(keys: Keyring, said: Said) -> dict[str, Any]:
    return {
        "kind": said.kind,
        "name": said.name,
        "name_key": plain(said.name)[:100],
        "id_kind": said.id_kind,
        "id_sealed": personal.seal(keys, said.id_no) if said.id_no else None,
        "id_key": personal.equality(keys, "id_no", said.id_no.upper()) if said.id_no else None,
        "phone_sealed": personal.seal(keys, said.phone) if said.phone else None,
        "phone_key": personal.equality(keys, "phone", _digits(said.phone)) if said.phone else None,
        "address": said.address or None,
        "postcode": said.postcode or None,
        "email": said.email or None,
    }


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def _same(session: Session, organ_id: int, row: Mapping[str, Any]) -> Applicant | None:
    """Same name, and the same number or telephone; a name alone is not a person."""
    numbers = [
        column == row[name]
        for name, column in (("id_key", Applicant.id_key), ("phone_key", Applicant.phone_key))
        if row[name]
    ]
    if not numbers:
        return None
    query = sa.select(Applicant).where(
        Applicant.organ_id == organ_id, Applicant.name_key == row["name_key"], sa.or_(*numbers)
    )
    return session.scalars(query.order_by(Applicant.id.desc()).limit(1)).first()


def snapshot(said: Said) -> dict[str, Any]:
    """What the case keeps of who applied, masked: it does not change when the person moves house."""
    return {
        "kind": said.kind,
        "name": said.name,
        "agent": said.agent,
        "id_kind": said.id_kind,
        "id_masked": personal.mask(said.id_no) if said.id_no else "",
        "phone_masked": personal.mask(said.phone) if said.phone else "",
        "address": said.address,
        "postcode": said.postcode,
        "email": said.email,
    }


def related(
    session: Session,
    keys: Keyring,
    organ_id: int,
    *,
    name: str,
    id_no: str,
    phone: str,
    content: str,
    apart: int = 0,
) -> Sequence[sa.RowMapping]:
    """Requests of the same applicant or with the same content, newest first, at most 20 (F13).

    Each row tells `same_person`, `same_content`. White space and punctuation are ignored.
    """
    a, r = Applicant, Request
    who = [a.name_key == plain(name)] if plain(name) else []
    if id_no:
        who.append(a.id_key == personal.equality(keys, "id_no", id_no.upper()))
    if phone:
        who.append(a.phone_key == personal.equality(keys, "phone", _digits(phone)))
    person = sa.or_(*who) if who else sa.false()
    same = r.content_key == content_key(content) if plain(content) else sa.false()
    query = (
        sa.select(
            r.id, r.case_id, r.number, r.title, r.content, r.received_on, r.arrived_on, r.state, r.outcome, r.reply_no,
            r.answered_on, a.name, person.label("same_person"), same.label("same_content"),
        )
        .join(a, a.id == r.applicant_id)
        .where(r.organ_id == organ_id, r.id != apart, sa.or_(person, same))
        .order_by(r.id.desc())
        .limit(20)
    )  # fmt: skip
    return session.execute(query).mappings().all()


def of_month(session: Session, applicant_id: int, on: date, apart: int = 0) -> int:
    """How many requests of this applicant were received in the calendar month of `on` (条例35; 109号四).

    `apart` is left out: the request that is being received, which may or may not be written yet.
    """
    first = on.replace(day=1)
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    query = sa.select(sa.func.count()).where(
        Request.applicant_id == applicant_id,
        Request.id != apart,
        Request.counts,
        Request.received_on >= first,
        Request.received_on < after,
    )
    return session.scalar(query) or 0
