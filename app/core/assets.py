"""Addresses of the bundled styles and scripts.

The front-end build writes ``app/static/dist/manifest.json``, which maps a plain name ("app.js") to a file whose name
carries a hash of its content. Pages ask ``asset("app.js")``; browsers may keep such a file for ever.
"""

from __future__ import annotations

import json
from pathlib import Path

from flask import current_app, url_for

DIST = "dist"


class AssetUnknown(LookupError):
    """A template asked for a bundle that the build does not make."""


class Manifest:
    """The manifest file, read again only when it has changed on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: int | None = None
        self._names: dict[str, str] = {}

    def file_of(self, name: str) -> str:
        """The hashed file name; before the first build the plain name, so that pages and tests work without npm."""
        names = self._read()
        if names is None:
            return name
        try:
            return names[name]
        except KeyError:
            raise AssetUnknown(
                f"{name} is not in {self.path.name}; it has {', '.join(sorted(names))}"
            ) from None

    def _read(self) -> dict[str, str] | None:
        try:
            stamp = self.path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._names = json.loads(self.path.read_text("utf-8"))
                self._stamp = stamp
        except FileNotFoundError:
            return None
        return self._names


def asset(name: str) -> str:
    """The address of one bundle, for templates."""
    manifest = current_app.extensions.get("assets")
    if manifest is None:
        manifest = Manifest(Path(current_app.static_folder or "static") / DIST / "manifest.json")
        current_app.extensions["assets"] = manifest
    return url_for("static", filename=f"{DIST}/{manifest.file_of(name)}")
