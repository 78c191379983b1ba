"""Processes of any size for the bench: people's steps in a ring, so that a case can walk as long as we like."""

from __future__ import annotations

from app.processes.packages import Package, assemble
from tests.engine.diagrams import Diagram, properties

LANE = "承办人"

PACKAGE = """format = 1
key = "{key}"
name = "{size}步环"
summary = "测速用：{size} 个环节首尾相接。"
owner = "测速"
startable = true
title = "{{title}}"
number = "{key}〔{{year}}〕{{n}}号"

[[legal_basis]]
title = "测速"
articles = ["无"]

[lanes."承办人"]
scope = "initiator"
"""
START = """format = 1
title = "发起"

[[field]]
key = "title"
label = "标题"
type = "text"
required = true
"""
TURN = """format = 1
title = "办理"

[[known]]
key = "title"
label = "标题"

[[field]]
key = "opinion"
label = "意见"
type = "opinion"

[[field]]
key = "decision"
label = "办理"
type = "decision"
options = [
  { value = "on", label = "继续", style = "primary" },
  { value = "stop", label = "办结" },
]
"""


def key_of(size: int) -> str:
    """The process key of the ring with `size` steps."""
    return f"ring_{size}"


def ring(size: int) -> Package:
    """`size` steps one after another; after the last the case goes round again unless it is told to stop."""
    steps = [f"p{number}" for number in range(1, size + 1)]
    diagram = Diagram(key_of(size)).start("begin").people(*steps, inner=properties(form="turn"))
    diagram.gateways("exclusive", "turn").end("finish")
    diagram.go(" -> ".join(["begin", *steps, "turn"]))
    diagram.go("turn -> finish", 'decision == "stop"').otherwise(f"turn -> {steps[0]}")
    diagram.lane(LANE, "begin", *steps, "turn", "finish")
    return assemble(
        {
            "process.bpmn": diagram.xml().decode(),
            "package.toml": PACKAGE.format(key=key_of(size), size=size),
            "forms/start.toml": START,
            "forms/turn.toml": TURN,
        }
    )
