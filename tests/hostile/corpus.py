"""What an attacker or a careless hand might upload: files and payloads of every kind, made by code.

`CASES` is the whole corpus. Kinds: `bpmn`, `dmn`, `form`, `settings` (package.toml) and `archive` hold the bytes of a
file, `expression` the UTF-8 of one. Every case has to be refused with a sentence, at its `element` where it has one.
`CANARY` is the file that would exist if anything of it were ever executed.
"""

from __future__ import annotations

from tests.hostile import archives, diagrams, expressions, forms, settings, tables, written
from tests.hostile.cases import CANARY, Case

__all__ = ["CANARY", "CASES", "Case"]

CASES: tuple[Case, ...] = (
    *diagrams.cases(),
    *written.cases(),
    *tables.cases(),
    *forms.cases(),
    *settings.cases(),
    *archives.cases(),
    *expressions.cases(),
)
