"""The letters of an application, L1 to L25, and what the law requires each to contain (domain.md 4.1, 4.2).

`missing(letter, given)` names in Chinese what a letter lacks; whoever signs is stopped by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Remedy(StrEnum):
    """Which remedy text a letter carries (domain.md 4.4)."""

    A = "A"  # 复议前置 (复议法23①(四)、②)
    B = "B"  # 复议或者诉讼
    B_STAR = "B*"  # as B; the legal reviewer may leave it out (法释8号讲义, 二手来源)
    A_AND_B = "A+B"  # 部分公开: A for what is withheld, B for the rest
    NONE = ""  # 程序性告知, or none required


@dataclass(frozen=True, slots=True)
class Field:
    """Something a letter must contain: any one of `keys` will do; `label` names it in Chinese."""

    keys: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind of letter. `due` says in Chinese by when it must go out."""

    code: str
    name: str
    article: str
    due: str
    fields: tuple[Field, ...]
    remedy: Remedy = Remedy.NONE


def f(label: str, *keys: str) -> Field:
    """A required field."""
    return Field(keys, label)


#: 4.1: every letter that decides or tells something
COMMON = (
    f("机关名称", "organ_name"),
    f("文号", "document_number"),
    f("申请人姓名或名称", "applicant"),
    f("收到日期", "received_on"),
    f("申请内容", "request"),
    f("事实", "facts"),
    f("依据条款", "articles"),
    f("决定或告知事项", "decision"),
    f("成文日期", "issued_on"),
    f("联系人", "contact"),
)
_NOTICE = tuple(field for field in COMMON if field.keys[0] not in ("facts", "decision"))
_OUTWARD = tuple(field for field in _NOTICE if field.keys[0] not in ("applicant", "received_on"))
REMEDY = f("救济途径", "remedy")

_IN_TIME = "答复期限届满前"

