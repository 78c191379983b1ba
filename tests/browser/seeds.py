"""The five documents this project grew from. Their texts lie beside the checkout; a clone alone does not have them."""

from __future__ import annotations

import warnings
from pathlib import Path

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"


class SeedsMissing(UserWarning):
    """The real text is not there: the test uploads a short text of our own."""


#: key -> (file, title)
DOCUMENTS = {
    "jinan": ("S1-济南-济政办发2018-25号.txt", "关于进一步做好政务公开工作的通知"),
    "daqing": ("S2-大庆-2016年政务公开工作要点.txt", "关于印发2016年全市政务公开工作要点的通知"),
    "district": ("S3-某区-2018年政务公开工作要点.txt", "某区2018年政务公开工作要点（讨论稿）"),
    "xingyi": (
        "S4-兴义-2021年政务公开工作要点及任务分解表.txt",
        "关于印发兴义市2021年政务公开工作要点的通知",
    ),
    "weihai": (
        "S5-威海-2020年重点工作及责任分工方案.txt",
        "关于印发2020年政务公开重点工作及责任分工方案的通知",
    ),
}


def document(key: str, folder: Path, *, changed: bool = False) -> Path:
    """The document as a file to upload; `changed`: with a row added to its table, under another name."""
    name, title = DOCUMENTS[key]
    source = SEEDS / name
    if source.exists():
        text = source.read_text(encoding="utf-8")
    else:
        warnings.warn(f"{source.name} is missing: a text of our own goes up instead", SeedsMissing, 2)
        text = f"{title}\n\n各县区人民政府，市政府各部门：\n现将有关事项通知如下，请认真抓好落实。\n"
    if changed:
        name, text = name.replace(".txt", "（补行）.txt"), f"{text}\n（附表补一行）\n"
    target = folder / name
    target.write_text(text, encoding="utf-8")
    return target
