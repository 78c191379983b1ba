"""One step: read it, fill it in, send it on; claim, put back; drafts, uploads, preview."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage, MultiDict

from app import processes
from app.accounts.directory import directory
from app.cases import asking, concealing, higher, offering, preview, queries, service, showing
from app.cases.reaching import behalf, may_enter_offline, near, owns, receives
from app.cases.registry import SUB_PAGES
from app.cases.views import bp
from app.core.db import db
from app.core.errors import GongkaiError, NotFound, Sayable
from app.core.now import now
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.documents import uploads
from app.documents.service import is_secret
from forms.conditions import for_browser


def _reachable(item_id: int, offline: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """The item, if it is this person's to do (or to enter what was signed outside); else NotFound."""
    item, case = queries.item(db.session(), item_id)
    person = me()
    mine = near(item, person, case) or receives(item, person, case) or item_id in person.handed
    if not (mine or may_enter_offline(item, case, person) or item["done_by"] == person.person_id):
        raise NotFound()
    if offline and not may_enter_offline(item, case, person):
        raise NotFound()
    return item, case


@bp.get("/work/<int:item_id>")
def work(item_id: int) -> ResponseReturnValue:
    """The step's page: what it is, where it stands, by when, what to do now."""
    offline = request.args.get("offline") == "1"
    item, case = _reachable(item_id, offline)
    if item["kind"] in SUB_PAGES and item["status"] == "open":
        return redirect(url_for(SUB_PAGES[item["kind"]], item_id=item_id))
    if item["status"] != "open":
        return redirect(url_for("cases.case", case_id=case["id"]))
    person = me()
    if not offline and not receives(item, person, case) and not near(item, person, case):
        return redirect(url_for("cases.case", case_id=case["id"]))
    session = db.session()
    if item["seen_at"] is None and receives(item, person, case):
        service.mark_seen(person, item_id=item_id)
    asked = asking.ask(session, processes.runtime(case["version_id"]), item, case, person, offline=offline)
    draft = None if offline else queries.draft(session, item_id, person.person_id)
    before = asking.undone_answers(session, asked, item, case, person)
    saved = asking.returned_answers(asked, case) | before | (draft.data if draft else {})
    form = asking.form_of(asked, saved=saved)
    return _page(item, case, asked, form, offline, draft_at=draft.saved_at if draft else None)


@bp.post("/work/<int:item_id>")
def send(item_id: int) -> ResponseReturnValue:
    """Complete the step. Files that come with the form are kept first, so that nothing is lost when it has errors."""
    offline = request.form.get("offline") == "1"
    person = me()
    formdata, problems = _formdata(item_id, offline)
    shown: dict[str, Any] = {}

    def fill(item: dict[str, Any], case: dict[str, Any]) -> service.Filled:
        asked = asking.ask(
            db.session(), processes.runtime(case["version_id"]), item, case, person, offline=offline
        )
        form = asking.form_of(asked, formdata=formdata)
        shown.update(item=item, case=case, asked=asked, form=form)
        if not form.validate() or problems:
            raise service.Incomplete
        return asking.said_of(asked, form)

    try:
        result = service.submit(
            person, item_id=item_id, offline=offline, fill=fill, token=token_of(request.form)
        )
    except service.Incomplete:
        return _page(**shown, offline=offline, problems=problems), 422
    except Sayable as error:
        return _refused(item_id, offline, formdata, shown, error)
    flash(result["said"], "success")
    if request.form.get("next") == "inbox":  # done from the list: back to it
        return redirect(url_for("cases.inbox"), 303)
    return redirect(url_for("cases.case", case_id=result["case"]), 303)


def _formdata(item_id: int, offline: bool) -> tuple[MultiDict[str, Any], list[str]]:
    """What was sent, with the ids of files that came along (without script the browser sends them so)."""
    if not any(upload.filename for upload in request.files.values()):
        return request.form, []
    item, case = _reachable(item_id, offline)
    return asking.with_uploads(
        request.form, request.files, lambda key, upload: _keep(item, case, key, upload)
    )


def _refused(
    item_id: int, offline: bool, formdata: Any, shown: dict[str, Any], error: GongkaiError
) -> ResponseReturnValue:
    """The step's page again with the refusal on top and everything that was typed."""
    if not shown:
        item, case = _reachable(item_id, offline)
        asked = asking.ask(
            db.session(), processes.runtime(case["version_id"]), item, case, me(), offline=offline
        )
        shown.update(item=item, case=case, asked=asked, form=asking.form_of(asked, formdata=formdata))
    return _page(**shown, offline=offline, problems=[error.message]), error.status


