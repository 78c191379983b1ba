"""Everybody reads what was sent to him or to a post he holds; the 系统管理员 sees e-mails that could not be sent."""

from __future__ import annotations

from app.core.access import SIGNED_IN, Table, cell

_own = cell(SIGNED_IN, relation="own", note="发给本人或本人所任岗位的通知；代理期间连同被代理人的待办通知")
_system = cell("system_admin", relation="installation", note="只见收件人和原因，不见通知内容")
_gateway = cell("system_admin", relation="installation", note="密钥只写不显示；改动留痕")

ROUTES: Table = {
    "notices.index": {"GET": _own},
    "notices.feed": {"GET": _own},
    "notices.show": {"GET": _own},
    "notices.read_all": {"POST": _own},
    "notices.choices": {"GET": _own, "POST": _own},
    "notices.failures": {"GET": _system},
    "notices.retry": {"POST": _system},
    "notices.gateway": {"GET": _gateway, "POST": _gateway},
}
