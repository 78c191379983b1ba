"""Runs of 迁移 belong to an organ; drafts and versions to the installation."""

from __future__ import annotations

import sqlalchemy as sa

from app.cases.migration_models import MigrationRun
from app.core.db import db
from app.core.now import now
from app.processes.models import Process
from app.studio.replay_models import ReplayRun
from app.studio.service import drafts
from tests.access.samples import Sample
from tests.support.organs import City


def samples(city: City) -> dict[str, Sample]:
    """A rehearsal of 市府办, opened by its 流程管理员 and not by that of another organ."""
    session = db.session()
    version = session.scalar(sa.select(Process.active_id).where(Process.active_id.is_not(None)).limit(1))
    actor = city.actor("qiao")
    run = MigrationRun(
        process_key="line", from_id=version or 0, to_id=version or 0, organ_id=actor.organ_id or 0, rehearsal=True,
        back=False, source_id=None, renames=[], answers=[], state="done", total=0, by=actor.name,
        person_id=actor.person_id or 0, began_at=now(), ended_at=None,
    )  # fmt: skip
    session.add(run)
    draft = drafts.begin(actor, version_id=version)["draft"]
    replay = ReplayRun(
        draft_id=draft, version_id=version or 0, organ_id=actor.organ_id or 0, digest="", state="done", total=0,
        by=actor.name, began_at=now(), ended_at=None,
    )  # fmt: skip
    session.add(replay)
    session.commit()
    sample = Sample({"run_id": run.id}, insider="qiao", outsider="li")
    names = ("migration", "carry_out", "stop_migration", "resume_migration", "migrate_back")
    other = Sample({"run_id": replay.id}, insider="qiao", outsider="li")
    replays = {f"studio.{name}": other for name in ("stop_replay", "resume_replay")}
    return {f"studio.{name}": sample for name in names} | replays
