"""What a process asks of the office when a case begins, and what the office answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.accounts.directory import OrganInfo
from app.core.actor import Actor
from app.processes.packages import Package


def wanted(packages: Iterable[Package]) -> dict[str, str]:
    """Facts these packages ask for, with the source of each (`item_words.FACT_SOURCES`)."""
    found: dict[str, str] = {}
    for package in packages:
        found |= package.meta.facts
    return found


def of_office(actor: Actor, organ: OrganInfo) -> dict[str, Any]:
    """Source -> what it is for this person and organ. Those of a `request.` source come from the room of requests."""
    return {
        "initiator.is_unit_head": any(
            post.kind == "unit_head" and post.unit_id == actor.unit_id for post in actor.posts
        ),
        "initiator.organ": organ.code,
        "organ.code": organ.code,
        "organ.kind": organ.kind,
        "organ.secrecy_levels": int(organ.settings.get("secrecy_levels", 3)),
    }
