"""Dates that are not torn: the template filter `whole`."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

_DAY = re.compile(r"(?<![\d-])(?:\d{4}-)?\d{2}-\d{2}(?: \d{2}:\d{2})?(?![\d-])")


def whole(value: Any) -> Any:
    """Plain text with each date in it (2026-12-11, 12-11, 2026-12-11 09:00) kept on one line; markup and other values as
    they are."""
    if not isinstance(value, str) or isinstance(value, Markup) or not _DAY.search(value):
        return value
    return Markup(_DAY.sub(lambda found: f'<span class="num whole">{found[0]}</span>', str(escape(value))))
