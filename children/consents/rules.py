"""What counts as an answer to a question of consent. Nothing here reads a clock or a database."""

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from children.rules import AgeBand, ConsentProof, ConsentState, Purpose, Signer

GUARDIANS = frozenset(Signer) - {Signer.CHILD}


def signers_for(purpose: Purpose) -> frozenset[Signer]:
    """Return who may answer: the child alone says whether it wants to, a guardian all else."""
    return frozenset({Signer.CHILD}) if purpose is Purpose.ASSENT else GUARDIANS


def proofs_for(purpose: Purpose, age_band: AgeBand) -> frozenset[ConsentProof]:
    """Return what may prove an answer; from 14 on the child signs on paper (domain.md §0.6)."""
    if purpose is not Purpose.ASSENT:
        return frozenset({ConsentProof.PAPER, ConsentProof.WITNESSED_CALL})
    if age_band.signs_too:
        return frozenset({ConsentProof.PAPER})
    return frozenset({ConsentProof.PAPER, ConsentProof.ASKED_IN_PERSON})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a family, or the child, said to one purpose on one day."""

    state: ConsentState
    dated: date
    signer: Signer | None = None
    proof: ConsentProof | None = None
    valid_until: date | None = None
    reference: str = ""


class AnswerProblem(StrEnum):
    """Why an answer cannot be entered as it is."""

    IN_THE_FUTURE = "in_the_future"
    NO_SIGNER = "no_signer"
    WRONG_SIGNER = "wrong_signer"
    NO_PROOF = "no_proof"
    WRONG_PROOF = "wrong_proof"
    TOO_LONG = "too_long"
    ENDS_BEFORE = "ends_before"
    OVER = "over"


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month if it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def answer_problems(
    answer: Answer, purpose: Purpose, age_band: AgeBand, *, today: date, months: int
) -> tuple[AnswerProblem, ...]:
    """Return what stands against entering the answer; `months` is how long a yes may hold."""
    if answer.dated > today:
        return (AnswerProblem.IN_THE_FUTURE,)
    found = []
    if answer.signer is not None and answer.signer not in signers_for(purpose):
        found.append(AnswerProblem.WRONG_SIGNER)
    if answer.proof is not None and answer.proof not in proofs_for(purpose, age_band):
        found.append(AnswerProblem.WRONG_PROOF)
    if answer.state is ConsentState.GIVEN:
        found += _yes_problems(answer, today=today, months=months)
    return tuple(found)


def _yes_problems(answer: Answer, *, today: date, months: int) -> list[AnswerProblem]:
    found = []
    if answer.signer is None:
        found.append(AnswerProblem.NO_SIGNER)
    if answer.proof is None:
        found.append(AnswerProblem.NO_PROOF)
    ends = answer.valid_until or months_later(answer.dated, months)
    if ends > months_later(answer.dated, months):
        found.append(AnswerProblem.TOO_LONG)
    if ends < answer.dated:
        found.append(AnswerProblem.ENDS_BEFORE)
    elif ends < today:
        found.append(AnswerProblem.OVER)
    return found
