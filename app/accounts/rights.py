"""Who may do what to whom in this room, decided purely; the Chinese refusals stand here too.

系统管理员 creates organs, units and accounts, 安全管理员 grants posts and the 三员, 安全审计员 reads the
record (security.md 6);
单位管理员 looks after the people and posts of his own organ (domain.md 12.16).
"""

from __future__ import annotations

from app.accounts import kinds
from app.core.actor import Actor
from app.core.errors import NotAllowed


def sees_organ(actor: Actor, organ_id: int) -> bool:
    """Whether the person may see this organ's people and posts on the administration pages."""
    if actor.officer in ("system_admin", "security_admin"):
        return True
    return actor.holds("unit_admin", organ_id)


def administers(actor: Actor) -> frozenset[int]:
    """Organs whose unit administrator this person is."""
    return frozenset(post.organ_id for post in actor.posts if post.kind == "unit_admin")


def require_organs(actor: Actor) -> None:
    """Creating and changing organs and units."""
    if actor.officer != "system_admin":
        raise NotAllowed("机关和科室由系统管理员设立和修改。需要调整时，请联系系统管理员。")


def require_units(actor: Actor, organ_id: int) -> None:
    """Units are made by the system administrator; an organ's own administrator may do so too."""
    if actor.officer != "system_admin" and not actor.holds("unit_admin", organ_id):
        raise NotAllowed("科室由系统管理员或本单位的单位管理员设立。")


def require_people(actor: Actor, organ_id: int, nature: str) -> None:
    """Creating, changing and closing accounts."""
    if actor.officer == "system_admin":
        return
    if nature == "business" and actor.holds("unit_admin", organ_id):
        return
    raise NotAllowed("账号由系统管理员或本单位的单位管理员管理。需要调整时，请联系他们。")


def require_not_self(actor: Actor, person_id: int, act: str) -> None:
    """Nobody decides about himself."""
    if actor.person_id == person_id:
        raise NotAllowed(f"不能给自己{act}，请由另一位管理人员办理。")


def may_grant(actor: Actor, organ_id: int, kind: str) -> bool:
    """Whether the person may fill posts of this kind in this organ."""
    if actor.officer == "security_admin":
        return True
    return actor.holds("unit_admin", organ_id) and kind not in kinds.GOVERNING


def require_grant(actor: Actor, organ_id: int, kind: str) -> None:
    """Granting and ending posts, and setting posts up."""
    if may_grant(actor, organ_id, kind):
        return
    if kind in kinds.GOVERNING:
        raise NotAllowed(f"「{kinds.label(kind)}」由安全管理员授予。请联系安全管理员。")
    raise NotAllowed("岗位由安全管理员或本单位的单位管理员授予。请联系他们。")


def require_officers(actor: Actor) -> None:
    """Appointing the 三员."""
    if actor.officer != "security_admin":
        raise NotAllowed("三员由安全管理员指定。请联系安全管理员。")


def require_passwords(actor: Actor) -> None:
    """Resetting passwords and unlocking accounts."""
    if actor.officer != "system_admin":
        raise NotAllowed("重置密码和解除锁定由系统管理员办理。请联系系统管理员。")
