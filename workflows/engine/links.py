"""Link events: a sequence flow in two pieces, put together when a diagram is read.

BPMN 2.0, 10.5.1: a link is a go-to inside one process level; several throw it, one catches it. The library loses
whatever stands behind a catch (engine.md 6), so both ends become plain events here, with the flow that they mean between
them. What has no partner stays as it is, and the check refuses it.
"""

from __future__ import annotations

from lxml import etree

from workflows.engine.namespaces import BPMN


def join(root: etree._Element) -> None:
    """Put every pair of link events of a diagram together, in place."""
    ids = {str(each.get("id")) for each in root.iter() if each.get("id")}
    for catch, throws in _pairs(root):
        _make_plain(catch)
        for throw in throws:
            _make_plain(throw)
            name = _fresh(f"link_{throw.get('id')}", ids)
            ends = {"sourceRef": str(throw.get("id")), "targetRef": str(catch.get("id"))}
            flow = etree.Element(f"{{{BPMN}}}sequenceFlow", {"id": name, **ends})
            throw.addnext(flow)


def _pairs(root: etree._Element) -> list[tuple[etree._Element, list[etree._Element]]]:
    """(catching event, throwing events) of every link that is whole."""
    catches = _ends(root, "intermediateCatchEvent")
    throws = _ends(root, "intermediateThrowEvent")
    return [
        (found[0], throws[place])
        for place, found in catches.items()
        if len(found) == 1 and place in throws and place[1] and _is_open(root, found[0], throws[place])
    ]


def _ends(root: etree._Element, kind: str) -> dict[tuple[int, str], list[etree._Element]]:
    """(process level, name of the link) -> the events of this kind that carry it and nothing else."""
    found: dict[tuple[int, str], list[etree._Element]] = {}
    for event in root.iter(f"{{{BPMN}}}{kind}"):
        parts = [each for each in event if str(each.tag).endswith("EventDefinition")]
        scope = event.getparent()
        if len(parts) == 1 and parts[0].tag == f"{{{BPMN}}}linkEventDefinition" and scope is not None:
            found.setdefault((_place(root, scope), (parts[0].get("name") or "").strip()), []).append(event)
    return found


def _place(root: etree._Element, scope: etree._Element) -> int:
    """A number for a process level: lxml makes a new object of an element whenever it is asked for."""
    return hash(root.getroottree().getpath(scope))


def _is_open(root: etree._Element, catch: etree._Element, throws: list[etree._Element]) -> bool:
    """A throw leads nowhere else and nothing else leads to the catch (10.5.1); else it is not a plain link."""
    flows = list(root.iter(f"{{{BPMN}}}sequenceFlow"))
    sources = {throw.get("id") for throw in throws}
    return not any(
        flow.get("targetRef") == catch.get("id") or flow.get("sourceRef") in sources for flow in flows
    )


def _make_plain(event: etree._Element) -> None:
    event.tag = f"{{{BPMN}}}intermediateThrowEvent"
    for child in [each for each in event if each.tag == f"{{{BPMN}}}linkEventDefinition"]:
        event.remove(child)


def _fresh(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found)
    return found
