"""Who may see and activate definitions. Processes belong to the installation, not to an organ."""

from app.core.access import BUSINESS, Table, cell

ROUTES: Table = {
    "processes.index": {"GET": cell(BUSINESS, relation="installation", note="流程是公开的办事规则")},
    "processes.version": {"GET": cell(BUSINESS, relation="installation")},
    "processes.diagram": {"GET": cell(BUSINESS, relation="installation")},
}
