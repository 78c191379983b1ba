"""Everybody sees the calendar. It is one for the installation; the office organ's administrators change it.

Chosen: 流程管理员 or 单位管理员 of the government's office (organ kind `office`); where an installation has no such
organ, of whatever organ there is.
"""

from __future__ import annotations

from app.accounts.directory import directory
from app.core.access import BUSINESS, SIGNED_IN, Table, cell
from app.core.actor import Actor
from app.core.errors import NotAllowed

CHANGERS = ("process_admin", "unit_admin")
_see = cell(SIGNED_IN, relation="installation", note="放假安排人人可看")
_change = cell(*CHANGERS, relation="installation", note="限政府办公室的流程管理员、单位管理员")
_watch = cell(BUSINESS, relation="installation", note="进度人人可看；有变化的只列本机关的")

ROUTES: Table = {
    "calendar.index": {"GET": _see},
    "calendar.download": {"GET": _see},
    "calendar.year_import": {"GET": _change, "POST": _change},
    "calendar.preview": {"GET": _change},
    "calendar.confirm": {"POST": _change},
    "calendar.drop": {"POST": _change},
    "calendar.propose": {"POST": _change},
    "calendar.runs": {"GET": _watch},
    "calendar.run_stop": {"POST": _change},
    "calendar.run_resume": {"POST": _change},
    "calendar.hours": {
        "GET": cell(BUSINESS, note="本机关的办公时间"),
        "POST": cell("unit_admin", "disclosure_head", "process_admin", note="只改本机关的；改动留痕"),
    },
}


def may_change(actor: Actor) -> bool:
    """Whether this person may import and confirm a year."""
    organs = directory().organs
    offices = {organ.id for organ in organs.values() if organ.kind == "office" and organ.active}
    return any(post.kind in CHANGERS and (post.organ_id in offices or not offices) for post in actor.posts)


def require_change(actor: Actor) -> None:
    """Raises `NotAllowed` for everybody else."""
    if not may_change(actor):
        raise NotAllowed("放假安排由政府办公室的流程管理员或单位管理员导入、确认。请与他们联系。")
