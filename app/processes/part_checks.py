"""One part of a package by itself, read in the guarded child: what an editor asks while somebody is still writing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from app.core import guard
from app.processes import outline, table_rows
from app.processes.guarded import lost
from forms.definition import FormRefused
from forms.reading import read_definition
from forms.rewriting import rewritten
from forms.toml import TomlRefused, read_toml
from forms.writing import NotData, toml, write_definition
from workflows.engine import check_table_alone

#: {"at": place as in FormRefused, "message": sentence}
Problem = dict[str, str]


def form_text(data: Any, old: str = "") -> str:
    """The file of a form as the editor sends it, written by the child; NotData when it is no form at all.

    old: the file that it replaces, whose comments stay.
    """
    raw = _asked("answer_form_text", {"data": data, "old": old})
    if not isinstance(raw.get("text"), str):
        raise NotData(str(raw.get("refused", "")))
    return str(raw["text"])


def settings_text(data: Any, old: str = "") -> str:
    """package.toml as the editor sends it, written by the child as `form_text` is; NotData when it is none."""
    raw = _asked("answer_settings_text", {"data": data, "old": old})
    if not isinstance(raw.get("text"), str):
        raise NotData(str(raw.get("refused", "")))
    return str(raw["text"])


def settings_calling(texts: Mapping[str, str], diagram: str, known: Iterable[str]) -> str | None:
    """package.toml of these parts with the `calls` that another `diagram` needs; None when it stays as it is.

    known: keys of the processes that may be called. What is called no more is taken out; what was listed and is not
    drawn at all stays, for somebody wrote it there.
    """
    before = texts.get("process.bpmn", "")
    if "callActivity" not in before + diagram:
        return None
    question = {
        "settings": texts.get("package.toml", ""),
        "before": before,
        "after": diagram,
        "known": [*known],
    }
    text = _asked("answer_settings_calling", question).get("text")
    return text if isinstance(text, str) else None


def rows_text(rows: list[Any]) -> str:
    """The file of a table's saved tries, written by the child; NotData when they are none."""
    raw = _asked("answer_rows_text", {"rows": rows})
    if not isinstance(raw.get("text"), str):
        raise NotData(str(raw.get("refused", "")))
    return str(raw["text"])


def form_problems(text: str, process: str, step: str) -> list[Problem]:
    """What is wrong with a form definition, each at its place; empty when it can be used."""
    raw = _asked("answer_form_problems", {"text": text, "process": process, "step": step})
    return list(raw.get("problems") or [])


def readable_forms(texts: Mapping[str, str], process: str) -> dict[str, str]:
    """Those of the forms (step -> file) that can be used."""
    bad = _asked("answer_unreadable", {"texts": dict(texts), "process": process}).get("steps", [*texts])
    return {step: text for step, text in texts.items() if step not in bad}


def data_in(text: str) -> dict[str, Any] | None:
    """The plain data of a TOML file, None when it cannot be read."""
    found = _asked("answer_data", {"text": text}).get("data")
    return found if isinstance(found, dict) else None


def table_trial(text: str, rows: list[Any], file: str) -> dict[str, Any]:
    """What a decision table says to rows of inputs, and what is wrong with it: `table_rows.Trial` and `findings`."""
    raw = _asked("answer_table_trial", {"text": text, "rows": rows, "file": file})
    if "rows" in raw:
        return raw
    said = [each["message"] for each in raw.get("problems", ())]
    return {"rows": [], "missed": [], "problems": said, "reads": [], "findings": []}


def _asked(task: str, question: Any) -> dict[str, Any]:
    try:
        raw: dict[str, Any] = guard.ask(f"{__name__}:{task}", question)
        return raw
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        finding = lost(error)
        said = f"{finding.message}。{finding.mend}。"
        return {"refused": said, "problems": [{"at": "", "message": said}]}


# -- in the child ---------------------------------------------------------------------------------------------


def answer_form_text(question: dict[str, Any]) -> dict[str, Any]:
    """`form_text` in the child."""
    data, old = question["data"], question["old"]
    try:
        return {"text": rewritten(old, write_definition(data))} if isinstance(data, dict) else {"refused": ""}
    except NotData as error:
        return {"refused": str(error)}


def answer_rows_text(question: dict[str, Any]) -> dict[str, Any]:
    """`rows_text` in the child."""
    rows = question["rows"]
    if not all(isinstance(each, dict) and isinstance(each.get("inputs"), dict) for each in rows):
        return {"refused": "rows"}
    try:
        return {"text": table_rows.written(rows)}
    except NotData as error:
        return {"refused": str(error)}


#: package.toml in its usual order: plain values before tables
_SETTINGS = (
    "format", "key", "name", "summary", "owner", "startable", "start_posts", "document", "title", "title_without",
    "number", "calls", "given", "legal_basis", "facts", "lanes", "print",
)  # fmt: skip


def answer_settings_text(question: dict[str, Any]) -> dict[str, Any]:
    """`settings_text` in the child."""
    data, old = question["data"], question["old"]
    try:
        return {"text": rewritten(old, toml(data, _SETTINGS))} if isinstance(data, dict) else {"refused": ""}
    except NotData as error:
        return {"refused": str(error)}


def answer_settings_calling(question: dict[str, Any]) -> dict[str, Any]:
    """`settings_calling` in the child."""
    settings, known = question["settings"], question["known"]
    data = answer_data({"text": settings})["data"]
    calls = data.get("calls", []) if data else None
    before, after = outline.called(question["before"]), outline.called(question["after"])
    if not isinstance(calls, list) or after is None:
        return {}
    gone = {*(before or ())} - {*after}
    wanted = [each for each in calls if each not in gone]
    wanted += [each for each in after if each in known and each not in wanted]
    return (
        {} if wanted == calls else answer_settings_text({"data": {**data, "calls": wanted}, "old": settings})
    )


def answer_form_problems(question: dict[str, str]) -> dict[str, Any]:
    """`form_problems` in the child."""
    try:
        read_definition(question["text"], question["process"], question["step"])
    except FormRefused as refusal:
        pairs = zip(refusal.sentences, refusal.places, strict=True)
        return {"problems": [{"at": at, "message": sentence} for sentence, at in pairs]}
    return {"problems": []}


def answer_unreadable(question: dict[str, Any]) -> dict[str, Any]:
    """`readable_forms` in the child: the steps whose form cannot be used."""
    each = {"process": question["process"]}
    told = {
        step: answer_form_problems({**each, "step": step, "text": text})["problems"]
        for step, text in question["texts"].items()
    }
    return {"steps": [step for step, problems in told.items() if problems]}


def answer_data(question: dict[str, str]) -> dict[str, Any]:
    """`data_in` in the child; days are written as text, as everywhere in a definition."""
    try:
        return {"data": read_toml(question["text"])}
    except TomlRefused:
        return {"data": None}


def answer_table_trial(question: dict[str, Any]) -> dict[str, Any]:
    """`table_trial` in the child."""
    table = question["text"].encode()
    rows = [
        table_rows.Row(each["inputs"], each["expect"] if isinstance(each.get("expect"), dict) else None)
        for each in question["rows"][: table_rows.MAX_ROWS]
        if isinstance(each, dict) and isinstance(each.get("inputs"), dict)
    ]
    found = [asdict(each) for each in check_table_alone(table)]
    return table_rows.told(table_rows.try_rows(table, rows)) | {"findings": found}
