"""The office: `create_app` puts the rooms together."""

from __future__ import annotations

import logging
import os
import sys
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Flask, g, url_for
from flask_migrate import Migrate
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import assets, jobs, keys, menu, now, pages
from app.core.db import db, engine_options, tune
from app.core.rooms import NavItem, Room
from app.core.settings import VERSION, Settings, read_settings
from app.core.whole import whole

migrate = Migrate()
MIGRATIONS = str(Path(__file__).parents[1] / "migrations")


def rooms() -> list[Room]:
    """Every room of the house, lowest first."""
    from app import (
        accounts,
        audit,
        calendar,
        cases,
        documents,
        letters,
        notices,
        obligations,
        office,
        portal,
        processes,
        requests,
        studio,
    )

    modules = (
        *(accounts, audit, calendar, documents, notices, processes, letters),
        *(cases, studio, requests, obligations, portal, office),
    )
    return [module.room for module in modules]


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """The application of one installation. Raises in production when keys or SM3 are missing."""
    settings = settings or read_settings()
    logging.getLogger("gongkai").setLevel(logging.INFO)
    settings.data.mkdir(parents=True, exist_ok=True)
    now.pretend(None if settings.production else settings.now)
    ring = keys.load(settings.keys, create=not settings.production or _founding())
    app = Flask(__name__, static_folder="static")
    app.config.update(
        SECRET_KEY=ring.secret,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
        MAX_CONTENT_LENGTH=settings.max_request,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_NAME="__Host-gongkai" if settings.secure_cookies else "gongkai",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
    )
    app.config.update(config)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["gongkai_settings"] = settings
    app.extensions["gongkai_keys"] = ring
    db.init_app(app)
    with app.app_context():
        tune(db.engine)
    migrate.init_app(app, db, directory=MIGRATIONS, render_as_batch=settings.sqlite, compare_type=True)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    pages.install(app)
    house = rooms()
    _furnish(app, house)
    app.extensions["gongkai_celery"] = jobs.make_celery(app, settings)
    return app


def _founding() -> bool:
    """Whether this is `flask office init` or `flask restore`, which bring keys where there are none yet."""
    words = sys.argv[1:3] if os.environ.get("FLASK_RUN_FROM_CLI") else []
    return words == ["office", "init"] or words[:1] == ["restore"]


def _furnish(app: Flask, house: list[Room]) -> None:
    table: dict[str, Any] = {}
    nav: list[NavItem] = []
    for room in house:
        if room.blueprint is not None:
            app.register_blueprint(room.blueprint)
        table.update(room.access)
        nav.extend(room.nav)
        for command in room.cli:
            app.cli.add_command(command)
    app.extensions["gongkai_access"] = table
    app.extensions["gongkai_nav"] = sorted(nav, key=lambda item: item.order)
    app.jinja_env.globals.update(asset=assets.asset, app_version=VERSION)
    app.jinja_env.filters.update(local=now.local_text, whole=whole)
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    """What base.html needs on every page: who, menu, bell. A panel rendered by itself does not ask for the counts."""
    from app import notices, office, portal

    person = pages.actor()
    home = "portal.home" if g.get("gongkai_public") else "office.home"
    common = {"me": person, "demo": office.is_demo(), "home_url": url_for(home)}
    if person is None:
        return common | {"nav": [], "bell_count": 0, "public_url": portal.address()}
    return common | {
        "nav": LocalProxy(cache(partial(menu.menu, person))),
        "bell_count": LocalProxy(cache(partial(notices.unread, person))),
        "notices_url": url_for("notices.index"),
        "bell_feed_url": url_for("notices.feed"),
        "counts_url": url_for("office.counts"),
        "phrases_url": url_for("cases.phrase_list"),
        "phrases_own_url": url_for("cases.phrases"),
        "help_url": url_for("office.help_page"),
        "password_url": url_for("accounts.change_password"),
        "sign_out_url": url_for("accounts.sign_out"),
        "search_url": url_for("cases.search") if not person.officer else None,
    }
