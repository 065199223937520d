"""What matching may know: teams, children, places, the term, and the tables it weighs with.

Frozen values without names, addresses or diagnoses. Days are dates that were given, never read
from a clock. Weekly slots are bits; which bit is which part of the week says the policy.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isqrt

OVERDUE_DAYS = 56
"""From how many days on a child has waited longer than was promised: eight weeks."""


class Season(StrEnum):
    """Students live in two places (domain.md §0.10)."""

    TERM = "term"
    BREAK = "break"


class Code(StrEnum):
    """Why a team and a child cannot be put together, in the order the rules are asked.

    Points never outweigh a rule.
    """

    SAFEGUARDING = "safeguarding"
    """Somebody of the team is suspended or named in an open report."""
    CLEARANCE = "clearance"
    """Too few adults are cleared for the whole term."""
    TERM = "term"
    """The team is not there for the whole term."""
    LOAD = "load"
    """No place is left."""
    CONFLICT = "conflict"
    """Kinship, work or another tie."""
    FORBIDDEN = "forbidden"
    """A coordinator has ruled it out, or the two have been declined."""
    ENDED = "ended"
    """The two have parted in a way that is not repeated."""
    TRAINING = "training"
    """Too few of the cleared adults have the training that the child's risk asks for."""
    WOMEN = "women"
    """A girl, and no woman among those who count."""
    LANGUAGE = "language"
    """Nobody speaks what the child cannot do without."""
    ATTACHMENT = "attachment"
    """A child in institutional care has lost enough companions for now, and this is a new one."""
    PLACE = "place"
    """It is not known where one of them is."""
    REACH = "reach"
    """The way is longer than the team goes."""
    TIME = "time"
    """No slot in which enough adults and the child are free, with the way there and back."""


class Factor(StrEnum):
    """What gives points, in the order shown."""

    DISTANCE = "distance"
    NEEDS = "needs"
    SLOTS = "slots"
    TRAINING = "training"
    DIALECT = "dialect"
    EXPERIENCE = "experience"
    AGE = "age"
    CONTINUITY = "continuity"
    INERTIA = "inertia"
    """It is proposed already: small changes stay small."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is, in metres east and north of a fixed point; unknown where None."""

    id: int
    county: int
    east: int | None
    north: int | None
    rough: int = 0
    """How many metres that may be off: they count as way."""


@dataclass(frozen=True, slots=True)
class Term:
    """What is being matched for."""

    start: date
    end: date
    season: Season = Season.TERM


@dataclass(frozen=True, slots=True)
class Member:
    cleared_from: date
    cleared_until: date
    """The day on which the first of screening, training and insurance runs out."""
    woman: bool
    training: int
    skills: frozenset[str]
    languages: frozenset[str]
    free: int
    """Weekly slots that are free from beginning to end, as bits."""
    places: int
    """How many children this adult can still accompany."""


@dataclass(frozen=True, slots=True)
class Team:
    """Two or more adults, or an organisation's roster, who visit together."""

    id: int
    members: tuple[Member, ...]
    base: int
    """The place from which they set out in term."""
    home: int
    """The place from which they set out in breaks."""
    reach: int
    """The longest way they go, in minutes."""
    capacity: int
    until: date
    """The last day on which the team is there: students graduate."""
    lanes: int = 1
    """At how many children they can be in one slot: 1, more for a roster."""
    years: int = 0
    """How long they have done this."""
    bands: frozenset[str] = frozenset()
    """The ages they are used to."""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """One child, or children who are visited together (siblings, a group of one village)."""

    id: int
    girl: bool
    band: str
    risk: int
    needs: frozenset[str]
    dialect: str
    languages: frozenset[str]
    """What somebody has to speak, sign language for instance."""
    free: int
    spot: int
    """The place where visits happen."""
    waiting: int
    """Days since the file was opened; below 0 counts as 0."""
    size: int = 1
    """How many children are visited together: each takes a place of every adult."""
    institution: bool = False
    """Whether it lives in institutional care, where attachments have a budget (domain.md §3.8)."""
    losses: int = 0
    """Companions lost within the last year."""
    resting: bool = False
    """Whether a pairing has ended so lately that only those it knows may come (domain.md §5.3)."""
    known: frozenset[int] = frozenset()
    """Teams that accompanied the child and parted well."""
    proposed: int | None = None
    """The team of today's proposal."""
    against: tuple[tuple[int, Code], ...] = ()
    """Teams that stand against by CONFLICT, FORBIDDEN or ENDED."""


