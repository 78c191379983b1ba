"""The empty office that every test copies, made by the real migrations."""

from __future__ import annotations

import logging
from pathlib import Path

import flask_migrate

from app import create_app
from app.core.db import db
from app.core.settings import Settings

ROOT = Path(__file__).parents[2]


def prepare_database(settings: Settings) -> None:
    """Migrate the empty database of `settings`; before the first migration is written, create the tables."""
    app = create_app(settings, TESTING=True)
    with app.app_context():
        if any((ROOT / "migrations" / "versions").glob("*.py")):
            _quietly_upgrade()
        else:
            db.create_all()
        db.session.remove()
        db.engine.dispose()


def _quietly_upgrade() -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    flask_migrate.upgrade()
