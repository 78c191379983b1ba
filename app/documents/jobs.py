"""Jobs of this room: sweep files that no row names."""

from __future__ import annotations

import logging

from app.core.db import db
from app.core.jobs import job
from app.documents import queries

log = logging.getLogger("gongkai.documents")


@job("documents.sweep", every=3600)
def sweep() -> None:
    """Remove orphans older than a day: uploads whose command never committed."""
    removed = queries.sweep(db.session())
    if removed:
        log.info("swept %d orphaned files", removed)
