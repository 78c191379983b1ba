"""The rows again: rebuild a state from them, compare, and plan a return (design 3a).

Every input was a row, so the same `step` that made the state makes it again, with actions answered from
their recorded results and nothing ever executed. A return (退回, 取回) is a replay without the returned row
and without whatever can no longer be repeated exactly; nothing is deleted, the `return` row names what is
left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workflows.engine import state
from workflows.engine.errors import EngineRefused, ReplayDiffers
from workflows.engine.flow import outcome, seen_of, step
from workflows.engine.loading import Spec
from workflows.engine.model import Act, Facts, OpenMessage, OpenStep, OpenTimer, Outcome, Row, View
from workflows.engine.rows import current, effective, standing_acts, trail, translated
from workflows.engine.running import Engine, Flow, addressed, digest, followed, view

__all__ = [
    "Checkpoint",
    "Rebuilt",
    "ReturnPlan",
    "apply_return",
    "checkpoint",
    "checkpoint_from",
    "current",
    "differences",
    "effective",
    "plan_return",
    "rebuild",
    "shows",
    "standing_acts",
    "trail",
    "translated",
]

CHECKPOINT_EVERY = 25  # rows


@dataclass(frozen=True)
class Checkpoint:
    """A state and the trail of the effective rows that lead to it."""

    trail: str
    state: bytes


@dataclass(frozen=True)
class Rebuilt:
    """A state made from the rows, what it shows, and the effective rows as the replay saw them."""

    state: bytes
    open: tuple[OpenStep, ...]
    timers: tuple[OpenTimer, ...]
    messages: tuple[OpenMessage, ...]
    finished: bool
    facts: Facts
    history: tuple[Row, ...]


@dataclass(frozen=True)
class ReturnPlan:
    """What returning to the step that row `target` completed would do; the same rows give the same plan.

    refused: why it cannot be done, as a Chinese sentence, else None; the rest is then empty.
    goal: the address that waits again. drop / why: rows left out, each with its reason in Chinese.
    redone: addresses of persons' steps to be done again, `goal` first. vanish: steps that wait now and will
    not. reopened: steps that will wait and do not now. kept: later rows that stay. undone: for kept rows,
    what they opened and will not have opened (a join that waits again). stands: acts that were done and stay
    done, with their row. detached: dropped rows of timers and messages. timers: timers that will wait and do
    not now. withdrawal: nothing but `target` itself is lost, so that its person may take it back (取回).
    """

    target: int
    refused: str | None = None
    goal: str = ""
    drop: tuple[int, ...] = ()
    why: Mapping[int, str] = field(default_factory=dict)
    redone: tuple[str, ...] = ()
    vanish: tuple[OpenStep, ...] = ()
    reopened: tuple[OpenStep, ...] = ()
    kept: tuple[int, ...] = ()
    undone: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    stands: tuple[tuple[int, Act], ...] = ()
    detached: tuple[int, ...] = ()
    timers: tuple[OpenTimer, ...] = ()
    withdrawal: bool = False


def checkpoint(spec: Spec, rows: Sequence[Row], blob: bytes) -> Checkpoint | None:
    """A checkpoint to store when one is due after these rows (every 25th effective row), else None."""
    counted = effective(rows)
    if not counted or len(counted) % CHECKPOINT_EVERY:
        return None
    return checkpoint_from(spec, blob)


def checkpoint_from(spec: Spec, blob: bytes) -> Checkpoint | None:
    """A checkpoint out of any stored state of this definition; the state itself knows which rows led to it."""
    if state.inspect(blob)["spec"] != spec.hash:
        return None  # written before a migration
    return Checkpoint(state.load(spec, blob).trail, blob)


def shows(place: OpenStep, row: Row) -> bool:
    """Whether an open step shows exactly what the row's person saw when he completed it."""
    return digest([place.facts]) == row.seen


# -- rebuilding ---------------------------------------------------------------------------------------


def rebuild(spec: Spec, rows: Sequence[Row], checkpoint: Checkpoint | None = None) -> Rebuilt:
    """The state the rows lead to. Raises ReplayDiffers, naming every difference, when they do not repeat."""
    flow, history, differing = _replayed(spec, rows, checkpoint)
    if differing or flow is None:
        raise ReplayDiffers(differing or ["没有流程记录"])
    shown = view(flow)
    return Rebuilt(
        state.dump(flow),
        shown.open,
        shown.timers,
        shown.messages,
        shown.finished,
        shown.facts,
        tuple(history),
    )


def differences(spec: Spec, rows: Sequence[Row], blob: bytes) -> list[str]:
    """What differs between a stored state and its rows, in Chinese sentences; [] when all is well."""
    flow, _history, differing = _replayed(spec, rows, None)
    if flow is None:
        return differing
    stored = state.load(spec, blob)
    found = differing + _view_differences(view(stored), view(flow))
    if stored.trail != flow.trail:
        found.append("保存的状态所经过的流程记录与现有记录不同")
    elif not found and not state.same(blob, state.dump(flow)):
        found.append("保存的状态与重放的状态在内部数据上不同")
    return found


