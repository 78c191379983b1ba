"""What of the file is ours: one process with its lanes; pools of others, data and resources go."""

from __future__ import annotations

import copy
from collections import Counter

from lxml import etree

from workflows.engine.check_drawing import runs_by_attribute, runs_elsewhere
from workflows.engine.drawing import FLOW_NODES
from workflows.engine.errors import DefinitionRefused
from workflows.engine.facts import is_name
from workflows.engine.foreign.document import ARTIFACTS, Document, label
from workflows.engine.xml import BPMN, BPMNDI, SPIFF, local, tag

_ROOTS = {"process", "collaboration", "message", "error", "escalation", "signal", "category"}
_ROOTS |= {"documentation", "extensionElements"}
_COLLABORATION = {"participant", "documentation", "extensionElements", *ARTIFACTS}
_DATA = {
    "dataObject": "数据对象", "dataObjectReference": "数据对象", "dataStoreReference": "数据存储",
    "dataStore": "数据存储", "dataInputAssociation": "数据关联", "dataOutputAssociation": "数据关联",
    "property": "属性", "itemDefinition": "数据类型",
}  # fmt: skip
_PEOPLE = {
    "resourceRole", "performer", "humanPerformer", "potentialOwner", "rendering", "resource", "partnerRole", "partnerEntity",
}  # fmt: skip
_QUIET = {
    "auditing", "monitoring", "ioBinding", "supportedInterfaceRef", "participantMultiplicity", "partitionElement",
    "interface", "endPoint", "import", "extension", "relationship", "categoryValueRef", "supports",
    "correlationProperty", "correlationKey", "correlationSubscription", "interfaceRef", "endPointRef",
    "globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask",
}  # fmt: skip
_SPIFF_KEPT = {"properties", "property", "serviceTaskOperator", "parameters", "parameter", "calledDecisionId"}


def choose_process(document: Document, wanted: str) -> None:
    """Leave one process in the file. Several with content and none named: DefinitionRefused says which there are."""
    processes = document.root.findall(tag("process"))
    full = [
        each
        for each in processes
        if any(local(child) in FLOW_NODES for child in each if isinstance(child.tag, str))
    ]
    if wanted:
        chosen = next((each for each in full if each.get("id") == wanted), None)
        if chosen is None:
            raise DefinitionRefused(
                f"文件里没有编号为“{wanted[:40]}”、画了环节的流程，请从{_listed(full)}中选", "process_count"
            )
    elif len(full) == 1:
        chosen = full[0]
    elif full:
        raise DefinitionRefused(
            f"文件里有 {len(full)} 个流程：{_listed(full)}；请指明导入哪一个，其余的分别导入后再用调用活动相连",
            "process_count",
        )
    else:
        raise DefinitionRefused(
            "文件里没有画出流程（只有协作、编排或者空的流程），请先画出环节再导入", "process_count"
        )
    for other in processes:
        if other is not chosen:
            if other in full:
                document.say(other, "process_count", f"只导入选定的流程，略去流程“{label(other)}”")
            document.remove(other)
    wanted_to = "勾选“由系统照图办理”"
    if chosen.get("isExecutable") != "true" and document.offer(chosen, "not_executable", wanted_to):
        chosen.set("isExecutable", "true")


def _listed(processes: list[etree._Element]) -> str:
    return "、".join(f"{each.get('id')}（{label(each)}）" for each in processes[:10]) or "（没有）"


def drop_foreign_markup(document: Document) -> None:
    """Children of other namespaces where the schema has no place for them, and extensions of ours that would run."""
    for element in list(document.bpmn()):
        for name in [str(each) for each in element.attrib if runs_by_attribute(str(each))]:
            document.say(
                element, "script", f"删去“{label(element)}”上会执行程序的属性“{name.rpartition('}')[2]}”"
            )
            del element.attrib[name]
        if local(element) == "extensionElements":
            _drop_scripts(document, element)
            continue
        for child in [each for each in element if isinstance(each.tag, str)]:
            namespace = etree.QName(child).namespace
            if namespace not in (BPMN, BPMNDI):
                document.say(element, "foreign", f"删去不在扩展区里的“{local(child)}”，它不是 BPMN 的内容")
                element.remove(child)


def _is_foreign(element: etree._Element) -> bool:
    return etree.QName(element).namespace not in (BPMN, SPIFF)


def _drop_scripts(document: Document, extensions: etree._Element) -> None:
    owner = extensions.getparent()
    assert owner is not None
    for child in [each for each in extensions if isinstance(each.tag, str)]:
        name = etree.QName(child)
        if name.namespace == SPIFF and name.localname not in _SPIFF_KEPT:
            document.say(owner, "script", f"删去“{label(owner)}”的扩展“{name.localname}”，系统不执行它")
            extensions.remove(child)
    for child in [each for each in extensions.iter() if _is_foreign(each) and runs_elsewhere(each)]:
        parent = child.getparent()
        if parent is not None:
            document.say(owner, "script", f"删去“{label(owner)}”上会执行程序的“{local(child)}”，系统不执行它")
            parent.remove(child)


