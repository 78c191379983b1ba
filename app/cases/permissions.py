"""Who may enter the pages of cases; which case or item, the queries decide (404)."""

from app.core.access import BUSINESS, Table, cell

_READ = {"GET": cell(BUSINESS, relation="case", note="经办人，本机关全机关岗位，本科室人员")}
_ARRANGE = cell(BUSINESS, relation="own", note="本人，或者本机关的单位管理员")

ROUTES: Table = {
    "cases.inbox": {"GET": cell(BUSINESS, relation="own")},
    "cases.fresh": {"GET": cell(BUSINESS, relation="own")},
    "cases.pulse": {"GET": cell(BUSINESS, relation="own")},
    "cases.keep_filter": {"POST": cell(BUSINESS, relation="own")},
    "cases.drop_filter": {"POST": cell(BUSINESS, relation="own")},
    "cases.bulk_choose": {"POST": cell(BUSINESS, relation="own", note="只能选本人待办里同一环节的件")},
    "cases.bulk_run": {"GET": cell(BUSINESS, relation="own"), "POST": cell(BUSINESS, relation="own")},
    "cases.bulk_slice": {"POST": cell(BUSINESS, relation="own")},
    "cases.bulk_stop": {"POST": cell(BUSINESS, relation="own")},
    "cases.phrases": {"GET": cell(BUSINESS, relation="own"), "POST": cell(BUSINESS, relation="own")},
    "cases.phrase_list": {"GET": cell(BUSINESS, relation="own")},
    "cases.arrange_phrase": {"POST": cell(BUSINESS, relation="own")},
    "cases.keep_signature": {"POST": cell(BUSINESS, relation="own")},
    "cases.drop_signature": {"POST": cell(BUSINESS, relation="own")},
    "cases.use_signatures": {"POST": cell("unit_admin", relation="organ")},
    "cases.listed": {"GET": cell(BUSINESS, note="只列本人办过的、本人拟的")},
    "cases.search": {"GET": cell(BUSINESS, relation="case")},
    "cases.start_list": {"GET": cell(BUSINESS)},
    "cases.start": {
        "GET": cell(BUSINESS),
        "POST": cell(BUSINESS, note="流程包写明哪些岗位可以发起"),
    },
    "cases.upload_first": {"POST": cell(BUSINESS, note="办件还没有，附件记在本人名下")},
    "cases.work": {"GET": cell(BUSINESS, relation="item")},
    "cases.send": {"POST": cell(BUSINESS, relation="item")},
    "cases.upload": {"POST": cell(BUSINESS, relation="item")},
    "cases.preview_step": {"POST": cell(BUSINESS, relation="item")},
    "cases.draft": {"POST": cell(BUSINESS, relation="item")},
    "cases.claim": {"POST": cell(BUSINESS, relation="item")},
    "cases.put_back": {"POST": cell(BUSINESS, relation="item")},
    "cases.sub_item": {
        "GET": cell(BUSINESS, relation="item"),
        "POST": cell(BUSINESS, relation="item", note="只有被征求、加签、会签的本人"),
    },
    "cases.copies": {"GET": cell(BUSINESS, relation="own")},
    "cases.copy": {"GET": cell(BUSINESS, relation="own", note="打开即为已阅")},
    "cases.operate_item": {
        "GET": cell(BUSINESS, relation="item"),
        "POST": cell(BUSINESS, relation="item", note="流程定义写明本环节提供哪些操作"),
    },
    "cases.operate_case": {"GET": cell(BUSINESS, relation="case"), "POST": cell(BUSINESS, relation="case")},
    "cases.case": _READ,
    "cases.diagram": _READ,
    "cases.sheet": _READ,
    "cases.reveal": {"POST": cell(BUSINESS, relation="case", note="查看个人信息，逐次留痕")},
    "cases.deputies": {"GET": cell(BUSINESS, note="本人的代理、外出、交接")},
    "cases.deputies_of_organ": {"GET": cell("unit_admin", note="只列本机关的")},
    "cases.deputy_new": {"GET": _ARRANGE, "POST": _ARRANGE},
    "cases.deputy_end": {"POST": _ARRANGE},
    "cases.away_new": {"GET": _ARRANGE, "POST": _ARRANGE},
    "cases.absence_end": {"POST": _ARRANGE},
    "cases.hand_over": {"GET": _ARRANGE, "POST": _ARRANGE},
    "cases.handover_sheet": {"GET": cell(BUSINESS, relation="own", note="移交人、接收人、单位管理员")},
    "cases.stuck": {"GET": cell("unit_admin", relation="organ")},
    "cases.redirect_item": {"POST": cell("unit_admin", relation="organ")},
}
