"""Filling an office with open work, in the database itself: a hundred thousand items in seconds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.cases.models import Case, WorkItem
from app.core.db import Base, table_of
from app.notices.models import Notice
from bench.offices import Office

#: the person whose inbox is looked at, and what is hers: 综合一科's head
READER = "shen"
#: somebody to whom very much is visible: the one 保密审查员 of the office; half of all other work waits there
BUSY = "wei"
BATCH = 50_000


def fill(office: Office, number: int, *, visible: int) -> None:
    """Add `number` open cases, each with one open item and its notice; `visible` of them wait for READER.

    Copies of the newest case and item with an open item of their own; deadlines spread over two years. Of what is
    visible four fifths wait at the reader's post and one fifth is claimed; the rest lies at everybody else's posts,
    every tenth claimed. The engine state of a copy is one byte: no page reads it.
    """
    city = office.city
    mine, others = _posts(office, city.units["office", "综合一科"])
    last = (office.ask(f"SELECT max(id) FROM {table}") for table in ("cases", "work_items", "notices"))
    first = max(map(int, last)) + 1
    stride = max(1, number // visible)
    values = {"mine": mine, "me": city.people[READER], "other": city.people["ding"], "n_others": len(others)}
    values |= {"stride": stride, "visible": visible, "first": first}
    case = int(office.ask("SELECT max(case_id) FROM work_items"))
    item = int(office.ask("SELECT max(id) FROM work_items"))
    with office.engine.connect() as raw:
        connection = raw.execution_options(
            isolation_level="READ COMMITTED" if office.kind == "postgresql" else "SERIALIZABLE"
        )
        connection.execute(sa.text("CREATE TEMPORARY TABLE bench_posts (n integer primary key, post bigint)"))
        connection.execute(
            sa.text("INSERT INTO bench_posts VALUES (:n, :post)"),
            [{"n": n, "post": p} for n, p in enumerate(others)],
        )
        for begin in range(0, number, BATCH):
            span = values | {
                "begin": begin,
                "end": min(number, begin + BATCH) - 1,
                "case": case,
                "item": item,
            }
            for text in _statements(office.kind):
                connection.execute(sa.text(text), {key: span[key] for key in _names(text, span)})
        connection.execute(sa.text("DROP TABLE bench_posts"))
        connection.commit()
    settle(office, Case, WorkItem, Notice)


def _names(text: str, span: dict[str, Any]) -> list[str]:
    return [name for name in span if f":{name}" in text]


def _posts(office: Office, unit: int) -> tuple[int, list[int]]:
    """The post of the unit's head, and every post that the reader does not hold."""
    mine = office.ask("SELECT id FROM posts WHERE unit_id = :u AND kind = 'unit_head'", u=unit)
    held = "SELECT post_id FROM holdings WHERE person_id = :me"
    with office.engine.connect() as connection:
        found = connection.execute(
            sa.text(f"SELECT id FROM posts WHERE id NOT IN ({held}) ORDER BY id"),
            {"me": office.city.people[READER]},
        )
        others = [int(row[0]) for row in found]
    busy = office.ask("SELECT max(post_id) FROM holdings WHERE person_id = :b", b=office.city.people[BUSY])
    return int(mine), [each for post in others for each in (post, int(busy))]


def numbers_of(kind: str) -> str:
    """A table `s` of the numbers n from :begin to :end."""
    if kind == "postgresql":
        return "(SELECT generate_series(CAST(:begin AS bigint), CAST(:end AS bigint)) AS n) s"
    return "(WITH RECURSIVE s(n) AS (SELECT :begin UNION ALL SELECT n + 1 FROM s WHERE n < :end) SELECT n FROM s) s"


def _statements(kind: str) -> list[str]:
    numbers = numbers_of(kind)
    day = (
        "DATE '2026-06-01' + CAST((s.n * 7919) % 730 AS integer)"
        if kind == "postgresql"
        else "date('2026-06-01', '+' || ((s.n * 7919) % 730) || ' days')"
    )
    ours = "(s.n % :stride = 0 AND s.n / :stride < :visible)"
    state = "CAST('x' AS bytea)" if kind == "postgresql" else "x'78'"
    target = f"CASE WHEN {ours} THEN :mine ELSE b.post END"
    holder = f"CASE WHEN {ours} AND (s.n / :stride) % 5 = 0 THEN :me WHEN NOT {ours} AND s.n % 10 = 3 THEN :other ELSE NULL END"
    posts = f"{numbers} JOIN bench_posts b ON b.n = (s.n / 2) % :n_others"
    return [
        copy_rows(
            Case,
            numbers,
            "o.id = :case",
            {
                "id": ":first + s.n",
                "number": "'多〔' || (:first + s.n) || '〕'",
                "status": "'open'",
                "state": state,
            },
        ),
        copy_rows(
            WorkItem,
            posts,
            "o.id = :item",
            {
                "id": ":first + s.n",
                "case_id": ":first + s.n",
                "status": "'open'",
                "post_id": target,
                "holder_id": holder,
                "due_on": day,
                "closed_at": "NULL",
            },
        ),
        "INSERT INTO notices (id, kind, text, url, person_id, post_id, item_id, dedupe, created_at, mailed_at) "
        f"SELECT :first + s.n, 'work', '审核', '/work/' || (:first + s.n), NULL, {target}, :first + s.n, "
        "'item:' || (:first + s.n) || '-copy', "
        f"CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM {posts}",
    ]


def copy_rows(model: type[Base], rows: str, which: str, values: dict[str, str]) -> str:
    """INSERT … SELECT of one row, many times, with some columns changed."""
    table = table_of(model)
    names = [column.name for column in table.columns]
    shown = ", ".join(values.get(name, f'o."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table.name} ({quoted}) SELECT {shown} FROM {rows} CROSS JOIN {table.name} o WHERE {which}"


def settle(office: Office, *models: type[Base]) -> None:
    """PostgreSQL: ids go on after ours, and the planner knows the tables, as autovacuum would have told it."""
    if office.kind != "postgresql":
        return
    for model in models:
        table = model.__tablename__
        office.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        office.run(f"VACUUM ANALYZE {table}")
