"""Pages of 督办: the register, one order with what may be done about it, giving one, what is late, paper and workbook."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, has_request_context, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import calendar
from app.accounts.directory import Directory, directory
from app.accounts.forms import choices
from app.cases import queries as cases
from app.core import xlsx
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound, Sayable
from app.core.now import local_text, now, today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.obligations import order_files, order_queries, orders
from app.obligations import queries as duties
from app.obligations.order_forms import ON_ORDER, OrderForm
from app.obligations.order_models import ACTS, STATUSES
from app.obligations.order_queries import MOST_ROWS, Wanted
from app.obligations.order_rights import addressees, duty_name, is_supervisor, owes, supervised
from app.obligations.views import bp

BADGE = {"open": "open", "reported": "waiting", "closed": "done", "void": "void"}
TABS = {
    "": "全部",
    "mine": "要我办的",
    "open": "办理中",
    "reported": "待认定",
    "late": "已超期",
    "closed": "已销号",
}
LATE_TABS = {"steps": "超时的环节", "duties": "超期的公开任务", "replies": "超期未答复的申请"}
COLUMNS = "序号 督办单号 督办事项 督办要求 督办单位 责任单位 下达日期 办结期限 状态 销号日期".split()


def _shown(row: Mapping[Any, Any], people: Directory) -> dict[str, Any]:
    live = row["status"] in ("open", "reported")
    left = calendar.current().days_left(today(), row["due_on"]) if live else None
    return dict(row) | {
        "url": url_for("obligations.order", order_id=row["id"]),
        "giver": people.organ(row["organ_id"]).short_name,
        "duty": duty_name(people, row),
        "left": left,
        "badge": BADGE[row["status"]],
        "word": STATUSES[row["status"]],
        "issued": local_text(row["issued_at"]),
        "closed": local_text(row["closed_at"]),
        "closer": people.name_of(row["closed_by"]) if row["closed_by"] else "",
    }


def _wanted(said: Any) -> Wanted:
    state = said.get("state", "")
    return Wanted(
        state if state in TABS else "", said.get("organ", type=int), said.get("q", "").strip()[:100]
    )


def _kept(wanted: Wanted) -> dict[str, Any]:
    return {"state": wanted.state or None, "organ": wanted.organ, "q": wanted.text or None}


@bp.get("/orders", endpoint="orders")
def register() -> ResponseReturnValue:
    """督办台账: what this person may read, newest first."""
    person, wanted, people = me(), _wanted(request.args), directory()
    before, kept = request.args.get("before"), _kept(wanted)
    page = order_queries.register(db.session(), person, wanted, today(), before)
    organs = sorted(supervised(person))
    return render_template(
        "obligations/orders.html",
        rows=[_shown(row, people) for row in page.rows],
        wanted=wanted,
        tabs=[
            {
                "label": words,
                "url": url_for("obligations.orders", **(kept | {"state": key or None})),
                "current": key == wanted.state,
            }
            for key, words in TABS.items()
        ],
        organs=[("", "全部"), *((str(each), people.organ(each).short_name) for each in organs)]
        if len(organs) > 1
        else [],
        pager={
            "shown": len(page.rows),
            "first_url": url_for("obligations.orders", **kept) if before else None,
            "next_url": url_for("obligations.orders", **kept, before=page.next_key)
            if page.next_key
            else None,
        },
        supervisor=is_supervisor(person),
    )


@bp.post("/orders/export")
def orders_export() -> ResponseReturnValue:
    """督办台账 as a workbook; who took it stands in the record."""
    person, wanted, people = me(), _wanted(request.form), directory()
    found = order_queries.lines(db.session(), person, wanted, today())
    rows: list[list[Any]] = []
    for number, row in enumerate(found[:MOST_ROWS], 1):
        each = _shown(row, people)
        rows.append(
            [
                number, each["number"], each["title"], each["demand"], each["giver"], each["duty"],
                each["issued"][:10], each["due_on"], each["word"], each["closed"][:10],
            ]
        )  # fmt: skip
    if len(found) > MOST_ROWS:
        rows.append([f"只导出了前 {MOST_ROWS} 行，其余请筛选后分次导出。"])
    out = io.BytesIO()
    xlsx.write_long(out, "督办台账", f"督办台账（{today()}）", COLUMNS, rows)
    sm3 = hashlib.new("sm3", out.getvalue()).hexdigest()
    orders.note_export(person, rows=min(len(found), MOST_ROWS), state=wanted.state, sm3=sm3)
    out.seek(0)
    name = f"督办台账_{today()}.xlsx"
    return send_file(out, mimetype=xlsx.MIME, as_attachment=True, download_name=name, max_age=0)


@bp.get("/orders/late")
def orders_late() -> ResponseReturnValue:
    """拟督办: what is late proposes itself; a person decides whether to order it."""
    person, session, args = me(), db.session(), request.args
    which = args["what"] if args.get("what") in LATE_TABS else "steps"
    after = args.get("after")
    if which == "steps":
        page = order_queries.late_steps(session, person, now(), after)
    elif which == "duties":
        page = order_queries.late_duties(session, person, today(), after)
    else:
        page = order_queries.late_replies(session, person, today(), after)
    column = "duty_id" if which == "duties" else "case_id"
    key = "id" if which == "duties" else "case_id"
    running = order_queries.ordered(session, column, [row[key] for row in page.rows])
    return render_template(
        "obligations/late.html",
        what=which,
        rows=[_late(which, row, person, running.get(row[key])) for row in page.rows],
        tabs=[
            {"label": words, "url": url_for("obligations.orders_late", what=key), "current": key == which}
            for key, words in LATE_TABS.items()
        ],
        pager={
            "shown": len(page.rows),
            "first_url": url_for("obligations.orders_late", what=which) if after else None,
            "next_url": url_for("obligations.orders_late", what=which, after=page.next_key)
            if page.next_key
            else None,
        },
    )


def _late(
    which: str, row: Mapping[Any, Any], person: Actor, running: tuple[int, str] | None
) -> dict[str, Any]:
    """A late thing as the supervisor may know it: of another organ its number and its day, never what it is about."""
    people = directory()
    own = row["organ_id"] == person.organ_id
    found = {
        "organ": people.organ(row["organ_id"]).short_name,
        "order_url": url_for("obligations.order", order_id=running[0]) if running else None,
        "order_no": running[1] if running else None,
        "url": None,
    }
    if which == "steps":
        who = people.name_of(row["holder_id"]) if row["holder_id"] else _post_name(people, row["post_id"])
        own_limit = row["due_at"] is not None and row["due_at"] <= now()
        return found | {
            "number": row["number"],
            "title": row["title"] if row["case_organ"] == person.organ_id else "",
            "what": row["label"],
            "who": who if own else "",
            "due": local_text(row["due_at"]) if own_limit else str(row["due_on"]),
            "url": url_for("cases.case", case_id=row["case_id"])
            if row["case_organ"] == person.organ_id
            else None,
            "new_url": url_for("obligations.order_new", case=row["case_id"]),
        }
    if which == "duties":
        unit = people.unit(row["unit_id"]) if row["unit_id"] and own else None
        return found | {
            "number": "",
            "title": row["title"] if own else "",
            "what": "公开任务",
            "who": unit.name if unit else "",
            "due": str(row["due_on"]),
            "url": url_for("obligations.show", duty_id=row["id"]) if own else None,
            "new_url": url_for("obligations.order_new", duty=row["id"]),
        }
    return found | {
        "number": row["number"],
        "title": "",
        "what": f"已提醒 {row['times']} 次，最近 {row['last_on']}"
        if row["times"]
        else "答复超期，还没有提醒过",
        "who": "",
        "due": str(row["due_on"]),
        "url": url_for("cases.case", case_id=row["case_id"]) if own else None,
        "new_url": url_for("obligations.order_new", case=row["case_id"]),
    }


def _post_name(people: Directory, post_id: int | None) -> str:
    post = people.post(post_id) if post_id else None
    return post.name if post else ""


@bp.route("/orders/new", methods=["GET", "POST"])
def order_new() -> ResponseReturnValue:
    """下达督办."""
    person, session = me(), db.session()
    if not supervised(person):
        raise NotFound()
    about = _about(session, person)
    form = OrderForm(data=about["filled"])
    form.target.choices = choices(addressees(person), "请选择")
    problems: list[str] = []
    if form.validate_on_submit():
        try:
            done = orders.issue(
                person, target=form.target.data, title=form.title.data, demand=form.demand.data,
                due_on=form.due_on.data, case_id=about["case"], duty_id=about["duty"], token=token_of(request.form),
            )  # fmt: skip
            flash(done["said"], "success")
            return redirect(url_for("obligations.order", order_id=done["id"]), 303)
        except Sayable as error:
            form.blame(error)
            problems = [] if error.fields else [error.message]
    page = render_template(
        "obligations/order_new.html", form=form, about=about, problems=problems, token=fresh_token()
    )
    return page, 422 if request.method == "POST" else 200


def _about(session: Session, person: Actor) -> dict[str, Any]:
    """What a new order is about: the case or duty named in the address, when this person may order it; else nothing."""
    found: dict[str, Any] = {"case": None, "duty": None, "words": None, "filled": {}}
    case_id, duty_id = request.args.get("case", type=int), request.args.get("duty", type=int)
    if case_id is not None:
        row = order_queries.case_facts(session, person, case_id)
        own = row["organ_id"] == person.organ_id
        words = f"{row['number']} {row['title']}" if own else row["number"]
        title = f"{words}超期未办结" if own else f"办件 {row['number']}超期"
        found |= {"case": case_id, "words": ("办件", words)}
        found["filled"] = {"title": title[:200], "target": f"o{row['organ_id']}"}
    elif duty_id is not None:
        row = order_queries.duty_facts(session, person, duty_id)
        own = row["organ_id"] == person.organ_id
        words = f"《{row['title']}》" if own else f"公开任务（期限 {row['due_on']}）"
        found |= {"duty": duty_id, "words": ("公开任务", words)}
        found["filled"] = {"title": f"{words}逾期未公开"[:200], "target": f"o{row['organ_id']}"}
    return found


@bp.get("/orders/<int:order_id>", endpoint="order")
def order(order_id: int) -> ResponseReturnValue:
    """One order: what is demanded, what was said about it, and what this person may do now."""
    return _page(order_id)


def _page(order_id: int, failed: str = "", form: Any = None, problems: list[str] | None = None) -> str:
    person, session, people = me(), db.session(), directory()
    row = order_queries.order(session, person, order_id)
    acts = [
        {"key": key, "act": act, "form": _own(key, form if key == failed else act.form(formdata=None))}
        for key, act in ON_ORDER.items()
        if act.may(person, row) and act.when(row)
    ]
    case_url = None
    if row["case_id"]:
        try:
            cases.case(session, row["case_id"], person)
            case_url = url_for("cases.case", case_id=row["case_id"])
        except NotFound:
            case_url = None
    duty_url = None
    if row["duty_id"]:
        try:
            duties.duty(session, person, row["duty_id"])
            duty_url = url_for("obligations.show", duty_id=row["duty_id"])
        except NotFound:
            duty_url = None
    return render_template(
        "obligations/order.html",
        order=_shown(row, people),
        issuer=people.name_of(row["issued_by"]),
        acts=acts,
        said=_said(session, order_id),
        case_url=case_url,
        duty_url=duty_url,
        failed=failed,
        problems=problems or [],
        owes=owes(person, row),
        uploads=order_files.waiting(session, person, form.chosen) if failed == "report" else [],
        token=fresh_token,
    )


def _own(key: str, form: Any) -> Any:
    """The form with ids of its own: several of them ask for a `text` on one page, and a label names one field."""
    for field in form:
        field.id = f"{key}-{field.id}"
    return form


def _said(session: Session, order_id: int) -> list[dict[str, Any]]:
    """What was said about it, as entries of a timeline."""
    kinds = {"returned": "returned", "closed": "done", "void": "withdrawn", "refused": "returned"}
    found = []
    for act in orders.acts_of(session, order_id):
        moved = act["old_due"] and act["new_due"] and act["old_due"] != act["new_due"]
        note = f"期限 {act['old_due']} → {act['new_due']}" if moved else None
        found.append(
            {
                "act": ACTS[act["kind"]],
                "at": local_text(act["at"]),
                "who": act["name"],
                "post": act["capacity"],
                "text": act["text"],
                "kind": kinds.get(act["kind"], "done"),
                "note": note,
                "files": [
                    {"name": each["name"], "url": url_for("documents.download", attachment_id=each["id"])}
                    for each in act["files"]
                ],
            }
        )
    return found


@bp.post("/orders/<int:order_id>/<any(report,ask,decide,close,back,void):act>")
def order_act(order_id: int, act: str) -> ResponseReturnValue:
    """One of the acts on an order; a refusal keeps all that was typed."""
    order_queries.order(db.session(), me(), order_id)  # NotFound before anything is said
    chosen = ON_ORDER[act]
    form = chosen.form()
    refused = order_files.take_up(form) if act == "report" else []
    if not form.validate() or refused:
        return _page(order_id, act, form, refused), 422
    try:
        done = chosen.perform(me(), order_id, form, token_of(request.form))
    except Sayable as error:
        form.blame(error)
        return _page(order_id, act, form, [] if error.fields else [error.message]), error.status
    flash(done["said"], "success")
    return redirect(url_for("obligations.order", order_id=order_id), 303)


@bp.get("/orders/<int:order_id>/print")
def order_print(order_id: int) -> ResponseReturnValue:
    """督办单 on A4."""
    session, people = db.session(), directory()
    row = order_queries.order(session, me(), order_id)
    return render_template(
        "obligations/print/order.html",
        order=_shown(row, people),
        organ=people.organ(row["organ_id"]).name,
        issuer=people.name_of(row["issued_by"]),
        said=_said(session, order_id),
        back_url=url_for("obligations.order", order_id=order_id),
        printed_at=local_text(now()),
        printed_by=me().name,
    )


def owed(session: Session, person: Actor) -> Sequence[Any]:
    """Orders this person has to report on; asked once per page, for the menu and the panel."""
    if not has_request_context():
        return order_queries.waiting(session, person)
    if "owed_orders" not in g:
        g.owed_orders = order_queries.waiting(session, person)
    found: Sequence[Any] = g.owed_orders
    return found


def beside_inbox(session: Session, person: Actor) -> Markup | None:
    """What this person has to report on, above his 待办."""
    rows, people = owed(session, person), directory()
    if not rows:
        return None
    return Markup(render_template("obligations/_owed.html", rows=[_shown(row, people) for row in rows]))
