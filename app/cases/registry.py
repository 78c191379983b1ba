"""What rooms above hang on cases: pages of sub-items, facts and panels of the case's pages, letters of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.command import Tx

#: kind of a sub-item -> endpoint of its page, called with `item_id`
SUB_PAGES: dict[str, str] = {}
#: (session, case) -> facts for the head of the case's pages: [(label, value)]
HEAD_FACTS: list[Callable[[Session, Mapping[str, Any]], Sequence[tuple[str, Any]]]] = []
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
