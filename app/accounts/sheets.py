"""Lists of people as spreadsheets: the template, the row-by-row check of an upload, the export.

A checked row is a JSON dict: `row` (number in the sheet), `name`, `login`, `organ_id`, `unit_id`, `kinds`
(post
kinds), `email`, `phone`, `shown` (what the report prints) and `faults` (Chinese sentences; empty when good).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

from app.accounts import kinds, rights
from app.accounts.directory import Directory, OrganInfo
from app.accounts.forms import EMAIL, LOGIN, PHONE, blank
from app.accounts.queries import PersonRow
from app.accounts.signing import clean_login
from app.core import xlsx
from app.core.actor import Actor
from app.core.errors import Refused

HEAD = ("姓名", "登录名", "机关代码", "科室", "岗位", "电子邮箱", "电话")
MOST_ROWS = 500

_KIND_OF = {text: kind for kind, (text, _) in kinds.POST_KINDS.items()}
_SPLIT = re.compile(r"[、,，;；\n]+")


def template(actor: Actor, book: Directory) -> bytes:
    """An empty list with an example row and notes."""
    organ_id = next(iter(rights.administers(actor)), None)
    code = book.organ(organ_id).code if organ_id else "机关代码"
    posts = "、".join(text for text, _ in kinds.POST_KINDS.values())
    notes = (
        "从第 2 行起每人一行；第 1 行的标题不要改动。示例行请删去。",
        "姓名必填。登录名用小写字母、数字、点、横线或下划线；不填则只在纸上签批，不能登录。",
        "机关代码、科室须与系统里已有的一致。单位管理员可以不填机关代码，默认为本单位。",
        f"岗位可填几个，用顿号隔开：{posts}。",
        "由系统管理员导入时岗位留空；岗位由安全管理员或本单位的单位管理员授予。",
        f"一次最多 {MOST_ROWS} 人。上传后先逐行检查，全部无误才能确认导入，不会只导入一半。",
    )
    example = ("示例（请删去）", "shili", code, "", "", "shili@example.cn", "0000-0000000")
    return xlsx.write_book("人员名单", HEAD, [example], notes)


def export(rows: Iterable[PersonRow]) -> bytes:
    """The people of an administrator, with the columns of the import and the state."""
    head = ("姓名", "登录名", "机关", "科室", "岗位", "电子邮箱", "电话", "状态")
    return xlsx.write_book(
        "人员名单",
        head,
        (
            (
                row.person.name,
                row.person.login or "",
                row.organ,
                row.unit,
                "、".join([row.role] if row.role else [name for _, name in row.posts]),
                row.person.email,
                row.person.phone,
                "在用" if row.person.active else "停用",
            )
            for row in rows
        ),
    )


def read(stream: IO[bytes]) -> list[tuple[int, dict[str, str]]]:
    """(row number, column -> text) of an upload; Refused when the head row is not the template's."""
    rows = xlsx.read_rows(stream, most_rows=MOST_ROWS)
    if not rows:
        raise Refused("表格是空的。请下载模板，填写后再上传。")
    head = [text.removesuffix("*") for text in rows[0][1]]
    missing = [label for label in HEAD if label not in head]
    if missing:
        raise Refused(
            f"第 1 行的标题里没有「{'」「'.join(missing)}」。请下载模板，按模板的标题填写后再上传。"
        )
    where = {label: head.index(label) for label in HEAD}
    body = [
        (number, {label: blank(texts[at]) if at < len(texts) else "" for label, at in where.items()})
        for number, texts in rows[1:]
    ]
    body = [(number, row) for number, row in body if any(row.values())]
    if not body:
        raise Refused("表格里只有标题，没有人员。请从第 2 行起填写后再上传。")
    return body


def check(
    rows: Sequence[tuple[int, dict[str, str]]], actor: Actor, book: Directory, taken: Iterable[str]
) -> list[dict[str, Any]]:
    """Check every row; `taken` are login names that exist already. Faults name what to mend."""
    seen: dict[str, int] = {}
    used = set(taken)
    return [_check_row(number, row, actor, book, used, seen) for number, row in rows]


