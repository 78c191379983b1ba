"""Who enters the pages of requests. Rows are always those of one's own organ; acts are authorised again on the locked row."""

from __future__ import annotations

from app.core.access import BUSINESS, Table, cell
from app.requests.intake import INTAKE
from app.requests.reaching import HANDLERS

_HANDLERS = tuple(sorted(HANDLERS))
_SEE = cell(BUSINESS, relation="organ", note="本机关的申请")
_ACT = cell(*_HANDLERS, relation="organ", note="本机关受理登记、工作机构、法制、送达、归档岗位")
_INTAKE = cell(*INTAKE, relation="organ", note="受理登记岗、政府信息公开工作机构")
_TAKE = cell(*_HANDLERS, "statistician", "supervisor", relation="organ", note="导出留痕")

ROUTES: Table = {
    "requests.queue": {"GET": _SEE},
    "requests.show": {"GET": _SEE},
    "requests.clock": {"GET": _SEE},
    "requests.register": {"GET": _INTAKE, "POST": _INTAKE},
    "requests.related": {"POST": _INTAKE},
    "requests.incoming": {"GET": _INTAKE},
    "requests.incoming_new": {"GET": _INTAKE, "POST": _INTAKE},
    "requests.incoming_show": {"GET": _INTAKE, "POST": _INTAKE},
    "requests.matters": {"GET": _ACT, "POST": _ACT},
    "requests.letter_now": {"POST": cell(*_HANDLERS, relation="item", note="正在办这一环节的人")},
    "requests.extension": {"GET": _ACT, "POST": _ACT},
    "requests.extension_item": {
        "GET": cell("disclosure_head", relation="item"),
        "POST": cell("disclosure_head", relation="item", note="条例第三十三条：工作机构负责人同意"),
    },
    "requests.withdraw": {"GET": _ACT, "POST": _ACT},
    "requests.consultations": {"GET": _ACT, "POST": _ACT},
    "requests.consultation": {"GET": _ACT},
    "requests.consultation_delivered": {"POST": _ACT},
    "requests.consultation_opinion": {"POST": _ACT},
    "requests.consultation_remove": {"POST": _ACT},
    "requests.deliveries": {"GET": _ACT, "POST": _ACT},
    "requests.delivery_signed": {"POST": _ACT},
    "requests.delivery_bounced": {"POST": _ACT},
    "requests.urge": {"POST": _ACT},
    "requests.applicant": {"GET": _ACT, "POST": _ACT},
    "requests.supervisions": {
        "GET": cell("supervisor", relation="organ", note="督查岗；外机关的只见登记号和日期（条例第四十七条）")
    },
    "requests.ledger": {"GET": _SEE},
    "requests.ledger_print": {"GET": _SEE},
    "requests.ledger_export": {"POST": _TAKE},
}
