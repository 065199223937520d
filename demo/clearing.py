"""What shows that volunteers may meet children, renewed year after year."""

from datetime import date, timedelta

from demo.world import Helper, World
from volunteers.evidence.services import PLEDGE
from volunteers.models import Evidence
from volunteers.rules import EvidenceKind, Outcome, Status, Step

A_YEAR, RENEWED_AFTER = 365, 340
NEEDED = {
    Step.PLEDGE: EvidenceKind.PLEDGE,
    Step.IDENTITY: EvidenceKind.IDENTITY,
    Step.SCREENING: EvidenceKind.SCREENING,
    Step.TRAINING: EvidenceKind.TRAINING,
    Step.INSURANCE: EvidenceKind.INSURANCE,
}
OFFICES = {
    EvidenceKind.IDENTITY: "核",
    EvidenceKind.SCREENING: "查",
    EvidenceKind.TRAINING: "训",
    EvidenceKind.INSURANCE: "保",
}
LAPSING = frozenset({EvidenceKind.SCREENING, EvidenceKind.TRAINING, EvidenceKind.INSURANCE})


def clear(world: World, helper: Helper, step: Step | None, *, hit: bool) -> None:
    """Add the evidence of a volunteer: all of it, or what lies before the step they are at.

    With a hit, the newest screening speaks against them.
    """
    kinds = list(NEEDED.values())
    if step is not None:
        done = list(Step)[: list(Step).index(step)]
        kinds = [NEEDED[one] for one in done if one in NEEDED]
    until = world.today
    if helper.status is Status.EXPIRED:
        until -= timedelta(days=A_YEAR + world.rng.randint(5, 60))
    ends: list[date] = []
    day = helper.applied_on
    for kind in kinds:
        day = min(day + timedelta(days=world.rng.randint(1, 4)), world.today)
        ends.append(_chain(world, helper, kind, day=day, until=until))
    helper.cleared_from = min(day + timedelta(days=1), world.today)
    helper.cleared_until = min(ends, default=helper.applied_on)
    if hit:
        found = world.today - timedelta(days=world.rng.randint(1, 9))
        _add(world, helper, EvidenceKind.SCREENING, found, outcome=Outcome.HIT)


def _chain(world: World, helper: Helper, kind: EvidenceKind, *, day: date, until: date) -> date:
    """Add a piece of evidence with its yearly renewals; return the last day that it holds."""
    if kind not in LAPSING:
        _add(world, helper, kind, day)
        return date.max
    _add(world, helper, kind, day)
    while day + timedelta(days=RENEWED_AFTER) <= until:
        day += timedelta(days=RENEWED_AFTER)
        _add(world, helper, kind, day)
    return day + timedelta(days=A_YEAR)


def _add(
    world: World,
    helper: Helper,
    kind: EvidenceKind,
    day: date,
    *,
    outcome: Outcome = Outcome.CLEAR,
) -> None:
    lasts = kind in LAPSING and outcome is Outcome.CLEAR
    own = kind is EvidenceKind.PLEDGE
    world.bulk.add(
        Evidence,
        volunteer_id=helper.id,
        kind=kind,
        outcome=outcome,
        dated=day,
        valid_until=day + timedelta(days=A_YEAR) if lasts else None,
        reference=PLEDGE if own else _reference(world, kind, day),
        recorded_by_id=helper.person_id if own else world.rng.choice(helper.county.coordinators),
        recorded_at=world.past(day),
    )


def _reference(world: World, kind: EvidenceKind, day: date) -> str:
    return f"样例{OFFICES[kind]}〔{day.year}〕{world.rng.randint(1, 9999):04}号"
