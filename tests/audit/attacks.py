"""Every way of tampering with a record that we can think of: `attack(connection, rng, office) -> what was done`."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.audit import tree
from app.core.record import ZERO
from tests.audit.attack import KEY, LONG_AGO, WRONG_KEY, Office, insert, make_row, write_seal

Attack = Callable[[sqlite3.Connection, random.Random, Office], str]


def other_value(rng: random.Random, value: Any) -> Any:
    """The value with one byte, digit or bit of it changed."""
    if value is None:
        return rng.choice([0, 7])
    if isinstance(value, int):
        return rng.choice([value + 1, value - 1, value ^ 4, -value - 1, value + 1000])
    data = bytearray(value.encode())
    at = rng.randrange(len(data)) if data else 0
    how = rng.choice(["flip", "drop", "add"]) if data else "add"
    if how == "flip":
        data[at] ^= 1 << rng.randrange(7)
    elif how == "drop":
        del data[at]
    else:
        data.insert(at, rng.choice(b" 0aZ"))
    return bytes(data).decode("utf-8", "surrogateescape")


def set_value(
    connection: sqlite3.Connection, table: str, column: str, value: Any, where: str, *key: Any
) -> None:
    """Write one value; broken text goes in as the bytes it is."""
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        connection.execute(f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {where}", (raw, *key))
    else:
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (value, *key))


def pick(connection: sqlite3.Connection, rng: random.Random, low: int, high: int) -> sqlite3.Row:
    """One record row with an id from low to high."""
    return connection.execute("SELECT * FROM records WHERE id = ?", (rng.randint(low, high),)).fetchone()


def change_column(column: str) -> Attack:
    def attack(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
        row = pick(connection, rng, 1, office.sealed)
        value = other_value(rng, row[column])
        set_value(connection, "records", column, value, "id = ?", row["id"])
        return f"{column} of {row['id']}: {row[column]!r} -> {value!r}"

    return attack


def change_unsealed_column(column: str) -> Attack:
    def attack(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
        row = pick(connection, rng, office.sealed + 1, office.total)
        value = other_value(rng, row[column])
        set_value(connection, "records", column, value, "id = ?", row["id"])
        return f"{column} of {row['id']}: {row[column]!r} -> {value!r}"

    return attack


def retype(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    """Put a value of another type where no writer would."""
    row = pick(connection, rng, 1, office.sealed)
    column = rng.choice([c for c in tree.COLUMNS if c not in ("id",)])
    value = rng.choice([b"\x00\xff", 1.5, "abc", "\udc80x", b""])
    set_value(connection, "records", column, value, "id = ?", row["id"])
    return f"{column} of {row['id']} = {value!r}"


def delete_row(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    row = pick(connection, rng, 1, office.sealed)
    connection.execute("DELETE FROM records WHERE id = ?", (row["id"],))
    return f"delete {row['id']}"


def delete_many(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    low = rng.randint(1, office.sealed - 1)
    high = rng.randint(low, office.sealed)
    connection.execute("DELETE FROM records WHERE id BETWEEN ? AND ?", (low, high))
    return f"delete {low}-{high}"


def delete_stream(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    """A whole stream with its head, as if it had never been."""
    row = pick(connection, rng, 1, office.sealed)
    connection.execute(
        "DELETE FROM records WHERE stream = ? AND stream_id = ?", (row["stream"], row["stream_id"])
    )
    if row["stream"] == "case":
        connection.execute("DELETE FROM cases WHERE id = ?", (row["stream_id"],))
    else:
        connection.execute(
            "DELETE FROM record_heads WHERE stream = ? AND stream_id = ?", (row["stream"], row["stream_id"])
        )
    return f"delete stream {row['stream']} {row['stream_id']}"


def swap_all(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    """Two rows change ids: everything else of them is whole."""
    a, b = (pick(connection, rng, 1, office.sealed)["id"] for _ in range(2))
    while a == b:
        b = pick(connection, rng, 1, office.sealed)["id"]
    for old, new in ((a, -1), (b, a), (-1, b)):
        connection.execute("UPDATE records SET id = ? WHERE id = ?", (new, old))
    return f"swap ids {a} {b}"


def swap_content(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    """Two rows of one stream change everything but id, seq and prev."""
    rows = connection.execute(
        "SELECT a.*, b.id AS other FROM records a JOIN records b ON a.stream = b.stream"
        " AND a.stream_id = b.stream_id AND a.seq < b.seq WHERE b.id <= ?",
        (office.sealed,),
    ).fetchall()
    row = rng.choice(rows)
    other = connection.execute("SELECT * FROM records WHERE id = ?", (row["other"],)).fetchone()
    names = ("at", "actor_id", "actor_name", "action", "summary", "body", "mac")
    for target, source in ((row["id"], other), (other["id"], row)):
        for name in names:
            set_value(connection, "records", name, source[name], "id = ?", target)
    return f"swap content {row['id']} {other['id']}"


def swap_seq(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    rows = connection.execute(
        "SELECT a.id AS one, a.seq AS s, b.id AS two, b.seq AS t FROM records a JOIN records b"
        " ON a.stream = b.stream AND a.stream_id = b.stream_id AND a.seq < b.seq WHERE b.id <= ?",
        (office.sealed,),
    ).fetchall()
    row = rng.choice(rows)
    for record, seq in ((row["one"], -9), (row["two"], row["s"]), (row["one"], row["t"])):
        connection.execute("UPDATE records SET seq = ? WHERE id = ?", (seq, record))
    return f"swap seq {row['one']} {row['two']}"


def insert_row(key: bytes) -> Attack:
    def attack(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
        """A forged row at a place in the middle, its successors moved up and the chain mended with `key`."""
        victim = pick(connection, rng, 1, office.sealed)
        stream = (victim["stream"], victim["stream_id"])
        rows = connection.execute(
            "SELECT id FROM records WHERE stream = ? AND stream_id = ? AND seq >= ? ORDER BY seq DESC",
            (*stream, victim["seq"]),
        ).fetchall()
        for row in rows:
            connection.execute("UPDATE records SET seq = seq + 1 WHERE id = ?", (row["id"],))
        forged = make_row(rng, *stream, victim["seq"], victim["prev"], LONG_AGO)
        insert(connection, forged | {"sealed_in": rng.choice([None, victim["sealed_in"]])})
        if key:
            rehash(connection, stream, key)
        return f"insert before {victim['id']}"

    return attack


def rehash(connection: sqlite3.Connection, stream: tuple[str, int], key: bytes) -> None:
    """Compute a stream's chain anew, head included."""
    prev, seq = ZERO, 0
    rows = connection.execute(
        "SELECT * FROM records WHERE stream = ? AND stream_id = ? ORDER BY seq", stream
    ).fetchall()
    for row in rows:
        seq += 1
        fresh = dict(row) | {"prev": prev, "seq": seq}
        prev = tree.mac(key, tree.message(fresh))
        connection.execute(
            "UPDATE records SET seq = ?, prev = ?, mac = ? WHERE id = ?",
            (seq, fresh["prev"], prev, row["id"]),
        )
    if stream[0] == "case":
        connection.execute(
            "UPDATE cases SET record_seq = ?, record_mac = ? WHERE id = ?", (seq, prev, stream[1])
        )
    else:
        connection.execute(
            "UPDATE record_heads SET seq = ?, mac = ? WHERE stream = ? AND stream_id = ?",
            (seq, prev, *stream),
        )


