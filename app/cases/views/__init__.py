"""Pages of the cases room."""

from flask import Blueprint

bp = Blueprint("cases", __name__, template_folder="../templates")

# they hang their routes on `bp`
from app.cases.views import bulk, case, copies, deputies, handing, inbox, lists, operate, phrases, stuck, sub_item, transcript, work  # isort: skip  # fmt: skip  # noqa: E402,F401
