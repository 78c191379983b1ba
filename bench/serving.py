"""The application as the bench serves it: `python -m bench.serving PORT [count]`.

The product, unchanged, with one route more, which is only here: an empty signed-in form, the yardstick of what a
step may cost. With `count`, every answer says in headers how many statements and commits it took.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from flask_wtf import FlaskForm
from sqlalchemy import event
from sqlalchemy.engine import Engine
from waitress import serve

from app.core.access import SIGNED_IN, cell
from app.core.db import db
from app.core.pages import me

EMPTY = "/bench/empty"
STATEMENTS, COMMITS = "Bench-Statements", "Bench-Commits"
_NOT_COUNTED = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")


class EmptyForm(FlaskForm):  # type: ignore[misc]
    """Nothing but its CSRF token."""


def add_empty_form(app: Flask) -> None:
    """The yardstick: sign-in row, access table, CSRF, an empty WTForm, a redirect-sized answer."""

    @app.post(EMPTY, endpoint="bench_empty")
    def empty() -> Any:
        form = EmptyForm()
        return ("", 204) if form.validate() and me().person_id else ("", 422)

    app.extensions["gongkai_access"]["bench_empty"] = {"POST": cell(SIGNED_IN)}


class Counter(threading.local):
    """What the request of this thread has asked of the database."""

    statements = 0
    commits = 0
    wrote = False


def counted(wsgi: Callable[..., Iterable[bytes]], engine: Engine) -> Callable[..., Iterable[bytes]]:
    """Add the headers; a commit counts when its transaction wrote."""
    seen = Counter()

    def statement(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        words = text.lstrip().upper()
        if not words.startswith(_NOT_COUNTED):
            seen.statements += 1
            seen.wrote = seen.wrote or not words.startswith("SELECT")

    def commit(_connection: Any) -> None:
        seen.commits += seen.wrote
        seen.wrote = False

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)

    def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
        seen.statements, seen.commits, seen.wrote = 0, 0, False
        said: list[Any] = []
        body = wsgi(environ, lambda *words: said.append(words))
        status, headers, *more = said[-1]
        more_headers = [(STATEMENTS, str(seen.statements)), (COMMITS, str(seen.commits))]
        start_response(status, [*headers, *more_headers], *more)
        return body

    return answer


def main(port: int, count: bool) -> None:
    """Serve until told to stop, as `make run` does."""
    from wsgi import app  # as every web server takes it

    add_empty_form(app)
    if count:
        with app.app_context():
            app.wsgi_app = counted(app.wsgi_app, db.engine)  # type: ignore[method-assign]
    serve(app, host="127.0.0.1", port=port, threads=8, _quiet=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), "count" in sys.argv[2:])
