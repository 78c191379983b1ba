"""拆分: one matter of an application becomes an application of its own, which gains no time by it."""

from __future__ import annotations

from datetime import date

from app.core.db import db
from app.core.record import Record
from app.requests.deciding import matters_of
from app.requests.models import Request
from tests.requests.driving import Office
from tests.support.driving import errors_in


def two_matters(office: Office, **registered: str) -> tuple[int, list[int]]:
    """A request received a week ago, with two matters; its case and the matters."""
    case = office.register(content="专家评审意见和与会人员名单", arrived_on="2026-11-16", **registered)
    office.examined(case)
    office.searched(case)
    number = office.request(case).id
    (matter,) = matters_of(db.session(), number)
    said = {
        "count": 2,
        "id_1": matter.id,
        "text_1": "专家评审意见",
        "text_2": "与会人员名单",
        "split_reason": "两项信息",
    }
    done = office.post("bai", f"/requests/{number}/matters", **said)
    assert done.status_code == 303, errors_in(done)
    return case, [each.id for each in matters_of(db.session(), number)]


def test_a_matter_becomes_an_application_of_its_own_and_the_choice_is_recorded(
    any_db: str, office: Office
) -> None:
    case, (_first, second) = two_matters(office)
    first = office.request(case)
    path = f"/requests/{first.id}/split"
    page = office.sit("bai").get(f"/requests/{first.id}/matters").text
    assert "拆分为另一件申请" in page and "与会人员名单" in page
    silent = office.post("bai", path, apart=second, apart_reason=" ")
    assert silent.status_code == 422 and "请写明理由" in silent.text
    done = office.post("bai", path, apart=second, apart_reason="两项由不同科室办理，办理时间不同")
    assert done.status_code == 303, errors_in(done)
    apart = db.session().query(Request).filter_by(earlier_id=first.id).one()
    assert apart.number and apart.number != first.number
    assert (apart.received_on, apart.due_on, apart.counts) == (date(2026, 11, 16), first.due_on, True)
    assert (apart.content, apart.applicant_id) == ("与会人员名单", first.applicant_id)
    assert [m.text for m in matters_of(db.session(), first.id)] == ["专家评审意见"]
    kept = db.session().query(Record).filter_by(action="request.split").all()
    assert len(kept) == 2 and all("不同科室" in str(each.body) for each in kept)
    assert "从本件拆分" in office.sit("bai").get(f"/cases/{case}").text
    office.examined(apart.case_id)
    office.decided(case, "R1", fact_1__published_where="市政府网站")


def test_the_only_matter_and_a_draft_that_is_out_for_review_stay_together(office: Office) -> None:
    case, (first, second) = two_matters(office)
    number = office.request(case).id
    said = {
        "count": 2, "id_1": first, "text_1": "专家评审意见", "outcome_1": "R1", "fact_1__published_where": "市政府网站",
        "id_2": second, "text_2": "与会人员名单", "outcome_2": "R1", "fact_2__published_where": "市政府网站",
    }  # fmt: skip
    assert office.post("bai", f"/requests/{number}/matters", **said).status_code == 303
    office.drafted(case)
    late = office.post("bai", f"/requests/{number}/split", apart=second, apart_reason="分开办理")
    assert late.status_code == 422 and "已经送审" in late.text
    other = office.register(content="另一件", name="柳三问", id_no="", phone="19900000103")
    office.examined(other)
    office.searched(other)
    alone = office.request(other).id
    (only,) = matters_of(db.session(), alone)
    refused = office.post("bai", f"/requests/{alone}/split", apart=only.id, apart_reason="分开办理")
    assert refused.status_code == 422 and "只有一项申请事项" in refused.text


def test_after_a_correction_the_new_application_counts_from_the_correction(office: Office) -> None:
    from tests.requests.test_turns import unclear

    case = unclear(office, arrived_on="2026-11-20")
    office.act(
        "bai", case, "correction_wait", received_on="2026-11-23", received_channel="counter",
        correction_note="望汀苑项目和清河路项目", decision="received",
    )  # fmt: skip
    number = office.request(case).id
    (matter,) = matters_of(db.session(), number)
    said = {
        "count": 2,
        "id_1": matter.id,
        "text_1": "望汀苑项目",
        "text_2": "清河路项目",
        "split_reason": "两个项目",
    }
    assert office.post("bai", f"/requests/{number}/matters", **said).status_code == 303
    second = matters_of(db.session(), number)[1].id
    done = office.post("bai", f"/requests/{number}/split", apart=second, apart_reason="两个项目分别办理")
    assert done.status_code == 303, errors_in(done)
    apart = db.session().query(Request).filter_by(earlier_id=number).one()
    assert (apart.received_on, apart.due_on) == (date(2026, 11, 23), office.request(case).due_on)


def test_what_was_taken_back_is_not_split(office: Office) -> None:
    case, (_first, second) = two_matters(office)
    number = office.request(case).id
    done = office.post("bai", f"/requests/{number}/withdraw", on="2026-11-23", how="书面撤回，见附件")
    assert done.status_code == 303, errors_in(done)
    refused = office.post("bai", f"/requests/{number}/split", apart=second, apart_reason="分开办理")
    assert refused.status_code == 422 and "已经撤回" in refused.text
