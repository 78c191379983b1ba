"""What a diagram says of every element, property by property: as written (to compare) and in Chinese (to show).

Nothing is left out: what has no words of its own is kept as text under the name of its element, so that a comparison cannot
miss it. Where things stand and how they look is kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from app.processes.comparing.canonical import attributes, canonical, children, texts_of
from app.processes.comparing.labels import (
    ATTRIBUTES,
    CHILDREN,
    COUNTERSIGNS,
    DEFAULTS,
    EVENTS,
    KINDS,
    ROLES,
    SETTINGS,
    VALUES,
)  # fmt: skip
from app.processes.comparing.wording import Names, in_words, short, timer
from app.processes.operations import OPERATIONS
from workflows.engine.xml import BPMN, SPIFF, local

#: what stands in a diagram by itself; everything else belongs to what it stands in
_FRAMES = frozenset(
    {"process", "collaboration", "subProcess", "adHocSubProcess", "transaction", "laneSet", "childLaneSet"}
)
_SILENT = frozenset({"incoming", "outgoing", "flowNodeRef", "laneSet", "childLaneSet", "partitionElementRef"})
_TOLD_APART = frozenset({"id", "name"})


@dataclass(frozen=True)
class Said:
    """A property: as written, and as people read it."""

    raw: str
    shown: str


@dataclass(frozen=True)
class Item:
    """One element. `id` is what to point at in the picture, "" for what is not drawn."""

    id: str
    kind: str
    name: str
    lane: str
    lane_name: str
    properties: Mapping[str, Said]


@dataclass
class Drawn:
    """Everything in a diagram by a key that is the same in both versions; `looks` by element id."""

    items: dict[str, Item] = field(default_factory=dict)
    looks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """What is needed to say things in Chinese: questions of forms, actions and their parameters."""

    names: Names
    actions: Mapping[str, str]


def read(root: etree._Element, words: Words) -> Drawn:
    """What a diagram says."""
    reader = _Reader(root, words)
    found = Drawn(looks=dict(_looks(root)))
    for key, element, scope in reader.walk():
        while key in found.items:
            key += "'"
        found.items[key] = reader.item(element, scope)
    return found


class _Reader:
    def __init__(self, root: etree._Element, words: Words) -> None:
        self.root = root
        self.words = words
        self.labels = {
            str(each.get("id")): str(each.get("name") or "") for each in root.iter() if each.get("id")
        }
        self.lanes = {
            (reference.text or "").strip(): (str(lane.get("id", "")), str(lane.get("name") or ""))
            for lane in root.iter(f"{{{BPMN}}}lane")
            for reference in lane.iterfind(f"{{{BPMN}}}flowNodeRef")
        }
        self.numbers: dict[str, int] = {}

    def walk(self) -> Iterator[tuple[str, etree._Element, str]]:
        """(key, element, id of the sub-process it is in) of all that stands by itself."""
        waiting: list[tuple[etree._Element, str]] = [(self.root, "")]
        while waiting:
            frame, scope = waiting.pop(0)
            for element in children(frame):
                if not self._stands(frame, element):
                    continue
                name = local(element)
                if name not in ("laneSet", "childLaneSet"):
                    yield self._key(element, name), element, scope
                if name in _FRAMES or name == "lane":
                    inner = (
                        str(element.get("id", "")) if "ubProcess" in name or name == "transaction" else scope
                    )
                    waiting.append((element, inner))

    def _stands(self, frame: etree._Element, element: etree._Element) -> bool:
        """Whether it is told by itself; what belongs to its frame is a property of that."""
        if etree.QName(element).namespace != BPMN:
            return False
        name = local(element)
        if name in ("laneSet", "childLaneSet"):
            return True
        if local(frame) in ("laneSet", "childLaneSet"):
            return name == "lane"
        return name not in _ABSORBED and local(frame) != "lane" and not name.endswith("EventDefinition")

    def _key(self, element: etree._Element, name: str) -> str:
        if name in ("process", "collaboration") or not element.get("id"):
            self.numbers[name] = self.numbers.get(name, 0) + 1
            return f"{name} {self.numbers[name]}"
        return str(element.get("id"))

    def item(self, element: etree._Element, scope: str) -> Item:
        own, name = str(element.get("id", "")), local(element)
        lane, lane_name = self.lanes.get(own, ("", ""))
        found: dict[str, Said] = {"类型": Said(name, KINDS.get(name, name))}
        if name == "process":
            found["编号"] = Said(own, own)
        self._put(found, "名称", str(element.get("name") or ""))
        self._put(found, "所在", scope, self.labels.get(scope) or scope)
        for label, said in (*self._attributes(element), *self._children(element)):
            earlier = found.get(label)
            found[label] = (
                Said(earlier.raw + "\n" + said.raw, f"{earlier.shown}；{said.shown}") if earlier else said
            )
        drawn = own if name not in ("process", "collaboration") else ""
        return Item(drawn, name, self._name(element, name), lane, lane_name, found)

    def _put(self, found: dict[str, Said], label: str, raw: str, shown: str | None = None) -> None:
        if raw:
            found[label] = Said(raw, short(raw if shown is None else shown))

    def _name(self, element: etree._Element, kind: str) -> str:
        noun = KINDS.get(kind, kind)
        said = str(element.get("name") or "")
        if kind == "sequenceFlow" and not said:
            ends = [self.label(str(element.get(end, ""))) for end in ("sourceRef", "targetRef")]
            said = " → ".join(ends)
        if kind == "textAnnotation":
            said = short(texts_of(element))[:40]
        if kind in ("process", "collaboration"):
            return noun
        return f"{noun}“{(said or str(element.get('id', '')))[:60]}”"

    def label(self, element_id: str) -> str:
        """What people call an element that is referred to."""
        return self.labels.get(element_id) or element_id

    def _attributes(self, element: etree._Element) -> Iterator[tuple[str, Said]]:
        for attribute, raw in sorted(element.attrib.items()):
            key, value = str(attribute), str(raw)
            if key in _TOLD_APART or value == DEFAULTS.get(key):
                continue
            if key == "default":
                yield "默认流向", Said(value, self._flow(value))
            elif key.endswith("Ref") or key == "calledElement":
                yield ATTRIBUTES.get(key, key), Said(value, self.label(value))
            else:
                yield ATTRIBUTES.get(key, f"属性 {_bare(key)}"), Said(value, VALUES.get(value, short(value)))

    def _flow(self, flow: str) -> str:
        target = next(
            (each for each in self.root.iter(f"{{{BPMN}}}sequenceFlow") if each.get("id") == flow), None
        )
        to = self.label(str(target.get("targetRef", ""))) if target is not None else ""
        return f"{self.labels.get(flow) or '连线'} → {to}"

    def _children(self, element: etree._Element) -> Iterator[tuple[str, Said]]:
        for child in children(element):
            name = local(child)
            if name in _SILENT or self._stands(element, child):
                continue
            if name == "extensionElements":
                yield from self._extensions(child)
            elif name.endswith("EventDefinition"):
                yield "触发", self._event(child, name)
            elif name == "conditionExpression":
                text = _text(child)
                yield "条件", Said(text, in_words(text, self.words.names))
            elif name == "ioSpecification":
                yield from _data(child)
            elif name.endswith("LoopCharacteristics"):
                yield "分几份办", Said(canonical(child), self._several(child, name))
            else:
                yield (
                    CHILDREN.get(name, name),
                    Said(canonical(child), short(texts_of(child)) or _named(child)),
                )

    def _event(self, element: etree._Element, name: str) -> Said:
        kind = EVENTS.get(name, name)
        raw = canonical(element)
        for time in ("timeDuration", "timeDate", "timeCycle"):
            found = element.find(f"{{{BPMN}}}{time}")
            if found is not None:
                word = {"timeDuration": "过", "timeDate": "到", "timeCycle": "每"}[time]
                return Said(raw, f"{kind}：{word} {timer(_text(found))}")
        referred = [str(value) for key, value in element.attrib.items() if str(key).endswith("Ref")]
        said = "、".join(self.label(each) for each in referred) or short(texts_of(element))
        return Said(raw, f"{kind}：{said}" if said else kind)

    def _several(self, element: etree._Element, name: str) -> str:
        if name.startswith("standard"):
            return f"重复，直到：{short(texts_of(element))}"
        said = ["依次" if element.get("isSequential") == "true" else "同时"]
        for child, word in (
            ("loopDataInputRef", "每一项"), ("loopCardinality", "份数"), ("completionCondition", "提前结束"),
        ):  # fmt: skip
            found = element.find(f"{{{BPMN}}}{child}")
            if found is not None:
                text = _text(found)
                words = self.words.names.get(text, ("", {}))[0] or in_words(text, self.words.names)
                said.append(f"{word}：{words}")
        return "，".join(said)

    # -- extensions

    def _extensions(self, holder: etree._Element) -> Iterator[tuple[str, Said]]:
        for child in children(holder):
            name = local(child)
            ours = etree.QName(child).namespace == SPIFF
            if ours and name == "properties":
                yield from self._settings(child)
            elif ours and name == "serviceTaskOperator":
                yield from self._operator(child)
            elif ours and name == "calledDecisionId":
                yield "决策表", Said(_text(child), _text(child))
            else:
                yield (
                    f"其他工具的内容 {name}",
                    Said(canonical(child), short(texts_of(child)) or _named(child)),
                )

    def _settings(self, holder: etree._Element) -> Iterator[tuple[str, Said]]:
        for each in holder.iter(f"{{{SPIFF}}}property"):
            name, value = str(each.get("name", "")), str(each.get("value", ""))
            shown = short(value)
            if name == "role":
                shown = ROLES.get(value, value)
            elif name == "operations":
                shown = "、".join(
                    OPERATIONS.get(word, "不提供" if word == "none" else word) for word in value.split()
                )
            elif name == "countersign":
                rule, _, ratio = value.partition(":")
                shown = COUNTERSIGNS.get(rule, rule) + (f"（{ratio}%）" if ratio else "")
            elif value in ("true", "false"):
                shown = VALUES[value]
            yield SETTINGS.get(name, f"设置 {name}"), Said(value, shown)

    def _operator(self, element: etree._Element) -> Iterator[tuple[str, Said]]:
        name = str(element.get("id", ""))
        yield "系统动作", Said(name, self.words.actions.get(name, name))
        result = str(element.get("resultVariable", ""))
        if result:
            yield "动作的结果记为", Said(result, result)
        for each in element.iter(f"{{{SPIFF}}}parameter"):
            own, value = str(each.get("id", "")), str(each.get("value", ""))
            label = self.words.actions.get(f"{name}:{own}", own)
            shown = self.words.names.get(value, ("", {}))[0] or short(value.strip("\"'"))
            yield f"动作的“{label}”", Said(f"{each.get('type', '')}:{value}", shown)


#: children that are properties of what they stand in
_ABSORBED = frozenset(
    {
        "extensionElements",
        "documentation",
        "ioSpecification",
        "ioBinding",
        "property",
        "conditionExpression",
        "text",
    }
    | {
        "dataInputAssociation",
        "dataOutputAssociation",
        "resourceRole",
        "performer",
        "potentialOwner",
        "humanPerformer",
    }
    | {
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "completionCondition",
        "script",
        "rendering",
    }
    | {
        "dataState",
        "dataInput",
        "dataOutput",
        "inputSet",
        "outputSet",
        "supportedInterfaceRef",
        "participantMultiplicity",
    }
    | {
        "correlationSubscription",
        "monitoring",
        "auditing",
        "supports",
        "relationship",
        "import",
        "eventDefinitionRef",
    }
    | _SILENT - {"laneSet", "childLaneSet"}
)


def _data(element: etree._Element) -> Iterator[tuple[str, Said]]:
    for name, label in (("dataInput", "带入的数据"), ("dataOutput", "带出的数据")):
        if found := children(element, name):
            shown = "、".join(str(each.get("name") or each.get("id")) for each in found)
            yield label, Said("".join(canonical(each) for each in found), shown)


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(each) for each in element.itertext()).split())


def _named(element: etree._Element) -> str:
    return short(" ".join(_bare(each) for each in attributes(element))) or "有"


def _bare(key: str) -> str:
    return key.rsplit("}", 1)[-1]


def _looks(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Place, size and colour of everything drawn, by the id of what it draws."""
    for shape in root.iter():
        if isinstance(shape.tag, str) and local(shape) in ("BPMNShape", "BPMNEdge"):
            yield str(shape.get("bpmnElement", "")), canonical(shape)
