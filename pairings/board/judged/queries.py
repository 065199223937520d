"""The teams for a child with their reasons, in the numbers of the run; who has left is out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pairings.board.options.queries import today
from pairings.board.options.rules import Option, Options, explained, options, within_reach
from pairings.board.queries import Waiting
from pairings.board.worlds.queries import Seen, of_child
from pairings.matching.pricing import Had


def judged(
    waiting: Waiting, values: Mapping[str, Any], *, first: int = 0, size: int | None = None
) -> Options:
    """Return every team within reach of a child that may be paired today, ranked.

    Of those that suit only a part has reasons why the run does not propose it: what a page shows.
    """
    if not waiting.ready:
        return Options()
    seen = of_child(waiting)
    child = seen.children.get(waiting.child.id)
    if child is None:
        return Options()
    counties = within_reach(child, seen.world)
    stands = today(waiting, counties, int(values["volunteers.most_children"]))
    found = options(child, seen.world, seen.judged(child), today=stands, proposed=waiting.proposed)
    shown = range(first, first + (size if size is not None else len(found.suitable)))
    suitable = tuple(
        _explained(one, waiting, seen) if place in shown else one
        for place, one in enumerate(found.suitable)
    )
    return replace(found, suitable=suitable)


def _explained(option: Option, waiting: Waiting, seen: Seen) -> Option:
    made, nobody = waiting.proposal, waiting.nobody
    if seen.weighing is None or (made is None and nobody is None):
        return option
    had = (
        Had(made.utility, made.team_id, made.score)
        if made is not None
        else Had(nobody.utility if nobody is not None else 0, None, None)
    )
    return explained(option, seen.children[waiting.child.id], had, seen.weighing)
