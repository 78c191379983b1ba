"""The forms of the room's own pages; steps of the process have theirs in `forms/foi_*`."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.forms import Form, blank, choices
from app.requests.kinds import (
    APPLICANTS,
    BOUNCES,
    CHANNELS,
    CONSULTED,
    DELIVERY,
    FINDINGS,
    IDENTITIES,
    INCOMING,
    METHODS,
    OPINIONS,
    REACHED,
    SUPPLY,
)


def _text(label: str, most: int, *, must: bool = False, **more: Any) -> StringField:
    first = [InputRequired(f"请填写{label}。")] if must else [Optional()]
    return StringField(
        label, filters=[blank], validators=[*first, Length(max=most, message=f"最多 {most} 个字。")], **more
    )


def _long(label: str, most: int, *, must: bool = False, **more: Any) -> TextAreaField:
    first = [InputRequired(f"请填写{label}。")] if must else [Optional()]
    return TextAreaField(
        label, filters=[blank], validators=[*first, Length(max=most, message=f"最多 {most} 个字。")],
        render_kw={"maxlength": most, **more.pop("render_kw", {})}, **more,
    )  # fmt: skip


def _date(label: str, *, must: bool = False, **more: Any) -> DateField:
    first = InputRequired(f"请填写{label}。") if must else Optional()
    return DateField(label, validators=[first], **more)


def _choice(label: str, words: dict[str, str], *, empty: str | None = None, **more: Any) -> SelectField:
    return SelectField(label, choices=choices(words.items(), empty), **more)


class RegisterForm(Form):
    """接收登记: paper and counter on one page, in the order of the paper form (L1); no field asks for a purpose."""

    #: where the hands of whoever registers a letter go first
    subject = SelectField("答复主体", coerce=int, render_kw={"autofocus": True})
    channel = _choice("来件方式", CHANNELS)
    arrived_on = _date("到达日期", must=True)
    confirmed_on = _date(
        "与申请人确认的日期",
        description="平信、互联网、邮箱、传真：还没有确认的留空，登记后由「与申请人确认」环节补上。",
    )
    mail_no = _text("邮件号", 40)
    kind = _choice("申请人类型", APPLICANTS)
    name = _text("姓名或者名称", 100, must=True)
    agent = _text("代理人", 100, description="有授权书的填写，授权书作为附件上传。")
    id_kind = _choice("身份证明", IDENTITIES)
    id_no = _text("证件号码", 40, render_kw={"autocomplete": "off"})
    phone = _text("电话", 30, render_kw={"autocomplete": "off"})
    address = _text("通信地址", 200)
    postcode = _text("邮政编码", 6)
    email = _text("电子邮箱", 120)
    content = _long("所需信息的名称、文号或者其他特征性描述", 5000, must=True, render_kw={"rows": 5})
    supply = RadioField("提供形式", choices=choices(SUPPLY.items()), default="any")
    delivery = RadioField("获取途径", choices=choices(DELIVERY.items()), default="post")
    oral = BooleanField("口头申请，由本机关代为填写（条例第二十九条）")
    suggests_open = BooleanField("申请人建议转主动公开（条例第四十四条）")
    note = _text("备注", 300)


class IncomingForm(Form):
    """来件: what is not (or not yet) an application."""

    kind = _choice("来件类型", {k: v for k, v in INCOMING.items() if k != "request"})
    channel = _choice("来件方式", CHANNELS)
    arrived_on = _date("到达日期", must=True)
    sender = _text("来件人", 100, must=True, description="不知道的写“不详”。")
    mail_no = _text("邮件号", 40)
    summary = _long("来件内容", 5000, must=True)
    note = _text("备注", 300)


class DetermineForm(Form):
    """定性."""

    kind = _choice("定性为", {k: v for k, v in INCOMING.items() if k not in ("undetermined", "request")})
    routed_to = _text("转到哪里办理", 120, must=True, description="如：市信访局；12345 热线；本单位督查科。")
    note = _text("说明", 300)


class ExtensionForm(Form):
    """延期答复的申请."""

    days = StringField("延长（工作日）", filters=[blank], validators=[InputRequired("请填写延长几个工作日。")],
                       description="最长不超过20个工作日，只能延一次（条例第三十三条）。")  # fmt: skip
    reason = _long("延期的理由", 500, must=True)


class WithdrawForm(Form):
    """申请人撤回."""

    on = _date("撤回日期", must=True)
    how = _text("怎样撤回的", 200, must=True, description="如：书面撤回，见附件；当面提出，已记录并签字。")


class ConsultationForm(Form):
    """征求意见的一方."""

    kind = _choice("征求谁的意见", CONSULTED)
    party = _text("名称", 100, must=True)
    address = _text("地址、联系方式", 200)
    content = _long("拟公开的内容", 2000, must=True, description="只写与其有关的部分，不得写明申请人是谁。")


class TalkForm(Form):
    """会商纪要."""

    meeting_on = _date("会商日期", must=True)
    present = _text("参加人员", 500, must=True)
    opinions = _long("会商意见", 3000, must=True, description="一行写一条。")
    conclusion = _long("会商结论", 1000, must=True)


class AssistForm(Form):
    """协查函."""

    unit = _text("协查单位", 100, must=True)
    assist_scope = _long("检索范围", 1000, must=True)
    assist_due = _date("反馈时限", must=True)


class DeliveredForm(Form):
    """征求意见书 reached the party: signed for, or as the law counts it where nobody signs."""

    delivered_how = _choice("怎样送达的", REACHED, default="signed")
    delivered_on = _date("签收、留置或者发出公告的日期", must=True)
    delivery_note = _text(
        "凭证",
        500,
        description="留置的写明见证人、照片录像；公告的写明登在哪里。公告不得写明申请人是谁和可能涉密、涉私的内容。",
    )


class UnreachedForm(Form):
    """无法送达 of a 征求意见书."""

    why = _long(
        "无法送达的情况",
        500,
        must=True,
        render_kw={"rows": 3},
        description="写明送过几次、怎样退回、核实过哪些地址和联系方式。",
    )


_GIVEN = [(key, word) for key, word in OPINIONS.items() if key != "unreached"]


class OpinionForm(Form):
    """收到的意见."""

    opinion = RadioField("意见", choices=choices(_GIVEN), validators=[InputRequired("请选择。")])
    returned_on = _date("收到意见的日期", description="逾期未提出意见的不填。")
    opinion_text = _long("意见内容", 2000)
    reasonable = RadioField(
        "不同意的理由是否成立",
        choices=choices([("yes", "成立"), ("no", "不成立"), ("", "不适用")]),
        default="",
    )


class InformForm(Form):
    """决定公开告知书 (条例32末句)."""

    content = _long("决定公开的内容", 2000, must=True)
    reason = _long(
        "决定公开的理由",
        2000,
        must=True,
        description="写明第三方的理由为什么不成立，或者不公开可能对公共利益造成怎样的重大影响。",
    )
    method = _choice("送达方式", METHODS)
    sent_on = _date("交邮（送出）日期", must=True)
    mail_no = _text("邮件号", 40)


class SuggestForm(Form):
    """主动公开建议 that came after the answer (条例44②)."""

    suggested_on = _date("收到建议的日期", must=True)
    suggestion = _long(
        "建议的内容",
        500,
        must=True,
        render_kw={"rows": 3},
        description="建议把哪些信息纳入主动公开的范围，为什么涉及公众利益调整、需要公众广泛知晓或者参与决策。",
    )


class SuggestionToldForm(Form):
    """主动公开建议审核意见; what was decided is the evaluation's."""

    decision_reason = _long("写进审核意见的理由", 2000, must=True, render_kw={"rows": 3})
    method = _choice("送达方式", METHODS)
    sent_on = _date("交邮（送出）日期", must=True)
    mail_no = _text("邮件号", 40)


