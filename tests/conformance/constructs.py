"""Every construct of BPMN 2.0's Common Executable subclass, and the neighbours an office may draw, in a smallest diagram.

`runs`: a walk says what has to happen, in words of `Play`. `refused`: the rule that refuses it at the check. There is no
third outcome: a construct that is read and does nothing would be one.
"""

from __future__ import annotations

from tests.conformance import activities, boundaries, events, flows, links, loops, others
from tests.conformance.made import Construct

CONSTRUCTS: tuple[Construct, ...] = (
    *flows.flows(), *flows.gateways(), *activities.activities(), *loops.loops(), *events.events(),
    *boundaries.boundaries(), *links.links(), *others.artifacts(), *others.refused_around(),
)  # fmt: skip
