"""What a room tells the access tests about its objects.

A room with routes whose cell names a relation (`own`, `item`, `case`, `unit`, `organ`) has a module
`tests/<room>/access_samples.py` with

    def samples(city: City) -> dict[str, Sample]:
        return {"accounts.person": Sample({"person_id": city.people["fang"]}, insider="cheng", outsider="shui")}

`insider` may open the object (GET answers 200 or a redirect), `outsider` passes the route's gate but has nothing
to do with the object: he must get 404 with the body of an id that does not exist. A POST is tried by the outsider
only. Several endpoints may share a Sample.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.organs import City

HERE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Sample:
    """`args` of the URL; who may open it, and who may not although his posts fit the cell."""

    args: Mapping[str, Any]
    insider: str
    outsider: str
    #: form data of the outsider's POST, when the route answers 422 to an empty form before it looks for the object
    data: Mapping[str, Any] = field(default_factory=dict)


def all_samples(city: City) -> dict[str, Sample]:
    """The samples of every room that has an `access_samples.py`."""
    found: dict[str, Sample] = {}
    for path in sorted(HERE.glob("*/access_samples.py")):
        module = importlib.import_module(f"tests.{path.parent.name}.access_samples")
        found.update(module.samples(city))
    return found
