"""Printed papers beside the letters: 申请表, 登记表, 呈批单, 送达回证, 卷内目录 and the envelope, as PDF/A bytes.

Each takes plain values (texts, "" where unknown) from the room that has them; a key that is not given prints an empty
box, so that the paper can be filled in by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.core.now import today
from app.letters import pdf
from app.letters.rendering import font_folder

#: 国内信封 GB/T 1416: width and height in millimetres
ENVELOPES = {"DL": (220, 110), "ZL": (230, 120), "C5": (229, 162), "C4": (324, 229)}
SECRET_NOTICE = "本系统为非涉密系统，严禁上传、处理、传输国家秘密。"


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box: `key` of the values, `cols` of 24 the row has for the value, height in mm (0: one line)."""

    label: str
    key: str
    cols: int = 8
    height: int = 0


def half(label: str, key: str, height: int = 0) -> Box:
    """A box that shares its row with another one."""
    return Box(label, key, 8, height)


def whole(label: str, key: str, height: int = 0) -> Box:
    """A box as wide as the page."""
    return Box(label, key, 20, height)


APPLICATION = (
    (half("申请人姓名或者名称", "applicant"), half("申请人类型", "applicant_kind")),
    (half("身份证明名称、号码", "identity"), half("联系电话", "phone")),
    (half("邮政编码", "postcode"), half("电子邮箱", "email")),
    (whole("联系地址", "address"),),
    (half("代理人", "agent"), half("授权文件", "authorisation")),
    (whole("所需信息的名称、文号或者其他特征性描述", "content", 70),),
    (half("信息的形式", "form_wanted", 14), half("获取信息的方式、途径", "way_wanted", 14)),
    (half("申请人签名（盖章）", "signature", 14), half("申请日期", "applied_on", 14)),
)
REGISTRATION = (
    (half("登记号", "receipt_no"), half("收到申请之日", "received_on")),
    (half("申请人", "applicant"), half("申请人类型", "applicant_kind")),
    (half("联系方式", "phone"), half("收到渠道", "channel")),
    (whole("联系地址", "address"),),
    (whole("申请内容", "content", 45),),
    (half("获取方式", "way_wanted"), half("答复期限", "due_on")),
    (whole("补正、延期、征求意见等情况", "events", 30),),
    (half("办理结果", "outcome"), half("答复文号、日期", "reply_no")),
    (half("送达方式、日期", "service"), half("归档号", "archive_no")),
    (half("登记人", "registrar"), half("登记日期", "registered_on")),
)
APPROVAL = (
    (half("登记号", "receipt_no"), half("答复期限", "due_on")),
    (half("申请人", "applicant"), half("收到申请之日", "received_on")),
    (whole("申请内容", "content", 28),),
    (whole("拟办意见", "proposal", 34),),
    (half("拟答复类型", "outcome"), half("依据", "ground")),
)
RECEIPT = (
    (half("受送达人", "applicant"), half("案件登记号", "receipt_no")),
    (whole("送达文书名称、文号", "letters", 20),),
    (whole("送达地址", "address"),),
    (half("送达方式", "method"), half("邮件号", "mail_no")),
    (half("交邮（送出）日期", "sent_on"), half("签收日期", "signed_on")),
    (half("受送达人签名或者盖章", "signed_by", 24), half("代收人及与受送达人关系", "received_for", 24)),
    (whole("拒收、退回等情况", "returned", 24),),
    (half("送达人", "server", 14), half("见证人", "witness", 14)),
    (whole("备注", "note", 20),),
)
FILE_NOTE = (
    (whole("本卷情况说明", "said", 90),),
    (half("立卷人", "made_by", 14), half("立卷日期", "made_on", 14)),
    (half("检查人", "checked_by", 14), half("检查日期", "checked_on", 14)),
)
_RECEIPT_NOTES = (
    "注：邮寄送达的，应当通过邮政企业寄送，以交邮之日为答复之日；申请人的复议、起诉期限自其签收之日起计算（国办公开办函〔2016〕235号）。",
)


def application_form(values: Mapping[str, str], *, organ: str) -> bytes:
    """L1 政府信息公开申请表 (条例29条三要件); it has no box for a purpose (domain.md 1.2)."""
    notes = (
        "填表说明：请如实填写；所需信息的描述应当尽量明确具体。书面填写确有困难的，可以口头提出，由受理机构代为填写。",
    )
    return _sheet("政府信息公开申请表", APPLICATION, values, left=f"受理机关：{organ}", notes=notes)


