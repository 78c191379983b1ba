"""A paper as PDF/A-2b, or as pictures of its pages, by typst. Content goes in as data, never as markup.

The same paper gives the same bytes: the PDF is dated as the letter is, not by the clock. A character that no font has is refused with
its name (typst checks this for PDF/A), never printed as a box.

Cost: the first letter of a process 0.5–1 s (fonts are looked up), each further one about 10 ms.
"""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst

from app.core.errors import Refused
from app.letters import fonts
from app.letters.paper import LINE, Paper, Table, plain, style, title_lines

SOURCES = Path(__file__).with_name("typst")
_MISSING = re.compile(r"the text [`'\"]+(.+?)[`'\"]+ (?:could not be displayed|cannot be displayed)", re.S)
_ESCAPE = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_lock = threading.Lock()
_compilers: dict[int, typst.Compiler] = {}


def letter_pdf(paper: Paper, folder: Path) -> bytes:
    """The letter as PDF/A-2b. `folder`: the office's own fonts. Refused when a character has no font."""
    return _only(_compile("letter.typ", _data(paper), folder, "pdf", day=paper.day))


def letter_pictures(paper: Paper, folder: Path, ppi: float = 80) -> list[bytes]:
    """The pages of the letter as PNG."""
    made = _compile("letter.typ", _data(paper), folder, "png", ppi, day=paper.day)
    return made if isinstance(made, list) else [made]


def sheet_pdf(source: str, data: dict[str, Any], folder: Path, day: date) -> bytes:
    """A printed paper (`typst/<source>`) of that day as PDF/A-2b."""
    return _only(_compile(source, data, folder, "pdf", day=day))


def _only(made: bytes | list[bytes]) -> bytes:
    return made if isinstance(made, bytes) else made[0]


def _compile(
    source: str, data: dict[str, Any], folder: Path, kind: str, ppi: float | None = None, *, day: date
) -> bytes | list[bytes]:
    found = fonts.find(folder)
    inputs = {"data": json.dumps(_plain(data) | {"fonts": found.roles}, ensure_ascii=False)}
    with _lock:  # a compiler serves one caller at a time
        compiler = _compilers.get(id(found))
        if compiler is None:
            _compilers.clear()
            compiler = _compilers[id(found)] = typst.Compiler(root=SOURCES, font_paths=found.handle)
        try:
            made = compiler.compile(
                input=SOURCES / source,
                format=kind,  # type: ignore[arg-type]
                ppi=ppi,
                sys_inputs=inputs,
                pdf_standards="a-2b" if kind == "pdf" else [],
                timestamp=datetime.combine(day, time(0), UTC),
            )
        except typst.TypstError as error:
            raise _refusal(error) from error
    assert made is not None
    return made


def _plain(value: Any) -> Any:
    """Every text in it as it may be printed."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return plain(value) if isinstance(value, str) else value


def _refusal(error: typst.TypstError) -> Exception:
    """A missing glyph is a matter of the text; everything else is our own fault."""
    said = f"{error.message}\n{error.diagnostic}"
    texts = (_ESCAPE.sub(lambda code: chr(int(code[1], 16)), found) for found in _MISSING.findall(said))
    letters = list(dict.fromkeys(c for text in texts for c in text if not c.isspace()))
    if not letters:
        return error
    named = "、".join(f"「{c}」（U+{ord(c):04X}）" for c in letters[:5])
    return Refused(
        f"字库中没有{named}这个字，文书不能印出。请改用规范汉字；确需使用的，请系统管理员把含有这个字的字体"
        "放进数据文件夹的 fonts 文件夹。"
    )


def _data(paper: Paper) -> dict[str, Any]:
    return {
        "sender": paper.sender,
        "number": paper.number,
        "title": paper.title,
        "title-lines": title_lines(paper.title),
        "addressee": paper.addressee,
        "parts": _parts(paper),
        "enclosures": list(paper.enclosures),
        "signature": paper.signature,
        "date": paper.date,
        "note": paper.note,
        "annex": [_part(part) for part in paper.annex],
    }


def _parts(paper: Paper) -> list[dict[str, Any]]:
    """Paragraphs and tables; the last one of surely two lines belongs to the closing, with what is short after it."""
    body, short = list(paper.body), list[dict[str, Any]]()
    while (
        len(body) > 1
        and len(short) < 8
        and isinstance(body[-1], str)
        and isinstance(body[-2], str)
        and _is_short(body[-1])
    ):
        short.insert(0, _line(str(body.pop())))
    last = str(body.pop()) if body and isinstance(body[-1], str) else ""
    return [*map(_part, body), {"kind": "tail", "lines": [_line(last)] if last else [], "short": short}]


def _is_short(text: str) -> bool:
    """Whether a paragraph may fit one line: halves for half-width characters, two for the indent, two to be sure."""
    return sum(1 if ord(c) > 0x2E80 or c in "“”‘’—…" else 0.5 for c in text) <= LINE + 2


def _part(part: str | Table) -> dict[str, Any]:
    return _table(part) if isinstance(part, Table) else {"kind": "text", "lines": [_line(part)]}


def _line(text: str) -> dict[str, Any]:
    return {"text": text, "style": style(text), "indent": True}


def _table(table: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "head": list(table.head),
        "rows": [list(row) for row in table.rows],
        "widths": list(table.widths),
    }
