"""Diagrams drawn with other tools: a stated list of repairs makes of them what this engine can run.

    bpmn, repairs = repair(data, key="leave", process="")

Nothing is repaired silently: each repair names its element, its rule and, in Chinese, what was done; the editor shows
the list and takes it or leaves it. What cannot be repaired without knowing what was meant is left as it is, and
`check` finds it. Pure: bytes in, bytes out. Namespaces and extensions of other tools stay in the file, they do nothing.
"""

from workflows.engine.foreign.document import Repair
from workflows.engine.foreign.repairing import repair

__all__ = ["Repair", "repair"]
