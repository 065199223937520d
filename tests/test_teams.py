"""Teams: two adults, always."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts import queries as accounts
from accounts.rules import Actor, Role
from core import clock
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.models import Message
from places.models import Area
from tests.browser import Browser
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.volunteers import a_team, a_volunteer, an_active_volunteer, cleared
from tests.conftest import AtMost, BrowseAs
from volunteers import services as volunteers
from volunteers.models import Volunteer
from volunteers.rules import EvidenceKind, Sex, Status
from volunteers.teams import queries, services
from volunteers.teams.models import Team, TeamMember, TeamRefusal
from volunteers.teams.rules import Parting
from volunteers.teams.services import NewTeam


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county(name="榆次区")


@pytest.fixture
def coordinator(county: Area) -> int:
    return a_member_of_staff(Role.COORDINATOR, area_id=county.id)


@pytest.fixture
def desk(coordinator: int, browse_as: BrowseAs) -> Browser:
    return browse_as(coordinator)


def roles(volunteer: Volunteer) -> set[Role]:
    return {grant.role for grant in accounts.grants_of(volunteer.person_id)}


def entry(*volunteers_: Volunteer, **given: Any) -> dict[str, Any]:
    uids = [volunteer.uid for volunteer in volunteers_]
    return {"name": "榆次 1 组", "members": uids, "leader": uids[0]} | given


def test_a_coordinator_forms_a_team(desk: Browser, county: Area) -> None:
    one, two, three = (an_active_volunteer(county) for _turn in range(3))

    page = desk.get("/teams/new")
    assert page.soup.select_one("#name")["value"] == "榆次区 1 组"  # type: ignore[index]  # is there
    page = desk.post("/teams/new", entry(one, two, three))

    team = db.session.scalars(select(Team)).one()
    members = queries.members([team.id])[team.id]
    assert page.heading == team.name == "榆次 1 组"
    assert [(member.volunteer_id, member.leads) for member in members] == [
        (one.id, True),
        (two.id, False),
        (three.id, False),
    ]
    assert Role.TEAM_LEADER in roles(one)
    assert Role.TEAM_LEADER not in roles(two)
    assert desk.get("/teams").texts(".cards h2") == ["榆次 1 组"]


def test_the_leader_belongs_to_the_team_ticked_or_not(desk: Browser, county: Area) -> None:
    one, two = an_active_volunteer(county), an_active_volunteer(county)
    desk.post("/teams/new", entry(one, leader=two.uid))
    assert len(db.session.scalars(select(TeamMember.id)).all()) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"leader": ""}, "请选一名领队"),
        ({"members": []}, "至少两个人"),
        ({"name": ""}, "请填写"),
        ({"name": "长" * 21}, "最多 20"),
        ({"name": "a\x00"}, "无法识别"),
        ({"members": ["nobody"], "leader": "nobody"}, ""),
    ],
)
def test_a_wrong_team_is_told_and_not_formed(
    desk: Browser, county: Area, change: dict[str, Any], told: str
) -> None:
    one, two = an_active_volunteer(county), an_active_volunteer(county)
    page = desk.post("/teams/new", entry(one, two, **change), status=422)
    assert told in " ".join(page.errors)
    assert db.session.scalar(select(Team.id)) is None


def test_nobody_from_elsewhere_or_not_active_is_offered_or_taken(
    desk: Browser, coordinator: int, county: Area
) -> None:
    fine = an_active_volunteer(county, name="样例可以")
    others = [
        an_active_volunteer(name="样例邻县"),
        a_volunteer(county, name="样例刚报名"),
        cleared(a_volunteer(county, name="样例过期", status=Status.EXPIRED)),
    ]
    page = desk.get("/teams/new")
    assert page.texts(".choice b") == ["样例可以"]
    for other in others:
        desk.post("/teams/new", entry(fine, other), status=422)
        with pytest.raises((NotYours, RuleBroken)):
            services.form(
                NewTeam("x", fine.uid, frozenset({fine.uid, other.uid})),
                by=accounts.actor_for(coordinator),
            )


def test_who_has_lapsed_today_is_not_taken(coordinator: int, county: Area) -> None:
    fine = an_active_volunteer(county)
    lapsed = cleared(a_volunteer(county, status=Status.ACTIVE), but=EvidenceKind.SCREENING)
    with pytest.raises(RuleBroken, match="不在服务中"):
        services.form(
            NewTeam("x", fine.uid, frozenset({fine.uid, lapsed.uid})),
            by=accounts.actor_for(coordinator),
        )


@pytest.mark.parametrize("many", [1, 2])
def test_a_team_is_two_people_of_one_county(app: Flask, many: int) -> None:
    counties = [a_county(), a_county()]
    chosen = [an_active_volunteer(county) for county in counties[:many]]
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=counties[0].id)
    actor = accounts.actor_for(person_id)
    both = type(actor)(
        actor.id,
        actor.name,
        actor.grants
        | accounts.actor_for(a_member_of_staff(Role.COORDINATOR, area_id=counties[1].id)).grants,
    )
    uids = frozenset(volunteer.uid for volunteer in chosen)
    with pytest.raises(RuleBroken):
        services.form(NewTeam("x", chosen[0].uid, uids), by=both)


def test_looking_for_somebody_keeps_who_is_chosen(desk: Browser, county: Area) -> None:
    chosen = an_active_volunteer(county, name="样例甲", initials="ylj")
    an_active_volunteer(county, name="样例乙", initials="yly")
    an_active_volunteer(county, name="王丙", initials="wb")

    page = desk.post("/teams/new", entry(chosen, leader="", q="wb", find="1"))

    assert page.texts(".choice b") == ["样例甲", "王丙"]
    assert [box["value"] for box in page.soup.select("input[checked]")] == [chosen.uid]
    assert db.session.scalar(select(Team.id)) is None


def test_the_same_form_sent_twice_forms_one_team(desk: Browser, county: Area) -> None:
    sent = entry(an_active_volunteer(county), an_active_volunteer(county), form_key="k" * 22)
    first, second = (desk.post("/teams/new", sent) for _turn in range(2))
    assert first.url == second.url
    assert len(db.session.scalars(select(Team.id)).all()) == 1


# --- seeing --------------------------------------------------------------------------------


def test_a_team_with_somebody_no_longer_active_is_shown_as_such(
    desk: Browser, county: Area
) -> None:
    gone, stays = an_active_volunteer(county, name="样例走"), an_active_volunteer(county)
    team = a_team(county, members=[stays, gone])
    assert "可以走访" in desk.get("/teams").text
    suspender = a_member_of_staff(Role.COORDINATOR, area_id=county.id)
    volunteers.suspend(gone.uid, reason="x", by=accounts.actor_for(suspender))

    assert "有人不在服务中" in desk.get("/teams").text
    page = desk.get(f"/teams/{team.uid}")
    assert "小组现在不能走访" in page.text
    assert "已暂停" in page.text


def test_a_team_without_a_woman_says_so(desk: Browser, county: Area) -> None:
    men = [an_active_volunteer(county, sex=Sex.MALE) for _turn in range(2)]
    assert "不能看望女孩" in desk.get(f"/teams/{a_team(county, members=men).uid}").text


def test_teams_are_paged_within_the_budget(desk: Browser, county: Area, at_most: AtMost) -> None:
    members = [an_active_volunteer(county) for _turn in range(2)]
    for turn in range(55):
        a_team(county, members=members, name=f"组{turn:02}")
    with at_most(6):
        first = desk.get("/teams")
    second = desk.get(first.links("after=")[0])
    names = first.texts(".cards h2") + second.texts(".cards h2")
    assert names == [f"组{turn:02}" for turn in reversed(range(55))]


def test_empty_lists_say_what_to_do(desk: Browser) -> None:
    assert desk.get("/teams").texts(".empty h2") == ["还没有小组"]
    assert "没有找到服务中的志愿者" in desk.get("/teams/new").text


@pytest.mark.parametrize("path", ["/teams/{uid}", "/teams/{uid}/dissolve", "/teams/{uid}/lead"])
def test_a_neighbour_finds_no_team(browse_as: BrowseAs, county: Area, path: str) -> None:
    team = a_team(county)
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    ask = neighbour.post if path.endswith(("dissolve", "lead")) else neighbour.get
    ask(path.format(uid=team.uid), status=404)
    ask(path.format(uid="nothing"), status=404)
    assert neighbour.get("/teams").texts(".cards h2") == []


@pytest.mark.parametrize("path", ["/teams", "/teams/new"])
def test_teams_are_for_coordinators(browse_as: BrowseAs, visitor: Browser, path: str) -> None:
    visitor.get(path, status=302)
    browse_as(an_active_volunteer().person_id).get(path, status=403)


def test_only_the_active_act_for_their_teams(app: Flask) -> None:
    team = a_team()
    leader, other = (member.person_id for member in queries.members([team.id])[team.id])
    assert db.session.scalars(queries.team_ids_of(leader)).all() == [team.id]
    volunteer = db.session.scalars(select(Volunteer).where(Volunteer.person_id == leader)).one()
    volunteers.pause(volunteer.uid, by=accounts.actor_for(leader))
    assert db.session.scalars(queries.team_ids_of(leader)).all() == []
    assert db.session.scalars(queries.team_ids_of(other)).all() == [team.id]
    assert db.session.scalars(queries.team_ids_of(None)).all() == []


def test_a_team_that_cannot_go_is_a_task_of_the_coordinator(desk: Browser, county: Area) -> None:
    whole, small, unled = a_team(county), a_team(county), a_team(county, 3)
    assert "来不了的小组" not in desk.get("/home").text
    suspender = accounts.actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
    for place, team in ((1, small), (0, unled)):
        member = queries.members([team.id])[team.id][place]
        one = db.session.get_one(Volunteer, member.volunteer_id)
        volunteers.suspend(one.uid, reason="x", by=suspender)

    (listed,) = desk.get("/home").links("show=short")

    assert desk.get(listed).texts(".cards h2") == [unled.name, small.name]
    assert whole.name in desk.get("/teams").text


# --- leading -------------------------------------------------------------------------------


def test_the_coordinator_changes_who_leads(desk: Browser, county: Area) -> None:
    old, new = (
        an_active_volunteer(county, name="样例旧"),
        an_active_volunteer(county, name="样例新"),
    )
    desk.post("/teams/new", entry(old, new))
    team = db.session.scalars(select(Team)).one()

    page = desk.post(f"/teams/{team.uid}/lead", {"leader": new.uid})

    members = queries.members([team.id])[team.id]
    assert [(one.volunteer_id, one.leads) for one in members] == [(new.id, True), (old.id, False)]
    assert (Role.TEAM_LEADER in roles(new), Role.TEAM_LEADER in roles(old)) == (True, False)
    assert [(row.name, row.until is None) for row in queries.leads(team.id)] == [
        ("样例新", True),
        ("样例旧", False),
    ]
    assert "领队要做的事" in page.text
    assert told("team_lead") == [new.person_id]


def test_a_leader_of_two_teams_who_hands_one_on_keeps_the_role(desk: Browser, county: Area) -> None:
    leader, other = an_active_volunteer(county), an_active_volunteer(county)
    first, _second = (a_team(county, members=[leader, other]) for _turn in range(2))
    desk.post(f"/teams/{first.uid}/lead", {"leader": other.uid})
    assert Role.TEAM_LEADER in roles(leader)
    assert Role.TEAM_LEADER in roles(other)


@pytest.mark.parametrize("who", ["leader", "suspended", "stranger", "nobody"])
def test_only_another_active_member_can_lead(desk: Browser, county: Area, who: str) -> None:
    leader = an_active_volunteer(county)
    away = a_volunteer(county, status=Status.SUSPENDED)
    team = a_team(county, members=[leader, away, an_active_volunteer(county)])
    stranger = an_active_volunteer(county)
    given = {
        "leader": leader.uid, "suspended": away.uid, "stranger": stranger.uid, "nobody": "",
    }  # fmt: skip
    desk.post(f"/teams/{team.uid}/lead", {"leader": given[who]}, status=422)
    led = [one.volunteer_id for one in queries.members([team.id])[team.id] if one.leads]
    assert led == [leader.id]


def test_the_database_lets_one_lead_at_most(county: Area) -> None:
    team = a_team(county)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(TeamMember).where(TeamMember.team_id == team.id).values(leads=True))


def test_who_leaves_the_service_has_led_until_then(desk: Browser, county: Area) -> None:
    leader, other = an_active_volunteer(county), an_active_volunteer(county)
    desk.post("/teams/new", entry(leader, other))
    team = db.session.scalars(select(Team)).one()
    volunteers.leave(leader.uid, reason="x", by=accounts.actor_for(leader.person_id))
    assert [row.until is None for row in queries.leads(team.id)] == [False]
    assert "要在服务中" in desk.get(f"/teams/{team.uid}").text


# --- dissolving ----------------------------------------------------------------------------


def told(kind: str) -> list[int | None]:
    asked = select(Message.person_id).where(Message.kind == kind).distinct()
    return sorted(db.session.scalars(asked), key=lambda one: one or 0)


def test_a_coordinator_dissolves_a_team(desk: Browser, county: Area) -> None:
    leader, other = an_active_volunteer(county), an_active_volunteer(county)
    team = a_team(county, members=[leader, other])
    assert "还没有结对，可以马上解散" in desk.get(f"/teams/{team.uid}").text

    desk.post(f"/teams/{team.uid}/dissolve", {"why": "mistake"})

    assert Role.TEAM_LEADER not in roles(leader)
    assert queries.members([team.id]) == {team.id: []}
    assert set(db.session.scalars(select(TeamMember.left_on))) == {clock.today()}
    assert "原因：组错了" in desk.get(f"/teams/{team.uid}").text
    assert told("team_dissolved") == sorted([leader.person_id, other.person_id])
    assert db.session.scalars(select(TeamRefusal.id)).all() == []
    page = desk.post(f"/teams/{team.uid}/dissolve", {"why": "mistake"}, status=422)
    assert "已经解散" in page.text


def test_a_team_is_not_dissolved_without_a_reason(desk: Browser, county: Area) -> None:
    team = a_team(county)
    desk.post(f"/teams/{team.uid}/dissolve", {"why": "because"}, status=422)
    db.session.expire_all()
    assert db.session.get_one(Team, team.id).dissolved_at is None


def test_a_leader_of_two_teams_keeps_the_role_with_one(desk: Browser, county: Area) -> None:
    leader = an_active_volunteer(county)
    first, _second = (
        a_team(county, members=[leader, an_active_volunteer(county)]) for _turn in range(2)
    )
    desk.post(f"/teams/{first.uid}/dissolve", {"why": "rearranged"})
    assert Role.TEAM_LEADER in roles(leader)


def test_who_does_not_get_on_is_kept_apart(desk: Browser, county: Area) -> None:
    members = [an_active_volunteer(county) for _turn in range(3)]
    team = a_team(county, members=members)
    desk.post(f"/teams/{team.uid}/dissolve", {"why": "not_getting_on"})
    kept = db.session.execute(select(TeamRefusal.one_id, TeamRefusal.two_id)).all()
    one, two, three = sorted(member.id for member in members)
    assert sorted(tuple(row) for row in kept) == [(one, two), (one, three), (two, three)]


def test_higher_rooms_let_go_in_the_same_transaction(coordinator: int, county: Area) -> None:
    team, asked = a_team(county), list[int]()

    def let_go(team_id: int, by: Actor) -> None:
        asked.append(team_id)
        raise RuleBroken("no")

    actor = accounts.actor_for(coordinator)
    with pytest.raises(RuleBroken, match="no"):
        services.dissolve(team.uid, Parting.OTHER, by=actor, let_go=let_go)

    db.session.expire_all()
    assert asked == [team.id]
    assert db.session.get_one(Team, team.id).dissolved_at is None


def test_the_page_says_what_becomes_of_the_children(
    desk: Browser, county: Area, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = a_team(county)
    monkeypatch.setitem(app.extensions, "children_by_team", lambda _ids: {team.id: 2})
    assert "正在陪伴 2 个孩子" in desk.get(f"/teams/{team.uid}").text
