"""A whole invented problem, from a seed: people, places and slots that nobody is.

The shape is that of Jinzhong by its published counts: 11 counties, 2,170 villages, 129 townships
and 12 campuses, where 65 of 100 teams live in term, two thirds of these in Yuci. Teams have 0 to
5 places, 3 to 7 of 24 skills, one level of training; 4 in 100 have a clearance that ends too
early. Children are 6 to 17, 55 in 100 board and are free at weekends only, with 1 to 3 needs.
Every number is drawn from the seed alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from pairings.matching.model import Child, Member, Place, Policy, Tables, Team, Term, World

COUNTIES = (
    (0, 0, 18), (-8, -32, 15), (-38, -57, 14), (-58, -74, 11), (-85, -97, 9), (68, -62, 8),
    (57, -105, 7), (73, -52, 7), (93, 18, 6), (60, 22, 6), (-47, -88, 7),
)  # fmt: skip
"""Kilometres east and north of the first, and a share of the villages."""
VILLAGES, TOWNSHIPS, CAMPUSES = 2170, 129, 12
SKILLS = tuple(f"skill-{one}" for one in range(1, 25))
DIALECTS = ("taigu", "qi", "pingyao", "jiexiu", "heshun", "zuoquan")
BANDS = ("6-7", "8-10", "11-13", "14-15", "16-17")
AGES = (2, 3, 3, 2, 2)
"""How many years each of the bands has: children are of every age from 6 to 17 alike."""
KILOMETRES, GOING = (15, 20, 25, 30, 40, 60, 180), (8, 6, 4, 2, 2, 1, 1)
"""How far teams go, as the crow flies, and how many of them."""
FREE = 0.18
"""The share of the week's slots in which a team is free.

With how far teams go and how free children are, it makes 6 to 7 in 100 pairs feasible.
"""
TERM = Term(date(2027, 3, 1), date(2027, 7, 10))
POLICY = Policy(Tables("synthetic", TERM.start), slot_minutes=(24 * 60,) * 21)
"""How far a team goes says its reach alone; slots are long enough for any way."""
WEEKEND = sum(1 << slot for slot in range(15, 21))


def synthetic(teams: int, children: int, seed: int) -> World:
    """Return a world of that many teams and children; the same seed gives the same one."""
    chance = Random(seed)  # noqa: S311 - invented people, not secrets
    places = _places(chance)
    villages = list(places)[:VILLAGES]
    townships = list(places)[VILLAGES : VILLAGES + TOWNSHIPS]
    campuses = list(places)[VILLAGES + TOWNSHIPS :]
    return World(
        term=TERM,
        policy=POLICY,
        places=places,
        teams=tuple(_team(chance, one, townships, campuses) for one in range(1, teams + 1)),
        children=tuple(_child(chance, one, villages) for one in range(1, children + 1)),
    )


def _places(chance: Random) -> dict[int, Place]:
    shares = [share for _east, _north, share in COUNTIES]
    found: dict[int, Place] = {}
    for one in range(1, VILLAGES + TOWNSHIPS + 1):
        county = chance.choices(range(len(COUNTIES)), shares)[0]
        found[one] = _near(chance, one, county, 18_000)
    for one in range(len(found) + 1, len(found) + CAMPUSES + 1):
        county = chance.choices((0, 1, 2, 4), (67, 21, 6, 6))[0]
        found[one] = _near(chance, one, county, 4_000)
    return found


def _near(chance: Random, one: int, county: int, spread: int) -> Place:
    east, north, _share = COUNTIES[county]
    off = [sum(chance.randint(-spread, spread) for _draw in range(3)) // 2 for _axis in range(2)]
    return Place(one, county + 1, east * 1000 + off[0], north * 1000 + off[1])


def _team(chance: Random, one: int, townships: Sequence[int], campuses: Sequence[int]) -> Team:
    home = chance.choice(townships)
    base = chance.choice(campuses) if chance.random() < 0.65 else home
    skills = chance.sample(SKILLS, chance.randint(3, 7))
    shared = _Shared(
        _bits(chance, FREE) or 1 << chance.randrange(21), chance.choices((1, 2, 3), (5, 4, 2))[0]
    )
    members = tuple(_member(chance, shared, skills[who::2]) for who in range(2))
    kilometres = chance.choices(KILOMETRES, GOING)[0]
    return Team(
        id=one,
        members=members,
        base=base,
        home=home,
        reach=-(-kilometres * 1000 * POLICY.detour_percent // 100 // POLICY.metres_a_minute),
        capacity=chance.choices(range(6), (4, 26, 34, 20, 10, 6))[0],
        until=TERM.end + timedelta(days=chance.choice((-30, *range(0, 800, 40)))),
        years=chance.choices((0, 1, 2, 3), (5, 3, 2, 2))[0],
        bands=frozenset(chance.sample(BANDS, chance.randint(1, 4))),
        flagged=chance.random() < 0.005,
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What both members of a team have alike."""

    free: int
    training: int


def _member(chance: Random, shared: _Shared, skills: Sequence[str]) -> Member:
    lapsed = chance.random() < 0.02
    return Member(
        cleared_from=TERM.start - timedelta(days=chance.randint(1, 300)),
        cleared_until=TERM.end + timedelta(days=-20 if lapsed else chance.randint(0, 200)),
        woman=chance.random() < 0.62,
        training=shared.training,
        skills=frozenset(skills),
        languages=frozenset(
            [*chance.sample(DIALECTS, chance.randint(0, 2))]
            + (["sign"] if chance.random() < 0.02 else [])
        ),
        free=shared.free,
        places=5,
    )


def _child(chance: Random, one: int, villages: Sequence[int]) -> Child:
    boards = chance.random() < 0.55
    free = _bits(chance, 0.4) & WEEKEND if boards else _bits(chance, 0.25)
    return Child(
        id=one,
        girl=chance.random() < 0.48,
        band=chance.choices(BANDS, AGES)[0],
        risk=chance.choices((0, 1, 2, 3), (50, 30, 15, 5))[0],
        needs=frozenset(chance.sample(SKILLS, chance.randint(1, 3))),
        dialect=chance.choice(DIALECTS),
        languages=frozenset(["sign"] if chance.random() < 0.004 else []),
        free=free or 1 << chance.choice(range(15, 21)),
        spot=chance.choice(villages),
        waiting=int(chance.expovariate(1 / 40)),
        institution=chance.random() < 0.05,
        losses=chance.choices((0, 1, 2, 3), (80, 15, 4, 1))[0],
    )


def _bits(chance: Random, share: float) -> int:
    return sum(1 << slot for slot in range(21) if chance.random() < share)
