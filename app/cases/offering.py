"""What may be done with a step or a case beside completing it, for whom, and why not: decided in one place.

Pages and commands ask the same questions of the same `Standing`: the page shows the button, disabled with the reason
when it is not possible; the command asks again on the locked rows. Each operation has a file of its own in
`app/cases/operations`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from app import processes
from app.accounts.directory import Directory, directory
from app.accounts.forms import Form
from app.cases import queries
from app.cases.reaching import SUSPENDED, locked_item, receives
from app.cases.road import lock_case
from app.core.actor import Actor
from app.core.command import Tx
from app.core.errors import NotFound, Refused
from app.processes.operations import OPERATIONS, offered

#: what the person who wants it reads when somebody else holds the step
NOT_YOURS = "这个环节不由您办理。"


@dataclass(frozen=True)
class Standing:
    """What an operation is decided on: who asks, the case, the step (None: the case as a whole) and all its items.

    `offers` are the operations the step's definition offers; of a case, those any of its open steps offers.
    """

    actor: Actor
    case: Mapping[str, Any]
    item: Mapping[str, Any] | None
    items: Sequence[Mapping[str, Any]]
    offers: frozenset[str]
    people: Directory
    now: datetime

    @property
    def step(self) -> Mapping[str, Any]:
        """The item; for operations about one."""
        assert self.item is not None
        return self.item

    @property
    def open_items(self) -> list[Mapping[str, Any]]:
        """Items of the case that wait for somebody."""
        return [item for item in self.items if item["status"] == "open"]

    @property
    def subs(self) -> list[Mapping[str, Any]]:
        """Open or queued sub-items of the step."""
        waiting = ("open", "queued")
        return [i for i in self.items if i["parent_id"] == self.step["id"] and i["status"] in waiting]

    @property
    def mine(self) -> bool:
        """Whether the step waits for this person."""
        return (
            self.item is not None
            and self.item["status"] == "open"
            and receives(self.item, self.actor, self.case)
        )


@dataclass(frozen=True)
class Preview:
    """What an operation would do, as lists under headings; `seal` comes back with the confirmation.

    The command compares the seal with what it would do then: a person confirms what he has read, or nothing.
    """

    parts: Sequence[tuple[str, Sequence[str]]]
    seal: str


@dataclass(frozen=True)
class Operation:
    """One operation.

    about: the step it is pressed on, or the case, or both (pressed on either page). lead: one sentence that says what happens. concerns: whether the
    button is this person's at all. why_not: the sentence of the disabled button, None when it can be done. form: its
    fields. perform: its command, called as (actor, standing, form, seal, token) -> {"said": …}. preview: what a person
    confirms before, where the consequences are not plain.
    """

    key: str
    about: Literal["item", "case", "both"]
    icon: str
    lead: str
    concerns: Callable[[Standing], bool]
    why_not: Callable[[Standing], str | None]
    form: Callable[[Standing], Form]
    perform: Callable[[Actor, Standing, Any, str, str | None], dict[str, Any]]
    preview: Callable[[Session, Standing, Any], Preview] | None = None
    danger: bool = False

    @property
    def label(self) -> str:
        """What its button says."""
        return OPERATIONS[self.key]


#: what may be done with a case that rests (挂起)
RESTING = ("resume", "terminate")

#: every operation by key; filled by `app.cases.operations`
BY_KEY: dict[str, Operation] = {}


def declare(operation: Operation) -> Operation:
    """Put an operation on the list."""
    BY_KEY[operation.key] = operation
    return operation


def standing(
    actor: Actor,
    case: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    moment: datetime,
    item: Mapping[str, Any] | None = None,
) -> Standing:
    """How things stand, from rows that were read or locked."""
    steps = [item] if item is not None else [each for each in items if each["status"] == "open"]
    offers = frozenset(key for each in steps for key in _offers(case, each))
    return Standing(actor, case, item, items, offers, directory(), moment)


#: what may be done with a sub-item of `sub_items`, beside answering it
OF_SUB_ITEMS = ("transfer", "urge")


def _offers(case: Mapping[str, Any], item: Mapping[str, Any]) -> tuple[str, ...]:
    if item["round_id"] is not None:
        return OF_SUB_ITEMS
    info = processes.runtime(case["version_id"]).spec.steps.get((item["process_key"], item["step"]))
    return offered(info.settings) if info is not None else ()


def locked(tx: Tx, key: str, *, item_id: int | None = None, case_id: int | None = None) -> Standing:
    """The standing on locked rows, once it is sure that the operation may be done; NotFound, or Refused with the reason.

    `case` and `item` are dicts the command may change and save.
    """
    item: dict[str, Any] | None = None
    if item_id is not None:
        item, case = locked_item(tx, item_id)
    else:
        found = lock_case(tx, case_id or 0)
        if found is None:
            raise NotFound()
        case = found
    now_here = standing(tx.actor, case, queries.history(tx.session, case["id"]), tx.now, item)
    operation = BY_KEY[key]
    if not visible(operation, now_here):
        raise NotFound()
    if (why := obstacle(operation, now_here)) is not None:
        raise Refused(why)
    return now_here


def visible(operation: Operation, here: Standing) -> bool:
    """Whether the button stands on this person's page."""
    return operation.key in here.offers and operation.concerns(here)


def obstacle(operation: Operation, here: Standing) -> str | None:
    """Why it cannot be done now; None when it can."""
    if here.case["status"] != "open":
        return (
            "本件已经办结，不能再改动。"
            if here.case["status"] == "done"
            else "本件已经终止办理，不能再改动。"
        )
    if here.case["suspended_at"] is not None and operation.key not in RESTING:
        return SUSPENDED
    return operation.why_not(here)


@dataclass(frozen=True)
class Button:
    """An operation on a page: disabled when `why_not` says something."""

    key: str
    label: str
    icon: str
    about: str
    ref: int
    lead: str
    danger: bool
    why_not: str | None = field(default=None)


def buttons(here: Standing) -> list[Button]:
    """What stands on a page for this person, in the order of the list."""
    about = "item" if here.item is not None else "case"
    found = []
    for key in OPERATIONS:
        operation = BY_KEY.get(key)
        if operation is None or operation.about not in (about, "both") or not visible(operation, here):
            continue
        ref = here.step["id"] if here.item is not None else here.case["id"]
        found.append(
            Button(
                key, operation.label, operation.icon, about, ref, operation.lead, operation.danger,
                obstacle(operation, here),
            )
        )  # fmt: skip
    return found
