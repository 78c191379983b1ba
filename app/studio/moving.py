"""What a person is asked before a migration: which step of the old version is which of the new one, and whether a step that
only the new one has counts as done, with which answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from wtforms import Field, SelectField, SelectMultipleField, StringField, TextAreaField, validators
from wtforms.fields.choices import SelectChoice

from app.accounts.forms import Form
from app.cases.migration_models import MigrationRow, MigrationRun
from app.cases.models import Case
from app.core.db import table_of
from app.processes import Runtime
from app.processes.models import ProcessVersion
from forms import Field as Asked
from workflows.engine import StepInfo

#: nodes that rows name by their id
NAMED = frozenset({"person", "action", "call", "subprocess", "event"})
KINDS = {"person": "环节", "action": "动作", "call": "子流程", "subprocess": "子流程", "event": "事件"}
PAGE = 50


@dataclass(frozen=True)
class Differences:
    """Steps of one version that the other has not: `lost` of the old one, `fresh` of the new one."""

    lost: tuple[StepInfo, ...]
    fresh: tuple[StepInfo, ...]


def differences(old: Runtime, new: Runtime) -> Differences:
    """By (process, id), in the order of the diagrams."""
    lost = [info for key, info in old.spec.steps.items() if key not in new.spec.steps]
    fresh = [info for key, info in new.spec.steps.items() if key not in old.spec.steps]
    named = [[info for info in each if info.kind in NAMED] for each in (lost, fresh)]
    return Differences(tuple(named[0]), tuple(named[1]))


class MigrationForm(Form):
    """预演: fields `r<n>` for lost steps, `i<n>` and `a<n>_<fact>` for fresh ones are added per pair of versions."""

    numbers = TextAreaField(
        "只迁移这些办件",
        [validators.Length(max=4000, message="一次最多填写约 200 个编号。")],
        description="办件编号，一行一个；不填就是本机关这一版的全部在办件",
        render_kw={"rows": 3},
    )

    def listed(self) -> list[str]:
        """The numbers that were typed."""
        return [line.strip() for line in str(self.numbers.data or "").splitlines() if line.strip()]


def form_for(old: Runtime, new: Runtime) -> tuple[MigrationForm, Differences]:
    """The form of a pair of versions, bound to what was sent."""
    found = differences(old, new)
    fields: dict[str, Any] = {}
    for number, info in enumerate(found.lost):
        same = [each for each in found.fresh if (each.process, each.kind) == (info.process, info.kind)]
        choices = {"": "没有对应的，经过这里的件不迁移"}
        choices |= {each.step: f"{each.label}（{each.step}）" for each in same}
        fields[f"r{number}"] = _select(f"原版的{KINDS[info.kind]}「{info.label}」在新版是", choices)
    for number, info in enumerate(found.fresh):
        if info.kind != "person":
            continue
        fields[f"i{number}"] = _select(
            f"新版多出的环节「{info.label}」",
            {"": "已经过了这里的件不迁移", "y": "已经过了这里的件，视为按下面的答复办过"},
        )
        fields |= {f"a{number}_{each.key}": _answer(info, each) for each in _routed(new, info)}
    form: MigrationForm = type("_MigrationForm", (MigrationForm,), fields)()
    return form, found


def _select(label: str, choices: Mapping[str, str]) -> SelectField:
    return SelectField(label, choices=[SelectChoice(*each) for each in choices.items()])


def _routed(new: Runtime, info: StepInfo) -> Iterator[Asked]:
    """The answers of a step that the flow routes on; the others are nobody's and stay empty."""
    definition = new.packages[info.process].forms.get(new.form_name(info.process, info.step))
    if definition is not None:
        yield from (each for each in definition.fields if each.route or each.key == _decision(definition))


def _decision(definition: Any) -> str:
    return str(definition.decision.key) if definition.decision else ""


def _answer(info: StepInfo, asked: Asked) -> Any:
    label = f"「{info.label}」{asked.label}"
    options = {each.value: each.label for each in asked.options}
    if asked.type == "boolean":
        return _select(label, {"": "不填", "y": "是", "n": "否"})
    if asked.type == "checks" and options:
        return SelectMultipleField(label, choices=[SelectChoice(*each) for each in options.items()])
    if options:
        return _select(label, {"": "不填", **options})
    return StringField(label, [validators.Length(max=200)])


