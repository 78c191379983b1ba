"""Objects of this room for the access tests: a request of 市府办; the county's people have nothing to do with it."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from app.cases import higher
from app.cases.models import WorkItem
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.now import today
from app.requests import applicants, extending, fixing, intake
from app.requests.models import Appeal, Consultation, Delivery, Handoff, RecordFix, Request
from tests.access.samples import Sample
from tests.support.organs import City

SAID = applicants.Said("person", "何问渠", "id_card", "990101198001010014", "19900000101", "云汀市清河路1号")
#: pages of one request
PAGES = "fixes show clock matters extension withdraw consultations deliveries applicant inside case_file case_archive evidence"


def samples(city: City) -> dict[str, Sample]:
    """白受之 takes in at 市府办; 水双挑 and 米一肩 do the same at the county."""
    begun = intake.register(
        city.actor("bai"),
        said=SAID,
        application=intake.Application(city.organs["office"], "政府债务情况", "counter", today()),
        token="c" * 32,
    )
    request = {"request_id": begun["request"]}
    ids = _rows(SYSTEM, begun["request"], city)
    extending.ask(city.actor("bai"), request_id=begun["request"], days=5, reason="数量多", token="d" * 32)
    found = {f"requests.{name}": Sample(request, "bai", "shui") for name in PAGES.split()}
    taken = intake.take_in(
        city.actor("bai"),
        arrival=intake.Arrival("undetermined", "ordinary", today(), "不详", "一封信"),
        token="e" * 32,
    )
    party, delivery = {"consultation_id": ids["party"]}, {"delivery_id": ids["delivery"]}
    appeal = Sample({"appeal_id": ids["appeal"]}, "jiang", "mi")
    return found | {
        "requests.evidence_file": Sample(request | {"suffix": "pdf"}, "bai", "shui"),
        "requests.print_paper": Sample(request | {"paper": "registration"}, "bai", "shui"),
        "requests.incoming_show": Sample({"incoming_id": taken["incoming"]}, "bai", "shui"),
        "requests.case_bound": Sample(request, "bai", "shui"),
        "requests.receipt": Sample(request, "bai", "shui"),
        "requests.split": Sample(request, "bai", "shui"),
        "requests.letter_now": Sample({"item_id": _item(begun["case"], "examine")}, "bai", "shui"),
        "requests.extension_item": Sample({"item_id": _item(begun["case"], "extension")}, "jiang", "mi"),
        "requests.consultation": Sample(party, "bai", "shui"),
        "requests.consultation_delivered": Sample(party, "bai", "shui"),
        "requests.consultation_unreached": Sample(party, "bai", "shui"),
        "requests.consultation_opinion": Sample(party, "bai", "shui"),
        "requests.consultation_inform": Sample(party, "bai", "shui"),
        "requests.consultation_remove": Sample(party, "bai", "shui"),
        "requests.delivery_signed": Sample(delivery, "bai", "shui"),
        "requests.delivery_bounced": Sample(delivery, "bai", "shui"),
        "requests.urge": Sample({"handoff_id": ids["handoff"]}, "bai", "shui"),
        "requests.evaluation": Sample(request, "jiang", "mi"),
        "requests.fix_item": Sample({"item_id": ids["fix"]}, "jiang", "mi"),
        "requests.suggestion": Sample(request, "bai", "shui"),
        "requests.suggestion_told": Sample(request, "bai", "shui"),
        "requests.appeal_item": Sample({"item_id": ids["item"]}, "jiang", "mi"),
        "requests.appeal": appeal,
        "requests.appeal_answer": appeal,
        "requests.appeal_result": appeal,
        "requests.appeal_redo": appeal,
    }


def _item(case: int, step: str) -> int:
    query = sa.select(WorkItem.id).where(WorkItem.case_id == case, WorkItem.step == step)
    return int(db.session().scalars(query).one())


@command
def _rows(tx: Tx, request_id: int, city: City) -> dict[str, Any]:
    """What hangs on a request, as rows."""
    unit = city.units["office", "综合一科"]
    rows = {
        "party": Consultation(
            request_id=request_id, kind="third", party="清河建筑公司", content="报价", state="sent",
            sent_on=today(), at=tx.now,
        ),
        "delivery": Delivery(
            request_id=request_id, letter="答复书", to="何问渠", attempt=1, method="postal", sent_on=today(), at=tx.now
        ),
        "handoff": Handoff(request_id=request_id, unit_id=unit, round=1, status="open", answer={}, sent_at=tx.now),
        "appeal": Appeal(
            organ_id=city.organs["office"], subject_id=city.organs["office"], from_organ_id=city.organs["office"],
            request_id=request_id, party="何问渠", kind="litigation", track="direct",
            case_no="（2026）行初1号", body="云汀市中级人民法院", copy_on=date(2026, 11, 12), result="pending", at=tx.now,
        ),
    }  # fmt: skip
    tx.session.add_all(rows.values())
    tx.session.flush()
    found = {name: row.id for name, row in rows.items()}
    found["item"] = rows["appeal"].item_id = 7000
    case = higher.lock(tx, tx.session.get_one(Request, request_id).case_id)
    found["fix"], _ = higher.open_item(
        tx, case, higher.SubItem(fixing.ASKED, "更正答复审批", "work", "disclosure_head")
    )
    said = {
        "record_name": "登记表",
        "evidence": "证书",
        "finding": "fixed",
        "result": "更正",
        "asked_on": today(),
    }
    tx.session.add(RecordFix(request_id=request_id, item_id=found["fix"], state="asked", at=tx.now, **said))
    return found
