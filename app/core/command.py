"""One act, one command, one transaction, one commit: the only file that says `commit()`.

    @command
    def complete(tx: Tx, *, item_id: int, …) -> dict: …

    complete(actor, item_id=7, token="…")

The command runs in `BEGIN IMMEDIATE` (SQLite) or an ordinary transaction whose rows it locks (PostgreSQL). What
it raises undoes everything; a refusal that carries an `Entry` is then recorded in a transaction of its own.
With a `token` the act is safe to repeat: the repeat answers with the first result (which must be a JSON dict).
Commands never nest; what several commands share is an ordinary function that takes `tx`.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import jobs, record
from app.core.actor import Actor
from app.core.db import Base, UtcDateTime, db
from app.core.errors import Busy, GongkaiError, Refused
from app.core.keys import Keyring
from app.core.now import now
from app.core.record import Entry, Head

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("gongkai.command")

_running: ContextVar[bool] = ContextVar("command_running", default=False)
_gate = threading.Lock()  # SQLite has one writer: wait here, fairly, rather than in its busy loop


class Submission(Base):
    """The digest of a token a form carried, with the result of the act it caused.

    On SQLite rows are appended, and an index of sixteen bytes a row seldom splits: two pages to write per act.
    """

    __tablename__ = "submissions"

    token: Mapped[bytes] = mapped_column(sa.LargeBinary(16), primary_key=True)
    person_id: Mapped[int | None]
    command: Mapped[str] = mapped_column(sa.String(80))
    result: Mapped[Any] = mapped_column(sa.JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


_keep_token = sa.insert(Submission).inline()
_find_token = sa.select(Submission.person_id, Submission.command, Submission.result).where(
    Submission.token == sa.bindparam("t")
)


@dataclass
class Tx:
    """What a command has at hand: the session in its transaction, who acts, and when.

    `memo` is what it has read of the rows it locked, so that no part of it reads them again; `noted` gathers the acts
    that belong to one record, None while nobody gathers.
    """

    session: Session
    actor: Actor
    now: datetime
    keys: Keyring
    memo: dict[Any, Any] = field(default_factory=dict)
    noted: list[dict[str, Any]] | None = None
    _after: list[Callable[[], None]] = field(default_factory=list)

    def record(
        self,
        stream: Literal["organ", "system"],
        action: str,
        summary: str,
        *,
        stream_id: int = 0,
        **body: Any,
    ) -> None:
        """Append to an organ's stream (`stream_id` = organ) or the system's; case streams: `cases.stream`."""
        record.append_to_stream(
            self.session,
            self.keys,
            stream,
            stream_id,
            self.actor,
            self.now,
            Entry(action, summary, body),
        )

    def note(self, organ_id: int, action: str, summary: str, **body: Any) -> None:
        """An act that may be part of a larger one: goes into its record, or else on the organ's stream."""
        if self.noted is None:
            self.record("organ", action, summary, stream_id=organ_id, **body)
        else:
            self.noted.append({"action": action, "summary": summary, "organ": organ_id, **body})

    def append(self, head: Head, entry: Entry) -> Head:
        """Append to a stream whose head lies on a row this command has locked; the caller keeps the new head."""
        return record.append(self.session, self.keys, head, self.actor, self.now, entry)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once the commit has happened (waking a job); its failure is logged, never shown."""
        self._after.append(call)

    def wake(self, job: str) -> None:
        """Have a job look at what this command writes once it is committed; its next beat would find it too."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        self.after_commit(lambda: jobs.wake(app, job))


def keyring() -> Keyring:
    """The running application's keys."""
    keys: Keyring = current_app.extensions["gongkai_keys"]
    return keys


@contextmanager
def _writing(session: Session) -> Iterator[None]:
    """A write transaction: committed when the block ends, undone when it raises."""
    session.commit()  # ends the page's read transaction; rollback would expire every object
    sqlite = session.get_bind().dialect.name == "sqlite"
    if sqlite and not _gate.acquire(timeout=20):
        raise Busy("很多人正在同时保存，请稍等几秒再提交。您填写的内容仍在本页。")
    try:
        session.connection(execution_options={"begin": "IMMEDIATE"})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        if sqlite:
            _gate.release()


def command(fn: Callable[Concatenate[Tx, P], R]) -> Callable[..., R]:
    """Make `fn(tx, …)` a command, called as `fn(actor, …, token=None)`: a keyword no signature can add."""
    name = f"{fn.__module__.removeprefix('app.').removesuffix('.service')}.{fn.__name__}"

    @functools.wraps(fn)
    def run(actor: Actor, /, *args: Any, token: str | None = None, **kwargs: Any) -> Any:
        if _running.get():
            raise RuntimeError(f"commands never nest: {name}")
        mark = _running.set(True)
        session: Session = db.session()
        try:
            return _run(fn, name, session, actor, token, args, kwargs)
        finally:
            _running.reset(mark)

    run.command_name = name  # type: ignore[attr-defined]
    return run


def _run(
    fn: Callable[..., Any],
    name: str,
    session: Session,
    actor: Actor,
    token: str | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    tx = Tx(session, actor, now(), keyring())
    try:
        with _writing(session):
            result = fn(tx, *args, **kwargs)
            if token:
                session.flush()
                _keep(session, token, name, actor, result, tx.now)
    except _Repeated as repeat:
        return repeat.result
    except GongkaiError as error:
        if token and (first := _first_result(session, token, name, actor)) is not None:
            return first
        if error.recorded is not None:
            _record_refusal(session, tx, error.recorded)
        raise
    except OperationalError as error:
        log.warning("%s: database not available: %s", name, error.orig)
        raise Busy(
            "数据库暂时不能写入（可能正忙，或磁盘已满），本次没有保存任何内容。请稍后重新提交。"
        ) from error
    for call in tx._after:
        try:
            call()
        except Exception:  # the rows are the truth; a wake-up that fails is made good by the next beat
            log.warning("%s: after-commit call failed", name, exc_info=True)
    return result


class _Repeated(Exception):
    def __init__(self, result: Any) -> None:
        self.result = result


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()[:16]


def _keep(session: Session, token: str, name: str, actor: Actor, result: Any, at: datetime) -> None:
    """Insert the token last; if it is there already, the act happened before and is undone now."""
    row = {"token": _digest(token), "person_id": actor.person_id, "command": name, "result": result, "at": at}
    try:
        session.execute(_keep_token, row)
    except IntegrityError:
        session.rollback()
        first = _first_result(session, token, name, actor)
        if first is None:
            raise Refused("这个表单已经用过了。请重新打开页面后再提交。") from None
        raise _Repeated(first) from None


def _first_result(session: Session, token: str, name: str, actor: Actor) -> Any:
    found = session.execute(_find_token, {"t": _digest(token)}).first()
    session.commit()
    if found and found.person_id == actor.person_id and found.command == name:
        return found.result
    return None


def _record_refusal(session: Session, tx: Tx, recorded: Any) -> None:
    stream, stream_id, entry = recorded
    with _writing(session):
        record.append_to_stream(session, tx.keys, stream, stream_id, tx.actor, tx.now, entry)


def end_read(session: Session) -> None:
    """End a page's read transaction with COMMIT: cheaper than ROLLBACK on PostgreSQL, and expires nothing."""
    if session.in_transaction():
        session.commit()
