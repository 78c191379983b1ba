"""Hostile and broken files are refused with a sentence, quickly, and nothing outside them is read."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.engine.diagrams import HEAD, Diagram
from workflows.engine import DefinitionRefused, Source, check, load, xml

GOOD = Diagram("p").start().people("a").end().go("s -> a -> e").xml()
LAUGHS = "".join(f'<!ENTITY a{n} "{"&a" + str(n - 1) + ";" * 1 if n else "ha"}">' for n in range(10))


def with_head(text: bytes) -> bytes:
    return text + GOOD


HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "not xml": b"hello",
    "half": GOOD[:200],
    "nul": GOOD.replace(b"p", b"\x00"),
    "utf-16": GOOD.decode().encode("utf-16"),
    "gbk": GOOD.decode().encode("gbk"),
    "doctype": with_head(b"<!DOCTYPE definitions>"),
    "entity": with_head(b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>').replace(b"</bpmn:userTask>", b"&x;</bpmn:userTask>"),
    "parameter entity": with_head(b'<!DOCTYPE d [<!ENTITY % x SYSTEM "http://localhost:9/x.dtd"> %x;]>'),
    "external dtd": with_head(b'<!DOCTYPE d SYSTEM "http://localhost:9/x.dtd">'),
    "laughs": with_head(f"<!DOCTYPE d [{LAUGHS}]>".encode()),
    "unknown entity": GOOD.replace(b"</bpmn:userTask>", b"&nbsp;</bpmn:userTask>"),
    "utf-7 hides a doctype": b'<?xml version="1.0" encoding="utf-7"?>+ADw-!DOCTYPE x+AD4-' + GOOD,
    "too many bytes": HEAD.encode() + b" " * 1_000_001 + b"</bpmn:definitions>",
    "too many elements": HEAD.encode() + b"<a/>" * 20_001 + b"</bpmn:definitions>",
    "too deep": HEAD.encode() + b"<a>" * 100 + b"</a>" * 100 + b"</bpmn:definitions>",
    "very deep": HEAD.encode() + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</bpmn:definitions>",
    "other root": b"<html/>",
    "other namespace": GOOD.replace(b"20100524/MODEL", b"20200101/MODEL"),
    "xpath in an id": GOOD.replace(b'id="a"', b'id="a\'] | //*[\'1"'),
    "xpath in a reference": GOOD.replace(b'sourceRef="s"', b'sourceRef="s\' or \'1"'),
    "long id": GOOD.replace(b'id="a"', b'id="' + b"a" * 5000 + b'"'),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once_with_a_sentence(name: str) -> None:
    began = time.process_time()
    with pytest.raises(DefinitionRefused) as refusal:
        load(Source("p", HOSTILE[name]))
    assert time.process_time() - began < 2
    assert any("\u4e00" <= character <= "\u9fff" for character in str(refusal.value))
    assert [finding.severity for finding in check(Source("p", HOSTILE[name]))] != []


def test_an_included_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("秘密")
    included = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{tmp_path}/secret.txt" parse="text"/>'
    )
    root = xml.read(GOOD.replace(b"</bpmn:userTask>", included.encode() + b"</bpmn:userTask>", 1))
    assert "秘密" not in "".join(str(text) for text in root.itertext())


def test_comments_and_instructions_are_dropped() -> None:
    noisy = GOOD.replace(b"<bpmn:userTask", b"<!-- <x> --><?php evil ?><bpmn:userTask", 1)
    assert load(Source("p", noisy)).steps["p", "a"].kind == "person"


def test_a_byte_order_mark_is_fine() -> None:
    assert load(Source("p", b"\xef\xbb\xbf" + GOOD)).steps["p", "a"].label == "环节a"


def test_a_wide_diagram_is_refused_before_the_library_sees_it() -> None:
    wide = Diagram("p").start().people(*[f"u{n}" for n in range(3000)]).end().go("s -> e")
    began = time.process_time()
    with pytest.raises(DefinitionRefused):
        load(wide.source())
    assert time.process_time() - began < 1


@pytest.mark.parametrize("data", [b"", b"<a/>", GOOD, b"<!DOCTYPE x><a/>"])
def test_a_broken_table_is_refused(data: bytes) -> None:
    with pytest.raises(DefinitionRefused, match="决策表"):
        load(Source("p", GOOD, {"t.dmn": data}))
