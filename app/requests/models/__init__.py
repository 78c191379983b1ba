"""Rows of the requests room: what comes, what happens to it on its way, what follows."""

from app.requests.models.after import Appeal, Evaluation, RecordFix, Suggestion
from app.requests.models.coming import NEVER, Applicant, Incoming, Matter, Request
from app.requests.models.going import ClockEvent, Consultation, Delivery, Extension, Fee, Handoff, Search

__all__ = [
    "Appeal",
    "Applicant",
    "ClockEvent",
    "Consultation",
    "Delivery",
    "Evaluation",
    "Extension",
    "Fee",
    "Handoff",
    "Incoming",
    "Matter",
    "NEVER",
    "RecordFix",
    "Request",
    "Search",
    "Suggestion",
]
