"""Marks of this folder, for when it runs alone."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: opens a browser")
