"""The board and the life of a pairing: who proposes, who else decides, who sees what."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from campaigns.numbers.models import DayCount
from campaigns.rules import Measure
from children.models import Child
from children.rules import NeedState, Purpose, Risk
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.parameters import ParameterValue
from messages.models import Message
from pairings import queries, services
from pairings.models import Pairing
from pairings.proposals import services as proposals
from pairings.proposals.services import Proposal
from pairings.rules import EndReason, Stage, school_year_end
from pairings.services import Ending
from places.models import Area
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign
from tests.builders.children import a_child, a_consented_child, consented
from tests.builders.pairings import a_pairing
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.volunteers import a_free_time, a_team, an_active_volunteer
from tests.conftest import AtMost, BrowseAs
from tests.factories import CANARY, saved
from volunteers.models import Evidence, Volunteer
from volunteers.rules import EvidenceKind, Sex, Status
from volunteers.teams.models import Team, TeamMember

TODAY = date(2026, 11, 24)


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county()


@pytest.fixture
def village(county: Area) -> Area:
    return a_village(a_township(county))


@pytest.fixture
def child(village: Area) -> Child:
    return a_consented_child(village)


@pytest.fixture
def team(county: Area) -> Team:
    return a_team(county)


@pytest.fixture
def coordinator(county: Area, browse_as: BrowseAs) -> Browser:
    return staff(browse_as, Role.COORDINATOR, county)


@pytest.fixture
def colleague(county: Area, browse_as: BrowseAs) -> Browser:
    return staff(browse_as, Role.COORDINATOR, county)


def staff(browse_as: BrowseAs, role: Role, area: Area) -> Browser:
    browser = browse_as(a_member_of_staff(role, area_id=area.id))
    browser.may_see_children = True
    return browser


def a_supervisor(child: Child) -> int:
    return a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=child.township_id)


def somebody(role: Role, area_id: int | None) -> Actor:
    return actor_for(a_member_of_staff(role, area_id=area_id))


def a_proposal(team: Team, **given: Any) -> dict[str, Any]:
    fields = {"team": team.uid, "note": "每周都有空，会辅导作业", "ends_on": "2027-07-10"}
    return fields | {"campaign": ""} | given


def proposed(child: Child, team: Team, **given: Any) -> str:
    """Propose by the service, as some coordinator of the county; return the uid."""
    by = given.pop("by", None) or somebody(Role.COORDINATOR, child.county_id)
    proposal = Proposal(team.uid, "每周都有空", date(2027, 7, 10), **given)
    return proposals.propose(child.uid, proposal, by=by)


def the(uid: str) -> Pairing:
    return db.session.scalars(select(Pairing).where(Pairing.uid == uid)).one()


def state(child: Child) -> NeedState:
    return db.session.scalars(select(Child.state).where(Child.id == child.id)).one()


def members(team: Team) -> list[Volunteer]:
    return list(
        db.session.scalars(
            select(Volunteer)
            .join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
            .where(TeamMember.team_id == team.id)
            .order_by(TeamMember.id)
        )
    )


def change(row: Any, **values: Any) -> None:
    """Write other values into a row."""
    with transaction() as session:
        session.execute(update(type(row)).where(type(row).id == row.id).values(**values))


def aliases(page: Page, place: int = 0) -> list[str]:
    """Return whom a column of the board shows."""
    return [
        " ".join(one.get_text().split()) for one in page.soup.select(".col")[place].select(".kid b")
    ]


def told(kind: str) -> set[int | None]:
    return set(db.session.scalars(select(Message.person_id).where(Message.kind == kind)))


# the board


def test_the_board_shows_who_waits_the_longest_first(coordinator: Browser, village: Area) -> None:
    late = a_consented_child(village, open_since=TODAY - timedelta(days=2))
    early = a_consented_child(village, open_since=TODAY - timedelta(days=30))
    lacking = consented(a_child(village), but=Purpose.ASSENT)
    a_consented_child(village, state=NeedState.VERIFIED)
    a_pairing(a_consented_child(village), a_team(db.session.get_one(Area, late.county_id)))
    a_consented_child()

    page = coordinator.get("/board")

    assert aliases(page) == [early.alias, late.alias]
    assert aliases(page, 1) == [lacking.alias]
    assert "缺：孩子本人愿意" in page.text


def test_the_board_narrows_down_to_a_need(coordinator: Browser, village: Area) -> None:
    a_consented_child(village, needs=["reading"])
    sporty = a_consented_child(village, needs=["sports"])

    assert aliases(coordinator.get("/board?need=sports")) == [sporty.alias]
    assert "没有这种需要的孩子在等" in coordinator.get("/board?need=career").text
    assert len(aliases(coordinator.get("/board?need=gold"))) == 2


def test_an_empty_board_says_so(coordinator: Browser) -> None:
    assert "现在没有孩子在等" in coordinator.get("/board").text


def test_the_board_asks_few_questions_and_turns_its_pages(
    coordinator: Browser, village: Area, at_most: AtMost
) -> None:
    waiting = [a_consented_child(village) for _turn in range(53)]
    for _turn in range(25):
        a_child(village)

    with at_most(7):
        page = coordinator.get("/board")
    (further,) = page.links("after=")

    assert aliases(page) + aliases(coordinator.get(further)) == [child.alias for child in waiting]
    assert page.links("consent=lacking")


def test_teams_are_ranked_with_reasons_in_words(
    coordinator: Browser, child: Child, county: Area, at_most: AtMost
) -> None:
    skilled = [
        an_active_volunteer(county, sex=Sex.FEMALE, skills=["homework"]),
        an_active_volunteer(county),
    ]
    best = a_team(county, members=skilled)
    second = a_team(county)
    men = a_team(county, members=[an_active_volunteer(county, sex=Sex.MALE) for _ in "ab"])
    a_team(a_county())
    uid = child.uid

    with at_most(8):
        page = coordinator.get(f"/board/{uid}")

    assert [text.split()[0] for text in page.texts("form .cand h3")] == [best.name, second.name]
    assert page.texts("form .cand:first-of-type .tag") == [
        "每周共有 9 小时空闲",
        "能帮上：辅导作业",
        "就在本县",
        "现在没有结对",
    ]
    assert page.texts(".cand.blocked .why") == ["女孩身边须有一位女性成员"]
    assert page.texts(".cand.blocked h3")[0].split()[0] == men.name


def test_a_long_list_of_teams_is_cut_but_can_be_seen_whole(
    coordinator: Browser, child: Child, county: Area
) -> None:
    for _turn in range(21):
        a_team(county)

    page = coordinator.get(f"/board/{child.uid}")
    (whole,) = page.links("show=all")

    assert len(page.texts("form .cand")) == 20
    assert len(coordinator.get(whole).texts("form .cand")) == 21


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


# proposing


def test_a_coordinator_proposes_and_a_colleague_approves(
    coordinator: Browser, colleague: Browser, child: Child, team: Team
) -> None:
    supervisor = a_supervisor(child)
    campaign = a_campaign(area_id=child.county_id)
    page = coordinator.get(f"/board/{child.uid}")
    assert page.form("propose")["ends_on"] == "2027-07-10"

    page = coordinator.post(
        f"/board/{child.uid}/propose",
        page.form("propose") | a_proposal(team, campaign=campaign.uid),
    )
    assert page.notices == ["已提出，等另一位同事审批"]
    assert "这是您提出的，由另一位同事审批。" in page.text
    (uid,) = db.session.scalars(select(Pairing.uid))
    assert state(child) is NeedState.OPEN

    page = colleague.get(f"/pairings/{uid}")
    page = colleague.post(f"/pairings/{uid}/decide", page.form("decide") | {"decision": "approve"})

    pairing = the(uid)
    assert page.notices == ["已批准，已通知小组成员"]
    assert (pairing.stage, pairing.supervisor_id) == (Stage.APPROVED, supervisor)
    assert pairing.decided_by_id != pairing.proposed_by_id
    assert state(child) is NeedState.MATCHED
    assert told("pairing_approved") == {member.person_id for member in members(team)}
    counted = db.session.scalars(select(DayCount)).one()
    assert (counted.campaign_id, counted.county_id, counted.measure, counted.count) == (
        campaign.id,
        child.county_id,
        Measure.PAIRINGS,
        1,
    )


def test_messages_carry_nothing_of_the_child(app: Flask, child: Child, team: Team) -> None:
    a_supervisor(child)
    uid = proposed(child, team)
    proposals.approve(uid, "", by=somebody(Role.COORDINATOR, child.county_id))

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

    with pytest.raises(RuleBroken, match="手续齐全、正在服务的成员只有 0 人"):
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

    with pytest.raises(RuleBroken, match="有 2 名成员陪伴的孩子已满"):
        proposed(a_consented_child(village), team)


def test_children_of_a_members_other_team_count_too(village: Area, county: Area) -> None:
    shared = an_active_volunteer(county, sex=Sex.FEMALE, capacity=1)
    first = a_team(county, members=[shared, an_active_volunteer(county)])
    second = a_team(county, members=[shared, an_active_volunteer(county)])
    proposed(a_consented_child(village), first)

    with pytest.raises(RuleBroken, match="有 1 名成员陪伴的孩子已满"):
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

    with pytest.raises(RuleBroken, match="只有 30 分钟"):
        proposed(child, a_team(county, members=[busy, an_active_volunteer(county)]))


def test_a_neighbouring_counties_team_comes_only_when_the_city_says_so(
    child: Child, county: Area
) -> None:
    near = a_county()
    team = a_team(near)
    with pytest.raises(RuleBroken, match="不在可以结对的县"):
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

    assert "county:near" in pairing.reasons


@pytest.mark.parametrize(
    "strange",
    [
        ("pairings.school_year_end", [2, 30]),
        ("pairings.school_year_end", ["x"]),
        ("pairings.points", [1, 2]),
        ("pairings.points", ["a", "b", "c", "d"]),
        ("pairings.fewest_adults", 0),
    ],
)
def test_a_value_nobody_can_read_counts_as_the_declared_one(
    coordinator: Browser, child: Child, team: Team, strange: tuple[str, object]
) -> None:
    name, value = strange
    saved(ParameterValue(name=name, effective_from=TODAY, value={"value": value}, source="测试"))

    page = coordinator.get(f"/board/{child.uid}")

    assert page.form("propose")["ends_on"] == "2027-07-10"
    assert page.texts("form .cand .ring text") == ["68"]


# deciding


def test_nobody_decides_on_their_own_proposal(child: Child, team: Team, county: Area) -> None:
    by = somebody(Role.COORDINATOR, county.id)
    uid = proposed(child, team, by=by)

    for decide in (proposals.approve, proposals.decline):
        with pytest.raises(RuleBroken, match="自己提出的结对要由另一个人审批"):
            decide(uid, "", by=by)


def test_the_database_itself_wants_two_people(child: Child, team: Team, county: Area) -> None:
    one = a_member_of_staff(Role.COORDINATOR, area_id=county.id)

    with pytest.raises(IntegrityError):
        a_pairing(child, team, stage=Stage.APPROVED, proposed_by_id=one, decided_by_id=one)


def test_high_risk_is_the_safeguarding_leads_decision(
    village: Area, team: Team, county: Area
) -> None:
    child = a_consented_child(village, risk=Risk.HIGH)
    a_supervisor(child)
    uid = proposed(child, team)

    with pytest.raises(RuleBroken, match="由未保专员审批"):
        proposals.approve(uid, "", by=somebody(Role.COORDINATOR, county.id))
    proposals.approve(uid, "", by=somebody(Role.SAFEGUARDING_LEAD, a_city().id))

    assert the(uid).stage is Stage.APPROVED


def test_without_a_supervisor_nothing_is_approved(child: Child, team: Team, county: Area) -> None:
    uid = proposed(child, team)

    with pytest.raises(RuleBroken, match="现在没有儿童督导员"):
        proposals.approve(uid, "", by=somebody(Role.COORDINATOR, county.id))

    assert (the(uid).stage, state(child)) == (Stage.PROPOSED, NeedState.OPEN)
    assert told("pairing_approved") == set()


def test_what_has_lapsed_since_the_proposal_is_not_approved(
    child: Child, team: Team, county: Area
) -> None:
    a_supervisor(child)
    uid = proposed(child, team)
    change(members(team)[0], status=Status.SUSPENDED)

    with pytest.raises(RuleBroken, match="至少要 2 人"):
        proposals.approve(uid, "", by=somebody(Role.COORDINATOR, county.id))


def test_a_no_needs_its_reason_and_reaches_the_proposer(
    coordinator: Browser, colleague: Browser, child: Child, team: Team
) -> None:
    coordinator.post(f"/board/{child.uid}/propose", a_proposal(team))
    (uid,) = db.session.scalars(select(Pairing.uid))

    page = colleague.post(f"/pairings/{uid}/decide", {"decision": "decline"}, status=422)
    assert page.texts("#note-wrong") == ["错误：不批准请写明理由"]
    colleague.post(f"/pairings/{uid}/decide", {"decision": "decline", "note": "路太远"})

    pairing = the(uid)
    assert (pairing.stage, pairing.decision_note) == (Stage.DECLINED, "路太远")
    assert state(child) is NeedState.OPEN
    assert told("pairing_declined") == {pairing.proposed_by_id}
    assert "路太远" in coordinator.get(f"/pairings/{uid}").text
    with pytest.raises(RuleBroken, match="被否决过"):
        proposed(child, team)


def test_what_is_decided_stays_decided(
    colleague: Browser, child: Child, team: Team, county: Area
) -> None:
    uid = proposed(child, team)
    proposals.decline(uid, "路太远", by=somebody(Role.COORDINATOR, county.id))

    page = colleague.post(f"/pairings/{uid}/decide", {"decision": "approve"}, status=422)

    assert any("审批过了" in error or "督导员" in error for error in page.errors)
    assert the(uid).stage is Stage.DECLINED


@pytest.mark.parametrize("decision", ["", "maybe"])
def test_a_decision_is_a_yes_or_a_no(
    colleague: Browser, child: Child, team: Team, decision: str
) -> None:
    uid = proposed(child, team)

    page = colleague.post(f"/pairings/{uid}/decide", {"decision": decision}, status=422)

    assert page.errors
    assert the(uid).stage is Stage.PROPOSED


# ending


def test_a_pairing_ends_with_a_reason_and_the_child_waits_again(
    coordinator: Browser, child: Child, team: Team
) -> None:
    change(child, state=NeedState.MATCHED)
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    page = coordinator.get(f"/pairings/{pairing.uid}")

    coordinator.post(
        f"/pairings/{pairing.uid}/end",
        page.form("/end") | {"reason": "team_left", "note": "已和孩子告别"},
    )

    ended = the(pairing.uid)
    assert (ended.stage, ended.end_reason) == (Stage.ENDED, EndReason.TEAM_LEFT)
    assert ended.ended_at is not None
    assert state(child) is NeedState.OPEN
    assert told("pairing_ended") == {member.person_id for member in members(team)}
    assert db.session.scalars(select(Child.open_since).where(Child.id == child.id)).one() == TODAY


def test_a_need_can_be_met(child: Child, team: Team, county: Area) -> None:
    change(child, state=NeedState.MATCHED)
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    by = somebody(Role.SAFEGUARDING_LEAD, county.id)

    services.end(pairing.uid, Ending(EndReason.TERM_OVER, need_met=True), by=by)

    assert state(child) is NeedState.MET
    with pytest.raises(RuleBroken, match="已经结束了"):
        services.end(pairing.uid, Ending(EndReason.TERM_OVER), by=by)


def test_a_team_that_parted_well_is_known_and_one_that_did_not_is_not_offered(
    child: Child, county: Area
) -> None:
    well, badly = a_team(county), a_team(county)
    a_pairing(child, well, stage=Stage.ENDED, end_reason=EndReason.TERM_OVER)
    a_pairing(child, badly, stage=Stage.ENDED, end_reason=EndReason.CHILD_SAYS_NO)

    with pytest.raises(RuleBroken, match="不合适的结束"):
        proposed(child, badly)
    assert "known" in the(proposed(child, well)).reasons


def test_safeguarding_ends_it_for_good(child: Child, team: Team, county: Area) -> None:
    change(child, state=NeedState.MATCHED)
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)

    services.end(
        pairing.uid, Ending(EndReason.SAFEGUARDING), by=somebody(Role.COORDINATOR, county.id)
    )

    assert the(pairing.uid).stage is Stage.TERMINATED_SAFEGUARDING


def test_a_proposal_is_taken_back_by_who_made_it_only(
    coordinator: Browser, colleague: Browser, child: Child, team: Team
) -> None:
    coordinator.post(f"/board/{child.uid}/propose", a_proposal(team))
    (uid,) = db.session.scalars(select(Pairing.uid))
    end = {"reason": "other", "note": "选错了"}

    refused = colleague.post(f"/pairings/{uid}/end", end, status=422)
    assert "别人提出的结对请批准或不批准" in refused.errors
    coordinator.post(f"/pairings/{uid}/end", end)

    assert the(uid).stage is Stage.ENDED
    assert state(child) is NeedState.OPEN
    assert told("pairing_ended") == set()


@pytest.mark.parametrize(
    "given", [{"reason": ""}, {"reason": "consent_withdrawn"}, {"note": ""}, {"note": "1" * 201}]
)
def test_an_ending_says_why(
    coordinator: Browser, child: Child, team: Team, given: dict[str, str]
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    sent = {"reason": "other", "note": "搬家"} | given

    page = coordinator.post(f"/pairings/{pairing.uid}/end", sent, status=422)

    assert page.errors
    assert the(pairing.uid).stage is Stage.ACTIVE


def test_everything_of_a_child_ends_whatever_its_state(child: Child, county: Area) -> None:
    by = somebody(Role.COORDINATOR, county.id)
    pairing = a_pairing(child, a_team(county), stage=Stage.PAUSED)
    change(child, state=NeedState.AGED_OUT)

    with transaction():
        ended = services.end_for_child(child.id, EndReason.CONSENT_WITHDRAWN, by)
        again = services.end_for_child(child.id, EndReason.CONSENT_WITHDRAWN, by)

    assert (ended, again) == ([pairing.id], [])
    assert state(child) is NeedState.AGED_OUT


# who sees what


def test_volunteers_see_the_little_they_need(browse_as: BrowseAs, child: Child, team: Team) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE, note=CANARY)
    browser = browse_as(members(team)[1].person_id)

    page = browser.get(f"/pairings/{pairing.uid}")

    for shown in (child.alias, "8–10 岁", "画画", "不吃花生", "辅导作业"):
        assert shown in page.text
    names = db.session.scalars(select(Area.name)).all()
    for hidden in (*names, "留守", "风险", "女孩", "督导员"):
        assert hidden not in page.text
    assert not page.links("/children") + page.links("/board")
    assert browser.get("/pairings").texts("tbody th a") == [child.alias]
    assert not any(name in browser.get("/pairings").html for name in names)


@pytest.mark.parametrize(
    "stage", [Stage.PROPOSED, Stage.ENDED, Stage.DECLINED, Stage.TERMINATED_SAFEGUARDING]
)
def test_volunteers_hear_of_no_child_before_or_after(
    browse_as: BrowseAs, child: Child, team: Team, stage: Stage
) -> None:
    pairing = a_pairing(child, team, stage=stage)
    browser = browse_as(members(team)[0].person_id)

    browser.get(f"/pairings/{pairing.uid}", status=404)

    for tab in ("live", "decide", "proposed", "over", "x"):
        assert browser.get(f"/pairings?tab={tab}").texts("tbody th") == []


def test_a_suspended_volunteer_sees_the_child_no_more(
    browse_as: BrowseAs, child: Child, team: Team
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    volunteer = members(team)[1]
    browser = browse_as(volunteer.person_id)
    browser.get(f"/pairings/{pairing.uid}")

    change(volunteer, status=Status.SUSPENDED)

    browser.get(f"/pairings/{pairing.uid}", status=404)


def test_a_volunteer_of_another_team_finds_nothing(
    browse_as: BrowseAs, child: Child, team: Team, county: Area
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    browser = browse_as(members(a_team(county))[0].person_id)

    browser.get(f"/pairings/{pairing.uid}", status=404)
    assert "这里还没有结对" in browser.get("/pairings").text


def test_village_and_township_follow_their_own(
    browse_as: BrowseAs, child: Child, team: Team, village: Area
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    elsewhere = a_village()

    for role, mine, other in (
        (Role.CHILD_DIRECTOR, village.id, elsewhere.id),
        (Role.CHILD_SUPERVISOR, village.parent_id, elsewhere.parent_id),
    ):
        near = browse_as(a_member_of_staff(role, area_id=mine))
        near.may_see_children = True
        assert not near.get(f"/pairings/{pairing.uid}").soup.select("form[action$=end]")
        near.post(f"/pairings/{pairing.uid}/end", {}, status=403)
        browse_as(a_member_of_staff(role, area_id=other)).get(
            f"/pairings/{pairing.uid}", status=404
        )


def test_a_director_who_decides_elsewhere_decides_nothing_here(
    browse_as: BrowseAs, child: Child, team: Team, village: Area
) -> None:
    uid = proposed(child, team)
    person = a_member_of_staff(Role.CHILD_DIRECTOR, area_id=village.id)
    a_grant(person, Role.COORDINATOR, area_id=a_county().id)
    browser = browse_as(person)
    browser.may_see_children = True

    browser.get(f"/pairings/{uid}")
    browser.post(f"/pairings/{uid}/decide", {"decision": "approve"}, status=404)
    browser.post(f"/pairings/{uid}/end", {"reason": "other", "note": "x"}, status=404)
    with pytest.raises(NotYours):
        proposals.approve(uid, "", by=actor_for(person))


def test_a_neighbouring_coordinator_finds_nothing(
    browse_as: BrowseAs, child: Child, team: Team
) -> None:
    uid = proposed(child, team)
    neighbour = staff(browse_as, Role.COORDINATOR, a_county())

    neighbour.get(f"/board/{child.uid}", status=404)
    neighbour.post(f"/board/{child.uid}/propose", a_proposal(team), status=404)
    neighbour.get(f"/pairings/{uid}", status=404)
    neighbour.post(f"/pairings/{uid}/decide", {"decision": "approve"}, status=404)
    assert neighbour.get("/pairings?tab=proposed").texts("tbody th") == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDITOR, Role.CITY_COORDINATOR, Role.ORG_LEAD])
def test_other_roles_have_no_business_here(
    browse_as: BrowseAs, child: Child, team: Team, role: Role
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    browser = browse_as(a_member_of_staff(role, area_id=child.county_id))

    for url in ("/board", f"/board/{child.uid}", "/pairings", f"/pairings/{pairing.uid}"):
        browser.get(url, status=403)


def test_a_visitor_is_asked_to_sign_in(visitor: Browser, child: Child) -> None:
    for url in ("/board", f"/board/{child.uid}", "/pairings"):
        visitor.get(url, status=302)


# lists and what waits


def test_the_list_turns_its_pages(
    coordinator: Browser, village: Area, county: Area, at_most: AtMost
) -> None:
    team = a_team(county)
    made = [
        a_pairing(a_child(village, state=NeedState.MATCHED), team, stage=Stage.ACTIVE).child_id
        for _turn in range(52)
    ]

    with at_most(6):
        page = coordinator.get("/pairings")
    (further,) = page.links("after=")
    shown = page.texts("tbody th a") + coordinator.get(further).texts("tbody th a")

    by_id = {row.id: row.alias for row in db.session.execute(select(Child.id, Child.alias))}
    assert shown == [by_id[child_id] for child_id in reversed(made)]


def test_what_waits_on_the_board_and_for_a_decision(
    browse_as: BrowseAs, coordinator: Browser, colleague: Browser, village: Area
) -> None:
    county = db.session.get_one(Area, db.session.get_one(Area, village.parent_id).parent_id)
    waiting = a_consented_child(village)
    high = a_consented_child(village, risk=Risk.HIGH)
    mine = a_consented_child(village)
    lead = staff(browse_as, Role.SAFEGUARDING_LEAD, county)
    proposed(high, a_team(county))
    coordinator.post(f"/board/{mine.uid}/propose", a_proposal(a_team(county)))

    (board,) = coordinator.get("/home").links("/board")[-1:]
    assert aliases(coordinator.get(board)) == [waiting.alias]
    for browser, expected in (
        (coordinator, []),
        (colleague, [mine.alias]),
        (lead, [mine.alias, high.alias]),
    ):
        links = browser.get("/home").links("/pairings?tab=decide")
        assert len(links) == bool(expected)
        assert browser.get("/pairings?tab=decide").texts("tbody th a") == expected


def test_a_volunteer_is_led_to_the_child(browse_as: BrowseAs, village: Area, county: Area) -> None:
    team = a_team(county)
    first = a_pairing(a_child(village, state=NeedState.MATCHED), team, stage=Stage.ACTIVE)
    person = actor_for(members(team)[0].person_id)

    assert [row.uid for row in queries.accompanied(person)] == [first.uid]
    browser = browse_as(members(team)[0].person_id)
    assert browser.get("/home").links(f"/pairings/{first.uid}")
    a_pairing(a_child(village, state=NeedState.MATCHED), team, stage=Stage.ACTIVE)
    assert "我陪伴的孩子" in browser.get("/home").text


def test_a_team_is_in_use_while_it_is_proposed_or_accompanies(child: Child, team: Team) -> None:
    assert not queries.team_in_use(team.id)
    uid = proposed(child, team)
    assert queries.team_in_use(team.id)
    proposals.decline(uid, "不合适", by=somebody(Role.COORDINATOR, child.county_id))
    assert not queries.team_in_use(team.id)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 11, 24), date(2027, 7, 10)),
        (date(2027, 6, 10), date(2027, 7, 10)),
        (date(2027, 6, 11), date(2028, 7, 10)),
        (date(2027, 7, 11), date(2028, 7, 10)),
    ],
)
def test_a_pairing_lasts_to_the_end_of_the_school_year(day: date, end: date) -> None:
    assert school_year_end(day, 7, 10) == end


def test_in_english_nothing_is_left_in_chinese_words(
    coordinator: Browser, child: Child, team: Team
) -> None:
    assert coordinator.get(f"/en/board/{child.uid}").soup.select("html[lang=en]")
