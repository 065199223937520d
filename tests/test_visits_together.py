"""Several children visited at one time and place: a visit for each, one coming for each adult."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts.queries import actor_for
from accounts.rules import SITE, Actor, Role
from children.models import Child
from children.rules import AgeBand
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.models import Message, Subject
from messages.rules import State as Sent
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.visits import (
    LASTS,
    SATURDAY,
    a_plan,
    a_visit,
    an_escort,
    members_of,
    the_code,
)
from tests.conftest import BrowseAs, SetClock
from tests.races import ENGINES, at_once, site_on
from tests.test_records import TOLD
from visits import services
from visits.arrivals.services import CodeSpent, check_in, check_in_for, check_out, check_out_for
from visits.groups.rules import Company, Ratio
from visits.groups.services import cancel_visits, move_visits, plan_visits
from visits.holds.models import Hold
from visits.models import Party, Visit
from visits.planning.rules import Plan, Why
from visits.records.services import approve, record
from visits.rules import CancelReason, PartyRole, PlaceKind, State
from visits.services import PlanRefused
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import Team


class Village:
    """Children of one village: two with one team, one with another, and who looks after them."""

    def __init__(self) -> None:
        self.first: Pairing = a_pairing(stage=Stage.ACTIVE)
        self.place = db.session.get_one(Area, self.first.village_id)
        same_team = db.session.get_one(Team, self.first.team_id)
        self.second = self.another(team=same_team)
        self.third = self.another()
        self.escort_id = an_escort(self.first)
        self.escort = actor_for(self.escort_id)
        self.leader, self.member = (actor_for(one) for one, _id in members_of(self.first))
        self.coordinator_id = a_member_of_staff(Role.COORDINATOR, area_id=self.first.county_id)
        self.coordinator = actor_for(self.coordinator_id)

    def another(self, team: Team | None = None, **child: Any) -> Pairing:
        return a_pairing(a_consented_child(self.place, **child), team, stage=Stage.ACTIVE)

    @property
    def all(self) -> list[Pairing]:
        return [self.first, self.second, self.third]

    def plan(self, start: datetime = SATURDAY, **given: Any) -> Plan:
        return a_plan(self.first, start, escort_id=self.escort_id, **given)

    def planned(self, *, by: Actor | None = None, **given: Any) -> dict[int, Visit]:
        """Plan for all three and return the visits by their pairings."""
        others = [self.second.uid, self.third.uid]
        plan_visits(self.first.uid, self.plan(**given), others, by=by or self.coordinator)
        return visits()

    def confirmed(self) -> dict[int, Visit]:
        for visit in self.planned().values():
            services.confirm(visit.uid, by=self.escort)
        return visits()


def visits() -> dict[int, Visit]:
    db.session.expire_all()
    return {
        one.pairing_id: one for one in db.session.scalars(select(Visit).order_by(Visit.pairing_id))
    }


def party(visit: Visit, who: Actor) -> Party:
    db.session.expire_all()
    asked = select(Party).where(Party.visit_id == visit.id, Party.person_id == who.id)
    return db.session.scalars(asked).one()


def states() -> list[State]:
    return [visit.state for visit in visits().values()]


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        yield app


@pytest.fixture
def village(app: Flask) -> Village:
    assert app
    return Village()


# --- planning --------------------------------------------------------------------------------


def test_each_child_has_its_visit_and_its_own_team_and_people_are_held_once_a_place(
    both: Flask,
) -> None:
    assert both
    village = Village()
    made = village.planned()
    assert {one.occasion for one in made.values()} == {made[village.first.id].id}
    for pairing in village.all:
        visit = made[pairing.id]
        assert (visit.starts_at, visit.place_text) == (SATURDAY, "工作站二楼")
        parties = db.session.scalars(select(Party).where(Party.visit_id == visit.id)).all()
        members = {one.person_id for one in parties if one.role is PartyRole.MEMBER}
        assert members == {person for person, _id in members_of(pairing)}
    held = db.session.scalars(select(Hold.person_id).where(Hold.child_id.is_(None))).all()
    assert held.count(village.escort_id) == 3


def test_the_database_still_refuses_a_visit_elsewhere_at_that_time(
    both: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both
    village = Village()
    village.planned()
    other = village.another()
    monkeypatch.setattr(services, "problems", lambda _plan, _facts: [])
    plan = a_plan(other, SATURDAY + timedelta(minutes=30), escort_id=village.escort_id)
    with pytest.raises(PlanRefused) as refusal:
        services.plan_visit(other.uid, plan, by=village.coordinator)
    assert [one.why for one in refusal.value.problems] == [Why.PERSON_BUSY]


def test_all_are_planned_or_none_and_the_refusal_says_for_whom(village: Village) -> None:
    a_visit(village.third, escort_id=an_escort(village.third))
    before = len(visits())
    with pytest.raises(PlanRefused) as refusal:
        village.planned()
    alias = db.session.get_one(Child, village.third.child_id).alias
    assert all(reason.startswith(f"{alias}：") for reason in refusal.value.reasons)
    assert {one.why for one in refusal.value.problems} == {Why.NOT_TOGETHER}
    db.session.rollback()
    assert len(visits()) == before


def test_a_leader_plans_together_only_what_the_leader_plans(village: Village) -> None:
    plan_visits(village.first.uid, village.plan(), [village.second.uid], by=village.leader)
    assert len(visits()) == 2
    later = village.plan(SATURDAY + timedelta(days=14))
    with pytest.raises(NotYours):
        plan_visits(village.first.uid, later, [village.third.uid], by=village.leader)
    assert len(visits()) == 2


def test_children_of_two_townships_are_not_visited_together(village: Village) -> None:
    far = a_pairing(stage=Stage.ACTIVE)
    with transaction() as session:
        session.get_one(Pairing, far.id).county_id = village.first.county_id
    with pytest.raises(RuleBroken, match="同一个乡镇"):
        plan_visits(village.first.uid, village.plan(), [far.uid], by=village.coordinator)


def test_nobody_meets_several_children_at_a_home(village: Village) -> None:
    with pytest.raises(PlanRefused) as refusal:
        village.planned(place_kind=PlaceKind.HOME, home_agreed=True)
    assert Why.TOGETHER_AT_HOME in {one.why for one in refusal.value.problems}


@pytest.mark.parametrize(
    ("bands", "adults"),
    [
        ([AgeBand.A6_7] * 5, 1),
        ([AgeBand.A6_7] * 6, 2),
        ([AgeBand.A3_5] * 11, 3),
        ([AgeBand.A8_10] * 16, 2),
        ([AgeBand.A11_13] * 17, 3),
        ([AgeBand.A14_15] * 20, 2),
        ([AgeBand.A16_17] * 21, 3),
        ([AgeBand.A6_7] * 5 + [AgeBand.A8_10] * 8 + [AgeBand.A14_15] * 10, 3),
        ([AgeBand.A6_7] * 5 + [AgeBand.A8_10] * 8 + [AgeBand.A14_15] * 11, 4),
    ],
)
def test_each_age_takes_its_share_of_an_adult(bands: list[AgeBand], adults: int) -> None:
    assert Ratio().adults(tuple(bands)) == adults
    own, *rest = bands
    company = Company(1, tuple(rest), frozenset({1}))
    assert company.outnumbers(set(range(1, adults)), own, Ratio()) is (adults > 1)
    assert not company.outnumbers(set(range(1, adults + 1)), own, Ratio())


def test_one_child_alone_takes_two_adults_and_no_share(village: Village) -> None:
    assert village
    assert not Company().outnumbers(set(), AgeBand.A3_5, Ratio(1, 1, 1))


def test_too_few_adults_for_all_children_are_refused_with_the_figures(village: Village) -> None:
    own_team = db.session.get_one(Team, village.first.team_id)
    more = [village.another(own_team, age_band=AgeBand.A6_7) for _turn in range(15)]
    wanted = [one.uid for one in more]
    with pytest.raises(PlanRefused) as refusal:
        plan_visits(village.first.uid, village.plan(), wanted, by=village.coordinator)
    assert Why.TOO_FEW_FOR_ALL in {one.why for one in refusal.value.problems}
    assert any("8 岁以下每 5 个" in reason for reason in refusal.value.reasons)
    db.session.rollback()
    plan_visits(village.first.uid, village.plan(), wanted[:13], by=village.coordinator)
    assert len(visits()) == 14


# --- moving, calling off ---------------------------------------------------------------------


def test_visits_made_together_move_together(village: Village) -> None:
    made = village.planned()
    later = SATURDAY + timedelta(days=7)
    first = made[village.first.id]
    move_visits(first.uid, village.plan(later), version=first.version, by=village.coordinator)
    moved = visits()
    assert {one.starts_at for one in moved.values()} == {later}
    for pairing in village.all:
        found = select(Party.person_id).where(
            Party.visit_id == moved[pairing.id].id, Party.role == PartyRole.MEMBER
        )
        assert set(db.session.scalars(found)) == {one for one, _id in members_of(pairing)}


def test_a_leader_of_one_team_does_not_move_the_others_child(village: Village) -> None:
    first = village.planned()[village.first.id]
    later = village.plan(SATURDAY + timedelta(days=7))
    with pytest.raises(RuleBroken, match="县级协调员"):
        move_visits(first.uid, later, version=first.version, by=village.leader)
    db.session.rollback()
    assert {one.starts_at for one in visits().values()} == {SATURDAY}


def test_one_childs_no_calls_off_one_visit_and_bad_weather_all(village: Village) -> None:
    second = village.planned()[village.second.id]
    cancel_visits(second.uid, CancelReason.CHILD, everybody=False, by=village.coordinator)
    assert states() == [State.PLANNED, State.CANCELLED, State.PLANNED]
    first = visits()[village.first.id]
    cancel_visits(first.uid, CancelReason.WEATHER, everybody=True, by=village.coordinator)
    assert states() == [State.CANCELLED] * 3
    assert db.session.scalars(select(Hold)).all() == []


def test_whoever_was_reminded_of_all_hears_that_one_child_does_not_come(village: Village) -> None:
    made = village.planned()
    first, second = made[village.first.id], made[village.second.id]
    of_first = select(Subject.id).where(Subject.ref == first.uid).scalar_subquery()
    sent = {village.leader.id, village.escort_id}
    with transaction() as session:
        session.execute(
            update(Message)
            .where(
                Message.subject_id == of_first,
                Message.kind == "visit_t7d",
                Message.person_id.in_(sent),
            )
            .values(state=Sent.SENT)
        )

    services.consent_withdrawn(village.second.child_id, SITE)

    def told_off(visit: Visit) -> set[int | None]:
        of_visit = select(Subject.id).where(Subject.ref == visit.uid)
        asked = select(Message.person_id).where(
            Message.kind == "visit_cancelled", Message.subject_id.in_(of_visit)
        )
        return set(db.session.scalars(asked))

    assert told_off(second) == sent
    cancel_visits(first.uid, CancelReason.WEATHER, everybody=True, by=village.coordinator)
    assert village.member.id in told_off(first)
    assert not told_off(made[village.third.id]) & sent


def test_withdrawn_consent_of_one_child_leaves_the_others(village: Village) -> None:
    village.planned()
    services.consent_withdrawn(village.second.child_id, SITE)
    assert states() == [State.PLANNED, State.CANCELLED, State.PLANNED]


def test_people_are_reminded_once_and_by_the_next_visit_when_the_first_is_off(
    village: Village,
) -> None:
    made = village.planned()

    def reminded() -> list[str]:
        asked = (
            select(Subject.ref)
            .join(Message, Message.subject_id == Subject.id)
            .where(
                Message.kind == "visit_t2h",
                Message.person_id == village.escort_id,
                Message.state == "pending",
                Message.channel == "inapp",
            )
        )
        return list(db.session.scalars(asked))

    (only,) = reminded()
    assert made[village.first.id].uid == only
    first = made[village.first.id]
    cancel_visits(first.uid, CancelReason.CHILD, everybody=False, by=village.coordinator)
    (only,) = reminded()
    assert only in {made[one.id].uid for one in (village.second, village.third)}


def test_who_calls_all_off_from_either_end_waits_for_the_other(both: Flask) -> None:
    village = Village()
    for turn in range(4):
        village.planned(start=SATURDAY + timedelta(days=7 * turn))
        ahead = select(Visit.uid).where(Visit.state == State.PLANNED).order_by(Visit.id)
        first, *_between, last = db.session.scalars(ahead)

        def calling_off(uid: str) -> Callable[[], object]:
            reason, by = CancelReason.WEATHER, village.coordinator
            return lambda: cancel_visits(uid, reason, everybody=True, by=by)

        refused = at_once(both, calling_off(first), calling_off(last))
        assert sum(one is None for one in refused) == 1
        assert set(states()) == {State.CANCELLED}


# --- on the day ------------------------------------------------------------------------------


def test_one_coming_and_one_going_count_for_every_child(
    village: Village, set_clock: SetClock
) -> None:
    made = village.confirmed()
    first, second, third = (made[one.id] for one in village.all)
    set_clock(SATURDAY)
    check_in_for(second.uid, party(second, village.escort).id, by=village.escort)
    assert all(party(one, village.escort).checked_in_at == SATURDAY for one in (first, third))
    code = the_code(third)
    assert code == the_code(first)
    check_in(first.uid, code, by=village.leader)
    assert party(second, village.leader).checked_in_at == SATURDAY
    assert states() == [State.IN_PROGRESS, State.IN_PROGRESS, State.CONFIRMED]
    with pytest.raises(CodeSpent):
        check_out(second.uid, code, by=village.leader)

    set_clock(SATURDAY + LASTS)
    check_out(second.uid, the_code(second), by=village.leader)
    assert party(first, village.leader).checked_out_at == SATURDAY + LASTS
    check_out_for(first.uid, party(first, village.escort).id, by=village.escort)
    assert states()[:2] == [State.COMPLETED] * 2


def test_what_stands_against_one_child_keeps_nobody_from_the_others(
    village: Village, set_clock: SetClock
) -> None:
    made = village.confirmed()
    with transaction() as session:
        session.get_one(Pairing, village.second.id).stage = Stage.PAUSED
    set_clock(SATURDAY)
    check_in(made[village.first.id].uid, the_code(made[village.first.id]), by=village.leader)
    assert party(made[village.first.id], village.leader).checked_in_at == SATURDAY
    assert party(made[village.second.id], village.leader).checked_in_at is None


def test_who_leaves_is_missed_by_every_child(village: Village) -> None:
    village.planned()
    with transaction() as session:
        of_member = update(Volunteer).where(Volunteer.person_id == village.member.id)
        session.execute(of_member.values(status=Status.SUSPENDED))
    services.sweep()
    left = select(Party.id).where(Party.person_id == village.member.id)
    assert db.session.scalars(left).all() == []


def test_an_alarm_for_several_children_is_heard_once(village: Village, set_clock: SetClock) -> None:
    village.confirmed()
    set_clock(SATURDAY + timedelta(minutes=20))
    assert services.sweep() == 3
    asked = select(Message.person_id).where(
        Message.kind == "visit_checkin_missing", Message.channel == "inapp"
    )
    told = list(db.session.scalars(asked))
    assert sorted(told, key=str) == sorted(set(told), key=str)
    assert {village.escort_id, village.coordinator_id, village.leader.id} <= set(told)
    assert services.sweep() == 0


def test_hours_are_credited_once_for_all_the_children(
    village: Village, set_clock: SetClock
) -> None:
    made = village.confirmed()
    set_clock(SATURDAY)
    for who in (village.leader, village.member):
        check_in(made[village.first.id].uid, the_code(made[village.first.id]), by=who)
    set_clock(SATURDAY + LASTS)
    for who in (village.leader, village.member):
        check_out(made[village.first.id].uid, the_code(made[village.first.id]), by=who)
    for pairing in (village.second, village.first):
        record(made[pairing.id].uid, TOLD, follows=0, by=village.leader)
        approve(made[pairing.id].uid, 1, by=village.coordinator)

    hours = db.session.scalars(select(HourEntry)).all()
    assert sorted(one.volunteer_id for one in hours) == sorted(
        volunteer for _person, volunteer in members_of(village.first)
    )
    assert {(one.minutes, one.source_ref) for one in hours} == {
        (int(LASTS.total_seconds()) // 60, made[village.first.id].uid)
    }


# --- pages -----------------------------------------------------------------------------------


def alias(pairing: Pairing) -> str:
    return db.session.get_one(Child, pairing.child_id).alias


def test_the_form_offers_the_children_of_the_township_that_one_plans_for(
    village: Village, browse_as: BrowseAs
) -> None:
    here = f"/pairings/{village.first.uid}/visits/new"
    offered = browse_as(village.coordinator_id).get(here).soup.select("[name=together]")
    assert {str(one["value"]) for one in offered} == {village.second.uid, village.third.uid}
    (mine,) = browse_as(int(village.leader.id or 0)).get(here).soup.select("[name=together]")
    assert mine["value"] == village.second.uid


def planned_on_the_page(village: Village, browser: Browser, **changed: Any) -> str:
    form = {
        "day": "2026-12-12",
        "start": "10:00",
        "minutes": "90",
        "place_kind": "station",
        "place_text": "工作站二楼活动室",
        "escort": str(village.escort_id),
        "members": [str(person) for person, _id in members_of(village.first)],
        "together": [village.second.uid, village.third.uid],
    }
    status = changed.pop("status", 200)
    here = f"/pairings/{village.first.uid}/visits/new"
    return browser.post(here, form | changed, status=status).text


def test_visits_made_together_stand_as_one_on_lists_and_name_each_other(
    village: Village, browse_as: BrowseAs
) -> None:
    coordinator = browse_as(village.coordinator_id)
    text = planned_on_the_page(village, coordinator)
    assert "一共 3 个孩子" in text
    assert alias(village.third) in text
    (row,) = coordinator.get("/visits").soup.select("tbody tr")
    assert "3 个孩子一起" in row.get_text()
    assert all(alias(one) in row.get_text() for one in village.all)
    day = coordinator.get("/visits/calendar?view=agenda&day=2026-12-12")
    (line,) = day.soup.select(".cal-line")
    assert "3 个孩子一起" in line.get_text()

    third = browse_as(members_of(village.third)[0][0])
    page = third.get(f"/visits/{visits()[village.third.id].uid}")
    assert "一共 3 个孩子" in page.text
    assert alias(village.first) not in page.text


def test_the_sheet_on_paper_is_one_for_all(village: Village, browse_as: BrowseAs) -> None:
    made = village.planned()
    page = browse_as(village.escort_id).get(f"/visits/{made[village.first.id].uid}")
    (paper,) = page.soup.select("section.print-only")
    people = {one.person_id for one in db.session.scalars(select(Party))}
    assert len(paper.select("tbody tr")) == len(people) == 5
    assert {one.get_text() for one in paper.select("h3")} == {alias(one) for one in village.all}
    assert paper.select(".qr svg")
    assert [one.get_text() for one in paper.select("th")] == [
        "姓名",
        "签到时间",
        "签退时间",
        "签名",
    ]


def test_what_stands_against_another_child_stands_beside_the_choice(
    village: Village, browse_as: BrowseAs
) -> None:
    with transaction() as session:
        session.get_one(Child, village.third.child_id).boarding = True
    coordinator = browse_as(village.coordinator_id)
    text = planned_on_the_page(village, coordinator, day="2026-12-11", start="16:30", status=422)
    assert alias(village.third) in text
    assert visits() == {}


def test_calling_off_asks_whether_for_all(village: Village, browse_as: BrowseAs) -> None:
    first = village.planned()[village.first.id]
    coordinator = browse_as(village.coordinator_id)
    here = f"/visits/{first.uid}/cancel"
    assert coordinator.get(here).soup.select("[name=everybody]")
    coordinator.post(here, {"reason": "weather", "everybody": "y"})
    assert states() == [State.CANCELLED] * 3
