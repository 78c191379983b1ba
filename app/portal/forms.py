"""The forms of the public site (L1; 条例29②: no field asks what the information is wanted for) and of its settings."""

from __future__ import annotations

import re
from typing import Any

from flask_wtf.file import FileField, MultipleFileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from app.accounts.forms import Form, blank, choices
from app.requests.applicants import ADDRESS, CONTENT, EMAIL, NAME, visible
from app.requests.kinds import APPLICANTS, DELIVERY, IDENTITIES, SUPPLY

#: bounds of one submission by a citizen
MOST_FILES, MOST_BYTES, MOST_TOTAL = 6, 10 * 1024 * 1024, 30 * 1024 * 1024
ACCEPT = ".pdf,.png,.jpg,.jpeg,.doc,.docx,.ofd,.wps,.txt"
_OFF = {"autocomplete": "off"}
#: never in a draft that the browser keeps (site.js)
_NOT_KEPT = {"data-no-keep": True}


def _text(
    label: str, most: int, *, must: str = "", rows: int = 0, free: bool = False, **more: Any
) -> StringField:
    """A text that the browser bounds and the server bounds again; control characters are refused in words."""
    checks: list[Any] = [DataRequired(must)] if must else []
    checks += [Length(max=most, message=f"最多 {most} 个字，请缩短。")] + ([] if free else [_visible])
    kw = {"maxlength": most, **more.pop("render_kw", {})} | ({"rows": rows} if rows else {})
    made = TextAreaField if rows else StringField
    return made(label, filters=[blank], validators=checks, render_kw=kw, **more)


def _visible(_form: Any, field: Any) -> None:
    if field.data and not visible(field.data):
        from wtforms.validators import ValidationError

        raise ValidationError("含有看不见的控制字符，请重新输入。")


def _radio(label: str, words: dict[str, str], must: str, **more: Any) -> RadioField:
    return RadioField(label, choices=choices(words.items()), validators=[InputRequired(must)], **more)


class ApplyForm(Form):
    """政府信息公开申请表."""

    content = _text(
        "您要申请的信息", CONTENT, must="请写明您要申请的信息。", rows=6,
        description="写明信息的名称、文号，或者便于查找的其他特征：大致的时间、地点、事项、发文的部门。",
    )  # fmt: skip
    content_files = MultipleFileField(
        "与所申请信息有关的材料", description="没有的不必上传。",
        render_kw={"accept": ACCEPT, "data-max-bytes": MOST_BYTES},
    )  # fmt: skip
    supply = _radio("希望以什么形式提供", SUPPLY, "请选择提供形式。", default="electronic")
    delivery = _radio("希望怎样得到", DELIVERY, "请选择获取途径。", default="electronic")
    suggests_open = BooleanField(
        "建议转主动公开", description="您认为这项信息应当让更多人看到的，可以建议行政机关纳入主动公开的范围。"
    )
    kind = _radio("您是以什么身份申请的", APPLICANTS, "请选择申请人类型。", default="person")
    name = _text(
        "姓名或者名称", NAME, must="请填写姓名或者名称。", render_kw={"autocomplete": "name"},
        description="个人填写姓名，单位填写全称。",
    )  # fmt: skip
    id_kind = SelectField("证件种类", choices=choices(IDENTITIES.items()))
    id_no = _text("证件号码", 40, render_kw=_OFF | _NOT_KEPT)
    phone = _text("电话", 30, render_kw={"autocomplete": "tel", "inputmode": "tel"} | _NOT_KEPT)
    email = _text("电子邮箱", EMAIL, render_kw={"autocomplete": "email", "inputmode": "email"})
    address = _text(
        "通信地址", ADDRESS, render_kw={"autocomplete": "street-address"}, description="选择邮寄的请填写。"
    )
    postcode = _text("邮政编码", 6, render_kw={"autocomplete": "postal-code", "inputmode": "numeric"})
    agent = _text("代理人姓名", NAME, description="由他人代为申请的填写，并上传授权委托书。")
    identity_files = MultipleFileField(
        "身份证明文件", description="身份证正反面照片、营业执照等，可多选。暂时没有的也可以先提交，但可能需要补正。",
        render_kw={"accept": ACCEPT, "data-max-bytes": MOST_BYTES},
    )  # fmt: skip
    agent_files = MultipleFileField("授权委托书", render_kw={"accept": ACCEPT, "data-max-bytes": MOST_BYTES})

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields one by one, then what only several of them tell."""
        good = super().validate(extra_validators)
        if not (self.phone.data or self.address.data or self.email.data):
            good = self._wrong("phone", "电话、电子邮箱、通信地址至少填一项，以便与您联系。")
        elif not (last_four(self.phone.data or "") or last_four(self.id_no.data or "")):
            good = self._wrong("phone", "电话、证件号码至少填一项，查询进度时要核对后四位。")
        if self.delivery.data == "post" and not self.address.data:
            good = self._wrong("address", "选择邮寄的，请填写通信地址。")
        return bool(good)

    def _wrong(self, name: str, sentence: str) -> bool:
        self._fields[name].errors = [*self._fields[name].errors, sentence]
        return False


def last_four(text: str) -> str:
    """The last four letters and digits of a number, capital; "" when it has fewer."""
    kept = re.sub(r"[^0-9A-Za-z]", "", text)
    return kept[-4:].upper() if len(kept) >= 4 else ""


class TrackForm(Form):
    """查询."""

    number = _text(
        "编号或者查询码", 60, free=True, must="请填写来件号、登记号或者查询码。", render_kw=_OFF,
        description="提交后页面上的来件号、回执上的登记号，或者16位查询码。",
    )  # fmt: skip
    last = _text(
        "电话或者证件号码的后四位", 12, free=True, must="请填写申请时所留电话或者证件号码的后四位。",
        render_kw=_OFF | {"inputmode": "text"}, description="末位是字母的，照写字母。",
    )  # fmt: skip


class AnswerForm(Form):
    """补正、说明理由、缴费凭证."""

    text = _text("说明", 2000, rows=5)
    files = MultipleFileField("材料", render_kw={"accept": ACCEPT, "data-max-bytes": MOST_BYTES})


class WithdrawForm(Form):
    """撤回申请: the box must be ticked, so that nobody does it with one touch."""

    reason = _text("撤回的理由（可以不填）", 500, rows=3)
    sure = BooleanField(
        "我确认撤回这件申请",
        description="撤回后不再办理，也不能恢复；以后仍需要这项信息的，可以重新提出申请。",
    )


class PartnerForm(Form):
    """平台接口."""

    name = _text("平台名称", 60, must="请填写平台名称。", description="如：云汀市政务服务平台。")


class ImportForm(Form):
    """导入平台申请."""

    file = FileField("申请表格（XLSX 或 CSV）", render_kw={"accept": ".xlsx,.csv"})
