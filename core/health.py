"""`/healthz`: whether this process and its clock of jobs live. `/readyz`: whether it can serve."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from core.access import EVERYONE, allow
from core.db import db

bp = Blueprint("health", __name__)
Signs = Mapping[str, Callable[[], float]]


@dataclass(slots=True)
class Heartbeat:
    """When the scheduler of this process last ticked, on the monotonic clock."""

    stale_after: float
    beat_at: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        self.beat_at = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since the last tick."""
        return time.monotonic() - self.beat_at

    @property
    def stale(self) -> bool:
        return self.age > self.stale_after


def init_app(app: Flask, signs: Signs) -> None:
    """Tell what else shows how the site is: seconds by a name, asked of the database each time."""
    app.extensions["signs"] = signs


@bp.get("/healthz")
@allow(EVERYONE)
def healthz() -> ResponseReturnValue:
    """Answer 200 while all is well, 503 when the scheduler has stopped ticking."""
    answer, stale = _scheduler()
    found = _signs()
    answer |= found if found is not None else dict.fromkeys(current_app.extensions["signs"])
    answer["status"] = "scheduler stopped" if stale else "ok"
    return jsonify(answer), 503 if stale else 200


@bp.get("/readyz")
@allow(EVERYONE)
def readyz() -> ResponseReturnValue:
    """Answer 200 when requests can be served: the database answers, and the jobs here run."""
    answer, stale = _scheduler()
    found = _signs()
    answer |= found or {}
    answer["status"] = "scheduler stopped" if stale else "ok" if found is not None else "database"
    return jsonify(answer), 200 if answer["status"] == "ok" else 503


def _scheduler() -> tuple[dict[str, Any], bool]:
    heartbeat: Heartbeat | None = current_app.extensions.get("heartbeat")
    told = None if heartbeat is None else {"seconds_since_tick": round(heartbeat.age, 1)}
    return {"scheduler": told}, heartbeat is not None and heartbeat.stale


def _signs() -> dict[str, float] | None:
    """Return what the database tells, None when it does not answer."""
    signs: Signs = current_app.extensions["signs"]
    try:
        return {name: round(ask(), 1) for name, ask in signs.items()}
    except SQLAlchemyError:
        db.session.remove()
        return None
