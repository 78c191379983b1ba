"""Pages of the room: the public site, tracking, and the office's side of both."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, abort, g, request
from flask.sansio.blueprints import BlueprintSetupState

from app.core.db import db
from app.portal import tracking
from app.portal.forms import MOST_TOTAL
from app.portal.offering import installed, offers

bp = Blueprint("portal", __name__, template_folder="../templates")

#: everything under it is the public site
PUBLIC = "/public"


def _gate() -> None:
    """While the public site is off, nothing under its path exists, whatever the method; forms there are bounded early."""
    if request.path == PUBLIC or request.path.startswith(f"{PUBLIC}/"):
        if not installed():
            abort(404)
        tracking.bring_versions(db.session())
        if not offers():
            abort(404)
        g.gongkai_public = True
        request.max_content_length = MOST_TOTAL + 4 * 1024 * 1024


@bp.record_once
def _first(state: BlueprintSetupState) -> None:
    """The gate stands before everything that could answer differently, the CSRF check included."""
    cast(Flask, state.app).before_request_funcs.setdefault(None, []).insert(0, _gate)


from app.portal.views import exchange, office, public, track  # noqa: E402, F401 - fill the blueprint
