"""Whether diagram, tables, forms and settings of a package fit each other: what the engine's own checks cannot see.

The engine checks the drawing; here every name that a condition, table or action parameter reads must come from
somewhere (a form field with `route`, a fact of the start, an action's result, a table's output), and the settings
of the steps must fit the forms and the lanes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from app.processes import limits, operations
from app.processes.naming import labels as labels_of
from app.processes.packages import Package
from forms.definition import Definition
from workflows.engine import (
    DIAGRAM,
    SETTINGS,
    EngineError,
    ExpressionError,
    Finding,
    Source,
    Spec,
    StepInfo,
    countersign,
    expressions,
    load,
    table_label,
)
from workflows.engine.drawn_words import KIND_WORDS
from workflows.engine.facts import COUNTS
from workflows.engine.xml import SPIFF, local, read_bpmn, read_dmn, tag

ROLES = ("draft", "review", "sign", "work", "wait")
SIGNED = ("review", "sign")


def findings(package: Package, called: Mapping[str, Package]) -> list[Finding]:
    """All findings of a package with its callees; empty when everything fits."""
    try:
        spec = load(package.source, [each.source for each in called.values()])
    except EngineError:
        return []  # the engine's checks say it better
    packages = {**called, package.key: package}
    found = [
        *_unknown_names(package, packages),
        *_lanes(package, packages, spec),
        *_steps(package, spec),
        *_forms(package, packages, spec),
    ]
    return sorted(dict.fromkeys(found), key=lambda finding: finding.severity != "error")


# -- names ----------------------------------------------------------------------------------------------------


def _unknown_names(package: Package, packages: Mapping[str, Package]) -> Iterator[Finding]:
    known, labels = (
        {name for each in packages.values() for name in _given(each)},
        labels_of(packages.values()),
    )
    words = _spoken(package.source)
    for element, text in _read(package.source):
        try:
            names = expressions.names_used(text)
        except ExpressionError:
            continue  # the engine's checks report it
        for name in sorted(names - known - {*COUNTS}):
            yield Finding(
                element, "unknown_fact", "error",
                f"{words.get(element, '流程图')}用到的“{labels.get(name, name)}”没有来处",
                "请改正拼写；是表单里的字段，就勾选它的“供流转判断”；由系统给出的，在流程设置里加这项事实",
                element if element in package.source.dmn else DIAGRAM,
            )  # fmt: skip


def _spoken(source: Source) -> dict[str, str]:
    """What people call the drawn elements and the tables: id or file -> word."""
    words = {file: f"决策表“{table_label(read_dmn(table))}”" for file, table in source.dmn.items()}
    for element in read_bpmn(source.bpmn).iter("{*}*"):
        kind = "连线" if local(element) == "sequenceFlow" else KIND_WORDS.get(local(element), "")
        if kind:
            name = element.get("name")
            words[str(element.get("id", ""))] = f"{kind}“{name}”" if name else f"未命名的{kind}"
    return words


def _file(step: str) -> str:
    """The part of a form."""
    return f"forms/{step}.toml"


def _named(info: StepInfo) -> str:
    return f"环节“{info.label}”" if info.label != info.step else "未命名的环节"


def _given(package: Package) -> Iterator[str]:
    """Every fact that some part of the package puts into the flow."""
    yield from package.meta.facts
    for definition in package.forms.values():
        yield from definition.route_keys
    root = read_bpmn(package.source.bpmn)
    for operator in root.iter(tag("serviceTaskOperator", SPIFF)):
        yield str(operator.get("resultVariable") or "")
    for setting in root.iter(tag("property", SPIFF)):
        if setting.get("name") == countersign.SETTING:
            yield countersign.result_name(_owner(setting))
    for name in ("dataInput", "inputDataItem", "outputDataItem", "loopDataOutputRef"):
        for item in root.iter(tag(name)):
            yield str(item.get("id") or item.text or "")
    for table in package.source.dmn.values():
        for output in read_dmn(table).iter("{*}output"):
            yield str(output.get("name") or "")


def _read(source: Source) -> Iterator[tuple[str, str]]:
    """(element, expression) of everything the flow works out."""
    root = read_bpmn(source.bpmn)
    for condition in root.iter(tag("conditionExpression"), tag("completionCondition"), tag("loopCondition")):
        yield _owner(condition), condition.text or ""
    for timer in root.iter(tag("timeDuration"), tag("timeDate")):
        yield _owner(timer), timer.text or ""
    for parameter in root.iter(tag("parameter", SPIFF)):
        yield _owner(parameter), str(parameter.get("value") or "")
    for name, table in source.dmn.items():
        for entry in _cells(read_dmn(table, f"决策表“{name}”")):
            yield name, entry


def _cells(root: etree._Element) -> Iterator[str]:
    for cell in root.iter("{*}inputExpression", "{*}inputEntry", "{*}outputEntry"):
        text = "".join(str(part) for part in cell.itertext()).strip().replace("?", "0")
        if text and local(cell) == "inputEntry" and text[0] in "<>=!":
            text = f"0 {text}"
        if text:
            yield text


def _owner(element: etree._Element) -> str:
    """The id of the drawn element an expression belongs to."""
    for each in (element, *element.iterancestors()):
        if each.get("id") and not each.tag.startswith(f"{{{SPIFF}}}"):
            return str(each.get("id"))
    return ""


# -- lanes ----------------------------------------------------------------------------------------------------


def _lanes(package: Package, packages: Mapping[str, Package], spec: Spec) -> Iterator[Finding]:
    """Names a lane reads that nothing gives: the step would reach nobody."""
    known = {name for each in packages.values() for name in (*_given(each), *_asked(each))} | {
        *package.meta.given
    }
    steps = {step for _, step in spec.steps}
    for name, lane in package.meta.lanes.items():
        for missing in sorted(lane.reads - known):
            yield Finding(
                package.key, "unknown_lane_fact", "error", f"泳道“{name}”要用的“{missing}”没有来处",
                "请改正拼写；由调用它的流程给出的，写进流程设置的“调用它的流程给出的内容”", SETTINGS,
            )  # fmt: skip
        for missing in sorted(lane.steps - steps):
            yield Finding(
                package.key, "unknown_lane_step", "error", f"泳道“{name}”要找办过“{missing}”的人，没有编号是它的环节",
                "请改正环节的编号", SETTINGS,
            )  # fmt: skip


# -- steps and forms ------------------------------------------------------------------------------------------


def _steps(package: Package, spec: Spec) -> Iterator[Finding]:
    persons = {
        step: info
        for (process, step), info in spec.steps.items()
        if process == package.key and info.kind == "person"
    }
    items = _items(package.source)
    for step, info in persons.items():
        yield from _all_to_one(package, info, items.get(step))
        for message, mend in _step_problems(package, info, persons):
            yield Finding(step, "step_settings", "error", f"{_named(info)}{message}", mend, DIAGRAM)
        if info.settings.get("role") in SIGNED and info.settings.get("offline") != "true":
            yield Finding(
                step, "no_offline", "warning", f"{_named(info)}不能线下签批回填",
                "请勾选“可以线下、OA 签批后回填”", DIAGRAM,
            )  # fmt: skip


def _items(source: Source) -> dict[str, str]:
    """Steps done once for each entry of a list: step -> the name an entry goes by."""
    root = read_bpmn(source.bpmn)
    return {
        str(step.get("id")): str(item.get("id"))
        for step in root.iter(tag("userTask"))
        for item in step.iter(tag("inputDataItem"))
    }


def _all_to_one(package: Package, info: StepInfo, item: str | None) -> Iterator[Finding]:
    """A 会签 by a list whose lane does not look at the entry: one person would answer for all of them."""
    lane = package.meta.lanes.get(info.lane or "")
    if item and lane is not None and "countersign" in info.settings and item not in lane.reads:
        yield Finding(
            info.step, "same_recipient", "warning", f"{_named(info)}按名单会签，各份却都送泳道“{info.lane}”的同一个岗位",
            "请放进单独的泳道，在流程设置里让这个泳道按“每一份的对象”来送", DIAGRAM,
        )  # fmt: skip


def _step_problems(package: Package, info: StepInfo, persons: Iterable[str]) -> Iterator[tuple[str, str]]:
    settings = info.settings
    if settings.get("role") not in ROLES:
        yield "没有写清性质", "请选择起草、审核、签发、经办或者等待"
    if settings.get("joint_with", info.step) not in persons:
        yield f"要和编号“{settings['joint_with']}”的环节并签，没有这个环节", "请在“其他”里重新选择"
    yield from limits.problems(settings)
    if "countersign" in settings and not _countersigns(package.forms.get(settings.get("form", info.step))):
        yield (
            "是会签，表单里却没有可以计数的办理决定",
            "请在它的表单里加“办理决定”，字段编号 decision，其中一个选项是“同意”，编号 agree",
        )
    if not settings.get("signers", "1").isdecimal():
        yield "的加签人数不是整数", "请写至少要加签几人"
    yield from _skip_problems(settings, package.forms.get(settings.get("form", info.step)))
    for word in operations.unknown(settings):
        yield f"写了不存在的操作“{word}”", "请在“可以做的操作”里重新勾选"
    lane = package.meta.lanes.get(info.lane or "")
    if lane is not None and lane.scope == "system":
        yield "在系统自动办理的泳道里，没有人能办理", "请移到一个岗位的泳道"
    form = package.forms.get(settings.get("form", info.step))
    if "signs" in settings and (settings.get("role") != "sign" or not _agrees(form)):
        yield (
            "签发文书，但性质不是签发，或者办理决定里没有“同意”",
            "请把性质改为签发，并在表单的办理决定里加“同意”，选项的编号写 agree",
        )
    if form is not None and form.decision is None and settings.get("role") in SIGNED:
        yield "的表单没有办理决定", "请在表单里加“办理决定”（同意、退回修改）"


def _countersigns(form: Definition | None) -> bool:
    """Whether the engine can count the answers of a 会签: under the name `decision`."""
    return (
        _agrees(form) and form is not None and form.decision is not None and form.decision.key == "decision"
    )


def _skip_problems(settings: Mapping[str, str], form: Definition | None) -> Iterator[tuple[str, str]]:
    """自动跳过: never a review or a signature, and only where nothing has to be filled in."""
    if "skip_if" not in settings:
        return
    if settings["skip_if"] != "same_person":
        yield "的自动跳过条件不认识", "请改为“办过前一步的人不必再办”，或者取消"
    if settings.get("role") in SIGNED:
        yield "是审核或签发，不能自动跳过", "请取消“办过前一步的人不必再办”"
    if form is not None and any(each.type not in ("decision", "opinion") for each in form.fields):
        yield "要填写内容，不能自动跳过", "请取消“办过前一步的人不必再办”，或者让表单只留决定和意见"


def _agrees(form: Definition | None) -> bool:
    decision = form.decision if form is not None else None
    return decision is not None and any(option.value == "agree" for option in decision.options)


def _forms(package: Package, packages: Mapping[str, Package], spec: Spec) -> Iterator[Finding]:
    used = {"start"} if package.meta.startable else set()
    for (process, step), info in spec.steps.items():
        if process == package.key and info.kind == "person":
            used.add(info.settings.get("form", step))
    for step in sorted(set(package.forms) - used):
        yield Finding(
            step, "unused_form", "warning", f"表单“{package.forms[step].title}”没有环节使用",
            "请删除，或者在环节上指定", _file(step),
        )  # fmt: skip
    labels = labels_of(packages.values())
    answered = {name for each in packages.values() for name in (*_given(each), *_asked(each))}
    for step, definition in sorted(package.forms.items()):
        for label in _choices(packages, definition):
            yield Finding(
                step, "unknown_choices", "error", f"表单“{definition.title}”的已知事项“{label[:40]}”没有可对照的选项",
                "“按原来的选项”只用于别的表单里有选项的字段，请另选显示方式", _file(step),
            )  # fmt: skip
        for key in definition.hidden:
            why = _not_to_hide(packages, key)
            if why:
                yield Finding(
                    step,
                    "hidden",
                    "error",
                    f"表单“{definition.title}”要隐藏的“{labels.get(key, key)}”{why}",
                    "请在“字段权限”里重新勾选",
                    _file(step),
                )
        for key in sorted(definition.outside - answered - {*package.meta.given}):
            if package.meta.startable:
                yield Finding(
                    step, "unknown_known", "warning", f"表单“{definition.title}”要用的“{labels.get(key, key)}”在本流程里没有来处",
                    "由调用它的流程给出的可以不管；否则请改正拼写", _file(step),
                )  # fmt: skip


def _not_to_hide(packages: Mapping[str, Package], key: str) -> str:
    """Why an answer cannot be hidden; empty when it can."""
    asked = [
        form.by_key[key] for each in packages.values() for form in each.forms.values() if key in form.by_key
    ]
    if not asked:
        return "没有表单填写"
    if any(each.type == "files" for each in asked):
        return "是附件，附件不能按环节隐藏"
    return ""


def _choices(packages: Mapping[str, Package], definition: Definition) -> Iterator[str]:
    """Known items shown by choices that no form offers."""
    forms = [form for each in packages.values() for form in each.forms.values()]
    for item in definition.known:
        asked = any(item.key in form.by_key and form.by_key[item.key].named for form in forms)
        if item.as_ == "choices" and not asked:
            yield item.label


def _asked(package: Package) -> Iterator[str]:
    for definition in package.forms.values():
        yield from definition.by_key
