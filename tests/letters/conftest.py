"""Fixtures of this room's tests."""

from tests.letters.support import desk
from tests.support.organs import city

__all__ = ["city", "desk"]
