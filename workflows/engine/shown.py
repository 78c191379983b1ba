"""Text that people will see: names, labels and notes hold words, not markup.

Every page escapes what it shows; this is the second wall, so that nothing of the kind is ever activated. `<` as a sign of
comparison is fine.
"""

from __future__ import annotations

import html
import re
import unicodedata

MAX_NAME = 200  # characters of a name on a diagram
_MARKUP = re.compile(r"<\s*[/!?A-Za-z]|&#|javascript:", re.I)
_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t]+")
#: control, format and half characters: they are not seen, or turn the direction of reading, so that 公开 reads 密绝
_UNSEEN = {"Cc", "Cf", "Cs"}


def cleaned(text: str, longest: int = 0) -> str:
    """The words of a text that `unfit` refuses; "" when nothing is left that may be shown."""
    found = html.unescape(_TAG.sub(" ", html.unescape(text)))
    found = "".join(each for each in found if each in "\n\t" or unicodedata.category(each) not in _UNSEEN)
    found = _SPACES.sub(" ", found).strip()
    found = found[: longest - 1] + "…" if longest and len(found) > longest else found
    return "" if unfit(found, longest) else found


def unfit(text: str, longest: int = 0) -> str:
    """Why a text may not be shown, as the end of a sentence; "" when it may. `longest`: characters, 0 for any."""
    if longest and len(text) > longest:
        return f"过长，最多 {longest} 个字"
    if _MARKUP.search(text):
        return "含有网页标记，请只写文字"
    if any(unicodedata.category(each) in _UNSEEN and each not in "\n\r\t" for each in text):
        return "含有看不见的控制字符，请重新输入"
    return ""
