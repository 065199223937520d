"""Hold a stored run to itself, without the solver and without `field`: rules from raw records.

For every pair of the world it asks whether the prices would let it through, and only then the
rules, one by one, as `judging` tells them to people. So nothing that made the result is trusted.
"""

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from pairings.matching.document import Result, digest, read_result, read_world, weights
from pairings.matching.field import most_points
from pairings.matching.judging import counting, judge, places_left
from pairings.matching.model import Child, Team, World
from pairings.matching.preparing import Refused, prepared
from pairings.matching.solver.problem import bits
from pairings.matching.weighing import TIE_BITS, Weighing, mark, tie


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


@dataclass(slots=True)
class _Check:
    world: World
    weighing: Weighing
    result: Result

    def faults(self) -> Iterator[str]:
        children, teams = self.world.children, self.world.teams
        if [one for one, _utility in self.result.utility] != [child.id for child in children]:
            yield "utility: not one for each child"
        elif [one for one, _price in self.result.price] != [team.id for team in teams]:
            yield "price: not one for each team"
        elif {team for team, _slot, _extra in self.result.steep} - {team.id for team in teams}:
            yield "steep: an unknown team"
        else:
            yield from self._places()
            worth = yield from self._matched()
            yield from self._prices()
            yield from self._sums(worth)

    def _matched(self) -> Generator[str, None, int]:
        """Yield faults of the pairs that were chosen; return what they are worth."""
        teams = {team.id: team for team in self.world.teams}
        children = {child.id: child for child in self.world.children}
        seen: set[int] = set()
        worth = 0
        for child, team, slot in self.result.matched:
            if child not in children or team not in teams or child in seen:
                yield f"child {child} and team {team}: unknown or twice"
                continue
            seen.add(child)
            weight, usable = self._weight(children[child], teams[team])
            if weight is None:
                yield f"child {child} and team {team}: a rule is against it"
            elif slot != 0 if not teams[team].lanes else slot < 0 or not usable >> slot & 1:
                yield f"child {child} and team {team}: cannot meet in slot {slot}"
            worth += weight or 0
        return worth

    def _places(self) -> Iterator[str]:
        teams = {team.id: team for team in self.world.teams}
        load = Counter(team for _child, team, _slot in self.result.matched)
        slots = Counter((team, slot) for _child, team, slot in self.result.matched)
        for team, many in load.items():
            if team in teams and many > self._room(teams[team]):
                yield f"team {team}: {many} children for {self._room(teams[team])} places"
        for (team, slot), many in slots.items():
            if team in teams and 0 < teams[team].lanes < many:
                yield f"team {team}: at {many} children in slot {slot}"

    def _prices(self) -> Iterator[str]:
        """No pair that the rules allow may be worth more than it is priced."""
        result, shift = self.result, self.weighing.shift
        numbers = [one for _id, one in (*result.utility, *result.price)]
        if min([0, *numbers, *(extra for _team, _slot, extra in result.steep)]) < 0:
            yield "a utility or a price is negative"
        steep: dict[int, dict[int, int]] = {}
        for one, slot, extra in result.steep:
            steep.setdefault(one, {})[slot] = extra
        most, ties = most_points(self.world.policy.tables), 1 << TIE_BITS
        priced = list(zip(self.world.teams, (one for _team, one in result.price), strict=True))
        for child, (_id, utility) in zip(self.world.children, result.utility, strict=True):
            highest = (self.weighing.bonus(child) + most << shift) + ties - utility
            for team, price in priced:
                if price >= highest:
                    continue
                weight, usable = self._weight(child, team)
                if weight is None or weight <= utility + price:
                    continue
                extra = min(steep.get(team.id, {}).get(slot, 0) for slot in bits(usable))
                if weight > utility + price + (extra if team.lanes else 0):
                    yield f"child {child.id} and team {team.id}: worth more than they are priced"

    def _sums(self, worth: int) -> Iterator[str]:
        teams = {team.id: team for team in self.world.teams}
        bound = sum(one for _child, one in self.result.utility)
        bound += sum(self._room(teams[team]) * one for team, one in self.result.price)
        bound += sum(teams[team].lanes * extra for team, _slot, extra in self.result.steep)
        if worth != self.result.value:
            yield f"the pairs are worth {worth}, not {self.result.value}"
        if bound != self.result.value:
            yield f"the prices allow {bound}, not {self.result.value}"

    def _room(self, team: Team) -> int:
        return max(0, places_left(team, counting(team, self.world.term, 0)))

    def _weight(self, child: Child, team: Team) -> tuple[int | None, int]:
        verdict = judge(child, team, self.world)
        if verdict.against:
            return None, 0
        tied = tie(mark("child", child.id), mark("team", team.id))
        return self.weighing.weight(self.weighing.bonus(child), verdict.score, tied), verdict.slots
