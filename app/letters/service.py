"""Acts on letters. Functions take `tx` and are called inside other rooms' commands; commands are for this room's pages.

    letter_id = draft(tx, case_id=…, organ_id=…, kind="L14", variant="R3", addressee="王芳", fields={…})
    refill(tx, letter_id, fields={…})                 facts changed: locked text follows, edited text stays
    edit(tx, letter_id, texts={"reason": "…"})        only unlocked blocks; a forged locked one is refused
    approve(tx, letter_id)                            签发: from now a change of text makes it a draft again
    take_number(tx, letter_id, number="")             the next of its series, or a given one
    issue(tx, letter_id, sealed_on=…) -> Issued       final bytes into the store, hashes kept
    supersede(tx, letter_id, by=other_id)
    void(tx, letter_id, reason="…")

A step that works with several letters takes them from the folder of its case (`open_letters`, `prepare`) and hands them
on together (`fill`, `sign_letters`, `number_letters`, `issue_letters`): the statements do not grow with them.

A letter belongs to its case; who may act has been decided by the caller. `write`, `keep_text` and `keep_settings` are
the commands of this room's own pages and decide for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.accounts.directory import changed
from app.accounts.models import Organ
from app.audit import ACTION_LABELS, FIELD_LABELS
from app.audit.labels import PARTS
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.letters import composing, permissions, queries, texts
from app.letters.drafting import draft, edit, fill, lines_of, make_void, prepare, refill, refill_open
from app.letters.folder import folder, open_letter, open_letters, together
from app.letters.issuing import (
    Issued,
    approve,
    approve_letters,
    issue,
    issue_letters,
    issued,
    number_letters,
    sign_letters,
    supersede,
    take_number,
    void,
)
from app.letters.models import OPEN, Letter, LetterText

ACTION_LABELS.update(
    {
        "letter.edited": "修改文书",
        "letter.issued": "制发文书",
        "letter.superseded": "替换文书",
        "letter.void": "作废文书",
        "letter_text.changed": "修改文书文字",
        "letter_text.reset": "恢复文书默认文字",
        "letter_settings.changed": "修改文书设置",
    }
)

FIELD_LABELS.update(
    {"case": "办件编号", "letter": "文书编号", "newer": "新文书编号", "word_hash": "Word 文件校验值"}
)
PARTS.update({"letter.edited", "letter.issued", "letter.superseded", "letter.void"})

__all__ = [
    "Issued", "approve", "approve_letters", "draft", "edit", "fill", "folder", "issue", "issue_letters", "issued", "make_void", "number_letters",
    "open_letter", "open_letters", "prepare", "refill", "sign_letters", "supersede", "take_number", "together", "void",
]  # fmt: skip


@command
def write(tx: Tx, *, letter_id: int, texts: Mapping[str, str], version: int | None = None) -> dict[str, Any]:
    """The letter's page: somebody who may edit saves the unlocked blocks. Returns {voided: bool}."""
    letter = tx.session.get(Letter, letter_id)
    if letter is None or not permissions.sees(tx.session, tx.actor, letter):
        raise NotFound()
    if letter.state in OPEN and not permissions.edits(tx.session, tx.actor, letter):
        raise Refused("这份文书现在由他人办理，您不能修改。请联系经办人，或等文书退回后再改。")
    return {"voided": edit(tx, letter_id, texts=texts, version=version)}


@command
def keep_text(tx: Tx, *, organ_id: int, template: str, blocks: Mapping[str, str]) -> dict[str, Any]:
    """An organ's own words for a template; {} restores the shipped ones. Append-only. Returns {changed: [block]}."""
    changed(tx)  # drafting keeps the words with the directory
    permissions.require_keeper(tx.actor, organ_id)
    found = texts.shipped().get(template)
    if found is None:
        raise NotFound()
    problems = texts.check(found, blocks)
    if problems:
        raise Refused("有段落需要修改，没有保存。", fields=problems)
    new = {
        key: "\n".join(lines_of(text))
        for key, text in blocks.items()
        if (block := found.block(key)) and lines_of(text) != lines_of(block.text)
    }
    before = queries.own_text(tx.session, organ_id, template)
    old = dict(before.texts) if before else {}
    differ = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    if not differ:
        return {"changed": []}
    tx.session.add(
        LetterText(organ_id=organ_id, template=template, texts=new, old=old, by=tx.actor.person_id, at=tx.now)
    )
    words = "恢复" if not new else "修改"
    tx.record(
        "organ",
        "letter_text.changed" if new else "letter_text.reset",
        f"{tx.actor.name} {words}{found.label}的文字",
        stream_id=organ_id,
        template=template,
        old={key: old.get(key) for key in differ},
        new={key: new.get(key) for key in differ},
    )
    return {"changed": differ}


@command
def keep_settings(tx: Tx, *, organ_id: int, said: Mapping[str, str]) -> dict[str, Any]:
    """What an organ says once for all its letters: remedy authorities, contact, number prefixes."""
    changed(tx)
    permissions.require_keeper(tx.actor, organ_id)
    organ = tx.session.get_one(Organ, organ_id)
    old = dict((organ.settings or {}).get("letters") or {})
    new = {
        key: value.strip()[:200]
        for key, value in said.items()
        if key in composing.ORGAN_FIELDS and value.strip()
    }
    if new == old:
        return {"changed": []}
    organ.settings = dict(organ.settings or {}) | {"letters": new}
    differ = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    tx.session.flush()
    refill_open(tx, organ_id)
    tx.record(
        "organ",
        "letter_settings.changed",
        f"{tx.actor.name} 修改文书设置：{'、'.join(composing.ORGAN_FIELDS[key] for key in differ)}",
        stream_id=organ_id,
        old={key: old.get(key) for key in differ},
        new={key: new.get(key) for key in differ},
    )
    return {"changed": differ}
