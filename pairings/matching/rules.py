"""Which teams suit a child, and why: first the hard rules, then points with their reasons.

Pure and deterministic: no name, no address, no clock, no database. The same sides give the same
order whatever order they come in. A rule that says no is never outweighed by points.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from children.rules import Need
from volunteers.rules import Slot

SKILLED = frozenset(
    {
        Need.HOMEWORK,
        Need.READING,
        Need.SPORTS,
        Need.ART,
        Need.SAFETY,
        Need.ONLINE_HABITS,
        Need.CAREER,
    }
)
"""Needs somebody has to be able to do something for; any two adults bring company."""


@dataclass(frozen=True, slots=True)
class ChildSide:
    """What matching may know of a child."""

    girl: bool
    county_id: int
    needs: frozenset[str]
    free: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class MemberSide:
    """What matching may know of a volunteer of a team."""

    cleared: bool
    """Active, and every check holds on the first day."""
    woman: bool
    county_id: int
    skills: frozenset[str]
    free: tuple[Slot, ...]
    children: int
    """How many children this volunteer accompanies already."""
    most: int
    """How many this volunteer is ready for."""


@dataclass(frozen=True, slots=True)
class TeamSide:
    id: int
    county_id: int
    members: tuple[MemberSide, ...]
    known: bool = False
    """Whether the team accompanied this child before and parted well."""
    refused: bool = False
    """Whether this team and this child were declined, parted badly, or are together now."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The most points each part can give; together 100."""

    time: int = 40
    needs: int = 30
    distance: int = 20
    continuity: int = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures the hard rules ask for (domain.md §3, §5.3), and where teams may come from."""

    counties: frozenset[int]
    fewest_adults: int = 2
    least_minutes: int = 60
    most_children: int = 2
    enough_minutes: int = 240
    """Shared time a week that gives all points for time."""
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team as seen from one child: suits when nothing stands against it."""

    team_id: int
    score: int
    reasons: tuple[str, ...]
    """Keys with their numbers, as `time:180`; pairings.labels puts them into words."""
    against: tuple[str, ...]

    @property
    def suits(self) -> bool:
        return not self.against


def shared_minutes(child: ChildSide, members: Iterable[MemberSide], fewest: int) -> int:
    """Return the minutes a week in which enough adults are free together with the child.

    For a girl one of them has to be a woman at that time.
    """
    present = list(members)
    return sum(
        end - start
        for weekday in range(7)
        for start, end in _pieces(child, present, weekday)
        if _enough(child, present, Slot(weekday, start, end), fewest)
    )


def _pieces(child: ChildSide, members: list[MemberSide], weekday: int) -> list[tuple[int, int]]:
    """Cut a day where anybody's free time begins or ends."""
    sides = [child.free, *(member.free for member in members)]
    cuts = sorted(
        {
            cut
            for free in sides
            for slot in free
            if slot.weekday == weekday
            for cut in (slot.start, slot.end)
        }
    )
    return list(pairwise(cuts))


def _enough(child: ChildSide, members: list[MemberSide], piece: Slot, fewest: int) -> bool:
    if not _free(child.free, piece):
        return False
    there = [member for member in members if _free(member.free, piece)]
    return len(there) >= fewest and (not child.girl or any(member.woman for member in there))


def _free(free: tuple[Slot, ...], piece: Slot) -> bool:
    return any(
        slot.weekday == piece.weekday and slot.start <= piece.start and piece.end <= slot.end
        for slot in free
    )


def judge(child: ChildSide, team: TeamSide, rules: Rules) -> Candidate:
    """Return what speaks for a team and what stands against it."""
    members = [member for member in team.members if member.cleared]
    minutes = shared_minutes(child, members, rules.fewest_adults)
    against = _against(child, team, members, rules=rules)
    if not against and minutes < rules.least_minutes:
        against = [f"time:{minutes}"]
    weights = rules.weights
    parts = (
        _by_time(minutes, rules.enough_minutes, weights.time),
        _by_needs(child, members, weights.needs),
        _by_distance(child, team, members, most=weights.distance),
        _by_continuity(team, members, weights.continuity),
    )
    reasons = [reason for _points, told in parts for reason in told]
    return Candidate(team.id, sum(part[0] for part in parts), tuple(reasons), tuple(against))


def _against(
    child: ChildSide, team: TeamSide, members: list[MemberSide], *, rules: Rules
) -> list[str]:
    """Return the rules that say no, shared time left aside."""
    full = sum(member.children >= min(member.most, rules.most_children) for member in members)
    few = len(members) < rules.fewest_adults
    no_woman = child.girl and not any(member.woman for member in members)
    said = {
        "refused": team.refused,
        "too_far": team.county_id not in rules.counties,
        f"too_few:{len(members)}": few,
        "no_woman": no_woman and not few,
        f"full:{full}": full,
    }
    return [reason for reason, holds in said.items() if holds]


Part: TypeAlias = tuple[int, list[str]]
"""Points, and the reasons that go with them: integers, rounded down."""


def _by_time(minutes: int, enough: int, most: int) -> Part:
    return most * min(minutes, enough) // max(1, enough), [f"time:{minutes}"] if minutes else []


def _by_needs(child: ChildSide, members: list[MemberSide], most: int) -> Part:
    """Give points for what the team can do of what the child asks for; companions need nothing."""
    asked = child.needs & SKILLED
    offered = asked & frozenset[str]().union(*(member.skills for member in members))
    reasons = []
    for key, found in (("needs", offered), ("open", asked - offered)):
        if found:
            reasons.append(f"{key}:" + ",".join(need for need in Need if need in found))
    return most * len(offered) // len(asked) if asked else most, reasons


def _by_distance(child: ChildSide, team: TeamSide, members: list[MemberSide], *, most: int) -> Part:
    """Give half for a team of the child's county, half for members who live there."""
    near = team.county_id == child.county_id
    living = sum(member.county_id == child.county_id for member in members)
    points = most * (near * len(members) + living) // (2 * len(members)) if members else 0
    return points, ["county:same" if near else "county:near"]


def _by_continuity(team: TeamSide, members: list[MemberSide], most: int) -> Part:
    """Give all to a team the child knows, more to one that is free than to one that is busy."""
    if team.known:
        return most, ["known"]
    busiest = max((member.children for member in members), default=0)
    return most * (4 if busiest else 8) // 10, [f"load:{busiest}"]


def rank(
    child: ChildSide, teams: Iterable[TeamSide], rules: Rules
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the teams that suit, the best first, and those that do not, by their number."""
    judged = [judge(child, team, rules) for team in teams]
    suitable = [candidate for candidate in judged if candidate.suits]
    others = [candidate for candidate in judged if not candidate.suits]
    return (
        sorted(suitable, key=lambda candidate: (-candidate.score, candidate.team_id)),
        sorted(others, key=lambda candidate: (len(candidate.against), candidate.team_id)),
    )
