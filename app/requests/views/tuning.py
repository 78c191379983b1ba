"""依申请公开设置."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.core.attempt import tried
from app.core.errors import GongkaiError
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.requests import queries, tuning
from app.requests.receiving import NUMBER
from app.requests.views import bp
from workflows.law import replies


@bp.route("/requests/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Who reviews and signs which outcome, what the law leaves open, how numbers are written."""
    person = me()
    organ_id = person.organ_id or 0
    error: GongkaiError | None = None
    if request.method == "POST":
        done, error = tried(lambda: _keep(organ_id))
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.settings"), 303)
    return (
        render_template(
            "requests/settings.html",
            road=_road(organ_id),
            law=_law(organ_id),
            subjects=_subjects(organ_id),
            signers=tuning.SIGNERS,
            number_by=tuning.NUMBER_BY,
            error=error,
            token=fresh_token(),
        ),  # fmt: skip
        422 if error else 200,
    )


def _keep(organ_id: int) -> dict[str, Any]:
    said, token = request.form, token_of(request.form)
    if said.get("subject"):
        number = said.get("subject", type=int) or 0
        result: dict[str, Any] = tuning.keep_numbers(
            me(), organ_id=organ_id, subject_id=number, rule=said.get(f"rule_{number}", ""),
            by=said.get(f"by_{number}", ""), token=token,
        )  # fmt: skip
        return result
    road = {
        code: {
            "secrecy": said.get(f"secrecy_{code}"),
            "legal": said.get(f"legal_{code}"),
            "signer": said.get(f"signer_{code}"),
        }
        for code in replies.REPLIES
    }
    law = {key.removeprefix("law_"): value for key, value in said.items() if key.startswith("law_")}
    result = tuning.keep(me(), organ_id=organ_id, road=road, law=law, token=token)
    return result


def _road(organ_id: int) -> list[dict[str, Any]]:
    """The table, with what was just typed in it."""
    rows = tuning.road_of(organ_id)
    if request.method == "POST" and not request.form.get("subject"):
        for row in rows:
            code = row["code"]
            row["secrecy"], row["legal"] = f"secrecy_{code}" in request.form, f"legal_{code}" in request.form
            row["signer"] = request.form.get(f"signer_{code}", row["signer"])
    return rows


def _law(organ_id: int) -> list[dict[str, Any]]:
    rows = tuning.law_of(organ_id)
    for row in rows:
        value = row["value"]
        row["text"] = "、".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if request.method == "POST" and not request.form.get("subject"):
            row["text"] = request.form.get(f"law_{row['key']}", "")
            row["value"] = row["text"] == "y" if row["kind"] == "bool" else row["value"]
    return rows


def _subjects(organ_id: int) -> list[dict[str, Any]]:
    people = directory()
    return [
        {
            "id": number,
            "name": name,
            "rule": request.form.get(f"rule_{number}")
            or people.organ(number).settings.get("foi_number")
            or NUMBER,
            "by": people.organ(number).settings.get("reply_numbers") or "system",
        }
        for number, name in queries.subjects_of(organ_id)
    ]
