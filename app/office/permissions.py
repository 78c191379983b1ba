"""Who may enter the office's own pages."""

from app.core.access import ANYONE, SIGNED_IN, Table, cell

ROUTES: Table = {
    "office.home": {"GET": cell(ANYONE, note="转到各人的首页或登录页")},
    "office.healthz": {"GET": cell(ANYONE, note="监控探测，只回答是否正常")},
    "office.favicon": {"GET": cell(ANYONE)},
    "office.counts": {"GET": cell(SIGNED_IN, relation="own", note="打开着的页面自己来问，不算本人操作")},
    "office.help_page": {"GET": cell(SIGNED_IN, note="本岗位怎么办")},
}
