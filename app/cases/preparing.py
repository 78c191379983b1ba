"""A step whose holder has asked others is not completed before they have answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.accounts.directory import directory
from app.cases import queries, sub_items
from app.cases.submitted import Filled
from app.core.command import Tx
from app.core.errors import Refused


def hold(tx: Tx, item: Mapping[str, Any], case: Mapping[str, Any], filled: Filled) -> None:
    """Refused with the names of those who have still to answer."""
    rows = queries.history(tx.session, case["id"])
    left = sub_items.waiting(row for row in rows if row["parent_id"] == item["id"])
    raise Refused(sentence(left))


def sentence(left: list[Mapping[str, Any]]) -> str:
    """Why the step cannot be completed yet."""
    people = directory()
    who = "、".join(f"{people.name_of(row['holder_id'])}（{sub_items.KINDS[row['kind']]}）" for row in left)
    return f"还要等 {who}答复，答复以前不能送出。也可以先收回征求、减签或结束会签。您填写的内容仍在本页。"
