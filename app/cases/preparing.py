"""A step whose holder has asked others: refused while they must answer first; with 并加签 and 后加签 his own answers are kept
and move the case when the last signer has agreed (features.md H6).

The engine knows nothing of it: it gets one completion, in the transaction of whoever signs last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from app import processes
from app.accounts.directory import directory
from app.cases import queries, road, stream, sub_items
from app.cases.models import Draft, WorkItem
from app.cases.reaching import behalf
from app.cases.sub_models import Prepared
from app.cases.submitted import Filled, Offline, Submitted
from app.core import personal
from app.core.actor import Actor, StandIn
from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.documents import service as documents

#: decisions that others sign too: agreeing, and what a step without a decision says; not sending back
SIGNED = ("agree", "")

w, p, d = table_of(WorkItem), table_of(Prepared), table_of(Draft)
_keep = sa.insert(p).inline()
_forget = sa.delete(p).where(p.c.item_id == sa.bindparam("k"))
_mark = sa.update(w).where(w.c.id == sa.bindparam("k")).values(prepared_at=sa.bindparam("at"))
_no_draft = sa.delete(d).where(d.c.item_id == sa.bindparam("k"), d.c.person_id == sa.bindparam("person"))
_draft = sa.insert(d).inline()


def hold(tx: Tx, item: dict[str, Any], case: dict[str, Any], filled: Filled) -> dict[str, Any] | None:
    """Keep the holder's answers until his signers have agreed; those of a 后加签 are asked now.

    None when nobody need sign what he says (he sends it back): the step is completed now. Refused with the names of those
    who must answer before he may complete it.
    """
    rows = [row for row in queries.history(tx.session, case["id"]) if row["parent_id"] == item["id"]]
    left = sub_items.waiting(rows)
    if item["prepared_at"] is not None:
        raise Refused(f"您已经办理，正在等{_names(left)}签署。需要修改的，请先减签。")
    timings = {found["id"]: found["timing"] for found in sub_items.rounds(tx.session, case["id"])}
    first = [row for row in left if timings.get(row["round_id"]) not in ("beside", "after")]
    if first:
        raise Refused(_sentence(first))
    if filled.own.decision not in SIGNED:
        gone = sub_items.take_away(tx, [row["id"] for row in left], sub_items.NOT_NEEDED, None)
        item.update(sub_items.waits_less(tx, item["id"], gone))
        return None
    was, me, absent = case["lock"], tx.actor.person_id, behalf(item, tx.actor, case)
    sealed = personal.keep(tx.session, tx.keys, case["id"], _personal(filled)) if _personal(filled) else {}
    if filled.changed_files:
        documents.keep_attachments(tx, case["id"], item["id"], filled.changed_files)
    tx.session.execute(
        _keep,
        {
            "item_id": item["id"],
            "person_id": me,
            "filled": _stored(filled) | {"behalf": absent.person_id if absent else None},
            "at": tx.now,
        },
    )
    tx.session.execute(_mark, {"k": item["id"], "at": tx.now})
    later = [row for row in left if row["status"] == "queued"]
    if later:
        sub_items.call_up(tx, case, later)
    done = filled.own.decision_label or "提交"
    summary = f"{tx.actor.name} 「{item['label']}」{done}，待加签：{_names(left)}"
    case.update(
        stream.write(
            tx, case, "case.prepare", summary,
            item=item["id"], decision=filled.own.decision, opinion=filled.own.opinion, personal=sealed,
        )
    )  # fmt: skip
    road.save_case(tx, case, was)
    said = f"「{item['label']}」已存：{done}。{_names(left)}全部同意后自动送出；有人不同意时退回给您。"
    return {"case": case["id"], "said": said, "finished": False}


def check_signers(tx: Tx, item: Mapping[str, Any], case: Mapping[str, Any], decision: str) -> None:
    """A step may demand signers (setting `signers`) for what it decides: Refused while fewer have agreed."""
    demanded = signers_demanded(case, item)
    if not demanded or decision not in SIGNED:
        return
    agreed = sum(
        row["parent_id"] == item["id"] and row["kind"] == "sign" and row["decision"] == sub_items.AGREED
        for row in queries.history(tx.session, case["id"])
    )
    if agreed < demanded:
        raise Refused(f"本环节至少要有 {demanded} 人加签同意，现有 {agreed} 人。请先加签。")


def signers_demanded(case: Mapping[str, Any], item: Mapping[str, Any]) -> int:
    """How many must sign beside the holder; 0 when the definition says nothing."""
    info = processes.runtime(case["version_id"]).spec.steps.get((item["process_key"], item["step"]))
    return int(info.settings.get("signers", "0")) if info is not None else 0


def give_back(tx: Tx, case: Mapping[str, Any], item_id: int) -> int:
    """The kept answers go back to the holder as his draft, and nobody else need sign; how many had still to."""
    kept = sub_items.prepared(tx.session, item_id)
    if kept is not None:
        said = kept["filled"]["own"]["answers"]
        data = {
            key: value for key, value in said.items() if key != "decision" and not isinstance(value, dict)
        }
        who = {"k": item_id, "person": kept["person_id"]}
        tx.session.execute(_no_draft, who)
        row = {"item_id": item_id, "person_id": kept["person_id"], "data": data, "saved_at": tx.now}
        tx.session.execute(_draft, row)
    forget(tx, item_id)
    rows = [row for row in queries.history(tx.session, case["id"]) if row["parent_id"] == item_id]
    return sub_items.take_away(tx, [row["id"] for row in sub_items.waiting(rows)], sub_items.NOT_NEEDED, None)


def forget(tx: Tx, item_id: int) -> None:
    """Nothing is kept for this step any more."""
    tx.session.execute(_forget, {"k": item_id})
    tx.session.execute(_mark, {"k": item_id, "at": None})


def kept_for(tx: Tx, item_id: int) -> tuple[Actor, Filled] | None:
    """Whose answers are kept for a step, and which; None when that person is not here any more.

    Who answered as a stand-in still stands in for the same person.
    """
    kept = sub_items.prepared(tx.session, item_id)
    owner = directory().actor(kept["person_id"]) if kept is not None else None
    if kept is None or owner is None:
        return None
    if (absent := kept["filled"]["behalf"]) is not None:
        whole = StandIn(absent, directory().name_of(absent), directory().posts_of(absent), True)
        owner = replace(owner, stands_for=(whole,))
    return owner, _restored(kept["filled"])


def _personal(filled: Filled) -> dict[str, str]:
    return {**filled.own.personal, **(filled.joint.personal if filled.joint else {})}


def _stored(filled: Filled) -> dict[str, Any]:
    """As JSON, without personal values: they are sealed with the case already."""
    own = asdict(replace(filled.own, personal={}))
    joint = asdict(replace(filled.joint, personal={})) if filled.joint else None
    outside = asdict(filled.offline) if filled.offline else None
    if outside is not None:
        outside["signed_on"] = outside["signed_on"].isoformat()
    had = {key: sorted(ids) for key, ids in {**filled.had, **filled.files}.items()}
    return {"own": own, "joint": joint, "offline": outside, "had": had}


def _restored(stored: Mapping[str, Any]) -> Filled:
    outside = stored["offline"]
    return Filled(
        own=_said(stored["own"]),
        joint=_said(stored["joint"]) if stored["joint"] else None,
        offline=Offline(
            **{
                **outside,
                "signed_on": date.fromisoformat(outside["signed_on"]),
                "scans": tuple(outside["scans"]),
            }
        )
        if outside
        else None,
        had={key: set(ids) for key, ids in stored["had"].items()},
    )


def _said(stored: Mapping[str, Any]) -> Submitted:
    return Submitted(**{**stored, "files": {key: tuple(ids) for key, ids in stored["files"].items()}})


def _names(left: Sequence[Mapping[str, Any]]) -> str:
    people = directory()
    return "、".join(people.name_of(row["holder_id"]) for row in left)


def _sentence(left: Sequence[Mapping[str, Any]]) -> str:
    """Why the step cannot be completed yet."""
    people = directory()
    who = "、".join(f"{people.name_of(row['holder_id'])}（{sub_items.KINDS[row['kind']]}）" for row in left)
    return f"还要等 {who}答复，答复以前不能送出。也可以先收回征求、减签或结束会签。您填写的内容仍在本页。"
