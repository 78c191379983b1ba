"""流转记录 to print and to export."""

from __future__ import annotations

from io import BytesIO

from flask import render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.cases import queries, transcript
from app.cases.views import bp
from app.core import xlsx
from app.core.db import db
from app.core.now import local_text, now
from app.core.pages import me


@bp.get("/cases/<int:case_id>/history")
def history(case_id: int) -> ResponseReturnValue:
    """The table as an A4 page."""
    session = db.session()
    found = queries.case(session, case_id, me())
    return render_template(
        "cases/print/history.html",
        case=found,
        head=transcript.HEAD,
        rows=transcript.rows(queries.history(session, case_id), directory()),
        back_url=url_for("cases.case", case_id=case_id),
        printed_at=local_text(now()),
    )


@bp.get("/cases/<int:case_id>/history.xlsx")
def history_file(case_id: int) -> ResponseReturnValue:
    """The table as a spreadsheet."""
    session = db.session()
    found = queries.case(session, case_id, me())
    rows = transcript.rows(queries.history(session, case_id), directory())
    out = BytesIO()
    title = f"{found['number']} {found['title']} 流转记录"
    xlsx.write_long(
        out, "流转记录", title, transcript.HEAD, [[row[name] for name in transcript.HEAD] for row in rows]
    )
    out.seek(0)
    return send_file(
        out, mimetype=xlsx.MIME, as_attachment=True, download_name=f"流转记录 {found['number']}.xlsx"
    )
