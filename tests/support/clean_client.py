"""A test client whose requests see nothing of the test's own application context."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from flask import current_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.db import db


class CleanClient(FlaskClient):
    """Every request runs in an empty context, as in a server: no shared `g`, no shared session.

    What the test's session holds is committed before a request and read again after it.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make the request."""
        if current_app:
            db.session().commit()
        try:
            return Context().run(super().open, *args, **kwargs)
        finally:
            if current_app:
                db.session().expire_all()
