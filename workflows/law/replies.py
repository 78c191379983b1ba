"""The seventeen outcomes of an application, R1 to R16 and R3p, and what follows from each.

    REPLIES[code]                     Reply: name, article, letter, remedy, required content, signer, …
    report_row(code, grounds)         ReportRow of the annual report (30号; domain.md 2.3)
    problems(code, grounds, given)    Chinese sentences; empty when the letter may go to signature
    remedy(code, grounds)             Remedy of the letter
    mixed(outcomes, principal)        the application's outcome from those of its matters (12.14), or a refusal

Sources: 条例30, 35-40, 42; 国办公开办函〔2021〕30号; domain.md 1.9, 4.2, 12.5, 12.14.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflows.law.grounds import GROUNDS, ground
from workflows.law.letters import LETTERS, Field, Letter, Remedy, f, missing
from workflows.law.refusals import LawRefusal
from workflows.law.reports import ROWS, ReportRow, refused

_GROUNDS = tuple(entry.code for entry in GROUNDS)


class Signer(StrEnum):
    """Who signs by default; each organ keeps a table of its own (domain.md 12.5)."""

    OFFICE_HEAD = "office_head"
    DEPUTY = "deputy"
    PRINCIPAL = "principal"

    @property
    def label(self) -> str:
        """The post's name (domain.md 8)."""
        return {"office_head": "工作机构负责人", "deputy": "分管领导", "principal": "主要负责人"}[self.value]


