"""The catalogue of actions: what a diagram's service task may name, and nothing else.

A room registers a typed function with a Chinese label; the checker and the editor read the catalogue, the case
road calls it inside the command's transaction. Actions never touch the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.command import Tx


@dataclass
class ActionContext:
    """What an action knows: the open transaction and the case it works for.

    `case` is the locked case row (a mapping of its columns); `answers` everything the case's forms have said,
    the step just completed included. `changes` collects new values for columns of the case, which the command
    writes with its one UPDATE; `said` collects sentences for the confirmation the person sees. `chosen` is set
    in a preview only: form field -> ids of the attachments that the step would keep there. `previous` is what this
    very action answered before a return undid the step that called it: a number is used again, a letter superseded.
    """

    tx: Tx
    case: Mapping[str, Any]
    answers: Mapping[str, Any]
    step: str
    changes: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    chosen: Mapping[str, Sequence[int]] | None = None
    previous: Any = None


@dataclass(frozen=True)
class Action:
    """An entry of the catalogue: `params` maps a parameter's key to its Chinese label.

    `foresee` takes what `call` takes, only reads, and answers what `call` would: a preview asks it. An action
    without one answers nothing in a preview, so its result must not decide where the case goes.
    `once`: done again after a return, it is not called but answers what it answered before.
    """

    name: str
    label: str
    params: Mapping[str, str]
    call: Callable[..., Any]
    foresee: Callable[..., Any] | None = None
    once: bool = False


CATALOGUE: dict[str, Action] = {}


def action(
    name: str,
    label: str,
    *,
    reads_only: bool = False,
    once: bool = False,
    foresee: Callable[..., Any] | None = None,
    **params: str,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register `fn(context, **params) -> JSON` under `name`; what only reads is asked by previews too."""

    def register(fn: Callable[..., Any]) -> Callable[..., Any]:
        if name in CATALOGUE and CATALOGUE[name].call is not fn:
            raise ValueError(f"action registered twice: {name}")
        CATALOGUE[name] = Action(name, label, params, fn, fn if reads_only else foresee, once)
        return fn

    return register
