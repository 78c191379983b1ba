"""代理 and AB岗: the commands that let somebody act for somebody else, and mark people absent.

Who does it: the person himself, or the unit administrator of his organ. Every change raises the directory's version, so
that one of them happens at a time and everybody sees it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.accounts import kinds, locked
from app.accounts.deputy_models import ABSENCES, KINDS, Absence, Deputy
from app.accounts.directory import Directory, PersonInfo, directory
from app.accounts.standing import Arrangement, Away, circle, covers, meets, shares
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import business_date

#: longest 代理 or absence; whoever is away longer hands over
MOST_DAYS = 366

#: rooms above say which processes there are (key -> name), and tell a person something: (tx, person, sentence, key)
process_names: list[Callable[[Session], Mapping[str, str]]] = []
tell: list[Callable[[Tx, int, str, str], None]] = []


@dataclass(frozen=True)
class Wanted:
    """An arrangement as somebody wants it; empty `posts` and `processes` mean all, `until_on` None means until ended."""

    principal_id: int
    deputy_id: int
    kind: str
    from_on: date
    until_on: date | None
    posts: Sequence[int] = ()
    processes: Sequence[str] = ()
    reason: str = ""


def may_arrange(actor: Actor, person: PersonInfo) -> bool:
    """Whether the actor decides who stands in for this person, and when the person is away."""
    if actor.person_id is None or actor.officer or person.nature != "business":
        return False
    return actor.person_id == person.id or actor.holds("unit_admin", person.organ_id)


def _person(tx: Tx, book: Directory, person_id: int) -> PersonInfo:
    person = book.person(person_id)
    if person is None or not may_arrange(tx.actor, person):
        raise NotFound()
    return person


@command
def appoint(tx: Tx, *, wanted: Wanted) -> dict[str, Any]:
    """Let B act for A. Raises NotFound (not yours to decide), Refused with the field that is wrong. {id, said}."""
    locked.begin(tx)
    book, day = directory(), business_date(tx.now)
    principal = _person(tx, book, wanted.principal_id)
    deputy = _deputy(book, principal, wanted)
    _check_days(wanted.from_on, wanted.until_on, day, open_end=wanted.kind == "standing")
    _check_scope(tx.session, book, wanted)
    _check_others(book, wanted, principal, deputy)
    row = _add(tx, principal, wanted)
    said = sentence(book, row)
    tx.record(
        "organ", "deputy.appointed", said, stream_id=principal.organ_id,
        arrangement=row.id, principal=principal.id, deputy=deputy.id, kind=row.kind, posts=row.posts,
        processes=row.processes, from_on=row.from_on.isoformat(),
        until_on=row.until_on.isoformat() if row.until_on else None, reason=row.reason,
    )  # fmt: skip
    for person in {principal.id, deputy.id} - {tx.actor.person_id}:
        _tell(tx, person, f"{said}。", f"deputy:{row.id}:{person}")
    return {"id": row.id, "said": f"{said}。"}


def _add(tx: Tx, principal: PersonInfo, wanted: Wanted) -> Deputy:
    row = Deputy(
        organ_id=principal.organ_id,
        principal_id=wanted.principal_id,
        deputy_id=wanted.deputy_id,
        kind=wanted.kind,
        from_on=wanted.from_on,
        until_on=wanted.until_on,
        posts=sorted(wanted.posts),
        processes=sorted(wanted.processes),
        reason=wanted.reason[:200],
        made_by=tx.actor.person_id,
        made_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def _tell(tx: Tx, person_id: int, words: str, key: str) -> None:
    for say in tell:
        say(tx, person_id, words, key)


def _wrong(field: str, words: str) -> Refused:
    return Refused(words, fields={field: words})


def _deputy(book: Directory, principal: PersonInfo, wanted: Wanted) -> PersonInfo:
    """B, if B may act for A at all."""
    if wanted.kind not in ("period", "standing"):
        raise _wrong("kind", "请选择代理方式。")
    if wanted.deputy_id == principal.id:
        raise _wrong("deputy_id", "不能由本人代理本人。请选择另一个人。")
    deputy = book.person(wanted.deputy_id)
    if deputy is None or deputy.organ_id != principal.organ_id:
        raise _wrong("deputy_id", "只能请本机关在岗的人代理。请从列表里选择。")
    if deputy.nature != "business":
        raise _wrong("deputy_id", f"{deputy.name} 是三员，三员不办理业务，不能代理。请选择业务人员。")
    if not deputy.login:
        raise _wrong("deputy_id", f"{deputy.name} 不登录系统，只在纸上签批，不能代理。请另选一人。")
    return deputy


def _check_days(first: date, last: date | None, today: date, *, open_end: bool = False) -> None:
    if last is None:
        if not open_end:
            raise _wrong("until_on", "请填写截止日期。")
        return
    if last < first:
        raise _wrong("until_on", "截止日期不能早于开始日期。")
    if last < today:
        raise _wrong("until_on", "这段日期已经过去。请填写今天或以后的日期。")
    if last - first > timedelta(days=MOST_DAYS):
        raise _wrong("until_on", "最长一年。时间更长的，请办理交接。")


def _check_scope(session: Session, book: Directory, wanted: Wanted) -> None:
    held = {post.id: post for post in book.posts_of(wanted.principal_id)}
    for post_id in wanted.posts:
        if post_id not in held:
            raise _wrong("posts", "所选岗位不是被代理人现在的岗位。请重新选择。")
        if held[post_id].kind in kinds.GOVERNING:
            raise _wrong(
                "posts", f"「{held[post_id].name}」是管理岗位，不能代理。需要时请由安全管理员另行授予。"
            )
    known = {key for names in process_names for key in names(session)}
    if set(wanted.processes) - known:
        raise _wrong("processes", "所选流程不存在。请重新选择。")


def arrangement(wanted: Wanted) -> Arrangement:
    """As the pure rules see it, before it has a number."""
    return Arrangement(
        0, wanted.principal_id, wanted.deputy_id, wanted.kind, wanted.from_on, wanted.until_on,
        frozenset(wanted.posts), frozenset(wanted.processes),
    )  # fmt: skip


def _check_others(book: Directory, wanted: Wanted, principal: PersonInfo, deputy: PersonInfo) -> None:
    """Overlaps, circles and chains among the arrangements that share a day with the new one."""
    new = arrangement(wanted)
    others = [each for each in book.arrangements if meets(each, new) and each.kind != "handover"]
    for each in others:
        if each.principal_id == principal.id and each.kind == new.kind and shares(each, new):
            raise _wrong(
                "from_on",
                f"同一岗位在这段时间已请 {book.name_of(each.deputy_id)} {KINDS[each.kind]}（{days(each)}）。请先结束那一项，或另选时间、岗位。",
            )
    around = circle(new, [each for each in others if each.kind == new.kind])
    if around is not None:
        names = " → ".join(book.name_of(person) for person in [*around, principal.id])
        raise _wrong("deputy_id", f"这样安排会形成循环代理（{names}），都不在时就没有人办理。请另选一人。")
    if new.kind == "period":
        _check_chain(book, new, [each for each in others if each.kind == "period"], principal, deputy)


def _check_chain(
    book: Directory,
    new: Arrangement,
    others: Sequence[Arrangement],
    principal: PersonInfo,
    deputy: PersonInfo,
) -> None:
    """B must be here himself: what is entrusted to him is not passed on (no 转委托)."""
    for each in others:
        if each.principal_id == deputy.id:
            third = book.name_of(each.deputy_id)
            raise _wrong(
                "deputy_id",
                f"{deputy.name} 在这段时间（{days(each)}）已请 {third} 代理，代理不能再转给别人。请直接选择 {third} 或其他人。",
            )
        if each.deputy_id == principal.id:
            first = book.name_of(each.principal_id)
            raise _wrong(
                "deputy_id",
                f"{principal.name} 在这段时间（{days(each)}）正代理 {first}，代理不能再转给别人。请先由 {first} 改请他人，再作安排。",
            )
    for gone in book.absences:
        if gone.person_id == deputy.id and meets(gone, new):
            raise _wrong("deputy_id", f"{deputy.name} 在这段时间外出（{days(gone)}），不能代理。请另选一人。")


def days(span: Arrangement | Away | Deputy | Absence) -> str:
    """「2026-11-23 至 2026-11-27」"""
    if span.until_on is None:
        return f"{span.from_on.isoformat()} 起"
    if span.until_on == span.from_on:
        return span.from_on.isoformat()
    return f"{span.from_on.isoformat()} 至 {span.until_on.isoformat()}"


def sentence(book: Directory, row: Deputy) -> str:
    """What an arrangement says: who, for whom, when, with what."""
    a, b = book.name_of(row.principal_id), book.name_of(row.deputy_id)
    if row.kind == "standing":
        return f"{b} 任 {a} 的 B岗，{a} 外出时代理{scope(book, row)}"
    how = "交接期间" if row.kind == "handover" else ""
    return f"{b} {how}代理 {a}（{days(row)}）{scope(book, row)}"


def scope(book: Directory, row: Deputy) -> str:
    """Which posts, when not all."""
    names = [post.name for post_id in row.posts if (post := book.post(post_id)) is not None]
    return f"，限{'、'.join(f'「{name}」' for name in names)}" if names else ""


def _end(tx: Tx, model: type[Deputy] | type[Absence], row_id: int) -> tuple[Any, Directory, PersonInfo]:
    """End the locked row now; with whose work it is about. NotFound when it is not yours to end, Refused when it is over."""
    locked.begin(tx)
    row: Any = tx.session.get(model, row_id, with_for_update=True, populate_existing=True)
    book = directory()
    whose = (row.principal_id if model is Deputy else row.person_id) if row is not None else None
    person = book.people.get(whose) if whose is not None else None
    if person is None or not may_arrange(tx.actor, person):
        raise NotFound()
    _not_over(row, business_date(tx.now))
    row.ended_at, row.ended_by = tx.now, tx.actor.person_id
    tx.session.flush()
    return row, book, person


@command
def end_deputy(tx: Tx, *, deputy_id: int) -> dict[str, Any]:
    """End an arrangement now. Raises as `_end`."""
    row, book, principal = _end(tx, Deputy, deputy_id)
    said = f"结束：{sentence(book, row)}"
    tx.record("organ", "deputy.ended", said, stream_id=row.organ_id, arrangement=row.id)
    for person in {row.principal_id, row.deputy_id} - {tx.actor.person_id}:
        _tell(tx, person, f"{said}。", f"deputy:{row.id}:{person}:end")
    return {"said": f"{said}。{book.name_of(row.deputy_id)} 不再看到 {principal.name} 的待办。"}


def _not_over(row: Deputy | Absence, today: date) -> None:
    if row.ended_at is not None or (row.until_on is not None and row.until_on < today):
        raise Refused("这一项已经结束，页面可能已过时。请刷新后查看。")


@command
def mark_away(
    tx: Tx, *, person_id: int, kind: str, from_on: date, until_on: date, note: str = ""
) -> dict[str, Any]:
    """登记外出: the person's AB岗 acts on these days. Says who does, or that nobody does."""
    locked.begin(tx)
    book, today = directory(), business_date(tx.now)
    person = _person(tx, book, person_id)
    if kind not in ABSENCES:
        raise _wrong("kind", "请选择外出原因。")
    _check_days(from_on, until_on, today)
    away = Away(0, person.id, from_on, until_on)
    for known in book.absences:
        if known.person_id == person.id and meets(known, away):
            raise _wrong("from_on", f"这段时间已登记外出（{days(known)}）。请先结束那一项，或改日期。")
    row = Absence(
        organ_id=person.organ_id, person_id=person.id, kind=kind, from_on=from_on, until_on=until_on,
        note=note[:200], made_by=tx.actor.person_id, made_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    summary = f"{person.name} {ABSENCES[kind]}（{days(row)}）"
    tx.record(
        "organ", "absence.marked", summary, stream_id=person.organ_id,
        absence=row.id, person=person.id, kind=kind, from_on=from_on.isoformat(), until_on=until_on.isoformat(),
    )  # fmt: skip
    acting = [each for each in book.arrangements if each.principal_id == person.id and meets(each, away)]
    for each in acting:
        _tell(tx, each.deputy_id, f"{summary}，其待办由您代理。", f"away:{row.id}:{each.deputy_id}")
    return {"id": row.id, "said": f"已登记：{summary}。{_who_acts(book, person, away, acting)}"}


def _who_acts(book: Directory, person: PersonInfo, away: Away, acting: Sequence[Arrangement]) -> str:
    """Who handles the work meanwhile, and whose work is left without a stand-in."""
    names = "、".join(dict.fromkeys(book.name_of(each.deputy_id) for each in acting))
    words = f"其间由 {names} 代理。" if names else "其间没有人代理，待办会留在本人处；请指定代理。"
    left = [
        book.name_of(each.principal_id)
        for each in book.arrangements
        if each.deputy_id == person.id and each.kind == "period" and meets(each, away)
    ]
    if left:
        words += f"{person.name} 正代理 {'、'.join(left)}，代理不会转给别人，请为其另行指定。"
    return words


@command
def end_absence(tx: Tx, *, absence_id: int) -> dict[str, Any]:
    """The person is back early. Raises as `_end`."""
    row, _book, person = _end(tx, Absence, absence_id)
    said = f"{person.name} {ABSENCES[row.kind]}（{days(row)}）已结束"
    tx.record("organ", "absence.ended", said, stream_id=row.organ_id, absence=row.id, person=person.id)
    return {"said": f"{said}。"}


def add_transition(tx: Tx, principal: PersonInfo, deputy_id: int, posts: Sequence[int], last: date) -> None:
    """The days after a handover on which both see the work at the person's posts (app.cases.service.handing)."""
    wanted = Wanted(principal.id, deputy_id, "handover", business_date(tx.now), last, posts, (), "交接过渡期")
    _check_days(wanted.from_on, last, wanted.from_on)
    _add(tx, principal, wanted)


def active(row: Deputy | Absence, today: date) -> str:
    """`ended`, `coming`, or `active` on this day."""
    if row.ended_at is not None or (row.until_on is not None and row.until_on < today):
        return "ended"
    return "coming" if row.from_on > today else "active"


def acts_today(book: Directory, row: Deputy, today: date) -> bool:
    """Whether an AB岗 acts on this day: its principal is away."""
    return any(each.person_id == row.principal_id and covers(each, today) for each in book.absences)
