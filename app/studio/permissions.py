"""Who may draw processes: 流程管理员 of any organ. Processes belong to the installation, not to an organ."""

from app.core.access import BUSINESS, Table, cell

EDITOR = cell("process_admin", relation="installation", note="流程管理员")
_MOVER = cell("process_admin", relation="organ", note="只迁移本机关的在办件")

ROUTES: Table = {
    "studio.index": {"GET": EDITOR},
    "studio.new": {"GET": EDITOR},
    "studio.begin_new": {"POST": EDITOR},
    "studio.begin": {"POST": EDITOR},
    "studio.draft": {"GET": EDITOR},
    "studio.discard": {"POST": EDITOR},
    "studio.restore": {"POST": EDITOR},
    "studio.part": {"GET": EDITOR},
    "studio.save_part": {"POST": EDITOR},
    "studio.remove_part": {"POST": EDITOR},
    "studio.check": {"POST": EDITOR},
    "studio.submit": {"GET": EDITOR},
    "studio.send": {"POST": EDITOR},
    "studio.release": {"GET": EDITOR},
    "studio.bring": {"POST": EDITOR},
    "studio.presence": {"POST": EDITOR},
    "studio.form": {"GET": EDITOR},
    "studio.begin_form": {"POST": EDITOR},
    "studio.save_form": {"POST": EDITOR},
    "studio.preview_form": {"POST": EDITOR},
    "studio.diagram": {"GET": EDITOR},
    "studio.offered": {"GET": EDITOR},
    "studio.migrate": {"GET": EDITOR},
    "studio.rehearse": {"POST": EDITOR},
    "studio.migration": {"GET": _MOVER},
    "studio.carry_out": {"POST": _MOVER},
    "studio.stop_migration": {"POST": _MOVER},
    "studio.resume_migration": {"POST": _MOVER},
    "studio.migrate_back": {"POST": _MOVER},
    "studio.compare": {"GET": cell(BUSINESS, relation="installation", note="版本是公开的办事规则")},
    "studio.compare_draft": {"GET": EDITOR},
    "studio.draft_diagram": {"GET": EDITOR},
    "studio.settings": {"GET": EDITOR},
    "studio.save_settings": {"POST": EDITOR},
}
