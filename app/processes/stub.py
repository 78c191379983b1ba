"""What stands in for the actions while a scenario is tried out: recorded calls, and the few results that move a flow.

Results come from the scenario (`[actions]`, `[[matters]]`); else they are worked out as the office would: a secrecy
review holds for the bytes it saw, the outcome of an application follows from its matters or from what the road
settled, and its row of the annual report from the law.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.processes.tracing import ACTION, Tracing
from workflows.law import replies
from workflows.law.refusals import LawRefusal

#: the law's word for a signer -> the post
SIGNERS = {"office_head": "disclosure_head", "deputy": "signer", "principal": "principal"}
MATTERS = {"outcome", "grounds", "secrecy", "legal", "signer", "evaluate"}


class Stumble(Exception):
    """The rehearsal did not go as the scenario says; `sentences` tell where and why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("；".join(sentences))
        self.sentences = sentences


@dataclass
class Stub:
    """Stands in for the actions of one run; `data` are the answers so far, as the office keeps them."""

    tracing: Tracing
    data: dict[str, Any]
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    given: dict[str, list[Any]] = field(default_factory=dict)
    matters: list[Mapping[str, Any]] = field(default_factory=list)
    reviewed: str | None = None
    decided: Mapping[str, Any] = field(default_factory=dict)

    def script(self, results: Mapping[str, list[Any]], matters: Sequence[Mapping[str, Any]] = ()) -> None:
        """Results in the order of the calls, what the drafter decides in that of the drafts; the last is repeated."""
        self.given = {name: list(each) for name, each in results.items()}
        self.matters = list(matters)

    def __call__(self, name: str, params: dict[str, Any], address: str) -> Any:
        if name == ACTION:
            self.tracing.note(str(params["flow"]))
            return None
        self.calls.append((name, params))
        if self.given.get(name):
            return _next(self.given[name])
        usual = self._USUAL.get(name)
        return usual(self, params) if usual else None

    # -- secrecy

    def _concluded(self, params: dict[str, Any]) -> dict[str, str]:
        self.reviewed = self._digest(params.get("attribute"))
        return {"digest": self.reviewed}

    def _still_valid(self, params: dict[str, Any]) -> bool:
        return self.reviewed == self._digest(params.get("attribute"))

    def _digest(self, attribute: Any) -> str:
        """What a review is bound to: the bytes of the files, and the proposal."""
        files = [self.data.get(key) or [] for key in ("main_file", "attachments", "supplied")]
        hashes = [[each["sha256"] for each in part] for part in files]
        return hashlib.sha256(json.dumps([hashes, attribute]).encode()).hexdigest()

    # -- applications

    def settle(self, outcome: str) -> None:
        """The road itself decides; what a drafter would have said does not count any more."""
        self.decided = {"outcome": outcome}
        self.matters = []

    def _settled(self, params: dict[str, Any]) -> dict[str, str]:
        self.settle(str(params["outcome"]))
        return {"outcome": str(params["outcome"])}

    def _ready(self, params: dict[str, Any]) -> dict[str, Any]:
        """What the drafter decided, and the road its outcome takes by the law's own table (domain.md 12.5)."""
        if params.get("outcome"):
            self.settle(str(params["outcome"]))
        elif self.matters:
            self.decided = _next(self.matters)
        outcome = self.decided.get("outcome")
        if outcome not in replies.REPLIES:
            raise Stumble("送审时还没有答复种类：请在情形中写 [[matters]]")
        kind = replies.reply(outcome)
        self.data["reply_digest"] = self._digest(outcome)
        usual = {"secrecy": kind.secrecy_review, "legal": True, "signer": SIGNERS[kind.signer.value]}
        return {"outcome": outcome, **{key: self.decided.get(key, value) for key, value in usual.items()}}

    def _closed(self, params: dict[str, Any]) -> dict[str, Any]:
        outcome = str(self.decided.get("outcome"))
        try:
            row = replies.report_row(outcome, self.decided.get("grounds", ()))
        except LawRefusal as refusal:
            raise Stumble(f"不能列入年度报告：{refusal}") from refusal
        return {"report_row": row.key, "evaluate": bool(self.decided.get("evaluate"))}

    def _corrected(self, params: dict[str, Any]) -> str:
        self.data["corrected"] = True
        return "received"

    _USUAL = {
        "secrecy.conclude": _concluded,
        "secrecy.still_valid": _still_valid,
        "foi.outcome": _settled,
        "foi.reply_ready": _ready,
        "foi.text_unchanged": lambda self, params: True,
        "foi.correction_received": _corrected,
        "foi.fee_paid": lambda self, params: "go_on",
        "foi.close": _closed,
    }


def _next(queue: list[Any]) -> Any:
    return queue.pop(0) if len(queue) > 1 else queue[0]
