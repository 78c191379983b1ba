"""Reading an OA's 发文登记簿 (xlsx, csv): rows out, every fault named by its row in Chinese. Pure; writes nothing."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import IO, Any, BinaryIO
from urllib.parse import urlsplit

from app.core.errors import Refused
from app.documents import sniff
from app.documents.numbering import is_number, tidy
from workflows.law.grounds import GROUNDS, STATE_SECRET, Attribute

MAX_ROWS = 5000
MAX_BYTES = 8 * 1024 * 1024
MAX_COLUMNS = 60

#: field -> header words that mean it (blanks and marks are ignored when comparing)
HEADERS: dict[str, tuple[str, ...]] = {
    "number": ("文号", "发文字号", "发文文号", "文件字号", "文件编号", "公文文号", "字号"),
    "title": ("标题", "文件标题", "公文标题", "题名", "文件名称", "文件题名", "发文标题"),
    "attribute": ("公开属性", "属性", "公开方式", "公开类别", "公开类型", "信息公开属性"),
    "issued_on": ("印发日期", "发文日期", "印发时间", "发文时间", "印发日", "日期", "成文日期", "签发日期"),
    "ground": (
        "不予公开条款",
        "不予公开依据",
        "不公开依据",
        "条款",
        "理由代码",
        "不予公开理由代码",
        "不公开理由代码",
    ),
    "reason": ("不予公开理由", "不公开理由", "理由", "理由说明", "说明", "不予公开说明"),
    "copies": ("份号", "涉密份号"),
    "kind": ("文件类别", "类别", "是否政策性文件", "政策性文件"),
    "url": ("发布网址", "公开网址", "网址", "发布链接", "链接"),
    "published_on": ("发布日期", "公开日期", "网上发布日期"),
}
LABELS = {key: words[0] for key, words in HEADERS.items()}
COLUMNS = ("number", "title", "attribute", "issued_on", "ground", "reason", "copies", "url", "published_on")
NEEDED = ("number", "title", "attribute", "issued_on")

ATTRIBUTES = {
    Attribute.PROACTIVE: ("主动公开", "主动", "公开", "公开发布", "此件公开发布", "全文公开"),
    Attribute.ON_REQUEST: ("依申请公开", "依申请", "此件依申请公开"),
    Attribute.WITHHELD: ("不予公开", "不公开", "不予", "此件不公开", "免予公开"),
}
#: words by which registers name a ground when they do not give the code
GROUND_WORDS = (
    ("N14a", ("国家秘密",)),
    ("N14b", ("法律、行政法规禁止", "法律行政法规禁止", "法律法规禁止")),
    ("N14c", ("三安全一稳定", "国家安全", "公共安全", "经济安全", "社会稳定")),
    ("N15", ("商业秘密", "个人隐私", "第三方")),
    ("N16a", ("内部事务",)),
    ("N16b", ("过程性", "讨论记录", "过程稿", "磋商信函", "请示报告")),
    ("N16c", ("执法案卷",)),
)
_CODES = {entry.code.lower(): entry.code for entry in GROUNDS}


@dataclass
class Row:
    """A row of the register: `line` as the spreadsheet counts, cleaned values, and what is wrong with it."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def secret(self) -> bool:
        """Whether the row is a 涉密登记项 (N14a)."""
        return self.values.get("ground") == STATE_SECRET


def read(file: BinaryIO, name: str, today: date) -> list[Row]:
    """All rows, each checked by itself and against the others. Raises `Refused` when the table cannot be read."""
    if name.lower().endswith((".xls", ".et", ".wps")):
        raise Refused("旧格式的表格请先另存为 XLSX 或 CSV，再上传。")
    if not name.lower().endswith((".xlsx", ".csv")):
        raise Refused("发文登记簿请用 XLSX 或 CSV 格式。")
    lines = _sheet(file) if name.lower().endswith(".xlsx") else _csv(file)
    columns, body = _header(lines)
    rows = [row for row in (_row(line, cells, columns, today) for line, cells in body) if row is not None]
    if not rows:
        raise Refused("表格里没有数据行。请核对后重新上传。")
    _repeated(rows)
    return rows


Line = tuple[int, Sequence[Any]]


def _sheet(file: BinaryIO) -> Iterator[Line]:
    from openpyxl import load_workbook  # here: see app.core.xlsx

    try:
        sniff.media_type("register.xlsx", file)
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        for line, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
            yield _counted(line, cells)
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, EOFError) as error:
        raise Refused("这个 XLSX 文件打不开。请用办公软件打开、另存后重新上传。") from error


