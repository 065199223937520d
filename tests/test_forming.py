"""Forming teams: pairs are searched for apart, people decide, and everything is checked anew."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core import apart, clock
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.models import Message
from places.models import Area, Organisation
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.volunteers import (
    a_free_time,
    a_team,
    a_volunteer,
    an_active_volunteer,
    an_evidence,
    an_hour_entry,
    cleared,
)
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.factories import saved
from tests.races import ENGINES, at_once, site_on
from volunteers import services as volunteers
from volunteers.models import FreeTime, Volunteer
from volunteers.rules import EvidenceKind, Outcome, Sex, Status
from volunteers.teams.forming import queries, services
from volunteers.teams.forming.models import TeamLeft, TeamProposal, TeamRun
from volunteers.teams.forming.rules import Fate, State, Why
from volunteers.teams.forming.steps import services as steps
from volunteers.teams.models import Team, TeamMember, TeamRefusal
from volunteers.teams.rules import Refusal


def nobody(_team_ids: object) -> Mapping[int, int]:
    """Say that no team has a child."""
    return {}


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county(name="榆次区")


@pytest.fixture
def coordinator(county: Area) -> int:
    return a_member_of_staff(Role.COORDINATOR, area_id=county.id)


@pytest.fixture
def by(coordinator: int) -> Actor:
    return actor_for(coordinator)


@pytest.fixture
def desk(coordinator: int, browse_as: BrowseAs) -> Browser:
    return browse_as(coordinator)


def found(county: Area, by: Actor, children: Any = nobody) -> TeamRun:
    """Return a run that has been worked out."""
    uid = services.start(county.id, by=by)
    assert steps.go_on(children) == 1
    return the_run(uid)


def the_run(uid: str) -> TeamRun:
    db.session.expire_all()
    return db.session.scalars(select(TeamRun).where(TeamRun.uid == uid)).one()


def pairs(run: TeamRun) -> list[TeamProposal]:
    asked = select(TeamProposal).where(TeamProposal.run_id == run.id).order_by(TeamProposal.id)
    return list(db.session.scalars(asked))


def left(run: TeamRun) -> dict[int, Why]:
    rows = db.session.execute(
        select(TeamLeft.volunteer_id, TeamLeft.why).where(TeamLeft.run_id == run.id)
    )
    return {row.volunteer_id: row.why for row in rows}


def two(county: Area, **given: Any) -> tuple[Volunteer, Volunteer]:
    return an_active_volunteer(county, **given), an_active_volunteer(county, **given)


def teams() -> int:
    return db.session.scalar(select(func.count()).select_from(Team)) or 0


# --- the search ----------------------------------------------------------------------------------


def test_whoever_looks_for_a_team_is_paired_and_nobody_is_told(county: Area, by: Actor) -> None:
    one, other = two(county)
    an_hour_entry(other, minutes=700)

    run = found(county, by)

    (pair,) = pairs(run)
    assert (run.state, run.total, run.optimal, run.points) == (State.READY, 2, True, pair.points)
    assert (pair.one_id, pair.two_id, pair.leader_id) == (one.id, other.id, other.id)
    assert pair.reasons[0] == "time:540:40"
    assert pair.reasons[3] == "experience:1:20"
    assert db.session.scalar(select(Message.id)) is None
    assert teams() == 0


def test_who_is_not_looking_is_left_out_and_counted(county: Area, by: Actor) -> None:
    one, other = two(county)
    a_team(county)
    an_active_volunteer()
    a_volunteer(county)
    run = found(county, by)
    assert (run.total, run.settled) == (2, 2)
    assert [(pair.one_id, pair.two_id) for pair in pairs(run)] == [(one.id, other.id)]


def test_who_would_join_another_team_is_looking(county: Area, by: Actor) -> None:
    member, partner = two(county, wants_team=True, capacity=2)
    a_team(county, members=[member, partner])
    third = an_active_volunteer(county)
    run = found(county, by)
    assert (run.total, run.settled) == (3, 0)
    assert [pair.two_id for pair in pairs(run)] == [third.id], "not the two who are together"


@pytest.mark.parametrize(("children", "why"), [(0, Why.ALONE), (1, Why.ALONE), (2, Why.FULL)])
def test_a_member_whose_children_are_enough_joins_no_other_team(
    county: Area, by: Actor, children: int, why: Why
) -> None:
    member = an_active_volunteer(county, wants_team=True, capacity=2)
    team = a_team(county, members=[member, an_active_volunteer(county)])
    run = found(county, by, lambda _ids: {team.id: children})
    assert left(run)[member.id] is why


def test_whoever_cannot_be_paired_is_told_why_and_a_hit_is_not_told(
    county: Area, by: Actor
) -> None:
    lapsed = cleared(a_volunteer(county, status=Status.ACTIVE), but=EvidenceKind.SCREENING)
    hit = cleared(a_volunteer(county, status=Status.ACTIVE), but=EvidenceKind.SCREENING)
    an_evidence(hit, EvidenceKind.SCREENING, outcome=Outcome.HIT)
    silent = cleared(a_volunteer(county, status=Status.ACTIVE))
    monday = cleared(a_volunteer(county, status=Status.ACTIVE))
    a_free_time(monday, weekday=0)
    two(county)
    found_left = left(found(county, by))
    assert found_left == {
        lapsed.id: Why.NOT_CLEARED,
        hit.id: Why.NOT_CLEARED,
        silent.id: Why.NO_FREE_TIME,
        monday.id: Why.NO_TIME,
    }


def test_how_near_two_are_is_told_by_their_schools(county: Area, by: Actor) -> None:
    far = a_county(tile_column=9, tile_row=9)
    with transaction():
        county.tile_column, county.tile_row = 0, 0
    school = saved(Organisation(kind=OrgKind.UNIVERSITY, name="示例大学", area_id=far.id))
    away = an_active_volunteer(county, org_id=school.id)
    one, other = two(county)
    run = found(county, by)
    assert left(run) == {away.id: Why.TOO_FAR}
    assert pairs(run)[0].reasons[2] == "county:0:10"
    assert {pairs(run)[0].one_id, pairs(run)[0].two_id} == {one.id, other.id}


def test_one_search_at_a_time_goes_on_in_a_county(county: Area, by: Actor) -> None:
    uid = services.start(county.id, by=by)
    with pytest.raises(RuleBroken, match="正在算一次"):
        services.start(county.id, by=by)
    services.cancel(uid, by=by)
    services.start(county.id, by=by)
    with pytest.raises(IntegrityError):
        saved(TeamRun(county_id=county.id, by_id=by.id))


def test_nobody_searches_in_a_neighbours_county(county: Area, by: Actor) -> None:
    with pytest.raises(NotYours):
        services.start(a_county().id, by=by)


def test_a_search_that_is_cancelled_meanwhile_stores_nothing(
    county: Area, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    two(county)
    uid = services.start(county.id, by=by)

    def words(*asked: Any, **how: Any) -> Any:
        for said in apart.words(*asked, **how):
            if the_run(uid).state is State.WORKING:
                services.cancel(uid, by=by)
            yield said

    monkeypatch.setattr(steps, "words", words)
    assert steps.go_on(nobody) == 1
    run = the_run(uid)
    assert (run.state, pairs(run)) == (State.CANCELLED, [])
    with pytest.raises(RuleBroken, match="已经算完"):
        services.cancel(uid, by=by)


def test_a_process_that_gives_no_answer_fails_the_run_and_the_next_may_begin(
    county: Area, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    two(county)
    with monkeypatch.context() as patch:
        patch.setattr(steps, "WORKER", "nothing.of.the.kind")
        run = found(county, by)
    assert run.state is State.FAILED
    assert found(county, by).state is State.READY


def test_a_search_whose_process_died_is_done_by_the_next_after_a_minute(
    county: Area, by: Actor, set_clock: SetClock
) -> None:
    two(county)
    uid = services.start(county.id, by=by)
    slow = steps._claimed()  # noqa: SLF001 - the claim of a process that dies
    assert slow is not None
    assert steps.go_on(nobody) == 0, "somebody may still be at it"
    set_clock(NOON + timedelta(seconds=61))
    assert steps.go_on(nobody) == 1
    with pytest.raises(steps.Gone):
        steps._work(slow, nobody)  # noqa: SLF001 - it wakes up
    assert len(pairs(the_run(uid))) == 1


def test_a_long_silence_renews_the_claim(
    county: Area, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    two(county)
    monkeypatch.setattr(apart, "PATIENCE", 0.01)
    assert found(county, by).state is State.READY


def test_the_pairs_go_after_a_week_and_the_teams_stay(
    county: Area, by: Actor, set_clock: SetClock
) -> None:
    two(county)
    run = found(county, by)
    services.accept(run.uid, {pairs(run)[0].uid}, by=by, children=nobody)
    set_clock(NOON + timedelta(days=6, hours=23))
    assert services.forget() == 0
    set_clock(NOON + timedelta(days=7))
    with pytest.raises(RuleBroken, match="过期"):
        services.accept(run.uid, {"x"}, by=by, children=nobody)
    assert services.forget() == 1
    assert services.forget() == 0
    assert (the_run(run.uid).state, pairs(run), teams()) == (State.EXPIRED, [], 1)


# --- deciding ------------------------------------------------------------------------------------


def test_an_accepted_pair_is_a_team_and_its_members_are_told(county: Area, by: Actor) -> None:
    one, other = two(county)
    run = found(county, by)
    (pair,) = pairs(run)

    made = services.accept(run.uid, {pair.uid}, by=by, children=nobody)

    team = db.session.scalars(select(Team)).one()
    assert (made.made, made.outdated) == (1, 0)
    assert team.name == "榆次区 1 组"
    assert (pairs(run)[0].fate, pairs(run)[0].team_id) == (Fate.ACCEPTED, team.id)
    members = db.session.execute(select(TeamMember.volunteer_id, TeamMember.leads)).all()
    assert sorted(tuple(row) for row in members) == [(one.id, True), (other.id, False)]
    told = set(db.session.scalars(select(Message.person_id).where(Message.kind == "team_formed")))
    assert told == {one.person_id, other.person_id}
    with pytest.raises(RuleBroken, match="已经有人决定过"):
        services.accept(run.uid, {pair.uid}, by=by, children=nobody)


def suspended(county: Area, one: Volunteer, _other: Volunteer) -> None:
    lead = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
    volunteers.suspend(one.uid, reason="x", by=lead)


def lapsed(_county: Area, one: Volunteer, _other: Volunteer) -> None:
    an_evidence(one, EvidenceKind.SCREENING, dated=clock.today(), outcome=Outcome.HIT)


def has_a_team_now(county: Area, one: Volunteer, _other: Volunteer) -> None:
    a_team(county, members=[one, an_active_volunteer(county)])


def no_time(_county: Area, one: Volunteer, _other: Volunteer) -> None:
    with transaction() as session:
        session.execute(update(FreeTime).where(FreeTime.volunteer_id == one.id).values(weekday=0))


def refused_elsewhere(_county: Area, one: Volunteer, other: Volunteer) -> None:
    first, second = sorted((one.id, other.id))
    saved(TeamRefusal(one_id=first, two_id=second, reason=Refusal.SAID_NO))


@pytest.mark.parametrize("change", [suspended, lapsed, has_a_team_now, no_time, refused_elsewhere])
def test_what_has_changed_since_makes_no_team(county: Area, by: Actor, change: Any) -> None:
    one, _other = two(county)
    two(county, sex=Sex.MALE)
    run = found(county, by)
    mine = next(pair for pair in pairs(run) if one.id in {pair.one_id, pair.two_id})
    partner = next(iter({mine.one_id, mine.two_id} - {one.id}))
    change(county, one, db.session.get_one(Volunteer, partner))
    before = teams()

    uids = {pair.uid for pair in pairs(run)}
    made = services.accept(run.uid, uids, by=by, children=nobody)

    assert (made.made, made.outdated, teams() - before) == (1, 1, 1)
    fates = {pair.uid: pair.fate for pair in pairs(run)}
    assert fates[mine.uid] is Fate.OUTDATED


def test_a_refused_pair_is_not_proposed_again(county: Area, by: Actor) -> None:
    one, other = two(county)
    run = found(county, by)
    services.refuse(run.uid, pairs(run)[0].uid, Refusal.RELATED, by=by)
    assert pairs(run)[0].fate is Fate.REFUSED
    with pytest.raises(RuleBroken, match="已经有人决定过"):
        services.refuse(run.uid, pairs(run)[0].uid, Refusal.RELATED, by=by)
    with pytest.raises(RuleBroken, match="已经有人决定过"):
        services.accept(run.uid, {pairs(run)[0].uid}, by=by, children=nobody)
    assert left(found(county, by)) == {one.id: Why.REFUSED, other.id: Why.REFUSED}


@pytest.mark.parametrize("engine", ENGINES)
def test_of_two_who_accept_at_once_one_makes_the_team(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        county = a_county()
        actor = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
        two(county)
        run = found(county, actor)
        uid, run_uid = pairs(run)[0].uid, run.uid

        def accept() -> None:
            services.accept(run_uid, {uid}, by=actor, children=nobody)

        refused = at_once(app, accept, accept)

        assert sum(one is None for one in refused) == 1
        assert teams() == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_of_two_who_start_at_once_one_does(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        county = a_county()
        id_, actor = county.id, actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))

        def start() -> None:
            services.start(id_, by=actor)

        refused = at_once(app, start, start)

        assert sum(one is None for one in refused) == 1
        assert at_once(app, *[lambda: steps.go_on(nobody)] * 3) == [None] * 3
        assert db.session.scalars(select(TeamRun.state)).all() == [State.READY]


# --- the pages -----------------------------------------------------------------------------------


def test_a_coordinator_starts_follows_looks_and_accepts(
    desk: Browser, county: Area, coordinator: int
) -> None:
    an_active_volunteer(county, name="样例甲")
    an_active_volunteer(county, name="样例乙")
    monday = cleared(a_volunteer(county, name="样例丙", status=Status.ACTIVE))
    a_free_time(monday, weekday=0)
    assert desk.get("/teams").links("/teams/forming")
    assert "还没有配过对" in desk.get("/teams/forming").text

    page = desk.post("/teams/forming", {"county": str(county.id)})
    assert page.soup.select("[data-follow] progress")
    assert page.links(page.url), "a link does without scripts what the script does"
    assert "正在算一次" in desk.get("/teams/forming").text
    steps.go_on(nobody)

    page = desk.get(page.url)
    assert not page.soup.select("[data-follow]")
    assert "提出的几对 1 对" in page.text
    assert "每周一起有空 9 小时" in page.text
    assert "总分最高的配法" in page.text
    alone = desk.get(f"{page.url}?show=left").text
    assert "样例丙" in alone
    assert "和 2 个人都没有够长的共同空闲时间" in alone

    (picked,) = [box["value"] for box in page.soup.select("input[name=picked]")]
    preview = desk.post(f"{page.url}/accept", {"picked": [picked]})
    assert "成立 1 个小组" in preview.text
    assert teams() == 0
    kept = preview.soup.select("main form input[type=hidden]")
    sent = {str(one["name"]): one["value"] for one in kept if one["name"] != "csrf_token"}
    done = [desk.post(f"{page.url}/accept", sent) for _turn in range(2)]
    assert done[0].url == done[1].url == page.url
    assert teams() == 1
    assert "已成组" in desk.get(page.url).text
    assert [row.made_at for row in queries.runs(actor_for(coordinator), after=None).rows]


def test_accepting_nothing_and_accepting_what_has_changed_is_told(
    desk: Browser, county: Area, by: Actor
) -> None:
    one, _other = two(county)
    run = found(county, by)
    desk.post(f"/teams/forming/{run.uid}/accept", {"picked": []}, status=409)
    suspended(county, one, one)
    sent = {"picked": [pairs(run)[0].uid], "sure": "1"}
    assert "1 对没有成组" in desk.post(f"/teams/forming/{run.uid}/accept", sent).text
    assert "情况变了" in desk.get(f"/teams/forming/{run.uid}").text


def test_a_pair_is_refused_on_the_page(desk: Browser, county: Area, by: Actor) -> None:
    two(county)
    run = found(county, by)
    sent = {"pair": pairs(run)[0].uid, "reason": "said_no"}
    desk.post(f"/teams/forming/{run.uid}/refuse", sent | {"reason": "?"}, status=409)
    assert "不合适" in desk.post(f"/teams/forming/{run.uid}/refuse", sent).text
    assert db.session.scalars(select(TeamRefusal.reason)).all() == [Refusal.SAID_NO]


def test_a_search_is_cancelled_on_the_page(desk: Browser, county: Area, by: Actor) -> None:
    uid = services.start(county.id, by=by)
    desk.post(f"/teams/forming/{uid}/cancel", {})
    assert "已取消" in desk.get(f"/teams/forming/{uid}").text
    desk.post(f"/teams/forming/{uid}/cancel", {}, status=409)


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED, State.CANCELLED])
def test_a_run_without_pairs_says_so(desk: Browser, county: Area, by: Actor, state: State) -> None:
    run = saved(TeamRun(county_id=county.id, by_id=by.id, state=state, figures={"points": POINTS}))
    assert desk.get(f"/teams/forming/{run.uid}").soup.select(".tag")


POINTS = {"pair": 100, "time": 40, "woman": 20, "distance": 20, "experience": 20}


def test_a_neighbour_finds_no_run(browse_as: BrowseAs, county: Area, by: Actor) -> None:
    run = found(county, by)
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    neighbour.get(f"/teams/forming/{run.uid}", status=404)
    for what in ("accept", "refuse", "cancel"):
        neighbour.post(f"/teams/forming/{run.uid}/{what}", {}, status=404)


def test_a_page_of_pairs_costs_the_same_at_ten_and_at_a_hundred(
    desk: Browser, county: Area, by: Actor, at_most: AtMost
) -> None:
    for _turn in range(60):
        an_active_volunteer(county)
    run = found(county, by)
    with at_most(8):
        page = desk.get(f"/teams/forming/{run.uid}")
    assert len(page.soup.select("input[name=picked]")) == queries.AT_ONCE
    rest = desk.get(page.links("after=")[0])
    assert len(rest.soup.select("input[name=picked]")) == 5


def test_a_volunteer_says_that_they_would_join_another_team(
    browse_as: BrowseAs, county: Area
) -> None:
    volunteer = an_active_volunteer(county)
    mine = browse_as(volunteer.person_id)
    sent = {"term": ["5-540-720"], "capacity": "2", "wants_team": "y"}
    mine.post("/volunteers/me/profile", sent)
    db.session.expire_all()
    assert db.session.get_one(Volunteer, volunteer.id).wants_team
    assert mine.get("/volunteers/me/profile").soup.select("#wants_team[checked]")
    mine.post("/volunteers/me/profile", {"term": ["5-540-720"], "capacity": "2"})
    db.session.expire_all()
    assert not db.session.get_one(Volunteer, volunteer.id).wants_team
