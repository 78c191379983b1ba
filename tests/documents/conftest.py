"""Fixtures of this room's tests."""

from tests.support.organs import city

__all__ = ["city"]
