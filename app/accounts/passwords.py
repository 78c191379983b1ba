"""Passwords: Argon2id, a policy that says why, one-time passwords.

Policy after OWASP ASVS 5.0 6.2 and GB/T 22239-2019 8.1.4.1 (身份鉴别信息具有复杂度要求): length before
character classes,
nothing common, nothing that names the person.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 128

#: what people choose: RFC 9106's second recommendation is 64 MiB x 3; OWASP's 46 MiB x 1 costs a third of
#: the time
_chosen = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
#: one-time passwords carry 60 random bits and live until the first sign-in: a list of 500 must not take a
#: minute
_one_time = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_RUNS = (
    "0123456789",
    "9876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv",
)
_WORDS = (
    "password passw0rd admin administrator root gongkai zhengwu zhengfu bangong welcome letmein qwerty iloveyou woaini "
    "woaiwojia woaizhongguo zhongguo changeme default secret test guest user login master superman dragon monkey 密码 公开"
).split()


def make_hash(password: str) -> str:
    """Argon2id hash of a password a person chose."""
    return _chosen.hash(normal(password))


def normal(password: str) -> str:
    """One form for what different keyboards send (NFKC), as RFC 8265 asks."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody() -> str:
    return _chosen.hash(secrets.token_hex(16))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password fits; without a stored hash it takes just as long and is False."""
    text = normal(password)[:LONGEST]
    right = _verify(stored, text) if stored else False
    if not right and (not stored or _quick(stored)):
        _verify(_nobody(), text)
    return right


def _quick(stored: str) -> bool:
    """Whether a hash is a one-time password's, which is checked faster than a chosen one's."""
    return f"m={_chosen.memory_cost}," not in stored


def _verify(stored: str, text: str) -> bool:
    try:
        return _chosen.verify(stored, text)
    except (VerificationError, InvalidHashError):
        return False


def one_time() -> tuple[str, str]:
    """A fresh one-time password (12 letters and digits, easy to read aloud) and its hash."""
    text = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    return text, _one_time.hash(text)


@cache
def _common() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text("utf-8").split()
    return frozenset(lines)


def fault(password: str, *, name: str = "", login: str = "") -> str | None:
    """Why this password will not do, as a Chinese sentence that says what to choose instead.

    None when it will.
    """
    text = normal(password)
    folded = text.casefold()
    if len(text) < SHORTEST:
        return f"密码只有 {len(text)} 位，至少要 {SHORTEST} 位。可以用一句话里的几个词，中间加数字。"
    if len(text) > LONGEST:
        return f"密码超过 {LONGEST} 位，请改短一些。"
    if text != text.strip():
        return "密码的开头或结尾有空格，容易看漏，请去掉。"
    for part in (login, name):
        if len(part) >= 2 and part.casefold() in folded:
            return "密码里含有您的姓名或登录名，容易被猜到，请换一个。"
    if len(set(folded)) < 5:
        return "密码里不同的字符太少，请多用几种字母、数字或汉字。"
    if folded in _common() or _mostly_common(folded):
        return "这个密码太常见，容易被猜到。请换一个，不要用单词加年份、键盘上相邻的键或连续的数字。"
    return None


def _mostly_common(folded: str) -> bool:
    """Whether what is left beside common words, years and keyboard runs is shorter than four characters."""
    rest = folded.replace("@", "a").replace("$", "s") if not folded.isdigit() else folded
    best = min(len(_strip(folded)), len(_strip(rest)))
    return best < 4


def _strip(text: str) -> str:
    for word in _WORDS:
        text = text.replace(word, " ")
    for run in _RUNS:
        for size in range(len(run), 2, -1):
            for start in range(len(run) - size + 1):
                text = text.replace(run[start : start + size], " ")
    for year in range(1950, 2040):
        text = text.replace(str(year), " ")
    return "".join(char for char in text if char.isalnum())
