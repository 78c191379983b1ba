"""A live instance: how it evaluates, acts, settles, and what it shows.

`Flow` is what `state.load` gives and `flow` and `replay` work on; it never leaves the package. `settle` is
the one place where the engine moves, bounded, and the same for live and replayed rows.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.exceptions import SpiffWorkflowException, TaskNotFoundException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine import expressions
from workflows.engine.errors import EngineRefused, ExpressionError
from workflows.engine.events import TIMERS, RowMessage, RowTimer, parts
from workflows.engine.facts import is_plain
from workflows.engine.loading import CHILD, Spec
from workflows.engine.merging import clone, plain
from workflows.engine.model import Act, Actions, Json, OpenMessage, OpenStep, OpenTimer, Row, View
from workflows.engine.patches import Numbering, numbered
from workflows.engine.pruning import prune

MAX_STEPS = 3_000  # nodes one input may pass through
ADDRESS = "address"  # internal data of a waiting task


@dataclass(eq=False)
class Flow:
    """One instance in memory: its definition, the library's workflow, the numbering of its tasks.

    trail: digest over the rows that made it, see `followed`.
    """

    spec: Spec
    workflow: Any
    numbering: Numbering
    trail: str = ""


class SafeEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Every place of the library that evaluates text ends here (engine.md 1)."""

    def evaluate(
        self, expression: str, context: Mapping[str, Any], external_context: Mapping[str, Any] | None = None
    ) -> object:
        names = {**context, **external_context} if external_context else context
        try:
            return expressions.evaluate(expression, names)
        except ExpressionError as error:
            raise EngineRefused(f"流程无法判断下一步：{error}", "expression") from error

    def execute(self, script: str, context: object, external_context: object = None) -> None:
        raise EngineRefused("流程图含有脚本，系统不执行脚本，请联系流程管理员修改流程", "expression")

    def call_service(self, context: object, **kwargs: object) -> None:
        raise EngineRefused("流程图含有不认识的服务，请联系流程管理员修改流程", "expression")


class Engine(PythonScriptEngine):  # type: ignore[misc]
    """Evaluates and acts for one advance.

    Live, `actions` is called and every call is noted in `acts`; replaying, `recorded` answers instead and
    nothing is ever executed. An act without a recorded answer raises EngineRefused `not_recorded`.
    """

    def __init__(self, seq: int, actions: Actions | None, recorded: Sequence[Act] | None = None) -> None:
        super().__init__(SafeEnvironment())
        self.seq, self.actions = seq, actions
        self.recorded = None if recorded is None else list(recorded)
        self.acts: list[Act] = []

    def validate(self, expression: str) -> None:
        expressions.compile(expression)

    def evaluate(
        self, task: Task, expression: str, external_context: Mapping[str, Any] | None = None
    ) -> object:
        return self.environment.evaluate(expression, task.data, external_context)

    def execute(self, task: Task, script: str, external_context: object = None) -> None:
        self.environment.execute(script, task.data, external_context)

    def act(self, task: Task, name: str, params: dict[str, object]) -> Json:
        """The result of the action `name` for the service task `task`."""
        path, given = path_of(task), {key: plain(value) for key, value in params.items()}
        result = self._live(name, given, path) if self.recorded is None else self._recall(name, path)
        self.acts.append(Act(name, path, given, result))
        return result

    def _live(self, name: str, params: dict[str, Json], path: str) -> Json:
        if self.actions is None:
            raise EngineRefused(f"流程要执行动作“{name}”，但这里不能执行动作", "not_recorded")
        result: Json = clone(self.actions(name, clone(params), f"{self.seq}:{path}"))
        if not is_plain(result):
            raise EngineRefused(f"动作“{name}”的结果不是普通数据，或者过大、嵌套过深", "facts")
        return result

    def _recall(self, name: str, path: str) -> Json:
        assert self.recorded is not None
        for index, act in enumerate(self.recorded):
            if (act.name, act.path) == (name, path):
                return self.recorded.pop(index).result
        raise EngineRefused(f"流程记录中没有动作“{name}”的结果", "not_recorded")


