"""Who enters the pages of requests. Rows are always those of one's own organ; acts are authorised again on the locked row."""

from __future__ import annotations

import functools

from app.core import access
from app.core.access import BUSINESS, Table
from app.requests.appeals import ANSWERERS, KEEPERS
from app.requests.archiving import ARCHIVERS
from app.requests.intake import INTAKE
from app.requests.kinds import PROCESS
from app.requests.reaching import HANDLERS
from app.requests.tuning import KEEPERS as TUNERS

cell = functools.partial(access.cell, process=PROCESS)
_HANDLERS = tuple(sorted(HANDLERS))
_SEE = cell(BUSINESS, relation="organ", note="本机关的申请")
_ACT = cell(*_HANDLERS, relation="organ", note="本机关受理登记、工作机构、法制、送达、归档岗位")
_INTAKE = cell(*INTAKE, relation="organ", note="受理登记岗、政府信息公开工作机构")
_TAKE = cell(*_HANDLERS, "statistician", "supervisor", relation="organ", note="导出留痕")
_KEEP = cell(*KEEPERS, relation="organ", note="本机关的复议诉讼；复议机构代为登记的")
_APPEALS = cell(*KEEPERS, "archivist", "statistician", "signer", "principal", relation="organ", note="同上")

_TUNE = cell(*TUNERS, relation="organ", note="政府信息公开工作机构负责人、流程管理员")

ROUTES: Table = {
    "requests.settings": {"GET": _TUNE, "POST": _TUNE},
    "requests.queue": {"GET": _SEE},
    "requests.show": {"GET": _SEE},
    "requests.clock": {"GET": _SEE},
    "requests.register": {"GET": _INTAKE, "POST": _INTAKE},
    "requests.related": {"POST": _INTAKE},
    "requests.incoming": {"GET": _INTAKE},
    "requests.incoming_new": {"GET": _INTAKE, "POST": _INTAKE},
    "requests.incoming_show": {"GET": _INTAKE, "POST": _INTAKE},
    "requests.matters": {"GET": _ACT, "POST": _ACT},
    "requests.split": {"POST": _INTAKE},
    "requests.receipt": {"POST": _ACT},
    "requests.letter_now": {"POST": cell(*_HANDLERS, relation="item", note="正在办这一环节的人")},
    "requests.extension": {"GET": _ACT, "POST": _ACT},
    "requests.extension_item": {
        "GET": cell("disclosure_head", relation="item"),
        "POST": cell("disclosure_head", relation="item", note="条例第三十三条：工作机构负责人同意"),
    },
    "requests.inside": {"GET": _ACT, "POST": _ACT},
    "requests.withdraw": {"GET": _ACT, "POST": _ACT},
    "requests.consultations": {"GET": _ACT, "POST": _ACT},
    "requests.consultation": {"GET": _ACT},
    "requests.consultation_delivered": {"POST": _ACT},
    "requests.consultation_unreached": {"POST": _ACT},
    "requests.consultation_opinion": {"POST": _ACT},
    "requests.consultation_inform": {"POST": _ACT},
    "requests.consultation_remove": {"POST": _ACT},
    "requests.deliveries": {"GET": _ACT, "POST": _ACT},
    "requests.delivery_signed": {"POST": _ACT},
    "requests.delivery_bounced": {"POST": _ACT},
    "requests.urge": {"POST": _ACT},
    "requests.applicant": {"GET": _ACT, "POST": _ACT},
    "requests.supervisions": {
        "GET": cell("supervisor", relation="organ", note="督查岗；外机关的只见登记号和日期（条例第四十七条）")
    },
    "requests.evaluations": {"GET": _ACT},
    "requests.evaluation": {
        "GET": _ACT,
        "POST": cell("disclosure_head", relation="organ", note="条例第四十四条"),
    },
    "requests.suggestion": {"POST": _ACT},
    "requests.suggestion_told": {"POST": _ACT},
    "requests.fixes": {"GET": _ACT, "POST": _ACT},
    "requests.fix_item": {
        "GET": cell("disclosure_head", "seal_clerk", "registrar", relation="item"),
        "POST": cell(
            "disclosure_head",
            "seal_clerk",
            "registrar",
            relation="item",
            note="负责人批准（条例第四十一条），送达岗位送出",
        ),
    },
    "requests.case_file": {"GET": _ACT},
    "requests.case_archive": {"POST": cell(*ARCHIVERS, relation="organ", note="导出留痕，记入办件记录")},
    "requests.case_bound": {"POST": cell(*ARCHIVERS, relation="organ", note="导出留痕，记入办件记录")},
    "requests.evidence": {"GET": _ACT},
    "requests.evidence_file": {"GET": _ACT},
    "requests.print_paper": {"GET": _ACT},
    "requests.appeals": {"GET": _APPEALS},
    "requests.appeal_new": {"GET": _KEEP, "POST": _KEEP},
    "requests.appeal": {"GET": _APPEALS},
    "requests.appeal_item": {"GET": cell(*ANSWERERS, relation="item", note="收到答复举证工作的岗位")},
    "requests.appeal_answer": {
        "POST": cell(*ANSWERERS, relation="organ", note="被申请人、被告的法制审核岗或工作机构负责人")
    },
    "requests.appeal_result": {"POST": _KEEP},
    "requests.appeal_redo": {"GET": _INTAKE, "POST": _INTAKE},
    "requests.ledger": {"GET": _SEE},
    "requests.ledger_print": {"GET": _SEE},
    "requests.ledger_export": {"POST": _TAKE},
}
