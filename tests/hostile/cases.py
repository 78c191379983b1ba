"""One case of the corpus, and what many of them are made of."""

from __future__ import annotations

from dataclasses import dataclass

CANARY = "/tmp/gongkai-canary-of-the-hostile-corpus"


@dataclass(frozen=True)
class Case:
    """`element`: where the refusal has to point, when the file has such a place."""

    kind: str
    name: str
    payload: bytes
    element: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


#: code that would leave the canary behind, give something away, or never end
CODE = (
    f"__import__('os').system('touch {CANARY}')",
    f"open('{CANARY}', 'w').write('x')",
    "().__class__.__base__.__subclasses__()",
    f"[exec(\"open('{CANARY}','w')\") for _ in [1]]",
    "(lambda: globals())()",
    "''.join.__globals__['os'].environ",
    "f'{print.__self__}'",
    "9 ** 9 ** 9",
    "'x' * 10 ** 10 if True else 0 ** 0",
)
#: what a page, a letter or a diagram would show; the last ones turn the direction of reading, or hide what they say
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</text><svg onload=alert(1)>",
    "公开\u202e件密绝\u202c",
    "公\u200b开",
    "公开\U000e0041\U000e0042",
)
