"""The case's own stream of the record: its head lies on the locked case row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.command import Tx
from app.core.record import ZERO, Entry, Head


def head_of(case: Mapping[str, Any]) -> Head:
    """The head kept on a locked case row."""
    return Head("case", case["id"], case["record_seq"], case["record_mac"])


def fresh(case_id: int) -> Head:
    """Head of a stream that has no rows yet."""
    return Head("case", case_id, 0, ZERO)


def write(tx: Tx, case: Mapping[str, Any], action: str, summary: str, **body: Any) -> dict[str, Any]:
    """Append one entry; returns the columns of the case that now change."""
    head = tx.append(head_of(case), Entry(action, summary, body))
    return {"record_seq": head.seq, "record_mac": head.mac}
