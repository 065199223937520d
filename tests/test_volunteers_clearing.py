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
from core.errors import RuleBroken
from core.parameters import ParameterValue
from messages.models import Message
from messages.rules import Channel
from places.models import Area
from tests.browser import Browser
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county
from tests.builders.volunteers import (
    a_volunteer,
    an_active_volunteer,
    an_evidence,
    cleared,
)
from tests.conftest import AtMost, BrowseAs
from tests.factories import saved
from volunteers import services
from volunteers.evidence.rules import NewEvidence
from volunteers.evidence.services import record_evidence
from volunteers.models import Evidence, Volunteer
from volunteers.rules import ALWAYS, EvidenceKind, Outcome, Status

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
    with at_most(12):
        browser.get(here)


# --- activating ----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", sorted(ALWAYS))
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
