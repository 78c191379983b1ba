"""The operations, one file each: its rule, its form, its command.

    transfer   转交他人   hand the step to somebody else of the office
    consult    征求意见   ask colleagues and decide oneself; `recall` takes a question back
    signers    加签、减签  others sign beside the holder: before, at the same time, after
    cosign     会签        several answer by a rule; `end_cosign` spares the rest once it is decided
    copy       抄送        shown to colleagues or whole units, who need do nothing
    urge       催办        a notice to whoever holds a step, not too often
    returning  退回      to any step that was completed, in the branch or the called process too
    withdrawing 取回     the sender takes a step back while nobody has done anything with it
    terminating 终止办理  the case ends without a result
    suspending 挂起、恢复办理  the case rests; internal time stands still, the law's goes on

Importing this package declares them all (`offering.BY_KEY`).
"""

from app.cases.operations import (
    consult,
    copy,
    cosign,
    returning,
    signers,
    suspending,
    terminating,
    transfer,
    urge,
    withdrawing,
)

__all__ = [
    "consult",
    "copy",
    "cosign",
    "returning",
    "signers",
    "suspending",
    "terminating",
    "transfer",
    "withdrawing",
    "urge",
]
