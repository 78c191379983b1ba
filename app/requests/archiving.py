"""案卷打包: one ZIP of a case that can be handed to a court or an archive and checked there without this system.

Every file is hashed on its way in; bytes that were kept must still be the bytes that were kept, or nothing is handed out.
`manifest.json` tells the SM3 of each, `校验清单.txt` the same in the form `sm3sum` writes. Taking it is an act of the record.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.audit import ACTION_LABELS
from app.cases import higher
from app.core import record, xlsx
from app.core.actor import Actor
from app.core.command import Tx, command, keyring
from app.core.errors import Busy, NotAllowed, NotFound, Refused
from app.core.now import local_text, now, today
from app.core.record import ZERO, Record
from app.documents import files
from app.letters import printing
from app.requests import dossier, sheets
from app.requests.dossier import Kept, Piece
from app.requests.models import Request

ACTION_LABELS["request.archive"] = "导出案卷"
FORMAT = "gongkai-case-1"
#: who may take a case out
ARCHIVERS = ("archivist", "registrar", "disclosure_head")
MOST_BYTES = 1024 * 1024 * 1024
MOST_FILES = 2_000
MOST_RECORDS = 20_000
CHUNK = 1 << 18
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}

t = Record.__table__
_rows = sa.select(t).where(t.c.stream == "case", t.c.stream_id == sa.bindparam("case")).order_by(t.c.seq)


@dataclass
class Package:
    """An archive on its way: what went in so far."""

    archive: zipfile.ZipFile
    entries: list[dict[str, Any]] = field(default_factory=list)

    def put(self, path: str, data: bytes, **about: Any) -> None:
        """A file made now."""
        self.archive.writestr(_info(path), data, zipfile.ZIP_DEFLATED)
        self._noted(path, len(data), hashlib.new("sm3", data).hexdigest(), about)

    def copy(self, path: str, kept: Kept, **about: Any) -> None:
        """A file of the store, by chunks. Refused when its bytes are not those that were kept."""
        sm3, size = hashlib.new("sm3"), 0
        with (
            files.open_file(kept.hash) as source,
            self.archive.open(_info(path), "w", force_zip64=True) as target,
        ):
            while chunk := source.read(CHUNK):
                size += len(chunk)
                sm3.update(chunk)
                target.write(chunk)
        if sm3.hexdigest() != kept.hash:
            raise Refused(
                f"「{kept.name}」的内容与登记的校验值不符，案卷没有生成。请系统管理员从备份恢复这个文件，并请安全审计员核查。"
            )
        self._noted(path, size, kept.hash, about | {"kept": True})

    def _noted(self, path: str, size: int, sm3: str, about: Mapping[str, Any]) -> None:
        self.entries.append({"path": path, "size": size, "sm3": sm3, **about})


def _info(path: str) -> zipfile.ZipInfo:
    moment = now().timetuple()
    info = zipfile.ZipInfo(path, moment[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o640 << 16
    return info


def may_take(actor: Actor, organ_id: int) -> bool:
    """Whether the person takes cases of this organ out."""
    return any(actor.holds(kind, organ_id) for kind in ARCHIVERS)


def write(
    session: Session, actor: Actor, case: Mapping[str, Any], request: Request, out: IO[bytes]
) -> dict[str, Any]:
    """Write the archive of a case into `out`; {files, bytes, records, whole: the record's chain holds}.

    Refused when it is too large or a kept file has changed; Busy when the disk is full.
    """
    found = dossier.pieces(session, case, request)
    _bounded(found)
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            package = Package(archive)
            listed = _pieces(package, found)
            recorded = _record(session, package, case["id"])
            _contents(package, case, request, listed)
            _note(package, actor, case, request, listed, recorded)
            archive.writestr(_info("校验清单.txt"), _sums(package))
            archive.writestr(_info("manifest.json"), _manifest(package, actor, case, request, recorded))
    except OSError as error:
        if error.errno in _FULL:
            raise Busy("服务器磁盘空间不足，案卷没有生成。请告知系统管理员清理后再试。") from error
        raise
    size = sum(entry["size"] for entry in package.entries)
    return {"files": len(package.entries), "bytes": size, **recorded}


def _bounded(found: list[Piece]) -> None:
    kept = [content for piece in found for content in piece.contents if isinstance(content, Kept)]
    if sum(content.size for content in kept) > MOST_BYTES or len(kept) > MOST_FILES:
        raise Refused(
            f"这件案卷的附件超过 {MOST_BYTES >> 30} GB 或者 {MOST_FILES} 个，不能打成一个压缩包。请系统管理员在服务器上导出。"
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A piece as it lies in the archive."""

    number: int
    piece: Piece
    path: str
    pages: int | None


def _pieces(package: Package, found: list[Piece]) -> list[Listed]:
    listed = []
    for number, piece in enumerate(found, 1):
        paths = [_put(package, number, piece, content) for content in piece.contents]
        listed.append(Listed(number, piece, paths[0], dossier.page_count(piece.contents[0])))
    return listed


def _put(package: Package, number: int, piece: Piece, content: dossier.Content) -> str:
    """One content under its folder; a paper that cannot be printed for want of a font goes in as text."""
    name = files.clean_name(content.name.replace("/", "／"))
    path = f"{piece.folder}/{number:03d} {name}"
    about = {"title": piece.title, "source": piece.source}
    if isinstance(content, Kept):
        package.copy(path, content, **about)
        return path
    data = dossier.made(content)
    if data is None:
        path = path.removesuffix(".pdf") + ".txt"
        data = f"{piece.title}：含有字库中没有的字，不能印出。请在系统中查看。\n".encode()
    package.put(path, data, **about)
    return path


# --- the record ------------------------------------------------------------------------------------------------------


def record_state(session: Session, case_id: int) -> dict[str, Any]:
    """{records, head, whole}: how far the case's record reaches, and whether its chain holds."""
    return _follow(session, case_id, lambda row: None)


def _follow(session: Session, case_id: int, call: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    state: dict[str, Any] = {"records": 0, "head": ZERO, "whole": True}
    keys = keyring()
    for row in _records(session, case_id):
        whole = row["prev"] == state["head"] and keys.record_mac(record.message(row)) == row["mac"]
        state = {"records": row["seq"], "head": row["mac"], "whole": state["whole"] and whole}
        call(row)
    return state


def _record(session: Session, package: Package, case_id: int) -> dict[str, Any]:
    """The case's stream of the record, complete with its chain; what `record_state` tells."""
    lines, table = io.StringIO(), io.StringIO()
    sheet = csv.writer(table)
    sheet.writerow(["序号", "时间", "人员", "岗位", "事项", "结果", "校验码"])

    def put(row: Mapping[str, Any]) -> None:
        lines.write(json.dumps(_plain(row), ensure_ascii=False, sort_keys=True) + "\n")
        said = [row[name] for name in ("actor_name", "capacity", "summary", "result", "mac")]
        sheet.writerow([row["seq"], local_text(row["at"]), *(xlsx.neutral(cell) for cell in said)])

    state = _follow(session, case_id, put)
    source = {"source": "系统记录"}
    package.put(
        "07 办理记录/办理记录.jsonl", lines.getvalue().encode(), title="办理记录（含校验码）", **source
    )
    package.put(
        "07 办理记录/办理记录.csv", ("\ufeff" + table.getvalue()).encode(), title="办理记录", **source
    )
    return state


def _records(session: Session, case_id: int) -> Iterator[Mapping[str, Any]]:
    rows = session.execute(_rows.limit(MOST_RECORDS + 1), {"case": case_id}).mappings()
    for n, row in enumerate(rows, 1):
        if n > MOST_RECORDS:
            raise Refused(f"这件的办理记录超过 {MOST_RECORDS} 条，请系统管理员在服务器上导出。")
        yield dict(row)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: row[name] for name in (*record.CHAINED, "mac")}
    return said | {"at": row["at"].isoformat(timespec="microseconds")}


# --- contents, note, manifest ----------------------------------------------------------------------------------------


def contents(listed: list[tuple[Piece, int | None]]) -> list[tuple[str, str, str, str, str]]:
    """Entries of 卷内目录: 责任者, 文号, 题名, 日期, 页次; a page number only as long as everything before is counted."""
    found, at = [], 1
    for piece, count in listed:
        page = ""
        if at and count:
            page = str(at) if count == 1 else f"{at}—{at + count - 1}"
        at = at + count if at and count else 0
        found.append((piece.author, piece.number, piece.title, sheets.day_text(piece.on), page))
    return found


def contents_pdf(case: Mapping[str, Any], request: Request, listed: list[tuple[Piece, int | None]]) -> bytes:
    """卷内目录 on paper."""
    return printing.file_contents(
        contents(listed),
        organ=sheets.organ_name(request),
        title=f"{request.number or '待编号'} {request.title}",
        archive_no=sheets.text(case["data"].get("archive_no")),
    )


def _contents(package: Package, case: Mapping[str, Any], request: Request, listed: list[Listed]) -> None:
    said = [(each.piece, each.pages) for each in listed]
    made = dossier.made(dossier.Made(lambda: contents_pdf(case, request, said), "卷内目录.pdf"))
    if made is not None:
        package.put("00 卷内目录.pdf", made, title="卷内目录", source="本机关制作")
    rows = enumerate(zip(contents(said), listed, strict=True), 1)
    lines = ["\t".join((str(n), *entry, each.path)) for n, (entry, each) in rows]
    text = "顺序号\t责任者\t文号\t题名\t日期\t页次\t文件\n" + "\n".join(lines) + "\n"
    package.put("00 卷内目录.txt", text.encode(), title="卷内目录", source="本机关制作")


def _note(
    package: Package,
    actor: Actor,
    case: Mapping[str, Any],
    request: Request,
    listed: list[Listed],
    recorded: Mapping[str, Any],
) -> None:
    """备考表."""
    said = note_values(actor, case, request, len(listed), recorded)
    made = dossier.made(dossier.Made(lambda: note_pdf(case, request, said), "备考表.pdf"))
    if made is not None:
        package.put("99 备考表.pdf", made, title="备考表", source="本机关制作")


def note_values(
    actor: Actor, case: Mapping[str, Any], request: Request, count: int, recorded: Mapping[str, Any]
) -> dict[str, str]:
    """What 备考表 says of the file."""
    data = case["data"]
    lines = [
        f"本卷收录材料 {count} 份，各文件的国密 SM3 校验值见 manifest.json。",
        f"办理记录 {recorded['records']} 条，{'经核对前后衔接、未见改动' if recorded['whole'] else '核对时发现不一致，请安全审计员核查'}。",
        f"盒号：{data['box_no']}" if data.get("box_no") else "",
        f"保管期限：{_retention(data.get('retention'))}" if data.get("retention") else "",
        f"纸质页数：{data['pages']}" if data.get("pages") else "",
        "" if request.state in ("closed", "dropped") else "本卷导出时尚未办结，材料可能增加。",
    ]
    return {
        "said": "\n".join(line for line in lines if line),
        "made_by": actor.name,
        "made_on": today().isoformat(),
    }


def _retention(value: Any) -> str:
    return {"permanent": "永久", "30": "30年", "10": "10年"}.get(str(value), str(value))


def note_pdf(case: Mapping[str, Any], request: Request, said: Mapping[str, str]) -> bytes:
    """备考表 on paper."""
    return printing.file_note(
        said, organ=sheets.organ_name(request), archive_no=sheets.text(case["data"].get("archive_no"))
    )


def _sums(package: Package) -> str:
    return "".join(f"{entry['sm3']}  {entry['path']}\n" for entry in package.entries)


def _manifest(
    package: Package, actor: Actor, case: Mapping[str, Any], request: Request, recorded: Mapping[str, Any]
) -> str:
    said = {
        "format": FORMAT,
        "case": case["number"],
        "request": request.number,
        "organ": directory().organ(request.organ_id).name,
        "subject": sheets.organ_name(request),
        "made_at": now().isoformat(timespec="seconds"),
        "made_by": actor.name,
        "digest": "SM3",
        "record": dict(recorded),
        "files": package.entries,
    }
    return json.dumps(said, ensure_ascii=False, indent=1)


def _took(bound: bool, count: int) -> str:
    return f"导出案卷合订本（PDF，{count} 份材料）" if bound else f"导出案卷（{count} 个文件）"


@command
def note(
    tx: Tx,
    *,
    request_id: int,
    files: int,
    bytes: int,
    sm3: str,
    records: int,
    head: str,
    whole: bool,
    bound: bool = False,
) -> dict[str, Any]:
    """Who took the case out, and the digest of what he took, into the case's record. NotFound, NotAllowed.

    `bound`: as one PDF (`binding`) instead of the archive.
    """
    case_id = tx.session.scalar(sa.select(Request.case_id).where(Request.id == request_id))
    if case_id is None:
        raise NotFound()
    case = higher.lock(tx, case_id)
    request = tx.session.get_one(Request, request_id)
    if tx.actor.organ_id != request.organ_id:
        raise NotFound()
    if not may_take(tx.actor, request.organ_id):
        raise NotAllowed(
            "案卷由档案岗、受理登记岗或者政府信息公开工作机构导出。如工作需要，请联系单位管理员。"
        )
    higher.note(
        tx, case, "request.archive", f"{tx.actor.name} {_took(bound, files)}", request=request.id, files=files,
        bytes=bytes, sm3=sm3, records=records, head=head, whole=whole,
    )  # fmt: skip
    return {"case": case_id}
