"""Taking a running case to another definition: its rows are replayed there, nothing is guessed, nothing executed.

Both definitions replay the rows side by side. Wherever the new one cannot take a row, shows a person less or other data
than he had before him, wants an action that was never done or leaves out one that was, the row is named
(`Divergence`) and the case stays where it is. More data than before is fine. Renamed steps come with a map, inserted
ones with answers that stand for everybody; an inserted step completes under the number of the row that opened it, so
that the addresses of all that follows stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from workflows.engine import state
from workflows.engine.errors import EngineError, EngineRefused
from workflows.engine.flow import outcome, step
from workflows.engine.loading import Spec
from workflows.engine.merging import clone
from workflows.engine.model import Act, Facts, Moved, OpenStep, OpenTimer, Outcome, Row, StepInfo, View
from workflows.engine.paths import Paths, Step, label_in
from workflows.engine.replay import differences
from workflows.engine.rows import current, effective, renamed_address, trail, translated
from workflows.engine.running import Engine, Flow, addressed, view

MAX_NAMED = 20  # divergences of one case that are told
MAX_INSERTED = 20  # inserted steps completed at one row


@dataclass(frozen=True)
class Change:
    """What a person says of the two definitions. renames: step of the old one -> its id in the new one, in the same
    process. answers: a step that only the new one has -> the facts that complete it where it would have stood."""

    renames: Mapping[Step, str] = field(default_factory=dict)
    answers: Mapping[Step, Facts] = field(default_factory=dict)

    def back(self) -> Change:
        """The change that leads back."""
        return Change({(process, new): old for (process, old), new in self.renames.items()})


@dataclass(frozen=True)
class Divergence:
    """Where the new definition goes another way: at row `seq` (None: after the last one), at the step `label`.

    recorded: what was so. instead: what the new definition would do. Both are Chinese sentences.
    """

    seq: int | None
    label: str
    recorded: str
    instead: str

    @property
    def sentence(self) -> str:
        """「第 4 行「核稿」：当时…；新版…」"""
        where = f"第 {self.seq} 行" if self.seq is not None else "现在"
        return f"{where}{f'「{self.label}」' if self.label else ''}：{self.recorded}；{self.instead}"


@dataclass(frozen=True)
class MigrationPlan:
    """What a migration of one case would do; the same rows give the same plan.

    kind: same (every row as it is), mapped (with renames, insertions or more data), refused (`diverging` names the
    rows). renames: path -> path, of the paths of this case. replaced: rows that read otherwise now. inserted: addresses
    of steps that the given answers completed. addresses: every address that waits -> where it waits then. timers: those
    that begin to wait. remarks: what else is different, in Chinese. before / after: the persons' steps that wait.
    """

    kind: Literal["same", "mapped", "refused"]
    diverging: tuple[Divergence, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    replaced: tuple[Row, ...] = ()
    inserted: tuple[str, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    timers: tuple[OpenTimer, ...] = ()
    remarks: tuple[str, ...] = ()
    before: tuple[OpenStep, ...] = ()
    after: tuple[OpenStep, ...] = ()


@dataclass(frozen=True)
class Ready:
    """A plan with what carries it out; good only while the rows are locked, and for one use."""

    plan: MigrationPlan
    moved: Flow | None
    was: View


def plan(old: Spec, new: Spec, rows: Sequence[Row], change: Change | None = None) -> MigrationPlan:
    """What taking a case with these rows from `old` to `new` would do. Changes nothing, executes nothing.

    Raises EngineRefused when the rows do not even replay on `old`.
    """
    return prepare(old, new, rows, change).plan


def apply(
    old: Spec, new: Spec, rows: Sequence[Row], change: Change | None, seen: MigrationPlan, seq: int
) -> Outcome:
    """Carry out a plan that was seen before; refused `migrate` when the rows now give another plan."""
    fresh = prepare(old, new, rows, change)
    if seen.kind != "refused" and fresh.plan != seen:
        raise EngineRefused("办件在您确认期间有了新的进展，请重新预演后再迁移", "migrate")
    return carry_out(old, new, rows, fresh, seq)


def carry_out(old: Spec, new: Spec, rows: Sequence[Row], ready: Ready, seq: int) -> Outcome:
    """The `migrate` row `seq` and the state on `new`, proven by a rebuild from all rows. Refused `migrate` for a refusal."""
    moved, found = ready.moved, ready.plan
    if found.kind == "refused" or moved is None:
        raise EngineRefused("；".join(each.sentence for each in found.diverging), "migrate")
    after = view(moved).addresses()
    before = {renamed_address(each, found.renames) for each in ready.was.addresses()}
    row = Row(
        seq, "migrate", opened=tuple(sorted(after - before)), closed=tuple(sorted(before - after)),
        moved=Moved(old.hash, new.hash, found.renames, found.replaced),
    )  # fmt: skip
    whole = [*rows, row]
    moved.trail = trail(effective(whole))
    if wrong := differences(new, whole, state.dump(moved)):
        raise EngineRefused("迁移后的流程记录不能照原样重放：" + "；".join(wrong), "migrate")
    return outcome(moved, row)


# -- side by side -------------------------------------------------------------------------------------


def prepare(old: Spec, new: Spec, rows: Sequence[Row], change: Change | None = None) -> Ready:
    """A plan, ready to be carried out."""
    tour = _Tour(old, new, rows, change or Change())
    tour.run()
    was = view(tour.left) if tour.left is not None else View((), (), (), False, {})
    if tour.right is None or tour.named:
        return Ready(MigrationPlan("refused", tuple(tour.named[:MAX_NAMED]), before=was.open), None, was)
    now = view(tour.right)
    renames = tour.renames
    fresh = [timer for timer in now.timers if timer.address not in _renamed_all(was, renames)]
    kind: Literal["same", "mapped"] = "mapped" if renames or tour.replaced else "same"
    found = MigrationPlan(
        kind, (), renames, tuple(tour.replaced), tuple(tour.inserted),
        {address: renamed_address(address, renames) for address in sorted(was.addresses())},
        tuple(fresh), tuple(_remarks(was, now, renames)), was.open, now.open,
    )  # fmt: skip
    return Ready(found, tour.right, was)


def _renamed_all(shown: View, renames: Mapping[str, str]) -> set[str]:
    return {renamed_address(address, renames) for address in shown.addresses()}


def _remarks(was: View, now: View, renames: Mapping[str, str]) -> Iterator[str]:
    waiting = {(renamed_address(t.address, renames), t.name): t for t in was.timers}
    for timer in now.timers:
        former = waiting.pop((timer.address, timer.name), None)
        if former is None:
            yield f"定时器“{timer.name}”开始计时（{timer.value}）"
        elif former.value != timer.value:
            yield f"定时器“{timer.name}”改为 {timer.value}，已经开始的仍按原来的 {former.value}"
    yield from (f"定时器“{name}”不再等待" for _address, name in waiting)
    for message in sorted({each.name for each in was.messages} - {each.name for each in now.messages}):
        yield f"不再接收“{message}”"


class _Tour:
    """Replays the rows on both definitions, `left` the old and `right` the new one, and names where they part."""

    def __init__(self, old: Spec, new: Spec, rows: Sequence[Row], change: Change) -> None:
        self.old, self.new, self.change = old, new, change
        self.rows = effective(rows)
        self.renames = dict(Paths(old, change.renames).of(current(rows)))
        self.origin = _before_last_move(rows, new)
        self.left: Flow | None = None
        self.right: Flow | None = None
        self.taken: list[Row] = []  # what `right` has gone through
        self.named: list[Divergence] = []
        self.replaced: list[Row] = []
        self.inserted: list[str] = []

    def run(self) -> None:
        for seq in dict.fromkeys(row.seq for row in self.rows):
            group = [row for row in self.rows if row.seq == seq]
            if seq in self.origin:
                self._as_before(group, self.origin[seq])
                continue
            for row in group:
                self._both(row)
        if self.right is not None and self.left is not None and not self.named:
            self._end(view(self.left), view(self.right))

    def _both(self, row: Row) -> None:
        had = self._shown(self.left, row.at)
        label = self._label(row)
        self.left, was = step(self.old, self.left, row, Engine(row.seq, None, row.acts))
        if self.right is not None or row.kind == "start":
            self._row(row, translated(was, self.renames), had, label)

    def _as_before(self, group: Sequence[Row], origin: Sequence[Row]) -> None:
        """Rows from before the migration that is taken back: on `new` they stand as they were written there."""
        for row in group:
            self.left, _was = step(self.old, self.left, row, Engine(row.seq, None, row.acts))
        for row in origin:
            try:
                self.right, _again = step(self.new, self.right, row, Engine(row.seq, None, row.acts))
            except EngineError as refusal:
                self._name(row, self._label(row), "办理了这个环节", f"原来的版本走不下去：{refusal}")
                self._again()
                return
            self.taken.append(row)
        if [translated(row, self.renames) for row in group] != list(origin):
            self.replaced += origin

    def _row(self, row: Row, was: Row, had: Sequence[Facts], label: str) -> None:
        """One row on the new definition; `was` is what it did on the old one, in the new one's words."""
        here = {} if self.right is None else addressed(self.right)
        if missing := [address for address in was.at if address not in here]:
            self._name(
                row, label, "办理了这个环节", f"新版此时没有在等待它，而是在等待{self._waiting()}", missing
            )
            return
        sent = replace(translated(row, self.renames), at=was.at, name=self._timer_name(was))
        if less := _less(had, [here[address].data for address in was.at]):
            self._name(row, label, f"办理时看到的{less}", "新版给出的不同，办理人当时的判断不能照搬")
        group, left_over = self._taken(sent, label)
        if not group:
            return
        self._insert(group, left_over, was, label)
        self._compare(row, group, was, label)

    def _taken(self, sent: Row, label: str) -> tuple[list[Row], list[Act]]:
        engine = Engine(sent.seq, None, sent.acts)
        try:
            self.right, again = step(self.new, self.right, sent, engine)
        except EngineError as refusal:
            self._name(sent, label, "办理了这个环节", f"新版走不下去：{refusal}")
            self._again()
            return [], []
        self.taken.append(again)
        return [again], list(engine.recorded or ())

    def _insert(self, group: list[Row], acts: list[Act], was: Row, label: str) -> None:
        """Complete what the new definition has opened more, where a person has said with which answers."""
        for _turn in range(MAX_INSERTED):
            address = next(self._answered(group, was), None)
            if address is None or self.right is None:
                return
            info = self._info(address)
            facts = self.change.answers[info.process, info.step]
            sent = Row(was.seq, "complete", at=(address,), facts=facts, acts=tuple(acts))
            more, acts = self._taken(sent, info.label)
            if not more:
                group.clear()
                return
            self.inserted.append(address)
            group += more

    def _answered(self, group: Sequence[Row], was: Row) -> Iterator[str]:
        """Steps opened in this group, not by the old definition, for which there are answers."""
        assert self.right is not None
        for address, task in addressed(self.right).items():
            fresh = address not in was.opened and any(address in row.opened for row in group)
            if fresh and task.task_spec.manual:
                info = self._info(address)
                if (info.process, info.step) in self.change.answers:
                    yield address

    def _compare(self, row: Row, group: list[Row], was: Row, label: str) -> None:
        if not group or self.right is None or self.left is None:
            return
        done, doing = _acts([was]), _acts(group)
        if left_out := sorted({name for name, _path, _result in (done - doing)}):
            self._name(row, label, f"执行了{_listed(left_out)}", "新版在这里不执行，不能当作没有做过")
        before, after = _people(self.left), _people(self.right)
        kept = {renamed_address(address, self.renames) for address in before}
        for address in sorted(set(after) - kept):
            if any(address in each.opened for each in group):
                more = self._info(address).label
                self._name(row, label, "之后没有这个环节", f"新版还要办理「{more}」，没有说明用什么答复补上")
        for address in sorted(kept - set(after)):
            if address in was.opened:
                self._name(row, label, f"打开了「{self._label_at(address)}」", "新版在这里不打开它")
        if group != [was] and not self.named:
            self.replaced += group

    def _end(self, was: View, now: View) -> None:
        kept = {renamed_address(place.address, self.renames): place for place in was.open}
        here = {place.address: place for place in now.open}
        for address in sorted(kept.keys() - here.keys()):
            self._name(None, kept[address].label, "正在等待办理", "新版此时不等待它")
        for address in sorted(here.keys() - kept.keys()):
            self._name(None, here[address].label, "没有这个环节", "新版此时在等待它")
        for address in sorted(kept.keys() & here.keys()):
            if less := _less([kept[address].facts], [here[address].facts]):
                self._name(None, kept[address].label, f"环节中的{less}", "新版给出的不同")
        if was.finished != now.finished:
            told = ("已经办结", "没有办结")
            self._name(None, "", told[not was.finished], "新版" + told[not now.finished])

    # -- words and helpers

    def _again(self) -> None:
        """Make the new side afresh from what it has taken: a refused row leaves it half moved."""
        self.right = None
        for row in self.taken:
            self.right, _again = step(self.new, self.right, row, Engine(row.seq, None, row.acts))

    def _name(
        self, row: Row | None, label: str, recorded: str, instead: str, missing: Sequence[str] = ()
    ) -> None:
        gone = [self._label_at(address) for address in missing]
        told = recorded if not gone or label in gone else f"{recorded}（{_listed(gone)}）"
        self.named.append(Divergence(row.seq if row else None, label, told, instead))

    def _shown(self, flow: Flow | None, addresses: Iterable[str]) -> list[Facts]:
        here = {} if flow is None else addressed(flow)
        return [clone(here[address].data) for address in addresses if address in here]

    def _timer_name(self, was: Row) -> str:
        """The name of the timer the row fired; where one timer alone waits there, it is that one whatever its name."""
        if was.kind != "timer" or self.right is None:
            return was.name
        names = [timer.name for timer in view(self.right).timers if timer.address == was.at[0]]
        return names[0] if len(names) == 1 else was.name

    def _waiting(self) -> str:
        shown = view(self.right) if self.right is not None else None
        return _listed([f"「{place.label}」" for place in shown.open] if shown else []) or "事件"

    def _label(self, row: Row) -> str:
        if row.kind == "start":
            return "发起"
        return label_in(row.at[0], self.old, self.new) if row.at else row.name

    def _label_at(self, address: str) -> str:
        return label_in(address, self.new, self.old)

    def _info(self, address: str) -> StepInfo:
        assert self.right is not None
        return self.new.step_of(addressed(self.right)[address].task_spec)


