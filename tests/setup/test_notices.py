"""What ships with the office names its licences."""

from __future__ import annotations

from pathlib import Path

from scripts import notices

ROOT = Path(__file__).parents[2]


def test_every_library_of_the_office_is_in_the_notices_with_its_version() -> None:
    text = (ROOT / "THIRD-PARTY-NOTICES.md").read_text("utf-8")
    for name, version, licence in [*notices.python_packages(), *notices.npm_packages()]:
        assert f"| {name} | {version} | " in text, f"{name} {version}: run make notices"
        assert licence


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text("utf-8")
