"""Comparing packages: nothing differs from itself however it is written, and no change goes unseen."""

from __future__ import annotations

import functools
import random
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli_w
from lxml import etree

from app.processes import comparing
from app.processes.comparing import CALLS, Change, compare, locked
from app.processes.packages import read_package

HOUSE = Path(__file__).parents[2]
PROCESSES = sorted(each.parent.name for each in (HOUSE / "bpmn").glob("*/process.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ATTRIBUTE, REQUEST, HANDLING, HANDOFF = "disclosure_attribute", "foi_request", "foi_handling", "foi_handoff"

Texts = dict[str, str]


def texts_of(process: str) -> Texts:
    """The parts of a shipped process, scenarios among them."""
    return dict(_read(process))


@functools.cache
def _read(process: str) -> Texts:
    package = read_package(HOUSE / "bpmn" / process, HOUSE / "forms" / process)
    return {**package.texts, **package.scenarios}


def rewritten(name: str, text: str) -> str:
    """The same content written otherwise: other blanks, other order of attributes, no comments."""
    if name.endswith(".toml"):
        return "# 另一种写法\n" + tomli_w.dumps(tomllib.loads(text))
    root = etree.fromstring(text.encode())
    for element in root.iter():
        attributes = sorted(element.attrib.items(), reverse=True)
        element.attrib.clear()
        element.attrib.update(attributes)
    etree.indent(root, "\t")
    return etree.tostring(root, encoding="unicode")


@pytest.mark.parametrize("process", PROCESSES)
def test_a_package_does_not_differ_from_itself_however_it_is_written(process: str) -> None:
    texts = texts_of(process)
    assert compare(texts, dict(texts)) == comparing.Comparison()
    other = {name: rewritten(name, text) for name, text in texts.items()}
    found = compare(texts, other)
    assert found.changes == () and found.placed == () and found.empty
    assert set(found.written) == {name for name in texts if texts[name] != other[name]}


def drawn(change: Callable[[etree._Element], None]) -> Callable[[Texts], None]:
    def mutate(texts: Texts) -> None:
        root = etree.fromstring(texts["process.bpmn"].encode())
        change(root)
        texts["process.bpmn"] = etree.tostring(root, encoding="unicode")

    return mutate


def first(root: etree._Element, path: str) -> etree._Element:
    found = root.find(path.replace("b:", BPMN))
    assert found is not None, path
    return found


def put(path: str, attribute: str, value: str) -> Callable[[Texts], None]:
    return drawn(lambda root: first(root, path).set(attribute, value))


def add(path: str, inner: str) -> Callable[[Texts], None]:
    spaces = 'xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="http://elsewhere.example/x"'
    return drawn(lambda root: first(root, path).append(etree.fromstring(f"<h {spaces}>{inner}</h>")[0]))


def drop(path: str) -> Callable[[Texts], None]:
    def change(root: etree._Element) -> None:
        found = first(root, path)
        found.getparent().remove(found)  # type: ignore[union-attr]

    return drawn(change)


def text(path: str, said: str) -> Callable[[Texts], None]:
    return drawn(lambda root: setattr(first(root, path), "text", said))


def said(part: str, old: str, new: str) -> Callable[[Texts], None]:
    def mutate(texts: Texts) -> None:
        assert old in texts[part], (part, old)
        texts[part] = texts[part].replace(old, new, 1)

    return mutate


def other_lane(root: etree._Element) -> None:
    lanes = list(root.iter(f"{BPMN}lane"))
    moved = next(each for each in lanes[0] if each.text == "draft")
    lanes[1].append(moved)


def data(part: str, change: Callable[[dict], None]) -> Callable[[Texts], None]:
    def mutate(texts: Texts) -> None:
        found = tomllib.loads(texts[part])
        change(found)
        texts[part] = tomli_w.dumps(found)

    return mutate


STEP = ".//b:userTask[@id='draft']"
TIMER = (
    '<b:intermediateCatchEvent id="wait" name="等三天"><b:timerEventDefinition><b:timeDuration>"P3D"</b:timeDuration>'
    "</b:timerEventDefinition></b:intermediateCatchEvent>"
)
BOUNDARY = (
    '<b:boundaryEvent id="late" attachedToRef="draft" cancelActivity="false"><b:timerEventDefinition>'
    '<b:timeDuration>"PT4H"</b:timeDuration></b:timerEventDefinition></b:boundaryEvent>'
)

GROUP = {"key": "g", "label": "名单", "type": "group", "field": [{"key": "a", "label": "甲", "type": "text"}]}

#: (name, process, what is done, kind, part of the label or name that must be told)
MUTATIONS = [
    ("a step renamed", ATTRIBUTE, put(STEP, "name", "起草"), "changed", "名称"),
    ("another kind of task", ATTRIBUTE, drawn(lambda r: setattr(first(r, STEP), "tag", f"{BPMN}manualTask")), "changed", "类型"),
    ("moved to another lane", ATTRIBUTE, drawn(other_lane), "moved", "泳道"),
    ("a lane renamed", ATTRIBUTE, put(".//b:lane", "name", "另一岗"), "changed", "名称"),
    ("a step added", ATTRIBUTE, add(".//b:process", '<b:userTask id="extra" name="会签"/>'), "added", "会签"),
    ("a step removed", ATTRIBUTE, drop(STEP), "removed", "环节"),
    ("a flow removed", ATTRIBUTE, drop(".//b:sequenceFlow"), "removed", "连线"),
    ("a flow to another target", ATTRIBUTE, put(".//b:sequenceFlow", "targetRef", "sign_off"), "changed", "到"),
    ("another condition", ATTRIBUTE, text(".//b:conditionExpression", 'attribute == "withheld"'), "changed", "条件"),
    ("no condition", ATTRIBUTE, drop(".//b:conditionExpression"), "changed", "条件"),
    ("another default flow", ATTRIBUTE, put(".//b:exclusiveGateway[@default]", "default", "other"), "changed", "默认流向"),
    ("another role", ATTRIBUTE, put(".//{*}property[@name='role']", "value", "sign"), "changed", "性质"),
    ("another deadline", ATTRIBUTE, put(".//{*}property[@name='internal_days']", "value", "77"), "changed", "内部时限"),
    ("other operations", ATTRIBUTE, put(".//{*}property[@name='operations']", "value", "none"), "changed", "操作"),
    ("a setting renamed", ATTRIBUTE, put(".//{*}property[@name='remind_before']", "name", "form"), "changed", "表单"),
    ("another action", ATTRIBUTE, put(".//{*}serviceTaskOperator", "id", "letter.issue"), "changed", "系统动作"),
    ("another result", ATTRIBUTE, put(".//{*}serviceTaskOperator", "resultVariable", "other"), "changed", "结果"),
    ("another parameter", REQUEST, put(".//{*}parameter", "value", '"别的"'), "changed", "动作的"),
    ("another type of parameter", REQUEST, put(".//{*}parameter", "type", "bool"), "changed", "动作的"),
    ("another table", ATTRIBUTE, text(".//{*}calledDecisionId", "other"), "changed", "决策表"),
    ("another called process", ATTRIBUTE, put(".//b:callActivity", "calledElement", "other"), "changed", "调用"),
    ("another note", ATTRIBUTE, text(".//b:documentation", "另一种说明"), "changed", "说明"),
    ("several at once", ATTRIBUTE, add(STEP, '<b:multiInstanceLoopCharacteristics><b:loopCardinality>3</b:loopCardinality>'
     "</b:multiInstanceLoopCharacteristics>"), "changed", "分几份办"),
    ("another list", HANDOFF, text(".//b:loopDataInputRef", "others"), "changed", "分几份办"),
    ("one after the other", HANDOFF, put(".//b:multiInstanceLoopCharacteristics", "isSequential", "true"), "changed", "分几份办"),
    ("another item", HANDOFF, put(".//b:inputDataItem", "id", "other"), "changed", "分几份办"),
    ("less data out", HANDLING, drop(".//b:dataOutput"), "changed", "带出的数据"),
    ("data named otherwise", HANDLING, put(".//b:dataOutput", "id", "other"), "changed", "带出的数据"),
    ("data in", ATTRIBUTE, add(".//b:process", '<b:ioSpecification><b:dataInput id="x"/></b:ioSpecification>'), "changed", "带入的数据"),
    ("a timer", ATTRIBUTE, add(".//b:process", TIMER), "added", "等三天"),
    ("a timer on a step", ATTRIBUTE, add(".//b:process", BOUNDARY), "added", "4 小时"),
    ("another message", REQUEST, put(".//b:message", "name", "other"), "changed", "名称"),
    ("an event of no message", REQUEST, drop(".//b:messageEventDefinition"), "changed", "触发"),
    ("another start", ATTRIBUTE, add(".//b:startEvent", '<b:timerEventDefinition id="t"/>'), "changed", "触发"),
    ("interrupting no more", REQUEST, put(".//b:boundaryEvent", "cancelActivity", "false"), "changed", "打断"),
    ("the process renamed", ATTRIBUTE, put(".//b:process", "id", "other"), "changed", "编号"),
    ("executable no more", ATTRIBUTE, put(".//b:process", "isExecutable", "false"), "changed", "由系统照图办理"),
    ("what another tool says", ATTRIBUTE, add(f"{STEP}/b:extensionElements", '<x:mark a="1"/>'), "changed", "其他工具"),
    ("an attribute of another tool", ATTRIBUTE, put(STEP, "{http://elsewhere.example/x}a", "1"), "changed", "属性 a"),
    ("a remark", ATTRIBUTE, add(".//b:process", '<b:textAnnotation id="t"><b:text>看这里</b:text></b:textAnnotation>'), "added", "看这里"),
    ("an unknown child", ATTRIBUTE, add(STEP, '<b:potentialOwner><b:resourceRef>x</b:resourceRef></b:potentialOwner>'), "changed", "办理人"),
    ("a field less", ATTRIBUTE, data("forms/draft.toml", lambda d: d["field"].pop(3)), "removed", "字段"),
    ("a field more", ATTRIBUTE,
     data("forms/draft.toml", lambda d: d["field"].append({"key": "x", "label": "新的", "type": "text"})),
     "added", "新的"),
    ("a field called otherwise", ATTRIBUTE, data("forms/draft.toml", lambda d: d["field"][1].update(label="别的")), "changed", "名称"),
    ("a field of another type", ATTRIBUTE, data("forms/draft.toml", lambda d: d["field"][1].update(type="phone")), "changed", "类型"),
    ("required or not", ATTRIBUTE,
     data("forms/draft.toml", lambda d: d["field"][0].update(required=not d["field"][0].get("required"))),
     "changed", "必填"),
    ("shown when", ATTRIBUTE, data("forms/draft.toml", lambda d: d["field"][0].update(show_if="x == 1")), "changed", "什么情况显示"),
    ("a bound of nothing", ATTRIBUTE, data("forms/draft.toml", lambda d: d["field"][0].update(min=0)), "changed", "最小"),
    ("a default of no", ATTRIBUTE, data("forms/draft.toml", lambda d: d["field"][0].update(default=False)), "changed", "预填"),
    ("the order of fields", ATTRIBUTE, data("forms/draft.toml", lambda d: d["field"].insert(0, d["field"].pop())), "moved", "次序"),
    ("an option more", ATTRIBUTE,
     data("forms/head_review.toml", lambda d: _choice(d)["options"].append({"value": "x", "label": "另议"})),
     "added", "另议"),
    ("an option called otherwise", ATTRIBUTE,
     data("forms/head_review.toml", lambda d: _choice(d)["options"][0].update(label="可以")),
     "changed", "名称"),
    ("an option that needs an opinion", ATTRIBUTE,
     data("forms/head_review.toml", lambda d: _choice(d)["options"][0].update(opinion_required=True)),
     "changed", "须写意见"),
    ("a question of a row", ATTRIBUTE,
     data("forms/draft.toml", lambda d: d["field"].append(GROUP)),
     "added", "名单"),
    ("something known more", ATTRIBUTE,
     data("forms/draft.toml", lambda d: d.setdefault("known", []).append({"key": "k", "label": "已知"})),
     "added", "已知"),
    ("a rule more", ATTRIBUTE,
     data("forms/draft.toml", lambda d: d.setdefault("rule", []).append({"when": "x", "field": "title", "message": "不对"})),
     "added", "不对"),
    ("the title of a form", ATTRIBUTE, data("forms/draft.toml", lambda d: d.update(title="另一标题")), "changed", "标题"),
    ("hidden answers", ATTRIBUTE, data("forms/draft.toml", lambda d: d.update(hidden=["secret"])), "changed", "不让看"),
    ("a form more", ATTRIBUTE, lambda t: t.update({"forms/extra.toml": 'title = "会签意见"'}), "added", "会签意见"),
    ("a form less", ATTRIBUTE, lambda t: t.pop("forms/draft.toml"), "removed", "表单"),
    ("a broken form", ATTRIBUTE, lambda t: t.update({"forms/draft.toml": "= ["}), "changed", "内容"),
    ("a broken diagram", ATTRIBUTE, lambda t: t.update({"process.bpmn": "<x"}), "changed", "内容"),
    ("another cell", ATTRIBUTE, said("secrecy_needed.dmn", '"N14a"', '"N15"'), "changed", "不予公开理由"),
    ("a rule's note", ATTRIBUTE, said("secrecy_needed.dmn", "先审查后公开", "先审查"), "changed", "说明"),
    ("a row less", HANDLING, lambda t: _table(t, lambda table, rules: table.remove(rules[0])), "removed", "原第 1 行"),
    ("the order of rows", HANDLING, lambda t: _table(t, lambda table, rules: table.append(rules[0])), "moved", "次序"),
    ("another hit policy", ATTRIBUTE, said("secrecy_needed.dmn", '"UNIQUE"', '"FIRST"'), "changed", "几行符合时"),
    ("another column", ATTRIBUTE, said("secrecy_needed.dmn", "<text>ground</text>", "<text>doc_kind</text>"), "changed", "依据"),
    ("a column's type", ATTRIBUTE, said("secrecy_needed.dmn", 'typeRef="boolean"', 'typeRef="string"'), "changed", "类型"),
    ("a column read as another type", ATTRIBUTE, said("secrecy_needed.dmn", 'typeRef="string"', 'typeRef="number"'), "changed", "类型"),
    ("a result named otherwise", ATTRIBUTE, said("secrecy_needed.dmn", 'name="secrecy_needed" typeRef', 'name="other" typeRef'), "changed", "得出"),
    ("the title of a table", ATTRIBUTE,
     said("secrecy_needed.dmn", '<decision id="secrecy_needed" name="是否须保密审查">', '<decision id="secrecy_needed" name="别的">'),
     "changed", "名称"),
    ("a lane's post", ATTRIBUTE, said("package.toml", 'post = "unit_head"', 'post = "drafter"'), "changed", "岗位"),
    ("a lane's scope", ATTRIBUTE, said("package.toml", 'scope = "initiator"', 'scope = "system"'), "changed", "由谁办"),
    ("a lane more", ATTRIBUTE, data("package.toml", lambda d: d["lanes"].update(新岗={"scope": "initiator"})), "added", "新岗"),
    ("a lane less", ATTRIBUTE, data("package.toml", lambda d: d["lanes"].pop("核稿岗")), "removed", "核稿岗"),
    ("the number", ATTRIBUTE, said("package.toml", "号\"", "\""), "changed", "办件编号"),
    ("a fact", ATTRIBUTE, data("package.toml", lambda d: d["facts"].update(organ_levels="organ.kind")), "changed", "来源"),
    ("the law", ATTRIBUTE, said("package.toml", '"第十七条", ', ""), "changed", "条款"),
    ("a call", ATTRIBUTE, said("package.toml", '["secrecy_review"]', "[]"), "changed", "调用的流程"),
    ("who may start", ATTRIBUTE, said("package.toml", '"drafter", "unit_head"', '"unit_head"'), "changed", "谁可以发起"),
    ("a sheet's fields", ATTRIBUTE, said("package.toml", '"title", "copy_no"', '"title"'), "changed", "栏目"),
    ("whether it starts", ATTRIBUTE, said("package.toml", "startable = true", "startable = false"), "changed", "可以由人发起"),
]  # fmt: skip


def _choice(form: dict) -> dict:
    return next(each for each in form["field"] if each["type"] == "decision")


def _table(texts: Texts, change: Callable[[etree._Element, list[etree._Element]], object]) -> None:
    root = etree.fromstring(texts["nature.dmn"].encode())
    table = first(root, ".//{*}decisionTable")
    change(table, table.findall("{*}rule"))
    texts["nature.dmn"] = etree.tostring(root, encoding="unicode")


@pytest.mark.parametrize(
    ("name", "process", "mutate", "kind", "told"), MUTATIONS, ids=[m[0] for m in MUTATIONS]
)
def test_no_change_goes_unseen(
    name: str, process: str, mutate: Callable[[Texts], None], kind: str, told: str
) -> None:
    old = texts_of(process)
    new = dict(old)
    mutate(new)
    assert new != old
    forth, back = compare(old, new), compare(new, old)
    assert [each for each in forth.changes if each.kind == kind and told in _words(each)], forth.changes[:8]
    assert len(back.changes) >= 1
    assert all(each.before != each.after or (each.before == "" and not each.label) for each in forth.changes)
    assert comparing.Comparison.from_json(forth.to_json()) == forth


def _words(change: Change) -> str:
    return f"{change.name} {change.label} {change.before} {change.after}"


def test_any_one_change_in_any_diagram_is_seen_or_is_one_of_place(subtests: pytest.Subtests) -> None:
    """Random single mutations of attributes and texts; ids of what nobody refers to and references of layout apart."""
    chance = random.Random(5)
    for process in PROCESSES:
        old = texts_of(process)
        root = etree.fromstring(old["process.bpmn"].encode())
        owners = [each for each in root.iter() if isinstance(each.tag, str) and _counts(each)]
        for owner in chance.sample(owners, min(25, len(owners))):
            names = [key for key in owner.attrib if key not in ("id", "targetNamespace") and "}" not in key]
            if not names:
                continue
            key = chance.choice(names)
            before = owner.get(key)
            owner.set(key, f"{before}x" if key not in ("x", "y", "width", "height") else "777")
            new = {**old, "process.bpmn": etree.tostring(root, encoding="unicode")}
            found = compare(old, new)
            with subtests.test(process=process, element=owner.tag, attribute=key):
                assert found.changes or found.placed, found
            owner.set(key, str(before))


def _counts(element: etree._Element) -> bool:
    name = etree.QName(element).localname
    return name not in (
        "definitions",
        "inputSet",
        "outputSet",
        "BPMNDiagram",
        "BPMNPlane",
        "waypoint",
        "BPMNLabel",
    ) and (element.getparent() is None or "BPMNLabel" not in str(element.getparent().tag))


def test_what_only_stands_elsewhere_is_told_apart() -> None:
    old = texts_of(ATTRIBUTE)
    new = dict(old)
    shape = ".//{*}BPMNShape[@bpmnElement='draft']/{*}Bounds"
    drawn(lambda root: first(root, shape).set("x", "999"))(new)
    found = compare(old, new)
    assert found.empty and [(each.element, each.label) for each in found.placed] == [
        ("draft", "位置、大小或者颜色")
    ]


def test_timers_are_compared_by_what_they_wait_for_and_told_in_words() -> None:
    old, new = texts_of(ATTRIBUTE), texts_of(ATTRIBUTE)
    add(".//b:process", TIMER)(old)
    add(".//b:process", TIMER.replace("P3D", "P5D"))(new)
    found = compare(old, new).changes
    assert [(each.label, each.before, each.after) for each in found] == [
        ("触发", "定时：过 3 天", "定时：过 5 天")
    ]


def test_conditions_are_told_in_the_words_of_the_forms() -> None:
    old = texts_of(ATTRIBUTE)
    new = dict(old)
    text(".//b:conditionExpression", 'not secrecy_needed and attribute == "withheld"')(new)
    (found,) = compare(old, new).changes
    assert found.after == "「须保密审查」不成立，并且「拟定公开属性」是「不予公开」"


def test_marks_name_the_strongest_change_of_an_element() -> None:
    old = texts_of(ATTRIBUTE)
    new = dict(old)
    drawn(other_lane)(new)
    assert compare(old, new).marks["draft"] == "moved"
    put(STEP, "name", "起草")(new)
    assert compare(old, new).marks["draft"] == "changed"


def test_locked_versions_of_called_processes_are_compared() -> None:
    before, after = {"a": ("甲", 1), "b": ("乙", 2)}, {"a": ("甲", 3), "c": ("丙", 1)}
    assert [(each.part, each.kind, each.before, each.after) for each in locked(before, after)] == [
        (CALLS, "changed", "第 1 版", "第 3 版"),
        (CALLS, "removed", "第 2 版", ""),
        (CALLS, "added", "", "第 1 版"),
    ]
    assert locked(before, before) == ()


def test_a_comparison_is_worked_out_in_the_guarded_child() -> None:
    old = texts_of(ATTRIBUTE)
    new = dict(old)
    put(STEP, "name", "起草")(new)
    found = comparing.guarded(old, new)
    assert found == (compare(old, new), ["secrecy_review"])
    hostile = {**old, "process.bpmn": "<a>" * 100_000, "forms/draft.toml": "[" * 50_000}
    told = comparing.guarded(old, hostile)
    assert isinstance(told, str) or told[0].changes