def _csv(file: BinaryIO) -> Iterator[Line]:
    file.seek(0)
    text = sniff.decode(file.read(MAX_BYTES + 1))
    if text is None or "\0" in text:
        raise Refused("这个 CSV 文件不是 UTF-8 或 GBK 编码。请在表格软件里另存为 XLSX 后上传。")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;，", key=first.count)
    try:
        for line, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            yield _counted(line, cells[:MAX_COLUMNS])
    except csv.Error as error:
        raise Refused("这个 CSV 文件格式有误（可能是引号没有成对）。请另存为 XLSX 后上传。") from error


def _counted(line: int, cells: Sequence[Any]) -> Line:
    if line > MAX_ROWS + 20:
        raise Refused(f"一次最多导入 {MAX_ROWS} 行。请按年份拆成几份上传。")
    return line, cells


def _plain(value: Any) -> str:
    return re.sub(r"[\s（）()【】\[\]*＊:：]", "", str(value or ""))


def _header(lines: Iterable[Line]) -> tuple[dict[str, int], Iterator[Line]]:
    """Columns by field, found in the first ten lines; and the lines after them."""
    body = iter(lines)
    for line, cells in body:
        found = _columns(cells)
        if "number" in found and "attribute" in found:
            missing = [LABELS[key] for key in NEEDED if key not in found]
            if missing:
                raise Refused(f"表头缺少「{'」「'.join(missing)}」。请对照模板补上这一列后重新上传。")
            return found, body
        if line >= 10:
            break
    raise Refused(
        "没有找到表头。表头至少要有「文号」「标题」「公开属性」「印发日期」，请对照模板调整后上传。"
    )


def _columns(cells: Sequence[Any]) -> dict[str, int]:
    titles = [_plain(cell) for cell in cells]
    found: dict[str, int] = {}
    for key, words in HEADERS.items():
        for word in words:
            if word in titles and titles.index(word) not in found.values():
                found[key] = titles.index(word)
                break
    return found


def _row(line: int, cells: Sequence[Any], columns: dict[str, int], today: date) -> Row | None:
    raw = {key: cells[at] if at < len(cells) else None for key, at in columns.items()}
    if not any(str(value or "").strip() for value in raw.values()):
        return None
    row = Row(line)
    _attribute(row, raw)
    _number(row, raw.get("number"))
    _title(row, raw.get("title"))
    _dates(row, raw, today)
    _published(row, raw, today)
    row.values["kind"] = (
        "policy" if "政策" in _plain(raw.get("kind")) or _plain(raw.get("kind")) == "是" else "non_policy"
    )
    return row


def _text(value: Any) -> str | None:
    text = re.sub(r"[\x00-\x08\x0b-\x1f]", "", str(value)).strip() if value is not None else ""
    return text or None


def _attribute(row: Row, raw: dict[str, Any]) -> None:
    said = _plain(raw.get("attribute"))
    chosen = next((key for key, words in ATTRIBUTES.items() if said in words), None)
    if chosen is None:
        row.errors.append(
            f"公开属性「{said}」不认识，请写主动公开、依申请公开或不予公开。" if said else "没有填公开属性。"
        )
        return
    row.values["attribute"] = chosen.value
    if chosen is Attribute.WITHHELD:
        _ground(row, raw)
    elif _text(raw.get("ground")) and _code(raw.get("ground")) == STATE_SECRET:
        row.errors.append("依据写了国家秘密，公开属性却不是不予公开，请核对。")


def _code(value: Any) -> str | None:
    text = _plain(value)
    if text.lower() in _CODES:
        return _CODES[text.lower()]
    return next(
        (code for code, words in GROUND_WORDS if any(word in str(value or "") for word in words)), None
    )


def _ground(row: Row, raw: dict[str, Any]) -> None:
    given, reason = _text(raw.get("ground")), _text(raw.get("reason"))
    code = _code(given) or (_code(reason) if given is None else None)
    if code is None:
        codes = "、".join(entry.code for entry in GROUNDS)
        row.errors.append(
            f"不予公开依据「{given}」不认识，请填 {codes} 之一。"
            if given
            else f"不予公开须填依据，请填 {codes} 之一。"
        )
        return
    row.values["ground"] = code
    if code == STATE_SECRET:
        row.values["copies"] = _text(raw.get("copies"))
        if row.values["copies"] is None:
            row.errors.append("涉密文件须填份号。")
    elif reason is None:
        row.errors.append("不予公开须写明理由。")
    else:
        row.values["reason"] = reason[:2000]


