"""The database: one declarative base, types that refuse what would go wrong later, SQLite set up for real work.

Pages read in deferred transactions and never wait for a writer; commands begin `IMMEDIATE` on SQLite and lock
their row on PostgreSQL (core/command.py). `begin="IMMEDIATE"` is an execution option, so that readers of the
same engine are not locked with the writers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Integer, event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from app.core.settings import Settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every model; constraint names are the same on both databases so that migrations can name them."""

    metadata = sa.MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

#: Row ids: 64 bit on PostgreSQL; SQLite autoincrements only plain INTEGER keys.
BigId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; naive values are refused (security.md 10)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware value -> UTC; SQLite stores it without the zone so that text order is time order."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What the driver gives -> aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def dumps(value: Any) -> str:
    """JSON text, keys sorted, so that equal values have equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def engine_options(settings: Settings) -> dict[str, Any]:
    """Options for `create_engine`, by database."""
    common: dict[str, Any] = {"json_serializer": dumps, "json_deserializer": orjson.loads}
    if settings.sqlite:
        return common | {
            "connect_args": {"isolation_level": None, "timeout": 15, "check_same_thread": False},
            "pool_size": 16,
        }
    return common | {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": False}


def tune(engine: Engine) -> None:
    """Set SQLite up: we say BEGIN ourselves, WAL, full sync, foreign keys.

    A step changes about 25 pages, each of which is written whole: pages of 1 KB write half of what 2 KB write (`make
    bench`). The log is copied back every 16 MB: pages that many steps change are copied once.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "page_size=1024",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "wal_autocheckpoint=16000",
            "cache_size=-32768",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("begin") == "IMMEDIATE"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def table_of(model: type[Base]) -> sa.Table:
    """A model's table, for statements built once at module level."""
    table = model.__table__
    assert isinstance(table, sa.Table)
    return table
