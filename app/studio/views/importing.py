"""导入: an archive becomes a draft; a diagram of another tool shows what has to be repaired, and is taken or left."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from app.core import tokens
from app.core.errors import Refused
from app.core.pages import me
from app.processes import arrivals
from app.processes.archive import MAX_ARCHIVE
from app.processes.packages import PackageRefused
from app.studio import blank, comparison
from app.studio.entry_forms import NewForm
from app.studio.service import travelling
from app.studio.views.base import bp
from workflows.engine.xml import MAX_BYTES as MAX_DIAGRAM

_ZIP = b"PK"
_MOST_HELD = 450_000  # characters of a field that a browser sends back
_HELD_SECONDS = 24 * 3600
MOST_REPAIRS = 300  # lines on the page


@dataclass(frozen=True)
class Held:
    """A diagram between its upload and the decision about it: it travels with the page, signed."""

    file: str
    text: str

    @property
    def sm3(self) -> str:
        """Digest of the file."""
        return hashlib.new("sm3", self.text.encode()).hexdigest()


@bp.get("/import")
def upload() -> ResponseReturnValue:
    """导入: choose a file."""
    return _upload_page()


def _upload_page(problems: Sequence[str] = ()) -> str:
    limits = {"archive": MAX_ARCHIVE // 1_000_000, "diagram": MAX_DIAGRAM // 1000}
    return render_template("studio/import.html", problems=problems, limits=limits, token=tokens.fresh_token())


@bp.post("/import")
def bring_in() -> ResponseReturnValue:
    """An archive becomes a draft at once; a diagram is shown first with what has to be repaired."""
    file = request.files.get("file")
    name = _named(file.filename if file else "")
    data = _read(file) if file else b""
    if file is None or not data:
        return _upload_page(["没有选择文件，或者文件是空的。请选择流程的压缩包或者流程图文件。"]), 422
    if len(data) > MAX_ARCHIVE or (not data.startswith(_ZIP) and len(data) > MAX_DIAGRAM):
        most = f"压缩包最大 {MAX_ARCHIVE // 1_000_000} MB，流程图最大 {MAX_DIAGRAM // 1000} KB"
        return _upload_page([f"“{name}”太大，没有导入：{most}。请精简后重新选择。"]), 413
    return _archive(name, data) if data.startswith(_ZIP) else _drawing(name, data)


def _read(file: FileStorage) -> bytes:
    """What was uploaded, one byte more than may be at most."""
    with contextlib.closing(file):
        return file.stream.read(MAX_ARCHIVE + 1)


def _named(name: str | None) -> str:
    """The file's name as people may see it."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(each for each in last if each.isprintable())[:80] or "没有名称的文件"


def _archive(name: str, data: bytes) -> ResponseReturnValue:
    try:
        found = arrivals.package(data)
        done = travelling.take_archive(
            me(), key=found.key, name=found.name, texts={**found.texts, **found.scenarios}, file=name, sm3=hashlib.new("sm3", data).hexdigest(),
            token=tokens.token_of(request.form),
        )  # fmt: skip
    except PackageRefused as refusal:
        return _upload_page([f"“{name}”没有导入：{each}。" for each in refusal.problems[:20]]), 422
    except Refused as refusal:
        return _upload_page([f"“{name}”没有导入：{refusal.message}"]), 422
    flash(done["said"], "success")
    return redirect(url_for("studio.draft", draft_id=done["draft"]), 303)


def _drawing(name: str, data: bytes) -> ResponseReturnValue:
    try:
        held = Held(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _upload_page(
            [f"“{name}”不是 UTF-8 编码的文件，没有导入。请在原来的软件里导出为 BPMN 2.0 XML。"]
        ), 422
    if len(_sealed(held)) > _MOST_HELD:
        return _upload_page([f"“{name}”压缩以后仍然太大，没有导入。请删去图里的图片和附带内容后再试。"]), 413
    return _look(held, "")


@bp.post("/import/drawing")
def take_drawing() -> ResponseReturnValue:
    """What to do with a diagram that was uploaded: look at one of its processes, or take it as a draft."""
    held = _unsealed(request.form.get("held", ""))
    if held is None:
        return _upload_page(["这个页面放得太久，流程图已经失效，没有导入。请重新选择文件。"]), 422
    process, left = request.form.get("process", "")[:100], request.form.getlist("leave")[:MOST_REPAIRS]
    form = NewForm()
    if "accept" not in request.form:
        return _look(held, process, form if "look" in request.form else None, left)
    if not form.validate():
        return _look(held, process, form, left, 422)
    key, name = str(form.key.data).strip(), str(form.name.data)
    try:
        found = arrivals.drawing(held.text.encode(), key, process, left)
        made = sum(not each.left for each in found.repairs)
        done = travelling.take_drawing(
            me(), key=key, name=name, diagram=found.after, lanes=arrivals.lanes_toml(found.lanes), file=held.file,
            sm3=held.sm3, repairs=made, left=len(found.repairs) - made,
            token=tokens.token_of(request.form),
        )  # fmt: skip
    except PackageRefused as refusal:
        return _upload_page([f"“{held.file}”没有导入：{each}。" for each in refusal.problems[:20]]), 422
    except Refused as refusal:
        form.blame(refusal)
        return _look(held, process, form, left, 422)
    flash(done["said"], "success")
    return redirect(url_for("studio.draft", draft_id=done["draft"]), 303)


def _look(
    held: Held, process: str, form: NewForm | None = None, left: Sequence[str] = (), status: int = 200
) -> ResponseReturnValue:
    """The diagram as it came and as it would be, every repair made or left with its sentence, and what is left to do."""
    shown: dict[str, Any] = {
        "held": held,
        "sealed": _sealed(held),
        "process": process,
        "token": tokens.fresh_token(),
    }
    try:
        found = arrivals.drawing(held.text.encode(), "", process, left)
    except arrivals.SeveralProcesses as several:
        return render_template("studio/import_choose.html", processes=several.processes, **shown)
    except PackageRefused as refusal:
        return _upload_page([f"“{held.file}”没有导入：{each}。" for each in refusal.problems[:20]]), 422
    sign = comparison.SIGNS["changed"][0]
    lines: dict[str, list[str]] = {}
    for each in [repair for repair in found.repairs if not repair.left]:
        lines.setdefault(each.element, []).append(each.message[:120])
    marks = [
        {"id": key, "state": "changed", "sign": sign, "lines": said[:6]} for key, said in lines.items() if key
    ]
    suggested = found.key if blank.KEY.match(found.key) else ""
    page = render_template(
        "studio/import_drawing.html",
        found=found,
        marks=marks,
        most=MOST_REPAIRS,
        form=form or NewForm(formdata=None, name=found.name[:40], key=suggested),
        **shown,
    )
    return page, status


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="studio-import")


def _sealed(held: Held) -> str:
    """The file packed and signed, to come back with the page's form."""
    sealed = _serializer().dumps([held.file, held.text])
    return sealed if isinstance(sealed, str) else sealed.decode()


def _unsealed(text: str) -> Held | None:
    """What `_sealed` packed; None when it was not ours or is older than a day."""
    try:
        file, diagram = _serializer().loads(text, max_age=_HELD_SECONDS)
    except (BadData, ValueError, TypeError):
        return None
    return Held(str(file), str(diagram))
