"""What a person may do with a step beside completing it: the words a definition may use (features.md H26).

A step's setting `operations` lists the keys it offers, separated by spaces; `none` offers nothing. A step that says
nothing offers what its role does by default. The commands themselves live in `app/cases/operations`.
"""

from __future__ import annotations

from collections.abc import Mapping

#: key -> label, in the order of the buttons
OPERATIONS: Mapping[str, str] = {
    "transfer": "转交他人",
    "consult": "征求意见",
    "recall": "收回征求",
    "add_signer": "加签",
    "drop_signer": "减签",
    "cosign": "会签",
    "end_cosign": "结束会签",
    "return": "退回",
    "withdraw": "取回",
    "urge": "催办",
    "copy": "抄送",
    "suspend": "挂起",
    "resume": "恢复办理",
    "terminate": "终止办理",
}

#: what undoes another operation is offered with it
_WITH = {"recall": "consult", "end_cosign": "cosign"}
_ALWAYS = ("withdraw", "urge", "copy", "suspend", "resume", "terminate")
_DESK = ("transfer", "consult", "return")
_SIGNERS = ("add_signer", "drop_signer", "cosign")
#: role of a step -> what it offers when its definition says nothing
DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "draft": (*_DESK, *_ALWAYS),
    "work": (*_DESK, *_SIGNERS, *_ALWAYS),
    "review": (*_DESK, *_SIGNERS, *_ALWAYS),
    "sign": (*_DESK, *_SIGNERS, *_ALWAYS),
    "wait": _ALWAYS,
}


def offered(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of the operations a step offers, in the order of the buttons; unknown words are left out."""
    said = settings.get("operations")
    wanted = DEFAULTS.get(settings.get("role", "work"), _ALWAYS) if said is None else said.split()
    return tuple(key for key in OPERATIONS if key in wanted or _WITH.get(key) in wanted)


def unknown(settings: Mapping[str, str]) -> list[str]:
    """Words of the setting that name no operation."""
    words = settings.get("operations", "none").split()
    return [word for word in words if word != "none" and word not in OPERATIONS]
