"""What a word on the command line stands for: a shipped process, a package folder, an archive, or one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.processes import arrivals, guarded
from app.processes.archive import MAX_ARCHIVE
from app.processes.packages import Package, PackageRefused, package_files, read_package
from workflows.engine import Finding
from workflows.engine.foreign import Repair

#: a file by itself -> what checks it; any other is taken for a diagram
_ALONE: Mapping[str, Callable[[bytes], list[Finding]]] = {
    ".dmn": guarded.table_alone,
    ".toml": guarded.form_alone,
}
_ZIP = b"PK"


@dataclass
class Given:
    """A package's texts, or one file by itself (`data`), and what was wrong with reading it."""

    word: str
    texts: dict[str, str] = field(default_factory=dict)
    scenarios: dict[str, str] = field(default_factory=dict)
    called: dict[str, Mapping[str, str]] = field(default_factory=dict)
    data: bytes | None = None
    problems: tuple[str, ...] = ()

    def findings(self) -> list[Finding]:
        """Everything that is wrong with it, errors first."""
        if self.problems:
            return [Finding("", "package", "error", each, "请按提示修改") for each in self.problems]
        if self.data is not None:
            return _ALONE.get(self.suffix, guarded.alone)(self.data)
        return guarded.findings(self.texts, self.scenarios, self.called)

    def repair(self, key: str, process: str) -> tuple[Repair, ...]:
        """Repair the diagram in place (`arrivals.drawing`); what cannot be repaired is a problem."""
        alone = self.data is not None and self.suffix not in (".dmn", ".toml")
        bpmn = self.data if alone else self.texts.get("process.bpmn", "").encode()
        if self.problems or not bpmn:
            return ()
        try:
            found = arrivals.drawing(bpmn, key or _key(self.texts), process)
        except PackageRefused as refusal:
            self.problems = refusal.problems
            return ()
        if alone:
            self.data = found.after.encode()
        else:
            self.texts["process.bpmn"] = found.after
        return found.repairs

    @property
    def suffix(self) -> str:
        return Path(self.word).suffix.lower()

    @property
    def diagram(self) -> bytes:
        """The diagram as it is now."""
        return self.data if self.data is not None else self.texts.get("process.bpmn", "").encode()


def _key(texts: Mapping[str, str]) -> str:
    named = guarded.KEY_LINE.search(texts.get("package.toml", ""))
    return named.group(1) if named else ""


def given(word: str, shipped: Mapping[str, Package]) -> Given:
    """Read what `word` names; that there is nothing of that name is a problem of its own, and none of the others'."""
    called: dict[str, Mapping[str, str]] = {key: package.texts for key, package in shipped.items()}
    path = Path(word)
    if word in shipped and not path.exists():
        package = shipped[word]
        return Given(word, dict(package.texts), dict(package.scenarios), called)
    if path.is_dir():
        return _folder(word, path, called)
    if not path.is_file():
        known = "、".join(shipped)
        why = f"没有“{word}”，请写 .bpmn 文件、流程包文件夹、.zip 压缩包，或者随系统发布的流程编号：{known}"
        return Given(word, problems=(why,))
    if path.stat().st_size > MAX_ARCHIVE:
        return Given(word, problems=(f"文件过大，最大 {MAX_ARCHIVE // 1_000_000} MB，请精简后再试",))
    data = path.read_bytes()
    if path.suffix.lower() != ".zip" and not data.startswith(_ZIP):
        return Given(word, data=data)
    try:
        found = arrivals.archive(data)
    except PackageRefused as refusal:
        return Given(word, problems=refusal.problems)
    return Given(word, dict(found.texts), dict(found.scenarios), called)


def _folder(word: str, path: Path, called: dict[str, Mapping[str, str]]) -> Given:
    """A folder as in `bpmn/` (forms beside it in `forms/<key>`), or an archive unpacked (forms inside)."""
    path = path.resolve()
    inside = path / "forms"
    beside = path.parent.parent / "forms"
    try:
        texts, scenarios = package_files(path, inside if inside.is_dir() else beside / path.name)
        for other in sorted(path.parent.glob("*/package.toml")):
            if other.parent.name != path.name and not inside.is_dir():
                called[other.parent.name] = read_package(other.parent, beside / other.parent.name).texts
    except PackageRefused as refusal:
        return Given(word, problems=refusal.problems)
    return Given(word, texts, scenarios, called)