def drop_other_parts(document: Document) -> None:
    """Pools of others with the messages between them, and root elements that this engine knows nothing of."""
    process = document.root.find(tag("process"))
    assert process is not None
    for collaboration in document.all("collaboration"):
        for child in [each for each in collaboration if isinstance(each.tag, str)]:
            ours = child.get("processRef") in (None, process.get("id")) or str(
                child.get("processRef")
            ).endswith(f":{process.get('id')}")
            if local(child) == "participant" and (child.get("processRef") is None or not ours):
                document.say(child, "pool", f"略去泳池“{label(child)}”，它不是本流程的")
            elif local(child) == "messageFlow":
                document.say(
                    child, "message_flow", f"略去消息流“{label(child)}”，需要时请改用动作或者消息事件"
                )
            elif local(child) in _COLLABORATION:
                continue
            collaboration.remove(child)
    _drop_collaborations(document)
    for child in [each for each in document.root if isinstance(each.tag, str)]:
        if etree.QName(child).namespace == BPMN and local(child) not in _ROOTS and not _is_definition(child):
            if local(child) in (
                "choreography",
                "globalChoreographyTask",
                "conversation",
                "globalConversation",
            ):
                document.say(child, "unsupported", f"略去“{local(child)}”，只导入流程")
            elif local(child) not in _DATA:
                document.root.remove(child)
                continue
            document.root.remove(child)


def _drop_collaborations(document: Document) -> None:
    """A collaboration without any pool draws nothing; the process is drawn by itself then."""
    for collaboration in document.all("collaboration"):
        if collaboration.find(tag("participant")) is None:
            document.remove(collaboration)


def _is_definition(element: etree._Element) -> bool:
    return local(element).endswith("EventDefinition")


def inline_definitions(document: Document) -> None:
    """An event that points to a definition elsewhere gets a copy of it."""
    shared = {str(each.get("id")): each for each in document.root if _is_definition(each)}
    for reference in document.all("eventDefinitionRef"):
        event = reference.getparent()
        assert event is not None
        found = shared.get((reference.text or "").strip().rpartition(":")[2])
        if found is not None:
            made = copy.deepcopy(found)
            made.set("id", document.fresh(str(found.get("id"))))
            event.replace(reference, made)
            document.say(event, "event_reference", f"把“{label(event)}”引用的事件定义写进事件里")
    for each in shared.values():
        document.remove(each)


def drop_data(document: Document) -> None:
    """Data as drawn decides nothing here: answers of forms do. Resources are posts and lanes here."""
    dropped: Counter[str] = Counter()
    for name, word in _DATA.items():
        for element in document.all(name):
            if name in ("dataObjectReference", "dataStoreReference"):
                document.say(element, "data", f"略去{word}“{label(element)}”，数据由表单填写")
            else:
                dropped[word] += 1
            document.remove(element)
    _drop_io(document, dropped)
    for element in document.all(*sorted(_PEOPLE)):
        dropped["办理人设置（请用泳道指定岗位）"] += element.getparent() is not None
        document.remove(element)
    for element in document.all(*sorted(_QUIET)):
        dropped["系统用不到的设置"] += 1
        document.remove(element)
    process = document.root.find(tag("process"))
    assert process is not None
    if dropped:
        told = "、".join(f"{word} {count} 处" for word, count in sorted(dropped.items()))
        document.say(process, "data", f"略去{told}")


def _drop_io(document: Document, dropped: Counter[str]) -> None:
    """Declared inputs and outputs stay on the process, where their ids can be names of facts."""
    for element in document.all("ioSpecification"):
        parent = element.getparent()
        names = [str(each.get("id")) for each in element if local(each) in ("dataInput", "dataOutput")]
        if parent is None or local(parent) != "process" or not all(is_name(name) for name in names):
            dropped["输入输出声明"] += 1
            document.remove(element)
    for element in document.all("dataInput", "dataOutput", "inputSet", "outputSet"):
        parent = element.getparent()
        if parent is not None and local(parent) != "ioSpecification":
            document.remove(element)


def sweep(document: Document) -> None:
    """Whatever points to something that is gone goes too; the drawing shows what is left."""
    known = set(document.by_id())
    for element in document.all("flowNodeRef"):
        if (element.text or "").strip() not in known:
            document.remove(element)
    for element in document.all("association"):
        if not {element.get("sourceRef"), element.get("targetRef")} <= known:
            document.remove(element)
    _sweep_drawing(document, set(document.by_id()))


def _sweep_drawing(document: Document, known: set[str]) -> None:
    process = document.root.find(tag("process"))
    collaboration = document.root.find(tag("collaboration"))
    whole = collaboration if collaboration is not None else process
    assert whole is not None
    planes = [plane for plane in document.root.iter(tag("BPMNPlane", BPMNDI))]
    for plane in planes:
        for shape in [each for each in plane if _pointed(each) not in known]:
            plane.remove(shape)
    kept = [plane for plane in planes if len(plane)] or planes[:1]
    for plane in planes:
        diagram = plane.getparent()
        if plane not in kept and diagram is not None:
            document.remove(diagram)
    for place, plane in enumerate(kept):
        if not place or _pointed(plane) not in known:
            plane.set("bpmnElement", str(whole.get("id")))


def _pointed(element: etree._Element) -> str:
    return str(element.get("bpmnElement") or "").rpartition(":")[2]
