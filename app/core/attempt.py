"""A command behind a page: its refusal goes back to the page that asked, and what does not exist stays a page that is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from app.core.errors import Sayable

T = TypeVar("T")


class Blamed(Protocol):
    """A form that shows a refusal at its fields."""

    def blame(self, error: Sayable) -> None:
        """Put the sentences of a refusal where they belong."""


def tried(act: Callable[[], T]) -> tuple[T | None, Sayable | None]:
    """What the command gave, or why it was refused; one of the two is None."""
    try:
        return act(), None
    except Sayable as refused:
        return None, refused


def attempt(form: Blamed, act: Callable[[], Any]) -> Any:
    """What the command gave, or None after its refusal went to the fields of the form."""
    done, error = tried(act)
    if error is not None:
        form.blame(error)
    return done
