"""Rows of the inbox as a page shows them: with what the law's clock says, who sent them, and what can be done at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.cases import inbox, plain, statutory
from app.cases.plain import Plain
from app.cases.queries import COUNT_CAP
from app.cases.registry import STRIP, TOLD, Told
from app.cases.routing import JUDGING
from app.cases.showing import due_words
from app.core.actor import Actor
from app.core.db import dumps
from app.core.now import today
from app.core.tokens import fresh_token

#: cells that say nothing
NOTHING = Told()


def lines(session: Session, actor: Actor, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows of a page. One statement for each room that knows more of their cases."""
    told: dict[int, Told] = {}
    for say in TOLD if rows else ():
        told |= say(session, [row["case_id"] for row in rows])
    return [_line(row, actor, told.get(row["case_id"], NOTHING)) for row in rows]


def _line(row: Mapping[Any, Any], actor: Actor, told: Told) -> dict[str, Any]:
    people, asks = directory(), plain.of_item(row, row["version_id"])
    holders = people.holders(row["post_id"]) if row["post_id"] else ()
    unclaimed = row["holder_id"] is None and len(holders) > 1
    may = actor.person_id not in row["authors"] or row["role"] not in JUDGING
    own = statutory.own_day(row)
    simple = isinstance(asks, Plain) and may and row["suspended_at"] is None
    return dict(row) | {
        "told": told,
        "doc_no": told.number or row["doc_no"] or "",
        "own": due_words(own, today()),
        "unclaimed": unclaimed,
        "choose": f"{row['process_key']}/{row['step']}" if simple else "",
        "why_not": "" if simple else (asks if isinstance(asks, str) else "这件现在不能批量办理。"),
        "quick": asks.quick if simple and isinstance(asks, Plain) and not row["waits_for"] else None,
        "token": fresh_token() if simple else "",
    }


def strip(
    session: Session, actor: Actor, asked: inbox.Asked, found: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The counts above the list, each a link that filters by it; pressed again it lets go.

    They are of the soonest thousand: where there is more, what a desk has is at least its count, and shown so (12+).
    """
    kinds = {"today": "late", "soon": "soon", "late": "late"}
    items = [
        _count(label, found[key], asked.due == key, {} if asked.due == key else {"due": key}, kinds[key])
        for key, label in inbox.DUES.items()
    ]
    desks = [
        _count(label, found[key], asked.desk == key, {} if asked.desk == key else {"desk": key}, "plain")
        | {"least": found["all"] >= COUNT_CAP}
        for key, label in inbox.DESKS.items()
    ]
    elsewhere = {each["label"]: each for say in STRIP if (each := say(session, actor)) is not None}
    return items + [dict(elsewhere.get(each["label"], each)) for each in desks]


def _count(label: str, count: int, current: bool, args: Mapping[str, Any], kind: str) -> dict[str, Any]:
    url = url_for("cases.inbox", **args)
    return {
        "label": label,
        "count": count,
        "url": url,
        "current": current,
        "kind": kind if count else "plain",
    }


def stamp(rows: Sequence[Any], found: Mapping[str, int]) -> str:
    """What tells an open page that its list is no longer the newest: equal lists have equal stamps."""
    seen = [[row["id"], str(row["due_on"]), row["holder_id"], row["waits_for"], row["label"]] for row in rows]
    return hashlib.sha256(dumps([seen, dict(found), str(today())]).encode()).hexdigest()[:24]


def tabs(current: str, count: int | None) -> list[dict[str, Any]]:
    """待办, 待阅 (where there is one), 已办, 办结, 我拟的."""
    words = {"inbox": "待办", "copies": "待阅", "done": "已办", "closed": "办结", "mine": "我拟的"}
    found = []
    for key, label in words.items():
        endpoint = {"inbox": "cases.inbox", "copies": "cases.copies"}.get(key, "cases.listed")
        if endpoint not in current_app.view_functions:
            continue
        url = url_for(endpoint, which=key) if endpoint == "cases.listed" else url_for(endpoint)
        number = count if key == "inbox" else None
        found.append({"label": label, "url": url, "count": number, "current": key == current})
    return found
