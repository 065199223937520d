"""Two coordinators at the same moment, on both engines: the database lets one of them."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.consents import services as consents
from children.consents.queries import lacking
from children.models import Child
from children.rules import Purpose, Signer
from core import clock
from core.db import db, transaction
from pairings.agreements import services as agreements
from pairings.agreements.rules import Party, Seat, Signature, SignatureProof
from pairings.answers import services as answers
from pairings.answers.rules import Answer, Whose
from pairings.keys import services as keys
from pairings.keys.services import Refusal
from pairings.models import Pairing
from pairings.proposals import services as proposals
from pairings.proposals.services import Proposal
from pairings.rules import LIVE, DeclineReason, Stage
from pairings.voices import services as voices
from pairings.voices.models import VoiceTask
from pairings.voices.rules import Said, Trouble, Voice
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.keys import a_director, approved, both_say_yes
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_village
from tests.builders.proposals import members, the
from tests.builders.volunteers import a_team, an_active_volunteer
from tests.races import ENGINES, at_once, site_on
from visits.services import consent_withdrawn
from volunteers.rules import Sex
from volunteers.teams.models import Team


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


def county_of(child: Child) -> Area:
    return db.session.get_one(Area, child.county_id)


def a_coordinator(child: Child) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))


def proposing(child: Child, team: Team, by: Actor) -> Callable[[], object]:
    uid, proposal = child.uid, Proposal(team.uid, "合适", date(2027, 7, 10))
    return lambda: proposals.propose(uid, proposal, by=by)


def live() -> int:
    counted = select(func.count(Pairing.id)).where(Pairing.stage.in_(LIVE))
    return db.session.scalar(counted) or 0


def test_of_two_proposals_for_one_child_one_stands(both: Flask) -> None:
    child = a_consented_child()
    teams = [a_team(county_of(child)) for _turn in "abcd"]

    refused = at_once(both, *(proposing(child, team, a_coordinator(child)) for team in teams))

    assert sum(one is None for one in refused) == 1
    assert live() == 1


def test_a_volunteer_is_not_promised_to_more_children_than_allowed(both: Flask) -> None:
    village = a_village()
    children = [a_consented_child(village) for _turn in "abcd"]
    county = county_of(children[0])
    people = [an_active_volunteer(county, sex=Sex.FEMALE, capacity=2) for _turn in "ab"]
    team = a_team(county, members=people)
    by = a_coordinator(children[0])

    refused = at_once(both, *(proposing(child, team, by) for child in children))

    assert sum(one is None for one in refused) == 2
    assert live() == 2


def test_a_yes_and_a_no_at_the_same_moment_are_one_decision(both: Flask) -> None:
    child = a_consented_child()
    a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=child.township_id)
    uid = str(proposing(child, a_team(county_of(child)), a_coordinator(child))())
    first, second = a_coordinator(child), a_coordinator(child)

    refused = at_once(
        both,
        lambda: keys.approve(uid, "", by=first),
        lambda: keys.decline(uid, Refusal(DeclineReason.TOO_FAR, "太远"), by=second),
    )

    assert sum(one is None for one in refused) == 1
    decided = db.session.scalars(select(Pairing.stage)).one()
    assert decided in {Stage.APPROVED, Stage.DECLINED}


def test_a_consent_taken_back_meanwhile_leaves_no_pairing(both: Flask) -> None:
    """Whichever comes first, afterwards nothing rests on a consent that is gone."""
    child = a_consented_child()
    child_id, uid = child.id, child.uid
    by = a_coordinator(child)

    at_once(
        both,
        proposing(child, a_team(county_of(child)), by),
        lambda: consents.withdraw(uid, Purpose.PAIRING, by, consent_withdrawn),
    )

    assert lacking([child_id], clock.today())[child_id] == (Purpose.PAIRING,)
    assert live() == 0


def test_the_team_and_the_village_say_their_voices_at_the_same_moment(both: Flask) -> None:
    """Both lock the child first, so neither waits for the other in a circle."""
    sure = Said(5, 5, 5)
    for _turn in range(8):
        child = a_consented_child()
        team = a_team(county_of(child))
        uid = a_pairing(child, team, stage=Stage.ENDING).uid
        asker, mine = a_coordinator(child), actor_for(members(team)[0].person_id)

        refused = at_once(
            both,
            partial(voices.say, uid, Voice.TEAM, sure, dated=clock.today(), by=mine),
            partial(voices.say, uid, Voice.CHILD, Said(1, 1, 1), dated=clock.today(), by=asker),
            partial(voices.say, uid, Voice.GUARDIAN, sure, dated=clock.today(), by=asker),
        )

        assert refused == [None] * 3
        tasks = db.session.scalars(
            select(VoiceTask.trouble).join(Pairing).where(Pairing.uid == uid)
        )
        assert tasks.all() == [Trouble.CHILD_UNHAPPY]


def test_a_childs_no_meets_a_signature_and_the_no_stands(both: Flask) -> None:
    """Whichever comes first, nothing goes on after a child has said no."""
    child = a_consented_child()
    uid = approved(child, a_team(county_of(child)))
    both_say_yes(uid)
    by, director = a_coordinator(child), a_director(the(uid))
    centre = Signature(Seat(Party.CENTRE), SignatureProof.PAPER, clock.today())
    no = Answer(yes=False, dated=clock.today(), signer=Signer.CHILD)

    at_once(
        both,
        lambda: agreements.record(uid, centre, by=by),
        lambda: answers.answer(uid, Whose.CHILD, no, by=director),
    )

    assert db.session.scalars(select(Pairing.stage)).one() is Stage.DECLINED
    assert live() == 0


def test_of_two_who_enter_one_signature_one_does(both: Flask) -> None:
    child = a_consented_child()
    uid = approved(child, a_team(county_of(child)))
    both_say_yes(uid)
    centre = Signature(Seat(Party.CENTRE), SignatureProof.PAPER, clock.today())
    actors = [a_coordinator(child) for _turn in "abc"]

    refused = at_once(
        both, *(partial(agreements.record, uid, centre, by=actor) for actor in actors)
    )

    assert sum(one is None for one in refused) == 1


@pytest.mark.parametrize(
    "change",
    [
        "stage = 'active'",
        "stage = 'ended'",
        "stage = 'declined'",
        "stage = 'approved', decided_by_id = proposed_by_id, decided_at = proposed_at",
        "stage = 'approved', decided_by_id = NULL",
        "high_risk = true",
        "starts_on = '2030-01-01'",
    ],
)
def test_no_hand_at_the_database_gets_past_the_guards(both: Flask, change: str) -> None:
    child = a_consented_child()
    approved(child, a_team(county_of(child)))

    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(text(f"UPDATE pairings SET {change}"))  # noqa: S608 - our own words
