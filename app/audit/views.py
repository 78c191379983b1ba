"""Pages of the 安全审计员: the record, one entry, verification, export."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from typing import IO, Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.audit import export as exporting
from app.audit import findings, labels, queries, rows, sealfile, sealing, service, tree
from app.core.command import keyring
from app.core.db import db
from app.core.errors import GongkaiError, NotFound, Refused
from app.core.now import SHANGHAI, today, wall
from app.core.pages import me

bp = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")
bp.add_app_template_filter(labels.action_label, "audit_action")
bp.add_app_template_filter(labels.result_label, "audit_result")

MOST_ROWS = 200_000  # a larger export is for the command line
STATES = {
    "waiting": ("open", "等待核对"),
    "running": ("open", "正在核对"),
    "clean": ("done", "未发现问题"),
    "tampered": ("overdue", "发现问题"),
    "unchecked": ("due_soon", "未能核对"),
}


def day(name: str, source: Any = None) -> date | None:
    """A date from the query or the form; anything else counts as not given."""
    try:
        return date.fromisoformat((request.args if source is None else source).get(name, ""))
    except ValueError:
        return None


def wanted() -> queries.Wanted:
    """The filters of the address."""
    args = request.args
    return queries.Wanted(
        begins=day("begins"),
        ends=day("ends"),
        person=args.get("person", "").strip()[:40],
        action=args.get("action", "")[:60],
        stream=args.get("stream", "")[:10],
        stream_id=args.get("stream_id", type=_bounded),
        result=args.get("result", "")[:20],
        text=args.get("text", "").strip()[:40],
    )


def _bounded(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**62:
        raise ValueError(text)
    return value


@bp.get("/")
def records() -> ResponseReturnValue:
    """审计记录: filtered, newest first, page by page."""
    before, after = (request.args.get(name, type=_bounded) for name in ("before", "after"))
    page = queries.page(wanted(), before=before, after=after)
    keep: dict[str, Any] = {k: v for k, v in request.args.items() if v and k not in ("before", "after")}
    pager: dict[str, Any] = {"shown": len(page.rows)}
    if page.before:
        pager["next_url"] = url_for("audit.records", **keep, before=page.before)
    if page.after:
        pager["prev_url"] = url_for("audit.records", **keep, after=page.after)
        pager["first_url"] = url_for("audit.records", **keep)
    return render_template(
        "audit/records.html",
        page=page,
        pager=pager,
        chosen=wanted(),
        filtered=bool(keep),
        actions=[
            ("", "全部"),
            *sorted(((k, labels.action_label(k)) for k in queries.actions()), key=_second),
        ],
        streams=[("", "全部"), *findings.STREAMS.items()],
        results=[("", "全部"), *labels.RESULTS.items()],
        place=place,
    )


def place(row: Mapping[str, Any]) -> str:
    """Whose stream a record stands in: 「机关 市住建局」, 「办件 41」, 「系统」."""
    name = findings.STREAMS.get(row["stream"], str(row["stream"]))
    if row["stream"] == "system":
        return name
    organ = directory().organs.get(row["stream_id"]) if row["stream"] == "organ" else None
    return f"{name} {organ.short_name if organ else row['stream_id']}"


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


@bp.get("/records/<int:record_id>")
def detail(record_id: int) -> ResponseReturnValue:
    """One entry: who, when, what, old and new, and whether it is as it was written."""
    row = queries.record(record_id)
    if row is None:
        raise NotFound
    entry = queries.readable(row)
    bad = tree.bad_field(row)
    whole = bad is None and tree.mac(keyring().record, tree.message(row)) == row["mac"]
    return render_template(
        "audit/detail.html",
        row=entry,
        whole=whole,
        linked=bad is None and queries.previous_mac(row) == row["prev"],
        seal=queries.seal(row["sealed_in"]) if bad is None else None,
        changes=labels.changes(entry["body"]),
        particulars=labels.particulars(entry["body"]),
        earlier=queries.neighbour(row, -1) if bad is None else None,
        later=queries.neighbour(row, 1) if bad is None else None,
        place=place,
    )


@bp.route("/verification", methods=["GET", "POST"])
def verification() -> ResponseReturnValue:
    """核对: the last results, the seals, and the button that asks for a new verification."""
    if request.method == "POST":
        service.ask_verification(me(), token=request.form.get("submission_token"))
        flash("已发起核对。记录多时需要几分钟，完成后结果显示在本页。", "success")
        return redirect(url_for("audit.verification"), 303)
    runs = queries.runs()
    return render_template(
        "audit/verification.html",
        runs=runs,
        last=next((run for run in runs if run.ended_at), None),
        busy=any(run.state in ("waiting", "running") for run in runs),
        seals=queries.newest_seals(),
        unsealed=queries.unsealed(),
        demo=sealfile.rewritable(sealing.settings_now().seals),
        states=STATES,
        shanghai=SHANGHAI,
    )


@bp.get("/verification/<int:run_id>")
def run(run_id: int) -> ResponseReturnValue:
    """The findings of one verification."""
    found = queries.run(run_id)
    if found is None:
        raise NotFound
    return render_template(
        "audit/run.html", run=found, states=STATES, kinds=findings.KINDS, shanghai=SHANGHAI, now=wall()
    )


@bp.route("/export", methods=["GET", "POST"])
def export() -> ResponseReturnValue:
    """导出: a period of the record as an archive that can be verified elsewhere."""
    if request.method == "POST":
        try:
            return _send(day("begins", request.form), day("ends", request.form))
        except GongkaiError as error:
            flash(error.message, "danger")
    begins = day("begins", request.form) or today() - timedelta(days=30)
    ends = day("ends", request.form) or today()
    page = render_template("audit/export.html", begins=begins, ends=ends, most=MOST_ROWS)
    return page, 409 if request.method == "POST" else 200


def _send(begins: date | None, ends: date | None) -> ResponseReturnValue:
    if begins is None or ends is None or begins > ends:
        raise Refused("请填写起止日期，且起始日期不晚于截止日期。")
    out = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    try:
        written = _archive(begins, ends, out)
    except BaseException:
        out.close()
        raise
    service.note_export(me(), begins=begins.isoformat(), ends=ends.isoformat(), **written)
    out.seek(0)
    name = f"审计记录_{begins.isoformat()}_{ends.isoformat()}.zip"
    answer = send_file(out, mimetype="application/zip", as_attachment=True, download_name=name)
    answer.call_on_close(out.close)
    return answer


def _archive(begins: date, ends: date, out: IO[bytes]) -> dict[str, Any]:
    """Write the archive of a period; what the record must say of it."""
    with rows.snapshot(db.engine) as connection, tempfile.TemporaryFile() as plain:
        found = exporting.span(connection, begins, ends)
        if found is None:
            raise Refused("这段时间没有记录。请改用别的日期。")
        if exporting.count(connection, *found) > MOST_ROWS:
            raise Refused(f"这段时间超过 {MOST_ROWS} 条。请缩短时间，或在服务器上运行 flask audit export。")
        written = exporting.write(connection, *found, plain)
        plain.seek(0)
        paper = exporting.manifest(
            written,
            keyring().record,
            begins=begins,
            ends=ends,
            made_at=wall(),
            made_by=me().name,
            name=directory().name,
        )
        exporting.pack(plain, paper, out)
    return {"count": written.records, "sm3": paper["sm3"]}
