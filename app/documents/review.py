"""保密审查记录: what was reviewed (a digest of bytes), what was concluded, and whether it still holds.

Every statement is built once; concluding costs two, checking one, whatever the number of files or reviews.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.core.actions import ActionContext
from app.core.command import Tx
from app.core.db import dumps, table_of
from app.core.keys import sm3
from app.core.now import business_date
from app.documents.models import Attachment, Counter, Document, SecrecyReview
from app.documents.service import clean, day
from workflows.law.grounds import contradicts

a, r, d = table_of(Attachment), table_of(SecrecyReview), table_of(Document)
SERIES = "secrecy_review"

#: words for the closed values that the shipped forms ask (an office's own values are shown as they are)
SOURCES = {
    "made": "本机关制作",
    "joint": "与其他机关共同制作",
    "organ": "从其他行政机关获取",
    "person": "从公民、法人或者其他组织获取",
}
CHECKED = ("points", "points_note", "important", "checked", "channels")


def _case() -> Any:
    return sa.bindparam("case", type_=sa.BigInteger)


def _document() -> Any:
    return sa.bindparam("document", type_=sa.BigInteger)


def reviewed() -> Any:
    """The hashes under review, joined by commas: kept parts of the case's document, newest versions."""
    mine = sa.or_(a.c.case_id == _case(), a.c.document_id == _document())
    query = sa.select(sa.func.aggregate_strings(a.c.file_hash, ","))
    query = query.where(mine, a.c.state == "kept", a.c.part == "document", a.c.replaced_by.is_(None))
    return query.scalar_subquery()


def _latest(column: Any, *which: Any) -> Any:
    query = sa.select(column).where(r.c.case_id == _case(), *which).order_by(r.c.round.desc()).limit(1)
    return query.scalar_subquery()


def _standing(column: Any) -> Any:
    """Of the latest round that no return has undone."""
    return _latest(column, sa.not_(r.c.undone))


_before = (
    reviewed().label("hashes"),
    _standing(r.c.id).label("id"),
    _latest(r.c.round).label("round"),
    _latest(r.c.number).label("number"),
    _standing(r.c.digest).label("digest"),
    _standing(r.c.conclusion).label("conclusion"),
    _standing(r.c.proposed).label("proposed"),
    _standing(r.c.remark).label("remark"),
)
_look = sa.select(*_before)


def _count(dialect: Any) -> Any:
    """Raise the counter unless this case has its number already; tell what stood before. One statement."""
    first = sa.case((sa.exists().where(r.c.case_id == _case()), 0), else_=1)
    insert = dialect.insert(Counter).values(
        series=SERIES, organ_id=sa.bindparam("organ"), year=sa.bindparam("year"), n=first
    )
    keys = [Counter.series, Counter.organ_id, Counter.year]
    return insert.on_conflict_do_update(index_elements=keys, set_={"n": Counter.n + first}).returning(
        Counter.n, *_before
    )


_number = {"sqlite": _count(sqlite), "postgresql": _count(postgresql)}
_insert = sa.insert(r).returning(r.c.id)


