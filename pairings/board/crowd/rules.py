"""All teams of a world, judged at once for one child: points of those that suit, rules of the rest.

The answers are those of the engine's judge, team for team; a test holds the two to each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock

from pairings.matching.field import Field
from pairings.matching.judging import base_of, judge, level_for, spent
from pairings.matching.model import Child, Code, World

Codes = tuple[Code, ...]
ORDER = {code: place for place, code in enumerate(Code)}
OWN = frozenset(
    {Code.CONFLICT, Code.FORBIDDEN, Code.ENDED, Code.ATTACHMENT, Code.PLACE, Code.REACH, Code.TIME}
)
"""Rules that ask who, where or when free a child is; the others are alike for many children."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the judge says of every team, by its id: each stands in one of the two."""

    scores: Mapping[int, int]
    """Of those that suit."""
    against: Mapping[int, Codes]


def in_order(codes: Iterable[Code]) -> Codes:
    """Return each of the codes once, in the order the rules are asked."""
    return tuple(sorted(set(codes), key=ORDER.__getitem__))


def one_by_one(child: Child, world: World) -> Judged:
    """Ask the judge itself, in a world that only one child asks."""
    found = {team.id: judge(child, team, world) for team in world.teams}
    return Judged(
        {team: verdict.score for team, verdict in found.items() if not verdict.against},
        {team: verdict.against for team, verdict in found.items() if verdict.against},
    )


class Crowd:
    """The teams of one world: what is alike for many children is found out once."""

    def __init__(self, world: World) -> None:
        self._world, self._field, self._lock = world, Field(world), Lock()
        self._alike: dict[tuple[object, ...], list[Codes]] = {}

    def judged(self, child: Child) -> Judged:
        with self._lock:  # what the field remembers of a place is one thread's at a time
            found = self._field.pairs(child)
            scores = {self._world.teams[place].id: points for place, points, _slots in found}
            return Judged(scores, self._against(child, scores))

    def _against(self, child: Child, scores: Mapping[int, int]) -> dict[int, Codes]:
        world, alike = self._world, self._alike_for(child)
        own, ways = self._own(child), self._ways(child)
        rests = spent(child, world.policy)
        found = {}
        for place, team in enumerate(world.teams):
            if team.id in scores:
                continue
            codes = [*alike[place], *own.get(team.id, ())]
            minutes, goes = ways[base_of(team, world.term)]
            if rests and team.id not in child.known:
                codes.append(Code.ATTACHMENT)
            if goes and minutes is None:
                codes.append(Code.PLACE)
            if not goes or (minutes is not None and minutes > team.reach):
                codes.append(Code.REACH)
            found[team.id] = in_order(codes) or (Code.TIME,)
        return found

    def _alike_for(self, child: Child) -> list[Codes]:
        """Return of each team the rules against it that hold for every child of this kind."""
        kind = (level_for(child, self._world.policy), child.girl, child.size, child.languages)
        if kind not in self._alike:
            self._alike[kind] = [
                tuple(code for code in judge(child, team, self._world).against if code not in OWN)
                for team in self._world.teams
            ]
        return self._alike[kind]

    def _own(self, child: Child) -> Mapping[int, list[Code]]:
        own: dict[int, list[Code]] = defaultdict(list)
        for team, code in child.against:
            own[team].append(code)
        return own

    def _ways(self, child: Child) -> dict[int, tuple[int | None, bool]]:
        """Return from each base how many minutes it is, and whether its teams go there at all."""
        policy, places = self._world.policy, self._world.places
        here = places[child.spot]
        bases = {base_of(team, self._world.term) for team in self._world.teams}
        return {
            base: (policy.minutes(here, places[base]), policy.goes(here, places[base]))
            for base in bases
        }
