"""What rooms above hang on cases: pages of sub-items, facts and panels of the case's pages, letters of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.command import Tx
from workflows.engine import ReturnPlan

#: kind of a sub-item -> endpoint of its page, called with `item_id`
SUB_PAGES: dict[str, str] = {}


@dataclass(frozen=True)
class About:
    """What a room says on the pages of its cases: in the head, as the result of a closed case, in panels.

    `instead`: its facts stand in the place of 拟稿 and 公开属性, which say nothing about such a case.
    """

    facts: Sequence[tuple[str, Any]] = ()
    instead: bool = False
    outcome: Sequence[tuple[str, Any]] = ()
    panels: Sequence[tuple[str, Markup]] = ()


#: (session, actor, case, open item or None) -> what the room whose case it is says; None for cases of others
ABOUT: list[Callable[[Session, Actor, Mapping[str, Any], Mapping[str, Any] | None], About | None]] = []
#: (session, actor, case, open item or None) -> rendered panels for the case page or the step's page: (before | after the
#: form, panel)
PANELS: list[
    Callable[[Session, Actor, Mapping[str, Any], Mapping[str, Any] | None], Sequence[tuple[str, Markup]]]
] = []
#: (session, case) -> acts beside the flow for 流转记录, each {at: moment, act, who, text, kind} as `showing.trail` has them
TRAIL: list[Callable[[Session, Mapping[str, Any]], Sequence[dict[str, Any]]]] = []
#: (tx, case, step, letter kind, answers): a step whose setting `letter` names one was completed
WRITTEN: list[Callable[[Tx, Mapping[str, Any], str, str, Mapping[str, Any]], None]] = []
#: (tx, case, letter kind): a step whose setting `signs` names one was completed with 同意
SIGNED: list[Callable[[Tx, Mapping[str, Any], str], None]] = []
#: (tx, case) -> the day the law sets for the case as this command has it: the case's `due_on` where nothing is known
STATUTORY: list[Callable[[Tx, Mapping[str, Any]], date | None]] = []
#: (session, operation, case, plan of a return or None) -> why a higher room does not let it be done, as a sentence
OBJECTIONS: list[Callable[[Session, str, Mapping[str, Any], ReturnPlan | None], str | None]] = []
#: (tx, case, plan): a return was carried out; a higher room lets its own rows follow
UNDONE: list[Callable[[Tx, Mapping[str, Any], ReturnPlan], None]] = []
#: (tx, case): a case was ended without a result (终止办理); a higher room lets its own rows follow
ENDED: list[Callable[[Tx, Mapping[str, Any]], None]] = []
#: (session, case) -> digest of what a higher room keeps of the content under approval (letters): 直达 compares it
CONTENT: list[Callable[[Session, Mapping[str, Any]], str]] = []


@dataclass(frozen=True)
class Told:
    """What the inbox says of a case beside its own columns: `due` as for `ui.due`, with `words` instead of a day.

    `due["why"]` is the page that says how the day is counted.
    """

    applicant: str = ""
    number: str = ""
    due: Mapping[str, Any] | None = None


#: (session, ids of the cases of a page) -> what a room knows of them, in one statement where it can
TOLD: list[Callable[[Session, Sequence[int]], Mapping[int, Told]]] = []
#: (organ, text, pattern of LIKE) -> SELECT of the ids of that organ's cases
SEARCHES: list[Callable[[int, str, str], sa.Select[Any]]] = []
#: actor -> work of another room that begins on a page of its own, shown with what can be begun: {name, text, url, button}
BEGINNINGS: list[Callable[[Actor], Mapping[str, str] | None]] = []
#: (session, actor) -> a count above the inbox that is not of work items: {label, count, url}
STRIP: list[Callable[[Session, Actor], Mapping[str, Any] | None]] = []
#: (session, actor) -> a panel above 待办: what waits for this person that is no work item, or None
BESIDE_INBOX: list[Callable[[Session, Actor], Markup | None]] = []
