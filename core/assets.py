"""Static files by their content, so that browsers may keep them for a year."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, current_app

_versions: dict[tuple[str, int], str] = {}


def _with_version(endpoint: str, values: dict[str, Any]) -> None:
    """Name a static file together with its content, so that browsers may keep it for a year."""
    if endpoint != "static" or "filename" not in values:
        return
    path = Path(current_app.root_path, "static", values["filename"])
    if path.is_file():
        key = (str(path), path.stat().st_mtime_ns)
        if key not in _versions:
            _versions[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        values["v"] = _versions[key]


def init_app(app: Flask) -> None:
    app.url_defaults(_with_version)
