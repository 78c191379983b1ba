"""The sealer, its file, the commands and the export, on the real application and on both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from app.audit import export, jobs, rows, sealfile, sealing, service, tree, verify, verify_export
from app.audit.models import AuditRun, Seal
from app.core.actor import SYSTEM
from app.core.command import Tx, command, keyring
from app.core.db import db
from app.core.now import wall
from app.core.record import Record, message
from app.core.settings import Settings
from tests.support.organs import City


@command
def act(tx: Tx, *, organ: int, summary: str) -> None:
    """Something that leaves a record in an organ's stream."""
    tx.record("organ", "unit.changed", summary, stream_id=organ, old={"name": "甲"}, new={"name": "乙"})


def many(count: int, organs: int = 3) -> None:
    for number in range(count):
        act(SYSTEM, organ=number % organs + 1, summary=f"第 {number} 次“修改”\t\\ \u2028 𠮷")


def seal_all() -> tuple[int, int]:
    return sealing.seal_all(sealing.settings_now())


def test_raw_reading_gives_the_bytes_that_were_signed(any_db: str, app: Flask, session: Session) -> None:
    many(7)
    written = list(session.execute(sa.select(*Record.__table__.c).order_by(Record.id)).mappings())
    with rows.snapshot(db.engine) as connection:
        raw = sorted(rows.by_stream(connection), key=lambda row: row["id"])
        assert [tree.message(row) for row in raw] == [message(row) for row in written]
        assert [tree.mac(keyring().record, tree.message(row)) for row in raw] == [r["mac"] for r in written]


def test_sealing_covers_everything_once_and_verifies(any_db: str, city: City, settings: Settings) -> None:
    many(30)
    count, written = seal_all()
    assert count >= 30 and written == 1
    assert seal_all() == (0, 0)
    many(5)
    assert seal_all() == (5, 1)
    report = service.check_now()
    assert (report.code, report.unsealed, report.seals) == (0, 0, 2), report.as_dict()
    assert report.rows == count + 5


def test_seals_have_bounded_size(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 10)
    many(25)
    for expected in (10, 10, 5, 0):
        assert sealing.seal_batch(SYSTEM, most=10) == expected
    assert session.scalars(sa.select(Seal.count).order_by(Seal.id)).all() == [10, 10, 5]


def test_late_rows_with_smaller_ids_are_sealed_too(app: Flask, session: Session) -> None:
    """Ids commit out of order: the sealer never asks for `id >` the last one."""
    many(4)
    session.execute(sa.text("UPDATE records SET sealed_in = 999 WHERE id = 2"))
    session.commit()
    assert sealing.seal_batch(SYSTEM) == 3
    session.execute(sa.text("UPDATE records SET sealed_in = NULL WHERE id = 2"))
    session.commit()
    assert sealing.seal_batch(SYSTEM) == 1
    assert service.check_now().code == 0, "a seal this young may still be on its way to the file"
    hours_later = wall() + timedelta(hours=1)
    folder, key = sealing.settings_now().seals, keyring().record
    late = verify.verify(db.engine, key, folder, at=hours_later)
    assert [finding.kind for finding in late.findings] == ["seal_file", "seal_file"]
    sealing.publish(sealing.settings_now())
    assert verify.verify(db.engine, key, folder, at=hours_later).code == 0


def test_sealers_at_the_same_time_make_one_chain(any_db: str, app: Flask, session: Session) -> None:
    many(40)
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with app.app_context():
                while sealing.seal_batch(SYSTEM, most=5):
                    pass
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    sealing.publish(sealing.settings_now())
    report = service.check_now()
    assert (report.code, report.unsealed) == (0, 0), report.as_dict()
    session.commit()


def test_verification_while_people_work_is_clean(any_db: str, app: Flask) -> None:
    many(10)
    seal_all()
    stop = threading.Event()

    def work() -> None:
        with app.app_context():
            while not stop.is_set():
                act(SYSTEM, organ=2, summary="同时在办")
                sealing.seal_all(sealing.settings_now())

    worker = threading.Thread(target=work)
    worker.start()
    try:
        reports = [service.check_now() for _ in range(12)]
    finally:
        stop.set()
        worker.join()
    assert [report.findings for report in reports] == [[]] * 12


def test_what_a_crash_left_out_of_the_file_comes_with_the_next_round(app: Flask, settings: Settings) -> None:
    many(3)
    sealing.seal_batch(SYSTEM)  # committed, and then the power went
    many(3)
    assert seal_all() == (3, 2)
    lines = (settings.seals / sealfile.NAME).read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1, 2]


