"""A package as one file: out and in again, and nothing else gets in."""

from __future__ import annotations

import io
import zipfile

import pytest

from app.processes import archive, arrivals
from app.processes.cli import shipped
from app.processes.packages import PackageRefused, assemble

PACKAGES = shipped()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.key)
def test_what_is_exported_comes_back_the_same(package: object) -> None:
    data = archive.write(package.texts, package.scenarios)  # type: ignore[attr-defined]
    texts, scenarios = archive.read(data)
    assert assemble(texts, scenarios) == package
    assert archive.write(dict(reversed(texts.items())), scenarios) == data


def test_an_ordinary_tool_opens_it_and_its_own_zip_is_taken_back() -> None:
    package = PACKAGES[0]
    data = archive.write(package.texts, package.scenarios)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        assert found.namelist()[0] == "manifest.json"
        again = io.BytesIO()
        with zipfile.ZipFile(again, "w") as other:
            other.writestr("forms/", "")
            for name in reversed(found.namelist()):
                other.writestr(name, found.read(name))
    assert archive.read(again.getvalue()) == (dict(package.texts), dict(package.scenarios))


def test_a_changed_file_does_not_pass_for_the_original() -> None:
    package = PACKAGES[0]
    data = archive.write(package.texts, package.scenarios)
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as found, zipfile.ZipFile(again, "w") as other:
        for name in found.namelist():
            other.writestr(name, found.read(name) + (b" " if name == "process.bpmn" else b""))
    with pytest.raises(PackageRefused, match="与清单不符"):
        archive.read(again.getvalue())


def test_an_upload_is_unpacked_in_the_child() -> None:
    package = PACKAGES[0]
    found = arrivals.archive(archive.write(package.texts, package.scenarios))
    assert (found.texts, found.scenarios) == (package.texts, package.scenarios)
    with pytest.raises(PackageRefused, match="zip"):
        arrivals.archive(b"PK\x03\x04 broken")
