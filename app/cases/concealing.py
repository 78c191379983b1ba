"""字段权限: what a person does not see of a case while a step that hides it waits for him (features.md H25).

A step's form names the answers of other forms that it hides (`hidden`). Until he has done the step, they are on no page
of the case for him: not on the step's page, not on the case page, not on the printed sheet. What he answered himself he
knows anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app import processes
from app.cases import queries
from app.cases.reaching import receives
from app.core.actor import Actor


def hidden_from(
    session: Session,
    case: Mapping[str, Any],
    actor: Actor,
    items: Sequence[Mapping[str, Any]] | None = None,
) -> frozenset[str]:
    """Keys of the answers this person does not see now; `items` are the case's, when they are read already."""
    runtime = processes.runtime(case["version_id"])
    if not any(form.hidden for package in runtime.packages.values() for form in package.forms.values()):
        return frozenset()
    hidden: set[str] = set()
    own: set[str] = set()
    rows = {each["id"]: each for each in (queries.history(session, case["id"]) if items is None else items)}
    for item in rows.values():
        step = rows.get(item["parent_id"], item)  # who is asked beside a step sees what the step shows
        if (step["process_key"], step["step"]) not in runtime.spec.steps:
            continue
        form = runtime.form(step["process_key"], step["step"])
        if item["status"] == "open" and receives(item, actor, case):
            hidden |= set(form.hidden)
        elif item["done_by"] == actor.person_id and item["parent_id"] is None:
            own |= set(form.by_key)
    if case["started_by"] == actor.person_id and runtime.startable:
        own |= set(runtime.form(runtime.key, "start").by_key)
    return frozenset(hidden - own)


def without(case: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """The case as such a person may see it."""
    return {**case, "data": {key: value for key, value in case["data"].items() if key not in hidden}}
