"""Hold a stored run to itself, without the solver and without `field`: rules from raw records.

For every pair of the world it asks whether the prices would let it through, and only then the
rules, one by one, as `judging` tells them to people. So nothing that made the result is trusted.
"""

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from pairings.matching.branching import FORCED, Kind
from pairings.matching.document import Proof, Result, digest, read_result, read_world, weights
from pairings.matching.field import most_points
from pairings.matching.judging import counting, judge, places_left
from pairings.matching.model import Child, Team, World
from pairings.matching.preparing import Refused, prepared
from pairings.matching.solver.problem import bits
from pairings.matching.weighing import Weighing, mark, tie


def faults(given: Any) -> Iterator[str]:
    """Yield whatever is wrong with a document that `document` has made."""
    try:
        world, result = read_world(given["input"]), read_result(given["result"])
        left, alarms = prepared(world)
    except (Refused, KeyError, TypeError) as error:
        yield f"cannot be read: {error}"
        return
    sums = {name: digest(part) for name, part in given.items() if name != "sha256"}
    for name in PARTS:
        if sums.get(name) != given["sha256"].get(name):
            yield f"{name}: not what its sum says"
    weighing = Weighing.of(left)
    if given.get("weights") != weights(weighing):
        yield "weights: not those of the input"
    if result.alarms != tuple((one.child, one.team, tuple(one.against)) for one in alarms):
        yield "alarms: not those of the input"
    yield from _Check(left, weighing, result).faults()


PARTS = ("input", "weights", "result")
Decisions = tuple[tuple[Kind, int, int], ...]


