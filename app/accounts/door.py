"""Flask-Login and the rate limit: from a cookie to the acting person with one SQL statement."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, g, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, login_user, logout_user

from app.accounts import sessions, signing
from app.accounts.directory import directory
from app.core import versions
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import GongkaiError
from app.core.now import wall
from app.core.pages import is_unattended
from app.core.settings import Settings

log = logging.getLogger("gongkai.accounts")

#: attempts to sign in per address, wrong or right
SIGN_IN_RATE = "60 per minute"


@dataclass(frozen=True)
class SignedIn:
    """What Flask-Login holds: the acting person and the key of the sign-in row."""

    actor: Actor | None
    key: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """The random key that the cookie carries."""
        return self.key


def mount(app: Flask) -> None:
    """Give the application its door."""
    manager = LoginManager()
    manager.session_protection = None  # the sign-in row is the protection; addresses change behind proxies
    manager.user_loader(load)
    manager.init_app(app)
    settings: Settings = app.extensions["gongkai_settings"]
    app.config.setdefault("RATELIMIT_ENABLED", not app.testing)
    limiter = Limiter(
        get_remote_address,
        storage_uri=settings.broker if settings.broker.startswith("redis") else "memory://",
        in_memory_fallback_enabled=settings.broker.startswith("redis"),
        in_memory_fallback=[SIGN_IN_RATE],
    )
    limiter.init_app(app)
    app.extensions["gongkai_limiter"] = limiter
    limit_view(app, "accounts.sign_in", SIGN_IN_RATE)


def limit_view(app: Flask, endpoint: str, rate: str) -> None:
    """Limit the POSTs of a view per address ("60 per minute"); beyond it the page of status 429 answers."""
    limiter: Limiter = app.extensions["gongkai_limiter"]
    view: Callable[..., Any] = app.view_functions[endpoint]
    app.view_functions[endpoint] = limiter.limit(rate, methods=["POST"])(view)


def load(key: str) -> SignedIn | None:
    """The person of a cookie's key, or None when the sign-in has ended."""
    found = sessions.find(db.session(), key)
    if found is None:
        return None
    g.gongkai_org_version = found.org_version
    versions.arrived(found.riders)
    g.must_change_password = found.must_change
    person = directory().actor(found.person_id)
    if person is None:
        return None
    person = replace(person, origin=request.remote_addr or "", sign_in=found.sign_in)
    _see(person, found)
    return SignedIn(person, key)


def _see(person: Actor, found: sessions.Found) -> None:
    """Write `last_seen` now and then, before the request does anything; that it fails costs nothing."""
    rhythm = sessions.SEEN_EVERY["POST" if request.method == "POST" else "GET"]
    if is_unattended() or wall() - found.last_seen < rhythm:
        return
    try:
        signing.touch(person, found.sign_in)
    except GongkaiError:
        log.warning("last_seen of sign-in %s was not written", found.sign_in)


def begin(key: str) -> None:
    """Put a fresh key into a fresh cookie: nothing of the former session survives."""
    session.clear()
    login_user(SignedIn(None, key))
    g.pop("_login_user", None)  # who it is, the next request will tell


def finish() -> None:
    """Take the key out of the cookie."""
    logout_user()
    session.clear()
    g.pop("_login_user", None)


def safe_next(target: str | None) -> str | None:
    """A same-site path to go to after signing in.

    Exactly one slash first, no backslash, nothing unprintable.
    """
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or not target.isprintable():
        return None
    return target


def home_of(person: Actor) -> str:
    """Where this person's work waits."""
    from flask import current_app

    wanted = "cases.inbox" if not person.officer else "accounts.people"
    if person.officer == "auditor":
        wanted = "audit.records"
    return url_for(wanted if wanted in current_app.view_functions else "accounts.profile")
