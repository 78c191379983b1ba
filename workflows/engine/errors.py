"""What the engine room raises. Every message is a Chinese sentence that may be shown to a person."""

from __future__ import annotations


class EngineError(Exception):
    """Root of everything raised by this package.

    `code` is a stable English word for programs and tests; `str(error)` is the Chinese sentence.
    """

    code = "engine"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class EngineRefused(EngineError):
    """The flow cannot take this input: nothing was changed and the caller's state is still good.

    Codes: `not_open`, `not_caught`, `no_timer`, `no_match`, `facts`, `expression`, `runaway`, `deadlock`,
    `too_many_instances`, `missing_output`, `ambiguous_table`, `uncaught_error`, `not_recorded`,
    `return`, `engine`.
    """

    code = "refused"


class DefinitionRefused(EngineError):
    """A process package cannot be read or run at all (hostile XML, unknown callee, unsupported construct)."""

    code = "definition"


class StateUnreadable(EngineError):
    """A stored state was written by an unknown format or belongs to another definition."""

    code = "state"


class ReplayDiffers(EngineError):
    """The rows, replayed, do not give what they say they gave. `differences` lists every sentence."""

    code = "replay"

    def __init__(self, differences: list[str]) -> None:
        super().__init__("按流程记录重放的结果与记录不一致：" + "；".join(differences))
        self.differences = differences


class ExpressionError(EngineError):
    """An expression is not in the language, or cannot be worked out with the given names."""

    code = "expression"