def logins(rows: Sequence[tuple[int, dict[str, str]]]) -> list[str]:
    """The login names in an upload, as they will be stored."""
    return [clean_login(row["登录名"]) for _, row in rows if row["登录名"]]


def _check_row(
    number: int, row: dict[str, str], actor: Actor, book: Directory, taken: set[str], seen: dict[str, int]
) -> dict[str, Any]:
    faults: list[str] = []
    login = clean_login(row["登录名"])
    faults += _identity_faults(row, login, taken, seen, number)
    organ = _organ(row["机关代码"], actor, book, faults)
    unit_id = _unit(row["科室"], organ, book, faults)
    wanted = _kinds(row["岗位"], actor, organ, unit_id, faults)
    return {
        "row": number,
        "name": row["姓名"],
        "login": login or None,
        "organ_id": organ.id if organ else None,
        "unit_id": unit_id,
        "kinds": wanted,
        "email": row["电子邮箱"],
        "phone": row["电话"],
        "shown": [
            row["姓名"],
            login,
            organ.short_name if organ else row["机关代码"],
            row["科室"],
            row["岗位"],
        ],
        "faults": faults,
    }


def _identity_faults(
    row: dict[str, str], login: str, taken: set[str], seen: dict[str, int], number: int
) -> list[str]:
    faults = []
    if not row["姓名"]:
        faults.append("没有填姓名。")
    elif len(row["姓名"]) > 40:
        faults.append("姓名超过 40 字。")
    if login and not LOGIN.fullmatch(login):
        faults.append(f"登录名「{login}」不合要求：用 2–40 位小写字母、数字、点、横线或下划线。")
    elif login in seen:
        faults.append(f"登录名「{login}」与第 {seen[login]} 行重复。")
    elif login in taken:
        faults.append(f"登录名「{login}」系统里已有人使用，请换一个。")
    if login:
        seen.setdefault(login, number)
    if row["电子邮箱"] and not (EMAIL.fullmatch(row["电子邮箱"]) and len(row["电子邮箱"]) <= 120):
        faults.append("电子邮箱的写法不对。")
    if row["电话"] and not PHONE.fullmatch(row["电话"]):
        faults.append("电话只写数字和 + - ( )，最多 30 位。")
    return faults


def _organ(code: str, actor: Actor, book: Directory, faults: list[str]) -> OrganInfo | None:
    own = rights.administers(actor)
    if not code and len(own) == 1:
        return book.organ(next(iter(own)))
    organ = book.organ_by_code(code) if code else None
    if not code:
        faults.append("没有填机关代码。")
    elif organ is None or not organ.active or not rights.sees_organ(actor, organ.id):
        faults.append(f"没有代码为「{code}」的机关，或不归您管理。")
        organ = None
    return organ


def _unit(name: str, organ: OrganInfo | None, book: Directory, faults: list[str]) -> int | None:
    if not name or organ is None:
        return None
    for unit in book.units_of(organ.id):
        if unit.name == name:
            return unit.id
    faults.append(f"{organ.short_name}没有科室「{name}」，请先设立或改正名称。")
    return None


def _kinds(
    text: str, actor: Actor, organ: OrganInfo | None, unit_id: int | None, faults: list[str]
) -> list[str]:
    found: list[str] = []
    for word in filter(None, (part.strip() for part in _SPLIT.split(text))):
        kind = _KIND_OF.get(word)
        if kind is None:
            faults.append(f"没有「{word}」这种岗位，请按填写说明里的名称填写。")
        elif organ is not None and not rights.may_grant(actor, organ.id, kind):
            who = "安全管理员" if kind in kinds.GOVERNING else "安全管理员或本单位的单位管理员"
            faults.append(f"「{word}」由{who}授予，请留空。")
        elif kinds.level(kind) == kinds.UNIT and unit_id is None:
            faults.append(f"「{word}」设在科室，请填写科室。")
        elif kind not in found:
            found.append(kind)
    return found
