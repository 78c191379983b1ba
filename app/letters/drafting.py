"""Drafting: the open letter of a case, filled from facts, changed by people.

An open letter follows the case's facts until somebody writes in it; then his words stay and the rest follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import OrganInfo, directory, kept_with
from app.core.command import Tx
from app.core.errors import NotFound, Refused
from app.documents import ledger
from app.letters import composing, hooks, queries, texts
from app.letters.filling import MAX_TEXT
from app.letters.folder import folder, open_letter, open_letters
from app.letters.models import OPEN, STATES, Letter
from app.letters.paper import paragraphs


def draft(
    tx: Tx,
    *,
    case_id: int,
    organ_id: int,
    kind: str,
    variant: str | None = None,
    addressee: str = "",
    fields: Mapping[str, Any] | None = None,
    part: str = "",
) -> int:
    """`prepare`, written at once; the letter's id."""
    letter = prepare(
        tx, case_id=case_id, organ_id=organ_id, kind=kind, variant=variant, addressee=addressee, fields=fields,
        part=part,
    )  # fmt: skip
    tx.session.flush()
    return letter.id


def prepare(
    tx: Tx,
    *,
    case_id: int,
    organ_id: int,
    kind: str,
    variant: str | None = None,
    addressee: str = "",
    fields: Mapping[str, Any] | None = None,
    part: str = "",
) -> Letter:
    """The open letter of this kind (and part) of the case, filled with these facts; a new one has no id yet.

    `variant` is the outcome (`R3`) or, for L11 and L23, `ask`/`talk`, `fix`/`move`. An open letter of the same
    template is refilled: what people wrote stays. One of another template of the kind (the outcome changed) is begun
    anew. Another kind of reply (L14 after L13) puts the old open reply aside.
    """
    try:
        name = texts.name_of(kind, variant)
    except KeyError:
        raise Refused("没有这种文书的文字。请重新选择答复类型，或联系流程管理员。") from None
    found = open_letter(tx, case_id, kind, part)
    if found is not None and found.template == name and found.organ_id == organ_id:
        fill(tx, found, fields or {}, addressee)
        return found
    _put_aside(tx, case_id, kind, part)
    letter = _fresh(tx, case_id, organ_id, name, part)
    fill(tx, letter, fields or {}, addressee)
    tx.session.add(letter)
    folder(tx, case_id).append(letter)
    return letter


def _put_aside(tx: Tx, case_id: int, kind: str, part: str) -> None:
    """Open letters that this one replaces: the same kind, and any other open reply when this one is a reply."""
    others = open_letters(tx, case_id, *(REPLY_KINDS if kind in REPLY_KINDS else (kind,)))
    for old in others:
        if kind in REPLY_KINDS or old.part == part:
            make_void(tx, old, "改用另一种文书")
            tx.session.flush()  # one open letter of a kind at a time: the old one goes before the new one comes


#: letters that answer an application: a case has one of them open at a time
REPLY_KINDS = tuple(f"L{n}" for n in range(13, 23))


def _fresh(tx: Tx, case_id: int, organ_id: int, name: str, part: str) -> Letter:
    template = texts.shipped()[name]
    return Letter(
        case_id=case_id,
        organ_id=organ_id,
        kind=template.kind,
        reply_kind=template.reply_kind,
        part=part,
        template=name,
        title=template.title,
        addressee="",
        fields={},
        blocks=[],
        state="draft",
        digest="",
        version=0,
        created_at=tx.now,
        created_by=tx.actor.person_id,
        updated_at=tx.now,
    )


def refill(tx: Tx, letter_id: int, *, fields: Mapping[str, Any], addressee: str = "") -> None:
    """Give an open letter other facts: locked and unedited text is filled anew, edited text stays."""
    fill(tx, locked(tx, letter_id), fields, addressee)


def fill(
    tx: Tx,
    letter: Letter,
    fields: Mapping[str, Any],
    addressee: str = "",
    organ: OrganInfo | None = None,
    *,
    leaving: bool = False,
) -> None:
    """Fill an open letter anew with these facts beside those it has; what people wrote stays.

    `leaving`: these are the days that are known only when it is sent; like its date they take no approval away.
    """
    organ = organ or directory().organ(letter.organ_id)
    own = _own_texts(tx).get((letter.organ_id, letter.template))
    template = texts.shipped()[letter.template].with_texts(own.texts if own else {})
    letter.template_id = own.id if own else None
    said = composing.organ_values(organ)
    # what stands on the paper beside the text is kept with it, so that an approved letter does not change by itself
    letter.fields = {
        **letter.fields,
        "organ_head": said["head"],
        "organ_contact": said["contact"],
        **{key: _plain(value) for key, value in fields.items()},
    }
    letter.addressee = addressee or letter.addressee
    values = composing.values_for(organ, letter.fields, letter.addressee)
    _put(tx, letter, composing.fill(template, values, organ, letter.blocks), organ, leaving=leaving)


