"""The repairs in their order: first what is not ours goes, then nodes, then the flows between them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from lxml import etree

from workflows.engine import xml
from workflows.engine.drawing import MAX_NODES
from workflows.engine.errors import DefinitionRefused
from workflows.engine.foreign import flows, names, nodes, redraw, scope, texts
from workflows.engine.foreign.document import Document, Repair

_STEPS: tuple[Callable[[Document], None], ...] = (
    scope.drop_foreign_markup,
    scope.drop_other_parts,
    texts.clean_words,
    names.point_plainly,
    scope.inline_definitions,
    scope.drop_data,
    names.rename,
    nodes.make_possible,
    nodes.mend_events,
    nodes.mend_instances,
    flows.drop_loose,
    flows.end_everything,
    flows.split_openly,
    texts.translate_conditions,
    flows.choose_defaults,
    texts.mend_timers,
    scope.sweep,
    redraw.draw_all,
)


def repair(
    bpmn: bytes, key: str = "", process: str = "", left: Collection[str] = ()
) -> tuple[bytes, tuple[Repair, ...]]:
    """A diagram of another tool as one this engine can check, and everything that was changed to get there.

    key: the process id wanted ("" keeps the file's own where it can be used). process: the id of the process to
    take where the file has several. left: choices of repairs that are not wanted; they are told as left, and what they
    would have mended is for the check to find. Raises DefinitionRefused for what is no BPMN, has no process, or leaves the choice.
    """
    root = xml.read(bpmn, "流程图")
    if root.tag != xml.tag("definitions"):
        raise DefinitionRefused("流程图不是 BPMN 2.0 文件，请在原来的软件里导出为 BPMN 2.0 XML", "xml")
    document = Document(root, left)
    scope.choose_process(document, process)
    _bound(document)
    names.set_key(document, key)
    for step in _STEPS:
        step(document)
    document.link_up()
    etree.cleanup_namespaces(root, keep_ns_prefixes=[prefix for prefix in root.nsmap if prefix])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8"), tuple(document.repairs)


def _bound(document: Document) -> None:
    """The check refuses a larger diagram anyway, and some repairs look at every pair of node and flow."""
    count = len(document.nodes())
    if count > MAX_NODES:
        raise DefinitionRefused(
            f"流程有 {count} 个节点，最多 {MAX_NODES} 个，请先在原来的软件里拆成几个流程", "oversize"
        )
