"""导出: a version or a draft as one archive, or its diagram alone for other tools. Every one is recorded."""

from __future__ import annotations

import hashlib
from io import BytesIO

from flask import send_file
from flask.typing import ResponseReturnValue

from app.core.db import db
from app.core.errors import NotFound
from app.core.pages import me
from app.processes import archive
from app.processes import queries as processes
from app.processes.packages import unpack
from app.studio import content, queries
from app.studio.content import DIAGRAM
from app.studio.service import travelling
from app.studio.views.base import bp

_ZIP, _BPMN = "application/zip", "application/octet-stream"


@bp.get("/versions/<int:version_id>/export")
def export_version(version_id: int) -> ResponseReturnValue:
    """A version as one archive."""
    version = processes.version(db.session(), version_id)
    package = unpack(version.content)
    data = archive.write(package.texts, package.scenarios)
    what = f"流程「{package.meta.name}」第 {version.number} 版"
    _note(what, package.key, data, version=version.id)
    return _file(data, _ZIP, f"{package.key}-v{version.number}.zip")


@bp.get("/versions/<int:version_id>/export.bpmn")
def export_diagram(version_id: int) -> ResponseReturnValue:
    """The diagram of a version by itself."""
    version = processes.version(db.session(), version_id)
    package = unpack(version.content)
    data = package.source.bpmn
    _note(f"流程「{package.meta.name}」第 {version.number} 版的流程图", package.key, data, version=version.id)
    return _file(data, _BPMN, f"{package.key}-v{version.number}.bpmn")


@bp.get("/drafts/<int:draft_id>/export")
def export_draft(draft_id: int) -> ResponseReturnValue:
    """A draft as one archive, right or wrong as it stands."""
    draft = queries.draft(db.session(), draft_id)
    key, name = draft.process_key, draft.name
    data = archive.write(*content.split(queries.texts(db.session(), draft_id)))
    _note(f"流程「{name}」的草稿", key, data, draft=draft_id)
    return _file(data, _ZIP, f"{key}-draft-{draft_id}.zip")


@bp.get("/drafts/<int:draft_id>/export.bpmn")
def export_draft_diagram(draft_id: int) -> ResponseReturnValue:
    """The diagram of a draft by itself."""
    draft = queries.draft(db.session(), draft_id)
    key, name = draft.process_key, draft.name
    text = queries.texts(db.session(), draft_id).get(DIAGRAM)
    if text is None:
        raise NotFound()
    data = text.encode()
    _note(f"流程「{name}」草稿的流程图", key, data, draft=draft_id)
    return _file(data, _BPMN, f"{key}-draft-{draft_id}.bpmn")


def _note(what: str, key: str, data: bytes, **source: int) -> None:
    sm3 = hashlib.new("sm3", data).hexdigest()
    travelling.note_export(me(), what=what, process=key, sm3=sm3, source=source)


def _file(data: bytes, kind: str, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(data), mimetype=kind, as_attachment=True, download_name=name, max_age=0)
