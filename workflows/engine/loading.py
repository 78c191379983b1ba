"""Package bytes -> Spec, parsed once and kept by content hash.

A definition runs together with every process it calls (engine.md 12), so the hash, the cache and the stored
state all mean the *closure*: the main package and its callees, each parsed on its own so that neither their
decision tables nor their sub-processes can take each other's names.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent, ThrowingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import CallActivity, SubWorkflowTask
from SpiffWorkflow.dmn.specs.business_rule_task_mixin import BusinessRuleTaskMixin
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.spiff.specs.defaults import ServiceTask

from workflows.engine import parser as parsing
from workflows.engine import xml
from workflows.engine.drawing import FLOW_NODES, MAX_NODES
from workflows.engine.errors import DefinitionRefused
from workflows.engine.model import Source, StepInfo

CACHE_SIZE = 200  # parsed closures kept per process
CHILD = " [child]"  # how the library names what a multi-instance repeats


@dataclass(frozen=True, eq=False)
class Spec:
    """A parsed closure, shared by all its instances and never changed.

    hash: SM3 over the closure. key: the main process. labels: process key -> name of the process.
    steps: (process key, step id) -> StepInfo for every node drawn; steps inside an embedded sub-process
    belong to the process that draws them. `parsed` and `owners` are the engine's own.
    """

    hash: str
    key: str
    labels: Mapping[str, str]
    steps: Mapping[tuple[str, str], StepInfo]
    parsed: Mapping[str, parsing.ProcessSpec]
    owners: Mapping[str, str]

    def step_of(self, task_spec: TaskSpec) -> StepInfo:
        """The drawn node a node of the library stands for."""
        return self.steps[self.owners[task_spec._wf_spec.name], task_spec.name.removesuffix(CHILD)]

    def actions(self) -> Iterator[tuple[str, Any]]:
        """Step id and node of every action of the main process."""
        return self._own(ServiceTask)

    def calls(self) -> Iterator[tuple[str, str]]:
        """Step id and called process of every call in the main process."""
        return ((step, str(task_spec.spec)) for step, task_spec in self._own(CallActivity))

    def _own(self, kind: type) -> Iterator[tuple[str, Any]]:
        for name, parsed in self.parsed.items():
            if self.owners[name] == self.key:
                for step, task_spec in parsed.task_specs.items():
                    if isinstance(task_spec, kind):
                        yield step.removesuffix(CHILD), task_spec

    @property
    def main(self) -> parsing.ProcessSpec:
        return self.parsed[self.key]

    @property
    def called(self) -> dict[str, parsing.ProcessSpec]:
        return {name: spec for name, spec in self.parsed.items() if name != self.key}


def closure_hash(main: Source, callees: Sequence[Source] = ()) -> str:
    """SM3 over the closure, in an order that does not depend on the order of `callees`; parses nothing."""
    digest = hashlib.new("sm3")
    for source in [main, *sorted(callees, key=lambda callee: callee.key)]:
        for part in _parts(source):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _parts(source: Source) -> Iterator[bytes]:
    yield source.key.encode()
    yield source.bpmn
    yield len(source.dmn).to_bytes(4, "big")
    for name in sorted(source.dmn):
        yield name.encode()
        yield source.dmn[name]


class _Cache:
    """The most recently used closures of this process."""

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, threading.Lock()
        self._specs: OrderedDict[str, Spec] = OrderedDict()

    def get(self, key: str) -> Spec | None:
        with self._lock:
            if key in self._specs:
                self._specs.move_to_end(key)
            return self._specs.get(key)

    def put(self, spec: Spec) -> Spec:
        with self._lock:
            kept = self._specs.setdefault(spec.hash, spec)
            self._specs.move_to_end(spec.hash)
            while len(self._specs) > self._size:
                self._specs.popitem(last=False)
            return kept


_cache = _Cache(CACHE_SIZE)


def cached(closure: str) -> Spec | None:
    """The closure with this hash if it was loaded lately."""
    return _cache.get(closure)


def load(main: Source, callees: Sequence[Source] = ()) -> Spec:
    """Parse a closure, or take it from the cache. Raises DefinitionRefused in Chinese when it cannot run."""
    key = closure_hash(main, callees)
    return _cache.get(key) or _cache.put(parse(main, callees, key))


def parse(main: Source, callees: Sequence[Source] = (), key: str | None = None) -> Spec:
    """Parse a closure without the cache."""
    sources = {source.key: source for source in callees} | {main.key: main}
    parsed: dict[str, parsing.ProcessSpec] = {}
    owners: dict[str, str] = {}
    for source in sources.values():
        for name, spec in _parse_source(source).items():
            parsed[name], owners[name] = spec, source.key
    _check_calls(main.key, parsed)
    steps = {
        (owners[name], info.step): info
        for name, spec in parsed.items()
        for info in _steps(owners[name], spec)
    }
    labels = {name: str(parsed[name].description) for name in sources}
    return Spec(key or closure_hash(main, callees), main.key, labels, steps, parsed, owners)


def _parse_source(source: Source) -> dict[str, parsing.ProcessSpec]:
    """The process of one package and its embedded sub-processes, these renamed to `<key>/<id>`."""
    root = xml.read_bpmn(source.bpmn, f"流程“{source.key}”")
    if sum(xml.local(element) in FLOW_NODES for element in root.iter(f"{{{xml.BPMN}}}*")) > MAX_NODES:
        raise DefinitionRefused(
            f"流程“{source.key}”超过 {MAX_NODES} 个节点，请把一部分画成单独的流程再调用", "oversize"
        )
    tables = [xml.read_dmn(data, f"决策表“{name}”") for name, data in source.dmn.items()]
    try:
        parser = parsing.Parser()
        for table in tables:
            parser.add_dmn_xml(table)
        parser.add_bpmn_xml(root)
        specs = {source.key: parser.get_spec(source.key)}
        _collect_embedded(parser, source.key, specs[source.key], specs)
    except RecursionError as error:
        raise DefinitionRefused(f"流程“{source.key}”过长，请拆成子流程", "oversize") from error
    except (
        SpiffWorkflowException,
        etree.LxmlError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise DefinitionRefused(f"流程“{source.key}”无法解析：{error}", "parse") from error
    for spec in specs.values():
        parsing.finish(spec)
    return specs


def _collect_embedded(parser: Any, key: str, spec: Any, specs: dict[str, Any]) -> None:
    for task_spec in spec.task_specs.values():
        if isinstance(task_spec, SubWorkflowTask) and not isinstance(task_spec, CallActivity):
            embedded = parser.get_spec(task_spec.spec)
            task_spec.spec = embedded.name = f"{key}/{task_spec.spec}"
            specs[embedded.name] = embedded
            _collect_embedded(parser, key, embedded, specs)


def _check_calls(main: str, parsed: Mapping[str, parsing.ProcessSpec]) -> None:
    """Every called process is in the closure and none calls itself, directly or through others."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise DefinitionRefused("流程互相调用成环：" + " → ".join([*path, name]), "call_cycle")
        if name not in parsed:
            raise DefinitionRefused(f"被调用的流程“{name}”不存在或尚未启用", "unknown_callee")
        if name not in done:
            for callee in _called(parsed[name]):
                visit(callee, (*path, name))
            done.add(name)

    visit(main, ())


