"""Fixtures of the access tests."""

from tests.support.organs import city

__all__ = ["city"]