@dataclass(frozen=True, slots=True)
class Reply:
    """One outcome.

    `row` is the key of its report row, empty where the ground decides (R3). `content` is what its letter must
    contain beyond `letters.LETTERS[letter].fields`. `grounds` are the codes one of which must be given; empty
    where the outcome is its own ground. `secrecy_review` False: may be skipped (12.5). `whole`: closes the
    application as such and is no outcome of a single matter.
    """

    code: str
    name: str
    article: str
    row: str
    letter: str
    remedy: Remedy
    content: tuple[Field, ...]
    signer: Signer = Signer.OFFICE_HEAD
    secrecy_review: bool = False
    grounds: tuple[str, ...] = ()
    whole: bool = False
    open: bool = False

    @property
    def letter_kind(self) -> Letter:
        """The letter it is told with."""
        return LETTERS[self.letter]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Everything its letter must contain."""
        return (*LETTERS[self.letter].fields, *self.content)


_B, _STAR = Remedy.B, Remedy.B_STAR
_DEPUTY = Signer.DEPUTY
_REASON = f("理由", "reason")

_REPLIES = (
    Reply("R1", "已主动公开，告知获取方式、途径", "条例第三十六条第一项", "granted", "L13", _B,
          (f("获取方式、途径", "access_way"),), open=True),
    Reply("R2", "予以公开", "条例第三十六条第二项", "granted", "L13", _B,
          (f("所提供的信息，或者获取的方式、途径和时间", "information", "access_way_and_time"),),
          _DEPUTY, True, open=True),
    Reply("R3", "不予公开", "条例第三十六条第三项", "", "L14", Remedy.A,
          (f("不予公开的理由", "reason"),), _DEPUTY, True, _GROUNDS),
    Reply("R3p", "部分公开（区分处理）", "条例第三十七条", "partial", "L15", Remedy.A_AND_B,
          (f("公开的部分", "information"), f("不予公开部分的理由（逐项），或者其他各项的答复", "reason", "other_reason")),
          _DEPUTY, True, _GROUNDS, open=True),
    Reply("R4", "信息不存在", "条例第三十六条第四项", "unavailable_not_held", "L16", _B,
          (f("检索范围", "search_scope"), f("检索方法", "search_method"), f("检索结果", "search_result")),
          _DEPUTY, True),
    Reply("R5", "不属于本机关负责公开", "条例第三十六条第五项", "unavailable_not_held", "L17", _B,
          (_REASON, f("负责公开的机关名称、联系方式，或者注明不能确定", "responsible_organ", "organ_unknown"))),
    Reply("R6", "重复申请，不予重复处理", "条例第三十六条第六项", "not_processed_repeat", "L18", _STAR,
          (f("前次答复文号", "earlier_number"), f("前次答复日期", "earlier_on"))),
    Reply("R7", "行政查询事项，依照有关法律、行政法规办理", "条例第三十六条第七项", "refused_inquiry", "L19", _STAR,
          (f("有关法律、行政法规名称", "special_law"), f("办理渠道", "special_channel"))),
    Reply("R8", "没有现成信息，需要加工、分析", "条例第三十八条", "unavailable_to_be_made", "L21", _B,
          (_REASON,), _DEPUTY, True),
    Reply("R9", "信访、投诉、举报，不作为政府信息公开申请处理", "条例第三十九条第一款", "not_processed_petition",
          "L20", _STAR, (_REASON, f("相应渠道", "channel"))),
    Reply("R10", "要求提供公报、报刊、书籍等公开出版物", "条例第三十九条第二款", "not_processed_publication",
          "L20", _STAR, (_REASON, f("获取途径", "channel"))),
    Reply("R11", "无正当理由大量反复申请，不予处理", "条例第三十五条", "not_processed_frequent", "L20", _STAR,
          (_REASON, f("数量、频次的事实", "frequency"))),
    Reply("R12", "要求确认或者重新出具已获取信息，不予处理", "国办公开办函〔2021〕30号", "not_processed_confirm",
          "L20", _STAR, (_REASON,)),
    Reply("R13", "补正后申请内容仍不明确，无法提供", "条例第三十条；国办公开办函〔2021〕30号",
          "unavailable_unclear", "L21", _B, (_REASON,)),
    Reply("R14", "逾期不补正，不再处理", "条例第三十条", "other_no_correction", "L22", _B,
          (f("视为放弃申请的事实", "lapse"),), whole=True),
    Reply("R15", "逾期不缴费，不再处理", "条例第四十二条；国办函〔2020〕109号", "other_no_payment", "L22", _B,
          (f("视为放弃申请的事实", "lapse"),), whole=True),
    Reply("R16", "申请人撤回等，终止办理", "国办公开办函〔2021〕30号", "other", "L22", _STAR,
          (f("撤回或者终止的事实", "lapse"),), whole=True),
)  # fmt: skip

REPLIES: dict[str, Reply] = {reply.code: reply for reply in _REPLIES}


def reply(code: str) -> Reply:
    """The outcome with this code; a refusal in Chinese when there is none."""
    try:
        return REPLIES[code]
    except KeyError:
        raise LawRefusal(f"没有“{code}”这种答复类型，请重新选择。", code="reply") from None


def choices() -> list[tuple[str, str]]:
    """(code, 「不予公开（条例第三十六条第三项）」) in the order of the law."""
    return [(entry.code, f"{entry.name}（{entry.article}）") for entry in _REPLIES]


def report_row(code: str, grounds: Sequence[str] = ()) -> ReportRow:
    """The one row an outcome is counted in; with several grounds the first, the principal one, decides (2.6)."""
    found = reply(code)
    if found.row:
        return ROWS[found.row]
    check_grounds(code, grounds)
    return refused(ground(grounds[0]).report_row)


def check_grounds(code: str, grounds: Sequence[str], *, of_matters: bool = False) -> None:
    """Refuses an outcome without its ground, or with one that is not of the law (条例13: there is no other).

    `of_matters`: R3p came of several matters (`mixed`), none of which need be withheld under 14 to 16.
    """
    found = reply(code)
    wrong = [entry for entry in grounds if entry not in found.grounds]
    if wrong:
        raise LawRefusal(f"“{found.name}”不能用理由 {'、'.join(wrong)}，请重新选择。", code="ground")
    if found.grounds and not grounds and not (of_matters and code == "R3p"):
        raise LawRefusal(
            f"不能送签：“{found.name}”没有选不予公开的理由（条例第十四至十六条）。请选定。", code="ground"
        )


def remedy(code: str, grounds: Sequence[str] = ()) -> Remedy:
    """Which remedy text the letter of an outcome carries (4.4): text A only for what 14 to 16 withhold."""
    found = reply(code).remedy
    return Remedy.B if found is Remedy.A_AND_B and not grounds else found


def signer(code: str, *, sensitive: bool = False) -> Signer:
    """Who signs by default; what is sensitive or published for the public interest, the principal (12.5, 8)."""
    return Signer.PRINCIPAL if sensitive else reply(code).signer


def problems(
    code: str,
    grounds: Sequence[str],
    given: Mapping[str, object],
    *,
    without_remedy: bool = False,
    of_matters: bool = False,
) -> list[str]:
    """What stands against signing: sentences in Chinese, empty when nothing does.

    `without_remedy`: the legal reviewer has left the text of B* out. `of_matters`: see `check_grounds`.
    """
    found, said = reply(code), []
    try:
        check_grounds(code, grounds, of_matters=of_matters)
    except LawRefusal as refusal:
        said.append(refusal.message)
    if without_remedy and found.remedy not in (Remedy.B_STAR, Remedy.NONE):
        said.append(f"不能送签：“{found.name}”必须写救济途径。请补上。")
    skipped = without_remedy or found.remedy is Remedy.NONE
    absent = missing(found.fields, given)
    absent = [field for field in absent if not (skipped and field.keys == ("remedy",))]
    if absent:
        said.append(f"不能送签：没有写{'、'.join(field.label for field in absent)}。请补上。")
    return said


# ------------------------------------------------------------------ several matters


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided of one matter."""

    code: str
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mixed:
    """The application's outcome: code, every ground in order, the row, and why in Chinese; `mark` 【推定】 or empty."""

    code: str
    grounds: tuple[str, ...]
    row: ReportRow
    why: str
    mark: str = ""


