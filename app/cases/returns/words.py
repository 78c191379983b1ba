"""What a return would do, in the words of the office: the lists a person confirms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.cases import showing
from app.cases.offering import Standing
from app.cases.returns.past import Past
from app.core.actions import CATALOGUE
from app.core.now import local_text
from workflows.engine import Act, OpenTimer, ReturnPlan, place_of

_UNITS = (("W", "周"), ("D", "天"), ("H", "小时"), ("M", "分钟"), ("S", "秒"))
STATUTORY = "法定期限照算，不因退回停止、重算或者延长。"


def parts(here: Standing, past: Past, plan: ReturnPlan) -> list[tuple[str, Sequence[str]]]:
    """Headings with their lines; empty ones are left out by the page."""
    return [
        ("要重新办理", redone(past, plan)),
        ("撤下的待办", vanishing(here, past, plan)),
        ("同时重新打开", _again(here, past, plan)),
        ("保留不动", kept(past, plan)),
        ("已经生效，不因退回撤销", standing_acts(plan)),
        ("时限", limits(past, plan)),
    ]


def redone(past: Past, plan: ReturnPlan) -> list[str]:
    """The steps to be done again, the first of them at once, the others when the case comes there again."""
    dropped = [
        past.completion(past.by_seq[seq]) for seq in plan.drop if past.by_seq[seq]["kind"] == "complete"
    ]
    return [
        f"「{done.label}」：{done.who} {local_text(done.at)} 所办，"
        + ("马上重新办理" if done.seq == plan.target else "到这一环节时再办")
        for done in dropped
    ]


def vanishing(here: Standing, past: Past, plan: ReturnPlan) -> list[str]:
    """Open steps that will wait no more, with the sub-items beside them."""
    lines = []
    for place in plan.vanish:
        item = past.by_address.get(place.address)
        lines.append(f"「{place.label}」" + (f"：{showing.where(item, here.people)}" if item else ""))
        subs = [each for each in here.items if item and each["parent_id"] == item["id"]]
        lines += [
            f"「{place.label}」里的「{each['label']}」：{showing.where(each, here.people)}"
            for each in subs
            if each["status"] in ("open", "queued")
        ]
    return lines


def _again(here: Standing, past: Past, plan: ReturnPlan) -> list[str]:
    lines = []
    for place in plan.reopened:
        if place.address != plan.goal:
            item = past.by_address.get(place.address)
            lines.append(f"「{place.label}」" + (f"：{showing.where(item, here.people)}" if item else ""))
    return lines


def kept(past: Past, plan: ReturnPlan) -> list[str]:
    """Later work that stays; what it had opened and will have to wait for again."""
    lines = [
        past.completion(past.by_seq[seq]).words for seq in plan.kept if past.by_seq[seq]["kind"] == "complete"
    ]
    waits = [address for addresses in plan.undone.values() for address in addresses]
    lines += [f"「{past.label(address)}」等各路办齐后再送" for address in waits if _is_step(past, address)]
    return lines


def _is_step(past: Past, address: str) -> bool:
    info = past.runtime.spec.steps.get(past.step_at(place_of(address)))
    return info is not None and info.kind == "person"


def standing_acts(plan: ReturnPlan) -> list[str]:
    """What was done and stays done; who repeats the step gets the same number, the same row."""
    return list(dict.fromkeys(_act(act) for _seq, act in plan.stands if not _reads_only(act)))


def _reads_only(act: Act) -> bool:
    entry = CATALOGUE.get(act.name)
    return entry is not None and entry.foresee is entry.call


def _act(act: Act) -> str:
    entry = CATALOGUE.get(act.name)
    result = act.result.get("number") if isinstance(act.result, dict) else act.result
    said = f"：{result}" if isinstance(result, str) and result and not result.isascii() else ""
    return (entry.label if entry else act.name) + said


def limits(past: Past, plan: ReturnPlan) -> list[str]:
    """What happens to time: internal periods begin again, what the law counts goes on."""
    lines = ["重新办理的环节，本环节时限从退回时起重新计算。"]
    lines += [f"「{timer.name}」重新计时（{period(timer)}）" for timer in plan.timers]
    lines += [f"已经到期的「{name}」不再算数" for name in _names(past, plan, "timer")]
    lines += [f"已经收到的「{name}」不再算数，需要的请重新登记" for name in _names(past, plan, "message")]
    return [*lines, STATUTORY]


def _names(past: Past, plan: ReturnPlan, kind: str) -> Iterable[str]:
    rows = [past.by_seq[seq] for seq in plan.detached]
    return [row["row"]["name"] for row in rows if row["kind"] == kind]


def period(timer: OpenTimer) -> str:
    """「3天」, or the day a timer names."""
    if timer.kind != "duration":
        return timer.value
    words = [
        f"{n}{word}" for key, word in _UNITS for n in re.findall(rf"(\d+){key}", timer.value.lstrip("P"))
    ]
    return "".join(words[:2])
