"""When somebody may meet a child, and what is still missing: rules without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.evidence.rules import Fault, NewEvidence, faults
from volunteers.profile.services import initials
from volunteers.rules import (
    ALWAYS,
    Clearance,
    EvidenceKind,
    Next,
    Outcome,
    Progress,
    Proof,
    Slot,
    Status,
    Step,
    clearance,
    of_age,
    shared_minutes,
)
from volunteers.teams.rules import Member, complete

TODAY = date(2026, 11, 24)
LONGEST = dict.fromkeys(EvidenceKind, 365)
EVERYTHING = tuple(
    Proof(kind, Outcome.CLEAR, TODAY - timedelta(days=30), TODAY + timedelta(days=60))
    for kind in EvidenceKind
)
COMPLETE = clearance(EVERYTHING, TODAY)

days = st.integers(-400, 0).map(lambda n: TODAY + timedelta(days=n))
proofs = st.builds(
    lambda kind, outcome, since, lasts: Proof(
        kind, outcome, since, None if lasts is None else since + timedelta(days=lasts)
    ),
    st.sampled_from(EvidenceKind),
    st.sampled_from([Outcome.CLEAR, Outcome.CLEAR, Outcome.CLEAR, Outcome.HIT]),
    days,
    st.none() | st.integers(0, 800),
)
cases = st.one_of(
    st.lists(proofs, max_size=12),
    st.lists(proofs, max_size=3).map(lambda more: [*EVERYTHING, *more]),
)
slots = st.builds(
    lambda day, start, length: Slot(day, start, start + length),
    st.integers(0, 6),
    st.integers(0, 1380),
    st.integers(1, 60),
)


# --- clearance -----------------------------------------------------------------------------


@given(cases, proofs)
def test_a_hit_never_completes_anything(known: list[Proof], more: Proof) -> None:
    hit = Proof(more.kind, Outcome.HIT, more.since, more.until)
    if clearance([*known, hit], TODAY).complete:
        assert clearance(known, TODAY).complete


@given(cases, st.integers(0, 900))
def test_what_is_complete_stays_so_until_its_last_day(known: list[Proof], later: int) -> None:
    held, day = clearance(known, TODAY), TODAY + timedelta(days=later)
    if held.complete:
        assert clearance(known, day).complete is (held.until is None or day <= held.until)


@given(st.permutations(EVERYTHING), cases)
def test_the_order_of_entering_does_not_matter(shuffled: list[Proof], more: list[Proof]) -> None:
    assert clearance([*shuffled, *more], TODAY) == clearance([*EVERYTHING, *more][::-1], TODAY)


@given(cases)
def test_complete_says_the_same_as_nothing_against(known: list[Proof]) -> None:
    held = clearance(known, TODAY)
    against = {*held.missing, *held.expired, *held.hits}
    assert held.complete is not bool(against)
    assert len(against) == len(held.missing) + len(held.expired) + len(held.hits)


@pytest.mark.parametrize("kind", EvidenceKind)
def test_each_kind_is_needed(kind: EvidenceKind) -> None:
    held = clearance([proof for proof in EVERYTHING if proof.kind is not kind], TODAY)
    assert (held.missing, held.complete) == ((kind,), False)


def test_an_older_clear_answer_does_not_outweigh_a_hit() -> None:
    hit = Proof(EvidenceKind.SCREENING, Outcome.HIT, TODAY, None)
    assert clearance([*EVERYTHING, hit], TODAY).hits == (EvidenceKind.SCREENING,)


def test_a_clear_answer_of_the_same_day_does_not_outweigh_a_hit() -> None:
    same = [
        Proof(EvidenceKind.SCREENING, Outcome.HIT, TODAY, None),
        Proof(EvidenceKind.SCREENING, Outcome.CLEAR, TODAY, None),
    ]
    assert clearance([*EVERYTHING, *same], TODAY).hits == (EvidenceKind.SCREENING,)


def test_the_last_day_still_counts_and_the_next_does_not() -> None:
    assert COMPLETE.until == TODAY + timedelta(days=60)
    assert clearance(EVERYTHING, TODAY + timedelta(days=60)).complete
    assert len(clearance(EVERYTHING, TODAY + timedelta(days=61)).expired) == len(EvidenceKind)


# --- new evidence --------------------------------------------------------------------------


def evidence(kind: EvidenceKind = EvidenceKind.SCREENING, **given_: object) -> NewEvidence:
    fields: dict[str, object] = {"kind": kind, "dated": TODAY, "reference": "R-1"}
    return NewEvidence(**fields | given_)  # type: ignore[arg-type]  # the fields are right by test


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        (evidence(dated=TODAY + timedelta(days=1)), Fault.IN_THE_FUTURE),
        (evidence(dated=date(1926, 11, 24)), Fault.LONG_AGO),
        (evidence(reference=""), Fault.NO_REFERENCE),
        (evidence(EvidenceKind.TRAINING, outcome=Outcome.HIT), Fault.ONLY_SCREENING_HITS),
        (evidence(EvidenceKind.INSURANCE), Fault.NO_END),
        (evidence(EvidenceKind.INSURANCE, valid_until=date(2206, 1, 1)), Fault.TOO_LONG),
        (evidence(valid_until=TODAY - timedelta(days=1)), Fault.ENDS_BEFORE),
        (evidence(dated=TODAY - timedelta(days=400)), Fault.OVER),
    ],
)
def test_what_can_be_wrong_with_new_evidence(new: NewEvidence, fault: Fault) -> None:
    assert faults(new, TODAY, LONGEST) == [fault]


@pytest.mark.parametrize(
    ("new", "ends"),
    [
        (evidence(), TODAY + timedelta(days=365)),
        (evidence(valid_until=TODAY + timedelta(days=9)), TODAY + timedelta(days=9)),
        (evidence(valid_until=date(2036, 1, 1)), TODAY + timedelta(days=365)),
        (evidence(EvidenceKind.IDENTITY), None),
        (evidence(EvidenceKind.PLEDGE, valid_until=TODAY), None),
        (evidence(outcome=Outcome.HIT), None),
    ],
)
def test_how_long_new_evidence_lasts(new: NewEvidence, ends: date | None) -> None:
    assert faults(new, TODAY, LONGEST) == []
    assert new.ends(LONGEST) == ends


def test_age_is_counted_by_years() -> None:
    assert of_age(2008, TODAY, 18)
    assert not of_age(2009, TODAY, 18)


# --- what comes next -----------------------------------------------------------------------

NOTHING = clearance([], TODAY)
PLEDGED = Proof(EvidenceKind.PLEDGE, Outcome.CLEAR, TODAY, None)
ONLY_PLEDGE = clearance([PLEDGED], TODAY, ALWAYS)
STUDENT = clearance([PLEDGED], TODAY, ALWAYS | {EvidenceKind.STUDENT})


@pytest.mark.parametrize(
    ("status", "profile", "held", "step"),
    [
        (Status.APPLIED, False, NOTHING, Next.PROFILE),
        (Status.APPLIED, True, NOTHING, Next.PLEDGE),
        (Status.APPLIED, True, ONLY_PLEDGE, Next.WAIT),
        (Status.APPLIED, True, STUDENT, Next.STUDENT),
        (Status.APPLIED, True, COMPLETE, Next.WAIT),
        (Status.ACTIVE, True, COMPLETE, Next.SERVE),
        (Status.PAUSED, True, COMPLETE, Next.RESUME),
        (Status.PAUSED, True, ONLY_PLEDGE, Next.WAIT),
        (Status.EXPIRED, True, ONLY_PLEDGE, Next.WAIT),
        (Status.SUSPENDED, True, COMPLETE, Next.ASK),
        (Status.SUSPENDED, True, NOTHING, Next.PLEDGE),
        (Status.BARRED, False, NOTHING, Next.ASK),
        (Status.EXITED, True, COMPLETE, Next.REJOIN),
    ],
)
def test_there_is_always_one_thing_to_do_next(
    status: Status, profile: bool, held: Clearance, step: Next
) -> None:
    assert Progress(status, profile, held).next() is step


@given(st.sampled_from(Status), st.booleans(), cases)
def test_at_most_one_step_is_now_and_nothing_before_it_is_open(
    status: Status, profile: bool, known: list[Proof]
) -> None:
    steps = Progress(status, profile, clearance(known, TODAY)).steps()
    states = [state for _step, state in steps]
    assert [step for step, _state in steps] == list(Step)
    assert states.count("now") == (0 if set(states) == {"done"} else 1)
    if "now" in states:
        assert set(states[: states.index("now")]) <= {"done"}


# --- weeks, names, teams -------------------------------------------------------------------


@given(slots, slots)
def test_sharing_goes_both_ways_and_never_exceeds_either(a: Slot, b: Slot) -> None:
    shared = shared_minutes([a], [b])
    assert shared == shared_minutes([b], [a])
    assert 0 <= shared <= min(a.end - a.start, b.end - b.start)


def test_a_stretch_has_to_lie_within_a_day() -> None:
    with pytest.raises(ValueError, match="not a stretch"):
        Slot(0, 600, 500)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("李明", ["lm"]),
        ("曾乐", ["zl", "zy", "cl", "cy"]),
        ("单田", ["st", "dt"]),
        ("Anna B", ["annab"]),
        ("阿依努尔·买买提", ["aynemmt"]),
        ("😀", []),
        ("", []),
    ],
)
def test_names_are_found_by_every_reading(name: str, found: list[str]) -> None:
    assert set(found) <= set(initials(name).split())


@given(st.text(max_size=40))
def test_initials_always_fit_their_column(name: str) -> None:
    assert len(initials(name)) <= 40


def member(**given_: object) -> Member:
    fields: dict[str, object] = {
        "volunteer_id": 1,
        "person_id": 1,
        "name": "样例",
        "sex": None,
        "leads": False,
        "status": Status.ACTIVE,
    }
    return Member(**fields | given_)  # type: ignore[arg-type]  # the fields are right by test


@pytest.mark.parametrize(
    ("members", "may"),
    [
        ([member(leads=True), member()], True),
        ([member(leads=True)], False),
        ([member(), member()], False),
        ([member(leads=True), member(status=Status.EXPIRED)], False),
        ([member(leads=True), member(), member(status=Status.SUSPENDED)], False),
        ([], False),
    ],
)
def test_a_team_is_two_active_adults_one_of_whom_leads(members: list[Member], may: bool) -> None:
    assert complete(members) is may
