"""Who signs the agreement of a pairing, and how. Nothing here reads a clock or a database."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from children.rules import AgeBand, Signer


class Party(StrEnum):
    GUARDIAN = "guardian"
    CHILD = "child"
    VOLUNTEER = "volunteer"
    CENTRE = "centre"


class SignatureProof(StrEnum):
    PAPER = "paper"
    WITNESSED_CALL = "witnessed_call"
    """A guardian who is away agrees on the phone, with a witness (domain.md §0.6)."""
    ONLINE = "online"
    """A volunteer, signed in as themselves."""


ON_PAPER = frozenset({SignatureProof.PAPER})
PROOFS = {
    Party.GUARDIAN: frozenset({SignatureProof.PAPER, SignatureProof.WITNESSED_CALL}),
    Party.CHILD: ON_PAPER,
    Party.VOLUNTEER: frozenset({SignatureProof.PAPER, SignatureProof.ONLINE}),
    Party.CENTRE: ON_PAPER,
}


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """One who has to sign: a party, and of the volunteers which."""

    party: Party
    volunteer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature as it is recorded; of a guardian, who signed."""

    seat: Seat
    proof: SignatureProof
    dated: date
    signer: Signer | None = None
    reference: str = ""


class Problem(StrEnum):
    NOT_ASKED = "not_asked"
    WRONG_PROOF = "wrong_proof"
    NO_SIGNER = "no_signer"
    IN_THE_FUTURE = "in_the_future"


def seats(age_band: AgeBand, volunteer_ids: Iterable[int]) -> tuple[Seat, ...]:
    """Return who has to sign: from 14 on the child as well, and everybody of the team."""
    child = [Seat(Party.CHILD)] if age_band.signs_too else []
    team = [Seat(Party.VOLUNTEER, one) for one in volunteer_ids]
    return (Seat(Party.GUARDIAN), *child, *team, Seat(Party.CENTRE))


def open_seats(needed: Iterable[Seat], signed: Collection[Seat]) -> tuple[Seat, ...]:
    return tuple(seat for seat in needed if seat not in signed)


def problems(signature: Signature, needed: Collection[Seat], *, today: date) -> tuple[Problem, ...]:
    """Return what stands against recording a signature."""
    seat = signature.seat
    found = {
        Problem.NOT_ASKED: seat not in needed,
        Problem.WRONG_PROOF: signature.proof not in PROOFS[seat.party],
        Problem.NO_SIGNER: seat.party is Party.GUARDIAN
        and signature.signer in {None, Signer.CHILD},
        Problem.IN_THE_FUTURE: signature.dated > today,
    }
    return tuple(problem for problem, holds in found.items() if holds)
