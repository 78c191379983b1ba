"""The library's parser, made to build our nodes instead of its own."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.event_parsers import SIGNAL_EVENT_XPATH, EventBasedGatewayParser
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.bpmn.specs.defaults import EndEvent, EventBasedGateway
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.spiff.parser.event_parsers import SpiffEndEventParser
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser, SpiffProcessParser
from SpiffWorkflow.spiff.parser.task_spec import CallActivityParser, ScriptTaskParser, ServiceTaskParser

from workflows.engine import activities, events, joins, patches

patches.apply()


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process whose end events meet in our join."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = f"{self.name}.EndJoin"
        del self.task_specs[name], self.task_specs["End"]
        self.end = joins.EndJoin(self, name)
        self.end.connect(SimpleBpmnTask(self, "End"))


class ProcessParser(SpiffProcessParser):  # type: ignore[misc]
    def create_spec(self) -> ProcessSpec:
        super().create_spec()  # refuses a process that is not executable
        return ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)


class _OurInstances:
    """Mixed into every activity parser: multi-instances become ours."""

    PARALLEL_MI_CLASS = activities.ParallelInstances
    SEQUENTIAL_MI_CLASS = activities.SequentialInstances


class EndEventParser(SpiffEndEventParser):  # type: ignore[misc]
    """The library's makes a plain end of a signal end event (engine.md 6)."""

    def get_event_definition(self, xpaths: list[str]) -> Any:
        return super().get_event_definition([*xpaths, SIGNAL_EVENT_XPATH])


def _parsers() -> dict[str, tuple[type, type]]:
    """Tag -> (node parser, node class): the library's table with our classes in it."""
    nodes = dict(SpiffBpmnParser.OVERRIDE_PARSER_CLASSES)
    nodes |= {
        full_tag("parallelGateway"): (GatewayParser, joins.ParallelJoin),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, joins.InclusiveJoin),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, joins.ExclusiveChoice),
        full_tag("eventBasedGateway"): (EventBasedGatewayParser, EventBasedGateway),
        full_tag("serviceTask"): (ServiceTaskParser, activities.Action),
        full_tag("callActivity"): (CallActivityParser, activities.Call),
        full_tag("endEvent"): (EndEventParser, EndEvent),
        full_tag("scriptTask"): (ScriptTaskParser, activities.RefusedScript),
    }
    return {
        tag: (type(f"Our{parser.__name__}", (_OurInstances, parser), {}), node)
        for tag, (parser, node) in nodes.items()
    }


class Parser(SpiffBpmnParser):  # type: ignore[misc]
    """Parses one package. The XML must come from `workflows.engine.xml`; nothing here reads a file."""

    PROCESS_PARSER_CLASS = ProcessParser
    OVERRIDE_PARSER_CLASSES = _parsers()

    def get_engine(self, decision_ref: str, node: Any) -> activities.DecisionTable:
        return activities.DecisionTable(super().get_engine(decision_ref, node).decision_table)


def finish(spec: ProcessSpec) -> None:
    """Make a parsed process ready to be shared by every instance; nothing changes it afterwards.

    Events become ours, and each loop's child is connected to its loop once: the library does it while an
    instance runs, which a restored instance never reaches (engine.md 3).
    """
    for task_spec in spec.task_specs.values():
        definition = getattr(task_spec, "event_definition", None)
        if definition is not None:
            task_spec.event_definition = events.replaced(definition)
        if isinstance(task_spec, LoopTask):
            completed = spec.task_specs[task_spec.task_spec].completed_event
            if not completed.is_connected(task_spec.merge_child):
                completed.connect(task_spec.merge_child)