def _called(spec: parsing.ProcessSpec) -> Iterable[str]:
    return [str(each.spec) for each in spec.task_specs.values() if isinstance(each, SubWorkflowTask)]


def _steps(process: str, spec: parsing.ProcessSpec) -> Iterator[StepInfo]:
    for name, task_spec in spec.task_specs.items():
        if getattr(task_spec, "bpmn_id", None) is None or name.endswith(CHILD):
            continue
        drawn = spec.task_specs[task_spec.task_spec] if isinstance(task_spec, LoopTask) else task_spec
        settings = getattr(drawn, "extensions", {}).get("properties", {})
        yield StepInfo(process, name, label_of(drawn) or name, drawn.lane, dict(settings), kind_of(drawn))


def label_of(task_spec: TaskSpec) -> str | None:
    """The name its author gave a node."""
    name = getattr(task_spec, "bpmn_name", None)
    return str(name) if name else None


def kind_of(task_spec: TaskSpec) -> str:
    """The kind of a node as `StepInfo.kind` names it."""
    kinds: list[tuple[type, str]] = [
        (ServiceTask, "action"), (BusinessRuleTaskMixin, "decision"), (CallActivity, "call"),
        (SubWorkflowTask, "subprocess"), (CatchingEvent, "event"), (ThrowingEvent, "event"),
    ]  # fmt: skip
    if task_spec.manual:
        return "person"
    return next((kind for cls, kind in kinds if isinstance(task_spec, cls)), "gateway")
