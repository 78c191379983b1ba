"""Hostile expressions: none may be read, or worked out, or both."""

from __future__ import annotations

from collections.abc import Iterator

from tests.engine.test_expressions import ESCAPES
from tests.hostile.cases import CODE, Case

BOMBS = [
    "9 ** 9", "2 << 10 ** 9", "'x' * 10 ** 9", "[0] * 10 ** 9", "'%9999999999d' % 1", "'{:>9999999999}'.format(1)",
    "round(5, -10 ** 9)", "int('9' * 10 ** 6)", "9" * 1999, "(" * 1500, "-" * 1999 + "1", "not " * 499 + "n",
    "[" * 900 + "]" * 900, "n" + "[0]" * 600, "n" + ".a" * 900, "1" + "+1" * 990, "n if n else " * 160 + "n",
    "max(" * 60 + "1" + ")" * 60, "9223372036854775807 * 9223372036854775807", "1e308 * 1e308", "days(10 ** 9)",
    "date('9999-12-31') + days(2)", "'" + "x" * 5000 + "'", "re.match('(a+)+$', 'a' * 40)", "str(units) * 9",
    "1 / 0", "1 % 0", "float('nan')", "float('inf')", "len(len)", "max(units, key=len)", "sorted(units)", "range(10 ** 9)",
    "units[0][0][0]", "case['a']['b']['c']", "kind.__len__()", "getattr(n, '__class__')", "vars()", "dir()", "help()",
    "breakpoint()", "input()", "compile('1', '', 'eval')", "memoryview(b'')", "type('X', (), {})", "super()", "id(n)",
    "__builtins__", "__name__", "_", "n.__dict__", "kind.mro", "(n)(n)", "n()", "n[0:1]", "n[...]", "{**case}", "[*units]",
    "print(n)", "exit()", "quit()", "0x" + "f" * 1990, "1_" * 900 + "1", "'a' 'b' * 9", "b'\\xff'", "u'\\ud800' + 1",
    "\ud7ff", "n\x0cn", "ｎ.ｎ", "ⅷ", "lambda *a: a", "yield n", "await n", "n := 1", "n = 1", "import os",
]  # fmt: skip


def cases() -> Iterator[Case]:
    texts = dict.fromkeys([*ESCAPES, *CODE, *BOMBS])
    for number, text in enumerate(texts, 1):
        yield Case("expression", f"{number} {text[:30]!r}", text.encode("utf-8", "surrogatepass"))
