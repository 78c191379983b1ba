"""The working city of the case tests."""

from tests.cases.conftest import city, desk, house

__all__ = ["city", "desk", "house"]
