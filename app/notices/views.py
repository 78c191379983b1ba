"""Pages: 通知 of a person, how he wants to be told, and for the 系统管理员 the gateway and what could not be sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.db import db
from app.core.errors import GongkaiError
from app.core.now import SHANGHAI, today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.notices import choosing, gateway, queries, service

bp = Blueprint("notices", __name__, url_prefix="/notices", template_folder="templates")


def _number(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**62:
        raise ValueError(text)
    return value


@bp.get("/")
def index() -> ResponseReturnValue:
    """通知: unread ones first, then all."""
    only_unread = request.args.get("all") is None
    before = request.args.get("before", type=_number)
    page = queries.page(me(), before=before, only_unread=only_unread)
    keep: dict[str, Any] = {} if only_unread else {"all": 1}
    pager: dict[str, object] = {"shown": len(page.rows)}
    if page.before:
        pager["next_url"] = url_for("notices.index", before=page.before, **keep)
    if before:
        pager["first_url"] = url_for("notices.index", **keep)
    return render_template(
        "notices/index.html",
        page=page,
        pager=pager,
        only_unread=only_unread,
        unread=queries.unread(me()),
        kinds=service.KINDS,
        shanghai=SHANGHAI,
    )


@bp.get("/feed")
def feed() -> ResponseReturnValue:
    """The newest notices for the bell: [{text, url, at, unread}]."""
    rows = queries.page(me(), most=8).rows
    items = []
    for row in rows:
        at = row["created_at"].astimezone(SHANGHAI)
        items.append(
            {
                "text": f"{service.KINDS.get(row['kind'], '通知')}：{row['text']}",
                "url": url_for("notices.show", notice_id=row["id"]),
                "at": at.strftime("%H:%M" if at.date() == today() else "%m-%d %H:%M"),
                "unread": not row["is_read"],
            }
        )
    return items


@bp.get("/<int:notice_id>")
def show(notice_id: int) -> ResponseReturnValue:
    """Open a notice: it counts as read, and its page opens. A reading mark is no act of business."""
    if notice_id >= 2**62:
        notice_id = 0
    return redirect(service.mark_read(me(), notice_id), 303)


@bp.post("/read")
def read_all() -> ResponseReturnValue:
    """全部标为已读."""
    service.mark_all_read(me())
    flash("通知已全部标为已读。", "success")
    return redirect(url_for("notices.index"), 303)


@bp.get("/failures")
def failures() -> ResponseReturnValue:
    """未送出的邮件."""
    before = request.args.get("before", type=_number)
    rows = queries.failures(before)
    pager: dict[str, object] = {"shown": min(len(rows), queries.PAGE)}
    if len(rows) > queries.PAGE:
        rows = rows[: queries.PAGE]
        pager["next_url"] = url_for("notices.failures", before=rows[-1].id)
    if before:
        pager["first_url"] = url_for("notices.failures")
    return render_template(
        "notices/failures.html",
        rows=rows,
        pager=pager,
        kinds=service.KINDS,
        shanghai=SHANGHAI,
        leaves=bool(current_app.extensions["gongkai_settings"].smtp) or gateway.active() is not None,
        channels=choosing.CHANNELS,
        token=fresh_token,
    )


@bp.post("/failures")
def retry() -> ResponseReturnValue:
    """Send one failed e-mail again, or all."""
    delivery_id = request.form.get("delivery", type=_number)
    done = service.retry(me(), delivery_id=delivery_id, token=token_of(request.form))
    flash(f"{done['count']} 条提醒将在一分钟内重新发送。", "success")
    return redirect(url_for("notices.failures"), 303)


@bp.route("/choices", methods=["GET", "POST"])
def choices() -> ResponseReturnValue:
    """提醒方式: which kinds by which channel, quiet hours, once a day."""
    person, said = me(), request.form
    if request.method == "POST":
        off = {
            channel: [kind for kind in service.KINDS if f"{channel}.{kind}" not in said]
            for channel in choosing.CHANNELS
            if f"{channel}.shown" in said
        }
        now_ = choosing.choice_of(db.session(), person.person_id or 0)
        kept = {
            channel: list((now_.off or {}).get(channel, ()))
            for channel in choosing.CHANNELS
            if channel not in off
        }
        done = choosing.choose(
            person,
            by_email="by_email" in said if "email" in off else now_.by_email,
            by_webhook="by_webhook" in said if "webhook" in off else now_.by_webhook,
            quiet="quiet" in said,
            digest="digest" in said,
            off=off | kept,
            token=token_of(said),
        )
        flash(done["said"], "success")
        return redirect(url_for("notices.choices"), 303)
    there = {
        "email": bool(current_app.extensions["gongkai_settings"].smtp),
        "webhook": gateway.active() is not None,
    }
    return render_template(
        "notices/choices.html",
        choice=choosing.choice_of(db.session(), person.person_id or 0),
        channels={key: label for key, label in choosing.CHANNELS.items() if there[key]},
        kinds=service.KINDS,
        has_address=bool(queries.address_of(person.person_id or 0)),
        token=fresh_token(),
    )


@bp.route("/gateway", methods=["GET", "POST"], endpoint="gateway")
def gateway_page() -> ResponseReturnValue:
    """消息网关: where messages for 政务微信, 钉钉 or SMS go."""
    said, error = request.form, None
    if request.method == "POST":
        try:
            done = gateway.keep(
                me(),
                active="active" in said,
                url=said.get("url", ""),
                hosts=said.get("hosts", ""),
                secret=said.get("secret", ""),
                private="private" in said,
                with_text="with_text" in said,
                token=token_of(said),
            )
            flash(done["said"], "success")
            return redirect(url_for("notices.gateway"), 303)
        except GongkaiError as refused:
            error = refused
    shown = gateway.settings(db.session())
    if error is not None:
        typed = {key: key in said for key in ("active", "private", "with_text")}
        shown |= typed | {"url": said.get("url", ""), "hosts": said.get("hosts", "")}
    page = render_template("notices/gateway.html", gateway=shown, error=error, token=fresh_token())
    return page, error.status if error else 200
