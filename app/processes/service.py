"""Commands of the processes room: install what the release ships, activate, relink callers."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.processes import guarded
from app.processes.models import Process, ProcessVersion
from app.processes.packages import Package, pack, unpack


@command
def install(tx: Tx, *, packages: Iterable[Package]) -> list[str]:
    """Install shipped packages, callees first; safe to repeat. Returns a Chinese line per package.

    New: becomes active. Same content: nothing. Changed, and the office runs the shipped one: becomes active.
    Changed, and the office runs its own: installed as a draft beside it (design.md 3).
    """
    return [_install(tx, package) for package in in_call_order(packages)]


def in_call_order(packages: Iterable[Package]) -> list[Package]:
    """Packages so that every callee stands before its callers."""
    by_key = {package.key: package for package in packages}
    ordered: dict[str, Package] = {}

    def visit(package: Package, path: tuple[str, ...]) -> None:
        if package.key in path:
            raise Refused(f"流程「{package.meta.name}」直接或间接调用了自己。")
        for callee in package.meta.calls:
            if callee in by_key and callee not in ordered:
                visit(by_key[callee], (*path, package.key))
        ordered[package.key] = package

    for package in by_key.values():
        if package.key not in ordered:
            visit(package, ())
    return list(ordered.values())


def _install(tx: Tx, package: Package) -> str:
    process = tx.session.get(Process, package.key, with_for_update=True)
    if process is None:
        process = Process(key=package.key, name=package.meta.name, active_id=None)
        tx.session.add(process)
        tx.session.flush()
    locks = current_locks(tx, package)
    running = tx.session.get(ProcessVersion, process.active_id) if process.active_id else None
    if running is not None and running.hash == package.hash and running.locks == locks:
        return f"「{package.meta.name}」已是最新（第 {running.number} 版）"
    if _drafted(tx, package, locks):
        return f"「{package.meta.name}」的新版已作为草稿等待启用"
    version = _new_version(tx, package, locks, "shipped", "随系统发布")
    if running is None or running.origin == "shipped":
        _make_active(tx, process, version)
        return f"「{package.meta.name}」第 {version.number} 版已启用"
    return f"「{package.meta.name}」第 {version.number} 版已作为草稿安装（本单位自己的版本继续使用）"


def _drafted(tx: Tx, package: Package, locks: dict[str, int]) -> bool:
    drafts = tx.session.scalars(
        sa.select(ProcessVersion).where(
            ProcessVersion.process_key == package.key,
            ProcessVersion.hash == package.hash,
            ProcessVersion.status == "draft",
        )
    )
    return any(draft.locks == locks for draft in drafts)


def current_locks(tx: Tx, package: Package) -> dict[str, int]:
    """The active version of every process the package calls; Refused when one has none."""
    locks = {}
    for callee in package.meta.calls:
        found = tx.session.get(Process, callee)
        if found is None or found.active_id is None:
            raise Refused(f"「{package.meta.name}」调用的流程 {callee} 还没有启用的版本，请先启用它。")
        locks[callee] = found.active_id
    return locks


def _new_version(tx: Tx, package: Package, locks: dict[str, int], origin: str, note: str) -> ProcessVersion:
    last = tx.session.scalar(
        sa.select(sa.func.max(ProcessVersion.number)).where(ProcessVersion.process_key == package.key)
    )
    version = ProcessVersion(
        process_key=package.key,
        number=(last or 0) + 1,
        hash=package.hash,
        content=pack(package),
        locks=locks,
        status="draft",
        origin=origin,
        note=note,
        made_at=tx.now,
        made_by=tx.actor.person_id,
        activated_at=None,
        activated_by=None,
    )
    tx.session.add(version)
    tx.session.flush()
    tx.record(
        "system",
        "process.version",
        f"流程「{package.meta.name}」新增第 {version.number} 版（{note}）",
        process=package.key,
        version=version.id,
        hash=package.hash,
        locks=locks,
    )
    return version


def _make_active(tx: Tx, process: Process, version: ProcessVersion) -> None:
    before = process.active_id
    if before is not None:
        former = tx.session.get(ProcessVersion, before)
        if former is not None:
            former.status = "retired"
    version.status, version.activated_at, version.activated_by = "active", tx.now, tx.actor.person_id
    process.active_id = version.id
    process.name = unpack(version.content).meta.name
    tx.session.flush()
    tx.record(
        "system",
        "process.activate",
        f"流程「{process.name}」第 {version.number} 版启用",
        process=process.key,
        old=before,
        new=version.id,
        hash=version.hash,
    )


def activate(tx: Tx, version: ProcessVersion) -> list[str]:
    """启用 a draft whose row is locked; callers get relinked drafts, whose names are returned.

    Running cases stay on the versions they started with. Raises Refused for anything but a draft, and when a check
    finds an error; NotAllowed for whoever made it: the authorisation beyond that is the caller's.
    """
    process = tx.session.get(Process, version.process_key, with_for_update=True)
    if process is None:
        raise NotFound()
    if version.status != "draft":
        raise Refused("只有草稿可以启用。如要改回旧版，请打开旧版，提交恢复。")
    if version.made_by is not None and version.made_by == tx.actor.person_id:
        raise NotAllowed("自己做的版本须由另一位流程管理员启用。")
    errors = [each for each in guarded.of_version(version) if each.severity == "error"]
    if errors:
        raise Refused(f"检查没有通过，还不能启用：{errors[0].message}（共 {len(errors)} 项）。请先改正。")
    _make_active(tx, process, version)
    return _relink_callers(tx, process.key, version.id)


def add_version(
    tx: Tx, package: Package, *, note: str, locks: dict[str, int] | None = None, origin: str = "office"
) -> ProcessVersion:
    """A new version in draft, of a process the installation may not know yet; it locks what is active now."""
    process = tx.session.get(Process, package.key, with_for_update=True)
    if process is None:
        tx.session.add(Process(key=package.key, name=package.meta.name, active_id=None))
        tx.session.flush()
    return _new_version(tx, package, current_locks(tx, package) if locks is None else locks, origin, note)


def retire(tx: Tx, version: ProcessVersion) -> None:
    """A draft that is not to be activated leaves the list of drafts; recorded."""
    version.status = "retired"
    name = tx.session.get_one(Process, version.process_key).name
    tx.record(
        "system",
        "process.retire",
        f"流程「{name}」第 {version.number} 版没有启用",
        process=version.process_key,
        version=version.id,
        hash=version.hash,
    )


def _relink_callers(tx: Tx, key: str, version_id: int) -> list[str]:
    """For each active version that locks an older version of `key`, a draft that locks the new one."""
    renewed = tx.session.get_one(Process, key).name
    active = tx.session.scalars(
        sa.select(ProcessVersion)
        .join(Process, Process.active_id == ProcessVersion.id)
        .order_by(ProcessVersion.id)
    ).all()
    names = []
    for caller in active:
        if caller.locks.get(key, version_id) == version_id:
            continue
        package = unpack(caller.content)
        locks = {**caller.locks, key: version_id}
        if not _drafted(tx, package, locks):
            _new_version(tx, package, locks, caller.origin, f"改用新版的「{renewed}」")
        names.append(f"「{package.meta.name}」")
    return names
