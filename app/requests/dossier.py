"""案卷: everything a case really holds, in the order of the file; the list of contents, the evidence list and the archive
are made from these pieces and from nothing else.

A piece is bytes that were kept (an upload, a letter as it was sent) or a paper made from the rows when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.cases import hooks as case_hooks
from app.core.db import table_of
from app.core.errors import Refused
from app.core.now import business_date
from app.documents import files
from app.documents import sheets as document_sheets
from app.documents.models import Attachment, SecrecyReview, StoredFile
from app.letters import composing
from app.letters.models import Letter
from app.letters.queries import of_case as letters_of_case
from app.requests import queries, sheets
from app.requests.models import Consultation, Delivery, Extension, Fee, Handoff, Request, Search

a, f = table_of(Attachment), table_of(StoredFile)

#: uploads by the field of the form: (folder, title, source, what it proves)
UPLOADS = {
    "application_files": ("01 申请材料", "申请材料", "申请人提交", "申请人的身份、申请的内容、收到申请之日"),
    "files": ("02 补正、征求意见", "补正材料", "申请人提交", "申请人补正的时间和内容"),
    "unit_files": ("03 检索、办理", "科室反馈材料", "承办科室提供", "检索过程和结果"),
    "supplied": ("04 答复", "提供的政府信息", "本机关提供", "答复时提供的信息"),
    "service_scan": ("05 送达", "送达凭证", "送达时取得", "文书已送达、送达日期"),
}
OTHER_UPLOAD = ("06 其他材料", "其他材料", "办理中取得", "办理情况")
SIGNED_PAPER = ("03 检索、办理", "签批单", "线下、OA签批", "审核、签发经过法定程序")
#: letters by kind: (folder, what they prove)
LETTERS = {
    "L2": ("01 申请材料", "已接收登记，告知收到之日、答复期限"),
    "L3": ("02 补正、征求意见", "在法定期限内一次性告知补正事项、期限和后果"),
    "L4": ("02 补正、征求意见", "延期答复经批准并告知申请人"),
    "L5": ("02 补正、征求意见", "要求申请人说明理由"),
    "L6": ("02 补正、征求意见", "延迟答复已告知申请人"),
    "L7": ("02 补正、征求意见", "依法征求第三方意见，征求期间不计入答复期限"),
    "L8": ("02 补正、征求意见", "已告知申请人征求意见所需时间不计入期限"),
    "L9": ("04 答复", "决定公开的内容和理由已告知第三方"),
    "L10": ("02 补正、征求意见", "依法征求共同制作机关、其他机关意见，征求期间不计入答复期限"),
    "L11": ("03 检索、办理", "已要求有关单位协助查找"),
    "L12": ("02 补正、征求意见", "收费的依据、标准、数额已告知申请人"),
    "L23": ("04 答复", "已依法审核更正申请，答复申请人或者转送有权更正的机关"),
    "L25": ("04 答复", "对转主动公开建议的审核意见"),
}
REPLY = ("04 答复", "已依法作出答复，说明事实、依据、理由并告知救济途径")


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes in the file store under their SM3."""

    hash: str
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A paper made when it is asked for; `plain` is what is put in its place when a character has no font."""

    make: Callable[[], bytes]
    name: str


Content = Kept | Made


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the file: title, who made it, its number and day, where it comes from and what it proves.

    `evidence` is false for what belongs to the file but is handed to nobody outside. The first content is the piece,
    the others its other forms.
    """

    folder: str
    title: str
    author: str
    on: date | None
    source: str
    proves: str
    contents: tuple[Content, ...]
    number: str = ""
    evidence: bool = True


def pieces(session: Session, case: Mapping[str, Any], request: Request) -> list[Piece]:
    """Everything of a request, folder by folder, each in the order of the days."""
    found = [
        *_registered(session, case, request),
        *_letters(session, request),
        *_uploads(session, case, request),
        *_lists(session, request),
        *_reviews(session, case, request),
        *_served(session, request),
        *_opinions(session, case, request),
    ]
    far = date(9999, 12, 31)
    return sorted(found, key=lambda piece: (piece.folder, piece.on or far, piece.title))


