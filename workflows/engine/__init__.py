"""The engine room: the only importer of SpiffWorkflow. State in -> state, work and timers out.

It knows no database, no web and no clock. Whoever calls it stores the rows (the truth) and the state (a
cache of them), turns timers into due dates and supplies the actions.
"""

from workflows.engine import deciding, expressions, flow, migrating, replay, state
from workflows.engine.alone import check_alone, check_table_alone
from workflows.engine.check import check
from workflows.engine.check_tables import table_label
from workflows.engine.errors import (
    DefinitionRefused,
    EngineError,
    EngineRefused,
    ExpressionError,
    ReplayDiffers,
    StateUnreadable,
)
from workflows.engine.loading import Spec, cached, closure_hash, load
from workflows.engine.model import (
    DIAGRAM,
    SETTINGS,
    Act,
    Actions,
    Catalogue,
    Facts,
    Finding,
    Json,
    OpenMessage,
    OpenStep,
    OpenTimer,
    Outcome,
    Row,
    Source,
    StepInfo,
    View,
)
from workflows.engine.replay import Checkpoint, Rebuilt, ReturnPlan
from workflows.engine.rows import renamed_address
from workflows.engine.running import place_of

__all__ = [
    "DIAGRAM",
    "SETTINGS",
    "Act",
    "Actions",
    "Catalogue",
    "Checkpoint",
    "DefinitionRefused",
    "EngineError",
    "EngineRefused",
    "ExpressionError",
    "Facts",
    "Finding",
    "Json",
    "OpenMessage",
    "OpenStep",
    "OpenTimer",
    "Outcome",
    "Rebuilt",
    "ReplayDiffers",
    "ReturnPlan",
    "Row",
    "Source",
    "Spec",
    "StateUnreadable",
    "StepInfo",
    "View",
    "cached",
    "check",
    "check_alone",
    "check_table_alone",
    "closure_hash",
    "deciding",
    "expressions",
    "flow",
    "load",
    "migrating",
    "place_of",
    "renamed_address",
    "table_label",
    "replay",
    "state",
]
