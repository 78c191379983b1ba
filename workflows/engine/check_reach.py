"""Checks of the ways through a drawing: everything is reached from the start, leads to an end, and no loop is without a way out."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.drawing import ACTIVITIES, CHOICES, PERSONS, Drawing, Node
from workflows.engine.model import Finding, error

_PAUSES = {
    "eventBasedGateway", "boundaryEvent", "intermediateCatchEvent", "receiveTask", "callActivity", "subProcess",
}  # fmt: skip


def check_scope(drawing: Drawing, scope: str, nodes: list[Node]) -> Iterator[Finding]:
    """One process or sub-process: its start, its ends, and that everything lies on a way between them."""
    starts = [node for node in nodes if node.kind == "startEvent"]
    if len(starts) != 1:
        yield error(
            scope, "start_count", f"应当有且只有一个开始事件，现在有 {len(starts)} 个", "请只保留一个开始事件"
        )
    if not any(node.kind == "endEvent" for node in nodes):
        yield error(scope, "no_end", "没有结束事件", "请画出结束事件")
    reached = _reached(drawing, starts)
    for node in nodes:
        if node not in reached:
            yield error(node.id, "unreachable", f"从开始走不到“{node.label}”", "请连上它或删除它")
        if node.kind != "endEvent" and not node.outgoing:
            yield error(
                node.id, "dead_end", f"“{node.label}”之后没有连线，办件会停在这里", "请连到下一步或结束事件"
            )
    yield from _check_hosts(drawing, nodes)
    yield from _check_endless(nodes)


def _check_hosts(drawing: Drawing, nodes: list[Node]) -> Iterator[Finding]:
    for node in nodes:
        if node.kind == "boundaryEvent":
            host = drawing.nodes.get(str(node.element.get("attachedToRef", "")))
            if host is None or host.scope != node.scope or host.kind not in ACTIVITIES:
                yield error(
                    node.id,
                    "boundary_host",
                    f"边界事件“{node.label}”没有附着在环节上",
                    "请把它拖到环节的边框上",
                )


def _reached(drawing: Drawing, starts: list[Node]) -> set[Node]:
    reached, todo = set(starts), list(starts)
    while todo:
        node = todo.pop()
        for follower in [*node.followers, *drawing.boundaries(node.id)]:
            if follower not in reached:
                reached.add(follower)
                todo.append(follower)
    return reached


def _check_endless(nodes: list[Node]) -> Iterator[Finding]:
    """A loop that no gateway can leave never ends; one without any person or wait never stops."""
    for leaving, rule, message in (
        (CHOICES | {"eventBasedGateway", "boundaryEvent"}, "endless_loop", "所在的循环没有出口"),
        (PERSONS | _PAUSES, "busy_loop", "所在的循环里没有任何人或等待"),
    ):  # fmt: skip
        for node in _in_cycles([node for node in nodes if node.kind not in leaving]):
            yield error(
                node.id,
                rule,
                f"“{node.label}”{message}，会无休止地转下去",
                "请在循环中加入环节和带条件的网关",
            )


def _in_cycles(nodes: list[Node]) -> list[Node]:
    """What is left when nodes without followers or predecessors are taken away again and again."""
    left = set(nodes)
    changed = True
    while changed:
        fed = {follower for node in left for follower in node.followers}
        kept = {node for node in left if node in fed and any(follower in left for follower in node.followers)}
        changed, left = kept != left, kept
    return [node for node in nodes if node in left]
