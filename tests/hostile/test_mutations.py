"""Diagrams bent at random: the check finds something or nothing, the import repairs or refuses, and neither ever breaks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from workflows.engine import DefinitionRefused, check_alone
from workflows.engine.foreign import repair

ROOT = Path(__file__).parents[2]
FILES = [*sorted(ROOT.glob("bpmn/*/process.bpmn")), *sorted(ROOT.glob("tests/engine/foreign/*.bpmn"))]
EACH = 6
VALUES = [
    "",
    "a",
    "Start",
    "../x",
    "环节",
    "true",
    "-1",
    "9" * 30,
    "tns:a",
    "x y",
    "P7D",
    "__class__",
    "None",
]


def bent(data: bytes, dice: random.Random) -> bytes:
    """The diagram with some elements moved, doubled or gone, and some attributes and texts changed."""
    root = etree.fromstring(data)
    for _ in range(dice.randint(1, 6)):
        elements = [each for each in root.iter() if isinstance(each.tag, str) and each is not root]
        if len(elements) < 2:
            break
        one, other = dice.choice(elements), dice.choice(elements)
        parent = one.getparent()
        assert parent is not None
        act = dice.randrange(6)
        if act == 0:
            parent.remove(one)
        elif act == 1 and one.attrib:
            one.set(dice.choice(list(one.attrib)), dice.choice(VALUES))
        elif act == 2 and one.attrib:
            del one.attrib[dice.choice(list(one.attrib))]
        elif act == 3 and one.tag != other.tag:
            one.tag = other.tag
        elif act == 4:
            one.text = dice.choice(VALUES)
        elif other not in one.iterdescendants() and one is not other and one not in other.iterancestors():
            other.append(one)
    return etree.tostring(root)


def cases() -> Iterator[tuple[str, bytes]]:
    dice = random.Random(20261122)
    for path in FILES:
        name = path.stem if path.stem != "process" else path.parent.name
        for _ in range(EACH):
            yield name, bent(path.read_bytes(), dice)


def test_nothing_breaks() -> None:
    refusals = []
    for name, data in cases():
        found = check_alone(data)
        assert all(each.message for each in found), name
        try:
            repaired, _repairs = repair(data, process="" if name != "two_pools" else "PA_process")
        except DefinitionRefused as refusal:
            refusals.append(str(refusal))
            continue
        left = check_alone(repaired)
        assert "xml" not in {each.rule for each in left}, name
        repair(repaired)
    assert all("请" in each for each in refusals)


@pytest.mark.parametrize("seed", [1, 2])
def test_bytes_turned_over_are_refused_or_read(seed: int) -> None:
    dice = random.Random(seed)
    for path in FILES[:6]:
        data = bytearray(path.read_bytes())
        for _ in range(3):
            data[dice.randrange(len(data))] = dice.randrange(256)
        check_alone(bytes(data))
