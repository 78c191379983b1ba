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
class Actor:
    """Immutable picture of the acting person, taken once per request.

    `officer` is the key of one of the 三员 (`system_admin`, `security_admin`, `auditor`) or None.
    `origin` is the address the act came from; `sign_in` the id of the sign-in row.
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

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Post kinds held, in whatever organ."""
        return frozenset(post.kind for post in self.posts)

    @cached_property
    def post_ids(self) -> frozenset[int]:
        """Ids of the posts held."""
        return frozenset(post.id for post in self.posts)

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