_LETTERS = (
    Letter("L1", "政府信息公开申请表", "条例第二十九条", "", (
        f("申请人姓名或名称", "applicant"), f("身份证明", "identity_proof"), f("联系方式", "contact_details"),
        f("信息名称、文号或者其他特征性描述", "request"), f("获取信息的方式、途径", "form_wanted"),
    )),
    Letter("L2", "登记回执", "条例第四十五条", "收到当日", (
        f("登记号", "register_number"), f("收到日", "received_on"), f("答复期限", "reply_due"),
        f("查询方式", "tracking"),
    )),
    Letter("L3", "补正告知书", "条例第三十条", "收到之日起7个工作日内", (
        *_NOTICE, f("补正事项", "correction_items"), f("补正期限", "correction_deadline"),
        f("逾期不补正的后果", "consequence"), f("指导和释明", "guidance"),
    )),
    Letter("L4", "延期答复告知书", "条例第三十三条第二款", _IN_TIME, (
        *_NOTICE, f("延长天数", "extension_days"), f("新的答复期限", "new_due"), f("延期理由", "reason"),
        f("批准人", "approved_by"),
    )),
    Letter("L5", "要求说明理由通知书", "条例第三十五条", _IN_TIME, (
        *_NOTICE, f("数量、频次的事实", "facts"), f("说明理由的期限", "reason_deadline"),
        f("不说明或者理由不合理的后果", "consequence"),
    )),
    Letter("L6", "延迟答复告知书", "条例第三十五条", _IN_TIME, (
        *_NOTICE, f("延迟答复的合理期限", "new_due"), f("理由", "reason"),
    )),
    Letter("L7", "第三方意见征询函", "条例第三十二条", _IN_TIME, (
        *_OUTWARD, f("拟公开的内容", "content"), f("提出意见的期限（15个工作日）", "opinion_period"),
        f("逾期未提出意见的后果", "consequence"), f("意见回执", "receipt_form"),
    )),
    Letter("L8", "征求意见情况告知书", "条例第三十三条第三款", "征求意见时", (
        *_NOTICE, f("征求意见所需时间不计算在期限内", "pause_notice"),
    )),
    Letter("L9", "决定公开告知书（第三方）", "条例第三十二条", "决定公开时", (
        *_OUTWARD, f("决定公开的内容", "content"), f("理由", "reason"), REMEDY,
    ), Remedy.B),
    Letter("L10", "征求意见函（共同制作机关、其他机关）", "条例第三十三条第三款、第三十四条", _IN_TIME, (
        *_OUTWARD, f("拟公开的内容", "content"), f("提出意见的期限（15个工作日）", "opinion_period"),
        f("逾期未提出意见的，视为同意公开", "consequence"),
    )),
    Letter("L11", "协查函", "条例第十一条", "", (
        f("检索范围", "scope"), f("反馈时限", "due"), f("反馈表", "receipt_form"),
    )),
    Letter("L12", "收费通知书", "条例第四十二条、国办函〔2020〕109号", "答复期限内", (
        *_NOTICE, f("收费依据", "fee_basis"), f("收费标准", "fee_rate"), f("数额", "fee_amount"),
        f("缴纳方式", "payment_way"), f("缴费期限", "fee_due"), f("逾期不缴费的后果", "consequence"),
    )),
    Letter("L13", "政府信息公开申请答复书（予以公开）", "条例第三十六条", _IN_TIME, (*COMMON, REMEDY), Remedy.B),
    Letter("L14", "政府信息公开申请答复书（不予公开）", "条例第三十六条第三项", _IN_TIME, (*COMMON, REMEDY), Remedy.A),
    Letter("L15", "政府信息公开申请答复书（部分公开）", "条例第三十七条", _IN_TIME, (*COMMON, REMEDY), Remedy.A_AND_B),
    Letter("L16", "政府信息公开申请答复书（信息不存在）", "条例第三十六条第四项", _IN_TIME, (*COMMON, REMEDY), Remedy.B),
    Letter("L17", "政府信息公开申请答复书（非本机关负责）", "条例第三十六条第五项", _IN_TIME, (*COMMON, REMEDY), Remedy.B),
    Letter("L18", "不予重复处理告知书", "条例第三十六条第六项", _IN_TIME, (*COMMON, REMEDY), Remedy.B_STAR),
    Letter("L19", "行政查询事项告知书", "条例第三十六条第七项", _IN_TIME, (*COMMON, REMEDY), Remedy.B_STAR),
    Letter("L20", "不予处理告知书", "条例第三十五条、第三十九条", _IN_TIME, (*COMMON, REMEDY), Remedy.B_STAR),
    Letter("L21", "无法提供告知书", "条例第三十条、第三十八条", _IN_TIME, (*COMMON, REMEDY), Remedy.B),
    Letter("L22", "终止办理通知书", "条例第三十条、第四十二条", "终止办理时", COMMON, Remedy.B),
    Letter("L23", "更正答复书（转送函）", "条例第四十一条", "", (
        *_NOTICE, f("更正结果或者转送机关", "result", "forwarded_to"), REMEDY,
    ), Remedy.B),
    Letter("L24", "送达回证", "国办公开办函〔2016〕235号", "送达时", (
        f("文书名称", "letter_name"), f("送达方式", "method"), f("送达时间", "sent_on"), f("签收人", "signer"),
    )),
    Letter("L25", "主动公开建议审核意见", "条例第四十四条第二款", "", (
        f("是否纳入主动公开", "decision"), f("理由", "reason"), REMEDY,
    ), Remedy.B),
)  # fmt: skip

LETTERS: dict[str, Letter] = {letter.code: letter for letter in _LETTERS}

#: what the law asks of a variant of a letter, where it differs: an organ that is no joint maker has no 15 working days,
#: and its silence is no consent (条例33③; 34 speaks of joint makers only); 会商纪要 is no 协查函
VARIANTS: dict[str, tuple[Field, ...]] = {
    "L10.other": (
        *_OUTWARD, f("拟公开的内容", "content"), f("回复的期限", "opinion_period"),
        f("逾期未回复的，不视为同意公开", "consequence"),
    ),
    "L11.talk": (),
}  # fmt: skip


def missing(fields: tuple[Field, ...], given: Mapping[str, object]) -> list[Field]:
    """The fields of which nothing is given; white space is nothing."""
    return [field for field in fields if not any(_filled(given.get(key)) for key in field.keys)]


def sentence(absent: list[Field]) -> str:
    """「不能送签：没有写救济途径、成文日期。请补上。」 or nothing."""
    return f"不能送签：没有写{'、'.join(field.label for field in absent)}。请补上。" if absent else ""


def _filled(value: object) -> bool:
    return (
        bool(value.strip()) if isinstance(value, str) else value is not None and value != () and value != []
    )