class DeliveryForm(Form):
    """再次送达. `letter` is the last attempt of the letter that is sent again."""

    letter = SelectField("文书", coerce=int)
    method = _choice("送达方式", METHODS)
    sent_on = _date("交邮（送出）日期", must=True)
    mail_no = _text("邮件号", 40)


class SignedForm(Form):
    """签收."""

    signed_on = _date("签收日期", must=True)
    signed_by = _text("签收人", 60, must=True)


class BouncedForm(Form):
    """退件."""

    bounced_on = _date("退回日期", must=True)
    bounce_reason = _choice("退件原因", BOUNCES)


class AppealForm(Form):
    """行政复议、行政诉讼登记."""

    subject = SelectField("被申请人、被告", coerce=int)
    kind = _choice("种类", {"reconsideration": "行政复议", "litigation": "行政诉讼"})
    track = _choice(
        "程序",
        {"ordinary": "普通程序", "summary": "简易程序", "direct": "未经复议直接起诉", "after": "复议后起诉"},
        description="复议选普通或者简易程序；诉讼选是否经过复议（年报分开统计）。",
    )
    case_no = _text("案号", 60, must=True)
    body = _text("复议机关、人民法院", 100, must=True)
    party = _text("申请人、原告", 100, must=True)
    copy_on = _date("收到副本的日期", must=True)
    request_no = _text("所涉申请的登记号", 40, description="本系统办理的填写，答复举证的工作会进入待办。")
    joint = BooleanField("本机关只作为复议机关被诉，不列入本机关年报（国办公开办函〔2016〕201号）")
    note = _text("备注", 500)


class AnswerForm(Form):
    """答复举证已提交."""

    on = _date("提交日期", must=True)
    how = _text(
        "怎样提交、提交了什么",
        300,
        must=True,
        description="如：当面提交答复书和证据目录所列材料 14 件，有回执。",
    )


class ResultForm(Form):
    """复议、诉讼结果."""

    result = _choice("结果", {"upheld": "结果维持", "corrected": "结果纠正", "other": "其他结果"})
    decided_on = _date("决定、判决日期", must=True)
    decided_no = _text("决定书、判决书文号", 60, must=True)
    redo_by = _date("责令重新答复的期限", description="没有责令重新答复的不填。")


class FixForm(Form):
    """更正答复 (条例41): what was asked, what was found."""

    asked_on = _date("收到更正申请的日期", must=True)
    record_name = _text(
        "要求更正的信息", 200, must=True, description="哪一份信息的哪一处，如：登记表的房屋面积一栏。"
    )
    evidence = _text(
        "提供的证据", 500, must=True, description="如：房屋所有权证复印件。没有提供的，写“没有提供证据”。"
    )
    finding = RadioField(
        "审核结果", choices=choices(FINDINGS.items()), validators=[InputRequired("请选择。")]
    )
    result = _long(
        "审核的情况和结果",
        2000,
        must=True,
        render_kw={"rows": 3},
        description="写进答复书，接在“经审核”之后。更正的写明现更正为什么；不更正、不属于本机关的写明理由。",
    )
    owner = _text("有权更正的机关", 100)
    owner_contact = _text("该机关的联系方式", 200)


class FixSendForm(Form):
    """更正答复的送达."""

    method = _choice("送达方式", METHODS)
    sent_on = _date("交邮（送出）日期", must=True)
    mail_no = _text("邮件号", 40)
