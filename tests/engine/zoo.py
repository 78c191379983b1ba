"""The small diagrams that the walks go through, each with what a person may answer in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.engine.diagrams import Diagram, instances, message, properties, table, timer
from workflows.engine import Json, Source, Spec, load


@dataclass(frozen=True)
class Animal:
    """A closure, the facts it starts with, and for every step's answers the values each name may take."""

    main: Source
    callees: Sequence[Source] = ()
    begin: Mapping[str, Json] = field(default_factory=dict)
    answers: Mapping[str, Sequence[Json]] = field(default_factory=dict)

    def spec(self) -> Spec:
        return load(self.main, self.callees)


ERROR_END = '<bpmn:errorEventDefinition errorRef="err"/>'
ERROR = '<bpmn:error id="err" name="退件" errorCode="E1"/>'
ESCALATION_THROW = '<bpmn:escalationEventDefinition escalationRef="esc"/>'
ESCALATION = '<bpmn:escalation id="esc" name="请示" escalationCode="X1"/>'


def parallel_loop() -> Animal:
    diagram = (
        Diagram("parallel_loop").start().people("a", "b1", "b2", "c", "d", "z").end()
        .gateways("parallel", "g", "j").gateways("exclusive", "x")
        .go("s -> a -> g -> b1 -> b2 -> j -> z -> x").go("g -> c -> j").go("g -> d -> j")
        .go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    return Animal(
        diagram.source(), begin={"again": 0}, answers={"again": [0, 1], "note": ["甲", "乙", {"深": [1]}]}
    )


def inclusive() -> Animal:
    diagram = (
        Diagram("inclusive").start().people("a", "b", "c", "d", "z").end()
        .gateways("inclusive", "g", "j").gateways("exclusive", "x")
        .go("s -> a -> g").go("g -> b", "'b' in want").go("g -> c", "'c' in want").otherwise("g -> d")
        .go("b -> j").go("c -> j").go("d -> j").go("j -> z -> x").go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    wants: list[Json] = [[], ["b"], ["c"], ["b", "c"]]
    return Animal(
        diagram.source(), begin={"want": ["b"], "again": 0}, answers={"want": wants, "again": [0, 1]}
    )


def nested_parallel() -> Animal:
    """A split inside a split, the inner branches ending in different ways, one in an end event of its own."""
    diagram = (
        Diagram("nested_parallel").start().people("a", "b", "c", "d", "f", "z").end("e", "e2")
        .gateways("parallel", "g1", "g2", "j2", "j1").gateways("exclusive", "x")
        .go("s -> g1 -> a -> j1 -> z -> e").go("g1 -> g2 -> b -> j2 -> j1").go("g2 -> c -> x")
        .go("x -> c", "again == 1").otherwise("x -> j2").go("g1 -> d -> f -> e2")
    )  # fmt: skip
    return Animal(diagram.source(), begin={"again": 0}, answers={"again": [0, 1], "shared": [1, 2, 3]})


def each_parallel() -> Animal:
    """Every unit gives an opinion, one veto is enough; the head may send it round again."""
    repeat = instances(
        over="units", item="unit", output="opinions", result="opinion", until="opinion == '反对'"
    )
    diagram = (
        Diagram("each_parallel").start().people("a", "z").people("u", inner=repeat).end().gateways("exclusive", "x")
        .go("s -> a -> u -> z -> x").go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    return Animal(
        diagram.source(),
        begin={"units": ["财政局", "司法局"], "again": 0},
        answers={
            "opinion": ["同意", "反对"],
            "again": [0, 1],
            "units": [["财政局"], ["财政局", "司法局", "网信办"], []],
        },
    )


def each_sequential() -> Animal:
    repeat = instances(sequential=True, over="units", item="unit", output="opinions", result="opinion")
    counted = instances(sequential=True, cardinality="levels")
    diagram = (
        Diagram("each_sequential").start().people("a", "z").people("u", inner=repeat).people("v", inner=counted).end()
        .gateways("exclusive", "x").go("s -> a -> u -> v -> z -> x").go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    return Animal(
        diagram.source(),
        begin={"units": ["甲"], "again": 0, "levels": 2},
        answers={
            "opinion": ["同意", "反对"],
            "again": [0, 1],
            "units": [["甲", "乙"], []],
            "levels": [0, 1, 3],
        },
    )


def calls() -> Animal:
    """A call in a call beside a person's step, the inner one with declared data, in a loop."""
    inner = Diagram("review", inputs=("level",), outputs=("verdict",)).start().people("r1", "r2").end()
    inner.gateways("exclusive", "x").go("s -> r1 -> x").go("x -> r2", "level > 1").otherwise("x -> e").go(
        "r2 -> e"
    )
    middle = Diagram("check").start().people("k").call("deep", "review").end().go("s -> k -> deep -> e")
    main = (
        Diagram("calls").start().people("a", "c", "z").call("ca", "check").end()
        .gateways("parallel", "g", "j").gateways("exclusive", "x")
        .go("s -> a -> g -> ca -> j -> z -> x").go("g -> c -> j").go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    answers: dict[str, Sequence[Json]] = {
        "again": [0, 1],
        "level": [1, 2],
        "verdict": ["公开", None],
        "left": [1],
    }
    return Animal(main.source(), [middle.source(), inner.source()], {"again": 0, "level": 1}, answers)


def each_call() -> Animal:
    """A call for every unit at once."""
    inner = Diagram("opinion").start().people("o1", "o2").end().go("s -> o1 -> o2 -> e")
    repeat = instances(over="units", item="unit", output="all", result="said")
    main = (
        Diagram("each_call")
        .start()
        .people("a", "z")
        .call("ca", "opinion", repeat)
        .end()
        .go("s -> a -> ca -> z -> e")
    )
    return Animal(main.source(), [inner.source()], {"units": ["甲", "乙"], "said": 0}, {"said": [1, 2]})


def boundaries() -> Animal:
    """An urging timer that interrupts nothing, a deadline that does, on a step in a loop."""
    diagram = (
        Diagram("boundaries").start().people("a", "b", "urge", "late", "z").end("e", "e2")
        .boundary("soon", "b", timer("'P3D'"), interrupting=False).boundary("over", "b", timer("limit"))
        .gateways("exclusive", "x").go("s -> a -> b -> z -> x").go("soon -> urge -> e2").go("over -> late -> z")
        .go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    limits: list[Json] = ["P10D", "2026-05-01"]
    return Animal(
        diagram.source(), begin={"again": 0, "limit": "P7D"}, answers={"again": [0, 1], "limit": limits}
    )


def withdrawal() -> Animal:
    """An interrupting message on a sub-process that holds a parallel split and a call."""
    called = Diagram("inner_call").start().people("q").end().go("s -> q -> e")
    inside = (
        Diagram("").start("is").people("k1", "k2").call("kc", "inner_call").end("ie").gateways("parallel", "ig", "ij")
        .go("is -> ig -> k1 -> ij -> ie").go("ig -> kc -> k2 -> ij")
    )  # fmt: skip
    diagram = (
        Diagram("withdrawal").start().people("a", "wd", "z").embed("sp", inside).end("e", "e2").message("撤回")
        .boundary("bw", "sp", message("撤回")).boundary("bt", "sp", timer("'P20D'"), interrupting=False)
        .people("remind").end("e3").go("bt -> remind -> e3")
        .gateways("exclusive", "x").go("s -> a -> sp -> z -> x").go("bw -> wd -> e2")
        .go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    return Animal(diagram.source(), [called.source()], {"again": 0}, {"again": [0, 1]})


def event_choice() -> Animal:
    """After a notice: either the applicant answers or time runs out, and round again."""
    diagram = (
        Diagram("event_choice").start().people("a", "z", "late").end().gateways("eventBased", "g")
        .gateways("exclusive", "x").message("补正", "放弃")
        .catch("em", message("补正")).catch("eg", message("放弃")).catch("et", timer("'P15D'"))
        .go("s -> a -> g").go("g -> em -> z -> x").go("g -> et -> late -> x").go("g -> eg -> x")
        .go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    return Animal(diagram.source(), begin={"again": 0}, answers={"again": [0, 1], "text": ["补充说明"]})


def actions() -> Animal:
    """Actions and a decision table between steps, in parallel branches and a loop."""
    levels = table("levels", ["grade"], ["levels", "signer"], [
        (["'高'"], ["3", "'局长'"]), (["in ['中', '低']"], ["2", "'科长'"]),
    ])  # fmt: skip
    diagram = (
        Diagram("actions").start().people("a", "b", "c", "z").end()
        .action("number", "number.assign", "doc", kind="'文'", year="2026")
        .action("tell", "notice.send", to="signer").decision("d", "levels")
        .gateways("parallel", "g", "j").gateways("exclusive", "x")
        .go("s -> a -> d -> g -> b -> number -> j -> tell -> z -> x").go("g -> c -> j")
        .go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip
    answers: dict[str, Sequence[Json]] = {"again": [0, 1], "grade": ["高", "低", "无"]}
    return Animal(diagram.source({"levels.dmn": levels}), begin={"again": 0, "grade": "高"}, answers=answers)


def failing() -> Animal:
    """A sub-process that may end in an error or escalate, beside one that does neither."""
    inside = (
        Diagram("").start("is").people("k").end("ok").end("bad", inner=ERROR_END).gateways("exclusive", "ix")
        .node("intermediateThrowEvent", "ask", ESCALATION_THROW).people("k2")
        .go("is -> k -> ix").go("ix -> bad", "fail == 1").go("ix -> ask", "fail == 2").otherwise("ix -> ok")
        .go("ask -> k2 -> ok")
    )  # fmt: skip
    other = Diagram("").start("os").people("m").end("oe").go("os -> m -> oe")
    diagram = (
        Diagram("failing").start().people("a", "mend", "told", "z").embed("sp", inside).embed("sq", other).end("e", "e2")
        .boundary("be", "sp", ERROR_END).boundary("bx", "sp", ESCALATION_THROW, interrupting=False)
        .boundary("bq", "sq", ERROR_END).people("never")
        .gateways("parallel", "g", "j").gateways("exclusive", "x", "m1", "m2")
        .go("s -> a -> g -> sp -> m1 -> j -> z -> e").go("g -> sq -> m2 -> j").go("bq -> never -> m2")
        .go("be -> mend -> x").go("bx -> told -> e2").go("x -> sp", "again == 1").otherwise("x -> m1")
    )  # fmt: skip
    diagram.extra += [ERROR, ESCALATION]
    return Animal(
        diagram.source(), begin={"fail": 0, "again": 0}, answers={"fail": [0, 1, 2], "again": [0, 1]}
    )


def terminating() -> Animal:
    """A branch that ends everything at once."""
    diagram = (
        Diagram("terminating").start().people("a", "b", "c").end("e").end("t", inner="<bpmn:terminateEventDefinition/>")
        .gateways("parallel", "g").gateways("exclusive", "x")
        .go("s -> g -> a -> e").go("g -> b -> c -> x").go("x -> t", "again == 0").otherwise("x -> b")
    )  # fmt: skip
    return Animal(diagram.source(), begin={"again": 0}, answers={"again": [0, 1]})


def unstructured() -> Animal:
    """A merge without a join: one step runs once per token; settings and lanes on the way."""
    diagram = (
        Diagram("unstructured").start().people("a", "b", "c").people("z", inner=properties(form="end", role="clerk")).end()
        .gateways("parallel", "g").gateways("exclusive", "m").lane("科长", "z").lane("经办", "a", "b", "c")
        .go("s -> a -> g -> b -> m -> z -> e").go("g -> c -> m")
    )  # fmt: skip
    return Animal(diagram.source(), answers={"note": [1, 2]})


ZOO = {
    animal.main.key: animal
    for animal in [
        parallel_loop(), inclusive(), nested_parallel(), each_parallel(), each_sequential(), calls(), each_call(),
        boundaries(), withdrawal(), event_choice(), actions(), failing(), terminating(), unstructured(),
    ]
}  # fmt: skip
