"""The job that sends e-mails; woken after every commit that has something to tell, and by the beat."""

from __future__ import annotations

from app.core.jobs import job
from app.notices import delivery
from app.notices.service import JOB


@job(JOB, every=20)
def deliver() -> None:
    """One round of delivery."""
    delivery.deliver()
