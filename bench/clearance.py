"""What the daily look at clearances costs over 100,000 active volunteers of one city.

    PYTHONPATH=. .venv/bin/python bench/clearance.py

Invented people whose papers end on days spread over a year, on a SQLite file in a folder of its
own. One day's work is whoever ended yesterday, expired and told, and whoever ends within a month,
told; then the same again, which must do nothing.
"""

import tempfile
import time
from datetime import timedelta
from pathlib import Path

from figures import figure
from sealed import a_site
from sqlalchemy import func, insert, select

from accounts.models import Person
from accounts.rules import Actor, Role
from accounts.services import Office, grant
from core import clock
from core.db import db, transaction, writing
from messages.models import Message
from places.models import Area
from places.rules import Level
from volunteers.evidence.ending.services import tell
from volunteers.models import Evidence, Volunteer
from volunteers.rules import ALWAYS, ENDLESS, Outcome, Status
from volunteers.services import expire_lapsed

MANY, COUNTIES, AT_ONCE = 100_000, 11, 10_000
MOST_SECONDS = 10.0


def fill() -> None:
    """Write the volunteers, each with all that is needed; 274 of them ended yesterday."""
    with transaction() as session:
        session.add(Area(id=1, level=Level.CITY, name="样例市", nbs_code="1"))
        session.flush()
        for n in range(2, COUNTIES + 2):
            session.add(
                Area(id=n, level=Level.COUNTY, name=f"样例{n}", nbs_code=str(n), parent_id=1)
            )
        people = [
            {"id": MANY + n, "name": "样例", "email": f"c{n}@example.org"}
            for n in range(2, COUNTIES + 2)
        ]
        session.execute(insert(Person), people)
        for n in range(2, COUNTIES + 2):
            office = Office(Role.COORDINATOR, area_id=n)
            grant(MANY + n, office, by=Actor(None, ""), reason="bench")
    for first in range(1, MANY + 1, AT_ONCE):
        _some(range(first, first + AT_ONCE))


def _some(numbers: range) -> None:
    today = clock.today()
    with transaction() as session:
        session.execute(
            insert(Person),
            [{"id": n, "name": "样例", "email": f"v{n}@example.org"} for n in numbers],
        )
        session.execute(
            insert(Volunteer),
            [
                {"id": n, "person_id": n, "number": f"TX{n:06}", "status": Status.ACTIVE,
                 "county_id": 2 + n % COUNTIES}
                for n in numbers
            ],
        )  # fmt: skip
        session.execute(
            insert(Evidence),
            [
                {"volunteer_id": n, "kind": kind, "outcome": Outcome.CLEAR,
                 "dated": today - timedelta(days=370),
                 "valid_until": None if kind in ENDLESS else today + timedelta(days=n % 365 - 1)}
                for n in numbers
                for kind in ALWAYS
            ],
        )  # fmt: skip


def measure() -> None:
    fill()
    began = time.perf_counter()
    expired = expire_lapsed()
    lapses = time.perf_counter() - began
    began = time.perf_counter()
    told = tell()
    words = time.perf_counter() - began
    figure("expired in the day", expired)
    figure("expired and told", lapses, "s")
    figure("messages planned ahead of an end", told)
    figure("told ahead of an end, the first day of all", words, "s")
    figure("the first day together", lapses + words, "s", most=MOST_SECONDS)
    before = db.session.scalar(select(func.count(Message.id)))
    began = time.perf_counter()
    again = expire_lapsed() + tell()
    figure("the same day again", time.perf_counter() - began, "s", most=MOST_SECONDS)
    after = db.session.scalar(select(func.count(Message.id)))
    figure("done or told again", again + (after or 0) - (before or 0), most=0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        app = a_site(Path(folder))
        with app.app_context(), writing():
            db.create_all()
            measure()
