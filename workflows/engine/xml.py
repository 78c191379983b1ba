"""Hardened reading of uploaded XML (engine.md 11, security.md 1).

One parser with nothing switched on: no entities, no network, no DTD, no huge trees, always UTF-8, whatever
the file says of itself. Bytes, elements and depth are bounded, any DOCTYPE is refused after parsing (a
UTF-7 file hides it from a search in the bytes), comments and processing instructions are dropped, and
identifiers are checked before the library builds XPath expressions of them.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from workflows.engine import links
from workflows.engine.errors import DefinitionRefused
from workflows.engine.namespaces import BPMN as BPMN
from workflows.engine.namespaces import BPMNDI as BPMNDI
from workflows.engine.namespaces import DMN_NAMESPACES as DMN_NAMESPACES
from workflows.engine.namespaces import SPIFF as SPIFF

MAX_BYTES = 1_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 40
MAX_ATTRIBUTES = 100  # of one element

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,99}\Z")


def tag(name: str, namespace: str = BPMN) -> str:
    """`name` in Clark notation, as lxml compares tags."""
    return f"{{{namespace}}}{name}"


_REFERENCE_TEXTS = {
    tag(name)
    for name in "flowNodeRef incoming outgoing sourceRef targetRef dataInputRefs dataOutputRefs".split()
}


def local(element: etree._Element) -> str:
    """The tag of `element` without its namespace."""
    return str(element.tag).rpartition("}")[2]


def read(data: bytes, what: str = "流程图") -> etree._Element:
    """The root of an uploaded document. `what` names it in the sentence of a DefinitionRefused."""
    if len(data) > MAX_BYTES:
        raise DefinitionRefused(f"{what}文件过大，最大 {MAX_BYTES // 1000} KB，请精简后重新上传", "oversize")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DefinitionRefused(
            f"{what}不是完好的 UTF-8 编码 XML 文件，请用流程编辑器重新导出", "xml"
        ) from error
    if _has_doctype(root):
        raise DefinitionRefused(f"{what}含有 DOCTYPE 声明，不予接受，请删除后重新上传", "doctype")
    _check_size(root, what)
    return root


def _has_doctype(root: etree._Element) -> bool:
    info: Any = root.getroottree().docinfo
    return bool(info.doctype) or info.internalDTD is not None


def read_bpmn(data: bytes, what: str = "流程图") -> etree._Element:
    """The `bpmn:definitions` of an uploaded diagram, its identifiers checked and its links put together."""
    root = read(data, what)
    if root.tag != tag("definitions"):
        raise DefinitionRefused(f"{what}不是 BPMN 2.0 文件", "xml")
    _check_identifiers(root, what)
    links.join(root)
    return root


def read_dmn(data: bytes, what: str = "决策表") -> etree._Element:
    """The `dmn:definitions` of an uploaded decision table."""
    root = read(data, what)
    if local(root) != "definitions" or etree.QName(root).namespace not in DMN_NAMESPACES:
        raise DefinitionRefused(f"{what}不是 DMN 文件", "xml")
    return root


def _check_size(root: etree._Element, what: str) -> None:
    """Refuse too many elements or too deep a nesting, without recursion."""
    level, count = [root], 0
    for _depth in range(MAX_DEPTH):
        count += len(level)
        if any(len(element.attrib) > MAX_ATTRIBUTES for element in level):
            raise DefinitionRefused(f"{what}有元素的属性过多，最多 {MAX_ATTRIBUTES} 个", "oversize")
        if count > MAX_ELEMENTS:
            raise DefinitionRefused(f"{what}的元素过多，最多 {MAX_ELEMENTS} 个", "oversize")
        level = [child for element in level for child in element]
        if not level:
            return
    raise DefinitionRefused(f"{what}的元素嵌套过深，最多 {MAX_DEPTH} 层", "oversize")


def _check_identifiers(root: etree._Element, what: str) -> None:
    for element in root.iter(f"{{{BPMN}}}*"):
        values = [value for name, value in element.items() if _is_reference(str(name))]
        if element.tag in _REFERENCE_TEXTS:
            values.append((element.text or "").strip())
        for value in values:
            if not is_identifier(str(value)):
                shown = str(value)[:40]
                raise DefinitionRefused(
                    f"{what}中的编号“{shown}”不可用：只能用字母、数字、下划线、点和横线", "identifier"
                )


def is_identifier(value: str) -> bool:
    """Whether a diagram may use this id."""
    return bool(_IDENTIFIER.match(value))


def _is_reference(attribute: str) -> bool:
    return attribute in ("id", "default", "calledElement") or attribute.endswith("Ref")
