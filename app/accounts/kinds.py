"""The posts an organ can have, the 三员, and the kinds of organs: fixed lists, because diagrams and the law
name them.

Source: domain.md 8 (角色与流转) and 12.16; the Chinese words are those of glossary.md.
"""

from __future__ import annotations

UNIT = "unit"
ORGAN = "organ"

#: key -> (Chinese label, level: one per unit or one per organ)
POST_KINDS: dict[str, tuple[str, str]] = {
    "drafter": ("承办人", UNIT),
    "unit_head": ("科室负责人", UNIT),
    "registrar": ("受理登记岗", ORGAN),
    "text_checker": ("核稿岗", ORGAN),
    "disclosure_head": ("政府信息公开工作机构负责人", ORGAN),
    "secrecy_officer": ("保密审查员", ORGAN),
    "legal_officer": ("法制审核岗", ORGAN),
    "signer": ("分管领导", ORGAN),
    "principal": ("主要负责人", ORGAN),
    "publisher": ("信息发布岗", ORGAN),
    "seal_clerk": ("用印·文书送达岗", ORGAN),
    "archivist": ("档案岗", ORGAN),
    "supervisor": ("督查岗", ORGAN),
    "statistician": ("统计岗", ORGAN),
    "unit_admin": ("单位管理员", ORGAN),
    "process_admin": ("流程管理员", ORGAN),
}

#: posts that govern others and are therefore granted by the 安全管理员 alone
GOVERNING = frozenset({"unit_admin", "process_admin"})

#: 三员: one set per installation, exclusive of each other and without business (domain.md 8, security.md 6)
OFFICERS: dict[str, str] = {
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "auditor": "安全审计员",
}

ORGAN_KINDS: dict[str, str] = {
    "government": "人民政府",
    "office": "政府办公厅（室）",
    "department": "部门",
    "county": "县（市、区）机关",
    "street": "乡镇街道",
}

#: nature of an account: business or one of the 三员, never both
NATURES: dict[str, str] = {"business": "业务人员", "officer": "三员专用"}


def label(kind: str) -> str:
    """The Chinese label of a post kind; unknown kinds (of an older version) show their key."""
    return POST_KINDS[kind][0] if kind in POST_KINDS else kind


def level(kind: str) -> str:
    """`unit` or `organ`."""
    return POST_KINDS[kind][1]