def mixed(outcomes: Iterable[Outcome], principal: str | None = None) -> Mixed:
    """One application, one row (12.14): 有公开有不公开 is 部分公开; else all matters must fall into one row.

    Matters of different rows none of which is open have no row in common by any rule: the office splits the
    application or names the `principal` outcome (one of the matters'). Raises `LawRefusal`.
    """
    matters = list(outcomes)
    _check_matters(matters, principal)
    grounds = tuple(dict.fromkeys(g for matter in matters for g in matter.grounds))
    codes = {matter.code for matter in matters}
    rows = {report_row(matter.code, matter.grounds).key for matter in matters}
    opened = {code for code in codes if reply(code).open}
    if opened and (opened != codes or "R3p" in codes):
        mark = "" if grounds else "【推定】"
        row = ROWS["partial"]
        return Mixed("R3p", grounds, row, "有公开有不公开，计部分公开（条例第三十七条）", mark)
    code = _principal(matters, principal, rows, opened)
    chosen = next(matter for matter in matters if matter.code == code)
    grounds = tuple(dict.fromkeys([*chosen.grounds, *grounds])) if reply(code).grounds else ()
    why = "各申请事项结论一致" if len(rows) == 1 else "由机关选定主要结论"
    return Mixed(code, grounds, report_row(code, chosen.grounds), why, "" if len(rows) == 1 else "【推定】")


def _check_matters(matters: list[Outcome], principal: str | None) -> None:
    if not matters:
        raise LawRefusal("还没有一个申请事项有结论，请先逐项作出结论。", code="empty")
    for matter in matters:
        found = reply(matter.code)
        check_grounds(matter.code, matter.grounds)
        if found.whole and any(other.code != matter.code for other in matters):
            raise LawRefusal(
                f"“{found.name}”是整个申请的结果，不能只用于其中一项。请改选，或者拆分申请。", code="whole"
            )
    if principal is not None and principal not in {matter.code for matter in matters}:
        raise LawRefusal("选定的主要结论不在各申请事项的结论之中，请重新选定。", code="principal")


def _principal(matters: list[Outcome], principal: str | None, rows: set[str], opened: set[str]) -> str:
    if principal is not None:
        return principal
    if len(rows) == 1:
        return "R2" if "R2" in opened else matters[0].code
    raise LawRefusal(
        "各申请事项的结论分属年报不同的行，又没有予以公开的。请拆分申请，或者选定主要结论。", code="rows"
    )
