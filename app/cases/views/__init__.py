"""Pages of the cases room."""

from flask import Blueprint

bp = Blueprint("cases", __name__, template_folder="../templates")

from app.cases.views import case, copies, deputies, handing, inbox, lists, operate, stuck, sub_item, work  # noqa: E402,F401 - they hang their routes on `bp`
