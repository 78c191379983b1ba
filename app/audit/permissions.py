"""Only the 安全审计员 reads the record (security.md 6)."""

from __future__ import annotations

from app.core.access import Table, cell

_auditor = cell("auditor", relation="installation", note="审计记录只由安全审计员查看")

ROUTES: Table = {
    "audit.records": {"GET": _auditor},
    "audit.detail": {"GET": _auditor},
    "audit.verification": {"GET": _auditor, "POST": _auditor},
    "audit.run": {"GET": _auditor},
    "audit.export": {"GET": _auditor, "POST": _auditor},
}
