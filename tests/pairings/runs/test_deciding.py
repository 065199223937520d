"""Deciding on what a run proposes: once, by the rules of the moment, while other runs go on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from accounts.rules import Actor, Role
from children.models import Child
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.fences import everything
from pairings.models import Pairing
from pairings.runs import services
from pairings.runs.models import MatchProposal, MatchRun, MatchWaiting
from pairings.runs.rules import Fate, Refusal, State
from pairings.runs.steps import services as steps
from pairings.runs.storing import services as storing
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.places import a_county
from tests.builders.proposals import TODAY, proposed, somebody
from tests.builders.volunteers import a_team, an_active_volunteer
from tests.conftest import NOON, SetClock
from tests.pairings.runs.conftest import Made
from volunteers.models import Volunteer
from volunteers.rules import Sex, Status
from volunteers.teams.models import Team

LATER = TODAY + timedelta(days=200)


def only() -> MatchProposal:
    """Return the one proposal that is open."""
    db.session.expire_all()
    return db.session.scalars(select(MatchProposal).where(MatchProposal.fate == Fate.OPEN)).one()


def the(uid: str) -> MatchProposal:
    db.session.expire_all()
    return db.session.scalars(select(MatchProposal).where(MatchProposal.uid == uid)).one()


def accepting(uid: str, by: Actor) -> Callable[[], object]:
    return lambda: services.accept(uid, "每周都有空", LATER, by=by)


def test_a_team_that_no_longer_may_come_makes_the_proposal_outdated(
    child: Child, team: Team, me: Actor, made: Made
) -> None:
    made()
    uid = only().uid
    with transaction() as session:
        session.execute(update(Volunteer).values(status=Status.PAUSED))

    answer = services.accept(uid, "每周都有空", LATER, by=me)

    assert answer.pairing_uid is None
    assert "手续齐全" in answer.reasons[0]
    assert the(uid).fate is Fate.OUTDATED
    assert db.session.scalar(select(Pairing.id)) is None
    with pytest.raises(RuleBroken, match="已经有人决定过了"):
        services.accept(uid, "每周都有空", LATER, by=me)


def test_a_day_that_cannot_be_leaves_the_proposal_open(
    child: Child, team: Team, me: Actor, made: Made
) -> None:
    made()
    uid = only().uid

    with pytest.raises(RuleBroken, match="结束日期"):
        services.accept(uid, "每周都有空", TODAY, by=me)

    assert the(uid).fate is Fate.OPEN


def test_a_pair_that_was_refused_is_not_proposed_again(
    child: Child, team: Team, county: Area, me: Actor, made: Made
) -> None:
    made()
    services.refuse(only().uid, Refusal.RELATED, by=me)

    run = made()

    assert run.counts["served"] == 0
    why = db.session.scalars(select(MatchWaiting)).one().why
    assert why["removed"] == [["forbidden", 1]]
    other = a_team(county)
    made()
    assert only().team_id == other.id


def test_a_new_run_ends_what_the_old_one_proposes_and_keeps_the_team(
    child: Child, county: Area, me: Actor, made: Made
) -> None:
    for _turn in range(3):
        a_team(county)
    first = made()
    old = only()

    second = made()

    assert (the(old.uid).fate, only().team_id) == (Fate.EXPIRED, old.team_id)
    assert second.before_id == first.id
    sums = second.counts
    assert [sums[name] for name in ("served_before", "kept", "moved", "new", "gone")] == [
        1, 1, 0, 0, 0,
    ]  # fmt: skip
    with pytest.raises(RuleBroken, match="过期"):
        services.accept(old.uid, "每周都有空", LATER, by=me)


def test_what_is_accepted_while_a_new_run_goes_on_is_not_proposed_anew(
    child: Child, county: Area, me: Actor, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_team(county)
    made()
    uid = only().uid
    uid_of_run = services.start(county.id, by=me)
    store = storing.store

    def meanwhile(*given: object) -> bool:
        services.accept(uid, "每周都有空", LATER, by=me)
        return store(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(storing, "store", meanwhile)
    with everything():
        steps.go_on()

    assert the(uid).fate is Fate.ACCEPTED
    anew = db.session.scalars(
        select(MatchProposal).join(MatchRun, MatchRun.id == MatchProposal.run_id)
        .where(MatchRun.uid == uid_of_run)
    ).one()  # fmt: skip
    assert anew.fate is Fate.OUTDATED
    with pytest.raises(RuleBroken, match="已经有人决定过了"):
        services.accept(anew.uid, "每周都有空", LATER, by=me)


def test_a_no_that_is_said_while_a_new_run_goes_on_holds_for_it(
    child: Child, county: Area, me: Actor, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_team(county)
    made()
    uid = only().uid
    services.start(county.id, by=me)
    store = storing.store

    def meanwhile(*given: object) -> bool:
        services.refuse(uid, Refusal.RELATED, by=me)
        return store(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(storing, "store", meanwhile)
    with everything():
        steps.go_on()

    fates = db.session.scalars(select(MatchProposal.fate).order_by(MatchProposal.id)).all()
    assert fates == [Fate.REFUSED, Fate.OUTDATED]


def test_a_child_that_got_somebody_by_hand_is_not_given_a_second_team(
    child: Child, team: Team, county: Area, me: Actor, made: Made
) -> None:
    made()
    uid = only().uid
    proposed(child, a_team(county))

    assert services.accept(uid, "每周都有空", LATER, by=me).pairing_uid is None
    assert the(uid).fate is Fate.OUTDATED


def test_proposals_last_a_week(
    child: Child, team: Team, me: Actor, made: Made, set_clock: SetClock
) -> None:
    run = made()
    uid = only().uid
    set_clock(NOON + timedelta(days=6, hours=23))
    assert services.sweep() == 0

    set_clock(NOON + timedelta(days=7))
    with pytest.raises(RuleBroken, match="过期"):
        services.accept(uid, "每周都有空", LATER, by=me)
    assert services.sweep() == 1

    assert the(uid).fate is Fate.EXPIRED
    assert db.session.get_one(MatchRun, run.id, populate_existing=True).state is State.EXPIRED
    set_clock(NOON + timedelta(days=61))
    services.sweep()
    assert db.session.scalar(select(MatchProposal.id)) is None


def test_a_neighbour_decides_on_nothing(child: Child, team: Team, made: Made) -> None:
    made()
    neighbour = somebody(Role.COORDINATOR, a_county().id)
    uid = only().uid

    for act in (
        accepting(uid, neighbour),
        lambda: services.refuse(uid, Refusal.OTHER, by=neighbour),
    ):
        with pytest.raises(NotYours):
            act()


def test_two_teams_that_share_a_volunteer_take_no_more_than_they_can(
    village: Area, county: Area, me: Actor, made: Made
) -> None:
    shared = an_active_volunteer(county, sex=Sex.FEMALE, capacity=1)
    for _turn in range(2):
        a_team(county, members=[shared, an_active_volunteer(county)])
        a_consented_child(village)
    made()
    uids = [one.uid for one in db.session.scalars(select(MatchProposal))]

    answers = [services.accept(uid, "每周都有空", LATER, by=me) for uid in uids]

    assert sum(answer.pairing_uid is not None for answer in answers) == 1
