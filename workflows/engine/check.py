"""Publish-time checks: every finding names its element, its rule and how to mend it, in Chinese.

Whatever the library would silently ignore is an error here (engine.md 6), and so is whatever would stop a
case on its way: an expression that cannot be read, a gateway without a default flow, a step without a lane
or a form. The checks read the XML as drawn (`drawing`); at the end the closure is parsed and compared with
the drawing, so that nothing drawn can be missing from what runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflows.engine import xml
from workflows.engine.check_drawing import check_drawing
from workflows.engine.check_tables import check_tables, decisions_of
from workflows.engine.check_texts import check_texts
from workflows.engine.drawing import Drawing
from workflows.engine.errors import DefinitionRefused
from workflows.engine.loading import Spec, parse
from workflows.engine.model import Catalogue, Finding, Source

_MEND_FILE = "请按提示修改后重新上传"


def check(main: Source, callees: Sequence[Source] = (), catalogue: Catalogue | None = None) -> list[Finding]:
    """Everything that stops `main` from being activated (errors) or deserves a look (warnings), in order."""
    catalogue = catalogue or Catalogue()
    try:
        drawing = Drawing(xml.read_bpmn(main.bpmn, f"流程“{main.key}”"))
        tables = {name: xml.read_dmn(data, f"决策表“{name}”") for name, data in main.dmn.items()}
    except DefinitionRefused as refusal:
        return [Finding(main.key, refusal.code, "error", refusal.message, _MEND_FILE)]
    decisions = {decision for table in tables.values() for decision in decisions_of(table)}
    found = [
        *check_drawing(drawing, main.key),
        *check_texts(drawing, decisions, {callee.key for callee in callees}),
        *check_tables(drawing, tables),
    ]
    return _unique([*found, *_check_parsed(main, callees, drawing, catalogue, found)])


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
                node.id, "not_parsed", "error", f"“{node.label}”不会被执行：引擎没有读到它",
                "请检查它的连线，或删除后用基本图形重画",
            )  # fmt: skip
    yield from _check_steps(spec, catalogue)
    yield from _check_outputs(spec)


def _check_steps(spec: Spec, catalogue: Catalogue) -> Iterator[Finding]:
    for (process, step), info in spec.steps.items():
        if process != spec.key or info.kind != "person":
            continue
        if info.lane is None:
            yield Finding(
                step,
                "no_lane",
                "error",
                f"环节“{info.label}”不在任何泳道内，没有人能办理",
                "请把它放进一个泳道",
            )
        elif catalogue.lanes is not None and info.lane not in catalogue.lanes:
            yield Finding(
                step, "unknown_lane", "error", f"环节“{info.label}”所在的泳道“{info.lane}”没有对应的岗位",
                "请在流程设置中为这个泳道指定岗位，或改用已有的泳道",
            )  # fmt: skip
        form = (process, info.settings.get("form", step))
        if catalogue.forms is not None and form not in catalogue.forms:
            yield Finding(
                step,
                "unknown_form",
                "error",
                f"环节“{info.label}”没有表单" + ("" if form[1] == step else f"“{form[1]}”"),
                "请为这个环节设计表单",
            )
        for name in sorted(set(info.settings) - (catalogue.settings or set(info.settings))):
            yield Finding(
                step, "unknown_setting", "error", f"环节“{info.label}”的设置“{name}”不被认识，不会起作用",
                f"请删除它；可用的设置有：{'、'.join(sorted(catalogue.settings or ()))}",
            )  # fmt: skip
    if catalogue.actions is not None:
        yield from _check_actions(spec, catalogue)


def _check_actions(spec: Spec, catalogue: Catalogue) -> Iterator[Finding]:
    known = catalogue.actions or {}
    for name, task_spec in spec.actions():
        params = known.get(task_spec.operation_name)
        if params is None:
            yield Finding(
                name,
                "unknown_action",
                "error",
                f"动作“{task_spec.operation_name}”不存在",
                "请从动作列表中选择",
            )
            continue
        for param in sorted(set(task_spec.operation_params) - params):
            yield Finding(
                name, "unknown_param", "error", f"动作“{task_spec.operation_name}”没有参数“{param}”",
                f"可用的参数有：{'、'.join(sorted(params)) or '无'}",
            )  # fmt: skip


def _check_outputs(spec: Spec) -> Iterator[Finding]:
    """engine.md 12: without declared outputs all data of a call flows back."""
    for step, callee in spec.calls():
        specification = spec.parsed[callee].io_specification
        if specification is None or not specification.data_outputs:
            yield Finding(
                step, "call_outputs", "warning",
                f"被调用的流程“{callee}”没有声明输出，它的全部数据都会流回来",
                "请在被调用的流程中声明输出数据",
            )  # fmt: skip


def _unique(findings: list[Finding]) -> list[Finding]:
    """Errors first, each finding once."""
    unique = list(dict.fromkeys(findings))
    return sorted(unique, key=lambda finding: finding.severity != "error")
