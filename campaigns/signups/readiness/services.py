"""Keeping a seat for somebody who is being cleared, until a date; then it goes to the next."""

from datetime import datetime, time, timedelta

from campaigns.signups.leaving.services import release
from campaigns.signups.models import SignUp
from campaigns.signups.readiness.queries import Unready, unready
from core import clock
from core.db import transaction
from core.zone import CHINA
from messages.services import Notice, plan

SOON, RELEASED = "seat_unready", "seat_released"


def look_after() -> int:
    """Tell whoever is not ready until when the seat is kept, and give on what is over its date.

    Returns how many seats were given on. Told once a sign-up; each is given on by itself, so that
    one that cannot be does not keep the others.
    """
    given, after = 0, 0
    while True:
        found, more = unready(after=after)
        for one in found:
            given += _look_after(one)
        if more is None:
            return given
        after = more


def _look_after(one: Unready) -> bool:
    over = one.by < clock.today()
    with transaction():
        if over and not release(SignUp.id == one.sign_up_id):
            return False
        plan([_notice(RELEASED if over else SOON, one)])
    return over


def _notice(kind: str, one: Unready) -> Notice:
    now = clock.now()
    until = datetime.combine(one.by + timedelta(days=1), time(), CHINA)
    return Notice(
        kind=kind,
        key=f"{kind}/{one.uid}/{one.by}",
        params={"campaign": one.title, "campaign_en": one.title_en, "by": one.by.isoformat()},
        due_at=now,
        expire_at=max(until, now + timedelta(days=2)),
        person_id=one.person_id,
    )
