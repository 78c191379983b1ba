"""Who may call which route: one declared table, enforced before every request, walked by a test.

Every endpoint has a cell per method. A cell names who may enter (`who`) and how the object must relate to the
person (`relation`), which the room's queries enforce with 404. A route without a cell answers 404 and fails the
tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.actor import Actor

#: not signed in
ANYONE = "anyone"
#: any signed-in person
SIGNED_IN = "signed_in"
#: any signed-in person who handles business (not one of the 三员)
BUSINESS = "business"

OFFICERS = frozenset({"system_admin", "security_admin", "auditor"})
RELATIONS = frozenset({"none", "own", "item", "case", "unit", "organ", "installation"})


@dataclass(frozen=True)
class Cell:
    """`who`: ANYONE, SIGNED_IN, BUSINESS, officer keys or post kinds; any one of them suffices.

    `relation`: what the object must be to the person: `none` (no object), `own` (his own), `item` (a work item
    that reaches him), `case` (a case he takes part in or may see), `unit`/`organ` (of his unit/organ),
    `installation` (all). `note` says why, for the printed table.
    `process` is the kind of process the page belongs to: whoever stands in for somebody (代理) enters his pages of it.
    """

    who: frozenset[str]
    relation: str = "none"
    note: str = ""
    process: str = ""


def cell(*who: str, relation: str = "none", note: str = "", process: str = "") -> Cell:
    """Shorthand for a cell."""
    if relation not in RELATIONS:
        raise ValueError(relation)
    return Cell(frozenset(who), relation, note, process)


#: endpoint -> method (GET, POST) -> cell
Table = Mapping[str, Mapping[str, Cell]]


def may_enter(entry: Cell, actor: Actor | None) -> bool:
    """Whether the person may enter the route at all; the object's relation is checked by the room."""
    if ANYONE in entry.who:
        return True
    if actor is None:
        return False
    if SIGNED_IN in entry.who:
        return True
    if actor.officer:
        return actor.officer in entry.who
    return BUSINESS in entry.who or bool(entry.who & actor.acting_kinds(entry.process))