def _paper(
    request: Request, folder: str, title: str, on: date | None, proves: str, make: Callable[[], bytes],
    *, author: str = "", source: str = "本机关制作",
) -> Piece:  # fmt: skip
    made = Made(make, f"{title}.pdf")
    return Piece(folder, title, author or sheets.organ_name(request), on, source, proves, (made,))


def _registered(session: Session, case: Mapping[str, Any], request: Request) -> list[Piece]:
    has_form = session.scalar(
        sa.select(a.c.id)
        .where(a.c.case_id == case["id"], a.c.field == "application_files", a.c.state == "kept")
        .limit(1)
    )
    folder, _, _, proves = UPLOADS["application_files"]
    found = [
        _paper(
            request, folder, "登记表", request.received_on or request.arrived_on, "收到申请之日、登记号、答复期限",
            lambda: sheets.registration(session, case, request), source="本机关登记",
        )
    ]  # fmt: skip
    if has_form is None:
        form = _paper(
            request, folder, "申请表", request.arrived_on, proves, lambda: sheets.application(request),
            author=str(request.applicant.get("name") or ""), source="申请人提出，按登记内容制作",
        )  # fmt: skip
        found.insert(0, form)
    return found


def _letters(session: Session, request: Request) -> list[Piece]:
    """Letters that went out, as they went out; replaced and void ones too, because they were sent."""
    found, rows = [], letters_of_case(session, request.case_id)
    sizes = _sizes(session, [h for row in rows for h in (row.pdf_hash, row.docx_hash) if h])
    for row in rows:
        if row.pdf_hash is None:
            continue
        folder, proves = LETTERS.get(row.kind, REPLY)
        name = " ".join(part for part in (composing.label(row.template), row.number or "") if part)
        contents = tuple(
            Kept(hash_, sizes[hash_], f"{name}.{suffix}")
            for hash_, suffix in ((row.pdf_hash, "pdf"), (row.docx_hash, "docx"))
            if hash_ and hash_ in sizes
        )
        found.append(_letter(request, row, folder, proves, contents))
    return found


def _letter(request: Request, row: Letter, folder: str, proves: str, contents: tuple[Content, ...]) -> Piece:
    state = {"superseded": "（已被替换）", "void": "（作废）"}.get(row.state, "")
    organ = directory().organ(row.organ_id).name
    title = f"{composing.label(row.template)}{state}"
    if row.part or row.kind in ("L7", "L9", "L10", "L11"):
        title += f"（{row.addressee}）"
    source = "本机关制作，制发时的原件"
    return Piece(folder, title, organ, row.dated_on, source, proves, contents, number=row.number or "")


def _sizes(session: Session, hashes: Sequence[str]) -> dict[str, int]:
    if not hashes:
        return {}
    return {
        row.hash: row.size
        for row in session.execute(sa.select(f.c.hash, f.c.size).where(f.c.hash.in_(hashes)))
    }


def _uploads(session: Session, case: Mapping[str, Any], request: Request) -> list[Piece]:
    query = (
        sa.select(a.c.field, a.c.part, a.c.name, a.c.file_hash, a.c.at, a.c.uploaded_by, f.c.size)
        .join(f, f.c.hash == a.c.file_hash)
        .where(a.c.case_id == case["id"], a.c.state == "kept", a.c.replaced_by.is_(None))
        .order_by(a.c.id)
    )
    people, found = directory(), []
    for row in session.execute(query):
        kind = (
            SIGNED_PAPER
            if row.part == "paper" and row.field not in UPLOADS
            else UPLOADS.get(row.field, OTHER_UPLOAD)
        )
        folder, title, source, proves = kind
        applicant = row.field in ("application_files", "files")
        author = str(request.applicant.get("name") or "") if applicant else people.name_of(row.uploaded_by)
        name = f"{title}：{row.name}"
        found.append(
            Piece(
                folder,
                name,
                author,
                business_date(row.at),
                source,
                proves,
                (Kept(row.file_hash, row.size, row.name),),
                evidence=kind is not OTHER_UPLOAD,
            )  # fmt: skip
        )
    return found


