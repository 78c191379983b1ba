"""Fixtures of this room's tests."""

from tests.notices.mailing import office, post_office
from tests.support.organs import city

__all__ = ["city", "office", "post_office"]
