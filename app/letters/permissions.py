"""Who may see and change letters and the organ's texts.

A letter follows its case: rooms that know cases say who sees and who edits (`hooks`). Until one does, the keepers of
the organ that signs (工作机构负责人, 受理登记岗) do, so that no letter is ever without an owner.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.core.access import BUSINESS, Table, cell
from app.core.actor import Actor
from app.core.errors import NotAllowed
from app.letters import hooks
from app.letters.models import OPEN, Letter

#: posts that keep an organ's texts
KEEPERS = ("disclosure_head", "process_admin")
_OWNERS = ("disclosure_head", "registrar")

ROUTES: Table = {
    "letters.show": {
        "GET": cell(BUSINESS, relation="case", note="随办件"),
        "POST": cell(BUSINESS, relation="case", note="办理该件的人，文书未制发时"),
    },
    "letters.pages": {"POST": cell(BUSINESS, relation="case", note="未保存文字的预览，不改变任何内容")},
    "letters.pdf": {"GET": cell(BUSINESS, relation="case")},
    "letters.docx": {"GET": cell(BUSINESS, relation="case")},
    "letters.templates": {"GET": cell(*KEEPERS, relation="organ")},
    "letters.template": {
        "GET": cell(*KEEPERS, relation="organ"),
        "POST": cell(*KEEPERS, relation="organ", note="只改未锁定的段落"),
    },
    "letters.template_pages": {
        "POST": cell(*KEEPERS, relation="organ", note="未保存文字的预览，不改变任何内容")
    },
    "letters.template_pdf": {"GET": cell(*KEEPERS, relation="organ")},
    "letters.settings": {
        "GET": cell(*KEEPERS, relation="organ"),
        "POST": cell(*KEEPERS, relation="organ", note="救济机关、联系人、文号代字"),
    },
}


def held_for(actor: Actor, kinds: tuple[str, ...]) -> frozenset[int]:
    """Organs for which the person holds one of the posts, those its organ handles for included."""
    people = directory()
    held = {post.organ_id for post in actor.posts if post.unit_id is None and post.kind in kinds}
    return frozenset(organ.id for organ_id in held for organ in people.handled_by(organ_id))


def keeps(actor: Actor) -> frozenset[int]:
    """Organs whose letter texts this person keeps."""
    return held_for(actor, KEEPERS)


def require_keeper(actor: Actor, organ_id: int) -> None:
    """Refuse whoever does not keep this organ's texts."""
    if organ_id not in keeps(actor):
        raise NotAllowed("文书的文字和设置由本机关政府信息公开工作机构负责人或流程管理员修改。请联系他们。")


def sees(session: Session, actor: Actor, letter: Letter) -> bool:
    """Whether the person may read the letter."""
    return seen(actor, letter, sees_case(session, actor, letter.case_id))


def sees_case(session: Session, actor: Actor, case_id: int) -> bool:
    """Whether the person may see the case, and with it all its letters: asked once for many of them."""
    return any(ask(session, actor, case_id) for ask in hooks.may_see_case)


def seen(actor: Actor, letter: Letter, with_case: bool) -> bool:
    """`sees`, for whom it is known already whether he sees the case."""
    if actor.officer or actor.person_id is None:
        return False
    return with_case or letter.organ_id in held_for(actor, _OWNERS)


def edits(session: Session, actor: Actor, letter: Letter) -> bool:
    """Whether the person may change the letter now; what was issued nobody changes."""
    if letter.state not in OPEN or not sees(session, actor, letter):
        return False
    if hooks.may_edit:
        return any(ask(session, actor, letter) for ask in hooks.may_edit)
    return letter.organ_id in held_for(actor, _OWNERS)
