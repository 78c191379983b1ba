"""Where the nodes of one scope stand and which way its flows take, in columns and rows; no lengths yet.

Columns are layers of the flow from left to right, rows belong to bands (lanes). Nodes stand in cells; what is between
columns and between rows is free of nodes, and flows turn only there: no flow can run through a node. A flow is straight
or along a row where the cells between are empty, else it goes through a gutter. Deterministic: the order of the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from workflows.engine.foreign.labels import Label


@dataclass(eq=False)
class Item:
    """What stands in a cell, in pixels. Flows enter and leave it in the middle of its sides.

    `room`: how wide it is with its label. `under`: what it needs below its lower edge, for a label or what is attached.
    """

    id: str
    width: float
    height: float
    room: float = 0
    under: float = 0
    band: int = 0
    column: int = 0
    row: int = 0


@dataclass(eq=False)
class Turn:
    """A stretch of a flow in a gutter: upright left of `column` `gutter`, else level above row `gutter`.

    Stretches with the same `owner` may lie on one another: they come from one node or go to one node. `low`, `high`:
    from where to where, counting gutters even and cells odd.
    """

    upright: bool
    gutter: int
    owner: tuple[str, str]
    low: int
    high: int
    track: int = 0


@dataclass(eq=False)
class Link:
    """A flow or association. `drop`: where below the source it begins, right of its left edge and below its lower one,
    and leads down; None: it leaves by the right."""

    id: str
    source: Item
    target: Item
    label: Label
    drop: tuple[float, float] | None = None
    turns: list[Turn] = field(default_factory=list)


def arrange(items: Sequence[Item], links: Sequence[Link], bands: int) -> list[int]:
    """Give every item its column and row and every link its turns; the first row of every band, and the number of rows."""
    _columns(items, links)
    starts = _rows(items, links, bands)
    cells: dict[tuple[int, int], tuple[str, str]] = {
        (each.column, each.row): ("at", each.id) for each in items
    }
    for link in sorted(links, key=lambda each: abs(each.target.column - each.source.column)):
        link.turns = _way(link, cells)
    _tracks([turn for link in links for turn in link.turns])
    return starts


# -- columns --------------------------------------------------------------------------------------------------


def _columns(items: Sequence[Item], links: Sequence[Link]) -> None:
    """The longest way from a beginning; flows that lead back do not count."""
    out: dict[Item, list[Item]] = defaultdict(list)
    entered = set()
    for link in links:
        out[link.source].append(link.target)
        entered.add(link.target)
    begun, done = set[Item](), list[Item]()
    ahead: dict[Item, list[Item]] = defaultdict(list)
    ended = set[Item]()
    for root in sorted(items, key=lambda each: each in entered):
        if root in begun:
            continue
        begun.add(root)
        stack = [(root, iter(out[root]))]
        while stack:
            item, following = stack[-1]
            after = next(following, None)
            if after is None:
                stack.pop()
                ended.add(item)
                done.append(item)
            elif after not in begun:
                begun.add(after)
                ahead[item].append(after)
                stack.append((after, iter(out[after])))
            elif after in ended:
                ahead[item].append(after)
    for item in reversed(done):
        for after in ahead[item]:
            after.column = max(after.column, item.column + 1)


# -- rows -----------------------------------------------------------------------------------------------------


def _rows(items: Sequence[Item], links: Sequence[Link], bands: int) -> list[int]:
    """Each item in the row of what leads to it, or the nearest free one of its band."""
    before: dict[Item, list[Item]] = defaultdict(list)
    for link in links:
        if link.source.column < link.target.column:
            before[link.target].append(link.source)
    taken: set[tuple[int, int, int]] = set()
    height = [1] * bands
    columns: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        columns[item.column].append(item)
    for column in sorted(columns):
        wanted = {each: _wanted(each, before[each]) for each in columns[column]}
        for item in sorted(columns[column], key=lambda each: wanted[each]):
            tries = sorted(range(len(items)), key=lambda row: (abs(row - wanted[item]), -row))
            item.row = next(row for row in tries if (column, item.band, row) not in taken)
            taken.add((column, item.band, item.row))
            height[item.band] = max(height[item.band], item.row + 1)
    starts = [sum(height[:band]) for band in range(bands + 1)]
    for item in items:
        item.row += starts[item.band]
    return starts


def _wanted(item: Item, before: Iterable[Item]) -> int:
    rows = sorted(each.row for each in before if each.band == item.band)
    return rows[(len(rows) - 1) // 2] if rows else 0


# -- ways -----------------------------------------------------------------------------------------------------


def _way(link: Link, cells: dict[tuple[int, int], tuple[str, str]]) -> list[Turn]:
    source, target = link.source, link.target
    leaving, arriving = ("from", link.id if link.drop is not None else source.id), ("to", target.id)
    between = range(source.column + 1, target.column)
    first, last = source.column + 1, target.column
    if link.drop is None and source.column < target.column:
        if _take(cells, [(column, target.row) for column in between], arriving):
            if source.row == target.row:
                return []
            return [_upright(first, arriving if between else leaving, source.row, target.row)]
        if _take(cells, [(column, source.row) for column in between], leaving):
            return [_upright(last, leaving, source.row, target.row)]
    gutter = target.row if target.row > source.row and link.drop is None else source.row + 1
    start = 2 * first if link.drop is None else 2 * source.column + 1
    level = Turn(False, gutter, leaving, *sorted((start, 2 * last)))
    down = Turn(True, last, arriving, *sorted((2 * gutter, 2 * target.row + 1)))
    if link.drop is not None:
        return [level, down]
    return [Turn(True, first, leaving, *sorted((2 * source.row + 1, 2 * gutter))), level, down]


def _upright(gutter: int, owner: tuple[str, str], one: int, other: int) -> Turn:
    return Turn(True, gutter, owner, *sorted((2 * one + 1, 2 * other + 1)))


def _take(
    cells: dict[tuple[int, int], tuple[str, str]], wanted: list[tuple[int, int]], owner: tuple[str, str]
) -> bool:
    """Run along these cells, if nothing stands there and only flows of the same end run there."""
    if any(cells.get(each, owner) != owner for each in wanted):
        return False
    cells.update(dict.fromkeys(wanted, owner))
    return True


def _tracks(turns: list[Turn]) -> None:
    """Stretches of different owners that would lie on one another get tracks of their own."""
    gutters: dict[tuple[bool, int], list[Turn]] = defaultdict(list)
    for turn in turns:
        gutters[turn.upright, turn.gutter].append(turn)
    for inside in gutters.values():
        placed: list[Turn] = []
        for turn in sorted(inside, key=lambda each: (each.low, each.high)):
            turn.track = _free_track(turn, placed)
            placed.append(turn)


def _free_track(turn: Turn, placed: list[Turn]) -> int:
    taken = {
        each.track
        for each in placed
        if each.owner != turn.owner and each.low <= turn.high and turn.low <= each.high
    }
    return next(track for track in range(len(placed) + 1) if track not in taken)
