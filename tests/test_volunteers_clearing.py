"""Clearing volunteers: what coordinators record, what acts by itself, what only a lead decides."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import queries as accounts
from accounts.rules import Actor, Role
from core import clock
from core.audit import AuditRow
from core.db import db
from core.errors import NotYours, RuleBroken
from core.parameters import ParameterValue
from messages.models import Message
from messages.rules import Channel
from places.models import Area
from tests.browser import Browser
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_city, a_county
from tests.builders.volunteers import (
    a_team,
    a_volunteer,
    an_active_volunteer,
    an_evidence,
    cleared,
)
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.factories import saved
from volunteers import services
from volunteers.evidence.rules import NewEvidence
from volunteers.evidence.services import record_evidence, void_evidence
from volunteers.models import Evidence, Volunteer
from volunteers.rules import EvidenceKind, Outcome, Status
from volunteers.teams import queries as teams

YEAR = timedelta(days=365)


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county(name="榆次区")


@pytest.fixture
def coordinator(county: Area) -> Actor:
    return accounts.actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))


@pytest.fixture
def lead(app: Flask) -> Actor:
    """A safeguarding lead of the whole city."""
    return accounts.actor_for(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=a_city().id))


@pytest.fixture
def desk(coordinator: Actor, browse_as: BrowseAs) -> Browser:
    return browse_as(coordinator.id or 0)


def status_of(volunteer: Volunteer) -> Status:
    db.session.expire_all()
    return db.session.get_one(Volunteer, volunteer.id).status


def told(kind: str) -> set[int | None]:
    """Return whom the ledger tells something of that kind on the site."""
    return set(
        db.session.scalars(
            select(Message.person_id).where(Message.kind == kind, Message.channel == Channel.INAPP)
        )
    )


def new(kind: EvidenceKind = EvidenceKind.SCREENING, **given: Any) -> NewEvidence:
    fields: dict[str, Any] = {"kind": kind, "dated": clock.today(), "reference": "R-1"}
    return NewEvidence(**fields | given)


def an_entry(**given: Any) -> dict[str, Any]:
    return {"dated": "2026-11-20", "reference": "晋公查〔2026〕12号", "outcome": "clear"} | given


# --- recording -----------------------------------------------------------------------------


def test_a_coordinator_clears_an_applicant_step_by_step(desk: Browser, county: Area) -> None:
    volunteer = a_volunteer(county, name="样例申请人")
    here = f"/volunteers/{volunteer.uid}"

    for kind in ("identity", "screening", "training", "pledge"):
        desk.post(f"{here}/evidence/{kind}", an_entry())
    page = desk.get(here)
    assert "还没有：意外保险" in page.text
    assert not page.soup.select("form[action$=activate]")
    assert "还没有：意外保险" in desk.post(f"{here}/activate", status=409).text

    desk.post(f"{here}/evidence/insurance", an_entry(valid_until="2027-06-30"))
    desk.get(here)
    desk.post(f"{here}/activate")

    assert status_of(volunteer) is Status.ACTIVE
    assert told("volunteer_active") == {volunteer.person_id}
    actions = db.session.scalars(select(AuditRow.action).where(AuditRow.ref == volunteer.uid))
    assert list(actions) == ["record_evidence"] * 5 + ["active"]
    ends = {row.kind: row.valid_until for row in db.session.scalars(select(Evidence))}
    assert ends == {
        EvidenceKind.IDENTITY: None,
        EvidenceKind.PLEDGE: None,
        EvidenceKind.SCREENING: date(2026, 11, 20) + YEAR,
        EvidenceKind.TRAINING: date(2026, 11, 20) + YEAR,
        EvidenceKind.INSURANCE: date(2027, 6, 30),
    }
    assert "服务中" in desk.get(here).text


def test_a_longer_validity_is_cut_to_what_the_rule_of_the_day_allows(
    app: Flask, county: Area, coordinator: Actor
) -> None:
    saved(
        ParameterValue(
            name="volunteers.screening_days",
            effective_from=date(2026, 11, 1),
            value={"value": 180},
            source="市未保办",
            set_by=None,
        )
    )
    volunteer = a_volunteer(county)
    for dated in (date(2026, 11, 20), date(2026, 10, 20)):
        record_evidence(
            volunteer.uid, new(dated=dated, valid_until=date(2030, 1, 1)), by=coordinator
        )
    ends = db.session.scalars(select(Evidence.valid_until).order_by(Evidence.id)).all()
    assert ends == [
        date(2026, 11, 20) + timedelta(days=180),
        date(2026, 10, 20) + YEAR,
    ]


@pytest.mark.parametrize(
    ("kind", "change", "field", "words"),
    [
        ("screening", {"dated": "2026-02-30"}, "dated", "没有这一天"),
        ("screening", {"dated": ""}, "dated", "请填写"),
        ("screening", {"dated": "2026-11-25"}, "dated", "还没到"),
        ("screening", {"dated": "1926-11-20"}, "dated", "太早"),
        ("screening", {"dated": "2025-01-01"}, "dated", "已经过期"),
        ("screening", {"valid_until": "2026-11-21"}, "valid_until", "已经过期"),
        ("screening", {"valid_until": "2026-11-01"}, "valid_until", "早于"),
        ("screening", {"outcome": ""}, "outcome", "请填写"),
        ("screening", {"outcome": "perhaps"}, "outcome", ""),
        ("screening", {"reference": ""}, "reference", "请填写"),
        ("screening", {"reference": "长" * 61}, "reference", "最多 60"),
        ("screening", {"reference": "a\x00"}, "reference", "无法识别"),
        ("screening", {"reference": "证 11010119900307000X"}, "reference", "身份证"),
        ("insurance", {"valid_until": ""}, "valid_until", "请填写"),
        ("insurance", {"valid_until": "2206-01-01"}, "valid_until", "太长"),
        ("insurance", {"valid_until": "不知道"}, "valid_until", "没有这一天"),
        ("training", {"dated": "９９９９-99-99"}, "dated", "没有这一天"),
    ],
)
def test_a_wrong_entry_is_told_beside_the_field_and_nothing_written(
    desk: Browser, county: Area, kind: str, change: dict[str, str], field: str, words: str
) -> None:
    volunteer = a_volunteer(county)
    page = desk.post(f"/volunteers/{volunteer.uid}/evidence/{kind}", an_entry(**change), status=422)
    assert words in " ".join(page.texts(f"#{field}-wrong"))
    assert db.session.scalar(select(Evidence.id)) is None


def test_wide_digits_and_emoji_are_fine_where_they_do_no_harm(desk: Browser, county: Area) -> None:
    volunteer = a_volunteer(county)
    desk.post(
        f"/volunteers/{volunteer.uid}/evidence/screening",
        an_entry(dated="２０２６.１１.２０", reference="回执😀"),
    )
    assert db.session.scalars(select(Evidence.dated)).one() == date(2026, 11, 20)


def test_the_same_entry_sent_twice_is_one(desk: Browser, county: Area) -> None:
    volunteer = a_volunteer(county)
    for _turn in range(2):
        desk.post(f"/volunteers/{volunteer.uid}/evidence/screening", an_entry(form_key="k" * 22))
    assert len(db.session.scalars(select(Evidence.id)).all()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"dated": date(2026, 11, 25)},
        {"kind": EvidenceKind.INSURANCE},
        {"kind": EvidenceKind.TRAINING, "outcome": Outcome.HIT},
    ],
)
def test_the_service_refuses_what_the_form_would(
    county: Area, coordinator: Actor, wrong: dict[str, Any]
) -> None:
    with pytest.raises(RuleBroken):
        record_evidence(a_volunteer(county).uid, new(**wrong), by=coordinator)


def test_an_unknown_kind_is_not_found(desk: Browser, county: Area) -> None:
    desk.get(f"/volunteers/{a_volunteer(county).uid}/evidence/magic", status=404)


# --- who may -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["", "/evidence/screening", "/suspend", "/exit", "/evidence/1/void"],
)
def test_a_neighbour_finds_nobody(browse_as: BrowseAs, county: Area, path: str) -> None:
    volunteer = an_active_volunteer(county)
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    missing, foreign = (
        re.sub(r"[A-Z0-9]{8} ", "", neighbour.get(f"/volunteers/{uid}{path}", status=404).text)
        for uid in ("nobody", volunteer.uid)
    )
    assert foreign == missing


@pytest.mark.parametrize("verb", ["activate", "pause", "resume", "suspend", "exit"])
def test_a_neighbour_changes_nobody(browse_as: BrowseAs, county: Area, verb: str) -> None:
    volunteer = an_active_volunteer(county)
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    neighbour.post(f"/volunteers/{volunteer.uid}/{verb}", {"reason": "x"}, status=404)
    assert status_of(volunteer) is Status.ACTIVE


def test_others_may_not_open_a_volunteers_file(
    browse_as: BrowseAs, visitor: Browser, county: Area
) -> None:
    volunteer = an_active_volunteer(county)
    visitor.get(f"/volunteers/{volunteer.uid}", status=302)
    for role in (Role.VOLUNTEER, Role.ORG_LEAD, Role.CHILD_DIRECTOR, Role.CITY_COORDINATOR):
        browse_as(a_member_of_staff(role, area_id=county.id)).get(
            f"/volunteers/{volunteer.uid}", status=403
        )


def test_nobody_clears_themselves(county: Area, coordinator: Actor) -> None:
    mine = cleared(a_volunteer(county, person_id=coordinator.id))
    with pytest.raises(RuleBroken, match="不能给自己办理"):
        services.activate(mine.uid, by=coordinator)
    with pytest.raises(RuleBroken, match="不能给自己办理"):
        record_evidence(mine.uid, new(), by=coordinator)


def test_contact_is_for_the_coordinator_only(
    desk: Browser, lead: Actor, browse_as: BrowseAs, county: Area
) -> None:
    volunteer = a_volunteer(county, phone="15400001234")
    here = f"/volunteers/{volunteer.uid}"
    assert "15400001234" in desk.get(here).text
    page = browse_as(lead.id or 0).get(here)
    assert "15400001234" not in page.text
    assert not page.links("/evidence/")


def test_a_file_asks_the_database_seldom(
    browse_as: BrowseAs, coordinator: Actor, county: Area, at_most: AtMost
) -> None:
    volunteer = an_active_volunteer(county)
    for _turn in range(5):
        an_evidence(volunteer, EvidenceKind.TRAINING)
    here, browser = f"/volunteers/{volunteer.uid}", browse_as(coordinator.id or 0)
    with at_most(9):
        browser.get(here)


# --- activating ----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", EvidenceKind)
def test_nobody_is_activated_while_one_kind_is_missing(
    county: Area, coordinator: Actor, missing: EvidenceKind
) -> None:
    volunteer = cleared(a_volunteer(county), but=missing)
    with pytest.raises(RuleBroken) as refused:
        services.activate(volunteer.uid, by=coordinator)
    assert len(refused.value.reasons) == 1
    assert status_of(volunteer) is Status.APPLIED


def test_nobody_is_activated_with_something_expired(county: Area, coordinator: Actor) -> None:
    volunteer = cleared(a_volunteer(county), but=EvidenceKind.SCREENING)
    an_evidence(volunteer, EvidenceKind.SCREENING, dated=clock.today() - 2 * YEAR)
    with pytest.raises(RuleBroken, match="已过期：入职查询"):
        services.activate(volunteer.uid, by=coordinator)


def test_nobody_is_activated_whose_sex_and_age_are_unknown(
    county: Area, coordinator: Actor
) -> None:
    volunteer = cleared(a_volunteer(county, sex=None, birth_year=None))
    with pytest.raises(RuleBroken, match="性别和出生年份"):
        services.activate(volunteer.uid, by=coordinator)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PAUSED, Status.EXITED, Status.BARRED])
def test_only_who_waits_is_activated(county: Area, coordinator: Actor, status: Status) -> None:
    volunteer = cleared(a_volunteer(county, status=status))
    with pytest.raises(RuleBroken):
        services.activate(volunteer.uid, by=coordinator)
    assert status_of(volunteer) is status


# --- hits ----------------------------------------------------------------------------------


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


def test_the_panel_tells_how_each_kind_stands(desk: Browser, county: Area) -> None:
    volunteer = a_volunteer(county, sex=None)
    today = clock.today()
    an_evidence(volunteer, EvidenceKind.IDENTITY)
    an_evidence(volunteer, EvidenceKind.SCREENING, outcome=Outcome.HIT)
    an_evidence(volunteer, EvidenceKind.TRAINING, valid_until=today - timedelta(days=1))
    an_evidence(volunteer, EvidenceKind.INSURANCE, valid_until=today + timedelta(days=7))

    page = desk.get(f"/volunteers/{volunteer.uid}")

    words = page.texts("section[aria-labelledby=clearance] .tag")
    assert words == ["有效", "有记录，待决定", "已过期", "还没有", "7 天后到期"]
    for reason in ("资料不全", "已过期：上岗培训", "有记录：入职查询", "还没有：承诺书"):
        assert reason in page.text
