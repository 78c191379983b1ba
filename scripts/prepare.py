"""Between set-up and start: migrate, install the shipped processes, make demo data in an empty office.

    python -m scripts.prepare ANSWER.json

One process for all of it, because importing the office takes longer than the work of a second `make run`.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import click
import flask_migrate
from flask import Flask
from flask.cli import ScriptInfo

from app import create_app
from app.accounts.directory import directory
from app.accounts.kinds import OFFICERS
from app.core.errors import GongkaiError
from app.core.keys import KeysMissing, Sm3Missing
from app.office.demo.command import wanted


def main(answer: Path) -> None:
    """Do it, and write who can sign in to `answer`."""
    app = create_app()
    with app.app_context():
        flask_migrate.upgrade()
    with app.app_context():
        missing = wanted()
    if missing:
        print("▸ 建立演示数据（约 10–20 秒）…", flush=True)
        call(app, "demo")
    quietly(app, "bpmn", "install")  # after the history: its cases run on versions installed on its first day
    quietly(app, "calendar", "seed")
    with app.app_context():
        answer.write_text(json.dumps(describe(), ensure_ascii=False), "utf-8")


def call(app: Flask, *words: str) -> None:
    """Run a `flask` command of the office in this process."""
    app.cli.main(
        args=list(words), prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app)
    )


def quietly(app: Flask, *words: str) -> None:
    """The same, for what has nothing to tell when it goes well."""
    with contextlib.redirect_stdout(io.StringIO()):
        call(app, *words)


def describe() -> dict[str, Any]:
    """Kind of the installation; for a demonstration its accounts with their posts."""
    house = directory()
    if house.kind != "demo":
        return {"kind": house.kind, "accounts": []}
    accounts = []
    for person in house.people.values():
        actor = house.actor(person.id)
        if not person.login or actor is None:
            continue
        place = house.organ(person.organ_id).short_name + (actor.unit_name and f" {actor.unit_name}")
        accounts.append(
            {
                "login": person.login,
                "name": person.name,
                "place": place,
                "posts": OFFICERS.get(actor.officer or "") or actor.capacity,
            }
        )
    return {"kind": house.kind, "sign_in_note": house.sign_in_note, "accounts": accounts}


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
    except click.ClickException as error:
        print(f"✗ {error.format_message()}", file=sys.stderr)
        sys.exit(1)
    except (GongkaiError, KeysMissing, Sm3Missing) as error:
        print(f"✗ {error}", file=sys.stderr)
        sys.exit(1)
