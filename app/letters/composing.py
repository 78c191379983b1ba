"""From facts and a template to the text of a letter, and from the text to a paper.

The text of a letter is its list of blocks [{key, label, locked, role, edited, text}]. Filling anew (facts changed)
replaces what nobody edited; locked blocks are always filled anew, so that the law's words follow the facts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.accounts.directory import OrganInfo, directory
from app.core.now import today
from app.letters import filling, texts
from app.letters.models import Letter
from app.letters.paper import Paper, Table, chinese_date, paragraphs, tidy
from app.letters.texts import Block, Template
from workflows.law.letters import LETTERS, Remedy
from workflows.law.refusals import LawRefusal
from workflows.law.remedies import Authorities
from workflows.law.remedies import text as remedy_text

#: what an organ says once for all its letters (`organ.settings["letters"]`), with the word people read
ORGAN_FIELDS = {
    "head": "发文机关标志",
    "we": "本机关自称",
    "office": "政府信息公开工作机构",
    "office_address": "工作机构地址",
    "contact": "联系人及电话",
    "authority": "行政复议机关",
    "authority_address": "行政复议机关地址",
    "court": "人民法院",
    "prefix_reply": "答复书文号代字",
    "prefix_notice": "告知书文号代字",
    "prefix_consult": "函的文号代字",
}
REMEDY_GAP = "【待填：救济途径】"
#: what a letter calls itself in its remedy text
_OWN_NAMES = {
    "L18": "告知",
    "L19": "告知",
    "L20": "告知",
    "L21": "告知",
    "L22": "通知",
    "L9": "告知",
    "L25": "意见",
}

Blocks = list[dict[str, Any]]


def organ_values(organ: OrganInfo) -> dict[str, str]:
    """What the organ's settings say, with defaults from its name."""
    said = organ.settings.get("letters") or {}
    office = directory().organs.get(organ.office_id or 0, organ)
    return {
        "head": organ.name,
        "we": "本机关",
        "office": f"{office.name}（政府信息公开工作机构）",
        "office_address": "",
        "contact": "",
        "authority": "",
        "authority_address": "",
        "court": "",
        "prefix_reply": f"{organ.doc_prefix}公开复" if organ.doc_prefix else "",
        "prefix_notice": f"{organ.doc_prefix}公开告" if organ.doc_prefix else "",
        "prefix_consult": f"{organ.doc_prefix}公开函" if organ.doc_prefix else "",
    } | {key: value for key, value in said.items() if value}


def values_for(organ: OrganInfo, given: Mapping[str, Any], addressee: str) -> dict[str, Any]:
    """All values a text may ask for: the organ's, then what the case gives (which prevails)."""
    base: dict[str, Any] = {"you": "你", "applicant": addressee, "organ": organ.name}
    return (
        base | organ_values(organ) | {key: value for key, value in given.items() if value not in (None, "")}
    )


def fill(
    template: Template, values: Mapping[str, Any], organ: OrganInfo, before: Sequence[Any] = ()
) -> Blocks:
    """The blocks of a letter; `before` are those it had, whose edited texts stay."""
    kept = {
        block["key"]: block["text"] for block in before if block.get("edited") and not block.get("locked")
    }
    made: Blocks = []
    for block in template.blocks:
        edited = not block.locked and block.key in kept
        text = kept[block.key] if edited else _text(template, block, values, organ)
        made.append(
            {
                "key": block.key,
                "label": block.label,
                "locked": block.locked,
                "role": block.role,
                "edited": edited,
                "text": text,
            }
        )
    return made


def _text(template: Template, block: Block, values: Mapping[str, Any], organ: OrganInfo) -> str:
    if block.role == "remedy":
        return remedy_of(template, values, organ)
    return filling.fill(block.text, values, template.kinds())


def remedy_of(template: Template, values: Mapping[str, Any], organ: OrganInfo) -> str:
    """The remedy paragraph by law; a gap while the organ has not named its authorities.

    A value `without_remedy` leaves B* out (domain.md 4.4: 由法制岗可关闭); no other text can be left out. A value `remedy_kind`
    is that of a letter that answers several matters differently: A for what 14 to 16 withhold, B for the rest.
    """
    kind = template.remedy
    if kind is not Remedy.NONE and values.get("remedy_kind"):
        kind = Remedy(values["remedy_kind"])
    if kind is Remedy.B_STAR and values.get("without_remedy"):
        return ""
    try:
        return remedy_text(kind, authorities(values, organ), document=_OWN_NAMES.get(template.kind, "答复"))
    except LawRefusal:
        return REMEDY_GAP


