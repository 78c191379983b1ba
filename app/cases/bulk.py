"""批量办理 (features.md H15): one step of one process, one decision, one opinion; each item its own ordinary completion.

A run is chosen, begun, and worked off in slices by the page of whoever began it; it goes on where it was after a lost
connection. Every item is sent under a token made of run and item, so that nothing is done twice.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app import processes
from app.cases import asking, inbox, plain, service
from app.cases.desk_models import BulkRow, BulkRun
from app.cases.models import Case, WorkItem
from app.cases.plain import Plain
from app.cases.reaching import receives
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import db, table_of
from app.core.errors import Busy, GongkaiError, NotFound, Refused

#: items of one run
MOST = 500
#: of one slice: so many items, and no new one after so many seconds
SLICE, SECONDS = 20, 2.0

c, w = table_of(Case), table_of(WorkItem)
r, row = table_of(BulkRun), table_of(BulkRow)
_chosen = (
    sa.select(w, c.c.version_id, c.c.process_key.label("case_process"), c.c.suspended_at)
    .join(c, c.c.id == w.c.case_id)
    .where(w.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(w.c.due_on, w.c.id)
)
_rows = (
    sa.select(row, c.c.number, c.c.title, w.c.status.label("now"))
    .join(c, c.c.id == row.c.case_id)
    .join(w, w.c.id == row.c.item_id)
    .where(row.c.run_id == sa.bindparam("run"))
    .order_by(row.c.position)
)
_waiting = (
    sa.select(row.c.position, row.c.item_id)
    .where(row.c.run_id == sa.bindparam("run"), row.c.state == "waiting")
    .order_by(row.c.position)
    .limit(SLICE)
)
_note = (
    sa.update(row)
    .where(
        row.c.run_id == sa.bindparam("run"), row.c.position == sa.bindparam("place"), row.c.state == "waiting"
    )
    .values(state=sa.bindparam("how"), problem=sa.bindparam("why"))
)
_left = sa.select(sa.func.count()).where(row.c.run_id == sa.bindparam("run"), row.c.state == "waiting")


@command
def choose(tx: Tx, *, items: Sequence[int], step: str = "") -> dict[str, Any]:
    """Begin a run of these items, or (`step` as `<process>/<step>`) of all that wait there; {run}.

    NotFound: one is not the actor's. Refused: different steps, too many, or a step that asks more than a decision.
    """
    if step:
        found = inbox.page(tx.session, tx.actor, inbox.Asked(step=step), most=MOST).rows
        chosen: Sequence[Mapping[Any, Any]] = [each for each in found if _mine(each, tx.actor)]
    else:
        wanted = list(dict.fromkeys(items))[: MOST + 1]
        chosen = tx.session.execute(_chosen, {"ids": wanted}).mappings().all()
        if len(chosen) != len(wanted) or not all(_mine(each, tx.actor) for each in chosen):
            raise NotFound()
    first = _same_step(chosen)
    run = BulkRun(
        person_id=tx.actor.person_id or 0, process_key=first["process_key"], step=first["step"],
        label=first["label"], state="chosen", decision=None, decision_label=None, opinion=None,
        total=len(chosen), at=tx.now,
    )  # fmt: skip
    tx.session.add(run)
    tx.session.flush()
    tx.session.execute(
        sa.insert(row).inline(),
        [
            {
                "run_id": run.id, "position": place, "item_id": each["id"], "case_id": each["case_id"],
                "state": "waiting", "problem": None,
            }
            for place, each in enumerate(chosen)
        ],
    )  # fmt: skip
    return {"run": run.id}


def _mine(item: Mapping[Any, Any], actor: Actor) -> bool:
    return item["status"] == "open" and receives(item, actor, {"process_key": item["case_process"]})


def _same_step(chosen: Sequence[Mapping[Any, Any]]) -> Mapping[Any, Any]:
    if not chosen:
        raise Refused("请先在待办里勾选要一起办的件。")
    if len(chosen) > MOST:
        raise Refused(f"一次最多批量办理 {MOST} 件。请分几次办。")
    if len({(each["process_key"], each["step"]) for each in chosen}) > 1:
        raise Refused("批量办理只能选同一流程、同一环节的件。请按环节筛选后再选。")
    for version in {each["version_id"] for each in chosen}:
        asks = plain.of_item(chosen[0], version)
        if isinstance(asks, str):
            raise Refused(asks)
    return chosen[0]


def asks(session: Session, run: Mapping[str, Any]) -> Plain:
    """What the step of a run asks for; Refused when a new version of the process asks more."""
    version = session.scalar(
        sa.select(c.c.version_id)
        .join(row, row.c.case_id == c.c.id)
        .where(row.c.run_id == run["id"])
        .order_by(c.c.version_id.desc())
        .limit(1)
    )
    found = plain.of(processes.runtime(version or 0), run["process_key"], run["step"])
    if isinstance(found, str):
        raise Refused(found)
    return found


@command
def begin(tx: Tx, *, run_id: int, decision: str, opinion: str) -> dict[str, Any]:
    """Decide: the same for every item of the run. Refused when the decision is none of the step's, or wants an opinion."""
    run = _run(tx, run_id)
    if run.state != "chosen":
        raise Refused("这一批已经开始办理。")
    option = asks(tx.session, {"id": run.id, "process_key": run.process_key, "step": run.step}).option(
        decision
    )
    if option is None:
        raise Refused("请选择怎么办理。", fields={"decision": "请选择。"})
    opinion = opinion.strip()[:1000]
    if (option.opinion_required or option.opinion_only) and not opinion:
        why = f"选择「{option.label}」须写明意见。"
        raise Refused(why, fields={"opinion": why})
    run.state, run.decision, run.decision_label, run.opinion = "running", decision, option.label, opinion
    return {"run": run.id}


