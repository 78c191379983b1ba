"""常用语 and 签名图样 (features.md H19): what a person keeps for his opinions. Nobody else sees or changes them.

Whether signature images stand on printed sheets is the organ's choice (`organ.settings["signature_images"]`, on by
default); the image is an ornament of the sheet, what counts is the record.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import changed, directory
from app.accounts.models import Organ
from app.cases import png
from app.cases.desk_models import Phrase, Signature
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused

MOST, LONGEST = 30, 200
#: offered to who keeps none of his own yet
USUAL = ("同意。", "已阅。", "请按程序办理。", "请核对后再报。")
SETTING = "signature_images"


def of(session: Session, person_id: int | None) -> list[dict[str, Any]]:
    """A person's phrases in his order: id, text."""
    query = sa.select(Phrase.id, Phrase.text).where(Phrase.person_id == person_id)
    return [dict(row) for row in session.execute(query.order_by(Phrase.position, Phrase.id)).mappings()]


def texts(session: Session, person_id: int | None) -> list[str]:
    """What stands under an opinion field."""
    return [each["text"] for each in of(session, person_id)] or list(USUAL)


@command
def keep(tx: Tx, *, text: str) -> dict[str, Any]:
    """Add a phrase. Exempt from the record: a habit of the writer, not an act."""
    text = text.strip()
    mine = of(tx.session, tx.actor.person_id)
    if not text:
        raise Refused("请写上常用语。", fields={"text": "请填写。"})
    if len(text) > LONGEST:
        raise Refused(f"一条常用语最多 {LONGEST} 字。", fields={"text": f"最多 {LONGEST} 字。"})
    if any(each["text"] == text for each in mine):
        raise Refused("这条常用语已经有了。", fields={"text": "已经有了。"})
    if len(mine) >= MOST:
        raise Refused(f"最多保存 {MOST} 条常用语。请先删掉不用的。")
    tx.session.add(Phrase(person_id=tx.actor.person_id or 0, position=len(mine), text=text))
    return {"said": "已加入常用语。"}


@command
def arrange(tx: Tx, *, phrase_id: int, up: bool) -> dict[str, Any]:
    """Delete a phrase, or (`up`) move it one place forward."""
    mine = list(
        tx.session.scalars(
            sa.select(Phrase)
            .where(Phrase.person_id == tx.actor.person_id)
            .order_by(Phrase.position, Phrase.id)
        )
    )
    at = next((place for place, each in enumerate(mine) if each.id == phrase_id), None)
    if at is None:
        raise NotFound()
    if not up:
        tx.session.delete(mine.pop(at))
    elif at:
        mine[at - 1], mine[at] = mine[at], mine[at - 1]
    for place, each in enumerate(mine):
        each.position = place
    return {"said": "已上移。" if up else "已删除。"}


# --- signature images --------------------------------------------------------------------------------------------


@command
def sign_with(tx: Tx, *, data: bytes) -> dict[str, Any]:
    """Keep the image of one's own signature, written anew. Refused: no PNG, too large, no name on paper."""
    picture = png.clean(data)
    kept = tx.session.get(Signature, tx.actor.person_id) or Signature(person_id=tx.actor.person_id or 0)
    kept.png, kept.width, kept.height, kept.at = picture.png, picture.width, picture.height, tx.now
    tx.session.add(kept)
    tx.note(tx.actor.organ_id or 0, "signature.keep", f"{tx.actor.name} 上传本人签名图样")
    return {"said": "签名图样已保存，印在以后打印的呈批单上。"}


@command
def sign_without(tx: Tx) -> dict[str, Any]:
    """Take one's signature image away."""
    kept = tx.session.get(Signature, tx.actor.person_id)
    if kept is None:
        raise NotFound()
    tx.session.delete(kept)
    tx.note(tx.actor.organ_id or 0, "signature.drop", f"{tx.actor.name} 删除本人签名图样")
    return {"said": "签名图样已删除。"}


@command
def use_images(tx: Tx, *, on: bool) -> dict[str, Any]:
    """Whether sheets of the actor's organ show signature images: its 单位管理员 decides."""
    organ_id = tx.actor.organ_id or 0
    if not tx.actor.holds("unit_admin", organ_id):
        raise NotFound()
    changed(tx)
    organ = tx.session.get_one(Organ, organ_id)
    old = used(organ.settings)
    organ.settings = {**(organ.settings or {}), SETTING: on}
    words = "打印" if on else "不打印"
    summary = f"{tx.actor.name} 设定呈批单{words}签名图样"
    tx.record("organ", "signature.use", summary, stream_id=organ_id, old=old, new=on)
    return {"said": f"已设定：呈批单{words}签名图样。"}


def used(settings: Mapping[str, Any] | None) -> bool:
    """Whether an organ with these settings prints signature images."""
    return bool((settings or {}).get(SETTING, True))


def image(session: Session, person_id: int | None) -> str:
    """The person's own image as a data address for a page; empty without one."""
    return images(session, [person_id] if person_id else []).get(person_id or 0, "")


def images(session: Session, people: Iterable[int | None]) -> dict[int, str]:
    """Signature images of people as data addresses, by id."""
    wanted = sorted({person for person in people if person})
    query = sa.select(Signature.person_id, Signature.png).where(Signature.person_id.in_(wanted))
    rows = session.execute(query) if wanted else ()
    return {row.person_id: "data:image/png;base64," + base64.b64encode(row.png).decode() for row in rows}


def with_images(session: Session, opinions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The opinions of a sheet (`by`: who signed here) with images, where the signer's organ prints them."""
    people = directory()

    def prints(person_id: int | None) -> bool:
        person = people.person(person_id) if person_id else None
        return person is not None and used(people.organ(person.organ_id).settings)

    found = images(session, [each["by"] for each in opinions if prints(each["by"])])
    return [dict(each) | {"image": found.get(each["by"] or 0, "")} for each in opinions]
