"""Plain values in a form definition: what TOML gave, and whether it fits the field."""

from __future__ import annotations

import datetime as dt
from typing import Any

from forms.definition import Field


def plain(value: Any) -> Any:
    """TOML's dates as ISO text, everything else as it is."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    return value


def unclean(text: str) -> bool:
    """Whether the text holds control characters or half characters."""
    return any(
        ord(character) < 32 and character not in "\n\t" or 0xD800 <= ord(character) < 0xE000
        for character in text
    )


def is_day(text: str) -> bool:
    """Whether the text is an ISO date."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def fits(value: object, built: Field) -> bool:
    """Whether a default of this type makes sense for the field."""
    values = {option.value for option in built.options}
    match built.type:
        case "text" | "textarea" | "opinion":
            return isinstance(value, str) and not unclean(value)
        case "integer":
            return type(value) is int
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return value == "today" or isinstance(value, str) and is_day(value)
        case "choice" | "radio" | "organ" | "person":
            return isinstance(value, str) and (not values or value in values)
        case "checks":
            return (
                isinstance(value, list)
                and all(isinstance(each, str) for each in value)
                and (not values or set(value) <= values)
            )
    return False
