"""Teams: two or three active volunteers of a county, a woman always among them."""

from datetime import timedelta

from accounts.rules import Role
from demo.staff import grant
from demo.world import County, Crew, Helper, World
from volunteers.rules import Status
from volunteers.teams.models import Team, TeamLead, TeamMember

THREES = 0.15
NAMES = (
    "星火",
    "同行",
    "暖阳",
    "微光",
    "山风",
    "小溪",
    "春芽",
    "白杨",
    "远山",
    "石榴",
    "晨光",
    "青禾",
)


def form(world: World) -> None:
    """Form the teams of every county."""
    for county in world.counties:
        _form(world, county)


def _form(world: World, county: County) -> None:
    active = [
        helper
        for helper in world.helpers
        if helper.county is county and helper.status is Status.ACTIVE
    ]
    signed = [helper for helper in active if helper.person_id in world.staff.values()]
    others = sorted(
        (helper for helper in active if helper not in signed),
        key=lambda helper: (helper.cleared_from, helper.id),
    )
    if signed:
        _add(world, county, signed)
    women = [helper for helper in others if helper.woman]
    men = [helper for helper in others if not helper.woman]
    while women:
        members = [women.pop(0)]
        pools = [pool for pool in (women, men) if pool]
        for _more in range(2 if world.chance(THREES) else 1):
            pools = [pool for pool in pools if pool]
            if pools:
                members.append(max(pools, key=len).pop(0))
        if len(members) > 1:
            _add(world, county, members)


def _add(world: World, county: County, members: list[Helper]) -> None:
    last = max(member.cleared_from for member in members)
    formed = min(last + timedelta(days=world.rng.randint(1, 14)), world.today)
    number = len(world.crews[county.id])
    team_id = world.bulk.add(
        Team,
        name=f"{NAMES[number % len(NAMES)]}{number // len(NAMES) + 1}组",
        county_id=county.id,
        formed_at=world.past(formed),
        formed_by_id=world.rng.choice(county.coordinators),
    )
    world.bulk.add(
        TeamLead,
        team_id=team_id,
        volunteer_id=members[0].id,
        since=world.past(formed),
        set_by_id=None,
    )
    for member in members:
        world.bulk.add(
            TeamMember,
            team_id=team_id,
            volunteer_id=member.id,
            leads=member is members[0],
            joined_on=formed,
        )
    grant(
        world,
        members[0].person_id,
        Role.TEAM_LEADER,
        area_id=county.id,
        from_on=formed,
    )
    world.crews[county.id].append(Crew(team_id, county, members, formed))