def _lists(session: Session, request: Request) -> list[Piece]:
    """What the rows of the room tell, each kind on one paper."""
    found = []

    def add(model: Any, folder: str, title: str, proves: str, make: Callable[..., bytes], day: str) -> None:
        rows = queries.rows_of(session, model, request.id)
        if model is Consultation:
            rows = [row for row in rows if row.sent_on]
        if rows:
            moment = getattr(rows[-1], day)
            on = business_date(moment) if hasattr(moment, "hour") else moment
            found.append(_paper(request, folder, title, on, proves, lambda: make(request, rows)))

    search, asked = "03 检索、办理", "02 补正、征求意见"
    add(
        Search, search, "检索记录", "检索的范围、方法和结果（条例第三十六条）",
        lambda request, rows: sheets.searches(session, request, rows), "at",
    )  # fmt: skip
    add(Handoff, search, "承办科室反馈", "承办科室查找和反馈的情况", sheets.answers, "sent_at")
    add(Consultation, asked, "征求意见及回复情况", "征求意见的发出、签收和意见", sheets.consulted, "sent_on")
    add(Fee, asked, "信息处理费收取情况", "收费的计算、通知和缴纳", sheets.fees, "sent_on")
    add(
        Extension,
        asked,
        "延期答复审批",
        "延期由工作机构负责人批准（条例第三十三条）",
        sheets.extensions,
        "asked_at",
    )
    if sheets.derivation_lines(session, request):
        found.append(
            _paper(
                request,
                "05 送达",
                "答复期限计算表",
                request.answered_on,
                "答复期限的起算、暂停、重新起算和届满",
                lambda: sheets.derivation(session, request) or b"",
            )  # fmt: skip
        )
    return found


def _reviews(session: Session, case: Mapping[str, Any], request: Request) -> list[Piece]:
    rows = session.scalars(
        sa.select(SecrecyReview).where(SecrecyReview.case_id == case["id"]).order_by(SecrecyReview.round)
    ).all()
    opinions = case_hooks.opinions_of(session, case["id"]) if rows else ()
    return [
        _paper(
            request,
            "03 检索、办理",
            f"保密审查记录表（第 {row.round} 次）",
            business_date(row.at),
            "公开前经过保密审查（条例第十七条）",
            partial(_secrecy, session, request, row, opinions),
        )  # fmt: skip
        for row in rows
    ]


def _secrecy(session: Session, request: Request, row: SecrecyReview, opinions: Sequence[Any]) -> bytes:
    return sheets.secrecy(request, document_sheets.secrecy_sheet(session, row, opinions))


def _served(session: Session, request: Request) -> list[Piece]:
    return [
        _paper(
            request,
            "05 送达",
            f"送达回证（{row.letter}，第 {row.attempt} 次）",
            row.signed_on or row.sent_on,
            "文书的送达方式、交邮日期、签收日期",
            partial(sheets.receipt, request, row),
        )  # fmt: skip
        for row in queries.rows_of(session, Delivery, request.id)
    ]


def _opinions(session: Session, case: Mapping[str, Any], request: Request) -> list[Piece]:
    on = request.answered_on or request.closed_on
    return [
        _paper(
            request,
            "03 检索、办理",
            "呈批单",
            on,
            "拟办、审核、签发的经过",
            lambda: sheets.approval(session, case, request),
        )  # fmt: skip
    ]


# --- contents ----------------------------------------------------------------------------------------------------------

_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_COUNTED = 20 * 1024 * 1024


def made(content: Made) -> bytes | None:
    """The paper; None when a character of it has no font."""
    try:
        return content.make()
    except Refused:
        return None


def page_count(content: Content) -> int | None:
    """Pages of a PDF as far as they can be seen from outside, 1 for a picture, else None: to be written by hand."""
    name = content.name.lower()
    if name.endswith((".png", ".jpg", ".jpeg")):
        return 1
    if not name.endswith(".pdf"):
        return None
    if isinstance(content, Made):
        data = made(content)
    elif content.size > _COUNTED:
        return None
    else:
        with files.open_file(content.hash) as file:
            data = file.read()
    return len(_PAGE.findall(data or b"")) or None
