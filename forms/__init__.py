"""What each step asks: definitions as data (`<process>/<step>.toml`) and their builder to WTForms.

`reading` reads and checks a definition, `definition` is what it becomes; `builder` turns it into a form class,
validates, and gives answers and facts; `conditions` translates `show_if` for the browser. Nothing here knows
Flask or a database.
"""

from __future__ import annotations

import functools
from pathlib import Path

from forms.builder import (
    Around,
    Shown,
    StepForm,
    bind,
    facts_of,
    form_class,
    personal_of,
    shown,
    submitted,
)
from forms.conditions import for_browser
from forms.definition import Definition, Field, FormRefused, Json, Option, answers_of, union
from forms.fields import FileAnswer
from forms.reading import read_definition

__all__ = [
    "Around", "Definition", "Field", "FileAnswer", "FormRefused", "Json", "Option", "Shown", "StepForm",
    "answers_of", "bind", "facts_of", "for_browser", "form_class", "offline_definition", "personal_of",
    "read_definition", "shown", "submitted", "union", "with_offline",
]  # fmt: skip


@functools.cache
def offline_definition() -> Definition:
    """线下签批回填 / OA签批回填: the same few questions at every reviewing and signing step (domain.md 12.9)."""
    return read_definition((Path(__file__).parent / "_offline.toml").read_bytes(), "", "_offline")


def with_offline(definition: Definition) -> Definition:
    """The step's form with the questions about the signed sheet below it."""
    return union(definition, offline_definition())
