"""What the law room refuses with: a Chinese sentence that says what to do next."""

from __future__ import annotations


class LawRefusal(ValueError):
    """The law says no, or what was given cannot be judged; `message` is shown to the person as it is."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
