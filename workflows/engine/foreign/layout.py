"""From columns and rows to pixels: boxes, waypoints and labels of one scope, its upper left corner at 0, 0."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from workflows.engine.foreign.grid import Item, Link, Turn, arrange
from workflows.engine.foreign.labels import Label

_TRACK = 10  # pixels between two flows side by side
_GUTTER = 24  # pixels between two rows at least
_BEFORE = 20  # pixels from a column to the first upright stretch behind it
_STUB = 30  # pixels from the last upright stretch to the next column at least
_PAD = 14  # pixels between the line of a band and its first row
_HALF = 36  # pixels of a row above and below its line at least

Box = tuple[float, float, float, float]
Points = tuple[tuple[float, float], ...]


@dataclass
class Laid:
    """What came out. Boxes are x, y, width and height; `bands` are top and bottom of every band."""

    width: float = 0
    height: float = 0
    boxes: dict[str, Box] = field(default_factory=dict)
    ways: dict[str, Points] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    bands: list[tuple[float, float]] = field(default_factory=list)


def lay_out(items: Sequence[Item], links: Sequence[Link], bands: Sequence[float] = (0,)) -> Laid:
    """Arrange a scope (`grid.arrange`) and measure it. `bands`: how high each has to be for its name."""
    starts = arrange(items, links, len(bands))
    return _Measures(items, links, starts, bands).laid()


class _Measures:
    """The lengths of a scope that is arranged."""

    def __init__(
        self, items: Sequence[Item], links: Sequence[Link], starts: list[int], least: Sequence[float]
    ) -> None:
        self.items, self.links, self.starts, self.least = items, links, starts, least
        self.rows = starts[-1]
        turns = [turn for link in links for turn in link.turns]
        self._tracks: dict[tuple[bool, int], int] = defaultdict(int)
        for turn in turns:
            place = turn.upright, turn.gutter
            self._tracks[place] = max(self._tracks[place], turn.track + 1)
        self.bands: list[tuple[float, float]] = []
        self._measure_columns()
        self._measure_rows()

    def _measure_columns(self) -> None:
        """`left[c]`: the gutter before column c; `column[c]`: its own left edge and width."""
        count = max((each.column for each in self.items), default=0) + 1
        x, self.left, self.column = 0.0, list[float](), list[tuple[float, float]]()
        for column in range(count):
            self.left.append(x)
            x += self._gutter_width(column)
            inside = [each for each in self.items if each.column == column]
            width = max((max(each.width, each.room) for each in inside), default=0)
            self.column.append((x, width))
            x += width
        self.left.append(x)
        self.width = x + max(_STUB, self._gutter_width(count) - _STUB + _BEFORE)

    def _gutter_width(self, gutter: int) -> float:
        names = [each.label.width for each in self.links if each.target.column == gutter]
        tracks = self._tracks[True, gutter]
        stub = max(_STUB, max(names, default=0) + 10)
        if not tracks:
            return stub if gutter == 0 else max(stub, _BEFORE + _STUB)
        return _BEFORE + _TRACK * (tracks - 1) + stub

    def _measure_rows(self) -> None:
        """`top[g]`: the gutter above row g; `line[r]`: the line that flows enter and leave by."""
        y, top, self.top, self.line = 0.0, 0.0, list[float](), list[float]()
        for row in range(self.rows):
            self.top.append(y)
            y += _GUTTER + _TRACK * max(0, self._tracks[False, row] - 1)
            if row and row in self.starts:
                top = y = self._end_band(top, y)
                y += _PAD
            inside = [each for each in self.items if each.row == row]
            y += max([_HALF, *(each.height / 2 for each in inside)])
            self.line.append(y)
            y += max([_HALF, *(each.height / 2 + each.under for each in inside)])
        self.top.append(y)
        y += _GUTTER + _TRACK * max(0, self._tracks[False, self.rows] - 1)
        self.height = self._end_band(top, y)

    def _end_band(self, top: float, y: float) -> float:
        """Where the band that began at `top` ends: not before `y`."""
        self.bands.append((top, max(y, top + self.least[len(self.bands)])))
        return self.bands[-1][1]

    def at(self, turn: Turn) -> float:
        """x of an upright stretch, y of a level one."""
        if turn.upright:
            return self.left[turn.gutter] + (_BEFORE if turn.gutter else 8) + _TRACK * turn.track
        return self.top[turn.gutter] + _GUTTER / 2 + _TRACK * turn.track

    def left_of(self, item: Item) -> float:
        """Its left edge: it stands in the middle of its column."""
        x, width = self.column[item.column]
        return x + (width - item.width) / 2

    def laid(self) -> Laid:
        found = Laid(self.width, self.height, bands=self.bands)
        for item in self.items:
            y = self.line[item.row] - item.height / 2
            found.boxes[item.id] = self.left_of(item), y, item.width, item.height
        stacked: dict[Item, list[Label]] = defaultdict(list)
        for link in self.links:
            found.ways[link.id] = self._points(link)
            if link.label.height:
                found.labels[link.id] = self._label(link, stacked[link.target])
        return found

    def _points(self, link: Link) -> Points:
        source, end = link.source, (self.left_of(link.target), self.line[link.target.row])
        if link.drop is None:
            x, y = self.left_of(source) + source.width, self.line[source.row]
        else:
            x = self.left_of(source) + link.drop[0]
            y = self.line[source.row] + source.height / 2 + link.drop[1]
        points = [(x, y)]
        for turn in link.turns:
            x, y = (self.at(turn), y) if turn.upright else (x, self.at(turn))
            points.append((x, y))
        if link.turns:
            points.append((x, end[1]))
        return (*points, end)

    def _label(self, link: Link, stacked: list[Label]) -> Box:
        """Before the target, over the flow; the second under it, and so on by turns."""
        stacked.append(link.label)
        same = stacked[len(stacked) - 1 :: -2]
        line, far = self.line[link.target.row], sum(each.height for each in same)
        y = line - 4 - far if len(stacked) % 2 else line + 4 + far - link.label.height
        right = self.column[link.target.column][0] - 4
        return right - link.label.width, y, link.label.width, link.label.height
