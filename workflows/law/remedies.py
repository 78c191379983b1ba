"""Remedy texts A, B and B* from each organ's own authorities (domain.md 4.4). A letter without them is not signed.

RULES[kind]                   who reviews the acts of such an organ (复议法24, 25, 27, 28), for the organ table
text(remedy, authorities)     the paragraph of the letter; LawRefusal in Chinese when an authority is missing
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workflows.law.letters import Remedy
from workflows.law.refusals import LawRefusal


class OrganKind(StrEnum):
    """What an organ is, as far as the reconsideration authority follows from it."""

    DEPARTMENT = "department"
    GOVERNMENT = "government"
    PROVINCE = "province"
    AGENCY = "agency"
    OUTPOST = "outpost"
    AUTHORISED = "authorised"
    MINISTRY = "ministry"
    VERTICAL = "vertical"
    JUSTICE = "justice"

    @property
    def label(self) -> str:
        """In Chinese, for a list of choices."""
        return RULES[self].label


@dataclass(frozen=True, slots=True)
class Rule:
    """Who reviews: `authority` in Chinese; `relation` is how to find it from the organ (own_government,
    superior_government, itself, superior_department, managing_organ); `alternative` a second one by choice."""

    label: str
    relation: str
    authority: str
    article: str
    alternative: str = ""


RULES: dict[OrganKind, Rule] = {
    OrganKind.DEPARTMENT: Rule(
        "县级以上地方人民政府工作部门", "own_government", "本级人民政府", "行政复议法第二十四条第一款第一项"
    ),
    OrganKind.GOVERNMENT: Rule(
        "地方人民政府（省级以下）",
        "superior_government",
        "上一级人民政府",
        "行政复议法第二十四条第一款第二项",
    ),
    OrganKind.PROVINCE: Rule("省级人民政府", "itself", "本机关", "行政复议法第二十四条第二款"),
    OrganKind.AGENCY: Rule(
        "人民政府派出机关（街道办事处等）",
        "own_government",
        "设立它的人民政府",
        "行政复议法第二十四条第一款第三项",
    ),
    OrganKind.OUTPOST: Rule(
        "工作部门的派出机构", "own_government", "该工作部门的本级人民政府", "行政复议法第二十四条第四款",
        "设区的市工作部门按行政区划设立的，也可以向派出机构所在地的人民政府申请",
    ),
    OrganKind.AUTHORISED: Rule(
        "法律、法规、规章授权的组织",
        "managing_organ",
        "管理该组织的人民政府，或者管理该组织的工作部门的本级人民政府",
        "行政复议法第二十四条第一款第四项",
    ),
    OrganKind.MINISTRY: Rule("国务院部门", "itself", "本部门", "行政复议法第二十五条"),
    OrganKind.VERTICAL: Rule(
        "海关、金融、外汇、税务、国家安全机关", "superior_department", "上一级主管部门", "行政复议法第二十七条"
    ),
    OrganKind.JUSTICE: Rule(
        "履行行政复议机构职责的司法行政部门", "own_government", "本级人民政府", "行政复议法第二十八条",
        "也可以向上一级司法行政部门申请",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authorities:
    """The authorities of one organ: full names; the address of the reconsideration authority is required."""

    organ: str
    reconsideration: str = ""
    reconsideration_address: str = ""
    court: str = ""

    def missing(self) -> list[str]:
        """What is missing, in Chinese (「复议机关」 …)."""
        wanted = {
            "复议机关": self.reconsideration,
            "复议机关地址": self.reconsideration_address,
            "人民法院": self.court,
        }
        return [label for label, value in wanted.items() if not value.strip()]


def text(
    remedy: Remedy, authorities: Authorities, *, document: str = "答复", withheld: str = "", rest: str = ""
) -> str:
    """The remedy paragraph; nothing for a letter that carries none.

    `document` is what the letter calls itself (答复, 告知, 决定). In A+B, `withheld` and `rest` name the parts
    each text is about; by default 不予公开部分 and 其余部分. Raises `LawRefusal` when an authority is missing:
    an omission lets the periods run for a year (复议法20③, 行诉法解释64).
    """
    if remedy is Remedy.NONE:
        return ""
    absent = authorities.missing()
    if absent:
        raise LawRefusal(
            f"不能送签：救济途径未写{'、'.join(absent)}。请在“{authorities.organ}”的机关设置里补上。",
            code="authorities",
        )
    if remedy is Remedy.A:
        return _first(authorities, f"本{document}")
    if remedy is Remedy.A_AND_B:
        first = _first(authorities, f"本{document}中{withheld or '不予公开部分'}")
        second = _either(authorities, f"本{document}中{rest or '其余部分'}")
        return f"{first}\n{second}"
    return _either(authorities, f"本{document}")


def _reviewer(authorities: Authorities) -> str:
    return f"{authorities.reconsideration.strip()}（地址：{authorities.reconsideration_address.strip()}）"


def _first(authorities: Authorities, what: str) -> str:
    """Text A: 复议前置 (复议法20①, 23①(四), 23②: 作出时应当告知先行复议; 行诉法45)."""
    return (
        f"如不服{what}，应当自收到之日起60日内先向{_reviewer(authorities)}申请行政复议；"
        f"对行政复议决定不服的，可以自收到行政复议决定书之日起15日内向{authorities.court.strip()}提起行政诉讼。"
    )


def _either(authorities: Authorities, what: str) -> str:
    """Text B (复议法20①, 行诉法44①, 46①)."""
    return (
        f"如不服{what}，可以自收到之日起60日内向{_reviewer(authorities)}申请行政复议，"
        f"也可以自收到之日起6个月内直接向{authorities.court.strip()}提起行政诉讼。"
    )


#: what the public guide says about 逾期不答复: whether reconsideration must come first is disputed【未核实】 (4.4)
NO_REPLY = (
    "逾期未收到答复的，建议自答复期限届满之日起60日内先申请行政复议；对行政复议决定不服的，再提起行政诉讼。"
)
