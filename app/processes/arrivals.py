"""What comes from outside, opened in the guarded child: an archive of ours, or a diagram drawn with another tool.

`archive` and `drawing` are called by the web process, the functions named `answer_…` run in the child. Nothing that was
uploaded is parsed anywhere else.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lxml import etree

from app.accounts.kinds import POST_KINDS
from app.processes import archive as archives
from app.processes.guarded import answered, packed
from app.processes.packages import PackageRefused
from forms.toml import TomlRefused, read_toml
from workflows.engine import EngineError, Finding, check_alone
from workflows.engine.foreign import Repair, repair
from workflows.engine.xml import BPMNDI, read, tag


@dataclass(frozen=True)
class Archive:
    """An archive that was opened: key and name as its settings say ("" where they do not), its files, its scenarios."""

    key: str
    name: str
    texts: Mapping[str, str]
    scenarios: Mapping[str, str]


@dataclass(frozen=True)
class Drawing:
    """A foreign diagram: as it came and repaired, what was done, what is left to do, and its lanes and elements by name.

    `was_drawn`: whether the file said where things stand, so that it can be looked at as it came.
    """

    key: str
    name: str
    before: str
    after: str
    repairs: tuple[Repair, ...]
    findings: tuple[Finding, ...]
    lanes: tuple[str, ...]
    #: id -> what people call it
    names: Mapping[str, str]
    was_drawn: bool


class SeveralProcesses(PackageRefused):
    """The file has several processes and none was named; `processes` are (id, name)."""

    def __init__(self, problems: list[str], processes: list[tuple[str, str]]) -> None:
        super().__init__(problems)
        self.processes = processes


def archive(data: bytes) -> Archive:
    """The package in an uploaded archive; it need not hold together. PackageRefused when it is no archive of ours."""
    return Archive(**answered(f"{__name__}:answer_archive", packed(data)))


def package(data: bytes) -> Archive:
    """`archive`, refused too when it has no diagram or does not say what it is called."""
    found = archive(data)
    if not (found.key and found.name and "process.bpmn" in found.texts):
        raise PackageRefused(
            ["压缩包里没有流程图，或者 package.toml 读不出流程的编号和名称，请重新导出后再上传"]
        )
    return found


def drawing(data: bytes, key: str = "", process: str = "", left: Sequence[str] = ()) -> Drawing:
    """A diagram with all repairs but those `left` (`Repair.choice`), its process called `key` if that is said.

    PackageRefused when nothing can be made of it; SeveralProcesses when `process` must say which of them is meant.
    """
    raw = answered(f"{__name__}:answer_drawing", [packed(data), key, process, list(left)])
    if "several" in raw:
        raise SeveralProcesses([raw["several"]], [(each[0], each[1]) for each in raw["processes"]])
    return Drawing(
        raw["key"],
        raw["name"],
        raw["before"],
        raw["after"],
        tuple(Repair(**each) for each in raw["repairs"]),
        tuple(Finding(**each) for each in raw["findings"]),
        tuple(raw["lanes"]),
        raw["names"],
        raw["was_drawn"],
    )


# -- in the child ---------------------------------------------------------------------------------------------


def answer_archive(data: str) -> dict[str, Any]:
    """`archive` in the child."""
    try:
        texts, scenarios = archives.read(base64.b64decode(data))
    except PackageRefused as refusal:
        return {"problems": list(refusal.problems)}
    try:
        settings = read_toml(texts.get("package.toml", ""))
    except TomlRefused:
        settings = {}
    key, name = (each if isinstance(each := settings.get(word), str) else "" for word in ("key", "name"))
    return {"key": key, "name": name, "texts": texts, "scenarios": scenarios}


def answer_drawing(question: tuple[str, str, str, list[str]]) -> dict[str, Any]:
    """`drawing` in the child."""
    encoded, key, process, left = question
    data = base64.b64decode(encoded)
    try:
        bpmn, repairs = repair(data, key, process, left)
        root = read(bpmn)
    except EngineError as refusal:
        several = [] if process else list(_processes(data))
        return (
            {"several": refusal.message, "processes": several} if several else {"problems": [refusal.message]}
        )
    drawn = root.find(tag("process"))
    assert drawn is not None
    return {
        "key": str(drawn.get("id", "")),
        "name": _name(root, drawn),
        "names": _names(read(data), root),
        "was_drawn": next(read(data).iter(tag("BPMNShape", BPMNDI)), None) is not None,
        "before": data.decode("utf-8-sig", "replace"),
        "after": bpmn.decode(),
        "repairs": [asdict(each) for each in repairs],
        "findings": [vars(each) for each in check_alone(bpmn) if each.severity == "error"],
        "lanes": list(
            dict.fromkeys(str(lane.get("name") or "") for lane in root.iter(tag("lane")) if lane.get("name"))
        ),
    }


def _names(*roots: etree._Element) -> dict[str, str]:
    return {
        str(each.get("id")): str(each.get("name"))[:80]
        for root in roots
        for each in root.iter()
        if each.get("id") and each.get("name")
    }


def _name(root: etree._Element, process: etree._Element) -> str:
    pools = (pool for pool in root.iter(tag("participant")) if pool.get("processRef") == process.get("id"))
    return next((str(each.get("name")) for each in (process, *pools) if each.get("name")), "")


def _processes(data: bytes) -> Iterator[tuple[str, str]]:
    """(id, name) of the processes of a file, where it has more than one."""
    try:
        found = read(data).findall(tag("process"))
    except EngineError:
        return
    if len(found) > 1:
        pools = {
            str(pool.get("processRef")): str(pool.get("name") or "")
            for pool in read(data).iter(tag("participant"))
        }
        for each in found[:50]:
            own = str(each.get("id", ""))
            yield own, str(each.get("name") or pools.get(own) or own)


# -- what a foreign diagram begins with -----------------------------------------------------------------------


def lanes_toml(names: tuple[str, ...]) -> str:
    """Settings for the lanes that are named as a post is; the others are left to be said by a person."""
    known = {label: (key, level) for key, (label, level) in POST_KINDS.items()}
    found = [
        f'[lanes."{name}"]\nscope = "{known[name][1]}"\npost = "{known[name][0]}"\n'
        for name in names
        if name in known
    ]
    return "\n".join(found)
