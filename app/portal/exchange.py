"""The signed interface for a city platform: who calls, whether the call is fresh, what it may ask.

    X-Gongkai-Key        the id of the key
    X-Gongkai-Time       seconds since 1970, at most five minutes away from ours
    X-Gongkai-Nonce      16 to 64 letters and digits, used once
    X-Gongkai-Signature  hex HMAC-SM3, under the key, of the lines: method, path with query, time, nonce, SM3 of the body

Whatever is wrong with these is one answer (401). A call seen before is 409.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.audit import ACTION_LABELS
from app.core import personal
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.keys import Keyring, sm3
from app.core.now import business_date, wall
from app.documents import files
from app.documents.files import Stored
from app.portal import platform
from app.portal.filing import keep_files
from app.portal.forms import MOST_BYTES, MOST_FILES
from app.portal.models import Partner, PartnerNonce
from app.portal.platform import COLUMNS, Row

ACTION_LABELS.update({"platform.called": "平台接口登记申请"})

WINDOW = timedelta(minutes=5)
MOST_BODY = 40 * 1024 * 1024
MOST_CALL = 50
_NONCE = re.compile(r"[0-9A-Za-z_-]{16,64}")
_REFUSED = "签名不对、已过时，或者密钥已停用。请核对密钥、时间和签名的算法。"


class BadSignature(NotAllowed):
    """The call is not from whom it says, or too old."""

    status = 401
    title = "签名没有通过"


@dataclass(frozen=True, slots=True)
class Call:
    """What arrived, as it is signed: `path` with its query string."""

    method: str
    path: str
    key_id: str
    time: str
    nonce: str
    signature: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner whose signature held."""

    id: int
    organ_id: int
    name: str
    nonce: str

    def actor(self, origin: str) -> Actor:
        """How the record names it."""
        return Actor(
            person_id=None, name=f"平台接口（{self.name}）"[:40], organ_id=self.organ_id, origin=origin
        )


def signature(key: str, method: str, path: str, time: str, nonce: str, body: bytes) -> str:
    """What a platform computes; `key` as it was shown, hex."""
    text = "\n".join((method, path, time, nonce, sm3(body)))
    return hmac.new(bytes.fromhex(key), text.encode(), "sm3").hexdigest()


def caller(session: Session, keys: Keyring, call: Call) -> Caller:
    """The partner of a call; BadSignature for anything that does not hold."""
    partner = session.scalars(sa.select(Partner).where(Partner.key_id == call.key_id[:20])).first()
    key = (
        personal.unseal(keys, partner.sealed)
        if partner is not None and partner.sealed is not None
        else "00" * 32
    )
    right = hmac.compare_digest(
        signature(key, call.method, call.path, call.time, call.nonce, call.body).encode(),
        call.signature.lower().encode(),
    )
    fresh = call.time.isascii() and call.time.isdigit() and len(call.time) <= 12
    fresh = fresh and abs(wall().timestamp() - int(call.time)) <= WINDOW.total_seconds()
    if (
        partner is None
        or partner.sealed is None
        or not right
        or not fresh
        or not _NONCE.fullmatch(call.nonce)
    ):
        raise BadSignature(_REFUSED)
    return Caller(partner.id, partner.organ_id, partner.name, call.nonce)


def use(tx: Tx, who: Caller) -> None:
    """Use the nonce up; Refused (409) when it was used, BadSignature when the key ended meanwhile."""
    row = tx.session.get(Partner, who.id, populate_existing=True)
    if row is None or row.ended_at is not None:
        raise BadSignature(_REFUSED)
    try:
        tx.session.execute(
            sa.insert(PartnerNonce).inline(), {"partner_id": who.id, "nonce": who.nonce, "at": wall()}
        )
    except IntegrityError as error:
        raise Refused(
            "这次调用已经处理过，没有再办一次。重试请换新的随机串；同一平台编号不会重复登记。"
        ) from error


@command
def note_call(tx: Tx, *, who: Caller) -> None:
    """A call that only reads: its nonce is used up."""
    use(tx, who)


@dataclass(frozen=True, slots=True)
class Given:
    """One application of a call: its row, and files already stored."""

    row: Row
    files: tuple[Stored, ...]


def read(body: Any) -> list[Given]:
    """The applications of a call's JSON: {"applications": [{…, "files": [{name, content}]}]}; Refused when it is none."""
    items = body.get("applications") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items or len(items) > MOST_CALL:
        raise Refused(f"请求体应为 JSON：applications 是 1 至 {MOST_CALL} 件申请的列表。")
    return [_given(place, item) for place, item in enumerate(items, 1)]


def _given(place: int, item: Any) -> Given:
    if not isinstance(item, dict):
        raise Refused(f"第 {place} 件不是一个对象。")
    values = {}
    for key in COLUMNS:
        value = item.get(key)
        if isinstance(value, bool):
            value = "是" if value else ""
        if value is not None and not isinstance(value, str | int):
            raise Refused(f"第 {place} 件的 {COLUMNS[key][0]} 应是文字。")
        values[key] = str(value).strip() if value is not None else ""
    sent = item.get("files") or []
    if not isinstance(sent, list) or len(sent) > MOST_FILES:
        raise Refused(f"第 {place} 件的附件应是不超过 {MOST_FILES} 个的列表。")
    return Given(Row(place, values), tuple(_file(place, each) for each in sent))


def _file(place: int, item: Any) -> Stored:
    name, content = (item.get("name"), item.get("content")) if isinstance(item, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(content, str):
        raise Refused(f"第 {place} 件的附件应写明文件名和内容（Base64）。")
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(f"第 {place} 件的附件「{files.clean_name(name)}」不是 Base64。") from error
    if len(data) > MOST_BYTES:
        raise Refused(f"第 {place} 件的附件「{files.clean_name(name)}」超过 {MOST_BYTES >> 20} MB。")
    return files.store(io.BytesIO(data), name)


@command
def register(tx: Tx, *, who: Caller, given: Sequence[Given]) -> dict[str, Any]:
    """Register a call's applications, all or none; {applications: [{platform_no, number, state}]}.

    Safe to repeat: a number that stands is answered with what stands. Refused names every fault with its place.
    """
    use(tx, who)
    office, today = directory().organ(who.organ_id), business_date(tx.now)
    rows = [each.row for each in given]
    platform.check(tx.session, tx.keys, office, rows, today)
    faults = {f"第 {row.line} 件": "".join(row.faults) for row in rows if row.faults}
    if faults:
        raise Refused("有申请不能登记，一件也没有登记。", fields=faults)
    made = platform.take(tx, office, rows, today, partner_id=who.id)
    for each, one in zip(given, made, strict=True):
        if one["fresh"] and each.files:
            keep_files(tx, one["case"], {"platform_files": each.files})
    fresh = [one["request"] for one in made if one["fresh"]]
    tx.record(
        "organ", "platform.called", f"{tx.actor.name} 登记申请 {len(fresh)} 件", stream_id=office.id, requests=fresh,
        partner=who.id,
    )  # fmt: skip
    return {"applications": [_answer(one) for one in made]}


def _answer(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "platform_no": one["platform_no"],
        "number": one["number"],
        "state": "registered" if one["fresh"] else "existing",
    }


def sweep(tx: Tx) -> int:
    """Drop nonces that are too old to be accepted anyway; returns how many."""
    old = sa.delete(PartnerNonce).where(PartnerNonce.at < wall() - 4 * WINDOW)
    return int(tx.session.execute(old).rowcount)  # type: ignore[attr-defined]


def since_of(text: str) -> date | None:
    """The day a caller asks from; NotFound for what is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotFound() from None
