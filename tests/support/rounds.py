"""A process that goes round for ever, at a post of two people: for tests that need very many steps.

put_rounds()                          installs it; `begin_rounds(city)` starts a case and gives its id
read -> pass_on -> read -> …          both wait at 拟稿 of the bureau's 住房保障科; a timer on each skips to the other
"""

from __future__ import annotations

from app.cases import service
from app.cases.submitted import Submitted
from app.core.actor import SYSTEM
from app.processes import service as processes
from app.processes.packages import Package, assemble
from bench.rings import START, TURN
from tests.engine.diagrams import Diagram, properties, timer
from tests.support.organs import City

KEY = "rounds"
_PACKAGE = """format = 1
key = "rounds"
name = "循环传阅"
summary = "两个环节往复，直到办结。"
owner = "测试"
startable = true
title = "{title}"
number = "循〔{year}〕{n}号"

[[legal_basis]]
title = "测试"
articles = ["无"]

[lanes."承办科室"]
scope = "unit"
post = "drafter"
"""


def rounds() -> Package:
    """The package."""
    diagram = Diagram(KEY).start("begin").gateways("exclusive", "turn", "again").end("finish")
    diagram.people("read", "pass_on", inner=properties(form="turn", role="work"))
    diagram.boundary("late", "read", timer('"P1D"')).boundary("later", "pass_on", timer('"P1D"'))
    diagram.go("begin -> again -> read -> turn")
    diagram.go("turn -> finish", 'decision == "stop"').otherwise("turn -> pass_on")
    diagram.go("late -> pass_on").go("later -> again")
    diagram.go("pass_on -> again")
    diagram.lane("承办科室", "begin", "again", "read", "late", "turn", "pass_on", "later", "finish")
    return assemble(
        {
            "process.bpmn": diagram.xml().decode(),
            "package.toml": _PACKAGE,
            "forms/start.toml": START,
            "forms/turn.toml": TURN,
        }
    )


def put_rounds() -> None:
    """Install it as active."""
    processes.install(SYSTEM, packages=[rounds()])


def begin_rounds(city: City, login: str = "fang", title: str = "往复传阅") -> int:
    """A case of it; its id."""
    answers = {"title": title}
    begun = service.start(
        city.actor(login), process=KEY, submitted=Submitted(answers, {}), title=title, token=None
    )
    return int(begun["case"])


def said(decision: str = "on", opinion: str = "") -> Submitted:
    """The answers of a turn."""
    facts = {"decision": decision}
    return Submitted(
        {**facts, "opinion": opinion}, facts, decision=decision, decision_label="继续", opinion=opinion
    )
