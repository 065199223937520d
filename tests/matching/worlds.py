"""Small worlds: one place, one team and one child that suit, and what may be changed of them."""

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from pairings.matching.model import Child, Member, Place, Policy, Tables, Team, Term, World
from pairings.matching.synthetic import synthetic

TERM = Term(date(2027, 3, 1), date(2027, 7, 10))
POLICY = Policy(Tables("tests", TERM.start))
HERE, NEAR, FAR, NOWHERE = 1, 2, 3, 4
PLACES = {
    HERE: Place(HERE, 1, 0, 0),
    NEAR: Place(NEAR, 1, 6_000, 0),
    FAR: Place(FAR, 2, 90_000, 0),
    NOWHERE: Place(NOWHERE, 2, None, None),
}
MONDAY, TUESDAY, LATE = 1, 1 << 3, 1 << 2
"""Two mornings of three hours, and an hour and a half on Monday evening."""


def a_member(**given: Any) -> Member:
    fields: dict[str, Any] = {
        "cleared_from": date(2026, 9, 1),
        "cleared_until": date(2027, 8, 31),
        "woman": True,
        "training": 3,
        "skills": frozenset({"homework"}),
        "languages": frozenset({"qi"}),
        "free": MONDAY | TUESDAY,
        "places": 2,
    }
    return Member(**fields | given)


def a_team(one: int = 1, **given: Any) -> Team:
    fields: dict[str, Any] = {
        "id": one,
        "members": (a_member(), a_member()),
        "base": HERE,
        "home": FAR,
        "reach": 45,
        "capacity": 2,
        "until": date(2028, 7, 1),
        "years": 1,
        "bands": frozenset({"8-10"}),
    }
    return Team(**fields | given)


def a_child(one: int = 1, **given: Any) -> Child:
    fields: dict[str, Any] = {
        "id": one,
        "girl": False,
        "band": "8-10",
        "risk": 0,
        "needs": frozenset({"homework"}),
        "dialect": "qi",
        "languages": frozenset(),
        "free": MONDAY | TUESDAY,
        "spot": HERE,
        "waiting": 10,
    }
    return Child(**fields | given)


def a_world(teams: list[Team], children: list[Child], **given: Any) -> World:
    fields: dict[str, Any] = {
        "term": TERM,
        "policy": POLICY,
        "places": PLACES,
        "teams": tuple(teams),
        "children": tuple(children),
    }
    return World(**fields | given)


def a_tangle(seed: int) -> World:
    """Return four teams that suit nearly everybody, and seven children with siblings and apart."""
    chance = Random(seed)
    world = synthetic(4, 7, seed)
    teams = tuple(
        replace(
            team,
            reach=400,
            until=world.term.end,
            capacity=chance.randint(0, 4),
            members=tuple(
                replace(member, training=3, woman=True, cleared_until=world.term.end, places=5)
                for member in team.members
            ),
        )
        for team in world.teams
    )
    spot = world.children[0].spot
    children = tuple(
        replace(child, spot=spot if child.id < 6 else child.spot, free=child.free | 7)
        for child in world.children
    )
    return replace(
        world,
        teams=teams,
        children=children,
        together=((1, 2), (3, 4, 5)) if chance.random() < 0.5 else ((1, 2),),
        apart=((6, 7), (1, 6)) if chance.random() < 0.5 else ((2, 6),),
    )
