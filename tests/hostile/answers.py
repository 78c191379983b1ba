"""How each kind of case is put to the system, in the guarded child as uploads are."""

from __future__ import annotations

import base64
import time
from typing import Any

from app.core import guard
from app.processes import arrivals, guarded
from app.processes.packages import MAX_BYTES, PackageRefused
from tests.engine.test_expressions import NAMES
from tests.hostile.cases import Case
from tests.hostile.settings import PACKAGE
from workflows.engine import ExpressionError, Finding, expressions

_TASKS = {
    "bpmn": "guarded:answer_alone", "dmn": "guarded:answer_table", "form": "guarded:answer_form",
    "archive": "arrivals:answer_archive",
}  # fmt: skip


def put(case: Case) -> tuple[list[Finding], float, int]:
    """What is said of the case, and the CPU seconds and bytes of memory it took."""
    if len(case.payload) > guarded.MAX_UPLOAD:
        return guarded.alone(case.payload), 0.0, 0  # not even sent
    if case.kind == "settings" and len(case.payload) > MAX_BYTES:
        return guarded.findings(package_of(case), {}, {}), 0.0, 0
    task, question = _TASKS.get(case.kind, "guarded:answer_findings"), base64.b64encode(case.payload).decode()
    asked: Any = question
    if case.kind == "settings":
        asked = guarded._question(package_of(case), {}, {})
    answer = guard.measured(f"app.processes.{task}", asked)
    found = answer.value
    if isinstance(found, dict):
        found = [
            {"element": "", "rule": "package", "severity": "error", "message": each, "mend": ""}
            for each in found.get("problems", [])
        ]
    return [Finding(**each) for each in found], answer.cpu, answer.memory


def package_of(case: Case) -> dict[str, str]:
    """The sound package with the settings of the case."""
    return PACKAGE | {"package.toml": case.payload.decode("utf-8", "replace")}


def imported(case: Case) -> tuple[bytes, list[Finding]]:
    """A diagram as it comes out of the import, and what is left to mend; PackageRefused is one finding."""
    try:
        found = arrivals.drawing(case.payload)
    except PackageRefused as refusal:
        return b"", [Finding("", "package", "error", str(refusal), "")]
    return found.after.encode(), list(found.findings)


def worked_out(case: Case) -> tuple[str, float]:
    """The sentence an expression is refused with (or "" when it is not), and the CPU seconds it took."""
    began = time.thread_time()
    said = ""
    try:
        expressions.evaluate(case.payload.decode("utf-8", "surrogatepass"), NAMES)
    except ExpressionError as refusal:
        said = str(refusal)
    return said, time.thread_time() - began
