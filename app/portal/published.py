"""Published items like what somebody is about to apply for: 主动公开 documents with an address, by shared pieces of text."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import table_of
from app.documents.models import Document
from app.documents.queries import like
from app.obligations.models import Obligation
from workflows.law.grounds import Attribute

#: pieces asked of the database, rows looked at, rows shown
PIECES, LOOKED_AT, SHOWN = 12, 200, 5
#: words that every application carries and no title is found by
_EMPTY = re.compile(
    r"申请|公开|信息|政府|关于|有关|情况|相关|文件|材料|内容|全部|所有|请|提供|获取|复印件|获得|以及|我|本人|需要|贵局|贵机关|[的了和与及等在对年月日]"
)
_WORDS = re.compile(r"[\u3400-\u9fff]+|[0-9A-Za-z]+")

o, d = table_of(Obligation), table_of(Document)


def pieces(text: str) -> list[str]:
    """Pieces of three characters (or whole numbers and words) by which titles may be found, in order, none twice."""
    plain = _EMPTY.sub(" ", unicodedata.normalize("NFKC", text)[:1000])
    found: list[str] = []
    for word in _WORDS.findall(plain):
        if word.isascii():
            found += [word] if len(word) >= 3 and not word.isdigit() else []
        elif len(word) <= 3:
            found += [word] if len(word) >= 2 else []
        else:
            found += [word[n : n + 3] for n in range(len(word) - 2)]
    return list(dict.fromkeys(found))


def similar(session: Session, organ_ids: list[int], text: str) -> list[dict[str, Any]]:
    """Up to five published items of these organs: {title, url, number, published_on}, the likest first. One statement."""
    wanted = pieces(text)
    if not wanted or not organ_ids:
        return []
    asked = wanted[:: max(1, len(wanted) // PIECES)][:PIECES]
    query = (
        sa.select(o.c.title, o.c.published_url, o.c.published_on, d.c.number)
        .join(d, d.c.id == o.c.document_id)
        .where(
            o.c.organ_id.in_(organ_ids),
            o.c.status == "closed",
            o.c.published_url.like("http%"),
            d.c.attribute == Attribute.PROACTIVE.value,
            sa.or_(*(o.c.title.like(like(piece), escape="\\") for piece in asked)),
        )
        .order_by(o.c.published_on.desc(), o.c.id.desc())
        .limit(LOOKED_AT)
    )
    rows = session.execute(query).all()
    least = 1 if len(wanted) < 4 else 2
    scored = [(sum(piece in row.title for piece in wanted), row) for row in rows]
    best = sorted((each for each in scored if each[0] >= least), key=lambda each: -each[0])[:SHOWN]
    return [
        {
            "title": row.title,
            "url": row.published_url,
            "number": row.number or "",
            "published_on": row.published_on.isoformat() if row.published_on else "",
        }
        for _, row in best
    ]
