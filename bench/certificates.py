"""What certificates cost: issuing, a batch of 500, the paper, and checks with and without the site.

    PYTHONPATH=. .venv/bin/python bench/certificates.py

Processor time, medians of one run, on a SQLite file in a folder of its own.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from figures import figure
from sealed import a_site
from sqlalchemy import insert, select

from accounts.models import Person
from accounts.queries import actor_for
from accounts.rules import Actor, Role
from accounts.services import Office, grant
from core import clock
from core.db import db, transaction, writing
from places.models import Area
from places.rules import Level
from volunteers.certificates.batches import services as batches
from volunteers.certificates.batches.queries import Who
from volunteers.certificates.drawing import drawn
from volunteers.certificates.models import Certificate
from volunteers.certificates.queries import file_of
from volunteers.certificates.rules import Period
from volunteers.certificates.sheets import sheet_of
from volunteers.certificates.signing.queries import proved, public_keys
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.rules import Status

MANY, TURNS = 500, 200
ACTIVE = Status.ACTIVE
MOST_CHECK_MS, MOST_PAPER_MS = 5.0, 300.0


def fill() -> Actor:
    """Write invented volunteers of one county, each with an hour; return who coordinates."""
    numbers = range(1, MANY + 1)
    with transaction() as session:
        session.add(Area(id=1, level=Level.COUNTY, name="样例县", nbs_code="1"))
        session.flush()
        people = [{"id": n, "name": "样例", "email": f"v{n}@example.org"} for n in range(MANY + 2)]
        session.execute(insert(Person), people[1:])
        volunteers = [
            {
                "id": n,
                "person_id": n,
                "number": f"TX{n:06}",
                "status": Status.ACTIVE,
                "county_id": 1,
            }
            for n in numbers
        ]
        session.execute(insert(Volunteer), volunteers)
        yesterday = clock.today() - timedelta(days=1)
        hours = [
            {"volunteer_id": n, "minutes": 60, "served_on": yesterday, "source": "visit",
             "source_ref": f"v{n}"}
            for n in numbers
        ]  # fmt: skip
        session.execute(insert(HourEntry), hours)
        grant(MANY + 1, Office(Role.COORDINATOR, area_id=1), by=Actor(None, ""), reason="bench")
    return actor_for(MANY + 1)


def ms(action: Callable[[], object], turns: int = TURNS) -> float:
    """Return the median processor time of an action in milliseconds."""
    taken = []
    for _turn in range(turns):
        began = time.process_time()
        action()
        taken.append(1000 * (time.process_time() - began))
    return statistics.median(taken)


def measure() -> None:
    by = fill()
    period = Period(clock.today() - timedelta(days=30), clock.today())
    batches.ask(Who(1, None, by.id), period, by=by)
    began = time.process_time()
    issued = batches.go_on()
    figure(f"a batch of {issued}", time.process_time() - began, "s")
    found = db.session.scalars(select(Certificate).limit(50)).all()
    text, keys = json.dumps(file_of(found[0])).encode(), public_keys()
    figure("check of a file", ms(lambda: proved(text, keys)), "ms", most=MOST_CHECK_MS)
    sheets = [sheet for one in found if (sheet := sheet_of(one))]
    drawn(sheets[:1])
    paper = ms(lambda: drawn(sheets[:1]), 20)
    figure("one paper", paper, "ms", most=MOST_PAPER_MS)
    figure("fifty papers in one file", ms(lambda: drawn(sheets), 3) / 1000, "s")


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        app = a_site(Path(home))
        with app.app_context(), writing():
            db.create_all()
        with app.test_request_context():
            measure()
            code = db.session.scalars(select(Certificate.code).limit(1)).one()
        client = app.test_client()
        client.get(f"/certificates/check/{code}")
        page = ms(lambda: client.get(f"/certificates/check/{code}"))
        figure("the public page of a check", page, "ms", most=MOST_CHECK_MS)


if __name__ == "__main__":
    main()