def authorities(values: Mapping[str, Any], organ: OrganInfo) -> Authorities:
    """Where people turn against this organ's acts."""
    return Authorities(
        organ.name,
        str(values.get("authority") or ""),
        str(values.get("authority_address") or ""),
        str(values.get("court") or ""),
    )


def paper(
    letter: Letter,
    *,
    number: str | None = None,
    dated_on: date | None = None,
    organ: OrganInfo | None = None,
) -> Paper:
    """The letter on paper; number and date may be foretold. `organ` spares looking it up."""
    organ = organ or directory().organ(letter.organ_id)
    return build(
        texts.shipped()[letter.template],
        letter.blocks,
        letter.fields,
        organ,
        title=letter.title,
        addressee=letter.addressee,
        number=number if number is not None else letter.number or "",
        dated_on=dated_on or letter.dated_on,
    )


def build(
    template: Template,
    blocks: Sequence[Mapping[str, Any]],
    values: Mapping[str, Any],
    organ: OrganInfo,
    *,
    title: str,
    addressee: str,
    number: str,
    dated_on: date | None,
) -> Paper:
    """A paper from blocks."""
    body: list[str | Table] = []
    annex: list[str | Table] = []
    for block in blocks:
        if block["role"] == "annex":
            annex += _annex(block["text"])
        elif block["role"] == "table":
            body.append(_table(block["text"]))
        else:
            body += paragraphs(block["text"])
    return Paper(
        sender=str(values.get("organ_head") or organ.name),
        number=number,
        title=tidy(title),
        addressee=tidy(addressee),
        body=tuple(body),
        signature=organ.name,
        date=chinese_date(dated_on),
        enclosures=template.enclosures + tuple(values.get("enclosures") or ()),
        note=tidy(str(values.get("contact") or values.get("organ_contact") or "")),
        annex=tuple(annex),
    )


def _annex(text: str) -> list[str | Table]:
    """Lines with | are one table, the others paragraphs; the first line is the annex's title."""
    lines = paragraphs(text)
    rows = [line for line in lines if "|" in line]
    found: list[str | Table] = [line for line in lines if "|" not in line]
    if rows:
        found.insert(2, _table("\n".join(rows)))
    return found


def _table(text: str) -> Table:
    rows = [tuple(tidy(cell) for cell in line.split("|")) for line in paragraphs(text)]
    width = max(len(row) for row in rows)
    filled = [row + ("",) * (width - len(row)) for row in rows]
    return Table(filled[0], tuple(filled[1:]), (2,) + (5,) * (width - 1))


def digest(letter: Letter, organ: OrganInfo) -> str:
    """SM3 over what a reader reads, number and date left out: what was approved."""
    found = replace(paper(letter, organ=organ), number="", date="")
    return hashlib.new("sm3", "\x1f".join([letter.template, *found.lines()]).encode()).hexdigest()


def label(name: str) -> str:
    """What a letter is called in lists."""
    template = texts.shipped().get(name)
    return template.label if template else LETTERS[name.split(".")[0]].name


def sample(organ: OrganInfo, found: Template, typed: Mapping[str, str]) -> Paper:
    """A template filled with samples. Raises `TextError` for a text that is none."""
    now = found.with_texts({key: "\n".join(paragraphs(text)) for key, text in typed.items()})
    values = texts.samples() | {key: value for key, value in organ_values(organ).items() if value}
    values |= {"organ": organ.name, "organ_head": values["head"]}
    to = {"applicant": "applicant", "third_party": "third_party", "organ": "joint_organ", "unit": "unit"}.get(
        found.to
    )
    return build(
        found,
        fill(now, values, organ),
        values,
        organ,
        title=found.title,
        addressee=str(values[to]) if to else "",
        number=f"{values.get('prefix_' + found.series) or '×'}〔{today().year}〕×号" if found.series else "",
        dated_on=today(),
    )
