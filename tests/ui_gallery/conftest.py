"""The pages with sample data and no office behind them, and the marks of this folder for when it runs alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web import LiveServer
from tests.ui_gallery.gallery import create_app

ROOT = Path(__file__).parents[2]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: opens a browser")


@pytest.fixture(scope="module")
def gallery() -> Iterator[LiveServer]:
    if not (ROOT / "app/static/dist/manifest.json").exists():
        pytest.fail("the bundles are missing: run `make setup`")
    server = LiveServer.start(create_app())
    yield server
    server.stop()
