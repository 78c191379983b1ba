"""What an organ offers the public: `organ.settings["portal"]`, kept by its 政府信息公开工作机构.

An organ that has not opened its part takes no applications here; an installation without an open organ has no public
site at all, and neither has one started with GONGKAI_PORTAL=off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app

from app.accounts.directory import OrganInfo, directory
from app.core.errors import NotFound
from app.core.settings import Settings
from app.letters.composing import organ_values
from workflows.law import fees
from workflows.law.remedies import NO_REPLY

#: what the guide says of an organ: key -> (label, longest text, several lines)
FIELDS: dict[str, tuple[str, int, bool]] = {
    "office": ("政府信息公开工作机构", 80, False),
    "address": ("办公地址", 120, False),
    "postcode": ("邮政编码", 6, False),
    "hours": ("办公时间", 80, False),
    "phone": ("联系电话", 40, False),
    "fax": ("传真号码", 40, False),
    "email": ("电子邮箱", 80, False),
    "channels": ("接收申请的其他渠道", 400, True),
    "pay": ("信息处理费怎样缴纳", 400, True),
    "more": ("其他说明", 1000, True),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """The part of one organ. `said` has every key of FIELDS, "" where nothing was written."""

    organ: OrganInfo
    open: bool
    said: dict[str, str]
    updated_on: date | None

    @property
    def name(self) -> str:
        """The organ's full name."""
        return self.organ.name

    @property
    def code(self) -> str:
        """What addresses of its pages carry."""
        return self.organ.code


def offer_of(organ: OrganInfo) -> Offer:
    """What an organ says, with what its letters say where it says nothing here."""
    kept: dict[str, Any] = dict(organ.settings.get("portal") or {})
    letters = organ_values(organ)
    base = {"office": letters["office"], "address": letters["office_address"]}
    said = {key: str(kept.get(key) or base.get(key) or "") for key in FIELDS}
    updated = kept.get("updated_on")
    return Offer(organ, bool(kept.get("open")), said, date.fromisoformat(updated) if updated else None)


def installed() -> bool:
    """Whether this installation may show a public site."""
    settings: Settings = current_app.extensions["gongkai_settings"]
    return settings.portal


def offers() -> list[Offer]:
    """The organs that take applications here, in the directory's order."""
    if not installed():
        return []
    organs = [organ for organ in directory().organs.values() if organ.active]
    return [found for organ in organs if (found := offer_of(organ)).open]


def offer(code: str) -> Offer:
    """The open part of an organ by its code; else NotFound."""
    found = next((each for each in offers() if each.code == code), None)
    if found is None:
        raise NotFound()
    return found


def remedies(organ: OrganInfo) -> dict[str, str]:
    """What the guide advises when no reply comes (domain.md 4.4), with the organ's own authorities."""
    values = organ_values(organ)
    keys = ("authority", "authority_address", "court")
    return {"advice": NO_REPLY} | {key: values[key] for key in keys}


def fee_scale() -> dict[str, list[str]]:
    """The fees in short (109号四、五), in the words of the guide."""
    pages, first = [], 1
    for last, rate in fees.PAGES:
        span = f"{first}—{last}页" if last else f"{first}页以上"
        pages.append(f"{span}的部分：每页{rate}元" if rate else f"{span}：免费")
        first = (last or first) + 1
    items = [
        f"每月1—{fees.FREE_ITEMS}件：免费",
        f"{fees.FREE_ITEMS + 1}—{fees.FIRST_ITEMS}件的部分：每件{fees.FIRST_RATE}元",
        f"{fees.FIRST_ITEMS + 1}件以上的部分：以{fees.STEP}件为一档，每增加一档，每件提高{fees.FIRST_RATE}元",
    ]
    return {"items": items, "pages": pages}
