"""会签: when several answers make one decision. Pure; the engine's multi-instances and the office's own rounds ask here.

all        everybody is asked; it passes when nobody disagreed
ratio:60   it passes at 60 % of those asked, and fails when that cannot be reached any more
veto       one who disagrees ends it
first      the first answer decides (或签)
sequence   one after the other; one who disagrees ends it (依次)
"""

from __future__ import annotations

from dataclasses import dataclass

#: the setting of a step that is drawn as a multi-instance, and the decision of its form that agrees
SETTING, AGREE = "countersign", "agree"
RULES = ("all", "ratio", "veto", "first", "sequence")


@dataclass(frozen=True)
class Rule:
    """A rule; `ratio` is the percentage of those asked that must agree, 1 to 100."""

    kind: str
    ratio: int = 100

    @classmethod
    def read(cls, text: str) -> Rule:
        """From a setting such as `ratio:60`. Raises ValueError for anything else."""
        kind, _, number = text.strip().partition(":")
        if kind == "ratio" and number.isascii() and number.isdigit() and 1 <= int(number[:4]) <= 100:
            return cls(kind, int(number))
        if kind in RULES and kind != "ratio" and not number:
            return cls(kind)
        raise ValueError(text)

    def needed(self, asked: int) -> int:
        """How many of those asked must agree."""
        if self.kind == "first":
            return 1
        return -(-asked * self.ratio // 100) if self.kind == "ratio" else asked

    def verdict(self, asked: int, agreed: int, refused: int) -> bool | None:
        """What the answers so far decide, whatever the others say; None: nothing yet."""
        if asked == 0:
            return True
        if self.kind == "first":
            return None if not agreed + refused else bool(agreed)
        if agreed >= self.needed(asked):
            return True
        return False if refused > asked - self.needed(asked) else None

    def over(self, asked: int, agreed: int, refused: int) -> bool:
        """Whether those who have not answered need not answer any more."""
        if self.kind == "all":
            return agreed + refused >= asked
        return self.verdict(asked, agreed, refused) is not None


def result_name(step: str) -> str:
    """The fact that says whether a 会签 passed, for the conditions behind it."""
    return f"{step}_agreed"
