"""Hostile form definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.hostile.cases import CODE, MARKUP, Case

GOOD = 'format = 1\ntitle = "表单"\n\n[[field]]\nkey = "a"\nlabel = "甲"\ntype = "text"\n'
CHOICE = '\n[[field]]\nkey = "c"\nlabel = "丙"\ntype = "choice"\n'


def cases() -> Iterator[Case]:
    for part in (_files(), _fields(), _code(), _texts()):
        for name, text in part:
            yield Case("form", name, text.encode() if isinstance(text, str) else text)


def _with(line: str) -> str:
    return GOOD + line + "\n"


def _files() -> Iterator[tuple[str, str | bytes]]:
    yield "empty", ""
    yield "broken", GOOD + "[["
    yield "not utf-8", GOOD.encode().replace("甲".encode(), b"\xff\xfe")
    yield "a mark before it", b"\xff\xfe" + GOOD.encode("utf-16-le")
    yield "null byte", GOOD + "\x00"
    yield "deep lists", "x = " + "[" * 3000 + "]" * 3000
    yield "deep tables", "x = " + "{a=" * 3000 + "1" + "}" * 3000
    yield "a dotted key of ten thousand parts", ".".join(["a"] * 10_000) + " = 1"
    yield "a quoted key of ten thousand parts", ".".join(["'a'"] * 10_000) + " = 1"
    yield "a number of seventy bits", _with(f"max = {2**70}")
    yield "ten thousand headers", "\n".join(f"[{'.'.join(['a'] * 20)}.b{n}]" for n in range(2_000))
    yield "too many bytes", GOOD + "#" * 300_000
    yield "a number of five thousand digits", _with(f"max = {'9' * 5000}")
    yield "a hexadecimal number of five thousand digits", _with(f"max = 0x{'f' * 5000}")
    yield "no number at all", _with("max = nan")
    yield "endless", _with("max = inf")
    yield "a day that is none", _with("default = 2026-02-30")
    yield "the same table twice", GOOD + "[a]\n[a]\n"
    yield "another format", GOOD.replace("format = 1", "format = 99")
    yield "json", '{"format": 1}'
    yield "pickle", b"\x80\x04\x95\x00."


def _fields() -> Iterator[tuple[str, str]]:
    for key in (
        "__class__",
        "typename",
        "csrf_token",
        "validate",
        "process",
        "data",
        "len",
        "class",
        "../x",
        "a b",
        "ä",
        "a" * 50,
    ):
        yield f"key “{key[:20]}”", GOOD.replace('key = "a"', f"key = {json.dumps(key)}")
    yield "a type nobody knows", GOOD.replace('"text"', '"html"')
    yield "a widget", _with('widget = "os.system"')
    yield "a pattern", _with(r'pattern = "^(a+)+$"')
    yield "a list from a path", GOOD + CHOICE + 'options_from = "../../etc/passwd"\n'
    yield (
        "a hundred thousand options",
        GOOD + CHOICE + "options = [" + '{value="1",label="1"},' * 5_000 + "]\n",
    )
    yield (
        "five hundred fields",
        GOOD + "".join(f'[[field]]\nkey = "k{n}"\nlabel = "k"\ntype = "text"\n' for n in range(500)),
    )
    yield "the same key twice", GOOD + GOOD[GOOD.index("[[field]]") :]
    yield "personal and routed", GOOD.replace('"text"', '"boolean"') + "personal = true\nroute = true\n"
    yield "a number too large", GOOD.replace('"text"', '"integer"') + "max = 99999999999999999999\n"
    yield "a bound of the wrong kind", GOOD.replace('"text"', '"date"') + 'min = "昨天"\n'
    yield "a default that does not fit", GOOD.replace('"text"', '"boolean"') + 'default = "<script>"\n'


def _code() -> Iterator[tuple[str, str]]:
    for number, code in enumerate(CODE, 1):
        for place in ("show_if", "required_if", "readonly_if"):
            yield f"{place} {number}", _with(f"{place} = {json.dumps(code)}")
        yield (
            f"rule {number}",
            GOOD + f'\n[[rule]]\nwhen = {json.dumps(code)}\nfield = "a"\nmessage = "不行"\n',
        )
    yield "a condition on itself", _with('show_if = "a == 1"')
    yield (
        "a condition on what comes later",
        GOOD + 'show_if = "b == 1"\n[[field]]\nkey = "b"\nlabel = "乙"\ntype = "integer"\n',
    )
    yield "a condition as long as a book", _with(f'show_if = "{"a and " * 2000}a"')


def _texts() -> Iterator[tuple[str, str]]:
    for number, text in enumerate(MARKUP, 1):
        shown = json.dumps(text, ensure_ascii=False)
        yield f"title {number}", GOOD.replace('title = "表单"', f"title = {shown}")
        yield f"label {number}", GOOD.replace('label = "甲"', f"label = {shown}")
        yield f"help {number}", _with(f"help = {shown}")
        yield f"option {number}", GOOD + CHOICE + f'options = [{{ value = "1", label = {shown} }}]\n'
