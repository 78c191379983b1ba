"""What the law leaves open: values an installation may set, each with its mark and source.

【未核实】: not read in a source; 【推定】: chosen by analogy where the law is silent; 【地方】: local practice.
Numbers that the law fixes are constants beside their rule and cannot be set.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal


@dataclass(frozen=True, slots=True)
class LawSettings:
    """Settings of the clocks; `DESCRIBED` says what each means. Lengths are whole days of the unit beside them."""

    fee_payment_length: int = 30
    fee_payment_unit: Literal["day", "workday"] = "day"
    correction_length: int = 15
    correction_unit: Literal["day", "workday"] = "workday"
    other_opinion_length: int = 15
    public_notice_length: int = 30
    reminders: tuple[int, ...] = (5, 3, 1)
    confirm_within: int = 1
    late_correction_restarts: bool = False
    extension_once: bool = True
    remedy_without_effect: bool = True
    remedy_withdrawn: bool = True
    assist_pauses: bool = False
    meeting_pauses: bool = False
    secrecy_pauses: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as a page shows it: `mark` is 【未核实】 and the like, `risk` what to say when it is changed."""

    key: str
    label: str
    mark: str
    source: str
    risk: str = ""


_PAUSE_RISK = "条例第三十三条第三款只写了征求第三方和其他机关意见，扣除这段时间有被认定超期的风险。"

DESCRIBED: tuple[Described, ...] = (
    Described("fee_payment_length", "缴费期限（天数）", "【未核实】", "国办函〔2020〕109号第六条"),
    Described("fee_payment_unit", "缴费期限按自然日还是工作日", "【未核实】", "国办函〔2020〕109号第六条"),
    Described("correction_length", "补正期限（天数）", "【未核实】", "条例第三十条：合理的补正期限"),
    Described("correction_unit", "补正期限按自然日还是工作日", "【未核实】", "条例第三十条"),
    Described(
        "other_opinion_length",
        "请其他机关（不是共同制作的）回复意见的工作日",
        "【推定】",
        "条例第三十三条第三款没有规定期限，比照第三十四条",
    ),
    Described(
        "public_notice_length",
        "公告送达满几天（自然日）视为送达",
        "【推定】",
        "条例没有规定公告送达，比照民事诉讼法第九十五条",
        "公告不得写明申请人是谁，也不得写出可能涉及商业秘密、个人隐私的内容。",
    ),
    Described("reminders", "提醒：剩几个工作日", "【推定】", "办理惯例"),
    Described("confirm_within", "到达后几个工作日内须与申请人确认", "【推定】", "条例第三十一条"),
    Described(
        "late_correction_restarts",
        "超过7个工作日才补正告知的，收到补正后仍重新起算",
        "【推定】",
        "条例第三十条",
        "条例没有规定逾期告知的后果，重新起算有被认定超期的风险。",
    ),
    Described(
        "extension_once",
        "只能延期一次",
        "【推定】",
        "条例第三十三条第二款",
        "不论几次，合计不得超过20个工作日。",
    ),
    Described(
        "remedy_without_effect",
        "重复申请、行政查询、信访投诉举报、公开出版物的告知书写救济途径",
        "【推定】",
        "法释〔2025〕8号的讲义（二手来源）认为可以不予立案；是否写，法律没有禁止",
        "不写的，申请人的复议、起诉期限最长按一年计算。",
    ),
    Described(
        "remedy_withdrawn",
        "申请人撤回的终止办理通知书写救济途径",
        "【推定】",
        "撤回出于申请人自愿，是否写救济途径没有规定",
        "不写的，申请人对是否自愿撤回有争议时，期限最长按一年计算。",
    ),
    Described("assist_pauses", "协查期间暂停计算", "【推定】", "条例第三十三条第三款", _PAUSE_RISK),
    Described("meeting_pauses", "会商期间暂停计算", "【推定】", "条例第三十三条第三款", _PAUSE_RISK),
    Described(
        "secrecy_pauses",
        "等待保密行政管理部门确定期间暂停计算",
        "【推定】",
        "条例第十七条第三款、第三十三条第三款",
        _PAUSE_RISK,
    ),
)

DEFAULTS = LawSettings()


def described(key: str) -> Described:
    """The description of a setting; KeyError when there is none."""
    return {entry.key: entry for entry in DESCRIBED}[key]


def from_values(values: dict[str, object]) -> LawSettings:
    """Settings from stored values; unknown keys are left out, lists become tuples. Raises on wrong types."""
    known = {field.name: type(getattr(DEFAULTS, field.name)) for field in fields(LawSettings)}
    taken = {}
    for key, value in values.items():
        if key not in known:
            continue
        fit = tuple(value) if isinstance(value, list) else value
        if type(fit) is not known[key]:
            raise TypeError(f"{key}: {value!r}")
        taken[key] = fit
    return LawSettings(**taken)  # type: ignore[arg-type]
