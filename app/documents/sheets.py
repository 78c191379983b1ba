"""Data of the two printed sheets; their templates take these plain dicts and know nothing else.

`documents/print/approval_sheet.html` 呈批单 and `documents/print/secrecy_sheet.html` 保密审查记录表, each with

    sheet      as below
    back_url, printed_at, printed_by, demo    optional, as print.html says

The approval sheet: {heading, number, organ, title, facts: [(label, text)], opinions: [opinion], files: [file],
mark, notice}. The secrecy sheet: {heading, number, organ, facts, points: [(label, text)], opinions, files,
conclusion: [(label, text)], digest, notice}.

opinion: {step, post, person, at, opinion, decision, how: 系统|线下|OA, entered_by}; texts, `at` ready to print.
file: {name, hash, size, note}. `marks` are the words printed at the end of the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.documents import showing
from app.documents.models import Attachment, Document, SecrecyReview, StoredFile
from workflows.law.grounds import Attribute, Conclusion

POINTS = {
    "secret": "国家秘密、密点",
    "work_secret": "工作秘密",
    "sensitive": "敏感信息",
    "trade_secret": "商业秘密",
    "privacy": "个人隐私",
    "stability": "国家安全、公共安全、经济安全、社会稳定",
    "internal": "内部事务、过程性信息、行政执法案卷",
    "aggregation": "数据汇聚后产生的风险",
    "other_organ": "涉及其他机关，须协商、确认",
    "wording": "内容表述",
    "timing": "公开时机",
    "manner": "公开方式",
}
CHANNELS = {
    "website": "政府网站政府信息公开专栏",
    "gazette": "政府公报",
    "new_media": "政务新媒体",
    "briefing": "新闻发布会",
    "hall": "政务服务大厅、公告栏",
    "archives": "国家档案馆、公共图书馆",
}
DEIDENTIFIED = {
    "none": "没有需要处理的个人信息",
    "done": "已作去标识化处理",
    "kept": "依法应当公开，予以保留",
}
HOW = {"system": "系统", "paper": "线下", "oa": "OA"}


def opinion(
    *,
    step: str,
    person: str,
    at: str,
    post: str = "",
    opinion: str = "",
    decision: str = "",
    how: str = "system",
    entered_by: str = "",
) -> dict[str, str]:
    """One opinion as the sheets print it; `how` is system, paper or oa (or already a word)."""
    return {
        "step": step,
        "post": post,
        "person": person,
        "at": at,
        "opinion": opinion,
        "decision": decision,
        "how": HOW.get(how, how),
        "entered_by": entered_by,
    }


def approval_sheet(
    *,
    organ: str,
    title: str,
    facts: Sequence[tuple[str, str]],
    opinions: Sequence[Mapping[str, Any]],
    files: Sequence[Mapping[str, Any]] = (),
    number: str = "",
    mark: str = "",
    heading: str = "公开属性呈批单",
) -> dict[str, Any]:
    """The dict `documents/print/approval_sheet.html` takes as `sheet`."""
    return {
        "heading": f"{organ}{heading}",
        "number": number,
        "organ": organ,
        "title": title,
        "facts": list(facts),
        "opinions": list(opinions),
        "files": list(files),
        "mark": mark,
    }


def approval(
    session: Session,
    case: Mapping[str, Any],
    *,
    name: str,
    opinions: Sequence[Mapping[str, Any]],
    files: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Context of the approval sheet of a case: its row, its opinions and its files {name, sha256 or hash, size}."""
    said, people = case["data"], directory()
    paper = session.get(Document, case["document_id"]) if case.get("document_id") else None
    unit = people.unit(case["unit_id"]) if case.get("unit_id") else None
    secret = bool(paper and paper.secret_entry)
    attribute = (paper.attribute if paper else None) or said.get("attribute")
    facts = [
        ("发文字号", (paper.number if paper else None) or said.get("doc_no")),
        ("拟稿单位", f"{people.organ(case['organ_id']).name}{unit.name if unit else ''}"),
        ("拟稿人", "、".join(people.name_of(one) for one in case["authors"] or [case["started_by"]])),
        ("办理事项", {"first": "初次认定", "change": "属性变更"}.get(str(said.get("kind")), name)),
        ("公开属性", showing.attribute_kind(attribute)[1]),
    ]
    if attribute == Attribute.WITHHELD:
        facts.append(("不予公开条款", showing.ground_words(said.get("ground"))))
        facts.append(("不予公开理由", "线下办理" if secret else said.get("reason")))
    if said.get("on_request_reason"):
        facts.append(("未主动公开的考虑", said["on_request_reason"]))
    if said.get("change_reason"):
        facts.append(("变更的理由", said["change_reason"]))
    if said.get("signed_on"):
        facts.append(("签发日期", said["signed_on"]))
    title = f"涉密登记项（份号 {paper.copies}，线下办理）" if paper and secret else case["title"]
    sheet = approval_sheet(
        organ=people.organ(case["subject_id"]).name,
        heading=f"{name}呈批单",
        title=title,
        number=case["number"],
        facts=[(label, str(text or "")) for label, text in facts],
        opinions=opinions,
        files=[{"name": f["name"], "hash": f.get("hash") or f.get("sha256")} for f in files],
        mark=(paper.mark if paper else None) or "",
    )
    return {"sheet": sheet}


