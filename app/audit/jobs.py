"""Jobs: seal every minute; verify when somebody asked, and once a day."""

from __future__ import annotations

import logging

from app.audit import sealing, service
from app.audit.sealfile import SealFileBroken
from app.core.jobs import job

log = logging.getLogger("gongkai.audit")


@job("audit.seal", every=60)
def seal() -> None:
    """Seal the rows that are not sealed yet; the database's seals stand even when the file cannot follow."""
    try:
        sealing.seal_all(sealing.settings_now())
    except (SealFileBroken, OSError) as error:
        log.error("封存文件未能续写：%s", error)


@job(service.JOB, every=60)
def verify() -> None:
    """Do the verification that waits."""
    service.run_waiting()
