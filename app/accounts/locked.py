"""The rows a command of this room works on.

Locked, fresh, and NotFound when the actor does not administer them.
"""

from __future__ import annotations

from app.accounts import rights
from app.accounts.directory import changed
from app.accounts.models import Organ, Person, Post, Unit
from app.core.command import Tx
from app.core.errors import NotFound, Refused


def begin(tx: Tx) -> None:
    """One change of the directory at a time; every cache refreshes."""
    changed(tx)


def organ(tx: Tx, organ_id: int) -> Organ:
    """An organ the actor may see."""
    organ = tx.session.get(Organ, organ_id, with_for_update=True, populate_existing=True)
    if organ is None or not rights.sees_organ(tx.actor, organ.id):
        raise NotFound()
    return organ


def person(tx: Tx, person_id: int) -> Person:
    """A person of an organ the actor may see; the 三员 only for the 三员."""
    person = own_person(tx, person_id)
    if not rights.sees_organ(tx.actor, person.organ_id):
        raise NotFound()
    if person.nature == "officer" and not tx.actor.officer:
        raise NotFound()
    return person


def post(tx: Tx, post_id: int) -> Post:
    """A post of an organ the actor may see."""
    post = tx.session.get(Post, post_id, with_for_update=True, populate_existing=True)
    if post is None or not rights.sees_organ(tx.actor, post.organ_id):
        raise NotFound()
    return post


def unit(tx: Tx, unit_id: int | None, organ_id: int) -> Unit | None:
    """An active unit of that organ; Refused when it is not."""
    if unit_id is None:
        return None
    unit = tx.session.get(Unit, unit_id, with_for_update=True, populate_existing=True)
    if unit is None or unit.organ_id != organ_id or not unit.active:
        raise Refused(
            "这个科室不在所选机关里，或已撤销，请重新选择。", fields={"unit_id": "请重新选择科室。"}
        )
    return unit


def own_person(tx: Tx, person_id: int) -> Person:
    """A person's row without regard to organs: for what people do with their own account."""
    row = tx.session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound()
    return row
