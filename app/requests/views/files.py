"""案卷: what a case holds, its evidence list, its printed papers, and the archive of it all."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from typing import IO, Any

from flask import Response, render_template, request, send_file
from flask.typing import ResponseReturnValue

from app.cases import queries as case_queries
from app.core.db import db
from app.core.errors import NotFound
from app.core.pages import me
from app.documents.files import clean_name
from app.letters.paper import WORD_MIME
from app.letters.printing import ENVELOPES
from app.requests import archiving, binding, dossier, evidence, exporting, queries, sheets
from app.requests.models import Delivery, Request
from app.requests.views import bp

PDF_CSP = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
#: printed papers: key -> label, in the order of the buttons
PAPERS = {
    "registration": "登记表",
    "application": "申请表",
    "approval": "呈批单",
    "envelope": "信封",
    "receipt": "送达回证",
    "derivation": "期限计算表",
    "contents": "卷内目录",
    "note": "备考表",
}


def _found(request_id: int) -> tuple[Request, dict[str, Any]]:
    session, person = db.session(), me()
    found = queries.one(session, person, request_id)
    return found, case_queries.case(session, found.case_id, person)


def _name(found: Request, title: str, suffix: str) -> str:
    return clean_name(f"{title}_{found.number or found.id}.{suffix}")


def _pdf(data: bytes, name: str) -> Response:
    """A printed paper, shown in the window so that it can be printed at once."""
    answer = send_file(io.BytesIO(data), mimetype="application/pdf", download_name=name, max_age=0)
    answer.headers["Content-Security-Policy"] = PDF_CSP
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/requests/<int:request_id>/file")
def case_file(request_id: int) -> ResponseReturnValue:
    """案卷: the pieces in their order, and what can be made of them."""
    found, case = _found(request_id)
    return render_template(
        "requests/file.html",
        request=found,
        case=case,
        pieces=dossier.pieces(db.session(), case, found),
        papers=PAPERS,
        may_take=archiving.may_take(me(), found.organ_id),
    )


@bp.post("/requests/<int:request_id>/archive")
def case_archive(request_id: int) -> ResponseReturnValue:
    """The whole case as one ZIP; who took it stands in its record."""
    found, case = _found(request_id)
    if not archiving.may_take(me(), found.organ_id):
        raise NotFound()
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    name = _name(found, "案卷", "zip")
    try:
        written = archiving.write(db.session(), me(), case, found, out)
        archiving.note(me(), request_id=request_id, sm3=exporting.digest(out), **written)
    except BaseException:
        out.close()
        raise
    out = exporting.handed_over(out)
    answer = send_file(out, mimetype="application/zip", as_attachment=True, download_name=name, max_age=0)
    answer.call_on_close(out.close)
    return answer


@bp.post("/requests/<int:request_id>/archive.pdf")
def case_bound(request_id: int) -> ResponseReturnValue:
    """案卷合订本: the case as one PDF; who took it stands in its record."""
    found, case = _found(request_id)
    if not archiving.may_take(me(), found.organ_id):
        raise NotFound()
    made = binding.bind(db.session(), me(), case, found)
    recorded = archiving.record_state(db.session(), case["id"])
    data = io.BytesIO(made.data)
    archiving.note(
        me(),
        request_id=request_id,
        sm3=exporting.digest(data),
        files=made.pieces,
        bytes=len(made.data),
        bound=True,
        **recorded,
    )
    data.seek(0)
    name = _name(found, "案卷合订本", "pdf")
    return send_file(data, mimetype="application/pdf", as_attachment=True, download_name=name, max_age=0)


@bp.get("/requests/<int:request_id>/evidence", endpoint="evidence")
def evidence_list(request_id: int) -> ResponseReturnValue:
    """证据目录, with its PDF and Word."""
    found, case = _found(request_id)
    entries = evidence.entries(db.session(), case, found)
    return render_template("requests/evidence.html", request=found, entries=entries, head=evidence.HEAD)


@bp.get("/requests/<int:request_id>/evidence.<any(pdf,docx):suffix>")
def evidence_file(request_id: int, suffix: str) -> ResponseReturnValue:
    """证据目录 as a file."""
    found, case = _found(request_id)
    entries = evidence.entries(db.session(), case, found)
    if suffix == "pdf":
        return _pdf(evidence.as_pdf(found, entries), _name(found, "证据目录", "pdf"))
    data = io.BytesIO(evidence.as_word(found, entries))
    return send_file(
        data,
        mimetype=WORD_MIME,
        as_attachment=True,
        download_name=_name(found, "证据目录", "docx"),
        max_age=0,
    )


@bp.get("/requests/<int:request_id>/print/<paper>")
def print_paper(request_id: int, paper: str) -> ResponseReturnValue:
    """One printed paper of the request."""
    found, case = _found(request_id)
    if paper not in PAPERS:
        raise NotFound()
    data = _paper(paper, found, case)
    if data is None:
        raise NotFound("收到申请之日还没有确定，期限没有起算，暂时没有期限计算表。")
    return _pdf(data, _name(found, PAPERS[paper], "pdf"))


def _paper(paper: str, found: Request, case: Mapping[str, Any]) -> bytes | None:
    session = db.session()
    if paper == "registration":
        return sheets.registration(session, case, found)
    if paper == "application":
        return sheets.application(found)
    if paper == "approval":
        return sheets.approval(session, case, found)
    if paper == "envelope":
        size = request.args.get("size", "C5")
        return sheets.envelope(found, size if size in ENVELOPES else "C5")
    if paper == "receipt":
        return sheets.receipt(found, _delivery(found))
    if paper == "derivation":
        return sheets.derivation(session, found)
    if paper == "contents":
        listed = [
            (piece, dossier.page_count(piece.contents[0])) for piece in dossier.pieces(session, case, found)
        ]
        return archiving.contents_pdf(case, found, listed)
    recorded = archiving.record_state(session, case["id"])
    count = len(dossier.pieces(session, case, found))
    return archiving.note_pdf(case, found, archiving.note_values(me(), case, found, count, recorded))


def _delivery(found: Request) -> Delivery | None:
    """The attempt asked for, else the last one; None for an empty form."""
    rows = queries.rows_of(db.session(), Delivery, found.id)
    wanted = request.args.get("delivery", type=int)
    if wanted is not None:
        rows = [row for row in rows if row.id == wanted]
        if not rows:
            raise NotFound()
    last: Delivery | None = rows[-1] if rows else None
    return last
