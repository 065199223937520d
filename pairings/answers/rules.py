"""Who answers for a child about one pairing. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from children.consents.rules import proofs_for, signers_for
from children.rules import AgeBand, ConsentProof, Purpose, Signer
from pairings.rules import DeclineReason, EndReason


class Whose(StrEnum):
    GUARDIAN = "guardian"
    CHILD = "child"


ASKED_AS = {Whose.GUARDIAN: Purpose.PAIRING, Whose.CHILD: Purpose.ASSENT}
"""The purpose of consent whose signers and proofs an answer to a pairing needs as well."""
DECLINED_BY = {
    Whose.GUARDIAN: DeclineReason.GUARDIAN_SAYS_NO,
    Whose.CHILD: DeclineReason.CHILD_SAYS_NO,
}
ENDED_BY = {Whose.GUARDIAN: EndReason.GUARDIAN_SAYS_NO, Whose.CHILD: EndReason.CHILD_SAYS_NO}


class Problem(StrEnum):
    """Why an answer cannot be entered as it is."""

    IN_THE_FUTURE = "in_the_future"
    BEFORE_ASKED = "before_asked"
    NO_SIGNER = "no_signer"
    WRONG_SIGNER = "wrong_signer"
    NO_PROOF = "no_proof"
    WRONG_PROOF = "wrong_proof"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a guardian, or the child, said to this one pairing on one day."""

    yes: bool
    dated: date
    signer: Signer | None = None
    proof: ConsentProof | None = None
    reason: str = ""
    reference: str = ""


def signers(whose: Whose) -> frozenset[Signer]:
    return signers_for(ASKED_AS[whose])


def proofs(whose: Whose, age_band: AgeBand) -> frozenset[ConsentProof]:
    """Return what may prove an answer; from 14 on the child signs."""
    return proofs_for(ASKED_AS[whose], age_band)


def problems(
    answer: Answer, whose: Whose, age_band: AgeBand, *, today: date, asked_on: date
) -> tuple[Problem, ...]:
    """Return what stands against an answer; a no needs neither proof nor reason (§3.11)."""
    found = []
    if answer.dated > today:
        found.append(Problem.IN_THE_FUTURE)
    if answer.yes and answer.dated < asked_on:
        found.append(Problem.BEFORE_ASKED)
    if answer.signer is None and (answer.yes or whose is Whose.GUARDIAN):
        found.append(Problem.NO_SIGNER)
    if answer.signer is not None and answer.signer not in signers(whose):
        found.append(Problem.WRONG_SIGNER)
    if answer.proof is None and answer.yes:
        found.append(Problem.NO_PROOF)
    if answer.proof is not None and answer.proof not in proofs(whose, age_band):
        found.append(Problem.WRONG_PROOF)
    return tuple(found)
