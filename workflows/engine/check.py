"""Publish-time checks: every finding names its element, its rule and how to mend it, in Chinese.

Whatever the library would silently ignore is an error here (engine.md 6), and so is whatever would stop a
case on its way: an expression that cannot be read, a gateway without a default flow, a step without a lane
or a form. The checks read the XML as drawn (`drawing`); at the end the closure is parsed and compared with
the drawing, so that nothing drawn can be missing from what runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from workflows.engine import xml
from workflows.engine.check_drawing import check_drawing
from workflows.engine.check_tables import check_tables, decisions_of
from workflows.engine.check_texts import check_texts
from workflows.engine.drawing import Drawing
from workflows.engine.errors import DefinitionRefused
from workflows.engine.loading import Spec, parse
from workflows.engine.model import DIAGRAM, SETTINGS, Catalogue, Finding, Source

_MEND_FILE = "请按提示修改后重新上传"


def check(main: Source, callees: Sequence[Source] = (), catalogue: Catalogue | None = None) -> list[Finding]:
    """Everything that stops `main` from being activated (errors) or deserves a look (warnings), in order."""
    catalogue = catalogue or Catalogue()
    part = DIAGRAM
    try:
        drawing = Drawing(xml.read_bpmn(main.bpmn, "流程图"))
        tables = {}
        for part, data in main.dmn.items():
            tables[part] = xml.read_dmn(data, "决策表")
    except DefinitionRefused as refusal:
        return [Finding(main.key, refusal.code, "error", refusal.message, _MEND_FILE, part)]
    decisions = {decision for table in tables.values() for decision in decisions_of(table)}
    found = [
        *check_drawing(drawing, main.key),
        *check_texts(drawing, decisions, {callee.key for callee in callees}),
        *check_tables(drawing, tables),
    ]
    found += _check_parsed(main, callees, drawing, catalogue, found)
    return _unique([each if each.part else replace(each, part=DIAGRAM) for each in found])


def _check_parsed(
    main: Source, callees: Sequence[Source], drawing: Drawing, catalogue: Catalogue, found: list[Finding]
) -> Iterator[Finding]:
    try:
        spec = parse(main, callees)
    except DefinitionRefused as refusal:
        if not any(finding.severity == "error" for finding in found):
            yield Finding(main.key, refusal.code, "error", refusal.message, _MEND_FILE)
        return
    for node in drawing.nodes.values():
        if (main.key, node.id) not in spec.steps:
            yield Finding(
                node.id, "not_parsed", "error", f"办件走不到“{node.label}”：系统没有读到它",
                "请检查它的连线，或删除后用基本图形重画",
            )  # fmt: skip
    yield from _check_steps(spec, catalogue, drawing)
    yield from _check_outputs(spec, drawing)


def _check_steps(spec: Spec, catalogue: Catalogue, drawing: Drawing) -> Iterator[Finding]:
    for (process, step), info in spec.steps.items():
        if process != spec.key or info.kind != "person":
            continue
        label = _label(drawing, step)
        if info.lane is None:
            yield Finding(
                step,
                "no_lane",
                "error",
                f"环节“{label}”不在任何泳道内，没有人能办理",
                "请把它放进一个泳道",
            )
        elif catalogue.lanes is not None and info.lane not in catalogue.lanes:
            yield Finding(
                step, "unknown_lane", "error", f"环节“{label}”所在的泳道“{info.lane}”没有对应的岗位",
                "请在流程设置中为这个泳道指定岗位，或改用已有的泳道", SETTINGS,
            )  # fmt: skip
        form = (process, info.settings.get("form", step))
        if catalogue.forms is not None and form not in catalogue.forms:
            yield Finding(
                step,
                "unknown_form",
                "error",
                f"环节“{label}”" + ("没有表单" if form[1] == step else "选的表单不存在"),
                "请为这个环节设计表单" if form[1] == step else "请为它另选一张表单，或者新建",
            )
        for name in sorted(set(info.settings) - (catalogue.settings or set(info.settings))):
            yield Finding(
                step, "unknown_setting", "error", f"环节“{label}”有系统不认识的设置“{name}”，不会起作用",
                "请删除这个环节重画，或者请熟悉的人在文件里删去这项设置",
            )  # fmt: skip
    if catalogue.actions is not None:
        yield from _check_actions(spec, catalogue.actions, drawing)


def _check_actions(spec: Spec, known: Mapping[str, Mapping[str, str]], drawing: Drawing) -> Iterator[Finding]:
    for name, task_spec in spec.actions():
        label = _label(drawing, name)
        params = known.get(task_spec.operation_name)
        if params is None:
            yield Finding(
                name,
                "unknown_action",
                "error",
                f"“{label}”选的动作不存在",
                "请从动作列表中选择",
            )
            continue
        for param in sorted(set(task_spec.operation_params) - params.keys()):
            yield Finding(
                name, "unknown_param", "error", f"“{label}”的动作没有“{param}”这项内容",
                f"请重新选择这个动作；它要的内容有：{'、'.join(params.values()) or '无'}",
            )  # fmt: skip


def _check_outputs(spec: Spec, drawing: Drawing) -> Iterator[Finding]:
    """engine.md 12: without declared outputs all data of a call flows back."""
    for step, callee in spec.calls():
        specification = spec.parsed[callee].io_specification
        if specification is None or not specification.data_outputs:
            yield Finding(
                step, "call_outputs", "warning",
                f"“{_label(drawing, step)}”调用的流程没有声明带回什么，它的全部数据都会带回来",
                "请在被调用的流程中声明带回的数据",
            )  # fmt: skip


def _label(drawing: Drawing, step: str) -> str:
    """What is drawn as this step; its id where ids are so confused that nothing is."""
    node = drawing.nodes.get(step)
    return node.label if node else step


def _unique(findings: list[Finding]) -> list[Finding]:
    """Errors first, each finding once."""
    unique = list(dict.fromkeys(findings))
    return sorted(unique, key=lambda finding: finding.severity != "error")
