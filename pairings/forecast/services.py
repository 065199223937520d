"""Telling people in time that a pairing will end: the child needs a goodbye, not a surprise."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select

from accounts.models import Person
from accounts.queries import holders
from accounts.rules import Role
from core import clock
from core.db import transaction
from messages.services import Notice, plan
from pairings.forecast.queries import foreseen
from pairings.forecast.rules import MARKS
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import TeamMember

KIND = "pairing_foreseen"
TOLD_FOR = timedelta(days=7)
"""A message that could not be sent for so long is left out: the list of what ends is there too."""


def tell() -> int:
    """Tell leaders and coordinators 60 and 30 days before an end, once for each day foreseen.

    When the day moves, they are told of the new one. Returns how many messages are new.
    """
    today, made = clock.today(), 0
    for mark, next_mark in zip(MARKS, (*MARKS[1:], 0), strict=True):
        since, last = today + timedelta(days=next_mark), today + timedelta(days=mark)
        with transaction():
            made += plan(_notices(foreseen(since, last), mark, clock.now()))
    return made


def _notices(rows: Iterable[tuple[str, int, int, date]], mark: int, now: datetime) -> list[Notice]:
    told = list(rows)
    leaders = _leaders({team_id for _uid, team_id, _county, _on in told})
    counties: dict[int, list[int]] = {}
    for row in holders(Role.COORDINATOR, {county for _uid, _team, county, _on in told}):
        counties.setdefault(row[2] or 0, []).append(row[0])
    return [
        Notice(
            kind=KIND,
            key=f"pairing-ends/{uid}/{on}/{mark}/{person_id}",
            params={"uid": uid, "until": str(on)},
            due_at=now,
            expire_at=now + TOLD_FOR,
            person_id=person_id,
        )
        for uid, team_id, county_id, on in told
        for person_id in sorted({*leaders.get(team_id, ()), *counties.get(county_id, ())})
    ]


def _leaders(team_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return by team the person who leads it, where that person is active."""
    with transaction() as session:
        rows = session.execute(
            select(TeamMember.team_id, Volunteer.person_id)
            .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
            .join(Person, Person.id == Volunteer.person_id)
            .where(
                TeamMember.team_id.in_(team_ids),
                TeamMember.leads,
                TeamMember.left_on.is_(None),
                Volunteer.status == Status.ACTIVE,
                Person.disabled_at.is_(None),
            )
        )
        found: dict[int, list[int]] = {}
        for team_id, person_id in rows:
            found.setdefault(team_id, []).append(person_id)
        return found