@command
def drop(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """Stop: what is done stays done, the rest stays in the inbox."""
    run = _run(tx, run_id)
    if run.state not in ("chosen", "running"):
        raise Refused("这一批已经办完。")
    run.state = "dropped"
    return {"said": "已停止。没有办的件仍在待办里。"}


def work(actor: Actor, run_id: int) -> dict[str, int]:
    """A slice of a run: {done, failed, left, total}. Each item is a command of its own, the ordinary one."""
    session = db.session()
    run = one(session, actor, run_id)
    if run["state"] == "running":
        begun, results = time.monotonic(), []
        for each in session.execute(_waiting, {"run": run_id}).all():
            try:
                results.append((each.position, *_do(actor, run, each.item_id)))
            except Busy:
                break  # it stays waiting
            if time.monotonic() - begun > SECONDS:
                break
        note(actor, run_id=run_id, results=results)
    return progress(session, run_id, run["total"])


def _do(actor: Actor, run: Mapping[str, Any], item_id: int) -> tuple[str, str | None]:
    """Complete one item as its page would: (done | failed, why not)."""
    said: MultiDict[str, str] = MultiDict({"decision": run["decision"], "opinion": run["opinion"] or ""})

    def fill(item: dict[str, Any], case: dict[str, Any]) -> service.Filled:
        runtime = processes.runtime(case["version_id"])
        asked = asking.ask(db.session(), runtime, item, case, actor)
        form = asking.form_of(asked, formdata=said)
        if asked.joint is not None and not form.validate():
            raise Refused("这件须由您连同下一环节一并签署，请单独办理。")
        if not form.validate():
            raise Refused(
                "；".join(str(text) for field in form for text in field.errors) or "还要填写别的内容。"
            )
        return asking.said_of(asked, form)

    token = str(uuid.uuid5(uuid.NAMESPACE_OID, f"bulk:{run['id']}:{item_id}"))
    try:
        service.submit(actor, item_id=item_id, offline=False, fill=fill, token=token)
    except Busy:
        raise
    except NotFound:
        return "failed", "这件已不在您的待办里。"
    except GongkaiError as error:
        return "failed", error.message[:300]
    return "done", None


@command
def note(tx: Tx, *, run_id: int, results: Sequence[tuple[int, str, str | None]]) -> None:
    """Keep what came of a slice; the run ends with its last item. The acts themselves stand in each case's record."""
    run = _run(tx, run_id)
    if results:
        tx.session.execute(
            _note, [{"run": run_id, "place": place, "how": how, "why": why} for place, how, why in results]
        )
    if run.state == "running" and not tx.session.scalar(_left, {"run": run_id}):
        run.state = "done"


def progress(session: Session, run_id: int, total: int) -> dict[str, int]:
    """How far a run is."""
    query = (
        sa.select(row.c.state, sa.func.count().label("n")).where(row.c.run_id == run_id).group_by(row.c.state)
    )
    states = {each.state: int(each.n) for each in session.execute(query)}
    return {
        "done": states.get("done", 0), "failed": states.get("failed", 0), "left": states.get("waiting", 0), "total": total,
    }  # fmt: skip


def one(session: Session, actor: Actor, run_id: int) -> dict[str, Any]:
    """A run of this person; else NotFound."""
    found = session.execute(
        sa.select(r).where(r.c.id == run_id, r.c.person_id == (actor.person_id or 0))
    ).mappings().first()  # fmt: skip
    if found is None:
        raise NotFound()
    return dict(found)


def rows(session: Session, run_id: int) -> list[dict[str, Any]]:
    """Every item of a run with its case."""
    return [dict(each) for each in session.execute(_rows, {"run": run_id}).mappings()]


def _run(tx: Tx, run_id: int) -> BulkRun:
    query = sa.select(BulkRun).where(BulkRun.id == run_id, BulkRun.person_id == tx.actor.person_id)
    found = tx.session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound()
    return found
