"""Differences of two diagrams, element by element."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from app.processes.comparing.change import Change
from app.processes.comparing.drawn import Drawn, Item, Said, Words, read

_NOTHING = Said("", "")
_LINES = frozenset({"sequenceFlow", "messageFlow", "association"})


def compare_diagrams(
    part: str, old: etree._Element, new: etree._Element, words: Words
) -> tuple[list[Change], list[Change]]:
    """(differences, elements that only stand elsewhere or look otherwise)."""
    before, after = read(old, words), read(new, words)
    found = list(_changes(part, before, after))
    told = {each.element for each in found}
    return found, list(_placed(part, before, after, told))


def _changes(part: str, old: Drawn, new: Drawn) -> Iterator[Change]:
    for key, item in new.items.items():
        earlier = old.items.get(key)
        if earlier is None:
            yield Change(part, item.id, "added", item.name, "", "", _told(item))
        else:
            yield from _item(part, earlier, item)
    for key, item in old.items.items():
        if key not in new.items:
            yield Change(part, item.id, "removed", item.name, "", _told(item))


def _item(part: str, old: Item, new: Item) -> Iterator[Change]:
    if old.lane != new.lane and (old.lane_name != new.lane_name or not (old.lane and new.lane)):
        lanes = [each.lane_name or ("没有名称" if each.lane else "不在泳道内") for each in (old, new)]
        yield Change(part, new.id, "moved", new.name, "泳道", *lanes)
    for label in dict.fromkeys([*old.properties, *new.properties]):
        before, after = old.properties.get(label, _NOTHING), new.properties.get(label, _NOTHING)
        if before.raw != after.raw:
            yield Change(part, new.id, "changed", new.name, label, *_shown(before, after))


def _shown(before: Said, after: Said) -> tuple[str, str]:
    """Both in words; as written where the words would be the same."""
    if before.shown != after.shown:
        return before.shown, after.shown
    start = next(
        (at for at, (a, b) in enumerate(zip(before.raw, after.raw, strict=False)) if a != b),
        min(len(before.raw), len(after.raw)),
    )
    begin = max(0, start - 40)
    return before.raw[begin : begin + 200], after.raw[begin : begin + 200]


def _told(item: Item) -> str:
    """An element that came or went, in one line."""
    skipped = {"类型", "名称", "说明"}
    said = [f"泳道：{item.lane_name}"] if item.lane_name else []
    said += [f"{label}：{each.shown}" for label, each in item.properties.items() if label not in skipped]
    return "；".join(said)


def _placed(part: str, old: Drawn, new: Drawn, told: set[str]) -> Iterator[Change]:
    """What stands at another place; lines that follow a shape are counted and not named one by one."""
    known = {item.id: item for item in (*old.items.values(), *new.items.values()) if item.id}
    lines = 0
    for element in dict.fromkeys([*old.looks, *new.looks]):
        before, after = old.looks.get(element), new.looks.get(element)
        if before == after or element in told:
            continue
        item = known.get(element)
        if item is not None and item.kind in _LINES and before is not None and after is not None:
            lines += 1
        else:
            label = "位置、大小或者颜色" if before and after else "画在图上"
            name = item.name if item else f"图形“{element[:60]}”"
            yield Change(part, element if item else "", "moved", name, label)
    if lines:
        yield Change(part, "", "moved", f"{lines} 条连线", "走向")
