"""The door and one's own account: sign in, sign out, password, profile."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import door, personnel, queries, sessions, signing
from app.accounts.directory import directory
from app.accounts.forms import ContactForm, PasswordForm, SignInForm
from app.accounts.models import Person
from app.core.db import db
from app.core.errors import Refused
from app.core.pages import actor, me

bp = Blueprint("accounts", __name__, template_folder="templates")


#: what the lists of this room may be narrowed by; nothing else of a query is carried to the next page
FILTERS = frozenset({"q", "organ", "state", "kind", "vacant"})


def agent() -> str:
    """The browser, as it names itself."""
    return request.user_agent.string[:200]


def page_number() -> int:
    """The page of a list asked for, from 1."""
    return max(1, request.args.get("page", 1, int))


def turn(page: queries.Page) -> dict[str, Any]:
    """What `ui.pager` needs: the same list with another page number."""
    kept: dict[str, Any] = {key: value for key, value in request.args.items() if key in FILTERS}
    kept |= request.view_args or {}
    address = request.endpoint or ""
    return {
        "number": page.number,
        "pages": page.pages,
        "total": page.total,
        "url": lambda n: url_for(address, **(kept | {"page": n})),
    }


# ------------------------------------------------------------------ the door


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """登录: whoever is in already goes home; a right password opens a fresh sign-in."""
    target = door.safe_next(request.values.get("next"))
    person = actor()
    if request.method == "GET":
        if person is not None:
            return redirect(target or door.home_of(person))
        return _sign_in_page(SignInForm(login=request.args.get("login", "")[:40]), target)
    form = SignInForm()
    former = person.sign_in if person else None
    try:
        key = signing.sign_in(
            form.login.data or "",
            form.password.data or "",
            address=request.remote_addr or "",
            agent=agent(),
            former=former,
        )
    except signing.Locked as error:
        return _sign_in_page(form, target, error.message, 429, retry=error.lock.seconds)
    except Refused as error:
        return _sign_in_page(form, target, error.message, 422)
    door.begin(key)
    return redirect(target or url_for("accounts.sign_in"), 303)


def _sign_in_page(
    form: SignInForm, target: str | None, message: str = "", status: int = 200, retry: int | None = None
) -> ResponseReturnValue:
    book = directory()
    demo = queries.demo_people() if book.kind == "demo" else []
    page = render_template(
        "accounts/sign_in.html", form=form, target=target, message=message, book=book, people=demo
    )
    response = make_response(page, status)
    if retry is not None:
        response.headers["Retry-After"] = str(retry)
    return response


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """退出."""
    signing.sign_out(me())
    door.finish()
    flash("已退出。", "success")
    return redirect(url_for("accounts.sign_in"), 303)


@bp.route("/me/password", methods=["GET", "POST"])
def change_password() -> ResponseReturnValue:
    """修改密码; forced at the first sign-in and after a reset."""
    form, forced = PasswordForm(), bool(g.get("must_change_password"))
    if request.method == "POST" and form.validate():
        try:
            key = signing.change_password(
                me(),
                current=form.password.data,
                new=form.password_new.data,
                again=form.password_again.data,
                agent=agent(),
            )
        except signing.Locked as error:
            return render_template(
                "accounts/password.html", form=form, forced=forced, locked=error.message
            ), 429
        except Refused as error:
            form.blame(error)
        else:
            door.begin(key)
            flash("密码已修改。您在其他电脑上的登录已经结束。", "success")
            return redirect(url_for("accounts.sign_in"), 303)
    status = 422 if form.errors else 200
    return render_template("accounts/password.html", form=form, forced=forced, locked=""), status


# ------------------------------------------------------------------ one's own account


@bp.route("/me", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    """本人信息, contact data, and where one is signed in."""
    person = db.session.get(Person, me().person_id)
    form = ContactForm(obj=person)
    if form.validate_on_submit():
        personnel.change_contact(me(), email=form.email.data or "", phone=form.phone.data or "")
        flash("联系方式已保存。", "success")
        return redirect(url_for("accounts.profile"), 303)
    page = render_template(
        "accounts/profile.html",
        form=form,
        person=person,
        who=me(),
        signed=queries.sign_ins(me().person_id or 0),
        reasons=sessions.END_REASONS,
        living=sessions.living,
    )
    return page, 422 if form.errors else 200


@bp.post("/me/sign-ins/<int:sign_in_id>/end")
def end_sign_in(sign_in_id: int) -> ResponseReturnValue:
    """End another of one's own sign-ins."""
    signing.end_sign_in(me(), sign_in_id)
    if sign_in_id == me().sign_in:
        door.finish()
        return redirect(url_for("accounts.sign_in"), 303)
    flash("那一处登录已结束。", "success")
    return redirect(url_for("accounts.profile"), 303)
