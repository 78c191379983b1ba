"""obligations: 公开任务. Duties of publication, their deadlines, reminders and 发布网址回填.

Registers the action `publication.schedule`, opens duties for imported documents, ends those of documents that are
no longer 主动公开, and recalculates the open ones when the calendar changes.
"""

from app import calendar
from app.cases import registry
from app.documents import hooks
from app.obligations import jobs as _jobs  # noqa: F401 - registers its job
from app.obligations import recalculating, service
from app.obligations.views import room, waiting_count

registry.STRIP.append(waiting_count)
hooks.imported.append(service.open_for_imported)
hooks.attribute_changed.append(service.attribute_changed)
calendar.previews.append(recalculating.foresee)
calendar.recalculate_with(recalculating.RECALCULATOR)

__all__ = ["room"]
