"""What the settings page shows: package.toml as data, and what its lanes, facts and titles may refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.accounts.directory import Directory
from app.accounts.kinds import ORGAN, POST_KINDS
from app.processes import outline
from app.processes.item_words import FACT_LABELS, FACT_SOURCES
from app.processes.lanes import GIVES, SCOPES
from app.processes.packages import Package

SCOPE_WORDS: Mapping[str, str] = {
    "initiator": "发起人本人",
    "unit": "本科室的岗位",
    "organ": "本机关的岗位",
    "did": "办过前面某个环节的人",
    "expression": "按表达式算出的人、岗位或科室",
    "system": "系统自动办理，没有人",
}
GIVES_WORDS: Mapping[str, str] = {"person": "人员", "post": "岗位", "unit": "科室"}
assert set(SCOPE_WORDS) == {*SCOPES} and set(GIVES_WORDS) == {*GIVES}


def words(texts: Mapping[str, str], offered: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's menus offer; `offered` are the words of all editors (`words.of`)."""
    drawn = outline.drawn(texts)
    return {
        "scopes": _menu(SCOPE_WORDS),
        "gives": _menu(GIVES_WORDS),
        "posts": [
            {"value": key, "label": label, "level": level} for key, (label, level) in POST_KINDS.items()
        ],
        "sources": [
            {"value": key, "label": FACT_LABELS.get(key, key)}
            for key in sorted(FACT_SOURCES, key=list(FACT_LABELS).index)
        ],
        "processes": [{"value": each["key"], "label": each["name"]} for each in offered["processes"]],
        "drawn": drawn["lanes"],
        "called": drawn["calls"],
    }


def _menu(labels: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in labels.items()]


def drawn_lanes(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The lanes of the diagram with their steps of people: [{name, steps: [{value, label}]}]; [] while it is unreadable."""
    return outline.drawn(texts)["lanes"]


def copies(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """What each copy of a step done several times is for, as a lane may read it; like questions of forms."""
    return [
        {
            "key": item["key"],
            "label": f"“{item['owner']}”每一份的对象",
            "type": "copy",
            "options": [],
            "from": "流程图",
        }
        for item in outline.drawn(texts)["copies"]
    ]


def given(data: Mapping[str, Any], packages: Mapping[str, Package]) -> list[dict[str, Any]]:
    """What a calling process gives, under the name its forms ask it by; like questions of forms."""
    callers = [each for each in packages.values() if data["key"] in each.meta.calls]
    labels = {
        field.key: field.label for each in callers for form in each.forms.values() for field in form.fields
    }
    return [
        {"key": key, "label": labels.get(key, key), "type": "given", "options": [], "from": "调用它的流程"}
        for key in data.get("given", ())
    ]


def brought(offered: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What called processes and tables bring that no form asks; like questions of forms."""
    asked = {each["key"] for each in fields}
    return [
        {"key": each["name"], "label": each["label"], "type": "brought", "options": [], "from": each["from"]}
        for each in offered["facts"]
        if each["name"] not in asked
    ]


_TEXTS = ("name", "summary", "owner", "title", "title_without", "number", "key")
_LISTS = ("start_posts", "calls", "given")
_TABLES = ("legal_basis", "print")


def shape(data: dict[str, Any] | None) -> dict[str, Any] | None:
    """The data if the page can show it item by item, None when it has to be mended as text."""
    if data is None:
        return None
    lanes, facts = data.get("lanes", {}), data.get("facts", {})
    good = (
        all(isinstance(data.get(name, ""), str) for name in _TEXTS)
        and all(_texts(data.get(name, [])) for name in _LISTS)
        and isinstance(lanes, dict)
        and all(isinstance(each, dict) and _texts(list(each.values())) for each in lanes.values())
        and isinstance(facts, dict)
        and _texts(list(facts.values()))
        and all(_sheets(data.get(name, [])) for name in _TABLES)
    )
    return data if good else None


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _sheets(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and all(isinstance(part, str) or _texts(part) for part in each.values())
        for each in value
    )


# -- lanes and posts ------------------------------------------------------------------------------------------


def lane_notes(
    data: Mapping[str, Any], drawn: Sequence[Mapping[str, Any]], people: Directory
) -> list[dict[str, str]]:
    """What is to be said of lanes: [{lane, severity, message}]. Without a post nobody would receive the step."""
    raw = data.get("lanes")
    lanes = raw if isinstance(raw, dict) else {}
    return [
        *_not_matched(lanes, drawn),
        *(
            {"lane": name, "severity": "warning", "message": "流程图里没有这条泳道，可以删除。"}
            for name in lanes
            if drawn and name not in {each["name"] for each in drawn}
        ),
        *_nobody(lanes, people),
    ]


def _not_matched(lanes: Mapping[str, Any], drawn: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    for each in drawn:
        if each["steps"] and each["name"] not in lanes:
            yield {
                "lane": each["name"],
                "severity": "error",
                "message": "还没有指定谁来办，这样不能启用。请选择岗位。",
            }


def _nobody(lanes: Mapping[str, Any], people: Directory) -> Iterator[dict[str, str]]:
    for name, about in lanes.items():
        kind = about.get("post") if isinstance(about, dict) else None
        if not isinstance(kind, str) or kind not in POST_KINDS:
            continue
        missing = _organs_without(kind, people)
        if missing:
            shown = "、".join(missing[:4]) + ("等" if len(missing) > 4 else "")
            yield {
                "lane": name,
                "severity": "warning",
                "message": f"「{POST_KINDS[kind][0]}」目前没有人任职的机关：{shown}。启用前请单位管理员安排。",
            }


def _organs_without(kind: str, people: Directory) -> list[str]:
    """Names of the active organs with people of their own where nobody holds a post of the kind."""
    held = {post.organ_id for post in people.posts.values() if post.kind == kind and people.holders(post.id)}
    return [
        each.name
        for each in people.organs.values()
        if each.active and each.id not in held and people.people_of(each.id) and _needs(each.id, kind, people)
    ]


def _needs(organ_id: int, kind: str, people: Directory) -> bool:
    """An organ that another handles for has no posts of its own; one without units has no units' posts."""
    if POST_KINDS[kind][1] == ORGAN:
        return people.organ(organ_id).office_id is None
    return bool(people.units_of(organ_id))
