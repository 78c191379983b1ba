"""Who may enter which page of this room (security.md 5). What may be done to whom: rights.py."""

from __future__ import annotations

from app.core.access import ANYONE, SIGNED_IN, Table, cell

SYS, SEC, UNIT, AUDIT = "system_admin", "security_admin", "unit_admin", "auditor"
_own = cell(SIGNED_IN, relation="own", note="本人")
_see = cell(SYS, SEC, UNIT, relation="organ", note="系统管理员、安全管理员看全部，单位管理员看本单位")
_people = cell(SYS, UNIT, relation="organ", note="账号由系统管理员、本单位的单位管理员管理")
_posts = cell(SEC, UNIT, relation="organ", note="岗位由安全管理员、本单位的单位管理员授予")
_units = cell(SYS, UNIT, relation="organ", note="科室由系统管理员、本单位的单位管理员设立")
_organs = cell(SYS, relation="installation", note="机关由系统管理员设立")

ROUTES: Table = {
    "accounts.sign_in": {"GET": cell(ANYONE), "POST": cell(ANYONE)},
    "accounts.sign_out": {"POST": cell(SIGNED_IN, note="结束自己的登录")},
    "accounts.change_password": {"GET": cell(SIGNED_IN), "POST": cell(SIGNED_IN)},
    "accounts.profile": {"GET": cell(SIGNED_IN), "POST": cell(SIGNED_IN)},
    "accounts.end_sign_in": {"POST": _own},
    "accounts.people": {"GET": cell(SYS, SEC, UNIT, note="名单只列所管机关")},
    "accounts.person": {"GET": _see},
    "accounts.person_new": {"GET": cell(SYS, UNIT), "POST": cell(SYS, UNIT)},
    "accounts.person_edit": {"GET": _people, "POST": _people},
    "accounts.person_close": {"GET": _people, "POST": _people},
    "accounts.person_open": {"POST": _people},
    "accounts.person_reset": {"POST": cell(SYS, relation="installation", note="三员之间不能互相重置")},
    "accounts.person_unlock": {"POST": cell(SYS, relation="installation")},
    "accounts.grant": {"POST": _posts},
    "accounts.revoke": {"POST": _posts},
    "accounts.people_import": {"GET": cell(SYS, UNIT), "POST": cell(SYS, UNIT)},
    "accounts.people_import_check": {
        "GET": cell(SYS, UNIT, relation="own", note="本人上传的名单"),
        "POST": cell(SYS, UNIT, relation="own", note="本人上传的名单"),
    },
    "accounts.people_template": {"GET": cell(SYS, UNIT)},
    "accounts.people_export": {"GET": cell(SYS, SEC, UNIT, note="名单只列所管机关")},
    "accounts.posts": {"GET": cell(SYS, SEC, UNIT, note="名单只列所管机关")},
    "accounts.post_new": {"GET": cell(SEC, UNIT), "POST": cell(SEC, UNIT)},
    "accounts.post_edit": {"GET": _posts, "POST": _posts},
    "accounts.organs": {"GET": cell(SYS, SEC, UNIT, note="单位管理员只看所管机关")},
    "accounts.organ": {"GET": _see},
    "accounts.organ_new": {"GET": _organs, "POST": _organs},
    "accounts.organ_edit": {"GET": _organs, "POST": _organs},
    "accounts.unit_new": {"GET": _units, "POST": _units},
    "accounts.unit_edit": {"GET": _units, "POST": _units},
    "accounts.officers": {
        "GET": cell(SYS, SEC, AUDIT, relation="installation"),
        "POST": cell(SEC, relation="installation", note="三员由安全管理员指定"),
    },
}