def _replayed(
    spec: Spec, rows: Sequence[Row], start: Checkpoint | None
) -> tuple[Flow | None, list[Row], list[str]]:
    counted = effective(rows)
    last_return = max((row.seq for row in rows if row.kind == "return"), default=-1)
    flow, done = _from_checkpoint(spec, counted, start)
    history, found = counted[:done], list[str]()
    for row in counted[done:]:
        try:
            flow, again = step(spec, flow, row, Engine(row.seq, None, row.acts))
        except EngineRefused as refusal:
            return None, history, [*found, f"第 {row.seq} 行无法重放：{refusal}"]
        flow.trail = followed(flow.trail, row)
        history.append(again)
        found += _row_differences(row, again, exact=row.seq > last_return)
    return flow, history, found


def _from_checkpoint(spec: Spec, rows: list[Row], start: Checkpoint | None) -> tuple[Flow | None, int]:
    """The checkpoint's flow and how many rows it covers; (None, 0) when it does not fit these rows."""
    if start is not None:
        reached = ""
        for number, row in enumerate(rows, 1):
            reached = followed(reached, row)
            if reached == start.trail and state.inspect(start.state)["spec"] == spec.hash:
                return state.load(spec, start.state), number
    return None, 0


def _row_differences(row: Row, again: Row, exact: bool) -> list[str]:
    """`exact`: rows kept by a return may open or close less than they did when they were written."""
    found = []
    if again.seen != row.seen:
        found.append(f"第 {row.seq} 行办理时看到的数据不同")
    for name, before, now in (("打开", row.opened, again.opened), ("关闭", row.closed, again.closed)):
        if set(now) - set(before) or (exact and before != now):
            found.append(f"第 {row.seq} 行{name}的环节不同：记录为 {_listed(before)}，重放为 {_listed(now)}")
    if exact and again.acts != row.acts:
        found.append(f"第 {row.seq} 行执行的动作不同")
    return found


def _view_differences(stored: View, again: View) -> list[str]:
    found = []
    missing, surplus = again.addresses() - stored.addresses(), stored.addresses() - again.addresses()
    if missing:
        found.append(f"保存的状态缺少等待中的环节：{_listed(sorted(missing))}")
    if surplus:
        found.append(f"保存的状态多出等待中的环节：{_listed(sorted(surplus))}")
    data = {step.address: step.facts for step in again.open}
    found += [
        f"环节 {step.address} 的数据不同"
        for step in stored.open
        if step.facts != data.get(step.address, step.facts)
    ]
    if (stored.finished, stored.facts) != (again.finished, again.facts):
        found.append("流程是否办结或办结时的数据不同")
    if not missing and not surplus and (stored.timers, stored.messages) != (again.timers, again.messages):
        found.append("等待中的定时器或消息不同")
    return found


def _listed(addresses: Iterable[str]) -> str:
    return "、".join(addresses) or "无"


# -- returning ----------------------------------------------------------------------------------------


def plan_return(spec: Spec, rows: Sequence[Row], target: int) -> ReturnPlan:
    """What a return to row `target` would do; see ReturnPlan. Changes nothing and executes nothing."""
    return _planned(spec, rows, target)[0]


def apply_return(spec: Spec, rows: Sequence[Row], plan: ReturnPlan, seq: int) -> Outcome:
    """Carry out a plan that a person has seen: the `return` row `seq` and the new state.

    Refused `return` when the plan is a refusal, or when the rows now give another plan.
    """
    if plan.refused is not None:
        raise EngineRefused(plan.refused, "return")
    fresh, flow = _planned(spec, rows, plan.target)
    if fresh != plan or flow is None:
        raise EngineRefused("办件在您确认期间有了新的进展，请重新查看退回的影响后再确认", "return")
    before = _current(spec, rows).addresses()
    after = view(flow).addresses()
    row = Row(
        seq, "return", drop=plan.drop, target=plan.target, acts=tuple(act for _seq, act in plan.stands),
        opened=tuple(sorted(after - before)), closed=tuple(sorted(before - after)),
    )  # fmt: skip
    return outcome(flow, row)


def _current(spec: Spec, rows: Sequence[Row]) -> View:
    flow, _history, differing = _replayed(spec, rows, None)
    if flow is None or differing:
        raise ReplayDiffers(differing)
    return view(flow)