def registration_sheet(values: Mapping[str, str], *, organ: str) -> bytes:
    """登记表 of one application."""
    return _sheet("政府信息公开申请登记表", REGISTRATION, values, left=f"登记机关：{organ}")


def approval_sheet(
    values: Mapping[str, str], *, organ: str, opinions: Sequence[tuple[str, str, str]] = ()
) -> bytes:
    """呈批单: `opinions` are (step, opinion, signature and date); empty ones are left to be written by hand."""
    rows = [*APPROVAL, *((whole(step, f"opinion{n}", 24),) for n, (step, _, _) in enumerate(opinions))]
    said = dict(values) | {
        f"opinion{n}": "\n".join(part for part in (opinion, signed) if part)
        for n, (_, opinion, signed) in enumerate(opinions)
    }
    return _sheet("政府信息公开答复呈批单", rows, said, left=f"承办机关：{organ}", foot=SECRET_NOTICE)


def service_receipt(values: Mapping[str, str], *, organ: str) -> bytes:
    """L24 送达回证."""
    return _sheet(
        "政府信息公开文书送达回证", RECEIPT, values, left=f"送达机关：{organ}", notes=_RECEIPT_NOTES
    )


def file_contents(
    entries: Sequence[tuple[str, str, str, str, str]], *, organ: str, title: str, archive_no: str = ""
) -> bytes:
    """卷内目录: entries are (责任者, 文号, 题名, 日期, 页次) in the order of the file; they are numbered here."""
    rows = [[str(n), *entry, ""] for n, entry in enumerate(entries, 1)]
    table = {
        "head": ["顺序号", "责任者", "文号", "题名", "日期", "页次", "备注"],
        "rows": rows,
        "widths": [2, 4, 5, 9, 4, 2, 2],
    }
    right = f"档号：{archive_no}" if archive_no else "档号："
    return _sheet("卷内目录", (), {}, left=f"{organ}　{title}", right=right, table=table)


def listing(
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    *,
    left: str = "",
    right: str = "",
    notes: Sequence[str] = (),
) -> bytes:
    """A paper that is one table: 证据目录, 期限计算表, 检索记录. `widths` are shares of the line."""
    table = {"head": list(head), "rows": [list(row) for row in rows], "widths": list(widths)}
    return _sheet(title, (), {}, left=left, right=right, table=table, notes=notes)


def file_note(values: Mapping[str, str], *, organ: str, archive_no: str = "") -> bytes:
    """备考表 at the end of the file."""
    right = f"档号：{archive_no}" if archive_no else "档号："
    return _sheet("备考表", FILE_NOTE, values, left=organ, right=right)


def envelope(
    *,
    name: str,
    address: str,
    postcode: str = "",
    sender: str,
    sender_address: str = "",
    sender_postcode: str = "",
    mail_no: str = "",
    honorific: str = "收",
    size: str = "C5",
) -> bytes:
    """信封 of one of `ENVELOPES`, printed on the envelope itself."""
    width, height = ENVELOPES[size]
    data = {
        "title": "信封",
        "width": width,
        "height": height,
        "name": name,
        "address": address,
        "postcode": postcode,
        "honorific": honorific,
        "sender": sender,
        "sender-address": sender_address,
        "sender-postcode": sender_postcode,
        "mail-no": mail_no,
    }
    return pdf.sheet_pdf("envelope.typ", data, font_folder(), today())


def _sheet(
    title: str,
    rows: Sequence[Sequence[Box]],
    values: Mapping[str, str],
    *,
    left: str = "",
    right: str = "",
    notes: Sequence[str] = (),
    table: dict[str, Any] | None = None,
    foot: str = "",
    day: date | None = None,
) -> bytes:
    data = {
        "title": title,
        "left": left,
        "right": right,
        "rows": [[_box(box, values) for box in row] for row in rows],
        "table": table,
        "notes": list(notes),
        "foot": foot,
    }
    return pdf.sheet_pdf("sheet.typ", data, font_folder(), day or today())


def _box(box: Box, values: Mapping[str, str]) -> dict[str, Any]:
    text = str(values.get(box.key) or "")
    return {"label": box.label, "text": text, "cols": box.cols, "label-cols": 4, "height": box.height}
