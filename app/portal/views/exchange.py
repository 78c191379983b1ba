"""The signed interface: applications in, states and letters out. JSON, and a Chinese sentence in every refusal."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from flask import Response, request
from flask.typing import ResponseReturnValue

from app.core.command import keyring
from app.core.db import db
from app.core.errors import GongkaiError, Refused
from app.core.pages import csrf
from app.documents import files
from app.portal import exchange, exporting, sheets, throttle
from app.portal.exchange import MOST_BODY, Caller
from app.portal.views import bp


def _answer(act: Callable[[Caller], ResponseReturnValue]) -> ResponseReturnValue:
    """Check the signature, act, and say refusals as JSON."""
    try:
        request.max_content_length = MOST_BODY
        throttle.check("call", throttle.here())
        return act(exchange.caller(db.session(), keyring(), _call()))
    except GongkaiError as error:
        return {"title": error.title, "message": error.message, "faults": error.fields}, _status(error)


def _status(error: GongkaiError) -> int:
    return 422 if isinstance(error, Refused) and error.fields else error.status


def _call() -> exchange.Call:
    head = request.headers
    query = request.query_string.decode("latin-1")
    return exchange.Call(
        method=request.method,
        path=request.path + (f"?{query}" if query else ""),
        key_id=head.get("X-Gongkai-Key", ""),
        time=head.get("X-Gongkai-Time", ""),
        nonce=head.get("X-Gongkai-Nonce", ""),
        signature=head.get("X-Gongkai-Signature", ""),
        body=request.get_data(),
    )


@bp.post("/exchange/v1/applications")
def call_applications() -> ResponseReturnValue:
    """Register applications, all or none, each platform number once."""
    return _answer(_applications)


csrf.exempt(call_applications)


def _applications(who: Caller) -> ResponseReturnValue:
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise Refused("请求体不是 JSON。请核对后重试。", fields={"body": "不是 JSON。"}) from error
    given = exchange.read(body)
    done: dict[str, object] = exchange.register(who.actor(request.remote_addr or ""), who=who, given=given)
    return done, 200


@bp.get("/exchange/v1/states")
def call_states() -> ResponseReturnValue:
    """States and replies of the platform's applications: `since` a day, `after` where the last page ended, `format`."""
    return _answer(_states)


def _states(who: Caller) -> ResponseReturnValue:
    exchange.note_call(who.actor(request.remote_addr or ""), who=who)
    after = request.args.get("after", 0, type=int)
    page = exporting.states(
        db.session(), who.organ_id, after=after, since=exchange.since_of(request.args.get("since", ""))
    )
    if request.args.get("format") == "csv":
        response = Response(
            sheets.write_csv(exporting.HEAD, map(exporting.cells, page["rows"])), mimetype="text/csv"
        )
        response.headers["X-Gongkai-Next"] = str(page["next"] or "")
        return response
    return page, 200


@bp.get("/exchange/v1/letters/<int:letter_id>.pdf")
def call_letter(letter_id: int) -> ResponseReturnValue:
    """The bytes of a letter that was served."""

    def act(who: Caller) -> ResponseReturnValue:
        exchange.note_call(who.actor(request.remote_addr or ""), who=who)
        found = exporting.letter_of(db.session(), who.organ_id, letter_id)
        with files.open_file(found.pdf_hash or "") as file:
            return Response(file.read(), mimetype="application/pdf")

    return _answer(act)
