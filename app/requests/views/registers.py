"""登记簿 on the screen, on A4 and as a workbook."""

from __future__ import annotations

import tempfile
from typing import IO, Any

from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.core import access, xlsx
from app.core.db import db
from app.core.errors import NotFound
from app.core.now import local_text, now, today
from app.core.pages import me
from app.requests import exporting, ledger, queries
from app.requests.ledger import BOOKS, Wanted
from app.requests.permissions import ROUTES
from app.requests.views import bp

YEARS = 12


def _wanted(said: Any) -> Wanted:
    """What is asked for; foreign subjects and unknown books are not found."""
    key, state = said.get("book", "requests"), said.get("state", "")
    if key not in BOOKS:
        raise NotFound()
    subject = said.get("subject", type=int)
    if subject is not None and subject not in dict(_subjects()):
        raise NotFound()
    year = said.get("year", type=int) or today().year
    if not 1990 <= year <= 2200:
        raise NotFound()
    return Wanted(key, year, subject, state if state in BOOKS[key].states else "")


def _subjects() -> list[tuple[int, str]]:
    return queries.subjects_of(me().organ_id or 0)


def _kept(wanted: Wanted) -> dict[str, Any]:
    return {
        "book": wanted.book if wanted.book != "requests" else None,
        "year": wanted.year if wanted.year != today().year else None,
        "subject": wanted.subject,
        "state": wanted.state or None,
    }


def _title(wanted: Wanted) -> str:
    organ = directory().organ(wanted.subject or me().organ_id or 0)
    state = BOOKS[wanted.book].states.get(wanted.state, "")
    return f"{organ.name}{BOOKS[wanted.book].title}（{wanted.year}年{'，' + state if state else ''}）"


@bp.get("/requests/ledger", endpoint="ledger")
def ledger_page() -> ResponseReturnValue:
    """登记簿: 依申请公开, 来件, 送达, 收费; by year, answering subject and state."""
    wanted, args = _wanted(request.args), request.args
    book, kept = BOOKS[wanted.book], _kept(wanted)
    number = max(args.get("n", 1, type=int), 1)
    page = ledger.page(db.session(), me(), wanted, args.get("after"), number)
    subjects, this = _subjects(), today().year
    return render_template(
        "requests/ledger.html",
        book=book,
        wanted=wanted,
        lines=page.lines,
        tabs=[
            {
                "label": each.title,
                "url": url_for("requests.ledger", **(kept | {"book": each.key, "state": None})),
                "current": each.key == wanted.book,
            }
            for each in BOOKS.values()
        ],
        years=[(str(this - back), f"{this - back}年") for back in range(YEARS)],
        subjects=[("", "全部"), *((str(key), name) for key, name in subjects)]
        if len(subjects) > 1 and wanted.book != "incoming"
        else [],
        states=[("", "全部"), *book.states.items()],
        pager={
            "shown": len(page.lines),
            "first_url": url_for("requests.ledger", **kept) if args.get("after") else None,
            "next_url": url_for("requests.ledger", **kept, after=page.next_key, n=page.next_number)
            if page.next_key
            else None,
        },
        print_url=url_for("requests.ledger_print", **kept),
        may_export=access.may_enter(ROUTES["requests.ledger_export"]["POST"], me()),
    )


@bp.get("/requests/ledger/print")
def ledger_print() -> ResponseReturnValue:
    """The register on A4, landscape."""
    wanted = _wanted(request.args)
    found = list(ledger.lines(db.session(), me(), wanted, ledger.PRINT_ROWS + 1))
    return render_template(
        "requests/print/ledger.html",
        book=BOOKS[wanted.book],
        title=_title(wanted),
        lines=found[: ledger.PRINT_ROWS],
        more=len(found) > ledger.PRINT_ROWS,
        most=ledger.PRINT_ROWS,
        back_url=url_for("requests.ledger", **_kept(wanted)),
        printed_at=local_text(now()),
        printed_by=me().name,
    )


@bp.post("/requests/ledger/export")
def ledger_export() -> ResponseReturnValue:
    """The register as a workbook; who took it, and its digest, stand in the record."""
    wanted, person = _wanted(request.form), me()
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    try:
        written = exporting.write(db.session(), person, wanted, _title(wanted), out)
        exporting.note(
            person, book=wanted.book, year=wanted.year, subject=wanted.subject, state=wanted.state, **written
        )
    except BaseException:
        out.close()
        raise
    out = exporting.handed_over(out)
    name = f"{BOOKS[wanted.book].title}_{wanted.year}.xlsx"
    answer = send_file(out, mimetype=xlsx.MIME, as_attachment=True, download_name=name, max_age=0)
    answer.call_on_close(out.close)
    return answer
