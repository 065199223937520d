"""Where the pairs that stand most likely meet. Nothing here reads a clock or a database."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from pairings.matching.judging import counting, present
from pairings.matching.model import World
from pairings.matching.seating import seats


def pinned(world: World, pairs: Mapping[int, int]) -> World:
    """Return the world with the pairs that stand, child to team; no slot of theirs is on record.

    A team's children get a slot each as far as there are so many; whoever finds none is an alarm.
    """
    teams = {team.id: team for team in world.teams}
    children = {child.id: child for child in world.children}
    of_team: dict[int, list[int]] = defaultdict(list)
    for child, team in sorted(pairs.items()):
        of_team[team].append(child)
    stand = []
    for team, held in of_team.items():
        counted = counting(teams[team], world.term, 0)
        there = present(counted, world.policy.fewest_adults, woman=False)
        slots = _seated([children[child].free & there for child in held])
        stand += [(child, team, slot) for child, slot in zip(held, slots, strict=True)]
    return replace(world, pinned=tuple(sorted(stand)))


def _seated(usable: list[int]) -> list[int]:
    """Return a slot of its own for each, as far as they go; for others the first of the week."""
    taken: dict[int, int] = {}
    for place in range(len(usable)):
        tried = [*taken, place]
        try:
            slots = seats([usable[one] for one in tried], 1)
        except KeyError:  # not everybody finds one: this child goes without
            continue
        taken = dict(zip(tried, slots, strict=True))
    return [taken.get(place, 0) for place in range(len(usable))]
