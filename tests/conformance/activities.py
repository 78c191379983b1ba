"""Activities."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.made import Construct, beside, line, refused
from tests.engine.diagrams import Diagram, table


def activities() -> Iterator[Construct]:
    yield Construct(
        "user task",
        line("userTask").source(),
        runs=lambda p: p.waits("t").does("t", x=1).waits("z").sees("z", x=1),
    )
    yield Construct(
        "manual task", line("manualTask").source(), runs=lambda p: p.waits("t").does("t").waits("z")
    )
    act = (
        Diagram("p")
        .start()
        .action("t", "number.assign", "doc", kind="'文'")
        .people("z")
        .end()
        .go("s -> t -> z -> e")
    )
    yield Construct(
        "service task", act.source(), runs=lambda p: p.acted("number.assign", kind="文").sees("z", doc="结果")
    )
    yield refused("service task without an action", "no_action", line("serviceTask"))
    yield refused("service task of another operation", "unsupported", line("serviceTask", operationRef="op"))
    yield refused(
        "user task of another implementation", "unsupported", line("userTask", implementation="http://x")
    )
    rules = table("levels", ["kind"], ["grade"], [(["'a'"], ["1"]), (["-"], ["2"])], "FIRST")
    decided = Diagram("p").start().decision("t", "levels").people("z").end().go("s -> t -> z -> e")
    yield Construct(
        "business rule task",
        decided.source({"levels.dmn": rules}),
        runs=lambda p: p.sees("z", grade=1),
        facts={"kind": "a"},
    )
    receive = line("receiveTask", messageRef="m_6d").message("m")
    yield Construct(
        "receive task", receive.source(), runs=lambda p: p.waits().sends("m", x=2).waits("z").sees("z", x=2)
    )
    yield refused("receive task without a message", "unknown_reference", line("receiveTask"))
    yield refused(
        "receive task that starts a process",
        "instantiate",
        line("receiveTask", messageRef="m_6d", instantiate="true").message("m"),
    )
    yield refused("send task", "message_throw", line("sendTask", messageRef="m_6d").message("m"))
    yield refused("script task", "script", line("scriptTask", "<bpmn:script>x = 1</bpmn:script>"))
    yield refused("abstract task", "abstract_task", line("task"))
    inside = Diagram("").start("is").people("k").end("ie").go("is -> k -> ie")
    sub = Diagram("p").start().embed("t", inside).people("z").end().go("s -> t -> z -> e")
    yield Construct(
        "embedded sub-process",
        sub.source(),
        runs=lambda p: p.waits("k").does("k", x=3).waits("z").sees("z", x=3),
    )
    callee = Diagram("q", inputs=("n",), outputs=("r",)).start().people("k").end().go("s -> k -> e")
    called = Diagram("p").start().call("t", "q").people("z").end().go("s -> t -> z -> e")
    yield Construct(
        "call activity", called.source(), [callee.source()],
        runs=lambda p: p.waits("k").sees("k", n=1, other=None).does("k", r=5, more=6).waits("z").sees("z", r=5, n=1, more=None, other=7),
        facts={"n": 1, "other": 7},
    )  # fmt: skip
    yield refused("call of a process that is not there", "unknown_callee", called)
    io = '<bpmn:ioSpecification><bpmn:dataInput id="n"/><bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>'
    yield refused("data of an activity", "unsupported", line("userTask", io))
    yield refused(
        "data association",
        "unsupported",
        line(
            "userTask",
            '<bpmn:dataInputAssociation id="d"><bpmn:targetRef>n</bpmn:targetRef></bpmn:dataInputAssociation>',
        ),
    )
    yield refused(
        "performer",
        "unsupported",
        line("userTask", "<bpmn:performer><bpmn:resourceRef>r</bpmn:resourceRef></bpmn:performer>"),
    )
    yield refused("rendering", "unsupported", line("userTask", "<bpmn:rendering/>"))
    yield refused("transaction", "transaction", line("transaction"))
    yield refused("ad-hoc sub-process", "ad_hoc", line("adHocSubProcess"))
    yield refused("event sub-process", "event_subprocess", beside("subProcess", triggeredByEvent="true"))
    yield refused("compensation activity", "compensation", line("userTask", isForCompensation="true"))
    yield refused("start quantity", "token_quantity", line("userTask", startQuantity="2"))
    yield refused("completion quantity", "token_quantity", line("userTask", completionQuantity="2"))
