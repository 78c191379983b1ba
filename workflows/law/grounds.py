"""公开属性、不予公开的理由、保密审查结论: closed lists of the law, with the article beside each entry.

Source: 《中华人民共和国政府信息公开条例》(国务院令第711号, 2019) articles 13-16; the rows are those of the
annual report's third table, heading (三)不予公开 (国办公开办函〔2021〕30号). Article 13 makes publication the
rule, so there is no "other" ground, and 工作秘密 is none either: it must fall under one of the entries below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """How far the clause binds: the words of the law differ, and so does what an office may do."""

    MUST_NOT = "不予公开"  # article 14: absolute
    SHALL_NOT = "不得公开"  # article 15: unless the third party agrees or the public interest demands it
    MAY_NOT = "可以不予公开"  # article 16: at the organ's discretion


@dataclass(frozen=True)
class Ground:
    """One ground for not publishing; `report_row` is the row below (三)不予公开 of the annual report."""

    code: str
    label: str
    article: str
    effect: Effect
    report_row: int
    exception: str = ""

    @property
    def title(self) -> str:
        """What a list of choices shows: the clause first, then the words of the law."""
        return f"{self.label}（{self.article}）"


GROUNDS: tuple[Ground, ...] = (
    Ground("N14a", "依法确定为国家秘密的政府信息", "条例第十四条", Effect.MUST_NOT, 1, "解密后"),
    Ground("N14b", "法律、行政法规禁止公开的政府信息", "条例第十四条", Effect.MUST_NOT, 2),
    Ground(
        "N14c",
        "公开后可能危及国家安全、公共安全、经济安全、社会稳定的政府信息",
        "条例第十四条",
        Effect.MUST_NOT,
        3,
    ),
    Ground(
        "N15",
        "涉及商业秘密、个人隐私等，公开会对第三方合法权益造成损害的政府信息",
        "条例第十五条",
        Effect.SHALL_NOT,
        4,
        "第三方同意公开，或者行政机关认为不公开会对公共利益造成重大影响的，予以公开",
    ),
    Ground(
        "N16a",
        "内部事务信息：人事管理、后勤管理、内部工作流程等",
        "条例第十六条第一款",
        Effect.MAY_NOT,
        5,
    ),
    Ground(
        "N16b",
        "过程性信息：讨论记录、过程稿、磋商信函、请示报告等",
        "条例第十六条第二款",
        Effect.MAY_NOT,
        6,
        "法律、法规、规章规定应当公开的，从其规定",
    ),
    Ground(
        "N16c",
        "行政执法案卷信息",
        "条例第十六条第二款",
        Effect.MAY_NOT,
        7,
        "法律、法规、规章规定应当公开的，从其规定",
    ),
)

#: 国家秘密: only 份号 is registered, the rest is handled outside the system (保密法; domain.md 12.7)
STATE_SECRET = "N14a"

_BY_CODE = {ground.code: ground for ground in GROUNDS}


def ground(code: str) -> Ground:
    """The ground with this code; KeyError when there is none."""
    return _BY_CODE[code]


class Attribute(StrEnum):
    """公开属性 (国办发〔2016〕80号). 依申请公开 is a label inside the office, no answer to an application."""

    PROACTIVE = "proactive"
    ON_REQUEST = "on_request"
    WITHHELD = "withheld"

    @property
    def label(self) -> str:
        return _ATTRIBUTES[self][0]

    @property
    def mark(self) -> str:
        """What is printed at the end of the text once the attribute is confirmed."""
        return _ATTRIBUTES[self][1]


_ATTRIBUTES = {
    Attribute.PROACTIVE: ("主动公开", "（此件公开发布）"),
    Attribute.ON_REQUEST: ("依申请公开", "（此件依申请公开）"),
    Attribute.WITHHELD: ("不予公开", "（此件不公开）"),
}


class Conclusion(StrEnum):
    """What a secrecy review may conclude; 「不能确定」 is none, it goes offline (条例第十七条第三款)."""

    OPEN = "open"
    PARTIAL = "partial"
    CLOSED = "closed"
    DEFERRED = "deferred"

    @property
    def label(self) -> str:
        return _CONCLUSIONS[self]


_CONCLUSIONS = {
    Conclusion.OPEN: "公开",
    Conclusion.PARTIAL: "部分公开",
    Conclusion.CLOSED: "不公开",
    Conclusion.DEFERRED: "暂缓",
}

#: a reviewer's answer that is not a conclusion: 报有关主管部门或者保密行政管理部门确定 (条例第十七条第三款)
UNDETERMINED = "undetermined"


def contradicts(attribute: str, conclusion: str) -> bool:
    """Whether a proposal cannot stand beside the review's conclusion (先审查后公开, 条例第十七条)."""
    if conclusion == Conclusion.CLOSED:
        return attribute != Attribute.WITHHELD
    return conclusion == Conclusion.DEFERRED and attribute == Attribute.PROACTIVE


def choices(source: Iterable[Ground] | type[Attribute] | type[Conclusion]) -> list[tuple[str, str]]:
    """(value, label) pairs in the order of the law."""
    return [
        (entry.code, entry.title) if isinstance(entry, Ground) else (entry.value, entry.label)
        for entry in source
    ]