def refill_open(tx: Tx, organ_id: int) -> int:
    """Drafts of an organ follow its settings; approved letters stay as approved. Returns how many changed."""
    drafts = tx.session.scalars(
        sa.select(Letter)
        .where(Letter.organ_id == organ_id, Letter.state == "draft")
        .order_by(Letter.id.desc())
        .limit(500)
    ).all()
    before = {letter.id: letter.digest for letter in drafts}
    organ = directory().organ(organ_id)
    for letter in drafts:
        fill(tx, letter, {}, "", organ)
    return sum(before[letter.id] != letter.digest for letter in drafts)


def _own_texts(tx: Tx) -> Mapping[tuple[int, str], queries.OwnText]:
    """The organs' own words, kept with the directory; in a command that changes either, read once by it."""
    found: Mapping[tuple[int, str], queries.OwnText] | None = tx.memo.get("own_texts")
    if found is None:
        found = tx.memo["own_texts"] = kept_with("gongkai_letter_texts", queries.own_texts)
    return found


def _plain(value: Any) -> Any:
    """A fact as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    return value


def _put(
    tx: Tx,
    letter: Letter,
    blocks: composing.Blocks,
    organ: OrganInfo | None = None,
    *,
    leaving: bool = False,
) -> bool:
    """Write the text; a change voids an approval. Returns whether what a reader reads is different now."""
    before = letter.digest
    letter.blocks = blocks
    letter.digest = composing.digest(letter, organ or directory().organ(letter.organ_id))
    changed_text = before != letter.digest
    if changed_text or not before:
        letter.updated_at, letter.updated_by = tx.now, tx.actor.person_id
        letter.version += 1
    if letter.state == "approved" and changed_text and not leaving:
        letter.state = "draft"
        for call in hooks.approval_void:
            call(tx, letter.id)
    return changed_text


def edit(tx: Tx, letter_id: int, *, texts: Mapping[str, str], version: int | None = None) -> bool:
    """Change unlocked blocks of an open letter; returns whether that took an approval away.

    Refused: locked or unknown blocks, letters that went out, text on top of somebody else's newer `version`.
    """
    letter = locked(tx, letter_id)
    if version is not None and version != letter.version:
        raise Refused("这份文书刚刚被他人修改过，没有保存。您写的文字仍在本页，请核对最新文字后再保存。")
    blocks = [dict(block) for block in letter.blocks]
    by_key = {block["key"]: block for block in blocks}
    for key, text in texts.items():
        block = by_key.get(key)
        if block is None or (block["locked"] and text.strip() != block["text"].strip()):
            raise Refused("法定文字不能修改，没有保存任何内容。请只修改可以编辑的段落。")
        if len(text) > MAX_TEXT:
            raise Refused(f"“{block['label']}”超过 {MAX_TEXT} 字，没有保存。请删减，或作为附件提供。")
        if not block["locked"] and lines_of(text) != lines_of(block["text"]):
            block["text"], block["edited"] = "\n".join(lines_of(text)), True
    was, old = letter.state, letter.digest
    if _put(tx, letter, blocks):
        tx.note(
            letter.organ_id,
            "letter.edited",
            f"{tx.actor.name} 修改{composing.label(letter.template)}",
            case=letter.case_id,
            letter=letter.id,
            old=old,
            new=letter.digest,
        )
    return was == "approved" and letter.state == "draft"


def lines_of(text: str) -> list[str]:
    return list(paragraphs(text))


def make_void(tx: Tx, letter: Letter, reason: str) -> None:
    letter.state, letter.reason = "void", reason[:300]
    if letter.number:
        ledger.withdraw_number(tx, organ_id=letter.organ_id, number=letter.number, reason=reason)
    tx.note(
        letter.organ_id,
        "letter.void",
        f"{tx.actor.name} 作废{composing.label(letter.template)} {letter.number or ''}：{reason}",
        case=letter.case_id,
        letter=letter.id,
        number=letter.number,
    )


def locked(tx: Tx, letter_id: int, states: tuple[str, ...] = OPEN) -> Letter:
    found = tx.session.scalars(
        sa.select(Letter)
        .where(Letter.id == letter_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound()
    if found.state not in states:
        raise Refused(f"这份文书{STATES[found.state]}，不能再改。需要更正的，请另拟一份文书。")
    return found
