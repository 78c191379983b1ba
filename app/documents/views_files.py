"""Files: fetched as downloads; PDF and pictures can be looked at, sealed off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, send_file
from flask.typing import ResponseReturnValue

from app.core.db import db
from app.core.errors import NotFound
from app.core.pages import me
from app.documents import files, queries, service
from app.documents.views import bp

#: media types a browser may show in its window; everything else is downloaded
PREVIEWED = frozenset({"application/pdf", "image/png", "image/jpeg"})
IMAGE_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'none'"
)
PDF_CSP = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"


@bp.get("/documents/files/<int:attachment_id>")
def download(attachment_id: int) -> ResponseReturnValue:
    """A file, as a download and never as anything else."""
    row = _fetched(attachment_id)
    return _sealed(row, IMAGE_CSP, as_attachment=True)


@bp.get("/documents/files/<int:attachment_id>/preview")
def preview(attachment_id: int) -> ResponseReturnValue:
    """A PDF or a picture in the window, sealed off; anything else is not there."""
    row = _fetched(attachment_id, only=PREVIEWED)
    return _sealed(row, PDF_CSP if row["media_type"] == "application/pdf" else IMAGE_CSP, as_attachment=False)


def _fetched(attachment_id: int, only: frozenset[str] | None = None) -> Mapping[Any, Any]:
    """The file's row, if this person may fetch it; fetching one of a withheld document is recorded."""
    person = me()
    row, paper = queries.attachment(db.session(), person, attachment_id)
    if only is not None and row["media_type"] not in only:
        raise NotFound()
    if paper is not None and paper.attribute == "withheld":
        service.record_download(
            person,
            organ_id=paper.organ_id,
            document_id=paper.id,
            attachment_id=row["id"],
            name=row["name"],
        )
    return row


def _sealed(row: Mapping[Any, Any], csp: str, *, as_attachment: bool) -> Response:
    response = send_file(
        files.content(row["file_hash"], row["size"]),
        mimetype=row["media_type"],
        as_attachment=as_attachment,
        download_name=row["name"],
        etag=False,
    )
    response.headers["Content-Security-Policy"] = csp
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response
