"""What a verification finds, in words an auditor can act on."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

#: kind -> what it means
KINDS = {
    "changed": "内容被改动",
    "deleted": "记录被删除",
    "truncated": "末尾的记录被删除",
    "inserted": "插入了不属于此处的记录",
    "reordered": "记录的次序被改动",
    "rehashed": "记录被改动，与封存的或者前后的记录对不上",
    "head": "链头被改动",
    "seal": "封存被改动",
    "seal_file": "封存文件与数据库不一致",
    "unreadable": "记录的内容不是系统写入的形式",
}

#: field class -> what it means
FIELDS = {
    "content": "内容（人员、时间、事项、正文等）",
    "mac": "校验码",
    "prev": "与前一条的衔接",
    "position": "位置（流、序号、编号）",
    "sealed_in": "封存编号",
    "row": "整条记录",
    "head": "链头",
    "seal": "封存",
}

STREAMS = {"case": "办件", "organ": "机关", "system": "系统"}

KEPT = 1000  # findings kept with a report; all are counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written. `seq` may be a range (4-9); `seal`: where it shows."""

    kind: str
    field: str = "row"
    record_id: int | None = None
    stream: str | None = None
    stream_id: int | None = None
    seq: str | None = None
    seal: int | None = None
    column: str | None = None

    def __post_init__(self) -> None:
        """What tampering put where a number or a name stood must not break the report that names it."""
        for name in ("record_id", "stream", "stream_id", "seq"):
            object.__setattr__(self, name, printable(getattr(self, name)))

    @property
    def text(self) -> str:
        """「办件 7 第 3 条（记录编号 41）：内容被改动——校验码」"""
        place = []
        if self.stream is not None:
            place.append(f"{STREAMS.get(self.stream, self.stream)} {self.stream_id}")
        if self.seq is not None:
            place.append(f"第 {self.seq} 条")
        if self.record_id is not None:
            place.append(f"（记录编号 {self.record_id}）")
        if self.seal is not None:
            place.append(f"〔封存第 {self.seal} 号〕")
        what = KINDS[self.kind]
        if self.field not in ("row", "seal", "head"):
            what += f"——{FIELDS[self.field]}"
        return f"{''.join(place) or '全部记录'}：{what}"

    def as_dict(self) -> dict[str, Any]:
        """For `--json` and the page: the fields that are set, and the sentence."""
        return {k: v for k, v in asdict(self).items() if v is not None} | {"text": self.text}


def printable(value: Any) -> Any:
    """A value as it can stand in JSON and on a page."""
    if value is None or type(value) is int:
        return value
    text = value if isinstance(value, str) else repr(value)
    return text[:40].encode("utf-8", "backslashreplace").decode()


@dataclass
class Report:
    """The result of one verification. `unchecked` says why it could not be done at all."""

    rows: int = 0
    streams: int = 0
    seals: int = 0
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    unchecked: str = ""
    demo: bool = False
    seconds: float = 0.0

    def add(self, finding: Finding) -> None:
        """Count a finding and keep it while there is room."""
        self.counts[finding.kind] += 1
        if len(self.findings) < KEPT:
            self.findings.append(finding)

    @property
    def problems(self) -> int:
        """How many findings there are."""
        return sum(self.counts.values())

    @property
    def code(self) -> int:
        """Exit code: 0 clean, 1 tampered, 2 could not check."""
        return 1 if self.problems else 2 if self.unchecked else 0

    def as_dict(self) -> dict[str, Any]:
        """For `--json` and the run's row."""
        return {
            "outcome": ("clean", "tampered", "unchecked")[self.code],
            "rows": self.rows,
            "streams": self.streams,
            "seals": self.seals,
            "unsealed": self.unsealed,
            "problems": self.problems,
            "counts": dict(self.counts),
            "findings": [finding.as_dict() for finding in self.findings],
            "unchecked": self.unchecked,
            "demo": self.demo,
            "seconds": round(self.seconds, 2),
        }
