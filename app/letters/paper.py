"""A letter as a thing on paper: one structure from which PDF, Word and plain text are made.

The text is plain: each printed paragraph one line. Headings are known by the numbering of GB/T 9704 (「一、」 in 黑体,
「（一）」 in 楷体), and only where the whole paragraph is the heading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date

WORD_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: characters that fit a line of 3号 (28) without the two of the indent
LINE = 26
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_HEI = re.compile(r"^[一二三四五六七八九十]{1,3}、[^。；！？]{1,40}$")
_KAI = re.compile(r"^（[一二三四五六七八九十]{1,3}）[^。；！？]{1,40}$")
#: control and format characters that no letter may carry: they would hide or reverse what people read, or break the file.
#: Variation selectors stay, names are written with them.
_NEVER = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    r"\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]|["
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
    + "]"
)
_SPACES = {ord("\t"): " ", ord("\u2028"): " ", ord("\u2029"): " ", ord("\r"): None}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `widths` are shares of the line, one per column of `head`."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter of 信函格式.

    `sender` 发文机关标志, `number` 发文字号 ("" while unknown), `addressee` 主送 without colon, `body` paragraphs and
    tables in order, `enclosures` 附件说明, `signature` 署名, `date` 成文日期 as printed ("" while unknown), `note` 附注
    (contact) without brackets, `annex` 附件 on a page of its own: its title, then paragraphs and tables.
    """

    sender: str
    number: str
    title: str
    addressee: str
    body: tuple[str | Table, ...]
    signature: str
    date: str
    enclosures: tuple[str, ...] = ()
    note: str = ""
    annex: tuple[str | Table, ...] = ()

    @property
    def day(self) -> Date:
        """The letter's date; a fixed one while it has none. What files say about when they were made."""
        found = _DATE.fullmatch(self.date)
        return Date(int(found[1]), int(found[2]), int(found[3])) if found else Date(2020, 1, 1)

    def lines(self) -> list[str]:
        """Everything a reader reads, in order, one entry per printed element."""
        found = [self.sender, self.number, self.title, f"{self.addressee}：" if self.addressee else ""]
        found += words(self.body)
        found += enclosure_lines(self.enclosures)
        found += [self.signature, self.date, f"（{self.note}）" if self.note else ""]
        found += ["附件", *words(self.annex)] if self.annex else []
        return [line for line in found if line]

    def text(self) -> str:
        """The same as one text."""
        return "\n".join(self.lines())


def words(parts: Sequence[str | Table]) -> list[str]:
    """The texts of paragraphs and table cells, in order."""
    found: list[str] = []
    for part in parts:
        found += (
            [part] if isinstance(part, str) else [*part.head, *(cell for row in part.rows for cell in row)]
        )
    return found


def chinese_date(day: Date | None) -> str:
    """2026年11月3日: 成文日期 in Arabic digits without leading zeros (GB/T 9704 7.3.5.4); "" for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def enclosure_lines(names: Sequence[str]) -> list[str]:
    """附件说明: one name stands alone, several are numbered."""
    if len(names) == 1:
        return [f"附件：{names[0]}"]
    return [f"{'附件：' if n == 1 else ''}{n}. {name}" for n, name in enumerate(names, 1)]


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text as typed: a line each, without control characters and blanks around."""
    return tuple(line for raw in text.split("\n") if (line := tidy(raw)))


def tidy(text: str) -> str:
    """`plain`, with no blanks around."""
    return plain(text).strip(" \u3000\n")


def plain(text: str) -> str:
    """Text as it may be printed: NFC, no control or direction characters. Whatever goes into a file goes through this."""
    return _NEVER.sub("", unicodedata.normalize("NFC", text).translate(_SPACES))


def style(line: str) -> str:
    """`hei` for 「一、……」 headings, `kai` for 「（一）……」, else `body`."""
    return "hei" if _HEI.match(line) else "kai" if _KAI.match(line) else "body"


def title_lines(title: str, width: int = 19) -> list[str]:
    """The title in lines of at most `width` characters, cut where the sense allows, the lines about equal."""
    if len(title) <= width:
        return [title]
    count = -(-len(title) // width)
    target = len(title) / count
    places = [n for n in range(1, len(title)) if _may_cut(title, n)]
    near = min(places or range(1, len(title)), key=lambda n: (abs(n - target) + 6 * _awkward(title, n), n))
    if near > width:
        near = width
    return [title[:near], *title_lines(title[near:], width)]


def _may_cut(title: str, n: int) -> bool:
    return title[n] not in "，。、；：？！）》〉”’·的" and title[n - 1] not in "（《〈“‘"


def _awkward(title: str, n: int) -> int:
    """0 after a word that ends a part of the title, 1 inside."""
    return (
        0
        if title[n - 1] in "的》、）"
        or title[n:].startswith(("关于", "《", "（", "政府信息", "申请", "答复", "告知书"))
        else 1
    )
