"""依申请公开设置: who reviews and signs which outcome, what the law leaves open, how numbers are written.

Kept in `organ.settings`: `foi_road` and `law` of the handling organ, `foi_number` and `reply_numbers` of each answering
subject. What the law fixes is no setting (workflows.law); what it leaves open shows its mark 【未核实】 or 【推定】.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from app.accounts.directory import changed, directory
from app.accounts.models import Organ
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.documents import numbering
from app.requests import deciding
from app.requests.receiving import NUMBER
from workflows.law import replies, settings

#: posts that keep these settings
KEEPERS = ("disclosure_head", "process_admin")
SIGNERS = {"disclosure_head": "工作机构负责人", "signer": "分管领导", "principal": "主要负责人"}
NUMBER_BY = {"system": "本系统编号", "oa": "由 OA 编号，用印时补录"}
_MOST_DAYS = 366


def keeps(actor: Actor, organ_id: int) -> bool:
    """Whether the person keeps the settings of this organ."""
    return any(actor.holds(kind, organ_id) for kind in KEEPERS)


def road_of(organ_id: int) -> list[dict[str, Any]]:
    """The table as it holds now: an outcome a row, and whether the organ changed it."""
    own = directory().organ(organ_id).settings.get("foi_road") or {}
    rows = []
    for code, reply in replies.REPLIES.items():
        usual = {"secrecy": reply.secrecy_review, "legal": True, "signer": deciding.SIGNERS[reply.signer]}
        rows.append(
            {"code": code, "name": reply.name, "article": reply.article, **usual, **(own.get(code) or {})}
        )
    return rows


def law_of(organ_id: int) -> list[dict[str, Any]]:
    """What the law leaves open: label, mark, source, risk, the value that holds."""
    now = settings.from_values(dict(directory().organ(organ_id).settings.get("law") or {}))
    return [
        {
            "key": each.key,
            "label": each.label,
            "mark": each.mark,
            "source": each.source,
            "risk": each.risk,
            "value": getattr(now, each.key),
            "kind": type(getattr(settings.DEFAULTS, each.key)).__name__,
        }
        for each in settings.DESCRIBED
    ]


@command
def keep(
    tx: Tx, *, organ_id: int, road: Mapping[str, Mapping[str, Any]], law: Mapping[str, str]
) -> dict[str, Any]:
    """Keep the table and the settings of a handling organ; running cases take them at their next check."""
    organ = _organ(tx, organ_id)
    kept_road = {
        code: row for code in replies.REPLIES if (row := _row(code, road.get(code) or {})) is not None
    }
    kept_law = _law(law)
    old = {key: organ.settings.get(key) for key in ("foi_road", "law")}
    organ.settings = {**organ.settings, "foi_road": kept_road, "law": kept_law}
    changed(tx)
    tx.record(
        "organ", "request.settings", f"{tx.actor.name} 修改依申请公开设置", stream_id=organ.id, old=old,
        new={"foi_road": kept_road, "law": kept_law},
    )  # fmt: skip
    return {"said": "设置已保存，以后送审、计算的办件按新设置办理。"}


@command
def keep_numbers(tx: Tx, *, organ_id: int, subject_id: int, rule: str, by: str) -> dict[str, Any]:
    """How an answering subject numbers: 登记号 by a template over short, year, n; 文号 by the system or its OA."""
    _organ(tx, organ_id)
    subject = tx.session.get(Organ, subject_id, with_for_update=True)
    if subject is None or (subject.id != organ_id and subject.office_id != organ_id):
        raise NotFound()
    rule = rule.strip() or NUMBER
    shown = numbering.example(rule, subject.short_name)
    if not shown:
        raise Refused(numbering.WRONG_RULE, fields={f"rule_{subject_id}": numbering.WRONG_RULE})
    if by not in NUMBER_BY:
        raise Refused("请选择文号由谁编。", fields={f"by_{subject_id}": "请选择。"})
    old = {key: subject.settings.get(key) for key in ("foi_number", "reply_numbers")}
    new = {"foi_number": rule, "reply_numbers": by}
    subject.settings = {**subject.settings, **new}
    changed(tx)
    tx.record(
        "organ",
        "request.settings",
        f"{tx.actor.name} 修改{subject.name}的编号规则",
        stream_id=organ_id,
        old=old,
        new=new,
    )
    return {"said": f"编号规则已保存，下一件为「{shown}」这样的写法。"}


def _organ(tx: Tx, organ_id: int) -> Organ:
    organ = tx.session.get(Organ, organ_id, with_for_update=True)
    if organ is None or tx.actor.organ_id != organ_id:
        raise NotFound()
    if not keeps(tx.actor, organ_id):
        raise NotAllowed("依申请公开设置由政府信息公开工作机构负责人、流程管理员修改。")
    return organ


def _row(code: str, said: Mapping[str, Any]) -> dict[str, Any] | None:
    """One row; None where it is the usual one. What 14 to 16 withhold is never signed without 法制审核 or 保密审查."""
    reply = replies.REPLIES[code]
    usual = {"secrecy": reply.secrecy_review, "legal": True, "signer": deciding.SIGNERS[reply.signer]}
    row = {
        "secrecy": bool(said.get("secrecy")),
        "legal": bool(said.get("legal")),
        "signer": str(said.get("signer") or usual["signer"]),
    }
    if row["signer"] not in SIGNERS:
        raise Refused("请从列表里选择签发人。", fields={f"signer_{code}": "请选择。"})
    if reply.secrecy_review and not row["secrecy"]:
        sentence = f"「{reply.name}」要提供或者不提供信息，须先经保密审查（条例第十七条）。"
        raise Refused(sentence, fields={f"secrecy_{code}": sentence})
    return None if row == usual else row


def _law(said: Mapping[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in fields(settings.LawSettings):
        usual = getattr(settings.DEFAULTS, field.name)
        text = (said.get(field.name) or "").strip()
        value = _value(usual, text)
        if value is None:
            wrong[f"law_{field.name}"] = f"请填写 1 至 {_MOST_DAYS} 的整数。"
        elif value != usual:
            kept[field.name] = list(value) if isinstance(value, tuple) else value
    if wrong:
        raise Refused("设置还有要改的地方，见标红处。", fields=wrong)
    return kept


def _value(usual: Any, text: str) -> Any:
    """A setting as typed, in the type of its default; None when it is none."""
    if isinstance(usual, bool):
        return text == "y"
    if isinstance(usual, int):
        return int(text) if text.isdecimal() and 1 <= int(text) <= _MOST_DAYS else None
    if isinstance(usual, tuple):
        parts = [
            part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()
        ]
        good = parts and all(part.isdecimal() and 1 <= int(part) <= 20 for part in parts)
        return tuple(sorted({int(part) for part in parts}, reverse=True)) if good else None
    return text if text in ("day", "workday") else None
