"""Conditions and times as other tools write them, said in our language where they mean the same."""

from __future__ import annotations

import re

from lxml import etree

from workflows.engine import expressions
from workflows.engine.errors import ExpressionError
from workflows.engine.foreign.document import Document, clipped, label
from workflows.engine.shown import MAX_NAME, cleaned, unfit
from workflows.engine.xml import local, tag

_BRACED = re.compile(r"[$#]\{(.*)\}\Z", re.S)
_STRING = re.compile(r"('[^']*'|\"[^\"]*\")")
_TIME = re.compile(r"P[0-9TYMWDHS]+\Z|\d{4}-\d{2}-\d{2}(T[\d:+.Z-]+)?\Z")
_SPACES = re.compile(r"\s+")
_CYCLE = re.compile(r"R\d*/(P[0-9TYMWDHS]+)\Z")
_WORDS = (
    (re.compile(r"&&"), " and "), (re.compile(r"\|\|"), " or "), (re.compile(r"!(?!=)"), " not "),
    (re.compile(r"(?<![=!<>])=(?!=)"), "=="), (re.compile(r"===?"), "=="), (re.compile(r"!=="), "!="),
    (re.compile(r"\b(?i:true)\b"), "True"), (re.compile(r"\b(?i:false)\b"), "False"),
    (re.compile(r"\b(?i:null)\b"), "None"), (re.compile(r"\b(?i:and)\b"), "and"), (re.compile(r"\b(?i:or)\b"), "or"),
    (re.compile(r"\beq\b"), "=="), (re.compile(r"\bne\b"), "!="), (re.compile(r"\bgt\b"), ">"), (re.compile(r"\blt\b"), "<"),
    (re.compile(r"\bge\b"), ">="), (re.compile(r"\ble\b"), "<="),
)  # fmt: skip


def translated(text: str) -> str | None:
    """A condition of JUEL (`${a && b}`) or FEEL (`=a = 1`) in our language; None when it is more than that."""
    source = text.strip()
    braced = _BRACED.match(source)
    source = (braced.group(1) if braced else source.removeprefix("=")).strip()
    pieces = _STRING.split(source[: expressions.MAX_TEXT + 1])
    for place in range(0, len(pieces), 2):
        for pattern, word in _WORDS:
            pieces[place] = pattern.sub(word, pieces[place])
        pieces[place] = _SPACES.sub(" ", pieces[place])
    found = "".join(pieces).strip()
    return found if _reads(found) else None


def _reads(text: str) -> bool:
    try:
        expressions.compile(text)
    except ExpressionError:
        return False
    return True


def clean_words(document: Document) -> None:
    """Names and notes lose their markup: other tools write documentation in HTML."""
    for element in document.bpmn():
        name = str(element.get("name") or "")
        short = cleaned(name, MAX_NAME)
        said = f"名称里的标记或者过长的部分去掉了，现在是“{clipped(short or str(element.get('id') or ''))}”"
        if unfit(name, MAX_NAME) and document.offer(element, "shown", said):
            element.set("name", short)
        if local(element) in ("documentation", "text") and unfit(
            "".join(str(each) for each in element.itertext())
        ):
            text = cleaned("".join(str(each) for each in element.itertext()))
            parent = element.getparent()
            about = element if parent is None else parent
            if not document.offer(about, "shown", "说明里的网页标记去掉了，只留下文字"):
                continue
            for child in list(element):
                element.remove(child)
            element.text = text


def translate_conditions(document: Document) -> None:
    """Conditions of flows, of loops and of multi-instances."""
    for condition in document.all(
        "conditionExpression", "completionCondition", "loopCondition", "loopCardinality"
    ):
        text, owner = (condition.text or "").strip(), condition.getparent()
        if owner is None or (_reads(text) and not condition.get("language")):
            continue
        where = owner if local(owner) == "sequenceFlow" else owner.getparent()
        assert where is not None
        found = text if _reads(text) else translated(text)
        said = "读不懂，移到说明里，请重新写" if found is None else f"改写为“{found[:60]}”，请核对数据名"
        if not document.offer(where, "expression", f"“{label(where)}”的条件“{text[:60]}”{said}"):
            continue
        condition.attrib.pop("language", "")
        if found is not None:
            condition.text = found
        else:
            owner.remove(condition)
            if text:
                document.note(where, f"原来的条件：{text}")


def mend_timers(document: Document) -> None:
    """Bare ISO times get their quotes; a cycle becomes its interval."""
    for timer in document.all("timerEventDefinition"):
        event = timer.getparent()
        assert event is not None
        for value in [each for each in timer if local(each) in ("timeCycle", "timeDuration", "timeDate")]:
            value.attrib.pop("language", "")
            _mend_time(document, event, value)


def _mend_time(document: Document, event: etree._Element, value: etree._Element) -> None:
    text = (value.text or "").strip()
    bare = text.strip("\"'")
    cycle = _CYCLE.match(bare)
    name = label(event)
    if local(value) == "timeCycle" and cycle:
        said = f"“{name}”的周期“{bare}”改为等待一次“{cycle.group(1)}”，要重复请画出循环"
        if document.offer(event, "cycle_timer", said):
            value.tag, value.text = tag("timeDuration"), f"'{cycle.group(1)}'"
    elif local(value) == "timeCycle":
        return  # cron and the like: the check says so
    elif _TIME.match(text):
        if document.offer(event, "timer_value", f"“{name}”的时间“{text}”加上引号"):
            value.text = f"'{text}'"
    elif not _reads(text):
        found = translated(text)
        said = f"“{name}”的时间“{text[:60]}”改写为“{(found or '')[:60]}”，请核对数据名"
        if found is not None and document.offer(event, "expression", said):
            value.text = f"'{found}'" if _TIME.match(found) else found
