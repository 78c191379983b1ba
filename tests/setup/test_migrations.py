"""Migrations make what the models say, on both databases, and touch no database that is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click import ClickException
from flask import Flask

from app import create_app
from app.core.db import db
from tests.conftest import settings_in


def test_models_and_migrations_agree(any_db: str, app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        difference = compare_metadata(context, db.metadata)
    ours = [step for step in difference if "alembic_version" not in str(step)]
    assert ours == [], 'models changed: run make migration m="what changed"'


def test_constraints_the_models_declare_are_in_the_database(any_db: str, app: Flask) -> None:
    inspector = sa.inspect(db.engine)
    for table in db.metadata.sorted_tables:
        declared = {str(check.name) for check in table.constraints if isinstance(check, sa.CheckConstraint)}
        there = {str(check["name"]) for check in inspector.get_check_constraints(table.name)}
        assert declared <= there, table.name


@pytest.fixture
def empty(empty_database: str, tmp_path: Path) -> Iterator[Flask]:
    """An office on a database in which nothing was ever done."""
    office = create_app(settings_in(tmp_path, database=empty_database), TESTING=True)
    with office.app_context():
        yield office
        db.session.remove()
        db.engine.dispose()


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names())


def run(text: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.text(text))


def test_a_second_upgrade_changes_nothing(any_db: str, empty: Flask) -> None:
    flask_migrate.upgrade()
    before = tables()
    flask_migrate.upgrade()
    assert tables() == before >= {"records", "people"}


def test_migration_of_a_non_empty_foreign_database_is_refused(any_db: str, empty: Flask) -> None:
    run("CREATE TABLE customers (id INTEGER PRIMARY KEY)")
    with pytest.raises(ClickException, match="已有别的系统的数据表（customers）"):
        flask_migrate.upgrade()
    assert tables() == {"customers"}


def test_the_database_of_another_alembic_project_is_refused(any_db: str, empty: Flask) -> None:
    run("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    run("INSERT INTO alembic_version VALUES ('abcdef')")
    run("CREATE TABLE customers (id INTEGER PRIMARY KEY)")
    with pytest.raises(ClickException, match="已有别的系统的数据表"):
        flask_migrate.upgrade()
    assert tables() == {"customers", "alembic_version"}


def test_a_database_of_a_newer_version_is_refused(any_db: str, empty: Flask) -> None:
    flask_migrate.upgrade()
    run("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ClickException, match="更新版本的系统"):
        flask_migrate.upgrade()


def test_upgrade_refuses_as_a_sentence_on_the_command_line(empty: Flask) -> None:
    run("CREATE TABLE customers (id INTEGER PRIMARY KEY)")
    db.engine.dispose()
    result = empty.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 3
    assert "请另建一个空的数据库" in result.output
    assert "Traceback" not in result.output
