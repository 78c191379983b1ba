"""Tables in and out: applications a platform exports (XLSX, CSV), states and replies it takes back (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO, Any

from app.accounts.forms import blank
from app.core import xlsx
from app.core.errors import Refused
from app.documents import sniff
from app.portal.platform import COLUMNS, MOST_ROWS, Row

#: other headings platforms use
ALSO = {
    "platform_no": ("申请编号", "业务编号", "受理编号", "办件编号"),
    "arrived_on": ("申请日期", "提交时间", "申请时间"),
    "name": ("申请人", "姓名", "申请人姓名"),
    "id_kind": ("证件类型", "证件种类"),
    "id_no": ("证件号", "身份证号"),
    "phone": ("联系电话", "手机", "手机号码"),
    "address": ("地址", "联系地址"),
    "email": ("邮箱",),
    "content": ("所需信息", "申请公开的信息", "所需信息内容描述", "信息描述"),
    "delivery": ("获取方式", "获取信息的方式"),
    "supply": ("信息形式", "提供方式"),
}


def template() -> bytes:
    """An empty table with an example row and notes."""
    example = {
        "platform_no": "PT-2026-000001",
        "arrived_on": "2026-11-23",
        "kind": "自然人",
        "name": "示例（请删去）",
        "phone": "00000000000",
        "content": "写明信息名称、文号或者其他特征",
    }
    notes = [f"{label}：{note or '可不填'}" for label, note in COLUMNS.values()]
    notes += [
        "第 1 行的标题不要改动；示例行请删去。",
        f"一次最多 {MOST_ROWS} 件。上传后先逐行检查，全部无误才能确认导入，不会只导入一半。",
        "同一平台编号只登记一次：重复上传时，已登记的跳过。",
    ]
    head = [label for label, _ in COLUMNS.values()]
    return xlsx.write_book("平台申请", head, [[example.get(key, "") for key in COLUMNS]], notes)


def read(stream: IO[bytes], name: str) -> list[Row]:
    """The rows of an uploaded table. Refused with a sentence when it is none."""
    if name.lower().endswith(".csv"):
        lines = _csv(stream)
    elif name.lower().endswith(".xlsx"):
        lines = xlsx.read_rows(stream, most_rows=MOST_ROWS)
    else:
        raise Refused("请上传 XLSX 或 CSV 表格。旧格式的请先另存为 XLSX。")
    if not lines:
        raise Refused("表格是空的。请下载模板，填写后再上传。")
    where = _columns(lines[0][1])
    rows = []
    for line, cells in lines[1:]:
        values = {key: blank(cells[at]) if at < len(cells) else "" for key, at in where.items()}
        if any(values.values()):
            rows.append(Row(line, values))
    if not rows:
        raise Refused("表格里只有标题，没有申请。请从第 2 行起填写后再上传。")
    if len(rows) > MOST_ROWS:
        raise Refused(f"一次最多导入 {MOST_ROWS} 件。请分成几份上传。")
    return rows


def _columns(head: Sequence[str]) -> dict[str, int]:
    texts = [blank(text).removesuffix("*") for text in head]
    where: dict[str, int] = {}
    for key, (label, _) in COLUMNS.items():
        for word in (label, *ALSO.get(key, ())):
            if word in texts:
                where.setdefault(key, texts.index(word))
    absent = [
        COLUMNS[key][0]
        for key in ("platform_no", "arrived_on", "kind", "name", "content")
        if key not in where
    ]
    if absent:
        raise Refused(f"第 1 行的标题里没有「{'」「'.join(absent)}」。请下载模板，按模板的标题填写后再上传。")
    return where


def _csv(stream: IO[bytes]) -> list[tuple[int, list[str]]]:
    data = stream.read(xlsx.MOST_BYTES + 1)
    if len(data) > xlsx.MOST_BYTES:
        raise Refused("表格超过 5 MB。请分成几份上传。")
    text = sniff.decode(data)
    if text is None or "\0" in text:
        raise Refused("这个 CSV 文件不是 UTF-8 或 GBK 编码。请在表格软件里另存为 XLSX 后上传。")
    found: list[tuple[int, list[str]]] = []
    try:
        for line, cells in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff"))), 1):
            if any(cell.strip() for cell in cells):
                found.append((line, cells))
            if len(found) > MOST_ROWS + 1:
                raise Refused(f"一次最多导入 {MOST_ROWS} 件。请分成几份上传。")
    except csv.Error as error:
        raise Refused("这个 CSV 文件的格式有误。请在表格软件里另存为 XLSX 后上传。") from error
    return found


def write_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV for spreadsheet programs: UTF-8 with its mark, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([xlsx.neutral("" if value is None else value) for value in row])
    return ("\ufeff" + out.getvalue()).encode()
