"""What every response shares: access before, headers after, refusals as pages that keep the person's text."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from app.core import access
from app.core.actor import Actor
from app.core.command import end_read
from app.core.db import db
from app.core.errors import Busy, GongkaiError, NotFound

log = logging.getLogger("gongkai.pages")

csrf = CSRFProtect()

#: HTTP status -> (title, what to do next)
SENTENCES = {
    400: ("提交的内容不完整", "请返回上一页检查后重新提交。"),
    403: ("您没有查看或办理这一内容的权限", "如工作需要，请联系本单位的单位管理员调整岗位。"),
    404: ("没有找到这个页面", "您要找的内容不存在，或不在您的办理范围内。请从菜单重新进入。"),
    405: ("不能这样打开这个页面", "请从菜单或页面上的按钮进入。"),
    413: (
        "上传的内容太大",
        "单个文件不超过 50 MB，一次提交合计不超过 120 MB。请压缩或分次上传，您填写的文字已保留。",
    ),
    429: ("操作过于频繁", "请等一分钟再试。"),
    500: (
        "系统出了问题，本次没有保存",
        "问题已记入日志。请稍后再试；若仍不行，请把下面的时间告诉系统管理员。",
    ),
    503: ("系统正忙，内容没有保存", "请稍等几秒后重新提交。"),
}

MOST_IDS = 2**31 - 1  # a row of that id is not there, and on PostgreSQL cannot even be asked for

#: form fields never shown back
SECRET_FIELDS = ("csrf_token", "token", "submission_token", "password")

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def install(app: Flask) -> None:
    """Hook access control, headers, error pages and the end of the read transaction into `app`."""
    csrf.init_app(app)
    app.before_request(_check_access)
    app.after_request(_finish)
    app.register_error_handler(GongkaiError, _refusal)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crash)
    app.teardown_request(_leave)


def actor() -> Actor | None:
    """Who is signed in, or None."""
    return current_user.actor if current_user.is_authenticated else None


def me() -> Actor:
    """Who is signed in; only for routes whose cell demands a person."""
    person = actor()
    if person is None:
        abort(404)
    return person


def _check_access() -> ResponseReturnValue | None:
    """Enforce the declared table; a route without a cell does not exist."""
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static":
        return None
    cells = request.url_rule and app_table().get(endpoint)
    method = "GET" if request.method in ("GET", "HEAD", "OPTIONS") else request.method
    entry = cells.get(method) if cells else None
    if entry is None:
        abort(404 if not cells else 405)
    person = actor()
    if access.may_enter(entry, person):
        if person is not None and g.get("must_change_password") and not g.get("password_exempt"):
            allowed = ("accounts.change_password", "accounts.sign_out", "accounts.change_password_post")
            if endpoint not in allowed:
                return redirect(url_for("accounts.change_password"))
        return None
    if person is None:
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=target))
    abort(403)


def unattended(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that pages ask by themselves: being asked is no sign of life and keeps nobody signed in."""
    view.unattended = True  # type: ignore[attr-defined]
    return view


def is_unattended() -> bool:
    """Whether the page asks this request by itself."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "unattended", False))


def app_table() -> dict[str, Any]:
    """The whole access table: endpoint -> method -> cell."""
    table: dict[str, Any] = current_app.extensions["gongkai_access"]
    return table


def _finish(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def _leave(_error: BaseException | None) -> None:
    try:
        end_read(db.session())
    except Exception:  # the connection is broken; removing the session below gives it back
        log.warning("ending a read transaction failed", exc_info=True)


def lost_text() -> dict[str, str]:
    """What the person typed, to be given back on an error page."""
    if request.method != "POST":
        return {}
    try:
        items = request.form.items()
    except Exception:  # the body could not be read (too large); the browser keeps its own copy
        return {}
    return {key: value for key, value in items if value.strip() and not key.startswith(SECRET_FIELDS)}


def _page(status: int, title: str, message: str, **more: Any) -> ResponseReturnValue:
    context: dict[str, Any] = {"status": status, "title": title, "message": message, "lost": {}} | more
    if request.accept_mimetypes.best == "application/json":
        return {"title": title, "message": message}, status
    return render_template("errors/error.html", **context), status


def _refusal(error: GongkaiError) -> ResponseReturnValue:
    return _page(error.status, error.title, error.message, lost=lost_text())


def _expired(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        "页面停留太久，已经失效",
        "为了安全，请刷新页面（或重新登录）后再提交。您填写的内容在下面，可以复制。",
        lost=lost_text(),
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    title, message = SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400])
    page = _page(status, title, message, lost=lost_text() if status != 404 else {})
    if error.response is not None:
        return page
    headers = [pair for pair in error.get_headers() if pair[0] in ("Retry-After", "Allow")]
    return app_response(page, headers)


def app_response(page: ResponseReturnValue, headers: list[tuple[str, str]]) -> Response:
    """A rendered page with extra headers."""
    from flask import make_response

    response = make_response(page)
    for name, value in headers:
        response.headers[name] = value
    return response


def _not_storable(error: Exception) -> ResponseReturnValue:
    """What no database can hold: an id longer than any is unknown, NUL and numbers longer than any are typed wrongly."""
    db.session.rollback()
    log.info("not storable at %s: %s", request.endpoint, getattr(error, "orig", error))
    if any(isinstance(each, int) and each > MOST_IDS for each in (request.view_args or {}).values()):
        return _refusal(NotFound())
    return _page(
        400,
        "提交的内容不能保存",
        "内容里有看不见的控制字符，或者过大的数。请删去后重新提交。",
        lost=lost_text(),
    )


def _crash(error: Exception) -> ResponseReturnValue:
    if isinstance(error, OperationalError):
        log.warning("database not available: %s", error.orig)
        return _refusal(
            Busy("数据库暂时不能使用（可能正忙，或磁盘已满），本次没有保存任何内容。请稍后再试。")
        )
    if isinstance(error, DataError) or "SQLite INTEGER" in str(error):
        return _not_storable(error)
    log.exception("unhandled error at %s", request.endpoint)
    title, message = SENTENCES[500]
    try:
        return _page(500, title, message, lost=lost_text())
    except Exception:  # the page itself cannot be drawn: say so plainly
        return Response(f"<!doctype html><title>{title}</title><h1>{title}</h1><p>{message}</p>", 500)
