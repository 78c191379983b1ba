"""The operations, one file each: its rule, its form, its command.

    transfer   转交他人   hand the step to somebody else of the office
    consult    征求意见   ask colleagues and decide oneself; `recall` takes a question back
    signers    加签、减签  others sign beside the holder: before, at the same time, after
    returning  退回      to any step that was completed, in the branch or the called process too

Importing this package declares them all (`offering.BY_KEY`).
"""

from app.cases.operations import consult, returning, signers, transfer

__all__ = ["consult", "returning", "signers", "transfer"]
