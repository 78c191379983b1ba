"""Addresses of the bundled styles and scripts.

The front-end build writes ``app/static/dist/manifest.json``, which maps a plain name ("app.js") to a file whose name
carries a hash of its content. Pages ask ``asset("app.js")``; browsers may keep such a file for ever.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app, request, url_for

if TYPE_CHECKING:
    from flask import Flask, Response

DIST = "dist"
KEEP_SECONDS = 365 * 24 * 3600


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
            raise AssetUnknown(f"{name} is not in {self.path.name}; it has {', '.join(sorted(names))}") from None

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
    manifest: Manifest = current_app.extensions["assets"]
    return url_for("static", filename=f"{DIST}/{manifest.file_of(name)}")


def register(app: Flask) -> None:
    """Give templates ``asset()`` and let browsers keep hashed files."""
    app.extensions["assets"] = Manifest(Path(app.static_folder or "static") / DIST / "manifest.json")
    app.add_template_global(asset, "asset")
    app.after_request(_keep_hashed_files)


def _keep_hashed_files(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in (200, 304):
        name = (request.view_args or {}).get("filename", "")
        if name.startswith(f"{DIST}/") and not name.endswith("manifest.json"):
            response.cache_control.public = True
            response.cache_control.max_age = KEEP_SECONDS
            response.cache_control.immutable = True
            response.cache_control.no_cache = None
    return response