def change_and_rehash(key: bytes, *, reseal: bool = False) -> Attack:
    def attack(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
        victim = pick(connection, rng, 1, office.sealed)
        set_value(connection, "records", "summary", "从未退回。", "id = ?", victim["id"])
        rehash(connection, (victim["stream"], victim["stream_id"]), key)
        if reseal:
            seal_anew(connection, key)
        return f"rehash from {victim['id']}"

    return attack


def delete_and_rehash(key: bytes, *, reseal: bool = False) -> Attack:
    def attack(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
        victim = pick(connection, rng, 1, office.sealed)
        connection.execute("DELETE FROM records WHERE id = ?", (victim["id"],))
        rehash(connection, (victim["stream"], victim["stream_id"]), key)
        if reseal:
            seal_anew(connection, key)
        return f"delete {victim['id']} and rehash"

    return attack


def truncate_and_mend(key: bytes | None) -> Attack:
    def attack(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
        """Cut a stream's end off and set its head back to where the cut is."""
        victim = pick(connection, rng, 1, office.sealed)
        stream = (victim["stream"], victim["stream_id"])
        connection.execute(
            "DELETE FROM records WHERE stream = ? AND stream_id = ? AND seq >= ?", (*stream, victim["seq"])
        )
        if key is not None:
            rehash(connection, stream, key)
        return f"truncate {stream} from {victim['seq']}"

    return attack


def unseal(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    """Say of a changed row, with a chain mended by the key, that it was never sealed."""
    victim = pick(connection, rng, 1, office.sealed)
    set_value(connection, "records", "summary", "从未退回。", "id = ?", victim["id"])
    rehash(connection, (victim["stream"], victim["stream_id"]), KEY)
    connection.execute("UPDATE records SET sealed_in = NULL WHERE id = ?", (victim["id"],))
    return f"unseal {victim['id']}"


def seal_anew(connection: sqlite3.Connection, key: bytes) -> None:
    """Compute every seal in the database anew with the key."""
    prev = ZERO
    for old in connection.execute("SELECT * FROM seals ORDER BY id").fetchall():
        rows = connection.execute(
            "SELECT * FROM records WHERE sealed_in = ? ORDER BY id", (old["id"],)
        ).fetchall()
        connection.execute("DELETE FROM seals WHERE id = ?", (old["id"],))
        if not rows:
            continue
        at = datetime.fromisoformat(tree.moment(old["at"]) or "")
        found = tree.seal_of(old["id"], at, rows, prev, key)
        write_seal(connection, found)
        prev = found["mac"]


def change_seal(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    row = rng.choice(connection.execute("SELECT * FROM seals").fetchall())
    column = rng.choice(row.keys())
    value = other_value(rng, row[column])
    set_value(connection, "seals", column, value, "id = ?", row["id"])
    return f"seal {row['id']} {column}: {str(row[column])[:40]!r} -> {str(value)[:40]!r}"


def delete_seals(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    count = connection.execute("SELECT count(*) FROM seals").fetchone()[0]
    first = rng.randint(1, count)
    connection.execute("DELETE FROM seals WHERE id >= ?", (first,))
    if rng.random() < 0.7:
        connection.execute("UPDATE records SET sealed_in = NULL WHERE sealed_in >= ?", (first,))
    return f"delete seals from {first}"


def change_head(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    table, seq, mac = rng.choice([("cases", "record_seq", "record_mac"), ("record_heads", "seq", "mac")])
    row = rng.choice(connection.execute(f"SELECT rowid AS r, * FROM {table}").fetchall())
    column = rng.choice([seq, mac])
    if rng.random() < 0.2:
        connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row["r"],))
        return f"delete head in {table}"
    set_value(connection, table, column, other_value(rng, row[column]), "rowid = ?", row["r"])
    return f"{column} in {table}"


def renumber(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    """Move rows to other ids, chain untouched."""
    low = rng.randint(1, office.sealed)
    connection.execute("UPDATE records SET id = id + 100000 WHERE id >= ?", (low,))
    return f"renumber from {low}"


def move_stream(connection: sqlite3.Connection, rng: random.Random, office: Office) -> str:
    """Give a whole case's record to another case number, head and all."""
    row = connection.execute("SELECT id FROM cases ORDER BY random() LIMIT 1").fetchone()
    connection.execute("UPDATE cases SET id = 9999 WHERE id = ?", (row["id"],))
    connection.execute(
        "UPDATE records SET stream_id = 9999 WHERE stream = 'case' AND stream_id = ?", (row["id"],)
    )
    return f"case {row['id']} becomes 9999"


SEALED_ATTACKS: dict[str, Attack] = {
    **{f"change {name}": change_column(name) for name in tree.COLUMNS},
    "retype": retype,
    "delete": delete_row,
    "delete many": delete_many,
    "delete stream": delete_stream,
    "swap rows": swap_all,
    "swap content": swap_content,
    "swap seq": swap_seq,
    "insert": insert_row(b""),
    "insert, rehash with the wrong key": insert_row(WRONG_KEY),
    "insert, rehash with the key": insert_row(KEY),
    "rehash with the wrong key": change_and_rehash(WRONG_KEY),
    "rehash with the key": change_and_rehash(KEY),
    "rehash and reseal with the wrong key": change_and_rehash(WRONG_KEY, reseal=True),
    "rehash and reseal with the key": change_and_rehash(KEY, reseal=True),
    "delete, rehash with the key": delete_and_rehash(KEY),
    "delete, rehash and reseal with the key": delete_and_rehash(KEY, reseal=True),
    "truncate": truncate_and_mend(None),
    "truncate and mend with the key": truncate_and_mend(KEY),
    "unseal": unseal,
    "change seal": change_seal,
    "delete seals": delete_seals,
    "change head": change_head,
    "renumber": renumber,
    "move stream": move_stream,
}

#: what the chain alone must find in rows that no seal covers yet, from an attacker without the key
UNSEALED_ATTACKS: dict[str, Attack] = {
    f"change unsealed {name}": change_unsealed_column(name)
    for name in tree.COLUMNS
    if name not in ("id", "sealed_in")
}
