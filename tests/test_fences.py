"""Three walls keep a child's rows to those who answer for them (docs/safety.md)."""

import pytest
from flask import Flask
from sqlalchemy import func, select, union_all, update
from sqlalchemy.orm import aliased

from accounts.queries import actor_for
from accounts.rules import Role
from children.consents.models import Consent
from children.fence import queries as fence
from children.models import Child, ChildFreeTime
from core import clock, fences
from core.db import AnySelect, db, transaction
from core.fences import everything, seeing
from pairings.rules import EndReason, Stage
from places.models import Area
from rooms import sight
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_village
from tests.builders.visits import members_of
from tests.test_house import ROOT

MIGRATIONS = str(ROOT / "migrations")
CHILD = aliased(Child)
WITH_CONSENT = select(Consent.child_id).where(Consent.state == "given")
FORMS: dict[str, AnySelect] = {
    "entities": select(Child),
    "columns": select(Child.id),
    "an alias": select(CHILD.id),
    "a join": select(Child.id).join(Consent, Consent.child_id == Child.id),
    "an outer join": select(Child.id)
    .select_from(Area)
    .outerjoin(Child, Child.village_id == Area.id),
    "a self join": select(Child.id).join(CHILD, CHILD.id == Child.id),
    "a sub-select": select(Area.id).where(Area.id.in_(select(Child.village_id))),
    "a scalar sub-select": select(select(Child.id).limit(1).scalar_subquery()),
    "exists": select(Area.id).where(select(Child.id).where(Child.village_id == Area.id).exists()),
    "a derived table": select(select(Child.id).subquery()),
    "a common table expression": select(select(Child.id).cte()),
    "a union": union_all(select(Child.id), select(CHILD.id)),  # type: ignore[dict-item]  # a select too
    "grouping": select(Child.village_id).group_by(Child.village_id),
    "free times": select(ChildFreeTime.id),
    "consents": select(Consent.id),
    "consents within": select(Area.id).where(
        Area.id.in_(select(Child.village_id).where(Child.id.in_(WITH_CONSENT)))
    ),
    "a window": select(func.row_number().over(order_by=Child.id)).select_from(Child),
    "the lock of a row": select(Child.id).with_for_update(),
}


@pytest.fixture
def two_villages(app: Flask) -> tuple[Child, Child]:
    """A child each in two counties, with consents and free times."""
    return a_consented_child(a_village()), a_consented_child(a_village())


def _found(query: AnySelect) -> list[object]:
    with transaction() as session:
        return [row[0] for row in session.execute(query) if row[0] is not None]


def _sees(role: Role, area_id: int) -> fences.Sight:
    return sight(actor_for(a_member_of_staff(role, area_id=area_id)))


@pytest.mark.parametrize("form", FORMS)
def test_without_a_sight_no_form_of_query_finds_a_child(
    two_villages: tuple[Child, Child], form: str
) -> None:
    assert _found(FORMS[form])  # there is something to hide

    with seeing(fences.NOTHING):
        assert _found(FORMS[form]) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.CHILD_DIRECTOR, "village_id"),
        (Role.CHILD_SUPERVISOR, "township_id"),
        (Role.COORDINATOR, "county_id"),
    ],
)
def test_everybody_finds_the_children_of_their_own_place(
    two_villages: tuple[Child, Child], form: str, role: Role, place: str
) -> None:
    mine, _theirs = two_villages
    both = len(_found(FORMS[form]))

    with seeing(_sees(role, getattr(mine, place))):
        found = _found(FORMS[form])

    assert 0 < len(found) <= max(1, both // 2)


def test_counting_counts_only_what_is_seen(two_villages: tuple[Child, Child]) -> None:
    counted = select(func.count()).select_from(Child)

    with seeing(_sees(Role.COORDINATOR, two_villages[0].county_id)):
        assert _found(counted) == [1]
    with seeing(fences.NOTHING):
        assert _found(counted) == [0]


def test_a_change_reaches_only_what_is_seen(two_villages: tuple[Child, Child]) -> None:
    mine, theirs = two_villages

    with seeing(_sees(Role.COORDINATOR, mine.county_id)), transaction() as session:
        session.execute(update(Child).values(interests="下棋"))

    db.session.expire_all()
    assert (mine.interests, theirs.interests) == ("下棋", "画画")


def test_the_city_sees_numbers_not_children(two_villages: tuple[Child, Child]) -> None:
    with seeing(_sees(Role.CITY_COORDINATOR, a_city().id)):
        assert _found(select(Child.id)) == []


def test_a_team_sees_the_child_it_accompanies_while_it_does(app: Flask) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    (leader, _volunteer_id), *_rest = members_of(pairing)
    a_consented_child()

    with seeing(sight(actor_for(leader))):
        assert _found(select(Child.id)) == [pairing.child_id]
        assert set(_found(select(Consent.child_id))) == {pairing.child_id}
    with transaction():
        pairing.stage, pairing.ended_at = Stage.ENDED, clock.now()
        pairing.end_reason = EndReason.CHILD_SAYS_NO
    with seeing(sight(actor_for(leader))):
        assert _found(select(Child.id)) == []


def test_a_proposal_tells_the_team_nothing_yet(app: Flask) -> None:
    pairing = a_pairing(stage=Stage.PROPOSED)
    (leader, _volunteer_id), *_rest = members_of(pairing)

    with seeing(sight(actor_for(leader))):
        assert _found(select(Child.id)) == []


def test_whoever_holds_a_link_about_a_child_sees_that_one(
    two_villages: tuple[Child, Child],
) -> None:
    with seeing(fence.only(two_villages[1].id)):
        assert _found(select(Child.id)) == [two_villages[1].id]
        assert set(_found(select(Consent.child_id))) == {two_villages[1].id}


def test_a_request_does_not_inherit_the_sight_of_another(app: Flask) -> None:
    seen: list[fences.Sight] = []
    app_under_test = app.test_client()

    def look() -> str:
        seen.append(fences.sight())
        return "ok"

    with everything():
        app.view_functions["health.healthz"], kept = look, app.view_functions["health.healthz"]
        try:
            app_under_test.get("/healthz")
        finally:
            app.view_functions["health.healthz"] = kept

        assert fences.sight() is fences.EVERYTHING
    assert seen in ([], [fences.NOTHING])  # a view without an audience is not even called
