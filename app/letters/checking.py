"""What keeps a letter from being signed, in sentences that say what to do (domain.md 4.1, 4.2, 4.4).

The law's required content is `workflows.law`'s; a template says which block carries which of it. A block carries it when
it has text without a gap; a date, number or 文号 that the case knows must also stand in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.accounts.directory import directory
from app.core.errors import Refused
from app.letters import composing, filling, rendering, texts
from app.letters.models import Letter
from app.letters.texts import Template
from workflows.law.letters import LETTERS, VARIANTS, Field, Remedy
from workflows.law.refusals import LawRefusal
from workflows.law.replies import REPLIES, check_grounds

#: known only after signing: number and date come with the seal
LATER = frozenset({"document_number", "issued_on"})
_NUMBERS = frozenset({"previous_no", "notice_no"})


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: a sentence, and the block (or "organ" settings) where it is put right."""

    sentence: str
    where: str = ""


def missing(letter: Letter, facts: Mapping[str, Any] | None = None, *, to_print: bool = True) -> list[str]:
    """Sentences; empty when the letter may be signed.

    `facts`: `grounds` the chosen codes of 条例14-16, where the outcome needs one and the caller wants it checked here.
    `to_print`: whether a font for every character is looked for, which costs a printing; not for who prints at once.
    """
    return [entry.sentence for entry in parts(letter, facts, to_print=to_print)]


def parts(letter: Letter, facts: Mapping[str, Any] | None = None, *, to_print: bool = True) -> list[Missing]:
    """The same with places, for the letter's page."""
    template = texts.shipped()[letter.template]
    blocks = {block["key"]: block for block in letter.blocks}
    found = [_gap(block, name) for block in letter.blocks for name in filling.GAP.findall(block["text"])]
    gaps = {entry.where for entry in found}
    found += [
        entry
        for field in required(template)
        if (entry := _absent(field, template, letter, blocks)) and entry.where not in gaps
    ]
    found += _grounds(letter, facts or {})
    return list(dict.fromkeys(found or (_unprintable(letter) if to_print else [])))


def required(template: Template) -> tuple[Field, ...]:
    """What the law wants in this letter; a 会商纪要 and a 转送函 are not the letters its list speaks of."""
    reply = REPLIES[template.reply_kind].content if template.reply_kind else ()
    wanted = (*VARIANTS.get(template.name, LETTERS[template.kind].fields), *reply)
    skipped = LATER | ({"remedy"} if template.remedy is Remedy.NONE else set())
    if "applicant" in template.forbidden or template.to not in ("applicant", "organ"):
        skipped = skipped | {"applicant", "received_on"}
    return tuple(field for field in wanted if not set(field.keys) <= skipped)


def _gap(block: Mapping[str, Any], name: str) -> Missing:
    if block["role"] == "remedy":
        return Missing(
            "不能送签：救济途径未写行政复议机关、地址或者人民法院。请在机关文书设置中补上。", "organ"
        )
    return Missing(f"不能送签：“{block['label']}”一段没有写{name}。请补上。", block["key"])


def _absent(
    field: Field, template: Template, letter: Letter, blocks: Mapping[str, Mapping[str, Any]]
) -> Missing | None:
    places = [_place(key, template) for key in field.keys]
    if any(
        _given(key, place, template, letter, blocks) for key, place in zip(field.keys, places, strict=True)
    ):
        return None
    where = next((place[0] for place in places if place[0]), "")
    if field.keys == ("contact",):
        return Missing("不能送签：没有写联系人。请在机关文书设置中补上联系人及电话。", "organ")
    return Missing(f"不能送签：没有写{field.label}。请补上。", where)


def _place(key: str, template: Template) -> tuple[str, str]:
    """The block and field that say it; the common ones are where every template has them."""
    common = {
        "received_on": ("opening", "received_on"),
        "request": ("opening", "content"),
        "articles": ("basis", ""),
        "decision": ("basis", ""),
        "remedy": ("remedy", ""),
    }
    return template.gives.get(key) or common.get(key, ("", ""))


def _given(
    key: str,
    place: tuple[str, str],
    template: Template,
    letter: Letter,
    blocks: Mapping[str, Mapping[str, Any]],
) -> bool:
    if key == "organ_name":
        return bool(directory().organ(letter.organ_id).name)
    if key == "applicant":
        return bool(letter.addressee.strip())
    if key == "contact":
        return bool(composing.paper(letter).note)
    if key == "remedy" and template.remedy is Remedy.B_STAR and letter.fields.get("without_remedy"):
        return True
    name, field = place
    text = str(blocks[name]["text"]).strip() if name in blocks else ""
    return bool(text) and _says(text, field, letter, template)


def _says(text: str, field: str, letter: Letter, template: Template) -> bool:
    """Whether a fact that cannot be put in other words (a date, a count, a 文号) stands in the text."""
    kind, value = template.kinds().get(field), letter.fields.get(field)
    if kind is None or value in (None, "", []):
        return not field or field not in _OPTIONAL
    if kind.type in ("date", "number") or field in _NUMBERS:
        return filling.shown(value, kind) in text
    return True


#: fields whose own key of the law counts only when the case gives them (the law is content with another)
_OPTIONAL = frozenset({"supply_later", "owner_name"})


def _grounds(letter: Letter, facts: Mapping[str, Any]) -> list[Missing]:
    if letter.reply_kind is None or "grounds" not in facts:
        return []
    try:
        check_grounds(letter.reply_kind, list(facts["grounds"]))
    except LawRefusal as refusal:
        return [Missing(refusal.message)]
    return []


def _unprintable(letter: Letter) -> list[Missing]:
    """A character without a font is found before anybody signs."""
    try:
        rendering.preview_pdf(letter)
    except Refused as refusal:
        return [Missing(refusal.message)]
    return []
