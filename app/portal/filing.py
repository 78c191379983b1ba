"""An application handed in at the public site: a 来件 with its number at once, unconfirmed until a clerk confirms it.

条例31(三): what comes over the internet is received on the day both sides confirmed. Until then the clock does not run,
and the clerk has the step 「与申请人确认」.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, BinaryIO, cast

from werkzeug.datastructures import FileStorage

from app.accounts.directory import directory
from app.audit import ACTION_LABELS
from app.cases import higher
from app.core.command import Tx, command
from app.core.errors import Refused
from app.documents import attachments, files
from app.documents.files import Stored
from app.portal.forms import MOST_BYTES, MOST_FILES, MOST_TOTAL
from app.portal.offering import offer
from app.requests import intake
from app.requests.applicants import Said
from app.requests.opening import Application

ACTION_LABELS.setdefault("request.public_files", "申请人上传材料")

Uploads = Mapping[str, Sequence[FileStorage]]


def store(uploads: Uploads) -> dict[str, list[Stored]]:
    """Write a citizen's files to the store, per field. Refused when there are too many, or one is too large or wrong."""
    chosen = {key: [each for each in given if each.filename] for key, given in uploads.items()}
    total = 0
    if sum(len(given) for given in chosen.values()) > MOST_FILES:
        sentence = f"一次最多上传 {MOST_FILES} 个文件，请合并后再提交。"
        raise Refused(sentence, fields={next(key for key, given in chosen.items() if given): sentence})
    for key, given in chosen.items():
        for each in given:
            size = _size(each)
            total += size
            if size > MOST_BYTES or total > MOST_TOTAL:
                name, bounds = files.clean_name(each.filename or ""), (MOST_BYTES >> 20, MOST_TOTAL >> 20)
                sentence = f"「{name}」太大：单个文件不超过 {bounds[0]} MB，合计不超过 {bounds[1]} MB。"
                raise Refused(sentence, fields={key: sentence})
    stored: dict[str, list[Stored]] = {}
    for key, given in chosen.items():
        for each in given:
            try:
                stored.setdefault(key, []).append(
                    files.store(cast("BinaryIO", each.stream), each.filename or "")
                )
            except Refused as error:
                raise Refused(error.message, fields={key: error.message}) from error
    return stored


def _size(upload: FileStorage) -> int:
    upload.stream.seek(0, 2)
    size = upload.stream.tell()
    upload.stream.seek(0)
    return int(size)


@command
def submit(
    tx: Tx, *, organ_code: str, said: Said, application: Application, stored: Mapping[str, Sequence[Stored]]
) -> dict[str, Any]:
    """Take an application in; {request, number}. Safe to repeat with its token. The query code is never stored.

    NotFound when the organ takes none here, Refused with `fields` for what cannot be taken.
    """
    organ = offer(organ_code).organ
    office = directory().organ(organ.office_id or organ.id)
    made = intake.begin(tx, office, said, application)
    keep_files(tx, made["case"], stored)
    return {"request": made["request"], "number": made["number"]}


def keep_files(tx: Tx, case_id: int, stored: Mapping[str, Sequence[Stored]]) -> list[int]:
    """Hang a citizen's files on the case; they are papers of the file, not what a secrecy review looks at."""
    kept: list[int] = []
    for field, given in stored.items():
        kept += attachments.add(tx, given, case_id=case_id, field=field, part="paper", state="kept")
    if kept:
        case = higher.lock(tx, case_id)
        summary = f"{tx.actor.name} 上传材料 {len(kept)} 个"
        hashes = [each.hash for given in stored.values() for each in given]
        higher.note(tx, case, "request.public_files", summary, files=kept, hashes=hashes)
    return kept


def application_of(today: date, organ_id: int, values: Mapping[str, Any]) -> Application:
    """What the form says of the application; it arrives on the day it is handed in."""
    return Application(
        subject_id=organ_id,
        content=str(values["content"]),
        channel="online",
        arrived_on=today,
        supply=str(values["supply"]),
        delivery=str(values["delivery"]),
        suggests_open=bool(values["suggests_open"]),
    )