def test_a_file_that_differs_is_never_written_over(app: Flask, settings: Settings) -> None:
    many(3)
    seal_all()
    path = settings.seals / sealfile.NAME
    path.write_text(path.read_text().replace('"count":3', '"count":4'))
    before = path.read_bytes()
    many(2)
    with pytest.raises(sealfile.SealFileBroken, match="不一致"):
        seal_all()
    assert path.read_bytes() == before
    jobs.seal()  # the job says so in the log, and the database's seals go on
    assert service.check_now().code == 1
    path.write_bytes(b"half")
    with pytest.raises(sealfile.SealFileBroken):
        sealing.publish(settings)


def test_the_file_is_readable_by_owner_and_group_only(app: Flask, settings: Settings) -> None:
    many(1)
    seal_all()
    assert (settings.seals / sealfile.NAME).stat().st_mode & 0o777 == 0o640
    assert sealfile.rewritable(settings.seals), "one user on one machine: 演示"


# ------------------------------------------------------------------ runs
def test_a_run_that_was_asked_for_is_done_once_and_kept(
    any_db: str, city: City, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.ask_verification(city.actor("yu"))
    with pytest.raises(Exception, match="正在等待或进行"):
        service.ask_verification(city.actor("yu"))
    assert service.run_waiting() and not service.run_waiting()
    run = session.scalars(sa.select(AuditRun)).one()
    assert (run.state, run.asked_by, run.problems) == ("clean", "余鉴之", 0)
    actions = list(session.scalars(sa.select(Record.action).order_by(Record.id)))
    assert actions[-2:] == ["audit.verify_asked", "audit.verified"]
    session.commit()


def test_the_daily_run_needs_nobody(app: Flask, session: Session) -> None:
    assert service.run_waiting()
    assert not service.run_waiting()
    session.execute(sa.update(AuditRun).values(asked_at=wall() - timedelta(hours=25)))
    session.commit()
    assert service.run_waiting()


def test_a_run_whose_worker_died_is_taken_up_again(app: Flask, session: Session) -> None:
    assert service.begin_run(SYSTEM) == 1
    assert service.begin_run(SYSTEM) is None
    session.execute(sa.update(AuditRun).values(began_at=wall() - timedelta(hours=3)))
    session.commit()
    assert service.begin_run(SYSTEM) == 1


# ------------------------------------------------------------------ flask audit …
def test_the_command_line_says_which_row_one_changed_byte_is_in(app: Flask, session: Session) -> None:
    many(12)
    runner = app.test_cli_runner()
    assert "封存 12 条记录" in runner.invoke(args=["audit", "seal"]).output
    clean = runner.invoke(args=["audit", "verify"])
    assert clean.exit_code == 0 and "未发现问题" in clean.output
    session.execute(sa.text("UPDATE records SET body = replace(body, '甲', '丙') WHERE id = 5"))
    session.commit()
    told = runner.invoke(args=["audit", "verify"])
    assert told.exit_code == 1 and "记录编号 5" in told.output
    result = json.loads(runner.invoke(args=["audit", "verify", "--json"]).output)
    assert result["outcome"] == "tampered"
    assert {finding["record_id"] for finding in result["findings"]} == {5}
    missing = runner.invoke(args=["audit", "verify", "--trusted", "nowhere.jsonl"])
    assert missing.exit_code == 1 or missing.exit_code == 2


def test_a_trusted_copy_that_is_missing_cannot_be_checked(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["audit", "verify", "--trusted", "nowhere.jsonl"])
    assert result.exit_code == 2 and "找不到对照文件" in result.output


# ------------------------------------------------------------------ export
@pytest.fixture
def exported(city: City, app: Flask, tmp_path: Path) -> Path:
    """A week's export with a sealed and an unsealed part."""
    many(12)
    seal_all()
    many(4)
    out = tmp_path / "records.jsonl"
    result = app.test_cli_runner().invoke(args=["audit", "export", str(out)])
    assert result.exit_code == 0, result.output
    return out


def check(path: Path, *arguments: str) -> tuple[int, str]:
    """Run the verifier as an auditor does: as a program of its own, without this system."""
    program = Path(verify_export.__file__)
    done = subprocess.run(
        [sys.executable, "-I", str(program), str(path), *arguments],
        capture_output=True,
        text=True,
        cwd=path.parent,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_export_verifies_without_the_system(exported: Path, settings: Settings, session: Session) -> None:
    key = str(settings.keys / "record.key")
    assert check(exported)[0] == 0
    code, said = check(exported, "--key", key)
    assert code == 0, said
    assert json.loads(check(exported, "--json", "--key", key)[1])["counts"]["seal"] == 1
    last = session.scalars(sa.select(Record).order_by(Record.id.desc())).first()
    assert last is not None and last.action == "audit.export"


def test_every_change_of_an_export_is_found(exported: Path, settings: Settings) -> None:
    whole = exported.read_text(encoding="utf-8")
    lines = [line + "\n" for line in whole.split("\n") if line]
    paper = exported.with_name("records.jsonl.manifest.json")
    papers = paper.read_text(encoding="utf-8")
    key = verify_export.read_key(settings.keys / "record.key")
    changed = [
        whole.replace("甲", "丙", 1),
        "".join(lines[:3] + lines[4:]),
        "".join([*lines[:2], lines[3], lines[2], *lines[4:]]),
        "".join(lines[:-1]),
        whole.replace('"root":"', '"root":"0', 1),
        whole + lines[0],
        whole + "null\n",
        whole + '{"t":"record"}\n',
        whole + "\x00\n",
    ]
    for text in changed:
        exported.write_text(text, encoding="utf-8")
        assert verify_export.verify(exported).problems
        mended = json.loads(papers) | {
            "sm3": tree.sm3(text.encode()).hex(),
            "lines": text.count("\n"),
        }
        paper.write_text(json.dumps(mended), encoding="utf-8")
        assert verify_export.verify(exported, key).problems, "a manifest without its mac helps nobody"
        paper.write_text(papers, encoding="utf-8")
    exported.write_text(whole, encoding="utf-8")
    assert not verify_export.verify(exported, key).problems
    assert verify_export.verify(exported, bytes(32)).problems
    paper.unlink()
    assert check(exported)[0] == 2


def test_a_row_of_a_sealed_period_cannot_be_forged_even_with_the_key(
    exported: Path, settings: Settings
) -> None:
    key = verify_export.read_key(settings.keys / "record.key")
    found = [json.loads(line) for line in exported.read_text(encoding="utf-8").split("\n") if line]
    prev: dict[tuple[str, int], str] = {}
    for row in found:
        if row["t"] == "record":
            stream = (row["stream"], row["stream_id"])
            row["summary"] = row["summary"].replace("修改", "核准")
            row["prev"] = prev.get(stream, row["prev"])
            row["mac"] = tree.mac(key, tree.message(row | {"at": _stored(row["at"])}))
            prev[stream] = row["mac"]
    exported.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found), encoding="utf-8"
    )
    problems = verify_export.verify(exported, key).problems
    assert any("所封记录被改动" in problem for problem in problems)


