"""`/healthz`: whether this process answers and its clock of jobs still ticks."""

import time
from dataclasses import dataclass, field

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from core.access import EVERYONE, allow

bp = Blueprint("health", __name__)


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


@bp.get("/healthz")
@allow(EVERYONE)
def healthz() -> ResponseReturnValue:
    """Answer 200 while all is well, 503 when the scheduler has stopped ticking."""
    heartbeat: Heartbeat | None = current_app.extensions.get("heartbeat")
    stale = heartbeat is not None and heartbeat.stale
    scheduler = None if heartbeat is None else {"seconds_since_tick": round(heartbeat.age, 1)}
    answer = {"status": "scheduler stopped" if stale else "ok", "scheduler": scheduler}
    return jsonify(answer), 503 if stale else 200
