"""Identifiers: the process takes the package's key, steps get ids that forms can be named after."""

from __future__ import annotations

import re

from lxml import etree

from workflows.engine.drawing import FLOW_NODES, PERSONS
from workflows.engine.foreign.document import Document, label
from workflows.engine.model import KEY
from workflows.engine.xml import is_identifier, local, tag

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_STEPS = PERSONS | {"task", "sendTask", "scriptTask", "serviceTask", "businessRuleTask", "subProcess"}
_TEXT_REFERENCES = {
    "flowNodeRef", "incoming", "outgoing", "sourceRef", "targetRef", "dataInputRefs", "dataOutputRefs",
    "eventDefinitionRef", "messageRef", "operationRef", "inMessageRef", "outMessageRef", "errorRef",
}  # fmt: skip
#: attributes that name another element
_REFERENCES = {"default", "calledElement", "bpmnElement", "source", "target", "choreographyActivityShape"}


def set_key(document: Document, key: str) -> None:
    """Give the process the id that is wanted, everywhere it is named."""
    process = document.root.find(tag("process"))
    assert process is not None
    before = str(process.get("id") or "")
    wanted = key or (
        before if _KEY.match(before) else document.fresh(before, instead=before, otherwise="process")
    )
    if wanted == before:
        return
    taken = document.by_id().get(wanted)
    if taken is not None:
        _rename(document, {wanted: document.fresh(f"{wanted}_element")})
    _rename(document, {before: wanted})
    process.set("id", wanted)
    document.say(process, "process_key", f"流程编号“{before[:40]}”改为“{wanted}”")


def point_plainly(document: Document) -> None:
    """References with a namespace prefix (`tns:message_1`) become plain where the id is in this file."""
    known = set(document.by_id())
    for element in document.root.iter():
        for name, value in list(element.attrib.items()):
            if _is_reference(str(name)) and str(value) not in known:
                plain = str(value).rpartition(":")[2]
                if plain in known or (name == "calledElement" and is_identifier(plain)):
                    element.set(name, plain)
        text = (element.text or "").strip()
        if local(element) in _TEXT_REFERENCES and text not in known and text.rpartition(":")[2] in known:
            element.text = text.rpartition(":")[2]


def rename(document: Document) -> None:
    """Ids that cannot be used, and those of steps that no form could be named after, are replaced everywhere."""
    for element in list(document.bpmn()):
        kind, name = local(element), element.get("id")
        if name is None:
            if kind in FLOW_NODES:
                element.set("id", document.fresh(kind))
        elif not (_KEY.match(name) if kind in _STEPS else _is_usable(kind, name)):
            found = document.fresh(name, instead=name, otherwise=_otherwise(kind))
            _rename(document, {name: found})
            document.say(found, "identifier", f"“{label(element)}”的编号“{name[:40]}”改为“{found}”")
    _clear(document)


def _otherwise(kind: str) -> str:
    """What an id is made of when nothing of the old one can be used."""
    if kind == "sequenceFlow":
        return "flow"
    return next((word for word in ("event", "gateway") if kind.lower().endswith(word)), "step")


def _is_usable(kind: str, name: str) -> bool:
    """Whether the engine takes an id: no odd characters, none it keeps for itself."""
    kept = name in ("Start", "End") or ".EndJoin" in name or ".BoundaryEvent" in name
    return (bool(KEY.match(name)) if kind in FLOW_NODES else is_identifier(name)) and not kept


def _rename(document: Document, changes: dict[str, str]) -> None:
    if not changes:
        return
    document.renamed(changes)
    for element in document.root.iter():
        for name, value in element.attrib.items():
            if str(value) in changes and (name == "id" or _is_reference(str(name))):
                element.set(name, changes[str(value)])
        text = (element.text or "").strip()
        if local(element) in _TEXT_REFERENCES and text in changes:
            element.text = changes[text]


def _clear(document: Document) -> None:
    """References that still cannot be read point nowhere: they go, and the check says what is missing."""
    for element in list(document.bpmn()):
        for name, value in list(element.attrib.items()):
            if _is_reference(str(name)) and not is_identifier(str(value)):
                del element.attrib[name]
        if local(element) in _TEXT_REFERENCES and not is_identifier((element.text or "").strip()):
            _drop(element)


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _is_reference(attribute: str) -> bool:
    return attribute in _REFERENCES or (attribute.endswith("Ref") and not attribute.startswith("{"))
