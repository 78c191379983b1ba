"""Checking a diagram by itself: no package, no forms, no posts, none of the processes it calls.

What only a package could answer is a warning here; everything else is as in `check`. The processes and decision
tables that are not at hand are stood in for by empty ones, so that the diagram is parsed as it would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lxml import etree

from workflows.engine import xml
from workflows.engine.check import check
from workflows.engine.errors import DefinitionRefused
from workflows.engine.model import DIAGRAM, KEY, Finding, Source

_EMPTY = (
    f'<definitions xmlns="{xml.BPMN}" targetNamespace="http://gongkai/bpmn"><process id="{{key}}" isExecutable="true">'
    '<startEvent id="begin"/><endEvent id="finish"/>'
    '<sequenceFlow id="go" sourceRef="begin" targetRef="finish"/></process></definitions>'
)
_TABLE = (
    f'<definitions xmlns="{xml.DMN_NAMESPACES[-1]}" id="d" name="d" namespace="http://gongkai/dmn">'
    '<decision id="{key}" name="{key}"><decisionTable id="t"><input id="i"><inputExpression id="x"><text>1</text>'
    '</inputExpression></input><output id="o" name="o"/></decisionTable></decision></definitions>'
)


_USING = (
    f'<definitions xmlns="{xml.BPMN}" targetNamespace="http://gongkai/bpmn"><process id="{{key}}" isExecutable="true">'
    '<startEvent id="begin"/><businessRuleTask id="use"><extensionElements>'
    f'<calledDecisionId xmlns="{xml.SPIFF}">{{table}}</calledDecisionId></extensionElements></businessRuleTask>'
    '<endEvent id="finish"/><sequenceFlow id="go" sourceRef="begin" targetRef="use"/>'
    '<sequenceFlow id="on" sourceRef="use" targetRef="finish"/></process></definitions>'
)
#: what is said of the stand-in that uses a table, not of the table
_OTHERS = {"unused_decision", "unknown_decision"}


def check_alone(bpmn: bytes, dmn: Mapping[str, bytes] | None = None) -> list[Finding]:
    """What can be said of a diagram without its package; `dmn` are the tables at hand."""
    dmn = dict(dmn or {})
    try:
        root = xml.read_bpmn(bpmn, "流程图")
    except DefinitionRefused as refusal:
        return [_refused(refusal, DIAGRAM)]
    known: set[str] = set()
    for file, table in dmn.items():
        try:
            known |= {*_decisions(table)}
        except DefinitionRefused as refusal:
            return [_refused(refusal, file)]
    key = drawn_key(root)
    missing = {
        f"missing_{number}.dmn": _TABLE.format(key=name).encode()
        for number, name in enumerate(sorted(_wanted(root) - known))
    }
    called = {str(each.get("calledElement") or "") for each in root.iter(xml.tag("callActivity"))} - {key}
    callees = [Source(name, _EMPTY.format(key=name).encode()) for name in sorted(called) if KEY.match(name)]
    found = check(Source(key, bpmn, {**dmn, **missing}), callees)
    return [*_softened(found), *_absent(root, called, set(missing))]


def check_table_alone(dmn: bytes) -> list[Finding]:
    """What can be said of a decision table without its package."""
    try:
        names = sorted(_decisions(dmn))
    except DefinitionRefused as refusal:
        return [_refused(refusal, "table.dmn")]
    wanted = names[0] if names and KEY.match(names[0]) else "table"
    bpmn = _USING.format(key="using", table=wanted).encode()
    return [each for each in check(Source("using", bpmn, {"table.dmn": dmn})) if each.rule not in _OTHERS]


def _refused(refusal: DefinitionRefused, part: str) -> Finding:
    return Finding("", refusal.code, "error", refusal.message, "请按提示修改后重新上传", part)


def drawn_key(root: etree._Element) -> str:
    """The id of the process drawn; the first one where there are several, "" where there is none."""
    process = root.find(xml.tag("process"))
    return "" if process is None else str(process.get("id") or "")


def _softened(found: list[Finding]) -> Iterator[Finding]:
    for each in found:
        if each.rule == "no_lane":
            yield replace(each, severity="warning")
        elif each.rule != "call_outputs":
            yield each


def _absent(root: etree._Element, called: set[str], missing: set[str]) -> Iterator[Finding]:
    for node in root.iter(xml.tag("callActivity")):
        if node.get("calledElement") in called and KEY.match(str(node.get("calledElement"))):
            yield Finding(
                str(node.get("id")), "unknown_callee", "warning",
                f"“{node.get('name') or '未命名的调用流程'}”调用的流程不在这个文件里", "放进流程包以后再检查一次", DIAGRAM,
            )  # fmt: skip
    if missing:
        yield Finding(
            drawn_key(root), "unknown_decision", "warning", f"有 {len(missing)} 个决策表不在这个文件里",
            "放进流程包以后再检查一次", DIAGRAM,
        )  # fmt: skip


def _wanted(root: etree._Element) -> set[str]:
    texts = (str(each.text or "").strip() for each in root.iter(xml.tag("calledDecisionId", xml.SPIFF)))
    return {text for text in texts if KEY.match(text)}


def _decisions(table: bytes) -> Iterator[str]:
    for element in xml.read_dmn(table):
        if xml.local(element) == "decision":
            yield str(element.get("id", ""))