def _stored(text: str) -> str:
    return text[:26].replace("T", " ")


def test_both_programs_agree_on_roots() -> None:
    for count in (0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100):
        leaves = [tree.sm3(str(number).encode()) for number in range(count)]
        built = tree.Tree()
        for leaf in leaves:
            built.add(leaf)
        assert built.root() == verify_export.root(leaves)


def test_an_export_takes_whole_streams_between_its_ends(app: Flask, session: Session) -> None:
    many(9)
    with rows.snapshot(db.engine) as connection:
        assert export.span(connection, date(2026, 11, 23), date(2026, 11, 23)) == (1, 9)
        assert export.span(connection, date(2026, 11, 24), date(2026, 11, 30)) is None
        seal_all()
        out: Any = export.empty()
        written = export.write(connection, 3, 6, out)
    assert (written.records, written.seals) == (4, 1) or written.records == 4
    session.commit()


def test_spans_are_read_as_written() -> None:
    assert tree.spans([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"
    assert tree.ids_in("1-3,7,9-10", 100) == [1, 2, 3, 7, 9, 10]
    for bad in ("", "a", "3-1", "1-999999999999", "1--2"):
        with pytest.raises(ValueError):
            tree.ids_in(bad, 100)


def test_every_column_is_covered_on_this_database_too(any_db: str, app: Flask, session: Session) -> None:
    many(9)
    seal_all()
    changes = {name: f"{name} || 'x'" for name in tree.TEXTS if name not in ("mac", "prev")}
    changes |= {name: f"{name} + 1000" for name in ("id", "stream_id", "seq", "sealed_in")}
    changes |= {"mac": "repeat('0', 64)", "prev": "repeat('0', 64)", "actor_id": "7"}
    changes["at"] = (
        "at + interval '1 microsecond'" if any_db == "postgresql" else "'2026-11-23 01:00:00.000001'"
    )
    if any_db == "sqlite":
        changes |= {"mac": "printf('%064d', 0)", "prev": "printf('%064d', 0)"}
    changes["stream"] = "'case'"
    assert set(changes) == set(tree.COLUMNS)
    for name, value in changes.items():
        before = session.execute(sa.text(f"SELECT {name} AS v FROM records WHERE id = 5")).scalar_one()
        session.execute(sa.text(f"UPDATE records SET {name} = {value} WHERE id = 5"))
        session.commit()
        assert service.check_now().code == 1, name
        where = 1005 if name == "id" else 5
        session.execute(sa.text(f"UPDATE records SET {name} = :v WHERE id = {where}"), {"v": before})
        session.commit()
    assert service.check_now().code == 0
