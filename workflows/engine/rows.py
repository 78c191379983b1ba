"""Which rows count, and in whose words: returns leave rows out, migrations read them anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from workflows.engine.model import Json, Moved, Row
from workflows.engine.running import followed


def current(rows: Iterable[Row]) -> list[Row]:
    """The rows in the words of the definition the case runs on now: migrations are applied to what stands before them."""
    found: list[Row] = []
    for row in rows:
        if row.moved is not None:
            found = _moved(found, row.moved)
        else:
            found.append(row)
    return found


def _moved(rows: Sequence[Row], moved: Moved) -> list[Row]:
    groups: dict[int, list[Row]] = {}
    for row in moved.replaced:
        groups.setdefault(row.seq, []).append(row)
    found: list[Row] = []
    for row in rows:
        if row.seq not in groups:
            found.append(translated(row, moved.renames))
        else:
            found += groups[row.seq]
            groups[row.seq] = []
    return found


def translated(row: Row, renames: Mapping[str, str]) -> Row:
    """The same row where paths have other names; `renames` maps paths without instances."""
    if not renames:
        return row

    def here(addresses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(renamed_address(address, renames) for address in addresses)

    acts = tuple(replace(act, path=renamed(act.path, renames)) for act in row.acts)
    return replace(
        row,
        at=here(row.at),
        opened=tuple(sorted(here(row.opened))),
        closed=tuple(sorted(here(row.closed))),
        acts=acts,
    )


def renamed(path: str, renames: Mapping[str, str]) -> str:
    """A path with its new names and its old instances."""
    plain = "/".join(part.split("[")[0] for part in path.split("/"))
    if plain not in renames:
        return path
    parts = zip(path.split("/"), renames[plain].split("/"), strict=True)
    return "/".join(name + part[len(part.split("[")[0]) :] for part, name in parts)


def renamed_address(address: str, renames: Mapping[str, str]) -> str:
    """An address `<row>:<path>#<number>` with the new names in its path."""
    row, rest = address.split(":", 1)
    path, mark, number = rest.partition("#")
    return f"{row}:{renamed(path, renames)}{mark}{number}"


def effective(rows: Iterable[Row]) -> list[Row]:
    """The rows that count, in the words of now: no returns, and nothing that a return dropped."""
    rows = current(rows)
    gone = {seq for row in rows if row.kind == "return" for seq in row.drop}
    return [row for row in rows if row.kind != "return" and row.seq not in gone]


def trail(rows: Iterable[Row]) -> str:
    """The trail of effective rows; the key of a checkpoint."""
    result = ""
    for row in rows:
        result = followed(result, row)
    return result


def standing_acts(rows: Iterable[Row]) -> dict[tuple[str, str], list[Json]]:
    """(action, path) -> results of acts that returns left standing and nothing has repeated since, oldest first.

    An action that comes again receives the first of them: what was done once is not done twice.
    """
    standing: dict[tuple[str, str], list[Json]] = {}
    for row in current(rows):
        for act in row.acts:
            left = standing.setdefault((act.name, act.path), [])
            if row.kind == "return":
                left.append(act.result)
            elif left:
                left.pop(0)
    return {key: left for key, left in standing.items() if left}
