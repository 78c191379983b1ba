"""Who acts: a person with the posts held at this moment, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class HeldPost:
    """A post this person holds. `kind` is a key of accounts.kinds; `unit_id` is None for posts of the whole organ."""

    id: int
    kind: str
    name: str
    organ_id: int
    unit_id: int | None


@dataclass(frozen=True)
class StandIn:
    """For whom this person acts today (代理, AB岗), and for which of that person's work.

    `posts` are those of the absent person whose work is covered, never one that governs others; `whole` says that what
    lies in that person's own hands is covered whatever the post. `kinds` are process keys; empty means all.
    """

    person_id: int
    name: str
    posts: tuple[HeldPost, ...]
    whole: bool
    kinds: frozenset[str] = frozenset()

    @cached_property
    def post_ids(self) -> frozenset[int]:
        """Ids of the posts covered."""
        return frozenset(post.id for post in self.posts)


@dataclass(frozen=True)
class Actor:
    """Immutable picture of the acting person, taken once per request.

    `officer` is the key of one of the 三员 (`system_admin`, `security_admin`, `auditor`) or None.
    `origin` is the address the act came from; `sign_in` the id of the sign-in row. `stands_for` are the people this one
    stands in for on this business day: it reaches their work, never their administration.
    """

    person_id: int | None
    name: str
    organ_id: int | None = None
    organ_name: str = ""
    unit_id: int | None = None
    unit_name: str = ""
    posts: tuple[HeldPost, ...] = ()
    officer: str | None = None
    origin: str = ""
    sign_in: int | None = None
    stands_for: tuple[StandIn, ...] = ()
    #: work items handed over to others that this person still sees, until the transition ends
    handed: frozenset[int] = frozenset()

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Post kinds held, in whatever organ."""
        return frozenset(post.kind for post in self.posts)

    @cached_property
    def post_ids(self) -> frozenset[int]:
        """Ids of the posts held."""
        return frozenset(post.id for post in self.posts)

    def acting_kinds(self, process: str) -> frozenset[str]:
        """Post kinds held, and those of the people this one stands in for in work of that kind of process."""
        covered = (each for each in self.stands_for if not each.kinds or process in each.kinds)
        return self.kinds | {post.kind for each in covered for post in each.posts}

    def acts_as(self, kind: str, organ_id: int, process: str) -> bool:
        """Whether this person works at such a post of the organ: holds it, or stands in there for somebody who does."""
        if self.holds(kind, organ_id):
            return True
        covered = (each for each in self.stands_for if not each.kinds or process in each.kinds)
        return any(post.kind == kind and post.organ_id == organ_id for each in covered for post in each.posts)

    def for_whom(self, holder_id: int | None, post_id: int | None, process: str) -> StandIn | None:
        """In whose place this person may do work that is not his own; None: it is his own, or none of his business."""
        if holder_id == self.person_id or (holder_id is None and post_id in self.post_ids):
            return None
        for each in self.stands_for:
            if each.kinds and process not in each.kinds:
                continue
            at_post = post_id in each.post_ids
            if at_post if holder_id is None else holder_id == each.person_id and (each.whole or at_post):
                return each
        return None

    def holds(self, kind: str, organ_id: int) -> bool:
        """Whether this person holds a post of `kind` in that organ."""
        return any(post.kind == kind and post.organ_id == organ_id for post in self.posts)

    @property
    def post_names(self) -> list[str]:
        """Names of the posts held, for the page head."""
        return [post.name for post in self.posts]

    @property
    def is_officer(self) -> bool:
        """Whether this is one of the 三员, who handle no business."""
        return self.officer is not None

    @property
    def capacity(self) -> str:
        """How the record names the capacity: 「政务公开科 科长」."""
        return "、".join(post.name for post in self.posts) or ("三员" if self.officer else "")


SYSTEM = Actor(person_id=None, name="系统")
#: a citizen at the public site: not signed in, known to the record only as this and by the address
PUBLIC = Actor(person_id=None, name="公众提交")
