"""Objects of this room for the access tests: a case of the bureau, at its drafter; the county has nothing to do with it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app import processes
from app.accounts import deputies
from app.cases import filters, phrases, service
from app.cases.desk_models import BulkRow, BulkRun
from app.cases.inbox import Asked
from app.cases.models import WorkItem
from app.cases.operations.consult import consult
from app.cases.operations.copy import copy
from app.cases.service import handing
from app.cases.sub_models import CaseCopy
from app.cases.submitted import Submitted
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.now import today
from tests.access.samples import Sample
from tests.support.organs import City
from tests.support.ready import settle

ITEM = ("work", "send", "upload", "preview_step", "draft", "claim", "put_back")


def samples(city: City) -> dict[str, Sample]:
    """房建业 drafts at the bureau; 水双挑 drafts and administers at the county."""
    settle()
    begun = _begin(city, "a" * 32)
    case, item = {"case_id": begun["case"]}, {"item_id": begun["item"]}
    key = processes.active("disclosure_attribute").key
    found = {f"cases.{name}": Sample(item, "fang", "shui") for name in ITEM} | _arrangements(city)
    filters.keep(city.actor("fang"), name="待签发", asked=Asked(desk="sign"))
    kept = filters.kept(db.session(), city.people["fang"]).filters[0]["id"]
    phrases.keep(city.actor("fang"), text="同意。")
    phrase = phrases.of(db.session(), city.people["fang"])[0]["id"]
    run = _run(city)
    return found | {
        **{
            f"cases.{name}": Sample({"run_id": run}, "fang", "shui")
            for name in ("bulk_run", "bulk_slice", "bulk_stop")
        },
        "cases.arrange_phrase": Sample({"phrase_id": phrase}, "fang", "shui"),
        "cases.drop_filter": Sample({"filter_id": kept}, "fang", "shui"),
        "cases.operate_item": Sample(item | {"key": "transfer"}, "fang", "shui"),
        "cases.operate_case": Sample(case | {"key": "copy"}, "fang", "shui"),
        "cases.sub_item": Sample(_asked(city, begun["item"]), "gu", "shui", {"decision": "answer"}),
        "cases.copy": Sample(_copied(city, begun["case"]), "gu", "shui"),
        "cases.case": Sample(case, "fang", "shui"),
        "cases.history": Sample(case, "fang", "shui"),
        "cases.history_file": Sample(case, "fang", "shui"),
        "cases.diagram": Sample(case | {"key": key}, "fang", "shui"),
        "cases.sheet": Sample(case | {"kind": "approval"}, "fang", "shui"),
        "cases.reveal": Sample(case, "fang", "shui", {"field": "contact_phone"}),
        "cases.redirect_item": Sample(_stuck(city), "cheng", "shui", {"reason": "改派"}),
    }


def _begin(city: City, token: str) -> dict[str, Any]:
    """A case of 房建业, waiting at himself."""
    answers = {"entry": "document", "kind": "first", "title": "关于通知的通知"}
    facts = {"entry": "document", "kind": "first"}
    begun: dict[str, Any] = service.start(
        city.actor("fang"),
        process="disclosure_attribute",
        submitted=Submitted(answers, facts),
        title=answers["title"],
        token=token,
    )
    return begun


def _asked(city: City, item: int) -> dict[str, Any]:
    """房建业 asks 谷监筑."""
    consult(city.actor("fang"), item_id=item, to=[city.people["gu"]], question="怎么看？", due_on=today())
    sub = db.session().scalar(sa.select(sa.func.max(WorkItem.id)).where(WorkItem.round_id.is_not(None)))
    db.session().commit()
    return {"item_id": sub}


def _arrangements(city: City) -> dict[str, Sample]:
    """房建业 of the bureau names a deputy, is away and hands over; the county's administrator has no say in it."""
    day = now.today()
    fang, gu = city.people["fang"], city.people["gu"]
    wanted = deputies.Wanted(fang, gu, "standing", day, None)
    deputy = deputies.appoint(city.actor("fang"), wanted=wanted)["id"]
    away = deputies.mark_away(city.actor("fang"), person_id=fang, kind="leave", from_on=day, until_on=day)[
        "id"
    ]
    deputies.appoint(
        city.actor("cheng"), wanted=deputies.Wanted(city.people["li"], gu, "standing", day, None)
    )
    sheet = handing.hand_over(
        city.actor("cheng"), person_id=city.people["li"], plan=handing.Plan(gu), until_on=None, reason=""
    )["id"]
    person = Sample({"person_id": fang}, "fang", "shui")
    return {
        **{f"cases.{name}": person for name in ("deputy_new", "away_new", "hand_over")},
        "cases.deputy_end": Sample({"deputy_id": deputy}, "fang", "shui"),
        "cases.absence_end": Sample({"absence_id": away}, "fang", "shui"),
        "cases.handover_sheet": Sample({"handover_id": sheet}, "cheng", "shui"),
    }


def _copied(city: City, case: int) -> dict[str, Any]:
    """房建业 lets 谷监筑 know."""
    copy(city.actor("fang"), case_id=case, to=[city.people["gu"]])
    made = db.session().scalar(sa.select(sa.func.max(CaseCopy.id)))
    db.session().commit()
    return {"copy_id": made}


def _stuck(city: City) -> dict[str, Any]:
    """Another one, which reaches nobody: only such a step may be redirected."""
    item = _begin(city, "b" * 32)["item"]
    incident = "「拟稿」现在没有人"
    db.session().execute(sa.update(WorkItem).where(WorkItem.id == item).values(incident=incident))
    db.session().commit()
    return {"item_id": item}


@command
def _run_of(tx: Tx, person: int, case: int, item: int) -> int:
    run = BulkRun(
        person_id=person, process_key="disclosure_attribute", step="head_review", label="科长审核", state="running",
        decision="agree", decision_label="同意", opinion="", total=1, at=tx.now,
    )  # fmt: skip
    tx.session.add(run)
    tx.session.flush()
    tx.session.add(
        BulkRow(run_id=run.id, position=0, item_id=item, case_id=case, state="waiting", problem=None)
    )
    return run.id


def _run(city: City) -> int:
    """A run of 批量办理 of 房建业."""
    begun = _begin(city, "0" * 32)
    found: int = _run_of(SYSTEM, city.people["fang"], begun["case"], begun["item"])
    return found
