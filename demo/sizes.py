"""How much invented data there is (domain.md §7)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each; the children of `scale` 1 are those of the data file, county by county."""

    counties: int
    children: int
    volunteers: int
    active: float
    """The share of the volunteers who are active."""
    pairings: int
    visits: int


SIZES = {
    "small": Size(counties=3, children=60, volunteers=56, active=0.8, pairings=20, visits=150),
    "city": Size(
        counties=11, children=3_000, volunteers=1_200, active=0.55, pairings=420, visits=12_000
    ),
    "load": Size(
        counties=11, children=30_000, volunteers=12_000, active=0.55, pairings=4_200, visits=120_000
    ),
}
