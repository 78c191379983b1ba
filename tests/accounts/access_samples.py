"""Objects of this room for the access tests."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts import importing, signing
from app.accounts.models import SignIn
from app.core.db import db
from tests.access.samples import Sample
from tests.support.organs import PASSWORD, City


def samples(city: City) -> dict[str, Sample]:
    """The housing bureau's objects: its unit administrator finds them, the county's does not."""
    person = Sample({"person_id": city.people["fang"]}, insider="cheng", outsider="shui")
    post = city.post("housing", "drafter", "住房保障科")
    signing.sign_in("fang", PASSWORD, address="127.0.0.1")
    sign_in = db.session.scalar(sa.select(sa.func.max(SignIn.id)))
    uploaded = importing.keep_list(city.actor("cheng"), file_name="名单.xlsx", rows=[])
    return {
        "accounts.person": person,
        "accounts.person_edit": person,
        "accounts.person_close": person,
        "accounts.person_open": person,
        "accounts.grant": person,
        "accounts.revoke": Sample({"person_id": city.people["fang"], "post_id": post}, "cheng", "shui"),
        "accounts.post_edit": Sample({"post_id": post}, "cheng", "shui"),
        "accounts.organ": Sample({"organ_id": city.organs["housing"]}, "cheng", "shui"),
        "accounts.unit_new": Sample({"organ_id": city.organs["housing"]}, "cheng", "shui"),
        "accounts.unit_edit": Sample({"unit_id": city.units["housing", "住房保障科"]}, "cheng", "shui"),
        "accounts.end_sign_in": Sample({"sign_in_id": sign_in}, "fang", "gu"),
        "accounts.people_import_check": Sample({"import_id": uploaded["id"]}, "cheng", "shui"),
    }