def _before_last_move(rows: Sequence[Row], new: Spec) -> dict[int, list[Row]]:
    """Rows from before the last migration as they counted there, by number, where it came from `new`; else nothing."""
    last = next((n for n in reversed(range(len(rows))) if rows[n].moved is not None), None)
    if last is None or (moved := rows[last].moved) is None or moved.before != new.hash:
        return {}
    gone = {seq for row in rows[last:] for seq in row.drop}
    found: dict[int, list[Row]] = {}
    for row in effective(rows[:last]):
        if row.seq not in gone:
            found.setdefault(row.seq, []).append(row)
    return found


def _people(flow: Flow) -> list[str]:
    """Addresses of the persons' steps that wait."""
    return [address for address, task in addressed(flow).items() if task.task_spec.manual]


def _less(had: Sequence[Facts], has: Sequence[Facts]) -> str:
    """Names of data that somebody had before him and that is not there, or is another, now."""
    names = {
        name
        for before, now in zip(had, has, strict=False)
        for name, value in before.items()
        if name not in now or now[name] != value
    }
    return "、".join(sorted(names)[:8])


def _acts(rows: Iterable[Row]) -> Counter[tuple[str, str, str]]:
    return Counter((act.name, act.path, repr(act.result)) for row in rows for act in row.acts)


def _listed(words: Iterable[str]) -> str:
    return "、".join(words)
