"""The first day of a real office: nothing but an organ, the 三员, keys, calendar and processes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.accounts import passwords
from app.accounts.models import Holding, Installation, Officer, Organ, Person
from app.audit.service import check_now
from app.core.db import db
from app.core.settings import Settings, read_settings

ORGAN = ["office", "init", "--organ", "试点市住房和城乡建设局", "--short", "市住建局", "--prefix", "试建"]


def test_an_empty_real_office_has_three_officers_with_one_time_passwords(any_db: str, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=[*ORGAN, "--json"])
    assert result.exit_code == 0, result.output
    accounts = json.loads(result.output)["accounts"]
    assert set(accounts) == {"sysadmin", "secadmin", "auditor"}
    people = list(db.session.scalars(sa.select(Person)))
    assert {person.login for person in people} == set(accounts)
    for person in people:
        assert person.must_change
        assert passwords.matches(person.password_hash, accounts[person.login or ""])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Officer)) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Holding)) == 0
    assert db.session.scalar(sa.select(Installation.kind)) == "office"
    assert db.session.scalar(sa.select(Organ.doc_prefix)) == "试建"
    for table in ("calendar_years", "process_versions"):
        assert db.session.scalar(sa.text(f"SELECT count(*) FROM {table}")), table


def test_the_second_time_is_refused_and_changes_nothing(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=ORGAN).exit_code == 0
    hashes = list(db.session.scalars(sa.select(Person.password_hash).order_by(Person.id)))
    result = runner.invoke(args=ORGAN)
    assert result.exit_code == 1
    assert "已经初始化过" in result.output
    assert list(db.session.scalars(sa.select(Person.password_hash).order_by(Person.id))) == hashes


def test_one_person_cannot_be_two_of_the_officers(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=[*ORGAN, "--auditor", "王芳", "--system-admin", "王芳"])
    assert result.exit_code == 1
    assert "三员不得由同一人兼任" in result.output


def test_passwords_are_printed_and_stand_nowhere_else(app: Flask, settings: Settings) -> None:
    result = app.test_cli_runner().invoke(args=[*ORGAN, "--json"])
    db.session.remove()
    db.engine.dispose()
    for password in json.loads(result.output)["accounts"].values():
        for path in settings.data.rglob("*"):
            assert not path.is_file() or password.encode() not in path.read_bytes()


@pytest.mark.slow
def test_a_production_office_begins_with_init_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GONGKAI_")}
    environment |= {"GONGKAI_DATA": str(data), "GONGKAI_ENV": "production"}
    flask = str(Path(sys.executable).with_name("flask"))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        root = Path(__file__).parents[2]
        return subprocess.run(
            [flask, *words], env=environment, cwd=root, capture_output=True, text=True, check=False
        )

    refused = run("db", "upgrade")
    assert refused.returncode != 0
    assert "flask office init" in refused.stderr + refused.stdout
    made = run(*ORGAN)
    assert made.returncode == 0, made.stderr
    assert "一次性密码" in made.stdout
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data / "keys").iterdir()} == {0o600}
    with create_app(read_settings(environment)).app_context():
        assert check_now().code == 0
        db.engine.dispose()
