"""启用 as a case: a version is made of a draft (or brought back), a second 流程管理员 reviews it, and it becomes active.

What the reviewer sees and what is activated are the same bytes: the version is made when it is submitted and is never
changed. Its hash stands in the record of the submission and of the activation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from app import processes
from app.accounts.directory import Directory, PersonInfo, directory
from app.cases import higher
from app.cases.models import Case
from app.cases.road import closing
from app.cases.submitted import Submitted
from app.core.actions import ActionContext
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.documents import numbering
from app.processes import service as versions
from app.processes.models import Process, ProcessVersion
from app.processes.packages import PackageRefused, unpack
from app.studio import queries
from app.studio.content import package_of
from app.studio.models import Draft
from app.studio.service.drafts import locked

PROCESS = "definition_release"
POST = "process_admin"


@dataclass(frozen=True)
class Submission:
    """What the submitter says: why, to which organ's 流程管理员, and why it should go on although not all is tested.

    `untested` are the scenarios that failed and the flows none of them takes, as sentences.
    """

    note: str
    organ: str
    untested: Sequence[str] = ()
    reason: str = ""


def digest(texts: Mapping[str, str]) -> str:
    """What a page shows is what is submitted: SM3 over every part of a draft."""
    parts = hashlib.new("sm3")
    for name in sorted(texts):
        for piece in (name.encode(), texts[name].encode()):
            parts.update(len(piece).to_bytes(8, "big") + piece)
    return parts.hexdigest()


def reviewers(people: Directory, authors: Iterable[int]) -> dict[str, list[PersonInfo]]:
    """Code of an organ -> its 流程管理员 who did not work on the draft."""
    found: dict[str, list[PersonInfo]] = {}
    for organ in people.organs.values():
        post = people.post_in_organ(organ.id, POST)
        able = [each for each in people.holders(post.id) if each.id not in set(authors)] if post else []
        if able:
            found[organ.code] = able
    return found


@command
def submit(tx: Tx, *, draft_id: int, seen: str, said: Submission) -> dict[str, Any]:
    """提交复核 of a draft whose parts still have the digest `seen`; begins the case and locks the draft."""
    draft = locked(tx, draft_id)
    texts = queries.texts(tx.session, draft_id)
    if digest(texts) != seen:
        raise Refused("草稿刚刚又有修改，请刷新页面，重新看过检查和情形的结果再提交。")
    try:
        package = package_of(texts)
    except PackageRefused as refusal:
        raise Refused(f"草稿还有 {len(refusal.problems)} 处要改：{refusal.problems[0]}") from refusal
    if package.key != draft.process_key:
        raise Refused(f"流程设置里的编号已改成 {package.key}，应当是 {draft.process_key}。请改回来再提交。")
    version = versions.add_version(tx, package, note=said.note[:200])
    case = _open(tx, version, said, _authors(tx, draft))
    draft.status, draft.version_id, draft.case_id = "submitted", version.id, case["case"]
    draft.changed_at = tx.now
    return case


@command
def bring(tx: Tx, *, version_id: int, said: Submission) -> dict[str, Any]:
    """提交启用 of a version in draft (installed or relinked), or 恢复 of a retired one: its content in a new version."""
    version = _version(tx, version_id)
    if version.status == "active":
        raise Refused("这个版本正在使用，不用再启用。")
    if version.status == "retired":
        note = f"恢复第 {version.number} 版：{said.note}"
        version = versions.add_version(tx, unpack(version.content), note=note[:200])
    authors = [version.made_by, tx.actor.person_id]
    return _open(tx, version, said, [each for each in authors if each is not None])


def _version(tx: Tx, version_id: int) -> ProcessVersion:
    found = tx.session.get(
        ProcessVersion,
        version_id,
        options=[undefer(ProcessVersion.content)],
        with_for_update=True,
        populate_existing=True,
    )
    if found is None:
        raise NotFound()
    return found


def _authors(tx: Tx, draft: Draft) -> list[int]:
    """Whoever worked on a draft may not review it; the one who submits it stands last."""
    authors = {draft.made_by, *queries.hands(tx.session, draft.id)} - {tx.actor.person_id}
    return [*sorted(authors), tx.actor.person_id or 0]


def _open(tx: Tx, version: ProcessVersion, said: Submission, authors: list[int]) -> dict[str, Any]:
    if not said.note.strip():
        raise Refused("请写明改了什么、为什么改。", fields={"note": "请填写修改说明"})
    if said.untested and not said.reason.strip():
        raise Refused(
            "有情形没有通过或有路径没有走到，请写明仍要启用的理由。", fields={"reason": "请写明理由"}
        )
    people = directory()
    able = reviewers(people, authors)
    if said.organ not in able:
        raise Refused("请选择复核的机关：须有另一位没有参与修改的流程管理员。", fields={"organ": "请选择"})
    if waiting_case(tx.session, version.id) is not None:
        raise Refused("这个版本已经提交复核，请等待复核。")
    organ = people.organ(tx.actor.organ_id or 0)
    runtime = processes.active(PROCESS)
    year = business_date(tx.now).year
    name = unpack(version.content).meta.name

    def prepare(case: dict[str, Any]) -> None:
        case["authors"] = authors

    opening = higher.Opening(
        number=runtime.number(organ.short_name, year, numbering.assign(tx, PROCESS, organ.id, year)),
        title=f"启用「{name}」第 {version.number} 版",
        organ_id=organ.id,
        unit_id=tx.actor.unit_id,
        data={
            "version_id": version.id,
            "process_name": name,
            "version_name": f"第 {version.number} 版",
            "change_note": said.note.strip(),
            "untested": "\n".join(said.untested),
            "untested_reason": said.reason.strip(),
            "reviewing_organ": said.organ,
            "content_hash": version.hash,
        },
        prepare=prepare,
    )
    journey, _items = higher.open_case(tx, runtime, opening, Submitted({}, {}), tx.actor.person_id)
    return {
        "case": journey.case["id"],
        "version": version.id,
        "said": closing(journey, f"已提交复核，编号 {journey.case['number']}。"),
    }


def waiting_case(session: Session, version_id: int) -> int | None:
    """The case in which this version waits for its reviewer."""
    c = table_of(Case)
    rows = session.execute(
        sa.select(c.c.id, c.c.data).where(c.c.process_key == PROCESS, c.c.status == "open")
    )
    return next((row.id for row in rows if row.data.get("version_id") == version_id), None)


def carry_out(context: ActionContext) -> dict[str, Any]:
    """The reviewed version becomes active, by somebody who did not work on it."""
    tx = context.tx
    if tx.actor.person_id in context.case["authors"]:
        raise NotAllowed("参与修改的人不能复核启用，请由另一位流程管理员办理。")
    version = _version(tx, int(context.case["data"]["version_id"]))
    relinked = versions.activate(tx, version)
    draft = _draft_of(tx, version.id)
    if draft is not None:
        draft.status, draft.changed_at = "released", tx.now
    name = tx.session.get_one(Process, version.process_key).name
    context.said.append(f"「{name}」第 {version.number} 版已启用，新办件将使用它；在办的件不受影响。")
    if relinked:
        context.said.append(f"调用它的{'、'.join(relinked)}已生成换用新版的草稿，请检查后提交启用。")
    return {"process": version.process_key, "version": version.id, "relinked": relinked}


def send_back(context: ActionContext) -> dict[str, Any]:
    """The draft opens again; the version that was made of it is not to be activated any more."""
    draft = _reopen(context.tx, int(context.case["data"]["version_id"]))
    if draft is not None:
        context.said.append("草稿已退回，可以继续修改。")
    return {"draft": draft}


def let_go(tx: Tx, case: Mapping[str, Any]) -> None:
    """The case was ended before anybody decided (收回): as if it had been sent back."""
    if case["process_key"] == PROCESS:
        _reopen(tx, int(case["data"]["version_id"]))


def _reopen(tx: Tx, version_id: int) -> int | None:
    version, draft = _version(tx, version_id), _draft_of(tx, version_id)
    if draft is None:
        return None  # an installed or relinked version waits on, to be submitted again
    draft.status, draft.version_id, draft.changed_at = "open", None, tx.now
    if version.status == "draft":
        versions.retire(tx, version)
    return draft.id


def _draft_of(tx: Tx, version_id: int) -> Draft | None:
    return tx.session.scalars(
        sa.select(Draft).where(Draft.version_id == version_id, Draft.status == "submitted").with_for_update()
    ).first()
