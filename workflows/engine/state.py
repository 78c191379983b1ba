"""The stored state of an instance: the instance only, never its definition, compressed.

    b"gongkai-flow <format> <engine version> <hash of the closure>\\n" + zstd(JSON)

The definition is looked up by the hash (engine.md 4). Ids of tasks are small numbers, parents come before
their children, and data equal to the parent's is left out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any
from uuid import UUID

import orjson
import zstandard
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import StateUnreadable
from workflows.engine.loading import Spec
from workflows.engine.merging import clone
from workflows.engine.patches import Numbering
from workflows.engine.running import Flow

MAGIC = b"gongkai-flow"
FORMAT = 1
ENGINE = "spiff-" + version("SpiffWorkflow")
MAX_STATE_BYTES = 32_000_000  # after decompression; a state is a few kilobytes
_VOLATILE = ("seen_events",)  # internal data that lives only within one advance

_local = threading.local()


def dump(flow: Flow) -> bytes:
    """The state of a settled, pruned flow."""
    workflow = flow.workflow
    parts = {str(task_id.int): _part(part) for task_id, part in workflow.subprocesses.items()}
    instance = {"last_id": flow.numbering.last, "trail": flow.trail, "main": _part(workflow), "parts": parts}
    header = b" ".join([MAGIC, str(FORMAT).encode(), ENGINE.encode(), flow.spec.hash.encode()])
    return header + b"\n" + _compressor().compress(orjson.dumps(instance))


def load(spec: Spec, state: bytes) -> Flow:
    """The flow a state was dumped from. Raises StateUnreadable for another format or another definition."""
    header = bytes(state).partition(b"\n")[0]
    _check_header(spec, header.split(b" "))
    try:
        instance = orjson.loads(content(state))
    except (zstandard.ZstdError, orjson.JSONDecodeError) as error:
        raise StateUnreadable("流程状态已损坏，请用“重建流程状态”从流程记录恢复") from error
    return _restore(spec, instance)


def same(one: bytes, other: bytes) -> bool:
    """Whether two states hold the same; the order of keys says nothing (a row that came back from a database has
    its facts in another order)."""
    return bool(orjson.loads(content(one)) == orjson.loads(content(other)))


def content(state: bytes) -> bytes:
    """The uncompressed instance inside a state: equal bytes mean the same instance."""
    return _decompressor().decompress(bytes(state).partition(b"\n")[2], max_output_size=MAX_STATE_BYTES)


def inspect(state: bytes) -> dict[str, str]:
    """Format, engine version and closure hash of a state, without reading the rest."""
    words = bytes(state).partition(b"\n")[0].split(b" ")
    if len(words) != 4 or words[0] != MAGIC:
        raise StateUnreadable("这不是本系统保存的流程状态")
    return {"format": words[1].decode(), "engine": words[2].decode(), "spec": words[3].decode()}


def _check_header(spec: Spec, words: list[bytes]) -> None:
    found = inspect(b" ".join(words))
    if found["format"] != str(FORMAT):
        raise StateUnreadable(
            f"流程状态的格式是第 {found['format']} 版，本系统只认识第 {FORMAT} 版，"
            "请用“重建流程状态”从流程记录恢复"
        )
    if found["spec"] != spec.hash:
        raise StateUnreadable("流程状态属于另一个流程版本，不能用现在的流程版本打开")


def _part(part: Any) -> dict[str, Any]:
    tasks = [_task(task) for task in part.tasks.values()]
    return {"tasks": tasks, "data": part.data, "completed": part.completed, "success": part.success}


def _task(task: Task) -> list[Any]:
    internal = {key: value for key, value in task.internal_data.items() if key not in _VOLATILE}
    parent = task.parent
    data = None if parent is not None and task.data == parent.data else task.data
    return [
        task.id.int, parent.id.int if parent is not None else None, task.task_spec.name, task.state,
        task.triggered, internal, data,
    ]  # fmt: skip


def _restore(spec: Spec, content: dict[str, Any]) -> Flow:
    workflow = BpmnWorkflow(spec.main, spec.called, deserializing=True)
    flow = Flow(spec, workflow, Numbering(content["last_id"]), content["trail"])
    _fill(flow.workflow, content["main"])
    for key in sorted(content["parts"], key=int):
        holder = flow.workflow.get_task_from_id(UUID(int=int(key)))
        part = BpmnSubWorkflow(
            spec.parsed[holder.task_spec.spec], holder.id, flow.workflow, deserializing=True
        )
        flow.workflow.subprocesses[holder.id] = part
        part.completed_event.connect(holder.task_spec._on_subworkflow_completed, holder)
        _fill(part, content["parts"][key])
    return flow


def _fill(part: Any, content: dict[str, Any]) -> None:
    part.data, part.completed, part.success = content["data"], content["completed"], content["success"]
    for number, parent_number, name, state, triggered, internal, data in content["tasks"]:
        parent = part.tasks[UUID(int=parent_number)] if parent_number is not None else None
        task = Task(part, part.spec.task_specs[name], parent, state, UUID(int=number))
        task.triggered, task.internal_data = triggered, internal
        task.data = clone(parent.data) if data is None and parent is not None else data
    part.task_tree = next(iter(part.tasks.values()))
    _listen(part.top_workflow, part.tasks.values())


def _listen(workflow: BpmnWorkflow, tasks: Iterable[Task]) -> None:
    for task in tasks:
        if isinstance(task.task_spec, CatchingEvent) and task.state == TaskState.WAITING:
            workflow.event_manager.add_task(task)


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=3)
    compressor: zstandard.ZstdCompressor = _local.compressor
    return compressor


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    decompressor: zstandard.ZstdDecompressor = _local.decompressor
    return decompressor
