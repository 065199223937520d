"""Leaders and coordinators hear of an end 60 and 30 days before it, once for each day foreseen."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from accounts.rules import Role
from core.db import db, transaction
from core.zone import CHINA
from messages.models import Message
from pairings.forecast.services import KIND, tell
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.proposals import TODAY
from tests.builders.visits import members_of

pytestmark = pytest.mark.usefixtures("app")
SetClock = Callable[[datetime], None]


def at_noon(days: int) -> datetime:
    return datetime.combine(TODAY + timedelta(days=days), time(12), CHINA)


def told() -> list[tuple[int | None, str]]:
    db.session.expire_all()
    rows = db.session.execute(
        select(Message.person_id, Message.params)
        .where(Message.kind == KIND, Message.channel == "inapp")
        .order_by(Message.id)
    )
    return [(person_id, params["until"]) for person_id, params in rows]


@pytest.fixture
def pairing(village: Area) -> Pairing:
    return a_pairing(
        a_consented_child(village), stage=Stage.ACTIVE, ends_on=TODAY + timedelta(days=70)
    )


def test_an_end_is_told_at_60_and_at_30_days_once_each(
    pairing: Pairing, set_clock: SetClock
) -> None:
    leader = members_of(pairing)[0][0]
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id)
    stranger = a_member_of_staff(Role.COORDINATOR, area_id=a_county().id)
    until = str(pairing.ends_on)
    set_clock(at_noon(5))
    assert tell() == 0
    set_clock(at_noon(12))
    tell()
    assert tell() == 0
    first = told()
    assert {(leader, until), (coordinator, until)} <= set(first)
    assert stranger not in {person_id for person_id, _until in first}
    assert len(set(first)) == len(first)
    set_clock(at_noon(41))
    tell()
    tell()
    assert sorted(told()) == sorted(2 * first)


def test_an_end_that_moves_is_told_anew(pairing: Pairing, set_clock: SetClock) -> None:
    set_clock(at_noon(15))
    tell()
    before, later = str(pairing.ends_on), pairing.ends_on + timedelta(days=3)
    with transaction() as session:
        session.execute(update(Pairing).where(Pairing.id == pairing.id).values(ends_on=later))
    tell()
    assert {until for _person, until in told()} == {before, str(later)}


def test_what_is_being_ended_or_waits_for_a_yes_is_not_told(
    village: Area, set_clock: SetClock
) -> None:
    for stage in (Stage.ENDING, Stage.PROPOSED):
        a_pairing(a_consented_child(village), stage=stage, ends_on=TODAY + timedelta(days=20))
    set_clock(at_noon(0))
    assert tell() == 0
