"""Counting what a piece of code asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

_NOT_COUNTED = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")


@dataclass
class Count:
    """What was seen: the SQL texts in order, and the number of commits and rollbacks."""

    texts: list[str] = field(default_factory=list)
    commits: int = 0
    rollbacks: int = 0

    @property
    def statements(self) -> int:
        """How many statements ran (BEGIN and PRAGMA do not count; each row batch counts once)."""
        return len(self.texts)

    def __str__(self) -> str:
        lines = "\n".join(f"{number:3} {text[:150]}" for number, text in enumerate(self.texts, 1))
        return f"{self.statements} statements, {self.commits} commits\n{lines}"


@contextmanager
def counting(engine: Engine) -> Iterator[Count]:
    """Count on `engine` while the block runs; a commit counts only when its transaction wrote something."""
    count = Count()
    wrote: set[int] = set()

    def statement(connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        words = " ".join(text.split())
        if not words.upper().startswith(_NOT_COUNTED):
            count.texts.append(words)
            if not words.upper().startswith("SELECT"):
                wrote.add(id(connection))

    def commit(connection: Any) -> None:
        if id(connection) in wrote:
            wrote.discard(id(connection))
            count.commits += 1

    def rollback(connection: Any) -> None:
        wrote.discard(id(connection))
        count.rollbacks += 1

    hooks = (("before_cursor_execute", statement), ("commit", commit), ("rollback", rollback))
    for name, hook in hooks:
        event.listen(engine, name, hook)
    try:
        yield count
    finally:
        for name, hook in hooks:
            event.remove(engine, name, hook)
