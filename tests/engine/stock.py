"""The library as it comes, beside ours: to show that a pitfall is still there.

When one of these tests fails because the stock library behaves, the workaround can go.
"""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.util.task import TaskState

from workflows.engine import Source, xml


def fresh(module: ModuleType) -> ModuleType:
    """A second, unpatched copy of a library module."""
    assert module.__file__ is not None
    found = importlib.util.spec_from_file_location(
        f"stock_{module.__name__.replace('.', '_')}", module.__file__
    )
    assert found is not None and found.loader is not None
    copy = importlib.util.module_from_spec(found)
    found.loader.exec_module(copy)
    return copy


def parsed(source: Source) -> Any:
    """The process as the stock parser reads it."""
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(xml.read_bpmn(source.bpmn))
    return parser.get_spec(source.key)


def started(source: Source, **facts: Any) -> Any:
    """A stock instance, moved to its first waiting places."""
    workflow = BpmnWorkflow(parsed(source))
    workflow.task_tree.data.update(facts)
    workflow.do_engine_steps()
    return workflow


def waiting(workflow: Any) -> list[str]:
    return sorted(task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True))


def complete(workflow: Any, step: str, **facts: Any) -> None:
    tasks = workflow.get_tasks(state=TaskState.READY, manual=True)
    task = next(task for task in tasks if task.task_spec.name == step)
    task.data.update(facts)
    task.run()
    workflow.do_engine_steps()
