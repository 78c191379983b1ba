"""Spreadsheets in and out: bounded reading of an uploaded .xlsx, writing with neutralised cells (security.md 13).

openpyxl is imported by the functions that use it: every process imports this module, few ever meet a spreadsheet, and
openpyxl is a twentieth of what a start costs.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import IO, TYPE_CHECKING, Any

from app.core.errors import Refused

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 60 * 1024 * 1024
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(value: Any) -> Any:
    """A cell value that no spreadsheet program will take for a formula; text that begins like one gets a quote."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def text_of(value: Any) -> str:
    """A cell as the text a person sees: whole numbers without point, dates as 2026-12-11, outer blanks removed."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        value = value.isoformat()
    return str(value).strip()


def read_rows(stream: IO[bytes], *, most_rows: int, most_columns: int = 40) -> list[tuple[int, list[str]]]:
    """Rows of the first sheet as (row number, texts), empty rows left out, the head row included.

    Raises `Refused` with a Chinese sentence when it is no .xlsx, too large, or has more than `most_rows` rows.
    """
    from openpyxl import load_workbook

    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("表格超过 5 MB。请删去图片和多余的工作表后再上传，或分成几份。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise Refused("表格展开后太大，无法读取。请只保留需要导入的行后再上传。")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Refused:
        raise
    except Exception as error:
        raise Refused(
            "这不是能读取的 .xlsx 表格。请下载模板，用 Excel 或 WPS 填写并另存为 .xlsx 后再上传。"
        ) from error
    try:
        return _rows(book, most_rows, most_columns)
    except Refused:
        raise
    except Exception as error:
        raise Refused("表格内容已损坏，无法读取。请另存为新的 .xlsx 文件后再上传。") from error
    finally:
        book.close()


def _rows(book: Workbook, most_rows: int, most_columns: int) -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    sheet = book.worksheets[0]
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=most_columns), start=1):
        if number > most_rows * 20 + 100:
            raise Refused("表格中空行太多，或行数太多。请删去多余的行后再上传。")
        texts = [text_of(cell) for cell in cells]
        if any(texts):
            found.append((number, texts))
        if len(found) > most_rows + 1:
            raise Refused(f"一次最多导入 {most_rows} 行。请分成几份上传。")
    return found


def write_book(
    title: str, head: Sequence[str], rows: Iterable[Sequence[Any]], notes: Sequence[str] = ()
) -> bytes:
    """A workbook of one sheet with a bold, frozen head row; `notes` go on a second sheet 「填写说明」."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:31]
    sheet.append([neutral(text) for text in head])
    for row in rows:
        sheet.append([neutral(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = _grey()
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for index, label in enumerate(head, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = max(12, 2 * len(label) + 6)
    sheet.freeze_panes = "A2"
    if notes:
        extra = book.create_sheet("填写说明")
        extra.column_dimensions["A"].width = 100
        for note in notes:
            extra.append([neutral(note)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_long(
    out: IO[bytes], name: str, title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """A register of many rows, written row by row: its title above, a head that repeats on every printed page (A4
    landscape, one page wide). Text that begins like a formula is neutralised; dates stay dates.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    for index, label in enumerate(head, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = max(6, min(2 * len(label) + 5, 30))
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "2:2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.append([_cell(sheet, title, Font(bold=True, size=14))])
    sheet.append([_cell(sheet, text, Font(bold=True), _grey()) for text in head])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    book.save(out)


@cache
def _grey() -> PatternFill:
    """Behind the words of a head row."""
    from openpyxl.styles import PatternFill

    return PatternFill("solid", fgColor="E8EEF6")


@cache
def _wrapped() -> Alignment:
    from openpyxl.styles import Alignment

    return Alignment(wrap_text=True, vertical="top")


def _cell(sheet: Any, value: Any, font: Font | None = None, fill: PatternFill | None = None) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, str):
        value = neutral(ILLEGAL_CHARACTERS_RE.sub("", value))
    cell = WriteOnlyCell(sheet, value)
    if font is not None:
        cell.font = font
    if fill is not None:
        cell.fill = fill
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, str):
        cell.alignment = _wrapped()
    return cell
