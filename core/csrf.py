"""Every unsafe request carries the session's token, whether or not a form object reads it."""

from flask import Flask
from flask_wtf import CSRFProtect


def init_app(app: Flask) -> None:
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session itself
    CSRFProtect(app)
