"""会商纪要, 协查函: papers of the office's own on the way. They stop no clock (domain.md 12.1) and are made at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.accounts.directory import directory
from app.cases import higher
from app.core.command import Tx, command
from app.core.now import business_date
from app.letters import service as letters
from app.requests import filling
from app.requests.reaching import locked

WORDS = {"talk": "会商纪要", "ask": "协查函"}


@command
def make(tx: Tx, *, request_id: int, variant: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Make a 会商纪要 (`talk`) or 协查函 (`ask`) and keep its bytes; {letter, said}. A wrong one is made again."""
    request, case = locked(tx, request_id)
    office = directory().organ(request.organ_id)
    given = {key: value for key, value in fields.items() if value}
    if isinstance(given.get("opinions"), str):
        given["opinions"] = [line.strip() for line in given["opinions"].splitlines() if line.strip()]
    shared = filling.common(request)
    for personal in ("applicant", "address"):
        shared.pop(personal, None)
    letter = letters.draft(
        tx, case_id=case["id"], organ_id=office.id, kind="L11", variant=variant, fields={**shared, **given},
        addressee=str(given.get("unit") or office.name), part=f"{variant}{case['record_seq']}",
    )  # fmt: skip
    letters.issue(tx, letter, sealed_on=business_date(tx.now))
    higher.note(
        tx, case, "request.inside", f"{tx.actor.name} 制作{WORDS[variant]}", letter=letter, request=request.id
    )
    return {"letter": letter, "said": f"已制作{WORDS[variant]}。会商、协查不停止计时，答复期限照常计算。"}