def secrecy_sheet(
    session: Session, review: SecrecyReview, opinions: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The dict `documents/print/secrecy_sheet.html` takes as `sheet`, from a review's row."""
    people = directory()
    unit = people.unit(review.unit_id) if review.unit_id else None
    organ = people.organ(review.organ_id).name
    times = f"（第 {review.round} 次审查）" if review.round > 1 else ""
    facts = [
        ("信息标题", review.title),
        ("发文字号", review.document_number),
        ("索引号", review.index_no),
        ("信息来源", review.origin),
        ("产生日期", review.produced_on),
        ("承办科室", unit.name if unit else ""),
        ("承办人", review.drafter),
        ("拟公开属性", showing.attribute_kind(review.proposed)[1]),
        ("不予公开条款", showing.ground_words(review.ground)),
        ("不予公开理由", review.reason),
    ]
    return {
        "heading": f"{organ}政府信息公开保密审查记录表",
        "number": f"{review.number}{times}",
        "organ": organ,
        "facts": [(label, str(value or "")) for label, value in facts],
        "points": _points(review),
        "opinions": list(opinions),
        "files": _files(session, review.files),
        "conclusion": _conclusion(review),
        "digest": review.digest,
        "undone": review.undone,
    }


def _points(review: SecrecyReview) -> list[tuple[str, str]]:
    """Every 审查要点 with 涉及 or 不涉及, then notes and 去标识化."""
    said, deid = review.checklist or {}, review.deidentified or {}
    found = set(said.get("points") or ())
    rows = [(label, "涉及" if key in found else "不涉及") for key, label in POINTS.items()]
    rows += [(str(key), "涉及") for key in sorted(found - set(POINTS))]
    result = str(deid.get("deid_result") or "未填")
    rows.append(("涉及要点的说明和处理", str(said.get("points_note") or "无")))
    rows.append(("去标识化结果", DEIDENTIFIED.get(result, result)))
    if deid.get("deid_note"):
        rows.append(("命中项与处理", str(deid["deid_note"])))
    channels: Iterable[str] = said.get("channels") or ()
    rows.append(("拟公开渠道", "、".join(CHANNELS.get(one, one) for one in channels) or "无"))
    return rows


def _conclusion(review: SecrecyReview) -> list[tuple[str, str]]:
    rows = [("审查结论", Conclusion(review.conclusion).label), ("登记时间", showing.moment(review.at))]
    if review.remark:
        label = "不公开的内容" if review.conclusion == Conclusion.PARTIAL else "结论的理由"
        rows.append((label, review.remark))
    if review.referred:
        day = f"（{review.referred_on}）" if review.referred_on else ""
        rows.append(("报送确定的机关", f"{review.referred_to}{day}"))
        decided = f"（{review.decided_on}）" if review.decided_on else ""
        rows.append(("确定结论的文号", f"{review.decided_number or '未填'}{decided}"))
    rows.append(("归档号", review.archive_no or "未归档"))
    return rows


def _files(session: Session, hashes: Sequence[str]) -> list[dict[str, Any]]:
    """Names and sizes of the reviewed bytes; a hash without a name keeps its hash."""
    if not hashes:
        return []
    query = (
        sa.select(StoredFile.hash, StoredFile.size, sa.func.min(Attachment.name).label("name"))
        .join(Attachment, Attachment.file_hash == StoredFile.hash)
        .where(StoredFile.hash.in_(list(hashes)))
        .group_by(StoredFile.hash, StoredFile.size)
    )
    known = {row.hash: row for row in session.execute(query)}
    return [
        {
            "name": known[one].name if one in known else "（文件名未知）",
            "hash": one,
            "size": known[one].size if one in known else None,
        }
        for one in hashes
    ]
