"""信息处理费 (条例42; 国办函〔2020〕109号三至五): by item or by page, progressive on the excess. Amounts in whole yuan.

    by_items(n)          what n items of one applicant in one calendar month cost together
    nth_item(k)          what the k-th of them costs
    charge(before, new)  what `new` items cost when `before` came earlier in the month
    by_pages(n)          what one item of n pages costs

One application is charged one way only (109号三). Every amount comes with its derivation in Chinese.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.law.refusals import LawRefusal

ARTICLE_ITEMS = "国办函〔2020〕109号四"
ARTICLE_PAGES = "国办函〔2020〕109号五"

MOST = 1_000_000

#: 109号四: up to which item, yuan each; from 31 on every further ten cost 100 more each
FREE_ITEMS, FIRST_ITEMS, FIRST_RATE, STEP = 10, 30, 100, 10
#: 109号五: up to which page, yuan each; the last has no end
PAGES: tuple[tuple[int | None, int], ...] = ((30, 0), (100, 10), (200, 20), (None, 40))


@dataclass(frozen=True, slots=True)
class Band:
    """One step of the scale: `count` units from number `first` to `last` at `rate` yuan each."""

    first: int
    last: int
    rate: int
    unit: str

    @property
    def count(self) -> int:
        """How many units fall into it."""
        return self.last - self.first + 1

    @property
    def amount(self) -> int:
        """Yuan."""
        return self.count * self.rate

    @property
    def text(self) -> str:
        """「第 11—30 件：20 件 × 100 元/件 = 2000 元」"""
        span = str(self.first) if self.first == self.last else f"{self.first}—{self.last}"
        if not self.rate:
            return f"第 {span} {self.unit}：免费"
        return (
            f"第 {span} {self.unit}：{self.count} {self.unit} × {self.rate} 元/{self.unit} = {self.amount} 元"
        )


@dataclass(frozen=True, slots=True)
class Fee:
    """An amount in yuan with how it came out."""

    yuan: int
    bands: tuple[Band, ...]
    article: str

    @property
    def lines(self) -> list[str]:
        """The derivation, a line per band and the sum."""
        return [band.text for band in self.bands] + [f"合计 {self.yuan} 元（{self.article}）"]


def by_items(n: int) -> Fee:
    """`n` items in one month, cumulated; n >= 0."""
    return charge(0, n)


def nth_item(k: int) -> Fee:
    """The k-th item of the month alone; k >= 1."""
    if _whole(k, "件数") < 1:
        raise LawRefusal("件数应从第 1 件起，请改正。", code="quantity")
    return charge(k - 1, 1)


def charge(before: int, new: int) -> Fee:
    """`new` items when `before` items of the same applicant came earlier in the calendar month."""
    first, last = _whole(before, "件数") + 1, _whole(before, "件数") + _whole(new, "件数")
    bands = []
    while first <= last:
        end, rate = _item_band(first)
        bands.append(Band(first, min(end, last), rate, "件"))
        first = end + 1
    return Fee(sum(band.amount for band in bands), tuple(bands), ARTICLE_ITEMS)


def _item_band(number: int) -> tuple[int, int]:
    if number <= FREE_ITEMS:
        return FREE_ITEMS, 0
    if number <= FIRST_ITEMS:
        return FIRST_ITEMS, FIRST_RATE
    step = (number - FIRST_ITEMS - 1) // STEP + 1
    return FIRST_ITEMS + step * STEP, FIRST_RATE * (step + 1)


def by_pages(n: int) -> Fee:
    """One item of `n` pages (A4 及以下单面为 1 页【未核实】); n >= 0. Items are not added up."""
    last, first, bands = _whole(n, "页数"), 1, []
    for end, rate in PAGES:
        if first > last:
            break
        stop = last if end is None else min(end, last)
        bands.append(Band(first, stop, rate, "页"))
        first = stop + 1
    return Fee(sum(band.amount for band in bands), tuple(bands), ARTICLE_PAGES)


def _whole(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise LawRefusal(f"{what}应是整数，请改正。", code="quantity")
    if not 0 <= value <= MOST:
        raise LawRefusal(f"{what}应在 0 至 {MOST} 之间，请改正。", code="quantity")
    return value
