"""How much room a name takes in a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass

LINE = 14  # pixels of a line of text
WIDEST = 96
_WIDE, _NARROW = 12, 7  # pixels of a Chinese character, and of a Latin one


@dataclass(frozen=True)
class Label:
    """A name written beside what it names, with its size in pixels; nothing takes no room."""

    width: float = 0
    height: float = 0


def label_of(text: str, widest: float = WIDEST) -> Label:
    """The room `text` takes, broken into lines of `widest` pixels."""
    whole = sum(_WIDE if ord(each) > 0x2E7F else _NARROW for each in text.strip())
    if not whole:
        return Label()
    return Label(min(whole + 2, widest), LINE * math.ceil(whole / widest))
