"""Organs 机关, units 科室, people, posts 岗位, the 三员, and the door: sign-in, passwords, sign-in rows.

For the rooms above:

    accounts.directory.directory()      who is who and who holds what, from the process's memory
    accounts.kinds                      POST_KINDS, OFFICERS, labels
    accounts.before_deactivate          list of `check(session, person_id) -> Chinese sentences` about open
    work
    accounts.staffing, directory.changed(tx)    build an office inside a command (`flask office init`,
    demonstration)
"""

from __future__ import annotations

from typing import cast

from flask import Flask

from app.accounts import jobs as jobs
from app.accounts import views_organs, views_people
from app.accounts.cli import COMMANDS
from app.accounts.door import mount
from app.accounts.permissions import ROUTES
from app.accounts.personnel import before_deactivate
from app.accounts.views import bp
from app.core.rooms import NavItem, Room

bp.record(lambda state: mount(cast(Flask, state.app)))

room = Room(
    name="accounts",
    blueprint=bp,
    access=ROUTES,
    nav=(
        NavItem("人员与岗位", "人员", "accounts.people", icon="people", order=600),
        NavItem("人员与岗位", "岗位", "accounts.posts", icon="person", order=601),
        NavItem("人员与岗位", "机关与科室", "accounts.organs", icon="organ", order=602),
        NavItem("人员与岗位", "三员", "accounts.officers", icon="shield", order=603),
        NavItem("本人", "本人信息", "accounts.profile", icon="person", order=980),
    ),
    cli=COMMANDS,
)

__all__ = ["before_deactivate", "room", "views_organs", "views_people"]
