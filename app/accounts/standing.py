"""Who stands in for whom on a day: decided purely from the arrangements and absences that are known.

Nothing passes on: B acts for A with A's work, and when B is away A's work stays with A and with whoever A named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`deputy_id` acts for `principal_id`; empty `posts` and `processes` mean all. See deputy_models.Deputy."""

    id: int
    principal_id: int
    deputy_id: int
    kind: str
    from_on: date
    until_on: date | None
    posts: frozenset[int] = frozenset()
    processes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Away:
    """A person is away, first and last day included."""

    id: int
    person_id: int
    from_on: date
    until_on: date


def covers(span: Arrangement | Away, day: date) -> bool:
    """Whether the day lies within."""
    return span.from_on <= day and (span.until_on is None or day <= span.until_on)


def meets(one: Arrangement | Away, other: Arrangement | Away) -> bool:
    """Whether the two share a day."""
    first = one.until_on is None or other.from_on <= one.until_on
    return first and (other.until_on is None or one.from_on <= other.until_on)


def shares(one: Arrangement, other: Arrangement) -> bool:
    """Whether the two share a post and a kind of process."""
    posts = not one.posts or not other.posts or bool(one.posts & other.posts)
    kinds = not one.processes or not other.processes or bool(one.processes & other.processes)
    return posts and kinds


def acting(arrangements: Iterable[Arrangement], absences: Iterable[Away], day: date) -> Iterator[Arrangement]:
    """The arrangements that act on this day.

    AB岗 acts while its principal is away, and gives way to a 代理 made for the same days and posts.
    """
    today = [each for each in arrangements if covers(each, day)]
    away = {each.person_id for each in absences if covers(each, day)}
    named = [each for each in today if each.kind == "period"]
    for each in today:
        own = [n for n in named if n.principal_id == each.principal_id]
        due = each.principal_id in away and not any(shares(n, each) for n in own)
        if each.kind != "standing" or due:
            yield each


def circle(new: Arrangement, others: Sequence[Arrangement]) -> list[int] | None:
    """The people of the circle that `new` would close among arrangements sharing a day with it; None without one."""
    around = [each for each in others if meets(each, new)]
    paths = [[new.principal_id, new.deputy_id]]
    while paths:
        path = paths.pop()
        for each in around:
            if each.principal_id != path[-1]:
                continue
            if each.deputy_id == new.principal_id:
                return path
            if each.deputy_id not in path:
                paths.append([*path, each.deputy_id])
    return None
