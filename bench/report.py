"""The numbers, their targets, and how they are shown."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Value = float | int | bool | str | None


@dataclass
class Report:
    """What was measured: `numbers` have a target, `details` explain them."""

    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    def most(self, key: str, label: str, value: float, target: float, unit: str) -> None:
        """A number that must not exceed its target."""
        self._put(key, label, value, f"<= {target:g}", unit, value <= target)

    def least(self, key: str, label: str, value: float, target: float, unit: str) -> None:
        """A number that must reach its target."""
        self._put(key, label, value, f">= {target:g}", unit, value >= target)

    def exactly(self, key: str, label: str, value: Value, target: Value, unit: str = "") -> None:
        """A value that must be the target."""
        self._put(key, label, value, f"= {target}", unit, value == target)

    def failed(self, key: str, label: str, why: str) -> None:
        """A part that could not be measured: its numbers are missing, and that counts as not met."""
        self._put(key, label, why, "measured", "", False)

    def _put(self, key: str, label: str, value: Value, target: str, unit: str, met: bool) -> None:
        shown = round(value, 2) if isinstance(value, float) else value
        self.numbers[key] = {"label": label, "value": shown, "unit": unit, "target": target, "met": met}

    @property
    def met(self) -> bool:
        """Whether every number meets its target."""
        return bool(self.numbers) and all(each["met"] for each in self.numbers.values())

    def table(self) -> str:
        """One line per number, in Chinese."""
        lines = []
        for each in self.numbers.values():
            value = "是" if each["value"] is True else "否" if each["value"] is False else each["value"]
            mark = "✓ 达标" if each["met"] else "✗ 未达标"
            target = each["target"].replace("<=", "≤").replace(">=", "≥").replace("= True", "是")
            shown = f"{value} {each['unit']}"
            lines.append(f"  {_pad(each['label'], 62)}{_pad(shown, 14)}{_pad(target, 10)}{mark}")
        return "\n".join(lines)


def _pad(text: str, width: int) -> str:
    """Fill up to `width` columns; Chinese characters count two."""
    columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(1, width - columns)


def say(words: str) -> None:
    """Tell on stderr what is being done: stdout belongs to the JSON."""
    print(words, file=sys.stderr, flush=True)


def timed(label: str, part: Callable[[], None]) -> float:
    """Run a part, say how long it took; seconds."""
    began = time.monotonic()
    part()
    seconds = time.monotonic() - began
    say(f"▸ {label}：{seconds:.0f} 秒")
    return seconds
