"""On both engines: many reveals at the same moment, and grants that end while they are used."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.access import services
from children.access.models import AccessGrant, Reveal
from children.access.reveals.services import Outcome, reveal
from children.access.rules import GrantState, Reason
from children.access.services import Asked
from children.models import Child
from children.sealed.rules import SealedField
from core.audit import AuditRow
from core.db import db
from messages.alerts.models import Alert
from rights.copies.services import copy_for
from tests.builders.access import a_grant_to_look, a_reveal
from tests.builders.children import a_child
from tests.builders.people import a_member_of_staff
from tests.builders.rights import a_request
from tests.builders.sealed import a_sealed_part
from tests.races import ENGINES, at_once, site_on
from visits.assignments.queries import assigned

ASKED = Asked(frozenset({SealedField.REAL_NAME}), Reason.CALL_GUARDIAN, "约走访时间")


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


def a_child_with_a_name() -> Child:
    child = a_child()
    a_sealed_part(child)
    return child


def looking(child_uid: str, by: Actor, outcomes: list[Outcome]) -> Callable[[], object]:
    return lambda: outcomes.append(reveal(child_uid, ASKED, by=by, assigned=assigned))


def trail(action: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditRow.action == action)) or 0


def test_of_looks_at_the_same_moment_no_more_pass_than_an_hour_allows(both: Flask) -> None:
    child = a_child_with_a_name()
    by = actor_for(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))
    for _turn in range(12):
        a_reveal(child, by.id or 0)
    outcomes: list[Outcome] = []

    at_once(both, *(looking(child.uid, by, outcomes) for _turn in range(20)))

    shown = [outcome for outcome in outcomes if outcome.shown]
    stopped = [outcome for outcome in outcomes if outcome.stopped]
    assert (len(shown), len(stopped)) == (8, 12)
    assert db.session.scalar(select(func.count(Reveal.id))) == 20
    assert (trail("child_revealed"), trail("reveal_stopped")) == (8, 12)
    assert db.session.scalar(select(func.count(Alert.id))) == 1


def test_of_copies_at_the_same_moment_no_more_are_printed_than_an_hour_allows(both: Flask) -> None:
    child = a_child_with_a_name()
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    request_uid = a_request(child).uid
    for _turn in range(15):
        a_reveal(child, by.id or 0)
    copies: list[object] = []

    at_once(both, *(lambda: copies.append(copy_for(request_uid, by=by)[1]) for _turn in range(12)))

    assert (len(copies), copies.count(None)) == (12, 7)
    assert db.session.scalar(select(func.count(Reveal.id))) == 20
    assert (trail("child_copied"), trail("reveal_stopped")) == (5, 7)


def test_twenty_looks_at_once_are_twenty_rows(both: Flask) -> None:
    child = a_child_with_a_name()
    by = actor_for(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))
    outcomes: list[Outcome] = []

    at_once(both, *(looking(child.uid, by, outcomes) for _turn in range(20)))

    assert sum(bool(outcome.shown) for outcome in outcomes) == 20
    assert db.session.scalar(select(func.count(Reveal.id))) == 20
    assert trail("child_revealed") == 20
    assert reveal(child.uid, ASKED, by=by, assigned=assigned).stopped


def test_a_grant_taken_back_among_looks_opens_nothing_afterwards(both: Flask) -> None:
    child = a_child_with_a_name()
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    grant = a_grant_to_look(child, by.id or 0)
    lead = actor_for(grant.decided_by_id or 0)
    uid, outcomes = grant.uid, list[Outcome]()
    looks = [looking(child.uid, by, outcomes) for _turn in range(8)]

    at_once(both, *looks[:4], lambda: services.revoke(uid, by=lead), *looks[4:])

    assert len(outcomes) == 8
    assert sum(bool(outcome.shown) for outcome in outcomes) == trail("child_revealed")
    rows = db.session.scalars(
        select(AuditRow.action)
        .where(AuditRow.action.in_(["child_revealed", "access_revoked", "reveal_denied"]))
        .order_by(AuditRow.id)
    ).all()
    assert len(rows) == 9
    assert reveal(child.uid, ASKED, by=by, assigned=assigned).refused == (SealedField.REAL_NAME,)


def test_of_two_answers_to_one_request_one_counts(both: Flask) -> None:
    child = a_child_with_a_name()
    asker = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    leads = [
        actor_for(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=child.county_id)) for _ in "ab"
    ]
    uid = services.ask(child.uid, ASKED, by=asker)

    refused = at_once(
        both,
        lambda: services.approve(uid, "", by=leads[0]),
        lambda: services.decline(uid, "", by=leads[1]),
    )

    assert sum(one is None for one in refused) == 1
    state = db.session.scalars(select(AccessGrant.state)).one()
    assert state is (GrantState.ACTIVE if refused[0] is None else GrantState.DECLINED)
    assert trail("access_approved") + trail("access_declined") == 1


def test_a_request_is_asked_approved_used_and_swept(both: Flask) -> None:
    child = a_child_with_a_name()
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    lead = actor_for(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=child.county_id))
    uid = services.ask(child.uid, ASKED, by=by)
    services.approve(uid, "", by=lead)

    assert reveal(child.uid, ASKED, by=by, assigned=assigned).shown
    assert services.sweep() == 0
