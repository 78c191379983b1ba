"""A version ready to run: parsed flow, forms, lanes and settings of itself and of every version it calls.

Versions are immutable, so a runtime is built once per process and version and kept. What is parsed is kept by its
content, so that it is never that of another database, and the same content is parsed once.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from app.accounts.directory import OrganInfo
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound, Refused
from app.processes import start_facts
from app.processes.lanes import Lane
from app.processes.models import Process, ProcessVersion
from app.processes.packages import Package, unpack
from forms.definition import Definition
from workflows.engine import Spec, load


@dataclass(frozen=True)
class Runtime:
    """One version with its closure. `packages` maps process key -> package, its own and those it calls."""

    version_id: int
    hash: str
    spec: Spec
    package: Package
    packages: Mapping[str, Package]
    has_timers: bool

    @property
    def key(self) -> str:
        """Key of the process."""
        return self.package.key

    @property
    def name(self) -> str:
        """Chinese name of the process."""
        return self.package.meta.name

    @property
    def startable(self) -> bool:
        """Whether people may start it directly."""
        return self.package.meta.startable

    @property
    def start_kinds(self) -> frozenset[str]:
        """Post kinds that may start it; empty: any business post."""
        return frozenset(self.package.meta.start_posts)

    @property
    def opens_document(self) -> bool:
        """Whether a new case also opens a 公文 row."""
        return self.package.meta.document

    def lane(self, process: str, lane: str | None) -> Lane | None:
        """What the package says of a lane of `process`."""
        return self.packages[process].meta.lanes.get(lane or "")

    def form(self, process: str, step: str) -> Definition:
        """The form of a step; Refused when the version has none (the checker does not let that happen)."""
        found = self.packages[process].forms.get(self.form_name(process, step))
        if found is None:
            raise Refused("这个环节没有配置表单，请联系流程管理员。")
        return found

    def form_name(self, process: str, step: str) -> str:
        """The form file a step names; its own id by default."""
        info = self.spec.steps.get((process, step))
        return (info.settings.get("form") if info else None) or step

    def label(self, process: str, step: str) -> str:
        """Chinese label of a step."""
        info = self.spec.steps.get((process, step))
        return info.label if info else step

    def title(self, answers: Mapping[str, Any]) -> str:
        """The case's title by the package's rule."""
        return self.package.meta.case_title(answers)

    def number(self, organ: str, year: int, count: int) -> str:
        """The case number by the package's rule."""
        return self.package.meta.number.format(organ=organ, year=year, n=count)

    def system_facts(self, actor: Actor, organ: OrganInfo) -> dict[str, Any]:
        """Facts the package asks of the office at the start; those of a `request.` source come from its room."""
        known = start_facts.of_office(actor, organ)
        asked = start_facts.wanted(self.packages.values())
        return {fact: known[source] for fact, source in asked.items() if source in known}


_Parsed = tuple[Spec, Package, Mapping[str, Package]]
_MOST = 300  # of what is kept
_lock = threading.Lock()
#: connections -> version -> runtime: another database at the same address is met through other connections
_kept: WeakKeyDictionary[sa.Pool, dict[int, Runtime]] = WeakKeyDictionary()
#: digest of a version's content and of what it calls -> what they say
_parsed: dict[bytes, _Parsed] = {}
_version = sa.select(
    ProcessVersion.id,
    ProcessVersion.process_key,
    ProcessVersion.hash,
    ProcessVersion.content,
    ProcessVersion.locks,
).where(ProcessVersion.id == sa.bindparam("v"))
_active = sa.select(Process.active_id).where(Process.key == sa.bindparam("k"))


def runtime(version_id: int) -> Runtime:
    """The version ready to run, kept for the life of the process."""
    pool = db.engine.pool
    found = _kept.get(pool, {}).get(version_id)
    if found is None:
        found = build(version_id)
        with _lock:
            here = _kept.setdefault(pool, {})
            if len(here) > _MOST:
                here.clear()
            here[version_id] = found
    return found


def active(process: str) -> Runtime:
    """The version new cases of `process` start on; NotFound for an unknown key, Refused when none is active."""
    row = db.session.execute(_active, {"k": process}).first()
    if row is None:
        raise NotFound()
    if row.active_id is None:
        raise Refused("这个流程还没有启用的版本，请联系流程管理员。")
    return runtime(row.active_id)


def build(version_id: int) -> Runtime:
    """Read, unpack and parse a version with its closure."""
    row = db.session.execute(_version, {"v": version_id}).first()
    if row is None:
        raise NotFound()
    called = _contents(row.locks)
    digest = hashlib.blake2b(row.content)
    for key, content in called.items():
        digest.update(hashlib.blake2b(key.encode()).digest() + hashlib.blake2b(content).digest())
    found = _parsed.get(digest.digest())
    if found is None:
        found = _parse(row.content, called)
        with _lock:
            if len(_parsed) > _MOST:
                _parsed.clear()
            _parsed[digest.digest()] = found
    spec, package, packages = found
    return Runtime(row.id, spec.hash, spec, package, packages, has_timers(packages))


def _parse(content: bytes, called: Mapping[str, bytes]) -> _Parsed:
    package, others = unpack(content), {key: unpack(each) for key, each in called.items()}
    spec = load(package.source, [other.source for other in others.values()])
    return spec, package, {package.key: package, **others}


def closure(locks: Mapping[str, int]) -> dict[str, Package]:
    """The packages of locked versions, and of those they lock."""
    return {key: unpack(content) for key, content in _contents(locks).items()}


def _contents(locks: Mapping[str, int]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for version_id in locks.values():
        row = db.session.execute(_version, {"v": version_id}).one()
        found[row.process_key] = row.content
        found |= _contents(row.locks)
    return found


def has_timers(packages: Mapping[str, Package]) -> bool:
    """Whether any flow of the closure has a timer."""
    return any(b"timerEventDefinition" in package.source.bpmn for package in packages.values())
