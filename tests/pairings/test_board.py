"""The board: who waits, which teams suit and why, and what may be proposed."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.rules import Role
from campaigns.numbers.models import DayCount
from children.models import Child
from children.rules import NeedState, Purpose
from core.db import db, transaction
from core.errors import RuleBroken
from core.parameters import ParameterValue
from messages.models import Message
from pairings.keys import services as keys
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.campaigns import a_campaign
from tests.builders.children import a_child, a_consented_child, consented
from tests.builders.pairings import a_pairing
from tests.builders.places import a_county
from tests.builders.proposals import (
    TODAY,
    a_proposal,
    a_supervisor,
    change,
    members,
    proposed,
    somebody,
    state,
    the,
    told,
)
from tests.builders.volunteers import a_free_time, a_team, an_active_volunteer
from tests.factories import saved
from volunteers.models import Evidence
from volunteers.rules import EvidenceKind, Sex, Status
from volunteers.teams.models import Team, TeamMember


def test_without_teams_the_page_says_what_to_do(coordinator: Browser, child: Child) -> None:
    page = coordinator.get(f"/board/{child.uid}")

    assert "暂时没有合适的小组" in page.text
    assert page.links("/teams/new")


def test_a_child_without_consent_cannot_be_proposed(
    coordinator: Browser, village: Area, team: Team
) -> None:
    child = consented(a_child(village), but=Purpose.PAIRING)

    page = coordinator.get(f"/board/{child.uid}")
    assert "同意结对" in page.texts(".why")[0]
    assert not page.soup.select("input[name=team]")
    coordinator.post(f"/board/{child.uid}/propose", a_proposal(team), status=422)


def test_a_coordinator_proposes_and_a_colleague_approves(
    coordinator: Browser, colleague: Browser, child: Child, team: Team
) -> None:
    supervisor = a_supervisor(child)
    campaign = a_campaign(area_id=child.county_id)
    page = coordinator.get(f"/board/{child.uid}/choose/{team.uid}")
    assert page.form("propose")["ends_on"] == "2027-07-10"

    page = coordinator.post(
        f"/board/{child.uid}/propose",
        page.form("propose") | a_proposal(team, campaign=campaign.uid),
    )
    assert page.notices[0] == "已提出，等另一位同事审批"
    assert "这是您提出的，由另一位同事审批。" in page.text
    (uid,) = db.session.scalars(select(Pairing.uid))
    assert state(child) is NeedState.OPEN

    page = colleague.get(f"/pairings/{uid}")
    page = colleague.post(f"/pairings/{uid}/decide", page.form("decide") | {"decision": "approve"})

    pairing = the(uid)
    assert page.notices == ["已批准"]
    assert (pairing.stage, pairing.supervisor_id) == (Stage.APPROVED, supervisor)
    assert pairing.decided_by_id != pairing.proposed_by_id
    assert state(child) is NeedState.MATCHED
    assert pairing.campaign_id == campaign.id
    assert told("pairing_approved") == set()
    assert db.session.scalars(select(DayCount)).all() == []


def test_messages_carry_nothing_of_the_child(app: Flask, child: Child, team: Team) -> None:
    a_supervisor(child)
    uid = proposed(child, team)
    keys.approve(uid, "", by=somebody(Role.COORDINATOR, child.county_id))

    for params in db.session.scalars(select(Message.params)):
        assert params == {"uid": uid}


@pytest.mark.parametrize(
    "wrong",
    [
        ({"team": ""}, "请选一个小组"),
        ({"team": "x" * 22}, "不是有效的选择"),
        ({"note": ""}, "请填写这一项"),
        ({"note": "好" * 301}, "最多 300 个字"),
        ({"note": "在长凝镇小学读书"}, "学校或班级"),
        ({"note": "好\x00"}, "含有无法识别的字符"),
        ({"ends_on": ""}, "请填写这一项"),
        ({"ends_on": "2026-02-30"}, "没有这一天"),
        ({"ends_on": "2026-11-24"}, "结束日期要在今天之后"),
        ({"ends_on": "2028-01-01"}, "最长 366 天"),
        ({"ends_on": "9999-12-31"}, "最长 366 天"),
        ({"campaign": "x" * 22}, "不是有效的选择"),
    ],
)
def test_what_is_wrong_with_a_proposal_is_told(
    coordinator: Browser, child: Child, team: Team, wrong: tuple[dict[str, str], str]
) -> None:
    given, told = wrong

    page = coordinator.post(f"/board/{child.uid}/propose", a_proposal(team) | given, status=422)

    assert any(told in error for error in page.errors)
    assert db.session.scalars(select(Pairing.id)).all() == []


def test_a_proposal_sent_twice_is_one(coordinator: Browser, child: Child, team: Team) -> None:
    sent = a_proposal(team, form_key="k" * 22)
    coordinator.post(f"/board/{child.uid}/propose", sent)

    coordinator.post(f"/board/{child.uid}/propose", sent, status=422)

    assert len(db.session.scalars(select(Pairing.id)).all()) == 1


def test_the_rules_are_asked_again_under_the_lock(child: Child, team: Team, county: Area) -> None:
    by = somebody(Role.COORDINATOR, county.id)
    for volunteer in members(team):
        lapsed = select(Evidence.id).where(
            Evidence.volunteer_id == volunteer.id, Evidence.kind == EvidenceKind.SCREENING
        )
        change(
            db.session.get_one(Evidence, db.session.scalars(lapsed).one()),
            valid_until=TODAY - timedelta(days=1),
        )

    with pytest.raises(RuleBroken, match="手续齐全"):
        proposed(child, team, by=by)


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.ACTIVE])
def test_only_active_volunteers_count(child: Child, team: Team, status: Status) -> None:
    change(members(team)[1], status=status)

    with pytest.raises(RuleBroken, match="至少要 2 人"):
        proposed(child, team)


def test_a_dissolved_team_is_not_proposed(child: Child, team: Team) -> None:
    change(team, dissolved_at=child.reported_at)

    with pytest.raises(RuleBroken, match="已经解散"):
        proposed(child, team)


def test_consent_is_asked_for_again_under_the_lock(village: Area, team: Team) -> None:
    child = consented(a_child(village), but=Purpose.SHARE_WITH_ORG)

    with pytest.raises(RuleBroken, match="缺少有效的同意：同意让志愿者组织知道必要信息"):
        proposed(child, team)


@pytest.mark.parametrize("stage", [NeedState.VERIFIED, NeedState.MATCHED, NeedState.WITHDRAWN])
def test_only_a_child_that_waits_is_proposed(village: Area, team: Team, stage: NeedState) -> None:
    with pytest.raises(RuleBroken, match="现在不在等待结对"):
        proposed(a_consented_child(village, state=stage), team)


def test_a_child_has_one_live_pairing(child: Child, county: Area) -> None:
    proposed(child, a_team(county))

    with pytest.raises(RuleBroken, match="刚刚已有人为这个孩子提出结对"):
        proposed(child, a_team(county))


def test_the_database_itself_refuses_a_second_live_pairing(child: Child, county: Area) -> None:
    a_pairing(child, a_team(county))

    with pytest.raises(IntegrityError):
        a_pairing(child, a_team(county))


def test_nobody_accompanies_a_third_child(village: Area, county: Area) -> None:
    eager = [an_active_volunteer(county, sex=Sex.FEMALE, capacity=9) for _turn in "ab"]
    team = a_team(county, members=eager)
    for _turn in "ab":
        proposed(a_consented_child(village), team)

    with pytest.raises(RuleBroken, match="没有名额了"):
        proposed(a_consented_child(village), team)


def test_children_of_a_members_other_team_count_too(village: Area, county: Area) -> None:
    shared = an_active_volunteer(county, sex=Sex.FEMALE, capacity=1)
    first = a_team(county, members=[shared, an_active_volunteer(county)])
    second = a_team(county, members=[shared, an_active_volunteer(county)])
    proposed(a_consented_child(village), first)

    with pytest.raises(RuleBroken, match="没有名额了"):
        proposed(a_consented_child(village), second)


def test_time_that_is_not_shared_by_all_is_no_time(village: Area, county: Area) -> None:
    child = a_consented_child(village)
    busy = an_active_volunteer(county, sex=Sex.FEMALE)
    with transaction() as session:
        session.execute(
            update(TeamMember.metadata.tables["free_times"])
            .where(TeamMember.metadata.tables["free_times"].c.volunteer_id == busy.id)
            .values(weekday=2)
        )
    a_free_time(busy, weekday=5, start_minute=17 * 60 + 30, end_minute=20 * 60)

    with pytest.raises(RuleBroken, match="没有够长的共同空闲"):
        proposed(child, a_team(county, members=[busy, an_active_volunteer(county)]))


def test_a_neighbouring_counties_team_comes_only_when_the_city_says_so(
    child: Child, county: Area
) -> None:
    near = a_county(east_m=20_000, north_m=0)
    change(county, east_m=0, north_m=0)
    team = a_team(near)
    with pytest.raises(RuleBroken, match="路太远"):
        proposed(child, team)
    saved(
        ParameterValue(
            name="pairings.neighbours",
            effective_from=TODAY,
            value={"value": [f"{near.nbs_code}-{county.nbs_code}", "nonsense", 7, "1-2"]},
            source="测试",
        )
    )

    pairing = the(proposed(child, team))

    assert "points:distance:90" in pairing.reasons  # 59 minutes


@pytest.mark.parametrize(
    "strange",
    [
        ("pairings.school_year_end", [2, 30]),
        ("pairings.school_year_end", ["x"]),
        ("pairings.factor_points", [1, 2]),
        ("pairings.factor_points", ["a", "b", "c", "d", "e"]),
        ("pairings.fewest_adults", 0),
    ],
)
def test_a_value_nobody_can_read_counts_as_the_declared_one(
    coordinator: Browser, child: Child, team: Team, strange: tuple[str, object]
) -> None:
    name, value = strange
    saved(ParameterValue(name=name, effective_from=TODAY, value={"value": value}, source="测试"))

    page = coordinator.get(f"/board/{child.uid}/choose/{team.uid}")

    assert page.form("propose")["ends_on"] == "2027-07-10"
