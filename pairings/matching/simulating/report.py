"""What an order has brought, in figures: who was served, how long people waited, and where."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from pairings.matching.document import canonical
from pairings.matching.simulating.city import City, Scale, city
from pairings.matching.simulating.course import Course, Fate, run_course
from pairings.matching.simulating.orders import Order

VERSION = 1
TOO_LONG, RISKY = 26, 2
"""Weeks; the grade from which risk is high."""


def simulate(
    scale: Scale,
    orders: Sequence[Order] = tuple(Order),
    told: Callable[[str, int], None] = lambda _order, _week: None,
) -> dict[str, Any]:
    """Return the report on one invented city under each order. Raises Refused."""
    place = city(scale)
    made = {
        "version": VERSION,
        "city": {
            **asdict(scale),
            "children": sum(map(len, place.arrivals)),
            "beyond_reach": place.beyond,
            "places": scale.places,
        },
        "orders": [
            figures(run_course(place, order, lambda week, order=order: told(order, week)))  # type: ignore[misc]
            for order in orders
        ],
    }
    return {**made, "sha256": hashlib.sha256(canonical(made)).hexdigest()}


def figures(course: Course) -> dict[str, Any]:
    """Return the figures of one order; waits are whole weeks, means rounded to hundredths."""
    weeks, fates = course.city.scale.weeks, course.fates
    served = [fate for fate in fates if fate.served is not None]
    left = [fate for fate in fates if fate.served is None]
    risky = [fate for fate in fates if fate.child.risk >= RISKY]
    return {
        "order": str(course.order),
        "served": waits(served, weeks),
        "still_waiting": waits(left, weeks),
        "all": waits(fates, weeks),
        "high_risk": waits(risky, weeks),
        "too_long": sum(fate.waited(weeks) > TOO_LONG for fate in fates),
        "mean_points": mean([fate.pair[2] for fate in served if fate.pair]),
        "counties": _by_county(course.city, fates),
        "course": {"longest": course.longest, "waiting": course.queue},
    }


def waits(fates: Sequence[Fate], weeks: int) -> dict[str, Any]:
    waited = sorted(fate.waited(weeks) for fate in fates)
    return {
        "number": len(waited),
        "mean": mean(waited),
        "p95": waited[(95 * len(waited) - 1) // 100] if waited else 0,
        "longest": waited[-1] if waited else 0,
    }


def mean(values: Sequence[int]) -> float:
    return round(sum(values) / len(values), 2) if values else 0.0


def _by_county(place: City, fates: Sequence[Fate]) -> list[dict[str, int]]:
    """Return for each county of the city how many came and how many were served."""
    came: Counter[int] = Counter()
    served: Counter[int] = Counter()
    for fate in fates:
        county = place.world.places[fate.child.spot].county
        came[county] += 1
        served[county] += fate.served is not None
    return [
        {"county": county, "children": came[county], "served": served[county]}
        for county in sorted(came)
    ]
