"""What the studio costs: the check of a process of sixty nodes, an activation while ten thousand cases run (issue 5)."""

from __future__ import annotations

import statistics
import time
from datetime import date

from sqlalchemy.orm import undefer

from app.core import guard
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.processes import guarded
from app.processes import service as versions
from app.processes.models import Process, ProcessVersion
from app.processes.packages import assemble, unpack
from bench.offices import Office, Offices
from bench.report import Report
from bench.requests import fill, inside
from tests.support.counting import counting

NODES, SECONDS = 60, 1.0
RUNNING = 10_000
KEY = "foi_request"
_ROLE = (
    "<bpmn:extensionElements><spiffworkflow:properties>"
    '<spiffworkflow:property name="role" value="work"/>'
    "</spiffworkflow:properties></bpmn:extensionElements>"
)


def measure(report: Report, offices: Offices, *, many: int) -> None:
    """A check by the wall clock, as a person waits for it; an activation by its statements."""
    office = offices.make("sqlite", "studio")
    with inside(office):
        texts = _line(NODES)
        guarded.findings(texts, {}, {})  # the warm parent starts once per process
        took = []
        for _ in range(5):
            began = time.perf_counter()
            found = guarded.findings(texts, {}, {})
            took.append(time.perf_counter() - began)
        guard.close()
    seconds = statistics.median(took)
    report.most("studio.check", f"检查 {NODES} 个节点的流程", seconds, SECONDS, "秒")
    report.exactly("studio.check_whole", "检查走到了最后，没有发现问题", len(found), 0, "项")
    report.details["studio.check"] = {"nodes": NODES, "seconds": took}
    few = _activation(office)
    fill(office, many, received_on=date(2026, 11, 2), due=0)
    before = _marks(office)
    report.exactly(
        "studio.activation", f"{many} 件在办时启用新版多用的语句", _activation(office) - few, 0, "条"
    )
    report.exactly("studio.untouched", "启用新版没有动在办的件", _marks(office) == before, True)


def _line(nodes: int) -> dict[str, str]:
    """A process of that many nodes: begin, end, and steps of its initiator in a line between."""
    steps = [f"step_{number}" for number in range(nodes - 2)]
    line = ["begin", *steps, "finish"]
    drawn = [
        '<bpmn:startEvent id="begin"/>',
        *(f'<bpmn:userTask id="{step}" name="环节{step}">{_ROLE}</bpmn:userTask>' for step in steps),
        '<bpmn:endEvent id="finish"/>',
        *(
            f'<bpmn:sequenceFlow id="to_{after}" sourceRef="{before}" targetRef="{after}"/>'
            for before, after in zip(line, line[1:], strict=False)
        ),
    ]
    lane = "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in line)
    diagram = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="x">'
        '<bpmn:process id="long" name="很长" isExecutable="true">'
        f'<bpmn:laneSet id="ls"><bpmn:lane id="l" name="承办人">{lane}</bpmn:lane></bpmn:laneSet>'
        f"{''.join(drawn)}</bpmn:process></bpmn:definitions>"
    )
    settings = (
        'format = 1\nkey = "long"\nname = "很长"\nowner = "办公室"\nnumber = "{organ}〔{year}〕{n}号"\ntitle = "{said}"\n'
        '[[legal_basis]]\ntitle = "《条例》"\narticles = ["第四条"]\n[lanes."承办人"]\nscope = "initiator"\n'
    )
    form = 'format = 1\ntitle = "办理"\n[[field]]\nkey = "said"\nlabel = "意见"\ntype = "text"\n'
    forms = {f"forms/{step}.toml": form for step in steps}
    return {"process.bpmn": diagram, "package.toml": settings, **forms}


def _activation(office: Office) -> int:
    """Statements of activating a new version of the process."""
    with inside(office):
        version = _draft(SYSTEM)
        with counting(db.engine) as count:
            _activate(SYSTEM, version_id=version)
        return count.statements


def _marks(office: Office) -> tuple[int, int, int]:
    """What an activation could have moved on the cases of the process."""
    row = office.ask(
        f"SELECT count(*) || ' ' || sum(version_id) || ' ' || sum(lock) FROM cases WHERE process_key = '{KEY}'"
    )
    count, version, lock = str(row).split()
    return int(count), int(version), int(lock)


@command
def _draft(tx: Tx) -> int:
    active = tx.session.get_one(Process, KEY).active_id
    now = tx.session.get_one(ProcessVersion, active, options=[undefer(ProcessVersion.content)])
    package = unpack(now.content)
    texts = dict(package.texts)
    texts["package.toml"] = texts["package.toml"].replace('summary = "', 'summary = "改。', 1)
    return versions.add_version(tx, assemble(texts, package.scenarios), note="改摘要").id


@command
def _activate(tx: Tx, *, version_id: int) -> None:
    versions.activate(tx, tx.session.get_one(ProcessVersion, version_id, with_for_update=True))
    tx.session.flush()
