"""Fonts of a letter: the official ones from the data folder, then the machine's, then the one set-up brings.

An office puts its licensed fonts (方正小标宋、仿宋_GB2312 …) into `<data>/fonts`. Whatever is missing is replaced by
Noto Serif SC, which `npm` brings with the set-up and which has the rare characters of names. typst looks into the
machine's own font folders by itself (fontconfig on Linux).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import typst

#: the font that is always there: SIL Open Font License, whole TTF files
BASE = "Noto Serif SC"
_BROUGHT = Path(__file__).parents[2] / "frontend" / "node_modules" / "@expo-google-fonts" / "noto-serif-sc"
_WEIGHTS = ("400Regular", "700Bold")

#: role -> families by preference; names as font files give them, English or Chinese
ROLES: dict[str, tuple[str, ...]] = {
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK", "小标宋"),
    "body": (
        "FangSong_GB2312",
        "仿宋_GB2312",
        "FZFangSong-Z02S",
        "方正仿宋_GBK",
        "FangSong",
        "仿宋",
        "STFangsong",
    ),
    "hei": (
        "SimHei",
        "黑体",
        "FZHei-B01S",
        "方正黑体_GBK",
        "STHeiti",
        "Source Han Sans SC",
        "Noto Sans CJK SC",
    ),
    "kai": ("KaiTi_GB2312", "楷体_GB2312", "FZKai-Z03S", "方正楷体_GBK", "KaiTi", "楷体", "STKaiti"),
    "page": ("SimSun", "宋体", "NSimSun", "STSong"),
}
#: what Word is told to use: the official names, which the office's machines have
WORD = {"title": "方正小标宋简体", "body": "仿宋_GB2312", "hei": "黑体", "kai": "楷体_GB2312", "page": "宋体"}


@dataclass(frozen=True)
class Found:
    """The fonts of this machine: typst's own handle, and the families of each role that exist, base last."""

    handle: typst.Fonts
    roles: dict[str, list[str]]

    @property
    def official(self) -> dict[str, bool]:
        """Role -> whether an official family is there."""
        return {role: families[0] != BASE for role, families in self.roles.items()}


_lock = threading.Lock()
_found: dict[tuple[str, float], Found] = {}


def find(folder: Path) -> Found:
    """Fonts for an office whose own lie in `folder`; looked up once per process and change of the folder.

    Raises `RuntimeError` when set-up did not bring the base font.
    """
    key = (str(folder), folder.stat().st_mtime) if folder.is_dir() else ("", 0.0)
    with _lock:
        if key not in _found:
            _found.clear()
            _found[key] = _search(folder)
        return _found[key]


def _search(folder: Path) -> Found:
    places = [str(_BROUGHT / weight) for weight in _WEIGHTS]
    if folder.is_dir():
        places.insert(0, str(folder))
    handle = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=places)
    there = {family.lower(): family for family in handle.families()}
    if BASE.lower() not in there:
        raise RuntimeError("缺少文书所用的字体。请在程序文件夹重新运行 make setup。")
    roles = {
        role: [there[name.lower()] for name in names if name.lower() in there] + [BASE]
        for role, names in ROLES.items()
    }
    return Found(handle, roles)
