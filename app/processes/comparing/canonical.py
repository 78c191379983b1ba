"""An element of XML as text that is the same for what means the same: prefixes, blanks and the order of attributes say nothing."""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from workflows.engine.xml import local

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
#: elements whose own id is what they mean: names of data
_ID_COUNTS = frozenset({"dataInput", "dataOutput", "inputDataItem", "outputDataItem", "property"})


def canonical(
    element: etree._Element,
    *,
    without: Collection[str] = (),
    unnamed: Collection[str] = (),
    texts: bool = True,
) -> str:
    """`without`: names of children left out. unnamed: attributes of the element itself left out. texts: of the children too."""
    name = local(element)
    skipped = {_TYPE, *unnamed} if name in _ID_COUNTS else {"id", _TYPE, *unnamed}
    said = [f"<{name} {' '.join(attributes(element, skipped))}>"]
    if texts:
        said.append(_blank(element.text))
    for child in children(element):
        if local(child) not in without:
            said += [canonical(child, texts=texts), _blank(child.tail) if texts else ""]
    return "".join(said)


def attributes(element: etree._Element, skipped: Collection[str] = ("id",)) -> list[str]:
    """`name=value` of the attributes, sorted."""
    return [f"{key!s}={value!s}" for key, value in sorted(element.attrib.items()) if key not in skipped]


def children(element: etree._Element, name: str = "") -> list[etree._Element]:
    """The elements directly inside, of one name if it is given."""
    found = [child for child in element if isinstance(child.tag, str)]
    return [child for child in found if local(child) == name] if name else found


def texts_of(element: etree._Element) -> str:
    """Everything written in an element, for people."""
    return _blank(" ".join(str(each) for each in element.itertext()))


def _blank(text: str | None) -> str:
    return " ".join((text or "").split())
