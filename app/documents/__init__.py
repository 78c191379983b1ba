"""documents: 公文, 文号, 附件, 保密审查记录. Promises to higher rooms:

service      open_document, keep_attachments
beforehand   what a case brings along when it starts: uploads and the document it is about
uploads      add_to_case: one uploaded file for a step
attachments  add, keep, remove inside a command
files        store, open_file, path_of
numbering    assign: consecutive numbers of a series
review       validity, digest
sheets       approval, secrecy_sheet: data of the two printed sheets
hooks        lists where rooms above hang what this room may not import
"""

from app.documents import actions as _actions  # noqa: F401 - registers its actions
from app.documents import jobs as _jobs  # noqa: F401 - registers its jobs
from app.documents import views_files as _files  # noqa: F401 - hangs its routes on the blueprint
from app.documents.hooks import imported
from app.documents.views import room

__all__ = ["imported", "room"]