# -- moving -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def moving(flow: Flow, engine: Engine) -> Iterator[None]:
    """Inside, `flow` may be changed: `engine` evaluates and acts, new tasks are numbered.

    Whatever the library raises becomes EngineRefused; the flow is then half moved and must be thrown away.
    """
    if flow.workflow is not None:
        flow.workflow.script_engine = engine
    try:
        with numbered(flow.numbering):
            yield
    except SpiffWorkflowException as error:
        raise _refusal(error) from error
    except RecursionError as error:
        raise EngineRefused(
            "流程过长或含有没有条件的循环，无法继续，请联系流程管理员修改流程", "runaway"
        ) from error


def _refusal(error: BaseException) -> EngineRefused:
    """Our own refusal inside what the library wrapped around it, or one for the library's."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, EngineRefused):
            return inner
        inner = inner.__context__
    return EngineRefused(f"流程无法继续，请联系流程管理员修改流程（{error}）", "engine")


def settle(flow: Flow, seq: int) -> None:
    """Run everything that needs nobody until only waiting places are left; prune; address what is new.

    Raises EngineRefused `runaway` after MAX_STEPS nodes, and `deadlock` when nothing is left that waits.
    """
    _run_all(flow.workflow)
    prune(flow.workflow)
    _address_new(flow, seq)
    if not flow.workflow.completed and not waiting_tasks(flow):
        raise EngineRefused(
            "这一步之后流程无路可走：汇合网关在等一条不会再来的分支，请联系流程管理员修改流程", "deadlock"
        )


def _run_all(workflow: Any) -> None:
    budget = [MAX_STEPS]
    moved = True
    while moved:
        moved = False
        for part in sorted(workflow.get_active_subprocesses(), key=_depth_first):
            while _held(workflow, part) and _run_ready(part, budget):
                moved = True
            if _held(workflow, part):
                holder = workflow.get_task_from_id(part.parent_task_id)
                holder.task_spec._update(holder)
        while _run_ready(workflow, budget):
            moved = True
    lost = [task_id for task_id, part in workflow.subprocesses.items() if not _held(workflow, part)]
    for task_id in lost:
        del workflow.subprocesses[task_id]


def _held(workflow: Any, part: Any) -> bool:
    """Whether the activity that holds `part` is still in the tree, and so on outwards.

    The library takes the instances of a cancelled multi-instance out of the tree and forgets what runs inside them.
    """
    try:
        holder = workflow.get_task_from_id(part.parent_task_id)
    except TaskNotFoundException:
        return False
    return holder.workflow is workflow or _held(workflow, holder.workflow)


def _depth_first(part: Any) -> tuple[int, int]:
    return -part.depth, part.parent_task_id.int


def _run_ready(part: Any, budget: list[int]) -> bool:
    """Run what is ready in one process; a task that another one cancelled meanwhile is left alone."""
    ready = [
        task for task in part.tasks.values() if task.state == TaskState.READY and not task.task_spec.manual
    ]
    for task in sorted(ready, key=_number):
        if task.state != TaskState.READY:
            continue
        budget[0] -= 1
        if budget[0] < 0:
            raise EngineRefused(
                f"流程一次走过了 {MAX_STEPS} 个节点仍未停下，可能陷入循环，请联系流程管理员修改流程",
                "runaway",
            )
        run(task)
    return bool(ready)


def run(task: Task) -> None:
    """Run one ready task, with its followers predicted first (pruning took them out)."""
    if task.task_spec.outputs and all(child.triggered for child in task.children):
        task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    task.run()
    task.internal_data.pop("seen_events", None)  # engine.md 14e


def _number(task: Task) -> int:
    number: int = task.id.int
    return number


# -- what waits, and where ----------------------------------------------------------------------------


def waiting_tasks(flow: Flow) -> list[Task]:
    """Every task that waits for a person, a timer or a message, in the order they came to be."""
    parts_of_flow: Iterable[Any] = [flow.workflow, *flow.workflow.subprocesses.values()]
    tasks = [task for part in parts_of_flow for task in part.tasks.values() if _waits(task)]
    return sorted(tasks, key=_number)


def _waits(task: Task) -> bool:
    if task.task_spec.manual:
        return bool(task.state == TaskState.READY)
    return task.state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent)


def addressed(flow: Flow) -> dict[str, Task]:
    """Address -> waiting task."""
    return {task.internal_data[ADDRESS]: task for task in waiting_tasks(flow)}


def _address_new(flow: Flow, seq: int) -> None:
    """Address: "<seq of the row that opened it>:<path>[#k]" (design 3a)."""
    seen: Counter[str] = Counter()
    for task in waiting_tasks(flow):
        if ADDRESS not in task.internal_data:
            path = path_of(task)
            seen[path] += 1
            suffix = f"#{seen[path]}" if seen[path] > 1 else ""
            task.internal_data[ADDRESS] = f"{seq}:{path}{suffix}"


def path_of(task: Task) -> str:
    """Where `task` is: "<call>/<call>/<step>", a part of a multi-instance with its key in brackets."""
    return "/".join(f"{name}[{key}]" if key is not None else name for name, key in _path(task))


def place_of(address: str) -> str:
    """The path inside an address: `path_of` of the task, without the row and the running number."""
    return address.split(":", 1)[1].split("#", 1)[0]


def _path(task: Task) -> list[tuple[str, Any]]:
    steps: list[tuple[str, Any]] = []
    current: Task | None = task
    while current is not None:
        steps.append((current.task_spec.name.removesuffix(CHILD), _instance_key(current)))
        holder = current.workflow.parent_task_id
        current = current.workflow.top_workflow.get_task_from_id(holder) if holder is not None else None
    return steps[::-1]


def _instance_key(task: Task) -> Any:
    data = task.internal_data
    return next((data[key] for key in ("key_or_index", "item", "iteration") if key in data), None)


def seen_digest(tasks: Iterable[Task]) -> str:
    """Digest of the data these tasks show: what a person, timer or message acted upon."""
    return digest([task.data for task in tasks])


def followed(trail: str, row: Row) -> str:
    """The trail after one more row: a chain of digests, so that equal trails mean equal recorded rows."""
    return digest([trail, row.to_json()])


def digest(value: object) -> str:
    """Short SM3 of plain data, whatever the order of its keys."""
    return hashlib.new("sm3", orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]


def view(flow: Flow) -> View:
    """Everything that waits and, once finished, the data."""
    tasks = waiting_tasks(flow)
    finished = bool(flow.workflow.completed)
    return View(
        open=tuple(_open_step(flow, task) for task in tasks if task.task_spec.manual),
        timers=tuple(timer for task in tasks for timer in _timers(flow, task)),
        messages=tuple(message for task in tasks for message in _messages(flow, task)),
        finished=finished,
        facts={key: value for key, value in flow.workflow.data.items() if key != "data_objects"}
        if finished
        else {},
    )


def _open_step(flow: Flow, task: Task) -> OpenStep:
    info = flow.spec.step_of(task.task_spec)
    keys = [str(key) for _name, key in _path(task) if key is not None]
    return OpenStep(
        address=task.internal_data[ADDRESS], process=info.process, step=info.step, label=info.label,
        lane=info.lane, settings=info.settings, instance="/".join(keys) or None, facts=task.data,
    )  # fmt: skip


def _timers(flow: Flow, task: Task) -> Iterator[OpenTimer]:
    for part in parts(getattr(task.task_spec, "event_definition", None)):
        if isinstance(part, RowTimer):
            info = flow.spec.step_of(task.task_spec)
            yield OpenTimer(
                address=task.internal_data[ADDRESS], name=part.name, kind=part.kind,
                value=task.internal_data[TIMERS][part.name], process=info.process, step=info.step,
                interrupting=bool(getattr(task.task_spec, "cancel_activity", True)),
            )  # fmt: skip


def _messages(flow: Flow, task: Task) -> Iterator[OpenMessage]:
    for part in parts(getattr(task.task_spec, "event_definition", None)):
        if isinstance(part, RowMessage):
            info = flow.spec.step_of(task.task_spec)
            yield OpenMessage(task.internal_data[ADDRESS], part.name, info.process, info.step)
