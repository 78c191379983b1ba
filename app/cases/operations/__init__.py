"""The operations, one file each: its rule, its form, its command.

    transfer   转交他人   hand the step to somebody else of the office

Importing this package declares them all (`offering.BY_KEY`).
"""

from app.cases.operations import transfer

__all__ = ["transfer"]
