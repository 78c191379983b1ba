"""Reading the record raw: exactly what the database holds, whatever somebody wrote into it.

No type of the ORM stands in between: a value it could not read, or would read kindly, is seen as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from app.audit.tree import COLUMNS

Row = Mapping[Any, Any]

_columns = ", ".join(COLUMNS)
_by_stream = sa.text(f"SELECT {_columns} FROM records ORDER BY stream, stream_id, seq, id")
_of_seal = sa.text(f"SELECT {_columns} FROM records WHERE sealed_in = :seal ORDER BY id")
_one = sa.text(f"SELECT {_columns} FROM records WHERE id = :id")
_strays = sa.text(
    f"SELECT {_columns} FROM records WHERE sealed_in IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM seals WHERE seals.id = records.sealed_in) ORDER BY id"
)
_take = sa.text(
    "UPDATE records SET sealed_in = :seal WHERE id IN"
    f" (SELECT id FROM records WHERE sealed_in IS NULL ORDER BY id LIMIT :most) RETURNING {_columns}"
)
_seals = sa.text(
    "SELECT id, at, first_id, last_id, count, root, spans, leaves, heads, prev, mac FROM seals"
    " WHERE id >= :first ORDER BY id"
)


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one moment of the database and gives text as it is stored, broken or not."""
    sqlite = engine.dialect.name == "sqlite"
    options: dict[str, Any] = {} if sqlite else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection:
        driver: Any = connection.connection.driver_connection
        if sqlite:
            driver.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        try:
            yield connection
        finally:
            connection.rollback()
            if sqlite:
                driver.text_factory = str


def stream(connection: sa.Connection, statement: sa.TextClause, **values: Any) -> Iterator[Row]:
    """Rows of a statement as mappings, a thousand in memory at a time."""
    result = connection.execution_options(yield_per=1000).execute(statement, values)
    yield from result.mappings()


def by_stream(connection: sa.Connection) -> Iterator[Row]:
    """Every record row, stream by stream in order of seq."""
    return stream(connection, _by_stream)


def of_seal(connection: sa.Connection, seal: int) -> Iterator[Row]:
    """The rows that say they lie under a seal, by id."""
    return stream(connection, _of_seal, seal=seal)


def strays(connection: sa.Connection) -> Iterator[Row]:
    """Rows that name a seal which does not exist."""
    return stream(connection, _strays)


def seals(connection: sa.Connection, first: int = -(2**62)) -> Iterator[Row]:
    """The seals in order, from number `first` on."""
    return stream(connection, _seals, first=first)


def one(connection: sa.Connection, record_id: int) -> Row | None:
    """The row with that id."""
    return connection.execute(_one, {"id": record_id}).mappings().first()


def take_unsealed(connection: sa.Connection, seal: int, most: int) -> list[Row]:
    """Put up to `most` rows that lie under no seal under this one; returns them by id."""
    rows = connection.execute(_take, {"seal": seal, "most": most}).mappings().all()
    return sorted(rows, key=lambda row: row["id"])
