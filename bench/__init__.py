"""`make bench`: what the office costs, compared inside one run.

    python -m bench            every number, with its target, as one JSON document
    python -m bench --quick    the same keys with few repetitions and small offices (seconds; for the tests)
    python -m bench --large    the inbox alone, over a million open items

The bench builds offices of its own (SQLite in a temporary folder, a temporary PostgreSQL server), puts the real
application behind a real web server in a process of its own and drives it over HTTP as a browser would. It ends
whatever it started.
"""
