"""Find the best pairs as a process of its own, so that the site goes on answering meanwhile.

The library holds Python's lock while it works, half a minute for two thousand people. One JSON
text comes in; lines go out, each `{"at": [done, total]}`, the last one the answer. No names, no
database, no secrets; whoever started it may end it at any moment.
"""

import json
import sys
from typing import Any

from core.apart import confine, say
from volunteers.teams.forming.best.rules import Best, best
from volunteers.teams.forming.rules import Points, Terms, Why, side

SECONDS = 900


def main() -> None:
    confine(SECONDS)
    say(answer(json.load(sys.stdin)))


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the best pairs of what is asked for, as what goes out."""
    figures = asked["terms"]
    terms = Terms(**figures | {"points": Points(**figures["points"])})
    barred = {(one, two): Why(why) for one, two, why in asked["barred"]}
    sides = [side(row) for row in asked["people"]]
    return told_of(best(sides, terms, barred, lambda done, total: say({"at": [done, total]})))


def told_of(found: Best) -> dict[str, Any]:
    return {
        "pairs": [[bond.one, bond.two, bond.points, list(bond.reasons)] for bond in found.bonds],
        "left": [[one.id, one.why, one.many] for one in found.left],
        "optimal": found.optimal,
        "points": found.points,
        "greedy": [found.greedy_pairs, found.greedy_points],
    }


if __name__ == "__main__":
    main()