def _number(row: Row, value: Any) -> None:
    text = _text(value)
    if row.secret:
        if text:
            row.errors.append("涉密文件只登记份号，请删去文号。")
        return
    if text is None:
        row.errors.append("没有填文号。")
        return
    text = tidy(text)
    if not is_number(text):
        row.errors.append(f"文号「{text}」写法不对，应如「云政办发〔2026〕31号」。")
        return
    row.values["number"] = text


def _title(row: Row, value: Any) -> None:
    text = _text(value)
    if row.secret:
        if text:
            row.errors.append("涉密文件（N14a）不得写标题，请删去标题，只填份号。")
        return
    if text is None:
        row.errors.append("没有填标题。")
    elif len(text) > 300:
        row.errors.append("标题超过 300 字，请核对是否填错列。")
    else:
        row.values["title"] = re.sub(r"\s+", " ", text).strip("《》") if text.startswith("《") else text


def _dates(row: Row, raw: dict[str, Any], today: date) -> None:
    value = raw.get("issued_on")
    issued = read_date(value)
    if issued is None:
        row.errors.append(
            f"印发日期「{_text(value)}」认不出，请写作 2026-11-02。" if _text(value) else "没有填印发日期。"
        )
    elif issued > today:
        row.errors.append(f"印发日期 {issued} 在今天之后，请核对。")
    elif issued < date(1949, 10, 1):
        row.errors.append(f"印发日期 {issued} 过早，请核对。")
    else:
        row.values["issued_on"] = issued


def _published(row: Row, raw: dict[str, Any], today: date) -> None:
    url, value = _text(raw.get("url")), raw.get("published_on")
    day = read_date(value)
    if url is None and _text(value) is None:
        return
    if row.values.get("attribute") != Attribute.PROACTIVE.value:
        return
    if url is not None and (problem := url_problem(url)):
        row.errors.append(problem)
    elif url is None or day is None:
        row.errors.append("已经发布的，发布网址和发布日期须同时填写；还没有发布的，两项都留空。")
    elif day > today or ("issued_on" in row.values and day < row.values["issued_on"]):
        row.errors.append(f"发布日期 {day} 早于印发日期或晚于今天，请核对。")
    else:
        row.values |= {"url": url, "published_on": day}


def url_problem(url: str) -> str | None:
    """Why a 发布网址 cannot be right, as a sentence; None when it may be."""
    if len(url) > 500:
        return "发布网址超过 500 个字符，请核对。"
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        return "发布网址写法有误，请从浏览器地址栏复制完整网址。"
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok:
        return "发布网址须以 http:// 或 https:// 开头，请从浏览器地址栏复制完整网址。"
    if parts.username is not None or parts.password is not None:
        return "发布网址里不能带用户名和密码，请删去后重填。"
    if re.search(r"[\s<>\"'\\\x00-\x1f]", url) or "." not in parts.hostname:
        return "发布网址写法有误，请从浏览器地址栏复制完整网址。"
    return None


def read_date(value: Any) -> date | None:
    """A date as registers write it: a date cell, a serial number, 2026-11-2, 2026年11月2日, 20261102 …"""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 15000 < value < 80000:
        return date(1899, 12, 30) + timedelta(days=int(value))
    text = re.sub(r"\s+", "", str(value or "")) if not isinstance(value, str) else value.strip()
    match = re.match(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+\d.*|T.*)?$", text)
    match = match or re.match(r"^(\d{4})(\d{2})(\d{2})$", text)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def _repeated(rows: Sequence[Row]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        number = row.values.get("number")
        if number is None:
            continue
        if number in seen:
            row.errors.append(f"文号 {number} 与第 {seen[number]} 行重复。")
        else:
            seen[number] = row.line


def bounded(stream: IO[bytes]) -> BinaryIO:
    """The upload in memory, refused when it is larger than a register can be."""
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refused(
            f"登记簿超过 {MAX_BYTES // 1024 // 1024} MB。请删去图片和多余的工作表，或按年份拆开上传。"
        )
    if not data:
        raise Refused("这是空文件。请检查后重新上传。")
    return io.BytesIO(data)
