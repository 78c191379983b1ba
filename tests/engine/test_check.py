"""What stops a definition from being activated: one sound diagram, and one fault at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from tests.engine.diagrams import HEAD, Diagram, formal, instances, message, properties, table, timer
from tests.engine.zoo import ERROR_END, ZOO
from workflows.engine import Catalogue, Finding, Source, check

CATALOGUE = Catalogue(
    lanes=frozenset({"经办", "科长"}),
    actions={"number.assign": {"kind": "种类"}},
    forms=frozenset({("sound", "a"), ("sound", "b"), ("sound", "special")}),
    settings=frozenset({"form", "role"}),
)
LEVELS = table(
    "levels", ["kind"], ["grade"], [(["'a'"], ["1"]), (["in ['b', 'c']"], ["2"]), (["-"], [""])], "FIRST"
)


def sound() -> Diagram:
    return (
        Diagram("sound").start().people("a").people("b", inner=properties(form="special", role="review")).end()
        .action("n", "number.assign", "doc", kind="'文'").decision("d", "levels").call("c", "called")
        .gateways("exclusive", "x").lane("经办", "a").lane("科长", "b")
        .go("s -> a -> n -> d -> c -> x").go("x -> b", "grade == 1").otherwise("x -> e").go("b -> e")
    )  # fmt: skip


CALLED = Diagram("called", outputs=("verdict",)).start().people("k").end().go("s -> k -> e").source()


def findings(
    diagram: Diagram | bytes, dmn: bytes | None = LEVELS, catalogue: Catalogue = CATALOGUE
) -> list[Finding]:
    data = diagram if isinstance(diagram, bytes) else diagram.xml()
    return check(Source("sound", data, {"levels.dmn": dmn} if dmn else {}), [CALLED], catalogue)


def errors(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found if finding.severity == "error"}


def test_a_sound_diagram_has_no_findings() -> None:
    assert findings(sound()) == []


@pytest.mark.parametrize("animal", ZOO.values(), ids=list(ZOO))
def test_every_diagram_of_the_zoo_runs_and_is_found_sound(animal: object) -> None:
    found = check(animal.main, animal.callees)  # type: ignore[attr-defined]
    assert errors(found) - {"no_lane"} == set()


def _branch(step: str, add: Callable[[Diagram], Diagram]) -> Diagram:
    """The sound diagram with `step` put between b and a second end."""
    diagram = sound()
    diagram.flows = [flow for flow in diagram.flows if "f_b_e" not in flow]
    return add(diagram.end("e9")).go(f"b -> {step} -> e9").lane("经办", step)


def _event(kind: str, definition: str) -> Callable[[], Diagram]:
    return lambda: _branch("t", lambda d: d.node(kind, "t", definition))


def _replace(old: str, new: str) -> Callable[[], bytes]:
    def build() -> bytes:
        text = sound().xml().decode()
        assert old in text, old
        return text.replace(old, new).encode()

    return build


def _bad_end(inner: str) -> Callable[[], Diagram]:
    return lambda: sound().end("e9", inner=inner).gateways("parallel", "g").go("g -> e9")


def _loop(**settings: str) -> Callable[[], Diagram]:
    return lambda: _branch("u", lambda d: d.people("u", inner=instances(**settings)))  # type: ignore[arg-type]


SIGNAL = '<bpmn:signal id="sig" name="信号"/>'
FAULTS: list[tuple[str, str, Callable[[], Diagram | bytes]]] = [
    ("script", "脚本任务", lambda: _branch("t", lambda d: d.node("scriptTask", "t", "<bpmn:script>x=1</bpmn:script>"))),
    ("script", "前置脚本", _replace(properties(form="special", role="review"), "<bpmn:extensionElements><spiffworkflow:preScript>x = 1</spiffworkflow:preScript></bpmn:extensionElements>")),  # noqa: E501
    ("abstract_task", "没有类型", lambda: _branch("t", lambda d: d.node("task", "t"))),
    ("message_throw", "发送任务", lambda: _branch("t", lambda d: d.node("sendTask", "t", messageRef="m"))),
    ("message_throw", "发出消息", lambda: _branch("t", lambda d: d.message("m").node("intermediateThrowEvent", "t", message("m")))),
    ("link_event", "链接", _event("intermediateThrowEvent", '<bpmn:linkEventDefinition name="l"/>')),
    ("signal_uncaught", "信号结束", _bad_end('<bpmn:signalEventDefinition signalRef="sig"/>')),
    ("message_end", "消息结束", _bad_end('<bpmn:messageEventDefinition messageRef="m"/>')),
    ("timer_end", "定时结束", _bad_end(timer("'P1D'"))),
    ("conditional_event", "条件事件", _event("intermediateCatchEvent", "<bpmn:conditionalEventDefinition><bpmn:condition>True</bpmn:condition></bpmn:conditionalEventDefinition>")),  # noqa: E501
    ("event_reference", "引用的事件定义", _event("intermediateCatchEvent", "<bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef>")),
    ("several_definitions", "多个触发", lambda: _branch("t", lambda d: d.message("m").catch("t", message("m") + timer("'P1D'")))),
    ("no_definition", "没有触发", _event("intermediateCatchEvent", "")),
    ("cycle_timer", "周期", _event("intermediateCatchEvent", timer("'R3/PT1H'", "timeCycle"))),
    ("timer_value", "没有引号", _event("intermediateCatchEvent", timer("P7D"))),
    ("timer_value", "不是时长", _event("intermediateCatchEvent", timer("'七天'"))),
    ("timer_value", "没有值", _event("intermediateCatchEvent", "<bpmn:timerEventDefinition/>")),
    ("unknown_reference", "未知消息", _event("intermediateCatchEvent", '<bpmn:messageEventDefinition messageRef="zz"/>')),
    ("unknown_reference", "接收任务", lambda: _branch("t", lambda d: d.node("receiveTask", "t"))),
    ("signal_uncaught", "信号无人接", lambda: _branch("t", lambda d: _extra(d, SIGNAL).node("intermediateThrowEvent", "t", '<bpmn:signalEventDefinition signalRef="sig"/>'))),  # noqa: E501
    ("token_quantity", "令牌", _replace('id="a" name', 'id="a" startQuantity="2" name')),
    ("token_quantity", "令牌", _replace('id="a" name', 'id="a" completionQuantity="2" name')),
    ("compensation", "补偿", _replace('id="a" name', 'id="a" isForCompensation="true" name')),
    ("event_subprocess", "事件子流程", lambda: sound().node("subProcess", "sp", triggeredByEvent="true")),
    ("transaction", "事务", lambda: _branch("t", lambda d: d.node("transaction", "t"))),
    ("ad_hoc", "特别", lambda: _branch("t", lambda d: d.node("adHocSubProcess", "t"))),
    ("complex_gateway", "复杂网关", lambda: _branch("t", lambda d: d.node("complexGateway", "t"))),
    ("unsupported", "数据对象", lambda: sound().node("dataStoreReference", "ds")),
    ("unsupported", "编排", lambda: sound().node("choreographyTask", "ct")),
    ("unsupported", "扩展", _replace("<spiffworkflow:properties>", "<spiffworkflow:variableName>v</spiffworkflow:variableName><spiffworkflow:properties>")),  # noqa: E501
    ("several_interrupting", "两个打断", lambda: sound().boundary("b1", "a", timer("'P1D'")).boundary("b2", "a", timer("'P2D'")).go("b1 -> b").go("b2 -> b")),  # noqa: E501
    ("message_boundary", "不打断的消息", lambda: sound().message("m").boundary("b1", "a", message("m"), interrupting=False).go("b1 -> b")),
    ("terminate_catch", "终止边界", lambda: sound().boundary("b1", "a", "<bpmn:terminateEventDefinition/>").go("b1 -> b")),
    ("boundary_host", "没有附着", lambda: sound().boundary("b1", "x", timer("'P1D'")).go("b1 -> b")),
    ("start_event", "消息开始", _replace('<bpmn:startEvent id="s">', '<bpmn:startEvent id="s"><bpmn:messageEventDefinition messageRef="m"/>')),
    ("start_count", "两个开始", lambda: sound().start("s2").go("s2 -> b")),
    ("no_end", "没有结束", lambda: _no_end()),
    ("unreachable", "走不到", lambda: sound().people("lost").go("lost -> e").lane("经办", "lost")),
    ("unreachable", "互相连着也走不到", lambda: sound().people("l1", "l2").go("l1 -> l2 -> l1").lane("经办", "l1", "l2")),
    ("dead_end", "没有出口", lambda: _branch("t", lambda d: d.people("t").people("q").go("t -> q").lane("经办", "q"))),
    ("endless_loop", "死循环", lambda: _branch("t", lambda d: d.people("t").gateways("parallel", "g").go("t -> g -> t").go("g -> e9"))),
    ("busy_loop", "空转", lambda: sound().gateways("exclusive", "y").action("w", "number.assign").go("b -> y").go("y -> w", "True").otherwise("y -> e").go("w -> y")),  # noqa: E501
    ("default_flow", "没有默认", _replace(' default="f_x_e"', "")),
    ("default_flow", "默认不对", _replace(' default="f_x_e"', ' default="f_s_a"')),
    ("missing_condition", "没有条件", lambda: sound().people("q").go("x -> q -> e").lane("经办", "q")),
    ("conditional_flow", "活动出口带条件", lambda: _conditional()),
    ("multiple_flows", "多条出口", lambda: sound().go("a -> b")),
    ("flow_reference", "悬空", lambda: sound().go("b -> nowhere")),
    ("flow_scope", "跨子流程", lambda: _branch("sp", lambda d: d.embed("sp", Diagram("").start("is").people("k").end("ie").go("is -> k -> ie")).go("k -> e"))),  # noqa: E501
    ("event_gateway", "事件网关后不是事件", lambda: _branch("g", lambda d: d.gateways("eventBased", "g").go("g -> a"))),
    ("expression", "条件写错", _replace(">grade == 1<", ">grade ==<")),
    ("expression", "条件越界", _replace(">grade == 1<", ">().__class__<")),
    ("expression", "空条件", _replace(">grade == 1<", "><")),
    ("expression", "参数", _replace("value=\"'文'\"", 'value="open(1)"')),
    ("instances", "份数过大", _loop(cardinality="1000000")),
    ("name", "缺名单", _loop(over="")),
    ("instances", "只有汇总", _loop(cardinality="2", output="all")),
    ("name", "名称", _loop(over="units", item="len")),
    ("completion_condition", "计数器", _loop(cardinality="3", until="nrOfHappyInstances > 1")),
    ("loop_maximum", "重复", lambda: _branch("u", lambda d: d.people("u", inner="<bpmn:standardLoopCharacteristics/>"))),
    ("reserved_id", "保留编号", lambda: _branch("Start", lambda d: d.people("Start"))),
    ("identifier", "编号", lambda: _branch("t-1", lambda d: d.people("t-1"))),
    ("identifier", "编号", _replace('id="a" ', 'id="a&quot; or 1" ')),
    ("identifier", "连线没有编号", _replace('<bpmn:sequenceFlow id="f_s_a"', "<bpmn:sequenceFlow")),
    ("duplicate_id", "重复编号", lambda: sound().people("a")),
    ("process_key", "编号不同", _replace('<bpmn:process id="sound"', '<bpmn:process id="other"')),
    ("process_count", "两个流程", _replace("</bpmn:definitions>", '<bpmn:process id="two"/></bpmn:definitions>')),
    ("not_executable", "不可执行", _replace('isExecutable="true"', 'isExecutable="false"')),
    ("no_action", "没有动作", lambda: _branch("t", lambda d: d.node("serviceTask", "t"))),
    ("unknown_action", "动作不存在", lambda: _branch("t", lambda d: d.action("t", "shell.run"))),
    ("unknown_param", "参数不存在", lambda: _branch("t", lambda d: d.action("t", "number.assign", color="1"))),
    ("name", "结果名", lambda: _branch("t", lambda d: d.action("t", "number.assign", "len"))),
    ("unknown_decision", "决策表不存在", lambda: _branch("t", lambda d: d.decision("t", "missing"))),
    ("unknown_callee", "流程不存在", lambda: _branch("t", lambda d: d.call("t", "missing"))),
    ("unknown_callee", "调用自己", lambda: _branch("t", lambda d: d.call("t", "sound"))),
    ("unknown_lane", "泳道", lambda: _branch("t", lambda d: d.people("t").lane("局长", "t"))),
    ("unknown_form", "表单", lambda: _branch("t", lambda d: d.people("t"))),
    ("unknown_setting", "设置", lambda: _branch("t", lambda d: d.people("t", inner=properties(form="special", color="red")))),
    ("oversize", "过多节点", lambda: _branch("t", lambda d: d.people("t", *[f"u{n}" for n in range(201)]))),
    ("message_flow", "消息流", _replace("<bpmn:process", '<bpmn:collaboration id="co"><bpmn:messageFlow id="mf" sourceRef="a" targetRef="b"/></bpmn:collaboration><bpmn:process')),  # noqa: E501
    ("doctype", "DOCTYPE", lambda: b"<!DOCTYPE x>" + sound().xml()),
    ("xml", "不是 XML", lambda: b"<bpmn"),
    ("xml", "不是 BPMN", lambda: b"<a/>"),
]  # fmt: skip


def _extra(diagram: Diagram, element: str) -> Diagram:
    diagram.extra.append(element)
    return diagram


def _no_end() -> Diagram:
    return Diagram("sound").start().people("a").lane("经办", "a").go("s -> a")


def _conditional() -> Diagram:
    diagram = sound()
    diagram.flows = [
        flow.replace("></bpmn:sequenceFlow>", f">{formal('conditionExpression', 'True')}</bpmn:sequenceFlow>")
        if "f_a_n" in flow
        else flow
        for flow in diagram.flows
    ]
    return diagram


@pytest.mark.parametrize(
    ("rule", "what", "build"), FAULTS, ids=[f"{rule}-{what}" for rule, what, _ in FAULTS]
)
def test_a_fault_is_found(rule: str, what: str, build: Callable[[], Diagram | bytes]) -> None:
    found = findings(build())
    assert rule in errors(found), [finding.rule for finding in found]
    for finding in found:
        assert finding.element and _chinese(finding.message) and _chinese(finding.mend)


def _chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


TABLES = {
    "hit_policy": table("levels", ["kind"], ["grade"], [(["1"], ["1"])], "PRIORITY"),
    "expression": table("levels", ["kind"], ["grade"], [([">>"], ["1"])]),
    "name": table("levels", ["kind"], ["len"], [(["1"], ["1"])]),
    "decision_cells": table("levels", ["kind"], ["grade"], [(["1", "2"], ["1"])]),
    "decision_count": table("levels", ["kind"], ["grade"], []).replace(
        b"</definitions>", b'<decision id="q"/></definitions>'
    ),
    "doctype": b"<!DOCTYPE x>" + LEVELS,
    "xml": HEAD.encode() + b"</bpmn:definitions>",
}


@pytest.mark.parametrize("rule", TABLES)
def test_a_faulty_table_is_found(rule: str) -> None:
    assert rule in errors(findings(sound(), TABLES[rule]))


def test_warnings_do_not_stop_a_definition() -> None:
    spare = LEVELS.replace(b'id="levels"', b'id="spare"')
    source = Source("sound", sound().xml(), {"levels.dmn": LEVELS, "spare.dmn": spare})
    called = Diagram("called").start().people("k").end().go("s -> k -> e").source()
    found = check(source, [called], CATALOGUE)
    assert errors(found) == set()
    assert {finding.rule for finding in found} == {"unused_decision", "call_outputs"}


def test_foreign_extensions_are_pointed_out() -> None:
    data = (
        sound()
        .xml()
        .replace(b'<bpmn:userTask id="a"', b'<bpmn:userTask xmlns:c="http://x" c:assignee="me" id="a"')
    )
    assert [finding.rule for finding in findings(data)] == ["foreign"]


def test_what_the_catalogue_leaves_open_is_not_checked() -> None:
    nothing = dataclasses.replace(CATALOGUE, lanes=None, actions=None, forms=None, settings=None)
    odd = _branch("t", lambda d: d.action("t", "anything", any="1"))
    assert errors(findings(odd, catalogue=nothing)) == set()


def test_calls_in_a_ring_are_refused() -> None:
    one = Diagram("sound").start().call("c", "called").end().go("s -> c -> e").source()
    two = Diagram("called", outputs=("v",)).start().call("c", "sound").end().go("s -> c -> e").source()
    assert errors(check(one, [two])) == {"call_cycle"}


def test_an_error_end_needs_no_more_than_its_boundary() -> None:
    assert errors(findings(sound().end("bad", inner=ERROR_END))) >= {"unknown_reference"}
