"""A hit, a reason or a lapse takes somebody out of service."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import queries as accounts
from accounts.rules import Actor, Role
from core import clock
from core.db import db
from core.errors import NotYours, RuleBroken
from messages.models import Message
from messages.rules import Channel
from places.models import Area
from tests.browser import Browser
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_county
from tests.builders.volunteers import (
    a_team,
    a_volunteer,
    an_active_volunteer,
    an_evidence,
    cleared,
)
from tests.conftest import NOON, BrowseAs, SetClock
from tests.test_volunteers_clearing import (
    YEAR,
    coordinator,
    county,
    desk,
    lead,
    new,
    status_of,
    told,
)
from volunteers import services
from volunteers.evidence.services import record_evidence, void_evidence
from volunteers.models import Evidence
from volunteers.rules import EvidenceKind, Outcome, Status
from volunteers.teams import queries as teams

__all__ = ["coordinator", "county", "desk", "lead"]  # the fixtures of its neighbour


def test_a_hit_suspends_at_once_and_blinds(county: Area, coordinator: Actor) -> None:
    volunteer = an_active_volunteer(county)
    a_team(county, members=[volunteer, an_active_volunteer(county)])
    mine = teams.team_ids_of(volunteer.person_id)
    assert db.session.scalar(mine) is not None

    record_evidence(volunteer.uid, new(outcome=Outcome.HIT), by=coordinator)

    assert status_of(volunteer) is Status.SUSPENDED
    assert db.session.scalar(mine) is None
    assert told("volunteer_suspended") == {volunteer.person_id}


def test_a_hit_on_an_applicant_is_decided_before_anything_else(
    county: Area, coordinator: Actor
) -> None:
    volunteer = cleared(a_volunteer(county))
    record_evidence(volunteer.uid, new(outcome=Outcome.HIT), by=coordinator)
    later = new(dated=clock.today(), valid_until=clock.today() + YEAR)
    record_evidence(volunteer.uid, later, by=coordinator)
    with pytest.raises(RuleBroken, match="待未保专员决定"):
        services.activate(volunteer.uid, by=coordinator)


def test_an_older_hit_keeps_a_newer_clear_answer_from_counting(
    county: Area, coordinator: Actor
) -> None:
    volunteer = cleared(a_volunteer(county))
    old = new(outcome=Outcome.HIT, dated=clock.today() - timedelta(days=200))
    record_evidence(volunteer.uid, old, by=coordinator)
    with pytest.raises(RuleBroken, match="待未保专员决定"):
        services.activate(volunteer.uid, by=coordinator)


def test_only_the_lead_decides_that_a_hit_is_none(
    browse_as: BrowseAs, county: Area, lead: Actor, coordinator: Actor
) -> None:
    volunteer, desk = an_active_volunteer(county), browse_as(coordinator.id or 0)
    record_evidence(volunteer.uid, new(outcome=Outcome.HIT), by=coordinator)
    hit = db.session.scalars(select(Evidence.id).where(Evidence.outcome == Outcome.HIT)).one()
    void = f"/volunteers/{volunteer.uid}/evidence/{hit}/void"

    desk.post(void, {"reason": "同名"}, status=404)
    leads = browse_as(lead.id or 0)
    leads.get(void)
    leads.post(void, {"reason": "同名同姓，复核无记录"})
    services.activate(volunteer.uid, by=coordinator)

    assert status_of(volunteer) is Status.ACTIVE
    assert "复核无记录" in desk.get(f"/volunteers/{volunteer.uid}").text


def test_only_the_lead_bars_and_only_who_is_suspended(
    browse_as: BrowseAs, desk: Browser, county: Area, lead: Actor
) -> None:
    volunteer = an_active_volunteer(county)
    here = f"/volunteers/{volunteer.uid}"
    desk.get(f"{here}/bar", status=403)
    leads = browse_as(lead.id or 0)
    leads.post(f"{here}/bar", {"reason": "书面结果"}, status=422)
    leads.post(f"{here}/suspend", {"reason": "核查"})
    leads.get(f"{here}/bar")
    leads.post(f"{here}/bar", {"reason": "书面结果"})

    assert status_of(volunteer) is Status.BARRED
    with pytest.raises(RuleBroken):
        services.activate(volunteer.uid, by=accounts.actor_for(an_own_coordinator(county)))
    leads.get(here)


def test_nobody_is_barred_while_they_may_still_object(
    county: Area, lead: Actor, coordinator: Actor, set_clock: SetClock
) -> None:
    volunteer = an_active_volunteer(county)
    record_evidence(volunteer.uid, new(outcome=Outcome.HIT), by=coordinator)
    for days in (0, 10):
        set_clock(NOON + timedelta(days=days))
        with pytest.raises(RuleBroken, match="申诉期还没满"):
            services.bar(volunteer.uid, reason="书面结果", by=lead)
        assert status_of(volunteer) is Status.SUSPENDED
    set_clock(NOON + timedelta(days=11))
    services.bar(volunteer.uid, reason="书面结果", by=lead)
    assert status_of(volunteer) is Status.BARRED


def an_own_coordinator(county: Area) -> int:
    return a_member_of_staff(Role.COORDINATOR, area_id=county.id)


def test_a_lead_elsewhere_decides_nothing(county: Area) -> None:
    volunteer = a_volunteer(county, status=Status.SUSPENDED)
    other = a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=a_county().id)
    with pytest.raises(NotYours):
        services.bar(volunteer.uid, reason="x", by=accounts.actor_for(other))


# --- suspending and voiding ----------------------------------------------------------------


def test_a_coordinator_suspends_with_a_reason(desk: Browser, county: Area) -> None:
    volunteer = an_active_volunteer(county)
    here = f"/volunteers/{volunteer.uid}/suspend"
    desk.post(here, {"reason": ""}, status=422)
    desk.post(here, {"reason": "110101199003070000"}, status=422)
    desk.post(here, {"reason": "家长反映"})
    assert status_of(volunteer) is Status.SUSPENDED
    desk.post(here, {"reason": "家长反映"}, status=422)
    assert "家长反映" in desk.get(f"/volunteers/{volunteer.uid}").text


def test_a_voided_entry_that_breaks_clearance_suspends_at_once(desk: Browser, county: Area) -> None:
    volunteer = an_active_volunteer(county)
    entry = db.session.scalars(
        select(Evidence.id).where(Evidence.kind == EvidenceKind.TRAINING)
    ).one()
    here = f"/volunteers/{volunteer.uid}/evidence/{entry}/void"

    desk.post(here, {"reason": "登错了人"})

    assert status_of(volunteer) is Status.SUSPENDED
    desk.post(here, {"reason": "登错了人"}, status=422)
    assert "已作废" in desk.get(f"/volunteers/{volunteer.uid}").text


def test_a_voided_entry_beside_a_good_one_changes_nothing(county: Area, coordinator: Actor) -> None:
    volunteer = an_active_volunteer(county)
    double = an_evidence(volunteer, EvidenceKind.TRAINING)
    void_evidence(volunteer.uid, double.id, reason="重复", by=coordinator)
    assert status_of(volunteer) is Status.ACTIVE


def test_an_entry_is_voided_on_its_own_file_only(county: Area, coordinator: Actor) -> None:
    mine, other = an_active_volunteer(county), an_active_volunteer(county)
    entry = db.session.scalars(
        select(Evidence.id).where(Evidence.volunteer_id == other.id).limit(1)
    ).one()
    with pytest.raises(NotYours):
        void_evidence(mine.uid, entry, reason="x", by=coordinator)


# --- expiring ------------------------------------------------------------------------------


def test_who_has_lapsed_expires_once_and_is_told(
    county: Area, coordinator: Actor, set_clock: SetClock
) -> None:
    volunteer, elsewhere = an_active_volunteer(county), an_active_volunteer()
    an_evidence(elsewhere, EvidenceKind.SCREENING, dated=clock.today())
    for kind in (EvidenceKind.TRAINING, EvidenceKind.INSURANCE):
        an_evidence(elsewhere, kind, dated=clock.today(), valid_until=clock.today() + 2 * YEAR)
    assert services.expire_lapsed() == 0

    set_clock(NOON + timedelta(days=336))

    assert services.expire_lapsed() == 1
    assert services.expire_lapsed() == 0
    assert (status_of(volunteer), status_of(elsewhere)) == (Status.EXPIRED, Status.ACTIVE)
    assert told("volunteer_expired") == {volunteer.person_id, coordinator.id}
    texts = db.session.scalars(select(Message.params)).all()
    assert {params["own"] for params in texts} == {True, False}


def test_the_last_day_is_still_served(county: Area, set_clock: SetClock) -> None:
    volunteer = an_active_volunteer(county)
    set_clock(NOON + timedelta(days=335))
    assert services.expire_lapsed() == 0
    assert status_of(volunteer) is Status.ACTIVE


def test_who_renews_is_activated_again(
    county: Area, coordinator: Actor, set_clock: SetClock
) -> None:
    volunteer = an_active_volunteer(county)
    set_clock(NOON + timedelta(days=336))
    services.expire_lapsed()
    for kind in (EvidenceKind.SCREENING, EvidenceKind.TRAINING):
        record_evidence(volunteer.uid, new(kind), by=coordinator)
    with pytest.raises(RuleBroken, match="意外保险"):
        services.activate(volunteer.uid, by=coordinator)
    insured = new(EvidenceKind.INSURANCE, valid_until=clock.today() + YEAR)
    record_evidence(volunteer.uid, insured, by=coordinator)
    services.activate(volunteer.uid, by=coordinator)
    assert status_of(volunteer) is Status.ACTIVE


def test_expiring_many_asks_in_portions(county: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 2)
    many = [a_volunteer(county, status=Status.ACTIVE) for _turn in range(5)]
    assert services.expire_lapsed() == 5
    assert {status_of(volunteer) for volunteer in many} == {Status.EXPIRED}


def test_a_coordinator_who_is_the_volunteer_is_told_once(county: Area) -> None:
    volunteer = a_volunteer(county, status=Status.ACTIVE)
    a_grant(volunteer.person_id, Role.COORDINATOR, area_id=county.id)
    services.expire_lapsed()
    params = db.session.scalars(
        select(Message.params).where(Message.channel == Channel.INAPP)
    ).all()
    assert [one["own"] for one in params] == [True]


@pytest.mark.parametrize("kind", ["volunteer_active", "volunteer_suspended", "volunteer_expired"])
@pytest.mark.parametrize("own", [True, False])
def test_the_texts_can_be_filled(app: Flask, kind: str, own: bool) -> None:
    text = app.jinja_env.get_template(f"messages/{kind}.txt").render(
        name="样例", uid="u", own=own, link=lambda endpoint, **values: f"[{endpoint}]"
    )
    subject, body = text.strip().split("\n\n", 1)
    assert subject.strip()
    assert "样例" in body
    assert "[volunteers." in body
