"""画流程图: the page of the diagram editor, and what it offers."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from app.core import guard
from app.core.db import db
from app.core.errors import NotFound
from app.studio import queries, words
from app.studio.content import DIAGRAM
from app.studio.views.base import bp

#: keys of the editor with what they do, as its help lists them
SHORTCUTS = (
    ("Ctrl+Z", "撤销"),
    ("Ctrl+Y", "重做"),
    ("Ctrl+S", "马上保存"),
    ("Ctrl+A", "全选"),
    ("Ctrl+C / V", "复制、粘贴"),
    ("Ctrl+F", "在图中查找"),
    ("Delete", "删除"),
    ("E", "改名称"),
    ("R", "改成别的图形"),
    ("H", "移动画布"),
    ("L", "框选"),
    ("S", "腾出或收回空间"),
    ("C", "连线"),
    ("T", "走一遍"),
    ("方向键", "移动选中的图形，Shift 加快"),
    ("Ctrl+方向键", "移动画布"),
    ("Ctrl+加减号", "放大、缩小"),
)


@bp.get("/drafts/<int:draft_id>/diagram")
def diagram(draft_id: int) -> ResponseReturnValue:
    """The diagram editor of a draft; whoever may not change it any more still sees the drawing."""
    guard.warm()
    found = queries.draft(db.session(), draft_id)
    if DIAGRAM not in queries.revisions(db.session(), draft_id):
        raise NotFound()
    return render_template("studio/diagram.html", draft=found, part=DIAGRAM, shortcuts=SHORTCUTS)


@bp.get("/drafts/<int:draft_id>/words")
def offered(draft_id: int) -> ResponseReturnValue:
    """What the editors of this draft offer, and the addresses of its other editors."""
    session = db.session()
    queries.draft(session, draft_id)
    said: dict[str, Any] = words.of(session, queries.texts(session, draft_id))
    said["urls"] = _addresses(draft_id)
    return said


def _addresses(draft_id: int) -> dict[str, str]:
    """Where the draft's other editors are; `__name__` stands for the part. An editor not there yet: the draft itself."""
    own = url_for("studio.draft", draft_id=draft_id)

    def to(endpoint: str, **values: Any) -> str:
        known = f"studio.{endpoint}" in current_app.view_functions
        return url_for(f"studio.{endpoint}", draft_id=draft_id, **values) if known else own

    return {
        "draft": own,
        "form": to("form", step="__name__"),
        "new_form": to("form", step="__name__"),
        "table": to("table", name="__name__"),
        "settings": to("settings"),
    }