def _keep(item: dict[str, Any], case: dict[str, Any], key: str, upload: FileStorage) -> dict[str, Any]:
    if item["status"] != "open":
        raise NotFound()
    return uploads.add_to_case(
        me(),
        stream=upload.stream,
        name=upload.filename or "",
        case_id=case["id"],
        item_id=item["id"],
        field=key,
        part="paper" if key.startswith("offline_") else "document",
        document_id=case["document_id"],
        secret=is_secret(case["data"]),
    )


@bp.post("/work/<int:item_id>/files")
def upload(item_id: int) -> ResponseReturnValue:
    """Upload one file ahead of the step: JSON {id, name, size} for the page's script."""
    item, case = _reachable(item_id, False)
    file = request.files.get("file")
    if file is None or not file.filename:
        return {"message": "请选择文件。"}, 422
    try:
        return _keep(item, case, request.form.get("field", "files")[:40], file)
    except GongkaiError as error:
        return {"message": error.message}, error.status


def _page(
    item: dict[str, Any],
    case: dict[str, Any],
    asked: asking.Asked,
    form: Any,
    offline: bool,
    *,
    problems: list[str] | None = None,
    draft_at: Any = None,
) -> str:
    session, people = db.session(), directory()
    person = me()
    trail = queries.history(session, case["id"])
    info = asked.runtime.spec.steps[(item["process_key"], item["step"])]
    hidden = concealing.hidden_from(session, case, person, trail)
    case = concealing.without(case, hidden)
    about = higher.about(session, person, case, item)
    return render_template(
        "cases/work.html",
        item=item,
        case=case,
        form=form,
        asked=asked,
        info=info,
        offline=offline,
        problems=problems or [],
        draft_at=draft_at,
        token=fresh_token(),
        conditions=for_browser(asked.definition, form.names),
        trail=higher.trail(session, case, showing.trail(trail, people)),
        facts=[*about.facts, *showing.case_facts(case, people, instead=about.instead)],
        panels=about.panels,
        returned=showing.returned(trail, item),
        said=showing.answers_by_step(session, case, asked.runtime, asked.around, hidden),
        due=showing.due_words(item["due_on"], showing.today()),
        absent=None if owns(item, person) else behalf(item, person, case),
        may_put_back=item["holder_id"] is not None
        and item["post_id"] is not None
        and receives(item, person, case),
        must_claim=item["holder_id"] is None and len(people.holders(item["post_id"] or 0)) > 1,
        taken_by=people.name_of(item["holder_id"])
        if item["holder_id"] is not None and not receives(item, person, case)
        else None,
        buttons=offering.buttons(offering.standing(person, case, trail, now(), item)),
        may_offline=info.settings.get("offline") == "true" and not offline,
        submit_url=url_for("cases.send", item_id=item["id"]),
    )


@bp.post("/work/<int:item_id>/preview")
def preview_step(item_id: int) -> ResponseReturnValue:
    """Where the case would go with these answers: asked before the confirmation opens; changes nothing.

    422 for a form with errors: nothing is confirmed, the page sends it and it comes back with them.
    """
    item, case = _reachable(item_id, request.form.get("offline") == "1")
    told = preview.foresee(db.session(), item, case, me(), request.form)
    return told if told is not None else ({"message": "还有内容没有填好。"}, 422)


@bp.post("/work/<int:item_id>/draft")
def draft(item_id: int) -> ResponseReturnValue:
    """Keep what was typed so far; answers {saved_at}."""
    item, case = _reachable(item_id, False)
    asked = asking.ask(db.session(), processes.runtime(case["version_id"]), item, case, me())
    form = asking.form_of(asked, formdata=request.form)
    answers = {
        key: value for key, value in form.answers().items() if key not in asked.definition.personal_keys
    }
    answers.pop("decision", None)
    return service.keep_draft(me(), item_id=item_id, data=answers)


@bp.post("/work/<int:item_id>/claim")
def claim(item_id: int) -> ResponseReturnValue:
    """认领."""
    service.claim(me(), item_id=item_id)
    flash("已认领，请办理。不办时可以放回。", "success")
    return redirect(url_for("cases.work", item_id=item_id), 303)


@bp.post("/work/<int:item_id>/put-back")
def put_back(item_id: int) -> ResponseReturnValue:
    """放回."""
    result = service.put_back(me(), item_id=item_id)
    flash(result["said"], "success")
    return redirect(url_for("cases.inbox"), 303)
