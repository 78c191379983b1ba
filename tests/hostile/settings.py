"""Hostile package.toml."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.engine.diagrams import Diagram, properties
from tests.hostile.cases import CODE, MARKUP, Case

GOOD = """format = 1
key = "sound"
name = "一个流程"
owner = "政务公开科"
startable = true
start_posts = []
title = "{title}"
number = "{organ}办〔{year}〕{n}号"
calls = []

[[legal_basis]]
title = "《中华人民共和国政府信息公开条例》（国务院令第711号）"
articles = ["第十九条"]

[lanes."承办人"]
scope = "initiator"
"""
_FORM = (
    'format = 1\ntitle = "表单"\n\n[[field]]\nkey = "title"\nlabel = "标题"\ntype = "text"\nrequired = true\n'
)
_STEPS = (
    Diagram("sound").start().people("handle", inner=properties(role="work")).end().lane("承办人", "handle")
)
#: a sound package; a case replaces its package.toml
PACKAGE = {
    "package.toml": GOOD,
    "process.bpmn": _STEPS.go("s -> handle -> e").xml().decode(),
    "forms/start.toml": _FORM,
    "forms/handle.toml": _FORM.replace('"title"', '"result"'),
}


def cases() -> Iterator[Case]:
    for name, text in _texts():
        yield Case("settings", name, text.encode() if isinstance(text, str) else text)


def _with(old: str, new: str) -> str:
    assert old in GOOD, old
    return GOOD.replace(old, new)


def _texts() -> Iterator[tuple[str, str | bytes]]:
    yield "empty", ""
    yield "broken", GOOD + "[["
    yield "deep", GOOD + "x = " + "[" * 3000
    yield "a number of five thousand digits", GOOD.replace("format = 1", f"format = {'9' * 5000}")
    yield "a quoted key of twenty thousand parts", GOOD + ".".join(['"a"'] * 20_000) + " = 1\n"
    yield "an escaped key of twenty thousand parts", GOOD + " . ".join(['"\\""'] * 20_000) + " = 1\n"
    yield "quotes that never end", GOOD + '"\\' * 90_000
    yield "long quoted parts", GOOD + ".".join([f'"{"a" * 61}"'] * 3_000) + " = 1\n"
    yield "a key of twenty thousand parts in a table", GOOD + "x = {" + ".".join(["a"] * 20_000) + " = 1}\n"
    yield "a number of seventy bits", GOOD + f"\n[facts]\nx = {2**70}\n"
    yield "a great many keys", GOOD + "".join(f"k{number} = 1\n" for number in range(15_000))
    yield "more keys than may be", GOOD + "".join(f"k{number} = 1\n" for number in range(150_000))
    yield "too large", GOOD + "#" * 2_500_000
    for number, template in enumerate(
        ("{n.__class__}", "{n!r}", "{n:>99999999999}", "{0.__init__}{n}", "{n", "{number}"), 1
    ):
        yield f"number {number}", _with('"{organ}办〔{year}〕{n}号"', json.dumps(template))
        yield f"title {number}", _with('title = "{title}"', f"title = {json.dumps(template)}")
    yield "a key that is a path", _with('key = "sound"', 'key = "../../etc"')
    yield "a process that calls itself", _with("calls = []", 'calls = ["sound"]')
    yield "a callee nobody knows", _with("calls = []", 'calls = ["nothing"]')
    yield "a callee by path", _with("calls = []", 'calls = ["../x"]')
    yield "begun by the keeper of the system", _with("start_posts = []", 'start_posts = ["root"]')
    yield "a setting nobody knows", GOOD.replace("format = 1", 'format = 1\nexec = "id"')
    yield "a fact from the environment", GOOD + '\n[facts]\nsecret = "os.environ"\n'
    yield "a fact over a function", GOOD + '\n[facts]\nlen = "initiator.organ"\n'
    yield "steps of the keeper", GOOD + '\n[lanes."乙"]\nscope = "root"\n'
    for number, code in enumerate(CODE, 1):
        lane = f'\n[lanes."乙"]\nscope = "expression"\ngives = "person"\nexpression = {json.dumps(code)}\n'
        yield f"a lane worked out {number}", GOOD + lane
    for number, text in enumerate(MARKUP, 1):
        yield f"name {number}", _with('name = "一个流程"', f"name = {json.dumps(text, ensure_ascii=False)}")
        yield f"lane {number}", GOOD + f'\n[lanes.{json.dumps(text, ensure_ascii=False)}]\nscope = "system"\n'