def _planned(spec: Spec, rows: Sequence[Row], target: int) -> tuple[ReturnPlan, Flow | None]:
    counted = effective(rows)
    row = next((row for row in counted if row.seq == target), None)
    if row is None:
        return ReturnPlan(target, "这一步已经被退回过，不能再退回到这里，请刷新页面后重新选择"), None
    if row.kind != "complete":
        return ReturnPlan(target, "只能退回到某个人办理过的环节"), None
    attempt = _Search(spec, counted, row).run()
    return _described(_current(spec, rows), attempt), attempt.flow


class _Search:
    """Finds the rows to drop: the target and every later row that cannot be repeated exactly.

    A later row is dropped when an address it acted on is not open any more or shows other data, when it would
    open or close what it did not then, call an action without a recorded result, or close the goal. Each rule
    reads only recorded facts.
    """

    def __init__(self, spec: Spec, rows: list[Row], target: Row) -> None:
        self.spec, self.target, self.goal = spec, target, target.at[0]
        self.all, self.rows = rows, {row.seq: row for row in reversed(rows)}  # of one seq, the first
        self.later = [row for row in rows if row.seq > target.seq]
        self.fixed: dict[int, str] = {target.seq: "退回到这一步"}
        self.base = self._before_target([row for row in rows if row.seq < target.seq])
        self._clear()

    def _clear(self) -> None:
        self.flow = state.load(self.spec, self.base)
        self.late: dict[int, str] = {}
        self.kept: list[int] = []
        self.undone: dict[int, tuple[str, ...]] = {}
        self.unspent: list[tuple[int, Act]] = []

    def _before_target(self, earlier: list[Row]) -> bytes:
        flow: Flow | None = None
        for row in earlier:
            flow, _again = step(self.spec, flow, row, Engine(row.seq, None, row.acts))
            flow.trail = followed(flow.trail, row)
        assert flow is not None  # row `target` completed a step, so a start came before it
        return state.dump(flow)

    def run(self) -> _Search:
        """Replay the later rows until none has to be dropped any more; each round drops one more for good."""
        while (offender := self._try()) is not None:
            self.fixed[offender[0]] = offender[1]
            self._clear()
        return self

    def _try(self) -> tuple[int, str] | None:
        for row in self.later:
            if row.seq in self.fixed or row.seq in self.late:
                continue
            waiting, late = addressed(self.flow), ""
            if any(address not in waiting for address in row.at):
                late = "所办的环节不再等待办理"
            elif seen_of(waiting, row) != row.seen:
                late = "办理时所依据的数据有变化"
            elif reason := self._keep(row):
                return row.seq, reason
            if late and row.seq in self.kept:  # a step inserted by a migration stands and falls with its row
                return row.seq, late
            if late:
                self.late[row.seq] = late
        return None

    def _keep(self, row: Row) -> str | None:
        """Apply `row`; the reason why it must be dropped after all, if there is one."""
        engine = Engine(row.seq, None, row.acts)
        try:
            self.flow, again = step(self.spec, self.flow, row, engine)
        except EngineRefused as refusal:
            return "会触发尚未执行过的动作" if refusal.code == "not_recorded" else "无法照原样重做"
        if self.goal not in addressed(self.flow):
            return "会使要退回的环节不再等待办理"
        if set(again.opened) - set(row.opened):
            return "会打开当时没有打开的环节"
        if set(again.closed) - set(row.closed):
            return "会关闭当时没有关闭的环节"
        self.flow.trail = followed(self.flow.trail, row)
        if row.seq not in self.kept:
            self.kept.append(row.seq)
        if lost := tuple(sorted(set(row.opened) - set(again.opened))):
            self.undone[row.seq] = lost
        self.unspent += [(row.seq, act) for act in engine.recorded or ()]
        return None

    @property
    def dropped(self) -> dict[int, str]:
        return dict(sorted((self.fixed | self.late).items()))


def _described(now: View, found: _Search) -> ReturnPlan:
    after = view(found.flow)
    rows = [found.rows[seq] for seq in found.dropped]
    redone = [row.at[0] for row in rows if row.kind == "complete"]
    return ReturnPlan(
        target=found.target.seq, goal=found.goal, drop=tuple(found.dropped), why=found.dropped,
        redone=tuple(redone),
        vanish=tuple(step for step in now.open if step.address not in after.addresses()),
        reopened=tuple(step for step in after.open if step.address not in now.addresses()),
        kept=tuple(found.kept), undone=found.undone,
        stands=tuple(sorted(_acts(row for row in found.all if row.seq in found.dropped) + found.unspent, key=lambda each: each[0])),
        detached=tuple(row.seq for row in rows if row.kind in ("timer", "message")),
        timers=tuple(timer for timer in after.timers if timer not in now.timers),
        withdrawal=tuple(found.dropped) == (found.target.seq,),
    )  # fmt: skip


def _acts(rows: Iterable[Row]) -> list[tuple[int, Act]]:
    return [(row.seq, act) for row in rows for act in row.acts]
