"""Filling in a step's form as somebody might: any answers that the form accepts.

    filled = guess(session, runtime, item, case, actor, random)     -> Filled, or None when none was found

Guesses are repeated for the fields that are complained of, so that no test needs to know what a form asks.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.cases import asking
from app.cases.submitted import Filled
from app.core.actor import Actor
from app.core.now import today
from app.documents import uploads
from app.processes import Runtime

ROUNDS = 14


def guess(
    session: Session,
    runtime: Runtime,
    item: Mapping[str, Any],
    case: Mapping[str, Any],
    actor: Actor,
    random: Random,
) -> Filled | None:
    """Answers that the step's form accepts, found by trying."""
    asked = asking.ask(session, runtime, item, case, actor)
    saved = asking.returned_answers(asked, case)
    first = asking.form_of(asked, saved=saved)
    sent = MultiDict(
        [(key, each) for key, value in saved.items() for each in _sent(value)]
        + [
            (f.name, str(f.data))
            for f in first
            if isinstance(f.data, str | int) and not isinstance(f.data, bool)
        ]
    )
    for _ in range(ROUNDS):
        form = asking.form_of(asked, formdata=sent)
        if form.validate():
            return asking.said_of(asked, form)
        for field in form:
            if field.errors:
                sent.setlist(field.name, _guess(field, random, item, case, actor))
        if any(field.spec.type == "files" and field.errors for field in form):
            asked = asking.ask(session, runtime, item, case, actor)
    return None


def _sent(value: Any) -> list[str]:
    if value in (None, False):
        return []
    values = value if isinstance(value, list) else [value]
    return ["y" if each is True else str(each["id"] if isinstance(each, dict) else each) for each in values]


def _guess(
    field: Any, random: Random, item: Mapping[str, Any], case: Mapping[str, Any], actor: Actor
) -> list[str]:
    """One value for a field."""
    spec, options = field.spec, [option.value for option in getattr(field, "options", ())]
    if spec.type == "files":
        return [_upload(field.name, item, case, actor, random)]
    if spec.type == "checks" and options:
        return random.sample(options, random.randint(1, min(2, len(options))))
    if options:
        return [random.choice(options)]
    if spec.type == "boolean":
        return ["y"]
    if spec.type == "date":
        return [(today() - timedelta(days=random.randint(0, 40))).isoformat()]
    if spec.type == "integer":
        low = int(spec.min or 0)
        return [str(random.randint(low, int(spec.max or low + 30)))]
    if spec.type == "phone":
        return ["0990-1990001"]
    return [random.choice(["情况属实。", "已核对。", "按规定办理，附有关材料。"]) * 3]


def _upload(name: str, item: Mapping[str, Any], case: Mapping[str, Any], actor: Actor, random: Random) -> str:
    words = f"第{random.randint(1, 9)}稿正文".encode()
    made = uploads.add_to_case(
        actor, stream=io.BytesIO(words), name="正文.txt", case_id=case["id"], item_id=item["id"], field=name,
        document_id=case["document_id"],
    )  # fmt: skip
    return str(made["id"])
