"""How rounds of asking are shown: on the step they belong to, on the case, and to whoever is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import processes
from app.accounts.directory import Directory, directory
from app.cases import queries, registry, sub_items
from app.cases.models import NO_DUE
from app.cases.showing import where
from app.core.actor import Actor
from app.core.now import local_text as local
from workflows.engine import place_of
from workflows.engine.countersign import AGREE, Rule

#: rule of a 会签 -> what people call it
RULES: Mapping[str, str] = {
    "all": "全部同意",
    "ratio": "按比例",
    "veto": "一票否决",
    "first": "或签（一人即可）",
    "sequence": "依次",
}
TIMINGS: Mapping[str, str] = {"before": "前加签", "beside": "并加签", "after": "后加签"}
STATES: Mapping[str, str] = {"open": "等待答复", "queued": "未轮到", "gone": "不需再办"}


@dataclass(frozen=True)
class Voice:
    """One person of a round: who, what he said, or that he has not yet."""

    who: str
    post: str
    state: str
    waits: bool
    opinion: str
    at: str


@dataclass(frozen=True)
class RoundShown:
    """A round as a page shows it. `open`: somebody has still to answer."""

    title: str
    question: str
    asker: str
    at: str
    due: str
    words: str
    voices: Sequence[Voice]
    open: bool
    end_reason: str


def rule_words(kind: str, ratio: int | None) -> str:
    """「按比例（60% 同意）」"""
    return RULES[kind] + (f"（{ratio}% 同意）" if ratio else "")


def shown(found: Mapping[str, Any], items: Sequence[Mapping[str, Any]], people: Directory) -> RoundShown:
    """A round with its sub-items."""
    kind = found["kind"]
    title = {"sign": TIMINGS.get(found["timing"] or "", "加签")}.get(kind, sub_items.KINDS[kind])
    if kind == "cosign":
        title = f"会签 · {rule_words(found['rule'], found['ratio'])}"
    words = ""
    if kind != "consult":
        words = sub_items.progress(sub_items.asked_by(found["rule"], found["ratio"]), items).words
    due = next((item["due_on"] for item in items if item["due_on"] != NO_DUE), None)
    return RoundShown(
        title=title,
        question=found["question"],
        asker=people.name_of(found["opened_by"]),
        at=local(found["opened_at"]),
        due=due.isoformat() if due else "",
        words=words,
        voices=[_voice(item, people) for item in items],
        open=bool(sub_items.waiting(items)),
        end_reason=found["end_reason"] or "",
    )


def _voice(item: Mapping[str, Any], people: Directory) -> Voice:
    done = item["status"] == "done"
    return Voice(
        who=item["done_name"] if done else people.name_of(item["holder_id"]),
        post=item["capacity"] or "",
        state=item["decision"] or STATES.get(item["status"], ""),
        waits=item["status"] in ("open", "queued"),
        opinion=item["opinion"] or "",
        at=local(item["closed_at"]) if done else "",
    )


def drawn(case: Mapping[str, Any], trail: Sequence[Mapping[str, Any]], people: Directory) -> list[RoundShown]:
    """The 会签 that a diagram draws and that wait now, with what their instances said so far."""
    runtime = processes.runtime(case["version_id"])
    found: dict[str, RoundShown] = {}
    for item in trail:
        info = runtime.spec.steps.get((item["process_key"], item["step"])) if item["kind"] == "step" else None
        rule = info.settings.get("countersign") if info is not None else None
        if rule is None or item["status"] != "open":
            continue
        path = place_of(item["address"]).rpartition("[")[0]
        beside = _instances(trail, item, path)
        form = runtime.form(item["process_key"], item["step"])
        options = form.decision.options if form.decision else ()
        label = next((option.label for option in options if option.value == AGREE), "")
        found[path] = _drawn(item, beside, Rule.read(rule), label, people)
    return list(found.values())


def _instances(
    trail: Sequence[Mapping[str, Any]], item: Mapping[str, Any], path: str
) -> list[Mapping[str, Any]]:
    """The instances of the round an open one belongs to: those opened with it, or before it in sequence."""
    same = [i for i in trail if i["kind"] == "step" and place_of(i["address"]).rpartition("[")[0] == path]
    at_once = [i for i in same if i["address"].split(":")[0] == item["address"].split(":")[0]]
    if len(at_once) > 1:
        return at_once
    first = max((n for n, i in enumerate(same) if place_of(i["address"]).endswith("[0]")), default=0)
    return [i for i in same[first:] if i["status"] in ("open", "done")]


def _drawn(
    item: Mapping[str, Any], beside: Sequence[Mapping[str, Any]], rule: Rule, label: str, people: Directory
) -> RoundShown:
    agreed = sum(i["status"] == "done" and i["decision"] == label for i in beside)
    refused = sum(i["status"] == "done" and i["decision"] != label for i in beside)
    asked = len(beside)
    one_by_one = len({i["address"].split(":")[0] for i in beside}) == asked
    state = sub_items.Progress(asked, agreed, refused, None, False)
    words = f"已同意 {agreed} 人，正在等第 {asked} 人" if one_by_one else state.words
    voices = [replace(_voice(i, people), waits=i["status"] == "open") for i in beside]
    waiting = [
        replace(v, who=where(i, people)) if v.waits else v for v, i in zip(voices, beside, strict=True)
    ]
    title = f"会签：{item['label']} · {rule_words(rule.kind, rule.ratio if rule.kind == 'ratio' else None)}"
    return RoundShown(title, "", item["came_from"], local(item["opened_at"]), "", words, waiting, True, "")


def _draws_countersign(case: Mapping[str, Any]) -> bool:
    """Whether the case's process draws a 会签 at all."""
    steps = processes.runtime(case["version_id"]).spec.steps.values()
    return case["status"] == "open" and any("countersign" in info.settings for info in steps)


def rounds_panel(
    session: Session, actor: Actor, case: Mapping[str, Any], item: Mapping[str, Any] | None
) -> list[tuple[str, Markup]]:
    """The rounds of a step above its form; on the case's page those that somebody has still to answer."""
    found = [
        each
        for each in sub_items.rounds(session, case["id"])
        if item is None or each["item_id"] == item["id"]
    ]
    several = _draws_countersign(case)
    if not found and not several:
        return []
    people = directory()
    trail = queries.history(session, case["id"])
    rounds = drawn(case, trail, people) if several else []
    rounds += [shown(each, [i for i in trail if i["round_id"] == each["id"]], people) for each in found]
    if item is None:
        rounds = [each for each in rounds if each.open]
    if not rounds:
        return []
    waits = item is not None and item["prepared_at"] is not None
    return [("before", Markup(render_template("cases/_rounds.html", rounds=rounds, waits=waits)))]


registry.PANELS.append(rounds_panel)
