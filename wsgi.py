"""Entrance for web servers: `waitress-serve wsgi:app`, `gunicorn wsgi:app`, `flask --app wsgi`."""

# ruff: noqa: E402
import gc

# What is made from here to the end of this file stays as long as the process: not looking for garbage in it makes a start
# a sixth shorter, and the collector need never go through it again.
gc.disable()

from app import create_app

app = create_app()
celery = app.extensions["gongkai_celery"]

gc.freeze()
gc.enable()
