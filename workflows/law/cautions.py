"""What an office must be told about a clock: events without effect, and dates that are near. Typed by code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: code -> (the sentence, its clause)
SENTENCES: dict[str, tuple[str, str]] = {
    "before_receipt": ("这件事早于收到申请之日，没有计入期限。请核对日期。", "条例第三十一条"),
    "after_end": ("这件事在办结之后，不影响期限。请核对日期。", ""),
    "correction_late": ("补正告知超过7个工作日才发出：不重新起算，仍按原收到日计算。", "条例第三十条"),
    "correction_late_restarts": (
        "补正告知超过7个工作日才发出：按本机关设置仍重新起算，有被认定超期的风险。",
        "条例第三十条",
    ),
    "correction_twice": ("补正告知只能一次：再次告知没有效力。", "条例第三十条"),
    "correction_deadline": ("补正期限早于补正告知之日，请改正。", "条例第三十条"),
    "correction_unasked": ("没有发过补正告知，收到的材料不重新起算期限。", "条例第三十条"),
    "correction_again": ("已收到过一次补正，再次补充的材料不重新起算期限。", "条例第三十条"),
    "correction_received_late": (
        "补正在补正期限之后收到：由政府信息公开工作机构认定有正当理由的，重新起算。",
        "条例第三十条",
    ),
    "correction_lapse_early": ("补正期限未满，不能按逾期不补正办结。", "条例第三十条"),
    "correction_lapse_unasked": ("没有在等待补正，不能按逾期不补正办结。", "条例第三十条"),
    "correction_overdue": ("补正期限已过：请认定有无正当理由，再按逾期不补正办结。", "条例第三十条"),
    "consult_late": ("征求意见书晚于届满日发出：不产生暂停，已超期。", "条例第三十三条第三款"),
    "consult_pause_by_setting": ("按本机关设置停止计时，有被认定超期的风险。", "条例第三十三条第三款"),
    "consult_not_delivered": ("征求意见书尚未签收：15个工作日从签收之日起算，请跟进送达。", "条例第三十二条"),
    "consult_unreached": (
        "无法送达，没有征求到意见：已用的时间按征求意见所需时间不计入期限【推定】，请保存退件凭证；是否公开由本机关依法决定。",
        "条例第三十二条、第三十三条第三款",
    ),
    "consult_dates": ("签收或者收到意见的日期早于发出日期，请改正；这次征求没有计入暂停。", ""),
    "extension_late": ("延期告知晚于原届满日：无效，不得延长。", "条例第三十三条第二款"),
    "extension_too_long": ("延长超过20个工作日：无效。", "条例第三十三条第二款"),
    "extension_days": ("延长天数应在1至20个工作日之间：无效。", "条例第三十三条第二款"),
    "extension_twice": ("只能延长一次（合计不超过20个工作日）：再次延期无效。", "条例第三十三条第二款"),
    "extension_after_delay": ("已按条例第三十五条确定延迟答复的日期，延期没有效力。", "条例第三十五条"),
    "delay_late": ("延迟答复告知晚于届满日：无效。", "条例第三十五条"),
    "delay_not_later": ("延迟到的日期不晚于现在的届满日，没有改变期限。", "条例第三十五条"),
    "delay_without_reason": (
        "没有登记申请人说明的理由：认定理由合理后才能延迟答复，请补登记。",
        "条例第三十五条",
    ),
    "ordered_stands": (
        "期限由复议决定、判决确定：补正、征求意见、延期、收费都不改变它。",
        "行政复议法第六十四条",
    ),
    "fee_notice_late": ("收费通知晚于届满日发出：缴费后不重新起算，已超期。", "国办函〔2020〕109号"),
    "fee_unasked": ("没有发过收费通知，这次缴费不重新起算期限。", "国办函〔2020〕109号"),
    "fee_late": ("缴费晚于缴费期限：视为放弃申请，不再处理。", "国办函〔2020〕109号"),
    "fee_lapse_early": ("缴费期限未满，不能按逾期未缴费办结。", "国办函〔2020〕109号"),
    "fee_lapse_unasked": ("没有在等待缴费，不能按逾期未缴费办结。", "国办函〔2020〕109号"),
    "fee_overdue": ("缴费期限已过：请核对到账情况，未缴的按逾期未缴费办结。", "国办函〔2020〕109号"),
    "not_checked": ("涉及的年度放假安排未导入，是否在期限内暂不能核对，先按在期限内计算。", ""),
}


@dataclass(frozen=True, slots=True)
class Caution:
    """One warning: `on` is the day of the event it is about, None for how things stand today."""

    code: str
    on: date | None = None

    @property
    def text(self) -> str:
        """The Chinese sentence."""
        return SENTENCES[self.code][0]

    @property
    def article(self) -> str:
        """The clause behind it, or nothing."""
        return SENTENCES[self.code][1]