Steps = tuple[tuple[int, int], ...]
"""Rising bounds with points: the first row whose bound is not below the value holds."""


@dataclass(frozen=True, slots=True)
class Tables:
    """How many points each factor gives: what a bureau sees and changes, with its day."""

    version: str
    since: date
    distance: Steps = ((10, 300), (20, 260), (30, 210), (45, 150), (60, 90), (90, 40), (180, 10))
    """Minutes of the way."""
    needs: int = 250
    """For all needs covered; in proportion, rounded down."""
    slots: Steps = ((1, 60), (2, 100), (3, 130), (62, 150))
    """Slots in common."""
    training: Steps = ((0, 100), (1, 80), (2, 40), (9, 20))
    """Levels above what the risk asks for: the well-trained are kept for who needs them."""
    dialect: int = 80
    experience: Steps = ((0, 0), (1, 20), (2, 40), (99, 60))
    """Years."""
    age: int = 60
    continuity: int = 150
    inertia: int = 50


@dataclass(frozen=True, slots=True)
class Policy:
    """The figures of the rules, and what counts as urgent."""

    tables: Tables
    fewest_adults: int = 2
    training_for_risk: tuple[int, ...] = (1, 1, 2, 3)
    slot_minutes: tuple[int, ...] = (180, 180, 90) * 7
    visit_minutes: int = 60
    metres_a_minute: int = 800
    detour_percent: int = 130
    most_losses: int = 2
    strict: bool = True
    """Whether a more urgent child always comes first; else urgency is points among others."""
    base_points: int = 3000
    """What it is worth to serve anybody at all, above all points of a pair."""
    risk_points: int = 1500
    """For each grade of risk, where tiers are not strict."""
    day_points: int = 2
    """For each day of waiting, up to `most_days`."""
    most_days: int = 400
    overdue_days: int = OVERDUE_DAYS
    between: tuple[tuple[int, int], ...] | None = None
    """Counties between which teams go, the smaller id first; None where they go everywhere."""

    def minutes(self, one: Place, other: Place) -> int | None:
        """Return how long the way takes, from the distance as the crow flies; integers only.

        Within one county it is known even of places that are not: it is as far as they may be off.
        """
        rough = one.rough + other.rough
        if one.east is None or one.north is None or other.east is None or other.north is None:
            if one.county != other.county or not rough:
                return None
            metres = rough
        else:
            metres = isqrt((one.east - other.east) ** 2 + (one.north - other.north) ** 2) + rough
        return -(-metres * self.detour_percent // 100 // self.metres_a_minute)

    def goes(self, one: Place, other: Place) -> bool:
        """Whether teams go from one place's county to the other's at all."""
        if self.between is None or one.county == other.county:
            return True
        return (min(one.county, other.county), max(one.county, other.county)) in self.between

    def long_enough(self, minutes: int) -> int:
        """Return the slots, as bits, into which a visit and the way there and back fit."""
        wanted = self.visit_minutes + 2 * minutes
        return sum(1 << slot for slot, long in enumerate(self.slot_minutes) if long >= wanted)


@dataclass(frozen=True, slots=True)
class World:
    """Everything a run looks at."""

    term: Term
    policy: Policy
    places: dict[int, Place]
    teams: tuple[Team, ...]
    children: tuple[Child, ...]
    pinned: tuple[tuple[int, int, int], ...] = ()
    """Child, team and slot of pairs that stand; they leave the problem."""
    together: tuple[tuple[int, ...], ...] = ()
    apart: tuple[tuple[int, int], ...] = ()


def step(table: Steps, value: int) -> int:
    """Return the points for a value; beyond the last bound none."""
    return next((points for bound, points in table if value <= bound), 0)
