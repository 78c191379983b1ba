"""Entrance for web servers: `waitress-serve wsgi:app`, `gunicorn wsgi:app`, `flask --app wsgi`."""

from app import create_app

app = create_app()
celery = app.extensions["gongkai_celery"]
