"""Actions of this room: what a diagram may ask of documents. Each is frugal and safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.accounts.directory import directory
from app.core.actions import ActionContext, action
from app.core.db import table_of
from app.core.errors import Refused
from app.core.now import business_date
from app.documents import hooks, review
from app.documents.models import AttributeChange, Document, DocumentNumber
from app.documents.numbering import NUMBER, tidy
from app.documents.service import clean, day, facts_of, open_document
from workflows.law.grounds import STATE_SECRET, Attribute, Conclusion

d, c, n = table_of(Document), table_of(AttributeChange), table_of(DocumentNumber)


@action("secrecy.conclude", "登记保密审查结论", conclusion="审查结论", attribute="拟定公开属性")
def conclude(context: ActionContext, conclusion: str = "", attribute: str = "") -> dict[str, Any]:
    """{review, number, round, conclusion, digest}. Two statements. Raises `Refused` without a conclusion."""
    value = conclusion or clean(context.answers.get("conclusion")) or ""
    if value not in list(Conclusion):
        raise Refused("保密审查还没有结论。请先填写结论：公开、部分公开、不公开或暂缓。")
    proposed = attribute or clean(context.answers.get("attribute")) or ""
    result = review.conclude(context, value, proposed)
    context.said.append(f"保密审查结论「{Conclusion(value).label}」已登记，编号 {result['number']}。")
    return result


@action("secrecy.still_valid", "核对保密审查是否仍然有效", reads_only=True, attribute="拟定公开属性")
def still_valid(context: ActionContext, attribute: str = "") -> bool:
    """Whether the last review of this case covers the present files, text and proposal. One statement.

    The two digests: `review.validity`.
    """
    session, proposed = context.tx.session, attribute or None
    found = review.validity(session, context.case, context.answers, proposed, context.chosen)
    if not found.valid and found.reviewed is not None and found.reviewed != found.current:
        context.said.append("文件在保密审查后有改动，须重新审查。")
    return found.valid


_change = (
    sa.insert(c)
    .from_select(
        ["document_id", "old", "old_ground", "new", "ground", "reason", "case_id", "by", "at"],
        sa.select(
            d.c.id,
            d.c.attribute,
            d.c.ground,
            sa.bindparam("p_new", type_=sa.String),
            sa.bindparam("p_why", type_=sa.String),
            sa.bindparam("p_told", type_=sa.String),
            sa.bindparam("p_case", type_=sa.BigInteger),
            sa.bindparam("p_by", type_=sa.BigInteger),
            sa.bindparam("p_at", type_=c.c.at.type),
        ).where(
            d.c.id == sa.bindparam("p_k"),
            sa.or_(
                d.c.attribute.is_distinct_from(sa.bindparam("p_new", type_=sa.String)),
                d.c.ground.is_distinct_from(sa.bindparam("p_why", type_=sa.String)),
                d.c.reason.is_distinct_from(sa.bindparam("p_because", type_=sa.String)),
            ),
        ),
    )
    .returning(c.c.old)
)

#: parameters are named p_… and v_…: one named like a column would replace that column's expression
_given = sa.bindparam("p_number", type_=sa.String)
_ledger = (
    sa.select(
        sa.case(
            (n.c.state == "void", "void"), else_=sa.func.coalesce(sa.cast(n.c.document_id, sa.String), "")
        )
    )
    .where(n.c.organ_id == sa.bindparam("p_organ"), n.c.number == _given)
    .with_for_update(read=True)
    .scalar_subquery()
)
#: a number is free when the ledger does not know it, or keeps it for nobody or for this very document
_free = sa.func.coalesce(_ledger, "").in_(["", sa.bindparam("p_kk", type_=sa.String)])
_opened_here = d.c.case_id == sa.bindparam("p_case")


def _or_kept(name: str, type_: Any) -> Any:
    return sa.func.coalesce(sa.bindparam(name, type_=type_), d.c[name.removeprefix("v_")])


def _first_said(name: str) -> Any:
    """A date of the document: what this case says of a document it drafted; of an older one what stands already."""
    new, old = sa.bindparam(name, type_=sa.Date), d.c[name.removeprefix("v_")]
    return sa.case((_opened_here, sa.func.coalesce(new, old)), else_=sa.func.coalesce(old, new))


_confirm = (
    sa.update(d)
    .where(d.c.id == sa.bindparam("p_k"), sa.not_(d.c.secret_entry), sa.or_(_given.is_(None), _free))
    .values(
        attribute=sa.bindparam("p_new"),
        ground=sa.bindparam("p_why"),
        reason=sa.bindparam("p_because"),
        mark=sa.bindparam("p_marked"),
        organ_id=sa.case((_opened_here, sa.bindparam("p_organ", type_=sa.BigInteger)), else_=d.c.organ_id),
        title=sa.case((_opened_here, sa.bindparam("p_title", type_=sa.String)), else_=d.c.title),
        number=sa.func.coalesce(_given, d.c.number),
        kind=_or_kept("v_kind", sa.String),
        origin=_or_kept("v_origin", sa.String),
        from_organ_id=_or_kept("v_from_organ_id", sa.BigInteger),
        text=_or_kept("v_text", sa.Text),
        made_on=_first_said("v_made_on"),
        issued_on=_first_said("v_issued_on"),
    )
    .returning(d.c.number, d.c.issued_on, d.c.made_on)
)
_seal = (
    sa.update(d)
    .where(d.c.id == sa.bindparam("p_k"))
    .values(
        attribute=Attribute.WITHHELD.value,
        ground=STATE_SECRET,
        secret_entry=True,
        title=None,
        text=None,
        number=None,
        reason=None,
        mark=None,
        copies=sa.func.coalesce(sa.bindparam("v_copies", type_=sa.String), d.c.copies, "未登记份号"),
    )
    .returning(d.c.number, d.c.issued_on, d.c.made_on)
)


@action(
    "attribute.confirm",
    "确定公开属性并标注",
    attribute="公开属性",
    ground="不予公开条款",
    kind="办理事项",
    signed_on="签发日期",
)
def confirm(
    context: ActionContext, attribute: str = "", ground: str = "", kind: str = "", signed_on: str = ""
) -> dict[str, Any]:
    """{document, attribute, mark, number, formed_on}. Two statements; more only where a document is still missing.

    `kind` is first or change; `signed_on` an ISO date. The signer's `confirmed_attribute` is what `attribute` says.
    """
    said = context.answers
    chosen = _chosen(
        attribute or clean(said.get("confirmed_attribute")) or clean(said.get("attribute")) or ""
    )
    why = clean(ground) or clean(said.get("ground")) if chosen is Attribute.WITHHELD else None
    if chosen is Attribute.WITHHELD and not why:
        raise Refused("不予公开须选择条款并说明理由（条例第十四条至第十六条）。请退回拟稿人补填。")
    document_id = context.case.get("document_id") or _document(context)
    values = _values(context, document_id, chosen, why, kind, signed_on)
    old = context.tx.session.execute(_change, values).first()
    found = _write(context, values, secret=why == STATE_SECRET)
    if old is not None and old.old != chosen.value:
        for call in hooks.attribute_changed:
            call(context.tx, document_id, old.old, chosen.value)
    return _confirmed(context, document_id, chosen, found, secret=why == STATE_SECRET)


def _confirmed(
    context: ActionContext, document_id: int, chosen: Attribute, found: Any, *, secret: bool
) -> dict[str, Any]:
    mark = None if secret else chosen.mark
    words = f"，正文标注「{mark}」。" if mark else "，只登记份号。"
    context.said.append(f"公开属性已确定为「{chosen.label}」{words}")
    formed = found.issued_on or found.made_on
    return {
        "document": document_id,
        "attribute": chosen.value,
        "mark": mark,
        "number": found.number,
        "formed_on": formed.isoformat() if formed else None,
    }


def _chosen(value: str) -> Attribute:
    try:
        return Attribute("withheld" if value == "refuse" else value)
    except ValueError:
        raise Refused("还没有选定公开属性。请选择主动公开、依申请公开或不予公开。") from None


def _document(context: ActionContext) -> int:
    case = context.case
    document_id = open_document(
        context.tx,
        organ_id=case["subject_id"],
        unit_id=case.get("unit_id"),
        case_id=case["id"],
        title=review.material(case, context.answers)[0],
        answers=context.answers,
    )
    context.changes["document_id"] = document_id
    return document_id


def _values(
    context: ActionContext, document_id: int, chosen: Attribute, why: str | None, kind: str, signed_on: str
) -> dict[str, Any]:
    case, said = context.case, context.answers
    facts = facts_of(said)
    signed = day(signed_on) or day(said.get("signed_on")) or business_date(context.tx.now)
    organ_id = _organ(case, said)
    reason = _reason(said, chosen, why)
    number = _number(clean(said.get("doc_no")))
    return {
        "p_k": document_id,
        "p_kk": str(document_id),
        "p_new": chosen.value,
        "p_why": why,
        "p_because": reason,
        "p_told": clean(said.get("change_reason")) or reason,
        "p_marked": chosen.mark,
        "p_case": case["id"],
        "p_by": context.tx.actor.person_id,
        "p_at": context.tx.now,
        "p_organ": organ_id,
        "p_title": review.material(case, said)[0][:300] or "未定标题",
        "p_number": number or _old_number(context, kind, organ_id),
        "v_kind": facts.get("kind"),
        "v_origin": facts.get("origin"),
        "v_from_organ_id": case["organ_id"] if organ_id != case["organ_id"] else None,
        "v_text": facts.get("text"),
        "v_made_on": facts.get("made_on") or signed,
        "v_issued_on": signed if number else None,
        "v_copies": clean(said.get("copy_no")),
    }


def _organ(case: Mapping[str, Any], said: Mapping[str, Any]) -> int:
    """The organ in whose name the document goes out: of a 代拟稿 the one it was sent to."""
    target = directory().organ_by_code(str(said.get("to_organ") or "")) if said.get("agency_draft") else None
    return target.id if target else int(case["subject_id"])


def _reason(said: Mapping[str, Any], chosen: Attribute, why: str | None) -> str | None:
    if chosen is Attribute.WITHHELD:
        return None if why == STATE_SECRET else clean(said.get("reason"))
    return clean(said.get("on_request_reason")) if chosen is Attribute.ON_REQUEST else None


def _old_number(context: ActionContext, kind: str, organ_id: int) -> str | None:
    """原发文字号 of a document from before this system, unless another row carries it already."""
    text = clean(context.answers.get("old_doc_no"))
    if kind != "change" or text is None or not NUMBER.match(tidy(text)):
        return None
    taken = sa.select(d.c.id).where(d.c.organ_id == organ_id, d.c.number == tidy(text))
    return None if context.tx.session.execute(taken).first() else tidy(text)


def _number(text: str | None) -> str | None:
    if text is None:
        return None
    text = tidy(text)
    if not NUMBER.match(text):
        hint = "文号写作「机关代字〔年份〕序号号」，例如 云政办发〔2026〕31号。"
        raise Refused(hint, fields={"doc_no": hint})
    return text


_TAKEN = "这个文号已用于其他文件，或已占用、作废。请在「文号」页查看后换一个文号。"
_FILES = "涉密文件只登记份号，不能有正文、附件。请先移除已上传的内容，在线下按保密规定办理。"


def _write(context: ActionContext, values: dict[str, Any], *, secret: bool) -> Any:
    try:
        if secret:
            sealing = {"p_k": values["p_k"], "v_copies": values["v_copies"]}
            found = context.tx.session.execute(_seal, sealing).first()
        else:
            found = context.tx.session.execute(_confirm, values).first()
    except IntegrityError as error:
        raise Refused(_FILES if secret else _TAKEN, fields={} if secret else {"doc_no": _TAKEN}) from error
    if found is None:
        raise Refused(_TAKEN if values["p_number"] else "涉密登记项不能改作其他属性。解密后请另行登记。")
    return found
