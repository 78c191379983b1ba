"""提交复核: what is still to be mended or was not tried stands there before a draft goes to its reviewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.cases import registry
from app.core import tokens
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Sayable
from app.core.pages import me
from app.processes import guarded
from app.processes import queries as processes
from app.processes.models import Process
from app.processes.packages import unpack
from app.processes.scenarios import Report
from app.studio import findings, queries, trying
from app.studio.entry_forms import ReleaseForm
from app.studio.service import releasing
from app.studio.service.releasing import PROCESS, Submission
from app.studio.views.base import bp


@bp.get("/drafts/<int:draft_id>/submit")
def submit(draft_id: int) -> ResponseReturnValue:
    """提交复核: findings, scenarios, what no scenario walks; then why, and to whom."""
    return _submit_page(draft_id, _form(_authors_of(draft_id)))


def _submit_page(draft_id: int, form: ReleaseForm, problems: Sequence[str] = ()) -> str:
    session = db.session()
    draft = queries.draft(session, draft_id)
    texts = queries.texts(session, draft_id)
    found = findings.told(findings.of_texts(session, texts))
    errors = [each for each in found if each["severity"] == "error"]
    report = trying.report(session, texts) if not errors else None
    form.seen.data = releasing.digest(texts)
    return render_template(
        "studio/submit.html",
        draft=draft,
        form=form,
        problems=problems,
        findings=found,
        errors=errors,
        report=report,
        untested=_untested(report),
        token=tokens.fresh_token(),
        back=url_for("studio.draft", draft_id=draft_id),
        title=draft.name,
    )


def _untested(report: Report | None) -> list[str]:
    return list(trying.untested(report)) if report else []


@bp.post("/drafts/<int:draft_id>/submit")
def send(draft_id: int) -> ResponseReturnValue:
    """Make a version of the draft and begin the case of its activation."""
    form = _form(_authors_of(draft_id))
    if not form.validate():
        return _submit_page(draft_id, form), 422
    session = db.session()
    texts = queries.texts(session, draft_id)
    found = findings.of_texts(session, texts)
    if any(each.severity == "error" for each in found):
        return _submit_page(draft_id, form, ["还有必须改正的问题，见下面的检查结果。"]), 422
    said = _said(form, _untested(trying.report(session, texts)))
    try:
        done = releasing.submit(
            me(), draft_id=draft_id, seen=str(form.seen.data), said=said, token=tokens.token_of(request.form)
        )
    except Sayable as error:
        return _submit_page(draft_id, form, [error.message]), error.status
    flash(done["said"], "success")
    return redirect(url_for("cases.case", case_id=done["case"]), 303)


@bp.get("/versions/<int:version_id>/release")
def release(version_id: int) -> ResponseReturnValue:
    """提交启用 of a version that waits, or 恢复 of an earlier one."""
    return _release_page(version_id, _form([]))


def _release_page(version_id: int, form: ReleaseForm, problems: Sequence[str] = ()) -> str:
    version = processes.version(db.session(), version_id)
    found = guarded.of_version(version)
    return render_template(
        "studio/release.html",
        version=version,
        name=unpack(version.content).meta.name,
        form=form,
        problems=problems,
        findings=found,
        errors=[each for each in found if each.severity == "error"],
        token=tokens.fresh_token(),
        back=url_for("processes.version", version_id=version_id),
    )


@bp.post("/versions/<int:version_id>/release")
def bring(version_id: int) -> ResponseReturnValue:
    """Begin the case of the activation of a version that stands already."""
    form = _form([])
    if not form.validate():
        return _release_page(version_id, form), 422
    try:
        done = releasing.bring(
            me(), version_id=version_id, said=_said(form, ()), token=tokens.token_of(request.form)
        )
    except Sayable as error:
        return _release_page(version_id, form, [error.message]), error.status
    flash(done["said"], "success")
    return redirect(url_for("cases.case", case_id=done["case"]), 303)


def _said(form: ReleaseForm, untested: Sequence[str]) -> Submission:
    return Submission(
        note=str(form.note.data or ""),
        organ=str(form.organ.data or ""),
        untested=untested,
        reason=str(form.reason.data or ""),
    )


def _authors_of(draft_id: int) -> list[int]:
    draft = queries.draft(db.session(), draft_id)
    return [draft.made_by, *queries.hands(db.session(), draft_id)]


def _form(authors: Sequence[int]) -> ReleaseForm:
    """The form with the organs whose 流程管理员 may review what these people made; one's own, or the only one, chosen."""
    people, person = directory(), me()
    able = releasing.reviewers(people, [*authors, person.person_id or 0])
    form = ReleaseForm()
    form.organ.choices = [
        (code, f"{people.organ_by_code(code).name}（{'、'.join(each.name for each in holders)}）")  # type: ignore[union-attr]
        for code, holders in able.items()
    ]
    own = people.organ(person.organ_id or 0).code
    if not form.organ.data and (own in able or len(able) == 1):
        form.organ.data = own if own in able else next(iter(able))
    return form


def beside(
    session: Session, person: Actor, case: Mapping[str, Any], item: Mapping[str, Any] | None
) -> Sequence[tuple[str, Markup]]:
    """On the pages of the case: the version that is to be activated, with its checks and its differences."""
    if case["process_key"] != PROCESS:
        return ()
    version = processes.version(session, int(case["data"]["version_id"]))
    active = session.get_one(Process, version.process_key).active_id
    panel = render_template(
        "studio/_reviewed.html",
        version=version,
        findings=guarded.of_version(version) if item else (),
        asked=item is not None,
        compare_url=_compare_url(active, version.id),
    )
    return (("before", Markup(panel)),)


def _compare_url(active: int | None, version_id: int) -> str | None:
    if active is None or active == version_id or "studio.compare" not in current_app.view_functions:
        return None
    return f"{url_for('studio.compare')}?from={active}&to={version_id}"


registry.PANELS.append(beside)