def renames_of(form: MigrationForm, found: Differences) -> list[list[str]]:
    """[process, old step, new step] of what was chosen."""
    return [
        [info.process, info.step, str(chosen)]
        for number, info in enumerate(found.lost)
        if (chosen := form[f"r{number}"].data)
    ]


def answers_of(form: MigrationForm, found: Differences, new: Runtime) -> list[list[Any]]:
    """[process, step, facts] of the steps that count as done."""
    return [
        [info.process, info.step, dict(_facts(form, number, list(_routed(new, info))))]
        for number, info in enumerate(found.fresh)
        if info.kind == "person" and form[f"i{number}"].data
    ]


def _facts(form: MigrationForm, number: int, asked: Sequence[Asked]) -> Iterator[tuple[str, Any]]:
    for each in asked:
        field: Field = form[f"a{number}_{each.key}"]
        said = field.data
        if said in (None, "", []):
            yield each.key, None
        elif each.type == "boolean":
            yield each.key, said == "y"
        elif each.type == "integer":
            yield each.key, int(said) if str(said).lstrip("-").isdigit() else None
        else:
            yield each.key, said


def problems_of(form: MigrationForm, found: Differences) -> list[str]:
    """A step of the new version can stand for one of the old only, and is then not inserted."""
    chosen = [str(form[f"r{number}"].data) for number in range(len(found.lost)) if form[f"r{number}"].data]
    if len(set(chosen)) != len(chosen):
        return ["新版的一个环节只能对应原版的一个环节，请改正对应关系。"]
    both = [
        info.label
        for number, info in enumerate(found.fresh)
        if info.kind == "person" and form[f"i{number}"].data and info.step in chosen
    ]
    return [f"「{label}」既对应原版的环节，又视为新增，请只选一种。" for label in both]


# --- what pages read ---------------------------------------------------------------------------------------------


def waiting_versions(session: Session, process: str, organ_id: int, to_id: int) -> list[Any]:
    """Versions of the process with open cases of the organ, but for the one they would go to: id, number, count."""
    c, v = table_of(Case), table_of(ProcessVersion)
    query = (
        sa.select(v.c.id, v.c.number, sa.func.count().label("count"))
        .join(c, c.c.version_id == v.c.id)
        .where(v.c.process_key == process, c.c.organ_id == organ_id, c.c.status == "open", v.c.id != to_id)
        .group_by(v.c.id, v.c.number)
        .order_by(v.c.number.desc())
    )
    return list(session.execute(query))


def runs(session: Session, process: str, organ_id: int) -> Sequence[MigrationRun]:
    """The latest runs of an organ for a process."""
    query = sa.select(MigrationRun).where(
        MigrationRun.process_key == process, MigrationRun.organ_id == organ_id
    )
    return session.scalars(query.order_by(MigrationRun.id.desc()).limit(20)).all()


def counts(session: Session, run_id: int) -> dict[str, int]:
    """Result -> how many cases of a run."""
    query = sa.select(MigrationRow.result, sa.func.count()).where(MigrationRow.run_id == run_id)
    found = {row[0]: row[1] for row in session.execute(query.group_by(MigrationRow.result))}
    return {name: int(found.get(name, 0)) for name in ("waiting", "same", "mapped", "refused")}


def rows(session: Session, run_id: int, result: str, after: int) -> tuple[list[Any], int | None]:
    """A page of a run's cases, by id; what was refused or found different is told."""
    query = sa.select(MigrationRow).where(MigrationRow.run_id == run_id, MigrationRow.case_id > after)
    if result:
        query = query.where(MigrationRow.result == result)
    found = list(session.scalars(query.order_by(MigrationRow.case_id).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].case_id if len(found) > PAGE else None


def numbers(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Version id -> its number."""
    query = sa.select(ProcessVersion.id, ProcessVersion.number).where(ProcessVersion.id.in_(list(ids)))
    return {row.id: row.number for row in session.execute(query)}


def follower(session: Session, run_id: int) -> int | None:
    """The migration that carried out a rehearsal."""
    return session.scalar(sa.select(MigrationRun.id).where(MigrationRun.source_id == run_id).limit(1))