@dataclass(slots=True)
class _Check:
    world: World
    weighing: Weighing
    result: Result

    def faults(self) -> Iterator[str]:
        worth = yield from self._matched()
        if worth != self.result.value:
            yield f"the pairs are worth {worth}, not {self.result.value}"
        yield from self._places()
        if not self._covered([proof.decisions for proof in self.result.proof], 0):
            yield "the proof does not cover all that is allowed"
        for proof in self.result.proof:
            yield from self._proved(proof)

    def _matched(self) -> Generator[str, None, int]:
        """Yield faults of the pairs that were chosen; return what they are worth."""
        teams = {team.id: team for team in self.world.teams}
        children = {child.id: child for child in self.world.children}
        team_of: dict[int, int] = {}
        worth = 0
        for child, team, slot in self.result.matched:
            if child not in children or team not in teams or child in team_of:
                yield f"child {child} and team {team}: unknown or twice"
                continue
            team_of[child] = team
            weight, usable = self._weight(children[child], teams[team])
            if weight is None:
                yield f"child {child} and team {team}: a rule is against it"
            elif slot != 0 if not teams[team].lanes else slot < 0 or not usable >> slot & 1:
                yield f"child {child} and team {team}: cannot meet in slot {slot}"
            worth += weight or 0
        for one, other in self.world.apart:
            if one in team_of and team_of[one] == team_of.get(other):
                yield f"child {one} and {other}: not apart"
        return worth

    def _places(self) -> Iterator[str]:
        """No team may have more children than places, nor be in two places at once."""
        teams = {team.id: team for team in self.world.teams}
        size = {child.id: child.size for child in self.world.children}
        heads: Counter[int] = Counter()
        for child, team, _slot in self.result.matched:
            heads[team] += size.get(child, 1)
        slots = Counter((team, slot) for _child, team, slot in self.result.matched)
        for team, many in heads.items():
            if team in teams and many > self._room(teams[team]):
                yield f"team {team}: {many} children for {self._room(teams[team])} places"
        for (team, slot), many in slots.items():
            if team in teams and 0 < teams[team].lanes < many:
                yield f"team {team}: at {many} children in slot {slot}"

    def _covered(self, parts: list[Decisions], depth: int) -> bool:
        """Whether the parts are all there is: each split has both its sides."""
        if len(parts) == 1 and len(parts[0]) == depth:
            return True
        if not parts or any(len(part) <= depth for part in parts):
            return False
        sides: dict[tuple[Kind, int, int], list[Decisions]] = {}
        for part in parts:
            sides.setdefault(part[depth], []).append(part)
        return self._splits(sorted(sides)) and all(
            self._covered(side, depth + 1) for side in sides.values()
        )

    def _splits(self, sides: list[tuple[Kind, int, int]]) -> bool:
        """Whether one of two decisions has to hold in whatever is allowed."""
        if len(sides) != 2:
            return False
        (kind, child, team), (other_kind, other, other_team) = sides
        if team != other_team:
            return False
        if child == other:
            return {kind, other_kind} == {Kind.FORBID, Kind.FORCE}
        both_forbidden = kind is other_kind is Kind.FORBID
        return both_forbidden and bool({(child, other), (other, child)} & {*self.world.apart})

    def _proved(self, proof: Proof) -> Iterator[str]:
        """The prices of a part may let no pair of it through, nor allow more than was found."""
        children, teams = self.world.children, self.world.teams
        if [one for one, _utility in proof.utility] != [child.id for child in children]:
            yield "utility: not one for each child"
        elif [one for one, _price in proof.price] != [team.id for team in teams]:
            yield "price: not one for each team"
        elif {team for team, _slot, _extra in proof.steep} - {team.id for team in teams}:
            yield "steep: an unknown team"
        elif len({(team, slot) for team, slot, _extra in proof.steep}) < len(proof.steep):
            yield "steep: a slot twice"
        else:
            yield from self._prices(proof)
            bound = self._bound(proof)
            own = proof is self.result.proof[0]
            if bound > self.result.value or (own and bound != self.result.value):
                yield f"the prices allow {bound}, not {self.result.value}"

    def _prices(self, proof: Proof) -> Iterator[str]:
        """No pair that the rules allow may be worth more than it is priced."""
        numbers = [one for _id, one in (*proof.utility, *proof.price)]
        if min([0, *numbers, *(extra for _team, _slot, extra in proof.steep)]) < 0:
            yield "a utility or a price is negative"
        forced = {(child, team) for kind, child, team in proof.decisions if kind is Kind.FORCE}
        forbidden = {(child, team) for kind, child, team in proof.decisions} - forced
        steep: dict[int, dict[int, int]] = {}
        for one, slot, extra in proof.steep:
            steep.setdefault(one, {})[slot] = extra
        most = most_points(self.world.policy.tables) + 1 << self.weighing.shift
        priced = list(zip(self.world.teams, (one for _team, one in proof.price), strict=True))
        for child, (_id, utility) in zip(self.world.children, proof.utility, strict=True):
            highest = (self.weighing.bonus(child) << self.weighing.shift) + most - utility
            for team, price in priced:
                couple = (child.id, team.id)
                if (price >= highest and couple not in forced) or couple in forbidden:
                    continue
                weight, usable = self._weight(child, team)
                paid = utility + price - FORCED * (couple in forced)
                if weight is None or weight <= paid:
                    continue
                extra = min(steep.get(team.id, {}).get(slot, 0) for slot in bits(usable))
                if weight > paid + (extra if team.lanes else 0):
                    yield f"child {child.id} and team {team.id}: worth more than they are priced"

    def _bound(self, proof: Proof) -> int:
        teams = {team.id: team for team in self.world.teams}
        size = {child.id: child.size for child in self.world.children}
        room = {team.id: self._room(team) for team in self.world.teams}
        bound = 0
        for kind, child, team in proof.decisions:
            if kind is Kind.FORCE:
                room[team] = max(0, room[team] - (size[child] - 1))
                bound -= FORCED
        bound += sum(one for _child, one in proof.utility)
        bound += sum(room[team] * one for team, one in proof.price)
        return bound + sum(teams[team].lanes * extra for team, _slot, extra in proof.steep)

    def _room(self, team: Team) -> int:
        return max(0, places_left(team, counting(team, self.world.term, 0)))

    def _weight(self, child: Child, team: Team) -> tuple[int | None, int]:
        verdict = judge(child, team, self.world)
        if verdict.against:
            return None, 0
        tied = tie(mark("child", child.id), mark("team", team.id))
        bonus = self.weighing.bonus(child)
        return self.weighing.weight(bonus, verdict.score, tied), verdict.slots
