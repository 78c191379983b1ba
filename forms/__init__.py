"""What each step asks: definitions as data (`<process>/<step>.toml`) and their builder to WTForms.

`reading` reads and checks, `definition` is what it becomes; `builder` turns a definition into a form class,
validates, and gives answers and facts; `conditions` translates `show_if` for the browser. Nothing here knows
Flask or a database.
"""

from __future__ import annotations

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
from forms.reading import offline_definition, read_definition, said_on_sheet, with_offline

__all__ = [
    "Around", "Definition", "Field", "FileAnswer", "FormRefused", "Json", "Option", "Shown", "StepForm",
    "answers_of", "bind", "facts_of", "for_browser", "form_class", "offline_definition", "personal_of",
    "read_definition", "said_on_sheet", "shown", "submitted", "union", "with_offline",
]  # fmt: skip
