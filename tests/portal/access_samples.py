"""Objects of this room for the access tests."""

from __future__ import annotations

from app.portal import importing, service
from app.portal.platform import Row
from tests.access.samples import Sample
from tests.support.organs import City


def samples(city: City) -> dict[str, Sample]:
    """A table the office uploaded and a key it gave: the county's people find neither."""
    table = importing.upload(city.actor("bai"), name="平台.xlsx", rows=[Row(2, {"platform_no": "P-1"})])
    key = service.add_partner(city.actor("jiang"), organ_id=city.organs["office"], name="市平台")
    imported = Sample({"import_id": table["id"]}, insider="bai", outsider="shui")
    return {
        "portal.import_show": imported,
        "portal.import_confirm": imported,
        "portal.import_drop": imported,
        "portal.partner_end": Sample({"partner_id": key["id"]}, insider="jiang", outsider="mi"),
    }
