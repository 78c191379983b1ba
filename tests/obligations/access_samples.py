"""Objects of this room for the access tests."""

from __future__ import annotations

from tests.access.samples import Sample
from tests.obligations.factories import make_duty
from tests.support.organs import City


def samples(city: City) -> dict[str, Sample]:
    """A duty of the office: its publisher finds it, the county's does not."""
    duty = Sample({"duty_id": make_duty(city)}, insider="ke", outsider="shui")
    return {f"obligations.{name}": duty for name in ("show", "close", "reopen")}
