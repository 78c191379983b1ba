"""Rows of the annual report's third table (国办公开办函〔2021〕30号; domain.md 2.3), by number 1 to 25."""

from __future__ import annotations

from dataclasses import dataclass

SECTIONS = {
    1: "（一）予以公开",
    2: "（二）部分公开",
    3: "（三）不予公开",
    4: "（四）无法提供",
    5: "（五）不予处理",
    6: "（六）其他处理",
}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of the results of the year: `number` of 25, its `key` here, `label` in the exact words of the form."""

    number: int
    key: str
    section: int
    item: int
    label: str

    @property
    def place(self) -> str:
        """「（三）4」, as domain.md and the offices name it; 「（一）」 where a section has no items."""
        head = SECTIONS[self.section][:3]
        return f"{head}{self.item}" if self.item else head


_ROWS = (
    ReportRow(3, "granted", 1, 0, "予以公开"),
    ReportRow(4, "partial", 2, 0, "部分公开（区分处理的，只计这一情形，不计其他情形）"),
    ReportRow(5, "refused_secret", 3, 1, "属于国家秘密"),
    ReportRow(6, "refused_forbidden", 3, 2, "其他法律行政法规禁止公开"),
    ReportRow(7, "refused_stability", 3, 3, "危及“三安全一稳定”"),
    ReportRow(8, "refused_third_party", 3, 4, "保护第三方合法权益"),
    ReportRow(9, "refused_internal", 3, 5, "属于三类内部事务信息"),
    ReportRow(10, "refused_process", 3, 6, "属于四类过程性信息"),
    ReportRow(11, "refused_enforcement", 3, 7, "属于行政执法案卷"),
    ReportRow(12, "refused_inquiry", 3, 8, "属于行政查询事项"),
    ReportRow(13, "unavailable_not_held", 4, 1, "本机关不掌握相关政府信息"),
    ReportRow(14, "unavailable_to_be_made", 4, 2, "没有现成信息需要另行制作"),
    ReportRow(15, "unavailable_unclear", 4, 3, "补正后申请内容仍不明确"),
    ReportRow(16, "not_processed_petition", 5, 1, "信访举报投诉类申请"),
    ReportRow(17, "not_processed_repeat", 5, 2, "重复申请"),
    ReportRow(18, "not_processed_publication", 5, 3, "要求提供公开出版物"),
    ReportRow(19, "not_processed_frequent", 5, 4, "无正当理由大量反复申请"),
    ReportRow(20, "not_processed_confirm", 5, 5, "要求行政机关确认或重新出具已获取信息"),
    ReportRow(
        21, "other_no_correction", 6, 1, "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"
    ),
    ReportRow(
        22, "other_no_payment", 6, 2, "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"
    ),
    ReportRow(23, "other", 6, 3, "其他"),
)

ROWS: dict[str, ReportRow] = {row.key: row for row in _ROWS}


def refused(item: int) -> ReportRow:
    """The row of a ground: `law.grounds.Ground.report_row` below （三）不予公开."""
    return next(row for row in _ROWS if row.section == 3 and row.item == item)