_set_aside = (
    sa.update(r)
    .where(r.c.case_id == _case(), r.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(undone=sa.bindparam("aside"))
)


def set_aside(tx: Tx, case_id: int, results: Sequence[Any], *, aside: bool = True) -> None:
    """The steps that came to these conclusions (results of `secrecy.conclude`) were undone by a return, or count again:
    a review that was set aside covers nothing."""
    ids = [each["review"] for each in results if isinstance(each, dict) and "review" in each]
    if ids:
        tx.session.execute(_set_aside, {"case": case_id, "ids": ids, "aside": aside})


@dataclass(frozen=True)
class Validity:
    """Whether the last review of a case still covers what lies there: its digest and the present one."""

    valid: bool
    reviewed: str | None
    current: str
    conclusion: str | None = None

    def as_json(self) -> dict[str, Any]:
        """{valid, reviewed, current, conclusion}."""
        return {
            "valid": self.valid,
            "reviewed": self.reviewed,
            "current": self.current,
            "conclusion": self.conclusion,
        }


_chosen = a.c.id.in_(sa.bindparam("ids", expanding=True))
_untouched = sa.and_(
    sa.or_(a.c.case_id == _case(), a.c.document_id == _document()),
    a.c.state == "kept",
    a.c.replaced_by.is_(None),
    a.c.field.not_in(sa.bindparam("fields", expanding=True)),
)
_would_lie = sa.select(a.c.file_hash).where(
    a.c.part == "document", sa.or_(_untouched, sa.and_(a.c.case_id == _case(), _chosen))
)


def would_lie(session: Session, case: Mapping[str, Any], chosen: Mapping[str, Sequence[int]]) -> list[str]:
    """The hashes that would be under review if a step kept the attachments `chosen` per field. One statement."""
    ids = sorted({i for each in chosen.values() for i in each}) or [0]
    values = {"case": case["id"], "document": case.get("document_id"), "ids": ids, "fields": sorted(chosen)}
    return sorted(set(session.execute(_would_lie, values).scalars()))


def hashes_of(joined: str | None) -> list[str]:
    """Sorted hashes without repetition."""
    return sorted(set(joined.split(","))) if joined else []


def digest(title: str, text: str | None, hashes: Sequence[str]) -> str:
    """SM3 over title, text and the sorted hashes of the reviewed files."""
    return sm3(dumps({"title": title, "text": text or "", "files": sorted(hashes)}).encode())


def material(case: Mapping[str, Any], answers: Mapping[str, Any]) -> tuple[str, str | None]:
    """Title and text under review, as the forms have them now."""
    return clean(answers.get("title")) or str(case.get("title") or ""), clean(answers.get("text"))


def validity(
    session: Session,
    case: Mapping[str, Any],
    answers: Mapping[str, Any],
    attribute: str | None,
    chosen: Mapping[str, Sequence[int]] | None = None,
) -> Validity:
    """Whether the case's last review covers the present bytes and the present proposal. One statement.

    In a preview, `chosen` tells which attachments the step would keep (`would_lie`): another statement.
    """
    last = session.execute(_look, {"case": case["id"], "document": case.get("document_id")}).one()
    hashes = hashes_of(last.hashes) if chosen is None else would_lie(session, case, chosen)
    current = digest(*material(case, answers), hashes)
    if last.id is None:
        return Validity(False, None, current)
    same = last.digest == current and (not attribute or last.proposed == attribute)
    holds = same and not (attribute and contradicts(attribute, last.conclusion))
    return Validity(holds, last.digest, current, last.conclusion)


def conclude(context: ActionContext, conclusion: str, attribute: str) -> dict[str, Any]:
    """Write the review record of this round; the same conclusion over the same bytes is the same record."""
    case, tx, answers = context.case, context.tx, context.answers
    year = business_date(tx.now).year
    keys = {"case": case["id"], "document": case.get("document_id")}
    statement = _number[tx.session.get_bind().dialect.name]
    last = tx.session.execute(statement, keys | {"organ": case["organ_id"], "year": year}).one()
    files = hashes_of(last.hashes)
    title, text = material(case, answers)
    now_digest = digest(title, text, files)
    remark = clean(answers.get("partial_scope" if conclusion == "partial" else "conclusion_reason"))
    repeat = (last.digest, last.conclusion, last.proposed, last.remark) == (
        now_digest,
        conclusion,
        attribute or None,
        remark,
    )
    if last.id is not None and repeat:
        return _said(last.id, last.number, last.round, conclusion, now_digest)
    organ = directory().organ(case["organ_id"])
    row = _record(context, answers) | {
        "title": title[:300] or None,
        "round": (last.round or 0) + 1,
        "number": last.number or f"{organ.short_name}保审〔{year}〕{last.n}号",
        "proposed": attribute or None,
        "conclusion": conclusion,
        "remark": remark,
        "digest": now_digest,
        "files": files,
    }
    review_id = tx.session.execute(_insert, row).scalar_one()
    return _said(review_id, row["number"], row["round"], conclusion, now_digest)


def _said(review_id: int, number: str, round_: int, conclusion: str, digest_: str) -> dict[str, Any]:
    return {
        "review": review_id,
        "number": number,
        "round": round_,
        "conclusion": conclusion,
        "digest": digest_,
    }


def _record(context: ActionContext, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of domain.md 5.2 that forms have asked for."""
    case, tx = context.case, context.tx
    people = directory()
    source = clean(said.get("source")) or ""
    drafters = [people.name_of(person) for person in case.get("authors") or [case.get("started_by")]]
    return {
        "organ_id": case["organ_id"],
        "unit_id": case.get("unit_id"),
        "case_id": case["id"],
        "document_id": case.get("document_id"),
        "document_number": clean(said.get("doc_no") or said.get("old_doc_no")),
        "index_no": clean(said.get("index_no")),
        "origin": " ".join(filter(None, (SOURCES.get(source, source), clean(said.get("source_name")))))
        or None,
        "produced_on": day(said.get("produced_on")),
        "drafter": "、".join(drafters)[:60],
        "ground": clean(said.get("ground")),
        "reason": clean(said.get("reason")),
        "checklist": {key: said[key] for key in CHECKED if said.get(key) not in (None, "")},
        "deidentified": {key: said[key] for key in ("deid_result", "deid_note") if clean(said.get(key))},
        "referred": clean(said.get("reported_to")) is not None,
        "referred_to": clean(said.get("reported_to")),
        "referred_on": day(said.get("reported_on")),
        "decided_number": clean(said.get("decided_no")),
        "decided_on": day(said.get("decided_on")),
        "archive_no": clean(said.get("archive_no")),
        "concluded_by": tx.actor.person_id,
        "at": tx.now,
    }
