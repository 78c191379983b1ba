"""Pages of the requests room, by what a clerk does there."""

from flask import Blueprint

bp = Blueprint("requests", __name__, template_folder="../templates")

from app.requests.views import (  # noqa: E402, F401 - fill the blueprint
    acts,
    appeals,
    evaluations,
    files,
    fixes,
    incoming,
    inside,
    lists,
    parties,
    register,
    registers,
    supervision,
    tuning,
)
