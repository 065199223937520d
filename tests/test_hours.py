"""Hours: what was served counts once."""

from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from accounts.rules import SITE, Actor
from core import clock
from core.db import db
from tests.builders.volunteers import a_volunteer, an_hour_entry
from tests.conftest import AtMost
from volunteers.hours import queries
from volunteers.hours.models import HourEntry
from volunteers.hours.services import credit

SUPERVISOR = Actor(None, "")


def test_the_same_service_counts_once(app: Flask) -> None:
    volunteer = a_volunteer()
    served = date(2026, 11, 21)

    first = credit(volunteer.id, 90, served, source="visit", source_ref="v1", by=SUPERVISOR)
    again = credit(volunteer.id, 60, served, source="visit", source_ref="v1", by=SUPERVISOR)

    assert (first, again) == (True, False)
    assert queries.total(volunteer.id) == 90


def test_two_people_are_credited_for_one_visit(app: Flask) -> None:
    two = [a_volunteer(), a_volunteer()]
    for volunteer in two:
        credit(volunteer.id, 60, clock.today(), source="visit", source_ref="v1", by=SITE)
    assert queries.totals(volunteer.id for volunteer in two) == {two[0].id: 60, two[1].id: 60}


def test_nobody_elses_hours_are_listed_and_the_list_goes_on(app: Flask, at_most: AtMost) -> None:
    mine, other = a_volunteer(), a_volunteer()
    an_hour_entry(other)
    for day in range(15):
        an_hour_entry(mine, served_on=clock.today() - timedelta(days=day))

    volunteer_id = mine.id
    with at_most(1):
        first = queries.entries(volunteer_id)
    second = queries.entries(volunteer_id, after=first.after)

    listed = [row.served_on for row in (*first.rows, *second.rows)]
    assert listed == sorted(listed, reverse=True)
    assert (len(listed), second.after) == (15, None)


def test_credit_leaves_its_trace(app: Flask) -> None:
    volunteer = a_volunteer()
    credit(volunteer.id, 30, clock.today(), source="visit", source_ref="v9", by=SITE)
    entry = db.session.scalars(select(HourEntry)).one()
    assert (entry.source, entry.source_ref, entry.minutes) == ("visit", "v9", 30)
