"""Home, health and help."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.core import assets, menu
from app.core.db import db
from app.core.pages import actor, me, unattended
from app.core.rooms import NavItem, Room
from app.core.settings import VERSION
from app.notices import unread
from app.office.cli import COMMANDS
from app.office.permissions import ROUTES

bp = Blueprint("office", __name__, template_folder="templates")

HELP = Path(__file__).with_name("help.toml")


@bp.get("/")
def home() -> ResponseReturnValue:
    """To the page where this person's work waits."""
    person = actor()
    if person is None:
        return redirect(url_for("accounts.sign_in"))
    if person.officer == "auditor":
        return redirect(url_for("audit.records"))
    return redirect(url_for("accounts.people" if person.officer else "cases.inbox"))


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 when the database answers; for monitors and `make run`."""
    db.session.execute(sa.text("SELECT 1"))
    return {"ok": True, "version": VERSION}


@bp.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Browsers ask for it whatever the page says."""
    return redirect(assets.asset("favicon.svg"), 301)


@functools.cache
def help_texts() -> dict[str, Any]:
    """Help by post kind: `help.toml`."""
    return tomllib.loads(HELP.read_text(encoding="utf-8"))


@bp.get("/help")
def help_page() -> ResponseReturnValue:
    """本岗位怎么办: what the posts this person holds do here, then the rules for everybody."""
    person, texts = me(), help_texts()
    keys = [person.officer] if person.officer else [post.kind for post in person.posts]
    mine = [texts["post"][key] for key in dict.fromkeys(keys) if key in texts["post"]]
    return render_template("office/help.html", mine=mine, common=texts["common"], words=texts["words"])


@bp.get("/counts")
@unattended
def counts() -> ResponseReturnValue:
    """What an open page asks every minute: {bell, nav: {endpoint: n}}."""
    return {"bell": unread(me()), "nav": menu.counts(me())}


room = Room(
    "office",
    bp,
    ROUTES,
    nav=(NavItem("帮助", "本岗位怎么办", "office.help_page", "help", order=990),),
    cli=COMMANDS,
)
